"""What reviewers are told: repositories with a base and a change, and what the comment says, and does not say, of it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

MISSION = Path(__file__).parent / "mission"
GIT = ("git", "-c", "user.name=t", "-c", "user.email=t@t.invalid", "-c", "init.defaultBranch=main")
REFERENCE = 'references: {reference: "profile:reference"}\n'
BATCH = 'waivers:\n  - {parameter: rollout_batch_size, value: 4, reason: "the user asks for 4", by: user, expires: never}\n'
Edit = tuple[str, str]


def git(folder: Path, *arguments: str) -> str:
    return subprocess.run([*GIT, *arguments], cwd=folder, check=True, capture_output=True, text=True).stdout


def comment(folder: Path, *arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "confguard", "ci-comment", *arguments]
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("GITHUB_", "CI_", "GIT_"))}
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, env={**clean, **env})


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    (tmp_path / "config").mkdir()
    for source in sorted((MISSION / "after" / "config").iterdir()):
        (tmp_path / "config" / source.name).write_bytes(source.read_bytes())
    (tmp_path / "confguard.yaml").write_text(REFERENCE + BATCH, encoding="utf-8")
    git(tmp_path, "init", "-q", ".")
    git(tmp_path, "add", "-A")
    git(tmp_path, "commit", "-qm", "base")
    git(tmp_path, "checkout", "-qb", "change")
    return tmp_path


def edit(path: Path, *edits: Edit) -> None:
    text = path.read_text(encoding="utf-8")
    for old, new in edits:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    path.write_text(text, encoding="utf-8")


def training(*edits: Edit) -> Callable[[Path], None]:
    return lambda folder: edit(folder / "config" / "training.yaml", *edits)


def project(*edits: Edit) -> Callable[[Path], None]:
    return lambda folder: edit(folder / "confguard.yaml", *edits)


def both(*changes: Callable[[Path], None]) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        for each in changes:
            each(folder)

    return change


def moved(folder: Path) -> None:
    git(folder, "mv", "config/training.yaml", "config/grpo.yaml")


def deleted(folder: Path) -> None:
    (folder / "config" / "training.yaml").unlink()


def ends_otherwise(folder: Path) -> None:
    git(folder, "mv", "config/training.yaml", "config/training.yaml.txt")


def executable(folder: Path) -> None:
    (folder / "config" / "training.yaml").chmod(0o755)


def without_project_file(folder: Path) -> None:
    (folder / "confguard.yaml").unlink()


def nearer_project_file(folder: Path) -> None:
    (folder / "config" / "confguard.yaml").touch()


def in_pyproject(folder: Path) -> None:
    (folder / "confguard.yaml").unlink()
    (folder / "pyproject.toml").write_text('[tool.confguard]\nreferences = {reference = "profile:reference"}\n', encoding="utf-8")


def new_folder(folder: Path) -> None:
    (folder / "new").mkdir()
    (folder / "new" / "training.yaml").write_bytes((folder / "config" / "training.yaml").read_bytes())


def unknown_keys(folder: Path) -> None:
    keys = ", ".join(f"my_{number}_{'x' * 100}" for number in range(1000))
    edit(folder / "confguard.yaml", ("waivers:", f"extension_keys: [{keys}]\nwaivers:"))


def below_one_key(folder: Path) -> None:
    training = folder / "config" / "training.yaml"
    training.write_text("run:\n" + "".join(f"  {line}\n" for line in training.read_text(encoding="utf-8").splitlines()), encoding="utf-8")


def link_instead(folder: Path) -> None:
    (folder / "config" / "training.yaml").rename(folder / "real.yaml")
    (folder / "config" / "training.yaml").symlink_to("../real.yaml")


def untouched(folder: Path) -> None:
    (folder / "README.md").write_text("a project\n", encoding="utf-8")


ALPHA = "  - {parameter: lora_alpha, value: 32, reason: smaller steps, by: me, expires: never}\n"
LESS_ALPHA = training(("lora_alpha: 64", "lora_alpha: 32"))

# what a change does | the change | exit code | what is said | what is not
CHANGES: list[tuple[str, Callable[[Path], None], int, list[str], list[str]]] = [
    ("nothing to configs", untouched, 0, ["Nothing new is wrong", "There before: 1 finding<"], ["New findings", "lets pass"]),
    ("a comment", training(("# peak, after warmup", "# the peak")), 0, ["No value differs"], ["New findings"]),
    (
        "a value that breaks a rule",
        LESS_ALPHA,
        1,
        ["**1 warning that the state before does not have**", "LORA006", "| `lora_alpha`", "lower, x0.5", "LoRA scale (alpha/rank)"],
        ["lets pass", "waived"],
    ),
    (
        "the same, and waives itself",
        both(LESS_ALPHA, project(("expires: never}\n", "expires: never}\n" + ALPHA))),
        1,
        ["lets pass, in `confguard.yaml`: waiver: `lora_alpha` is wanted 32", "smaller steps", "### New, and waived", "LORA006"],
        ["### New findings"],
    ),
    (
        "the same, by a comment",
        training(("lora_alpha: 64", "lora_alpha: 32  # confguard: ignore[LORA006] smaller steps")),
        1,
        ["lets pass, in `config/training.yaml`: ignore of LORA006 at `lora_alpha`: smaller steps", "### New, and waived"],
        ["### New findings"],
    ),
    (
        "the same, by taking the rule out",
        both(LESS_ALPHA, project(("waivers:", "rules: {ignore: [LORA006], severity: {LORA: info}}\nwaivers:"))),
        1,
        ["lets pass, in `confguard.yaml`: rules: LORA006 is ignored", "rules: LORA is told as info"],
        ["### New findings"],
    ),
    (
        "the same, by not having the file checked",
        both(LESS_ALPHA, project(("waivers:", 'exclude: ["config/*"]\nwaivers:'))),
        1,
        ["exclude: `config/*` is not checked"],
        ["### New findings"],
    ),
    (
        "a waiver that grows older",
        project(("expires: never", "expires: 2099-12-31")),
        1,
        ["lets pass", "until 2099-12-31", "no longer, in `confguard.yaml`", "until never"],
        ["### New findings"],
    ),
    ("a waiver taken back", project((BATCH, "")), 0, ["no longer, in `confguard.yaml`"], ["lets pass, in", "### New findings"]),
    ("a file's name", moved, 0, ["config/grpo.yaml", "It was `config/training.yaml`"], ["### New findings", "Gone"]),
    ("away with a file", deleted, 0, ["Removed: `config/training.yaml`", "Gone: 1 finding<"], ["### New findings"]),
    (
        "a value that is read as a string",
        training(("learning_rate: 2.0e-5", "learning_rate: 2e-5")),
        1,
        ["**1 error that the state before does not have**", "write 2.0e-5"],
        ["lets pass"],
    ),
    ("a file's mode", executable, 0, ["### config/training.yaml", "No value differs"], ["Comments", "lets pass"]),
    ("a link in a file's place", link_instead, 0, ["A symbolic link to `../real.yaml`."], ["git:", "Removed"]),
    ("a config beside others", new_folder, 0, ["### new/training.yaml", "A new config"], ["lets pass", "asks for"]),
    (
        "a config's ending",
        ends_otherwise,
        1,
        ["lets pass, in `config/training.yaml.txt`: was checked as aflow-training; is not among the files that are checked"],
        ["Removed", "### New findings"],
    ),
    (
        "a config's kind",
        project(("waivers:", 'files: {"config/training.yaml": aflow-llm}\nwaivers:')),
        1,
        ["lets pass, in `config/training.yaml`: was checked as aflow-training; is aflow-llm"],
        [],
    ),
    (
        "what a config is told by",
        below_one_key,
        1,
        ["lets pass, in `config/training.yaml`: was checked as aflow-training; no kind of config that confguard knows"],
        ["### New findings"],
    ),
    (
        "a config's reference",
        both(LESS_ALPHA, project((REFERENCE, ""))),
        1,
        ["no longer asks for, in `confguard.yaml`: references: configs are compared with `profile:reference`"],
        ["### New findings"],
    ),
    (
        "away with the project file",
        both(LESS_ALPHA, without_project_file),
        1,
        ["no longer asks for, in `confguard.yaml`: references", "no longer, in `confguard.yaml`: waiver"],
        ["### New findings"],
    ),
    (
        "a nearer project file that says nothing",
        both(LESS_ALPHA, nearer_project_file),
        1,
        ["lets pass, in `config/confguard.yaml`: what the project file of a folder above says does not hold here"],
        ["### New findings"],
    ),
    (
        "the project file into pyproject.toml",
        in_pyproject,
        1,
        ["no longer asks for, in `confguard.yaml`: references", "asks for, in `pyproject.toml [tool.confguard]`: references"],
        [],
    ),
    (
        "rules made stricter",
        project(("waivers:", "rules: {severity: {LORA: error, BATCH005: error}}\nwaivers:")),
        0,
        ["asks for, in `confguard.yaml`: rules: LORA is told as error"],
        ["lets pass, in", "### New findings"],
    ),
    (
        "more than a comment has room for",
        unknown_keys,
        1,
        ["lets 1,000 things more pass", "`my_0_xxx", "and 960 more"],
        ["The rest is longer"],
    ),
    (
        "a project file that cannot be read",
        project(("waivers:", "wavers:")),
        2,
        [],
        ["confguard"],
    ),
]


@pytest.mark.parametrize(("change", "code", "said", "unsaid"), [row[1:] for row in CHANGES], ids=[row[0] for row in CHANGES])
@pytest.mark.parametrize("is_committed", [True, False])
def test_told(
    change: Callable[[Path], None], code: int, said: list[str], unsaid: list[str], is_committed: bool, repository: Path, *named: str
) -> None:
    change(repository)
    git(repository, "add", "-A")
    if is_committed:
        git(repository, "commit", "-qm", "change")
    done = comment(repository, "--base", "main", *named)
    assert done.returncode == code, done.stdout + done.stderr
    for text in said:
        assert text in done.stdout
    for text in unsaid:
        assert text not in done.stdout
    assert "Traceback" not in done.stderr
    assert "confguard-base-" not in done.stdout  # where the base was written out


TEAM = """target: {trl: "1.16.0"}
rules:
  custom:
    - {code: TEAM001, when: "max_steps > 9000", message: too long, severity: error}
run_name: "grpo-{max_steps}"
"""
IGNORED = ("lora_alpha: 64", "lora_alpha: 64  # confguard: ignore[LORA006] as we did")


def on_base(repository: Path, change: Callable[[Path], None]) -> None:
    git(repository, "checkout", "-q", "main")
    change(repository)
    git(repository, "add", "-A")
    git(repository, "commit", "-qm", "base, too")
    git(repository, "checkout", "-qB", "change")


def only_config(folder: Path) -> None:
    git(folder, "sparse-checkout", "set", "config")


def linked(folder: Path) -> None:
    (folder / "config" / "link.yaml").symlink_to("training.yaml")


def exported_without(folder: Path) -> None:
    (folder / ".gitattributes").write_text("config export-ignore\n*.yaml filter=ours\n", encoding="utf-8")


def without_ending(folder: Path) -> None:
    (folder / "config" / "recipe").write_bytes((folder / "config" / "training.yaml").read_bytes())


def project_file_into_one(folder: Path) -> None:
    git(folder, "mv", "confguard.yaml", "config/confguard.yaml")


def a_project_of_its_own(folder: Path) -> None:
    new_folder(folder)
    (folder / "new" / "confguard.yaml").write_text("rules: {ignore: [LORA]}\n", encoding="utf-8")


def its_own_in_pyproject(folder: Path) -> None:
    new_folder(folder)
    (folder / "new" / "pyproject.toml").write_text("[tool.confguard]\nrules = {ignore = ['LORA']}\n", encoding="utf-8")


def renamed_folder(folder: Path) -> None:
    git(folder, "mv", "new", "newer")


def asks_more(folder: Path) -> None:
    with (folder / "confguard.yaml").open("a", encoding="utf-8") as file:
        file.write(TEAM)


# what the base has, too | its change | then what the change does | what is named | exit code | what is said | what is not
ON_BASE: list[tuple[str, Callable[[Path], None], Callable[[Path], None], list[str], int, list[str], list[str]]] = [
    ("a symbolic link", linked, untouched, [], 0, ["Nothing new is wrong"], ["Gone"]),
    ("a folder that is not checked out", new_folder, both(untouched, only_config), [], 0, ["Nothing new is wrong"], ["Gone", "Removed"]),
    ("attributes that git archive heeds", exported_without, untouched, [], 0, ["Nothing new is wrong"], ["lets pass"]),
    ("a config of no ending", without_ending, untouched, ["config/recipe"], 0, ["Nothing new is wrong"], ["lets pass"]),
    (
        "rules of its own",
        asks_more,
        project((TEAM, "")),
        [],
        1,
        [
            "no longer asks for, in `confguard.yaml`: rules: TEAM001 is of severity error where `max_steps > 9000`",
            "run_name: names of runs",
            "target: trl 1.16.0",
        ],
        [],
    ),
    (
        "an ignore, which moves to another key",
        training(IGNORED),
        training(
            ("  # confguard: ignore[LORA006] as we did", ""), ("lora_rank: 64", "lora_rank: 64  # confguard: ignore[LORA006] as we did")
        ),
        [],
        1,
        ["lets pass, in `config/training.yaml`: ignore of LORA006 at `lora_rank`", "no longer, in `config/training.yaml`: ignore"],
        [],
    ),
    (
        "configs in two folders",
        new_folder,
        project_file_into_one,
        [],
        1,
        ["lets pass, in `config/confguard.yaml`: what it said does not hold for `new/training.yaml`\n"],
        ["waiver"],
    ),
    (
        "a project in a folder",
        a_project_of_its_own,
        renamed_folder,
        [],
        0,
        ["It was `new/training.yaml`"],
        ["lets pass", "### New findings"],
    ),
    ("the same in pyproject.toml", its_own_in_pyproject, renamed_folder, [], 0, ["It was"], ["lets pass", "### New findings"]),
    ("nothing, and a file is named that is new", untouched, new_folder, ["new"], 0, ["A new config"], ["lets pass"]),
    ("nothing, and a file is named that was moved", untouched, moved, ["config/grpo.yaml"], 0, ["Nothing new is wrong", "It was"], []),
]


@pytest.mark.parametrize(
    ("there", "change", "named", "code", "said", "unsaid"), [row[1:] for row in ON_BASE], ids=[row[0] for row in ON_BASE]
)
def test_told_of_a_base(
    there: Callable[[Path], None],
    change: Callable[[Path], None],
    named: list[str],
    code: int,
    said: list[str],
    unsaid: list[str],
    repository: Path,
) -> None:
    on_base(repository, there)
    test_told(change, code, said, unsaid, True, repository, *named)


@pytest.mark.parametrize("folder", [".", "config"])
def test_a_base_whose_project_file_cannot_be_read_is_said(folder: str, repository: Path) -> None:
    git(repository, "checkout", "-q", "main")
    edit(repository / "confguard.yaml", ("waivers:", "wavers:"))
    git(repository, "commit", "-qam", "broken")
    git(repository, "checkout", "-qb", "mending")
    edit(repository / "confguard.yaml", ("wavers:", "waivers:"))
    done = comment(repository / folder, "--base", "main")
    assert "The state before could not be checked" in done.stdout
    assert "confguard.yaml:2" in done.stdout
    assert "### New findings" in done.stdout
    assert f"lets pass, in `{os.path.relpath('confguard.yaml', folder)}`" in done.stdout
    assert "confguard-base-" not in done.stdout


def test_from_a_folder_of_the_repository(repository: Path) -> None:
    LESS_ALPHA(repository)
    done = comment(repository / "config", "--base", "main")
    assert done.returncode == 1
    assert "| `training.yaml:" in done.stdout
    assert "lets pass" not in done.stdout


def test_changes_of_the_base_since_are_not_the_changes_of_the_branch(repository: Path) -> None:
    git(repository, "checkout", "-q", "main")
    LESS_ALPHA(repository)
    git(repository, "commit", "-qam", "another's change")
    git(repository, "checkout", "-q", "change")
    done = comment(repository, "--base", "main")
    assert done.returncode == 0
    assert "lora_alpha" not in done.stdout


@pytest.mark.parametrize("env", [{"GITHUB_BASE_REF": "main"}, {"CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "main"}, {}])
def test_the_base_is_what_ci_says(env: dict[str, str], repository: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    git(repository, "checkout", "-q", "main")
    clone = tmp_path_factory.mktemp("clone") / "repository"
    git(repository, "clone", "-q", str(repository), str(clone))
    git(clone, "checkout", "-qb", "change")
    LESS_ALPHA(clone)
    done = comment(clone, **env)
    assert done.returncode == 1
    assert f"compared with origin/{'main' if env else 'HEAD'} at {git(repository, 'rev-parse', 'main')[:12]}" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--base", "nowhere"), "nowhere: no such revision"),
        (("--base", "--output=x"), "no such revision"),
        (("-",), "ci-comment reads a repository"),
        (("gone.yaml", "--base", "main"), "gone.yaml: no such file"),
        (("..", "--base", "main"), "..: lies outside of the repository"),
    ],
)
def test_what_cannot_be_done_is_said(arguments: tuple[str, ...], said: str, repository: Path) -> None:
    done = comment(repository, *arguments)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("env", "said"),
    [
        ({"PATH": "/nonexistent"}, "confguard: .: git cannot be run"),
        ({"GIT_TEST_ASSUME_DIFFERENT_OWNER": "1"}, "confguard: .: fatal: detected dubious"),
    ],
)
def test_where_git_does_not_work_nothing_is_said_of_revisions(env: dict[str, str], said: str, repository: Path) -> None:
    done = comment(repository, "--base", "main", **env)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr


def test_a_clone_without_the_files_of_its_history_is_told_so(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    LESS_ALPHA(repository)
    git(repository, "commit", "-qam", "change")
    git(repository, "config", "uploadpack.allowFilter", "true")
    clone = tmp_path_factory.mktemp("clone") / "repository"
    git(repository, "clone", "-q", "--filter=blob:none", repository.as_uri(), str(clone))
    done = comment(clone, "--base", "origin/main")
    assert done.returncode == 2
    assert "so no clone with --filter" in done.stderr


def test_outside_a_repository(tmp_path: Path) -> None:
    done = comment(tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert "no git repository" in done.stderr


def test_a_long_comment_is_cut_where_github_would_refuse_it(repository: Path) -> None:
    keys = "".join(f"unknown_{number}_{'x' * 150}: {number}\n" for number in range(150))
    for number in range(6):
        (repository / "config" / f"{number}.yaml").write_text((repository / "config" / "training.yaml").read_text() + keys)
    git(repository, "add", "-A")
    done = comment(repository, "--base", "main")
    assert len(done.stdout) < 65_536
    assert "and " in done.stdout
    assert "more" in done.stdout
