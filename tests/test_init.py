"""`confguard init`: what it proposes for projects of several layouts, and that it changes nothing unasked.

Each folder of `tests/init` has a project (that of the mission is links to what other tests have), `expected.txt` with what is printed, and for each project file that `--write` makes an `expected.yaml`
(`expected.NAME.yaml` for the one in the folder NAME). `python tests/test_init.py` writes them anew; look at the difference.
"""

from __future__ import annotations

import hashlib
import json
import os
import pty
import re
import shutil
import subprocess
import sys
from collections import Counter
from fnmatch import fnmatch
from pathlib import Path

import pytest
import yaml

from confguard.checking.pipeline import Report, check
from confguard.checking.setting import Options
from confguard.document.document import Document
from confguard.edit.splice import EditRefused
from confguard.init.modeline import with_modeline
from confguard.project.reading import read_project
from confguard.schemas.catalogue import CATALOGUE, RULES
from confguard.schemas.rules.names import template_of
from confguard.words.recipe import Recipe

SAMPLES = Path(__file__).parent / "init"
NAMES = sorted(path.name for path in SAMPLES.iterdir())
WRITES_NOTHING = {"no-config": 1, "in-pyproject": 1}
"""The samples for which there is nothing to write, and the exit code of `init --write`."""


def confguard(*arguments: str, cwd: Path, stdin: str = "") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "confguard", *arguments]
    return subprocess.run(command, cwd=cwd, input=stdin, capture_output=True, text=True, encoding="utf-8", check=False, timeout=100)


def tree(folder: Path) -> dict[str, str]:
    """A digest of every file, but for the history of what was written."""
    files = [path for path in folder.rglob("*") if path.is_file() and ".confguard" not in path.parts and ".git" not in path.parts]
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def expected(name: str) -> dict[str, str]:
    """The project files that are to be made, by path."""
    files = sorted((SAMPLES / name).glob("expected*.yaml"))
    return {os.path.join(*path.name.split(".")[1:-1], "confguard.yaml"): path.read_text(encoding="utf-8") for path in files}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return tmp_path / "project"


def copied(name: str, project: Path) -> Path:
    shutil.copytree(SAMPLES / name / "project", project)
    return project


@pytest.mark.parametrize("name", NAMES)
def test_it_proposes_what_is_expected_and_changes_nothing(name: str, project: Path) -> None:
    before = tree(copied(name, project))
    done = confguard("init", cwd=project)
    assert done.stdout == (SAMPLES / name / "expected.txt").read_text(encoding="utf-8")
    assert (done.returncode, done.stderr) == (1, "")
    assert tree(project) == before
    assert not (project / ".confguard").exists()


@pytest.mark.parametrize("name", NAMES)
def test_what_is_written_is_what_was_shown_and_goes_again(name: str, project: Path) -> None:
    before = tree(copied(name, project))
    shown = confguard("init", cwd=project).stdout
    done = confguard("init", "--write", cwd=project)
    assert done.returncode == WRITES_NOTHING.get(name, 0)
    made = {path: (project / path).read_text(encoding="utf-8") for path in tree(project).keys() - before.keys()}
    assert made == expected(name)
    for path, text in made.items():
        assert all(f"  {line}".rstrip() in shown.split("\n") for line in text.splitlines())
        read_project(str(project / path))
    if made:
        after = tree(project)
        again = confguard("init", "--write", cwd=project)
        assert again.returncode == 0
        assert again.stdout.endswith("There is nothing to write.\n")
        assert tree(project) == after
        confguard("undo", cwd=project)
    assert tree(project) == before


MEANT = ("AUDIT", "NAME005", *(rule.code for rule in RULES.values() if "reference" in rule.inputs))
"""What a project file is for: what the code makes of the keys, the template of run names, the reference."""


@pytest.mark.parametrize("name", sorted(set(NAMES) - set(WRITES_NOTHING)))
def test_a_check_finds_no_more_than_the_project_file_is_for(name: str, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(copied(name, project))
    before = check(["."], CATALOGUE, Options())
    for path, text in expected(name).items():
        Path(path).write_text(text, encoding="utf-8")
    after = check(["."], CATALOGUE, Options())
    assert not after.problems
    known = {file.path for file in before.files if file.kind}
    new = findings(after) - findings(before)
    assert [one for one in new if not one[1].startswith(MEANT) and one[0] in known] == []
    assert {file.path for file in after.files if file.kind} >= known


def findings(report: Report) -> Counter[tuple[str, str, str | None]]:
    return Counter((finding.file, finding.code, finding.key) for finding in report.findings)


RUN_NAMES = [
    ("grpo-500steps-8batch", {"max_steps": 500, "rollout_batch_size": 8}, "grpo-{max_steps}steps-{rollout_batch_size}batch"),
    ("sft-rank16-lr2e-5", {"lora_r": 16, "learning_rate": 2e-5}, "sft-rank{lora_r}-lr{learning_rate}"),
    ("sft-rank16-lr2e-4", {"lora_r": 16, "learning_rate": 2e-4}, None),  # the template would make lr0.0002 of it
    ("grpo-500steps", {"max_steps": 400}, None),
    ("grpo-500steps-v2", {"max_steps": 500}, None),
    ("grpo-500steps", {}, None),
    ("grpo", {"max_steps": 500}, None),
]
"""A run's name, the values of its file, and the template that makes the name of them."""


@pytest.mark.parametrize(("name", "values", "template"), RUN_NAMES)
def test_a_template_is_one_that_makes_the_name_again(name: str, values: dict[str, float], template: str | None) -> None:
    recipe = Recipe("a", {})
    recipe.values = {"run_name": name, **values}
    assert template_of(name, recipe) == template


# --- schemas ---


def test_schemas_are_named_in_the_project_s_own_files_alone(project: Path) -> None:
    """Not in what it excludes, and not in what a link leads out to."""
    copied("mission", project)
    config = project / "config"
    outside = project.parent / "outside.yaml"
    shutil.copy(config / "training.yaml", outside)
    (config / "linked.yaml").symlink_to(outside)
    shutil.copytree(config, project / "old")
    (project / "confguard.yaml").write_text('exclude: ["old/*"]\n', encoding="utf-8")
    before = tree(project.parent)
    done = confguard("init", "--schemas", "--write", cwd=project)
    assert done.stderr.splitlines()[0] == "confguard: config/linked.yaml: leads out of the project, and stays as it is"
    after = tree(project.parent)
    changed = {path for path in before if after[path] != before[path]}
    assert changed == {"project/config/training.yaml", "project/config/aflow_llm.yaml"}


@pytest.mark.parametrize("name", sorted(set(NAMES) - {"no-config"}))
def test_schemas_are_written_once_and_go_again(name: str, project: Path) -> None:
    before = tree(copied(name, project))
    confguard("init", "--schemas", cwd=project)
    assert tree(project) == before
    confguard("init", "--schemas", "--write", cwd=project)
    after = tree(project)
    configs = [path for path, digest in before.items() if after[path] != digest]
    assert configs
    for path in configs:
        text = (project / path).read_bytes().decode()
        named = re.match(r"# yaml-language-server: \$schema=(\S+)\n", text)
        assert named
        schema = json.loads((project / path).parent.joinpath(named[1]).read_text(encoding="utf-8"))
        instance = yaml.safe_load(text)
        assert set(instance) <= schema["properties"].keys() | {
            key for key in instance for own in schema.get("patternProperties", {}) if re.search(own, key)
        } | typos(name)
        assert text.removeprefix(named[0]).encode() == (SAMPLES / name / "project" / path).read_bytes()
    again = confguard("init", "--schemas", "--write", cwd=project)
    assert again.stdout.endswith("There is nothing to write.\n") or name == "in-pyproject"
    assert tree(project) == after
    confguard("undo", cwd=project)
    assert tree(project) == before


def typos(name: str) -> set[str]:
    """Keys of a sample that no schema is to let pass."""
    return {"hydra-conf": {"gradient_accumulation_step"}, "in-pyproject": {"team"}}.get(name, set())


LINE = "# yaml-language-server: $schema=s/K.json"
MODELINES = [
    ("a: 1\n", f"{LINE}\na: 1\n"),
    ("a: 1\r\nb: 2\r\n", f"{LINE}\r\na: 1\r\nb: 2\r\n"),
    ("\ufeffa: 1\n", f"\ufeff{LINE}\na: 1\n"),
    ("a: 1", f"{LINE}\na: 1"),
    ("---\na: 1\n", f"{LINE}\n---\na: 1\n"),
    ("%YAML 1.1\n---\na: 1\n", f"{LINE}\n%YAML 1.1\n---\na: 1\n"),
    ("# a comment\n\na: 1\n", f"{LINE}\n# a comment\n\na: 1\n"),
    ("#!/usr/bin/env run\na: 1\n", f"#!/usr/bin/env run\n{LINE}\na: 1\n"),
    ("# @package _global_\n# more\na: 1\n", f"# @package _global_\n{LINE}\n# more\na: 1\n"),
    ("# -*- mode: yaml -*-\r\na: 1\r\n", f"# -*- mode: yaml -*-\r\n{LINE}\r\na: 1\r\n"),
    (f"{LINE}\na: 1\n", None),
    ("%YAML 1.1\n---\n# yaml-language-server:  $schema=s/K.json\na: 1\n", None),
    ("# $schema: s/K.json\na: 1\n", None),
    (f"a: 1\n{LINE}\n", f"{LINE}\na: 1\n{LINE}\n"),
    (f"{LINE[0]}{LINE[2:]}\na: 1\n", f"{LINE}\n{LINE[0]}{LINE[2:]}\na: 1\n"),
    ("a: '# yaml-language-server: $schema=s/K.json'\n", f"{LINE}\na: '# yaml-language-server: $schema=s/K.json'\n"),
    ("# yaml-language-server: $schema=other.json\na: 1\n", "names the schema other.json already"),
]
"""A config, and what becomes of it: with the line, as it was, or why not."""


@pytest.mark.parametrize(("before", "after"), MODELINES, ids=[repr(before) for before, _ in MODELINES])
def test_the_line_for_editors_is_all_that_is_added(before: str, after: str | None) -> None:
    document = Document("a.yaml", before.encode())
    if after is not None and after.startswith("names"):
        with pytest.raises(EditRefused, match=after):
            with_modeline(document, "s/K.json")
        return
    found = with_modeline(document, "s/K.json")
    assert (found and found.encoded(found.text).decode()) == after
    if found is not None:
        assert with_modeline(found, "s/K.json") is None


# --- who asks, and who is asked ---


@pytest.mark.parametrize(("answer", "is_written"), [("y\n", True), ("\n", False), ("no\n", False), ("\x04", False)])
def test_at_a_terminal_it_asks(project: Path, answer: str, is_written: bool) -> None:
    copied("mission", project)
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "confguard", "init"]
    with subprocess.Popen(command, cwd=project, stdin=theirs, stdout=theirs, stderr=theirs, env={**os.environ, "NO_COLOR": "1"}) as process:
        os.close(theirs)
        shown = read_until(ours, "[y/N] ")
        os.write(ours, answer.encode())
        shown += read_until(ours, None)
        assert process.wait(timeout=60) == (0 if is_written else 1)
    os.close(ours)
    assert ("Written: 1 file." in shown) is is_written
    assert (project / "confguard.yaml").exists() is is_written


def read_until(terminal: int, end: str | None) -> str:
    shown = ""
    while end is None or end not in shown:
        try:
            read = os.read(terminal, 10_000)
        except OSError:  # nobody writes any more
            read = b""
        if not read:
            break
        shown += read.decode(errors="replace")
    return shown


def test_in_a_pipe_it_does_not_ask(project: Path) -> None:
    copied("mission", project)
    assert "[y/N]" not in confguard("init", cwd=project, stdin="y\n").stdout
    assert not (project / "confguard.yaml").exists()


EXISTING = [
    ("extension_keys: [my_seed]\n", "is there and stays as it is"),
    ("", "is there and stays as it is"),
    ("references: {reference: reference, current: config}\ncode: [trainer]\n", "is there, and nothing is to be added"),
]


@pytest.mark.parametrize(("text", "state"), EXISTING)
def test_a_project_file_that_is_there_is_never_written_to(project: Path, text: str, state: str) -> None:
    copied("mission", project)
    (project / "confguard.yaml").write_text(text, encoding="utf-8")
    before = tree(project)
    for arguments, cwd in (
        (["init", "--write"], project),
        (["init", "--write", "config"], project),
        (["init", "--write"], project / "config"),
    ):
        done = confguard(*arguments, cwd=cwd)
        assert state in done.stdout
        assert ("not edited; add the lines above by hand" in done.stderr) is ("stays" in state)
        assert done.returncode == (1 if "stays" in state else 0)
        assert ("code:" in done.stdout) is ("stays" in state)
    assert tree(project) == before


REFUSED = [
    (["config/training.yaml"], "config/training.yaml: a file; name the folder of the project"),
    (["nowhere"], "nowhere: no such folder"),
]


@pytest.mark.parametrize(("arguments", "said"), REFUSED)
def test_what_it_cannot_do_is_said(project: Path, arguments: list[str], said: str) -> None:
    done = confguard("init", *arguments, cwd=copied("mission", project))
    assert (done.returncode, done.stdout, done.stderr) == (2, "", f"confguard: {said}\n")


def test_a_project_file_that_cannot_be_read_stops_it(project: Path) -> None:
    copied("mission", project)
    (project / "confguard.yaml").write_text("referenzes: {}\n", encoding="utf-8")
    done = confguard("init", "--write", cwd=project)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("confguard: confguard.yaml:1:1: ")


@pytest.mark.parametrize("command", ["init", "check"])
def test_a_project_file_that_leads_nowhere_stops_it(project: Path, command: str) -> None:
    copied("mission", project)
    (project / "confguard.yaml").symlink_to("nowhere.yaml")
    done = confguard(command, cwd=project)
    assert (done.returncode, done.stdout) == (2, "")
    assert re.fullmatch(r"confguard: \S*confguard.yaml: [^\n]+\n", done.stderr)


def test_it_can_be_asked_from_elsewhere(project: Path) -> None:
    copied("mission", project)
    done = confguard("init", "project", cwd=project.parent)
    assert done.stdout.endswith("`confguard init project --write` makes project/confguard.yaml; `confguard undo` takes it back.\n")
    confguard("init", "project", "--write", cwd=project.parent)
    assert (project / "confguard.yaml").read_text(encoding="utf-8") == expected("mission")["confguard.yaml"]


# --- references ---


def git(project: Path, *arguments: str) -> None:
    subprocess.run(["git", "-c", "user.name=n", "-c", "user.email=e", *arguments], cwd=project, check=True, capture_output=True)


def test_another_branch_is_offered_and_not_written(project: Path) -> None:
    copied("trl-native", project)
    git(project, "init", "-q", "-b", "main")
    git(project, "add", ".")
    git(project, "commit", "-qm", "all")
    assert "git:main" not in confguard("init", cwd=project).stdout
    git(project, "checkout", "-qb", "more")
    assert "git:main" not in confguard("init", cwd=project).stdout
    shutil.rmtree(project / "sft")
    shutil.rmtree(project / "dpo")
    config = project / "grpo" / "qwen.yaml"
    config.write_text(config.read_text(encoding="utf-8").replace("max_steps: 500", "max_steps: 400"), encoding="utf-8")
    shown = confguard("init", cwd=project).stdout
    assert "  #   # the config differs from the branch main; whoever checks needs to have that branch\n" in shown
    assert '  #   reference: "git:main:grpo"\n' in shown
    assert "it marks the project's root" not in shown  # git does


SIBLINGS = [
    (["project-reference"], ["../project-reference/config"]),
    (["reference"], ["../reference/config"]),
    (["other-reference"], []),
    (["project-baseline", "golden"], []),
]
"""Folders beside the project `project` that have the mission's config, and what is proposed to be the reference."""


@pytest.mark.parametrize(("names", "proposed"), SIBLINGS)
def test_a_project_beside_it_that_says_it_is_the_reference(project: Path, names: list[str], proposed: list[str]) -> None:
    copied("mission", project)
    for name in names:
        shutil.copytree(project / "reference", project.parent / name)
    shutil.rmtree(project / "reference")
    shown = confguard("init", cwd=project).stdout
    assert re.findall(r'^    reference: "(\S+)"$', shown, re.MULTILINE) == proposed
    assert shown.count('  #   reference: "../') == (len(names) if not proposed and len(names) > 1 else 0)


PROFILES = [([], "41 of the 41"), (["lora_rank: 64", "max_steps: 500"], "39 of the 41"), (["="], None)]
"""What is written otherwise in the reference's own config (`=`: every number), and how near its profile is said to be; None: not near."""


@pytest.mark.parametrize(("otherwise", "near"), PROFILES)
def test_the_nearest_profile_is_offered_and_not_written(project: Path, otherwise: list[str], near: str | None) -> None:
    copied("mission", project)
    shutil.rmtree(project / "config")
    os.rename(project / "reference" / "config", project / "config")
    config = project / "config" / "training.yaml"
    text = config.read_text(encoding="utf-8")
    for line in otherwise:
        text = text.replace(line, f"{line}1") if line != "=" else re.sub(r"(?<=: )(\d)", r"3\1", text)
    config.write_text(text.replace("true", "false") if near is None else text, encoding="utf-8")
    shown = confguard("init", cwd=project).stdout
    assert ('  #   reference: "profile:reference"\n' in shown) is (near is not None)
    assert near is None or f"the nearest of 2 profiles of the kind aflow-training; {near} values that both have" in shown
    assert "\n  references:" not in shown


# --- what is told apart with care ---


def test_what_goes_over_all_keys_reads_none_of_them_by_name(project: Path) -> None:
    copied("in-pyproject", project)
    (project / "pyproject.toml").unlink()
    config = project / "config" / "training.yaml"
    config.write_text(config.read_text(encoding="utf-8").replace("my_seed: 7", "my_seed: 7\nother_seed: 8"), encoding="utf-8")
    (project / "train.py").write_text(
        "import yaml\n\n"
        'config = yaml.safe_load(open("config/training.yaml"))\n'
        "width = max(len(str(value)) for key, value in config.items())\n"
        'run(width, config["my_seed"])\n',
        encoding="utf-8",
    )
    shown = confguard("init", cwd=project).stdout
    assert re.findall(r"^    - (\S+)$", shown.partition("run_name:")[0], re.MULTILINE) == ["my_seed"]
    assert re.search(r"^- `other_seed` \(config/training.yaml:\d+\): no kind knows it, and whether the code reads it", shown, re.MULTILINE)


def test_folders_of_tests_are_left_out(project: Path) -> None:
    copied("mission", project)
    shutil.copytree(SAMPLES / "trl-native" / "project", project / "tests" / "sample")
    shutil.copytree(project / "reference", project / "tests" / "reference")
    shown = confguard("init", cwd=project).stdout
    assert "- YAML in folders of tests is left out (5 files)\n" in shown
    assert shown.replace("- YAML in folders of tests is left out (5 files)\n\n", "") == (SAMPLES / "mission" / "expected.txt").read_text(
        encoding="utf-8"
    )


def test_much_python_is_not_followed_unasked(project: Path) -> None:
    copied("mission", project)
    for number in range(500):
        (project / "trainer" / f"m{number}.py").write_text("", encoding="utf-8")
    shown = confguard("init", cwd=project).stdout
    assert "code: 505 Python files of " in shown
    assert "code:\n" not in shown


PINS = [
    ({"requirements/a.txt": "trl==1.16.0\n", "requirements/b.txt": "trl==1.16.1\npeft==0.21.2\n"}, {"trl": "1.16.1", "peft": "0.21.2"}),
    ({"requirements/a.txt": "trl==1.16.0\n", "requirements/b.txt": "trl==1.12.0\n"}, {}),
    ({"requirements-gpu.txt": "trl==1.16.0\n"}, {"trl": "1.16.0"}),
    ({"requirements-gpu.txt": "# trl==1.16.0\ntrl>=1.12\n"}, {}),
    ({"requirements-gpu.txt": "trl==1.16.0\n", "requirements.txt": "trl==1.12.0\n"}, {}),
]
"""Files that pin releases, and the target that is proposed: none where they differ, or where a check reads one of them anyway."""


@pytest.mark.parametrize(("files", "target"), PINS)
def test_releases_are_copied_only_where_a_check_does_not_read_them(project: Path, files: dict[str, str], target: dict[str, str]) -> None:
    copied("trl-native", project)
    (project / "uv.lock").unlink()
    for path, text in files.items():
        (project / path).parent.mkdir(exist_ok=True)
        (project / path).write_text(text, encoding="utf-8")
    confguard("init", "--write", cwd=project)
    written = project / "confguard.yaml"
    assert (read_project(str(written)).target if written.exists() else {}) == target


# --- hostile trees ---


def test_a_hostile_tree_neither_stops_nor_fools_it(project: Path) -> None:
    copied("mission", project)
    (project / "loop").symlink_to(".")
    (project / "config" / "round.yaml").symlink_to("round.yaml")
    os.mkfifo(project / "config" / "pipe.yaml")
    os.mkfifo(project / "uv.lock")
    os.mkfifo(project / "trainer" / "pipe.py")
    os.mkfifo(project / ".pre-commit-config.yaml")
    (project / "config" / "huge.yaml").write_text("a: 1\n" * 300_000, encoding="utf-8")
    (project / "config" / "deep.yaml").write_text("[" * 50_000, encoding="utf-8")
    (project / "config" / "binary.yaml").write_bytes(b"\0\xff\xfe" * 100)
    (project / "trainer" / "broken.py").write_text("def (:\n", encoding="utf-8")
    deep = project / "/".join(["d"] * 500)
    deep.mkdir(parents=True)
    many = project / "many"
    many.mkdir()
    for number in range(1_000):
        (many / f"{number}.yaml").write_text(f"learning_rate: {number}\nbf16: true\noutput_dir: a\nlora_r: 8\n", encoding="utf-8")
    done = confguard("init", cwd=project)
    assert (done.returncode, done.stderr) == (1, "")
    assert "    reference: reference/config\n" in done.stdout
    assert done.stdout.count("many/") == 4
    assert len(done.stdout.splitlines()) < 60


NAMES_OF_FILES = ["a\nb: c.yaml", "a # b.yaml", "'\"{[.yaml", "\x1b[31m.yaml", "显存.yaml", "*.yaml", os.fsdecode(b"\xff.yaml"), "-w.yaml"]


@pytest.mark.parametrize("name", NAMES_OF_FILES, ids=ascii)
def test_any_name_of_a_file_is_written_so_that_it_reads_back(project: Path, name: str) -> None:
    folder = copied("own-keys", project) / "configs"
    (folder / "other.yaml").unlink()
    os.rename(folder / "one.yaml", folder / name)
    (folder / "of-no-kind.yaml").write_text("a: 1\n", encoding="utf-8")  # so that no glob is proposed
    done = confguard("init", "--write", cwd=project)
    assert "\x1b" not in done.stdout
    assert "\nb: c" not in done.stdout
    assert done.returncode == 0
    files = read_project(str(project / "confguard.yaml")).files
    assert [fnmatch(f"configs/{name}", pattern) for pattern in files] == [True] * ("\udcff" not in name)
    assert not any(fnmatch("configs/of-no-kind.yaml", pattern) for pattern in files)


if __name__ == "__main__":
    import tempfile

    for name in NAMES:
        with tempfile.TemporaryDirectory() as folder:
            here = copied(name, Path(folder) / "project")
            there = tree(here)
            (SAMPLES / name / "expected.txt").write_text(confguard("init", cwd=here).stdout, encoding="utf-8")
            confguard("init", "--write", cwd=here)
            for path in tree(here).keys() - there.keys():
                ending = "".join(f"{part}." for part in Path(path).parts[:-1])
                shutil.copyfile(here / path, SAMPLES / name / f"expected.{ending}yaml")
