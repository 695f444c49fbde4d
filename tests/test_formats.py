"""One project in which a check finds a thing of every kind, in every format: as it was, and as the format's own reader takes it.

`python tests/test_formats.py` writes the expected texts anew.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import jsonschema
import pytest
from markdown_it import MarkdownIt

HERE = Path(__file__).parent / "cases" / "formats"
READERS = Path(__file__).parents[1] / ".readers"
MULTITOOL = READERS / "node_modules" / "@microsoft" / "sarif-multitool-linux"
FORMATS = {
    "text": "txt",
    "concise": "txt",
    "json": "json",
    "github": "txt",
    "sarif": "sarif",
    "gitlab": "json",
    "junit": "xml",
    "markdown": "md",
}
PATHS = ("project", "project/gone.yaml")


def confguard(*arguments: str, folder: Path = HERE, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "confguard", *arguments], capture_output=True, text=True, check=False, cwd=folder, env={**os.environ, **env}
    )


def written(format: str) -> str:
    return confguard("check", *PATHS, "--format", format).stdout


@pytest.fixture(scope="module")
def findings() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(written("json"))["findings"]
    return found


@pytest.mark.parametrize("format", FORMATS)
def test_is_as_it_was(format: str) -> None:
    done = confguard("check", *PATHS, "--format", format)
    assert done.stdout == (HERE / f"{format}.{FORMATS[format]}").read_text(encoding="utf-8")
    assert (done.returncode, done.stderr) == (2, "confguard: project/gone.yaml: no such file\n")


def test_there_is_a_thing_of_every_kind(findings: list[dict[str, Any]]) -> None:
    assert {finding["severity"] for finding in findings} == {"error", "warning", "info"}
    assert {finding["fix"] and finding["fix"]["safety"] for finding in findings} == {None, "safe", "unsafe"}
    assert {bool(finding["waiver"] and finding["waiver"]["expires"]) for finding in findings if finding["waiver"]} == {True, False}
    assert {finding["key"] is None for finding in findings} == {True, False}
    assert any(not finding["key"].isascii() for finding in findings if finding["key"])
    assert any("%" in finding["message"] and "|" in finding["message"] for finding in findings)


# --- SARIF ---


@pytest.fixture(scope="module")
def sarif() -> Any:
    return json.loads(written("sarif"))


@pytest.mark.skipif(not MULTITOOL.is_dir(), reason="tests/readers.sh installs the reader")
def test_sarif_is_valid(sarif: Any) -> None:
    schema = json.loads((MULTITOOL / "sarif-2.1.0.json").read_text(encoding="utf-8"))
    jsonschema.validators.validator_for(schema)(schema, format_checker=jsonschema.FormatChecker()).validate(sarif)


@pytest.mark.skipif(not MULTITOOL.is_dir(), reason="tests/readers.sh installs the reader")
def test_the_reference_validator_and_githubs_rules_have_nothing_to_say(tmp_path: Path) -> None:
    report, verdict = tmp_path / "report.sarif", tmp_path / "verdict.sarif"
    report.write_text(written("sarif"), encoding="utf-8")
    command = [MULTITOOL / "Sarif.Multitool", "validate", report, "--rule-kind", "Sarif;Ghas", "--output", verdict]
    subprocess.run(command, check=True, capture_output=True, env={**os.environ, "DOTNET_SYSTEM_GLOBALIZATION_INVARIANT": "1"})
    run = json.loads(verdict.read_text(encoding="utf-8-sig"))["runs"][0]
    told = {result["ruleId"] for result in run.get("results", [])}
    assert told <= {"SARIF2005"}  # the project has no address yet that `informationUri` could name


def test_every_result_has_a_place_and_a_fingerprint_of_its_own(sarif: Any, findings: list[dict[str, Any]]) -> None:
    results = sarif["runs"][0]["results"]
    assert len(results) == len(findings)
    prints = {result["partialFingerprints"]["primaryLocationLineHash"] for result in results}
    assert len(prints) == len(results)
    for result in results:
        place = result["locations"][0]["physicalLocation"]
        assert place["artifactLocation"]["uri"].startswith("tests/cases/formats/project/")
        assert min(place["region"].values()) >= 1
        assert sarif["runs"][0]["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"]


def test_fingerprints_stay_when_lines_move(tmp_path: Path) -> None:
    def prints() -> list[tuple[str, str]]:
        run = json.loads(confguard("check", "project", "--format", "sarif", folder=tmp_path).stdout)["runs"][0]
        return [(result["ruleId"], result["partialFingerprints"]["primaryLocationLineHash"]) for result in run["results"]]

    shutil.copytree(HERE / "project", tmp_path / "project")
    before = prints()
    training = tmp_path / "project" / "config" / "training.yaml"
    training.write_text("\n\n# three lines more\n" + training.read_text(encoding="utf-8"), encoding="utf-8")
    assert prints() == before


def test_waived_results_are_suppressed(sarif: Any) -> None:
    kept = {result["ruleId"]: result["suppressions"][0] for result in sarif["runs"][0]["results"] if "suppressions" in result}
    assert {code: suppression["kind"] for code, suppression in kept.items()} == {"LORA007": "external", "LORA006": "inSource"}
    assert kept["LORA007"]["justification"] == "the adapters have to fit our 24 GB cards"


# --- GitHub's workflow commands, as the runner parses them ---

COMMAND = re.compile(r"^::(?P<name>[\w-]+) (?P<properties>.*?)::(?P<text>.*)$")


def commands(output: str) -> Iterator[tuple[str, dict[str, str], str]]:
    """`ActionCommand.TryParseV2` of actions/runner: what stands between the first two `::`, split at commas, then unescaped."""
    for line in output.splitlines():
        if found := COMMAND.match(line):
            pairs = [pair.split("=", 1) for pair in found["properties"].split(",")]
            yield found["name"], {name: unescaped(value, {"%3A": ":", "%2C": ","}) for name, value in pairs}, unescaped(found["text"], {})


def unescaped(text: str, more: dict[str, str]) -> str:
    for escape, char in {"%0D": "\r", "%0A": "\n", **more, "%25": "%"}.items():
        text = text.replace(escape, char)
    return text


def test_github_reads_back_what_was_found(findings: list[dict[str, Any]]) -> None:
    names = {"error": "error", "warning": "warning", "info": "notice"}
    expected = []
    for finding in findings:
        if not finding["waiver"]:
            place = (f"tests/cases/formats/{finding['file']}", str(finding["start"]["line"]))
            expected.append((names[finding["severity"]], *place, f"{finding['code']} {finding['name']}", finding["message"]))
    read = [(name, place["file"], place["line"], place["title"], text) for name, place, text in commands(written("github"))]
    assert [item[:4] for item in read] == [item[:4] for item in expected]
    assert all(message in text for (*_, text), (*_, message) in zip(read, expected, strict=True))


@pytest.mark.parametrize(
    ("env", "format"),
    [
        ({"GITHUB_ACTIONS": "true", "GITHUB_WORKFLOW": "ci"}, "github"),
        ({"GITHUB_ACTIONS": "true"}, "text"),
        ({}, "text"),
    ],
)
def test_annotations_switch_themselves_on_inside_actions(env: dict[str, str], format: str) -> None:
    inside = confguard("check", *PATHS, **env).stdout
    assert inside == written(format)


# --- Secrets ---


@pytest.mark.parametrize("format", FORMATS)
def test_no_secret_is_told(format: str, tmp_path: Path) -> None:
    token, shown = "sk-abcdefghijklmnopqrstuvwx", "sk-a..."
    shutil.copytree(HERE / "project", tmp_path / "project")
    project = tmp_path / "project" / "confguard.yaml"
    text = project.read_text(encoding="utf-8").replace("by: ann", f"by: {token}")
    project.write_text(text.replace("our 24 GB cards", token).replace("100% of our cards", token), encoding="utf-8")
    training = tmp_path / "project" / "config" / "training.yaml"
    training.write_text(f"{training.read_text(encoding='utf-8')}\napi_key: {token}\n{token}: 1\n", encoding="utf-8")
    told = confguard("check", "project", "--format", format, folder=tmp_path).stdout
    assert shown in told
    assert token not in told


# --- Where things are ---

PLACES = {
    "github": lambda text: [place["file"] for _, place, _ in commands(text)],
    "sarif": lambda text: [
        unquote(result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"], errors="surrogateescape")
        for result in json.loads(text)["runs"][0]["results"]
    ],
    "gitlab": lambda text: [issue["location"]["path"] for issue in json.loads(text)],
    "junit": lambda text: [case.get("classname") for case in ElementTree.fromstring(text).iter("testcase")],
}


@pytest.mark.parametrize("format", PLACES)
@pytest.mark.parametrize("folder", [".", "some config"])
def test_what_is_said_to_be_a_file_is_one(format: str, folder: str, tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / "some config").mkdir()
    waiver = '{parameter = "lora_alpha", value = 7, reason = "once", expires = "never"}'
    (tmp_path / "pyproject.toml").write_text(f'[tool.confguard]\nreferences = {{reference = "profile:reference"}}\nwaivers = [{waiver}]\n')
    names = ["grpo é%3A: a,b.yaml", *(["\udcff.yaml"] if format in ("sarif", "gitlab") else [])]
    for name in names:
        shutil.copy(HERE / "project" / "config" / "training.yaml", tmp_path / "some config" / name)
    told = set(PLACES[format](confguard("check", str(tmp_path), "--format", format, folder=tmp_path / folder).stdout))
    assert told == {"pyproject.toml", *(f"some config/{name}" for name in names)}


# --- GitLab ---

# What docs.gitlab.com/ci/testing/code_quality says that the widget reads.
CODE_QUALITY = {
    "type": "array",
    "items": {
        "required": ["description", "check_name", "fingerprint", "severity", "location"],
        "properties": {
            "description": {"type": "string", "minLength": 1},
            "check_name": {"type": "string", "minLength": 1},
            "fingerprint": {"type": "string", "minLength": 1},
            "severity": {"enum": ["info", "minor", "major", "critical", "blocker"]},
            "location": {
                "required": ["path", "positions"],
                "properties": {
                    "path": {"type": "string", "pattern": "^[^./]"},
                    "positions": {
                        "required": ["begin"],
                        "properties": {"begin": {"required": ["line"], "properties": {"line": {"type": "integer", "minimum": 1}}}},
                    },
                },
            },
        },
    },
}


def test_gitlab_reads_each_finding_once(findings: list[dict[str, Any]]) -> None:
    issues = json.loads(written("gitlab"))
    jsonschema.Draft202012Validator(CODE_QUALITY).validate(issues)
    assert len({issue["fingerprint"] for issue in issues}) == len(issues)
    assert [issue["check_name"] for issue in issues] == [finding["code"] for finding in findings if not finding["waiver"]]


# --- JUnit ---


@pytest.mark.skipif(not (READERS / "junit-10.xsd").is_file(), reason="tests/readers.sh installs the schema")
def test_junit_is_valid(tmp_path: Path) -> None:
    from xmlschema import XMLSchema

    (tmp_path / "report.xml").write_text(written("junit"), encoding="utf-8")
    XMLSchema(READERS / "junit-10.xsd").validate(tmp_path / "report.xml")


def test_junit_has_a_case_for_each_finding_and_each_clean_file(findings: list[dict[str, Any]]) -> None:
    cases = list(ElementTree.fromstring(written("junit").encode()).iter("testcase"))
    outcomes = [next((child.tag for child in case), "passed") for case in cases]
    waived = sum(1 for finding in findings if finding["waiver"])
    infos = sum(1 for finding in findings if finding["severity"] == "info")
    assert {outcome: outcomes.count(outcome) for outcome in outcomes} == {
        "failure": len(findings) - waived - infos,
        "system-out": infos,
        "skipped": waived,
        "passed": 1,
        "error": 1,
    }
    names = [(case.get("classname"), case.get("name")) for case in cases]
    assert len(set(names)) == len(names)
    assert ("tests/cases/formats/project/clean/aflow_llm.yaml", "confguard check (aflow-llm)") in names


def test_an_all_clean_run_is_no_empty_report() -> None:
    done = confguard("check", "project/clean/aflow_llm.yaml", "--format", "junit")
    suite = ElementTree.fromstring(done.stdout.encode())[0]
    assert (suite.get("tests"), suite.get("failures"), done.returncode) == ("1", "0", 0)


# --- Markdown, as a parser of GitHub's tables reads it ---


def test_markdown_has_a_row_for_each_finding(findings: list[dict[str, Any]]) -> None:
    tokens = MarkdownIt("commonmark").enable("table").parse(written("markdown"))
    cells = [
        "".join(part.content for part in tokens[index + 1].children or [])
        for index, token in enumerate(tokens)
        if token.type in ("td_open", "th_open")
    ]
    head, rows = cells[:5], [cells[start : start + 5] for start in range(5, len(cells), 5)]
    assert head == ["", "where", "rule", "what", "what to do"]
    read = sorted((where, rule, message.replace("`", "")) for _, where, rule, message, _ in rows)
    found = [
        (f"{finding['file']}:{finding['start']['line']}", f"{finding['code']} {finding['name']}", finding["message"])
        for finding in findings
    ]
    assert read == sorted((where, rule, message.replace("`", "")) for where, rule, message in found)
    assert not any(token.type == "html_inline" for token in tokens for token in token.children or [])


# --- JSON, and lines for grep ---

PLACE = {
    "type": "object",
    "required": ["line", "column"],
    "properties": {"line": {"type": "integer", "minimum": 1}, "column": {"type": "integer", "minimum": 1}},
    "additionalProperties": False,
}
TEXT = {"type": ["string", "null"]}
EDIT = {
    "required": ["start", "end", "text"],
    "properties": {"start": PLACE, "end": PLACE, "text": {"type": "string"}},
    "additionalProperties": False,
}
FINDING = {
    "code": {"type": "string", "pattern": "^[A-Z]+[0-9]{3}$"},
    "name": {"type": "string"},
    "severity": {"enum": ["error", "warning", "info"]},
    "message": {"type": "string", "minLength": 1},
    "key": TEXT,
    "keys": {"type": "array", "items": {"type": "string"}},
    "file": {"type": "string"},
    "start": PLACE,
    "end": PLACE,
    "help": TEXT,
    "fix": {
        "type": ["object", "null"],
        "required": ["safety", "edits"],
        "properties": {"safety": {"enum": ["safe", "unsafe"]}, "edits": {"type": "array", "minItems": 1, "items": EDIT}},
    },
    "fails": {"enum": ["load", "start", "first-step", "never"]},
    "waiver": {"type": ["object", "null"], "required": ["reason", "by", "expires"]},
    "url": {"type": "string"},
}
# The contract of `check --format json`: every key is always there.
REPORT = {
    "type": "object",
    "required": ["version", "findings", "summary", "targets"],
    "properties": {
        "version": {"const": 1},
        "findings": {
            "type": "array",
            "items": {"type": "object", "required": list(FINDING), "properties": FINDING, "additionalProperties": False},
        },
        "summary": {
            "required": ["files", "skipped", "errors", "warnings", "infos", "waived"],
            "additionalProperties": {"type": "integer", "minimum": 0},
        },
    },
}


def test_json_holds_its_contract() -> None:
    jsonschema.Draft202012Validator(REPORT).validate(json.loads(written("json")))


def test_concise_lines_are_read_back(findings: list[dict[str, Any]]) -> None:
    line = re.compile(r"(?P<file>[^:]+):(?P<line>\d+):(?P<column>\d+): (?P<severity>\w+) (?P<code>\w+) (?P<fix>\[\*\] )?(?P<message>.+)")
    read = [found.groupdict() for text in written("concise").splitlines() if (found := line.fullmatch(text))]
    unwaived = [finding for finding in findings if not finding["waiver"]]
    assert [(item["file"], int(item["line"]), item["code"], item["message"], bool(item["fix"])) for item in read] == [
        (finding["file"], finding["start"]["line"], finding["code"], finding["message"], finding["fix"] is not None) for finding in unwaived
    ]


# --- statistics, settings ---


def test_statistics_count_what_the_report_has(findings: list[dict[str, Any]]) -> None:
    rows = json.loads(confguard("check", "project", "--statistics", "--format", "json").stdout)
    codes = [finding["code"] for finding in findings if not finding["waiver"]]
    assert {row["code"]: row["findings"] for row in rows if row["findings"]} == {code: codes.count(code) for code in codes}
    assert sum(row["waived"] for row in rows) == 2
    assert sum(row["fixable"] for row in rows) == sum(1 for finding in findings if finding["fix"] and not finding["waiver"])
    text = confguard("check", "project", "--statistics").stdout.splitlines()
    assert [line.split()[2] for line in text[: len(rows)]] == [row["code"] for row in rows]


def test_statistics_have_no_other_format() -> None:
    done = confguard("check", "project", "--statistics", "--format", "sarif")
    assert (done.returncode, done.stdout) == (2, "")
    assert "--statistics" in done.stderr


def test_settings_say_what_holds_for_which_files() -> None:
    done = confguard("check", "project", "--show-settings", "--ignore", "NAME002")
    assert done.stdout == (HERE / "settings.txt").read_text(encoding="utf-8")
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["gone.yaml"], 2, "gone.yaml: no such file"),
        (["project/config/training.yaml", "--set", "api_key=sk-abcdefghijklmnopqrstuvwx"], 0, "set api_key: sk-a...\n"),
        (["--fix"], 2, "--show-settings is shown as text, and without --fix"),
        (["--format", "sarif"], 2, "--show-settings is shown as text"),
    ],
)
def test_settings_that_are_asked_for_otherwise(arguments: list[str], code: int, said: str) -> None:
    done = confguard("check", "--show-settings", *arguments)
    assert said in done.stdout + done.stderr
    assert done.returncode == code


def test_settings_of_a_folder_without_configs(tmp_path: Path) -> None:
    (tmp_path / "confguard.yaml").write_text("exclude: [old]\n")
    assert "  project file: confguard.yaml\n" in confguard("check", "--show-settings", folder=tmp_path).stdout


if __name__ == "__main__":
    for name, ending in FORMATS.items():
        (HERE / f"{name}.{ending}").write_text(written(name), encoding="utf-8")
    (HERE / "settings.txt").write_text(confguard("check", "project", "--show-settings", "--ignore", "NAME002").stdout, encoding="utf-8")
