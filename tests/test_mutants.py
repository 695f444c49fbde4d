"""Every condition has a mutant: one fault in a good config gives one code, at its line and key, and no other error."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from native_rows import native_rows
from pydantic import ValidationError

from confguard.checking.pipeline import Report, check
from confguard.checking.setting import Options
from confguard.migrate.fixing import fixed
from confguard.schemas import AflowLlm, AflowTraining
from confguard.schemas.catalogue import CATALOGUE, RULES
from confguard.words.finding import ERROR, SEVERITIES, Finding, at_least

HERE = Path(__file__).parent
AFTER = HERE / "mission" / "after" / "config"
FILES = {"training": "training.yaml", "llm": "aflow_llm.yaml"}
MODELS = {"training": AflowTraining, "llm": AflowLlm}
WORDS = {"LONG_INTEGER": "9" * 4301, "DEEP_LIST": "[" * 50 + "1" + "]" * 50}
MUTANTS = yaml.safe_load((HERE / "cases" / "mutants.yaml").read_text(encoding="utf-8"))
BASELINE = {"SAMPLE003"}
"""What the unchanged config gives: its temperature of 0.4 is below the published range."""
IN_DATA = {
    code
    for code, rule in RULES.items()
    if not {"executor", "comments"}.intersection(rule.inputs) and not code.startswith("WAIVE") and code not in ("YAML009", "YAML011")
}
"""The rules that a model can apply: not those about comments, other files, or the spelling of the text."""

pytestmark = pytest.mark.usefixtures("in_project")


@pytest.fixture
def in_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "config").mkdir()
    for name in FILES.values():
        (tmp_path / "config" / name).write_bytes((AFTER / name).read_bytes())
    (tmp_path / "config" / "other_llm.yaml.example").write_text("models: {}\n")
    monkeypatch.chdir(tmp_path)


def mutated(mutant: dict[str, Any]) -> tuple[Path, str]:
    """Write the mutant; its path and its text."""
    path = Path("config") / FILES[mutant.get("file", "training")]
    original = path.read_text(encoding="utf-8")
    old, new = mutant["replace"]
    for word, meaning in WORDS.items():
        new = new.replace(word, meaning)
    if old == "WHOLE_FILE":
        text = new
    else:
        assert original.count(old) == 1, f"{old!r} stands {original.count(old)} times"
        text = original.replace(old, new)
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    if mutant.get("forced"):
        Path("confguard.yaml").write_text("files: {config/training.yaml: aflow-training}\n")
    return path, text


def expected_line(mutant: dict[str, Any], text: str) -> int:
    """The line of the finding: where the new text begins, or where `line_of` is."""
    wanted = mutant.get("line_of", mutant["replace"][1].splitlines()[0] if mutant["replace"][1] else "")
    if wanted == "top":
        return 1
    wanted, _, which = wanted.partition("@")
    for word, meaning in WORDS.items():
        wanted = wanted.replace(word, meaning)
    offset = text.rindex(wanted) if which else text.index(wanted)
    return text.count("\n", 0, offset) + 1


def run(mutant: dict[str, Any]) -> Report:
    options = Options(reference="profile:reference" if mutant.get("reference") else None)
    return check([f"config/{name}" for name in FILES.values()], CATALOGUE, options)


def counted(findings: list[Finding]) -> list[Finding]:
    return [finding for finding in findings if finding.code not in BASELINE]


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant["name"])
def test_one_fault_gives_one_code(mutant: dict[str, Any]) -> None:
    path, text = mutated(mutant)
    findings = counted(run(mutant).findings)
    hits = [finding for finding in findings if finding.code == mutant["code"]]
    assert [(hit.key, hit.file, hit.span.start.line) for hit in hits] == [(mutant["key"], str(path), expected_line(mutant, text))]
    assert {finding.code for finding in findings} - {mutant["code"]} == set(mutant.get("also", []))
    errors = [finding.code for finding in findings if finding.severity == ERROR]
    assert errors == ([mutant["code"]] if RULES[mutant["code"]].severity == ERROR else [])


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant["name"])
def test_what_is_mended_has_nothing_left_to_mend(mutant: dict[str, Any]) -> None:
    mutated(mutant)
    options = Options(reference="profile:reference" if mutant.get("reference") else None)
    paths = [f"config/{name}" for name in FILES.values()]
    found = fixed(paths, CATALOGUE, options, unsafe=True)
    assert not [finding for finding in found.report.findings if finding.fix and not finding.waiver]
    for path, _, after in found.files:
        Path(path).write_bytes(after.encoded(after.text))
    again = fixed(paths, CATALOGUE, options, unsafe=True)
    assert not again.files
    assert [finding[:6] for finding in again.report.findings] == [finding[:6] for finding in found.report.findings]


@pytest.mark.parametrize("mutant", [m for m in MUTANTS if m.get("data", True)], ids=lambda mutant: mutant["name"])
def test_models_raise_the_same_codes(mutant: dict[str, Any]) -> None:
    """At each level: what `check` says of the file, `model_validate` says of its data."""
    path, text = mutated(mutant)
    model = MODELS[mutant.get("file", "training")]
    reference = yaml.safe_load((Path(CATALOGUE.profiles) / "reference" / path.name).read_text()) if mutant.get("reference") else None
    found = [finding for finding in run(mutant).findings if finding.file == str(path) and finding.code in IN_DATA]
    for level in SEVERITIES:
        said = [finding.code for finding in found if at_least(finding.severity, level)]
        raised = raised_codes(model, yaml.safe_load(text), {"reference": reference, "fail_on": level})
        assert sorted(raised) == sorted(said)
        assert (mutant["code"] in raised) == at_least(RULES[mutant["code"]].severity, level)


def raised_codes(model: type[AflowTraining | AflowLlm], data: Any, context: dict[str, Any]) -> list[str]:
    try:
        model.model_validate(data, context=context)
    except ValidationError as error:
        return [item["type"] for item in error.errors()]
    return []


def test_every_rule_has_a_mutant_or_a_reason() -> None:
    elsewhere = {"WAIVE001", "WAIVE002", "NAME005"}  # they speak of the project file: test_project.py
    elsewhere |= {f"AUDIT00{number}" for number in range(1, 7)}  # they speak of the project's code: test_audit_in_check.py
    baseline = {"SAMPLE003"}
    native = {row["code"] for row in native_rows()} - {None}
    assert {mutant["code"] for mutant in MUTANTS} | native | elsewhere | baseline == set(RULES)


def test_there_are_enough() -> None:
    assert len(MUTANTS) >= 80
    assert len({mutant["name"] for mutant in MUTANTS}) == len(MUTANTS)
