"""The project file: what it selects, declares and waives; and what is said of one that is wrong."""

from __future__ import annotations

import datetime
import re
from pathlib import Path

import pytest

from confguard.checking.pipeline import Report, check
from confguard.checking.setting import BadUsage, Options
from confguard.project.find import find_project
from confguard.project.project import BadProject
from confguard.schemas.catalogue import CATALOGUE
from confguard.words.finding import Finding

AFTER = Path(__file__).parent / "mission" / "after" / "config"
TOMORROW = (datetime.date.today() + datetime.timedelta(days=1)).isoformat()


@pytest.fixture(autouse=True)
def _project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "config").mkdir()
    for name in ("training.yaml", "aflow_llm.yaml"):
        (tmp_path / "config" / name).write_bytes((AFTER / name).read_bytes())
    monkeypatch.chdir(tmp_path)


def edit(old: str, new: str) -> None:
    path = Path("config/training.yaml")
    text = path.read_text()
    assert text.count(old) == 1
    path.write_text(text.replace(old, new))


def run(project: str = "", options: Options = Options()) -> Report:
    Path("confguard.yaml").write_text(project)
    return check(["config/training.yaml", "config/aflow_llm.yaml"], CATALOGUE, options)


def codes(report: Report) -> list[str]:
    return [finding.code for finding in report.findings if finding.waiver is None and finding.severity != "info"]


def found(report: Report, code: str) -> Finding:
    (finding,) = [finding for finding in report.findings if finding.code == code]
    return finding


def test_reference_of_the_project_is_used() -> None:
    edit("lora_alpha: 64", "lora_alpha: 32")
    assert codes(run()) == []
    assert codes(run('references: {reference: "profile:reference"}\n')) == ["LORA006"]


def test_select_ignore_and_severity() -> None:
    edit("save_every: 25", "save_every: 0")
    assert codes(run()) == ["SCHED004"]
    assert codes(run("rules: {ignore: [SCHED004]}\n")) == []
    assert codes(run("rules: {ignore: [SCHED]}\n")) == []
    assert codes(run("rules: {select: [LORA]}\n")) == []
    assert found(run("rules: {severity: {SCHED004: error}}\n"), "SCHED004").severity == "error"
    assert codes(run("rules: {severity: {SCHED: info}}\n")) == []
    assert codes(run("", Options(ignore=("SCHED004",)))) == []
    assert codes(run("", Options(select=("SCHED",)))) == ["SCHED004"]


def test_extension_keys() -> None:
    edit("log_every: 5", "log_every: 5\nmy_team:\n  budget: 3")
    assert codes(run()) == ["SCHEMA002"]
    assert codes(run('extension_keys: ["my_team"]\n')) == []
    assert codes(run('extension_keys: ["my_team.*"]\n')) == []
    assert codes(run('extension_keys: ["my_team.b*"]\n')) == ["SCHEMA002"]
    edit("max_grad_norm: 1.0", "max_grad_norm: 1.0\nmy_seed: 1")
    assert codes(run('extension_keys: ["my_*"]\n')) == []


def test_files_name_the_kind() -> None:
    Path("config/small.yaml").write_text("max_steps: 0\n")
    Path("confguard.yaml").write_text("files: {'config/s*.yaml': aflow-training}\n")
    report = check(["config/small.yaml"], CATALOGUE)
    assert report.files[0].kind == "aflow-training"
    assert "SCHED007" in codes(report)


def test_run_name_template_has_a_safe_fix() -> None:
    report = run('run_name: "grpo-{max_steps}steps-{rollout_batch_size}batch-{num_return_sequences_in_group}workflows"\n')
    fix = found(report, "NAME005").fix
    assert fix is not None
    assert (fix.safety, fix.edits[0].text) == ("safe", '"grpo-500steps-4batch-6workflows"')
    same = '"grpo-{max_steps}steps-{rollout_batch_size}batch-{num_generations}workflows-reference-restored"'
    assert codes(run(f"run_name: {same}\n")) == []


# --- custom rules ---


@pytest.mark.parametrize(
    "when",
    [
        "rollout_batch_size * num_return_sequences_in_group > 20",
        "generation_config.max_tokens >= 4096 and not bf16",
        "lora_rank in [64, 128]",
        "len(lora_target_modules) > 3 or learning_rate < 0",
        "-1 < warmup_steps / max_steps <= 0.2",
        "domain_ratios['math'] == 0.4",
    ],
)
def test_custom_rule_that_holds(when: str) -> None:
    project = f"rules:\n  custom:\n    - code: TEAM001\n      when: {when!r}\n      message: too much for `rollout_batch_size`\n      severity: error\n"
    finding = found(run(project), "TEAM001")
    assert finding.severity == "error"
    assert finding.message == "too much for `rollout_batch_size`"


def test_custom_rule_that_does_not_hold() -> None:
    assert codes(run("rules:\n  custom:\n    - {code: TEAM001, when: max_steps > 1000, message: too long}\n")) == []


@pytest.mark.parametrize(
    ("when", "why"),
    [
        ("__import__('os')", "names `__import__`"),
        ("max_steps.__class__", "cannot be worked out"),
        ("max_steps ** 99", "cannot be worked out"),
        ("'a' * max_steps == 'b'", "cannot be worked out"),
        ("max_steps >", "no expression"),
        ("no_such > 1", "names `no_such`"),
        ("[x for x in [max_steps]]", "names `x`"),
        ("open(run_name)", "names `open`"),
    ],
)
def test_custom_rule_that_cannot_be(when: str, why: str) -> None:
    with pytest.raises(BadProject, match=r"confguard.yaml:3: .*" + why):
        run(f"rules:\n  custom:\n    - {{code: TEAM001, when: {when!r}, message: m}}\n")


# --- waivers ---

REFERENCE = 'references: {reference: "profile:reference"}\n'
ALPHA = "waivers:\n  - {parameter: lora_alpha, value: 32, reason: we want half the scale, by: ann, expires: %s}\n"


def test_waived_finding_is_counted_and_does_not_fail() -> None:
    edit("lora_alpha: 64", "lora_alpha: 32")
    report = run(REFERENCE + ALPHA % TOMORROW)
    waiver = found(report, "LORA006").waiver
    assert waiver == ("we want half the scale", "ann", TOMORROW)
    assert not report.fails("warning")


def test_the_missions_two_waivers() -> None:
    report = run(
        REFERENCE
        + "waivers:\n"
        + '  - {parameter: rollout_batch_size, value: 4, reason: "the user asks for 4", by: user, expires: 2099-06-30}\n'
        + '  - {parameter: temperature, value: fixed 0.4, reason: "the user asks for a fixed 0.4", by: user, expires: never}\n'
    )
    assert codes(report) == []
    assert found(report, "SAMPLE003").waiver is not None


@pytest.mark.parametrize(
    ("old", "new"), [("temperature: 0.4", "temperature: 0.5"), ("  enabled: false\n  initial", "  enabled: true\n  initial")]
)
def test_fixed_temperature_lapses_with_its_value_and_with_the_schedule(old: str, new: str) -> None:
    edit(old, new)
    report = run("waivers:\n  - {parameter: temperature, value: fixed 0.4, reason: r, expires: never}\n")
    assert "WAIVE001" in codes(report)


def test_waiver_lapses_when_the_value_changes() -> None:
    edit("lora_alpha: 64", "lora_alpha: 16")
    report = run(REFERENCE + ALPHA % TOMORROW)
    assert sorted(codes(report)) == ["LORA006", "WAIVE001"]
    lapsed = found(report, "WAIVE001")
    assert (lapsed.file, lapsed.span.start.line) == ("confguard.yaml", 3)


def test_waiver_lapses_with_its_date() -> None:
    edit("lora_alpha: 64", "lora_alpha: 32")
    assert sorted(codes(run(REFERENCE + ALPHA % "2020-01-01"))) == ["LORA006", "WAIVE001"]


def test_waiver_that_holds_in_one_of_two_files_has_not_lapsed_in_the_other() -> None:
    Path("config/other.yaml").write_text(Path("config/training.yaml").read_text(encoding="utf-8"), encoding="utf-8")
    edit("lora_alpha: 64", "lora_alpha: 32")
    report = run(REFERENCE + ALPHA % TOMORROW)
    assert "WAIVE001" not in codes(report)
    assert found(report, "LORA006").waiver is not None


def test_waiver_of_another_file_has_not_lapsed_in_one_that_is_as_the_reference() -> None:
    """A hook names the files of a commit: which of them a waiver is for, the others may say."""
    report = run(
        REFERENCE + 'waivers:\n  - {parameter: lora_alpha, value: 32, reason: "the other config wants it"}\n',
        Options().for_paths(["config/training.yaml"]),
    )
    assert codes(report) == []


def test_waiver_whose_value_is_the_references_again_is_not_needed() -> None:
    report = run(REFERENCE + ALPHA % TOMORROW)
    assert codes(report) == ["WAIVE002"]
    assert "the value is the reference's again" in found(report, "WAIVE002").message


def test_waiver_that_nothing_needs_is_a_finding() -> None:
    report = run(REFERENCE + "waivers:\n  - {parameter: lora_alpha, value: 64, reason: why not}\n")
    assert codes(report) == ["WAIVE002"]


def test_waivers_of_files_that_were_not_checked_are_left_alone() -> None:
    Path("confguard.yaml").write_text(REFERENCE + ALPHA % "2020-01-01")
    assert codes(check(["config/aflow_llm.yaml"], CATALOGUE)) == []


def test_errors_cannot_be_waived() -> None:
    edit("lora_alpha: 64", "lora_alpha: 0")
    assert "LORA002" in codes(run("waivers:\n  - {parameter: lora_alpha, value: 0, reason: please}\n"))


# --- ignores ---


@pytest.mark.parametrize(
    "comment",
    [
        "save_every: 0  # confguard: ignore[SCHED004] the trainer saves at its end",
        "# confguard: ignore[SCHED004] the trainer saves at its end\nsave_every: 0",
        "save_every: 0  # confguard: ignore[LORA001, SCHED004] the trainer saves at its end",
    ],
)
def test_ignore_with_a_reason(comment: str) -> None:
    edit("save_every: 25", comment)
    report = run()
    waiver = found(report, "SCHED004").waiver
    assert waiver is not None
    assert waiver.reason == "the trainer saves at its end"
    assert not any(finding.code == "WAIVE004" for finding in report.findings)


def test_ignore_of_a_rule_that_could_not_run_is_left_alone() -> None:
    edit("lora_alpha: 64", "lora_alpha: 64  # confguard: ignore[LORA006] our own scale")
    assert codes(run()) == []
    assert codes(run(REFERENCE)) == ["WAIVE003"]


# --- what is said of a project file that is wrong ---

WRONG = [
    ("waivers:\n  - {parameter: lora_alpha, value: 32}\n", "confguard.yaml:2:5: `waivers[0].reason` is missing"),
    ("waivers:\n  - {parameter: lora_alpha, value: 32, reason: ' '}\n", "confguard.yaml:2:48: a waiver needs a reason"),
    ("waivers:\n  - {parameter: lora_alpha, value: 32, reason: r, expires: soon}\n", "confguard.yaml:2:60: `expires` is no date"),
    ("waivers:\n  - {parameter: lora_alfa, value: 32, reason: r}\n", "confguard.yaml:2:17: there is no parameter `lora_alfa`"),
    (
        "waivers:\n  - {parameter: lora_alpha, value: 32, reason: r}\n  - {parameter: lora_alpha, value: 16, reason: r}\n",
        "confguard.yaml:3:17: `lora_alpha` is waived twice",
    ),
    ("waiver: []\n", "confguard.yaml:1:1: `waiver` is no known key; did you mean waivers"),
    ("rules: {severity: {LORA001: fatal}}\n", "confguard.yaml:1:29: `rules.severity.LORA001` is"),
    ("- a\n", "confguard.yaml:1:1: should be a mapping"),
    ("a: [\n", "confguard.yaml:2:1: not readable as YAML"),
    ("extension_keys: my_team\n", "confguard.yaml:1:17: `extension_keys` should be a list of strings"),
    ("files: {a.yaml: 1}\n", "confguard.yaml:1:17: `files.a.yaml` should be a string"),
]


@pytest.mark.parametrize(("project", "message"), WRONG, ids=lambda value: value[:40])
def test_wrong_project_file(project: str, message: str) -> None:
    with pytest.raises(BadProject) as caught:
        run(project)
    assert str(caught.value).startswith(message)


@pytest.mark.parametrize(
    ("project", "message"),
    [
        ("rules: {select: [LORA999]}\n", "there is no rule LORA999"),
        ("rules: {ignore: [nonsense]}\n", "there is no rule nonsense"),
        ("files: {'config/*.yaml': aflow-trainin}\n", "there is no kind aflow-trainin"),
    ],
)
def test_wrong_use_of_a_project_file(project: str, message: str) -> None:
    with pytest.raises((BadUsage, BadProject), match=message):
        run(project)


def test_pyproject_serves_as_well() -> None:
    Path("pyproject.toml").write_text(
        '[tool.confguard]\nextension_keys = ["my_team"]\n\n[tool.confguard.references]\nreference = "profile:reference"\n'
    )
    project = find_project("config")
    assert project.extension_keys == ("my_team",)
    assert project.references == {"reference": "profile:reference"}


def test_the_nearest_project_file_counts_up_to_the_repository() -> None:
    Path("confguard.yaml").write_text("extension_keys: [outer]\n")
    Path("inner/.git").mkdir(parents=True)
    Path("inner/deep").mkdir()
    assert find_project("inner/deep").extension_keys == ()
    Path("inner/confguard.yaml").write_text("extension_keys: [inner]\n")
    assert find_project("inner/deep").extension_keys == ("inner",)
    assert find_project("config").extension_keys == ("outer",)


# --- files that are not checked ---


@pytest.mark.parametrize(("pattern", "told"), [("config/training*", []), ("config/aflow*", []), ("other", ["config/aflow_llm.yaml"])])
def test_nothing_is_said_of_an_excluded_file_that_another_one_names(pattern: str, told: list[str]) -> None:
    executor = Path("config/aflow_llm.yaml")
    executor.write_text(re.sub(r"(?m)^ *max_tokens:.*\n", "", executor.read_text(encoding="utf-8")), encoding="utf-8")
    Path("confguard.yaml").write_text(f'exclude: ["{pattern}"]\n')
    assert [finding.file for finding in check(["config"], CATALOGUE).findings if finding.code == "EXEC005"] == told


@pytest.mark.parametrize("paths", [["config"], ["config/training.yaml", "config/aflow_llm.yaml"], ["./config/training.yaml"]])
@pytest.mark.parametrize(
    ("pattern", "is_checked"),
    [("config/tr*.yaml", False), ("*", False), ("training.yaml", True), ("config", False), ("./config/", False), ("conf", True)],
)
def test_excluded_files_are_skipped_also_where_they_are_named(paths: list[str], pattern: str, is_checked: bool) -> None:
    Path("confguard.yaml").write_text(f'exclude: ["{pattern}"]\n')
    report = check(paths, CATALOGUE)
    training = next(file for file in report.files if file.path.endswith("training.yaml"))
    assert (training.kind is not None) == is_checked
    assert (training.why_skipped == "excluded by the project file") != is_checked


def test_a_file_that_cannot_be_read_is_no_problem_where_it_is_excluded() -> None:
    Path("confguard.yaml").write_text('exclude: ["old/*"]\n')
    Path("old").mkdir()
    Path("old/gone.yaml").symlink_to("nowhere")
    report = check(["old/gone.yaml"], CATALOGUE)
    assert (report.problems, report.files[0].why_skipped) == ([], "excluded by the project file")
