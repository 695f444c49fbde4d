"""`confguard waive`: what it writes, to the byte; what it refuses; and what is said of waivers that someone wrote badly."""

from __future__ import annotations

import datetime
import os
import shlex
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML
from words import VALUES, WORDS

from confguard.__main__ import _run
from confguard.checking.pipeline import check
from confguard.document.document import Document
from confguard.edit.append import appended
from confguard.edit.spell import as_yaml, quoted
from confguard.edit.splice import EditRefused, Splice, prove, spliced
from confguard.project.find import find_project
from confguard.project.project import BadProject
from confguard.project.reading import project_of
from confguard.project.waivers import waivers_of
from confguard.schemas.catalogue import CATALOGUE

HERE = Path(__file__).parent
CASES = HERE / "cases" / "waive"
AFTER = HERE / "mission" / "after" / "config"
DEFAULT = 'lora_alpha --because "half the scale" --by ann'


def table(name: str) -> list[Any]:
    rows: list[Any] = yaml.safe_load((CASES / f"{name}.yaml").read_text(encoding="utf-8"))
    return [pytest.param(row, id=row["name"]) for row in rows]


@pytest.fixture(autouse=True)
def _project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "config").mkdir()
    for source in sorted(AFTER.iterdir()):
        (tmp_path / "config" / source.name).write_bytes(source.read_bytes())
    monkeypatch.chdir(tmp_path)


def waive(arguments: str) -> int:
    return _run(["waive", *shlex.split(arguments)])


def write(project: str | None, name: str = "confguard.yaml") -> None:
    if project is not None:
        Path(name).write_bytes(project.encode())


def edit(file: str, old: str, new: str) -> None:
    text = Path(file).read_text(encoding="utf-8")
    assert text.count(old) == 1
    Path(file).write_text(text.replace(old, new), encoding="utf-8")


# --- the tables ---


@pytest.mark.parametrize("case", table("written"))
def test_written(case: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    write(case["before"])
    assert waive(case.get("run", DEFAULT)) == 0, capsys.readouterr().err
    assert Path("confguard.yaml").read_bytes().decode() == case["after"]
    waivers_of(find_project(""), CATALOGUE)
    assert set(os.listdir(".")) == {"config", "confguard.yaml", ".confguard"}


@pytest.mark.parametrize("case", table("refused"))
def test_refused(case: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    write(case["before"])
    if "edit" in case:
        edit(*case["edit"])
    assert waive(case["run"]) == 2
    says = case["says"].replace("TODAY", str(datetime.date.today()))
    assert capsys.readouterr() == ("", f"confguard: {says}\n")
    assert os.path.exists("confguard.yaml") == (case["before"] is not None)
    if case["before"] is not None:
        assert Path("confguard.yaml").read_bytes().decode() == case["before"]


@pytest.mark.parametrize("case", table("by_hand"))
def test_by_hand(case: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    write(case["before"], case["file"])
    assert waive('top_k --because "small cards" --by ann --until 2099-06-30') == 2
    assert capsys.readouterr() == (case["prints"], f"confguard: {case['says']}\n")
    assert Path(case["file"]).read_bytes().decode() == case["before"]


@pytest.mark.parametrize("case", table("bad"))
@pytest.mark.parametrize("command", [["check", "config"], ["waive", "lora_alpha", "--because", "r"]], ids=["check", "waive"])
def test_bad_waivers(case: dict[str, Any], command: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    write(case["project"])
    assert _run(command) == 2
    assert capsys.readouterr() == ("", f"confguard: {case['says']}\n")


# --- what it says, and what follows ---


def test_prints_where_and_what(capsys: pytest.CaptureFixture[str]) -> None:
    write("run_name: x\n")
    assert waive("temperature --because 'a fixed 0.4' --by user --until 2099-06-30") == 0
    assert capsys.readouterr().out == (
        'confguard.yaml:3: `temperature` is waived at "fixed 0.4" until 2099-06-30\n'
        '  3 |   - {parameter: temperature, value: fixed 0.4, reason: "a fixed 0.4", by: user, expires: 2099-06-30}\n'
    )


def test_prints_every_line_of_a_block(capsys: pytest.CaptureFixture[str]) -> None:
    write("waivers:\n  - parameter: top_k\n    value: 50\n    reason: r\n")
    assert waive("gradient_checkpointing --because r --by ann") == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "confguard.yaml:5: `gradient_checkpointing` is waived as absent"
    assert [line[:6] for line in lines[1:]] == [f"  {number} | " for number in range(5, 10)]
    assert lines[-1] == "  9 |     expires: never"


def test_the_waiver_holds() -> None:
    edit("config/training.yaml", "lora_alpha: 64", "lora_alpha: 32")
    write('references: {reference: "profile:reference"}\n')
    before = check(["config"], CATALOGUE)
    assert before.fails("warning")
    assert waive(DEFAULT) == 0
    (finding,) = [finding for finding in check(["config"], CATALOGUE).findings if finding.code == "LORA006"]
    assert finding.waiver == ("half the scale", "ann", "never")


def test_a_second_time_is_once_too_often() -> None:
    assert waive(DEFAULT) == 0
    written = Path("confguard.yaml").read_bytes()
    assert waive(DEFAULT) == 2
    assert Path("confguard.yaml").read_bytes() == written


@pytest.mark.parametrize(
    ("old", "new", "value"), [("lora_alpha: 64", "lora_alpha: 16", 16), ("lora_alpha: 64", "lora_alpha: 1.5e+1", 15.0)]
)
def test_value_is_that_of_the_file(old: str, new: str, value: Any) -> None:
    edit("config/training.yaml", old, new)
    assert waive(DEFAULT) == 0
    found = find_project("").waivers[0].value
    assert (found, type(found)) == (value, type(value))


# --- which config ---


def other_config(folder: str, alpha: int) -> None:
    Path(folder).mkdir(parents=True)
    text = (AFTER / "training.yaml").read_text(encoding="utf-8").replace("lora_alpha: 64", f"lora_alpha: {alpha}")
    (Path(folder) / "training.yaml").write_text(text, encoding="utf-8")


def test_configs_that_disagree(capsys: pytest.CaptureFixture[str]) -> None:
    other_config("old", 16)
    assert waive(DEFAULT) == 2
    assert capsys.readouterr().err == (
        "confguard: `lora_alpha` is 64 in config/training.yaml and 16 in old/training.yaml; say which with --config\n"
    )
    assert waive(f"{DEFAULT} --config old/training.yaml") == 0
    assert find_project("").waivers[0].value == 16


def test_configs_that_agree() -> None:
    other_config("old", 64)
    assert waive(DEFAULT) == 0


def test_what_the_project_excludes_has_no_say() -> None:
    other_config("old", 16)
    write("exclude: ['old/*']\n")
    assert waive(DEFAULT) == 0
    assert find_project("").waivers[0].value == 64


def test_a_fixed_temperature_and_a_schedule_disagree(capsys: pytest.CaptureFixture[str]) -> None:
    other_config("old", 64)
    edit("old/training.yaml", "enabled: false\n", "enabled: true\n")
    assert waive("temperature --because r") == 2
    assert "is 0.4 (fixed) in config/training.yaml and 0.4 to 0.4 in old/training.yaml; say which" in capsys.readouterr().err


def test_the_projects_current_config_counts() -> None:
    other_config("old", 16)
    write("references: {current: old}\n")
    assert waive(DEFAULT) == 0
    assert find_project("").waivers[0].value == 16


def test_a_file_whose_kind_the_project_tells() -> None:
    Path("small.yml").write_text("lora_alpha: 8\n", encoding="utf-8")
    write("files: {small.yml: aflow-training}\n")
    assert waive(f"{DEFAULT} --config small.yml") == 0
    assert find_project("").waivers[0].value == 8


def test_an_own_key_has_its_value() -> None:
    edit("config/training.yaml", "wandb:\n", "my_team: {budget: 3}\nwandb:\n")
    write("extension_keys: ['my_team*']\n")
    assert waive("my_team.budget --because r --by ann") == 0
    assert find_project("").waivers[0].value == 3


def test_the_file_is_that_of_the_project_that_the_config_belongs_to(capsys: pytest.CaptureFixture[str]) -> None:
    other_config("inner/config", 16)
    Path("inner/.git").mkdir()
    assert waive(f"{DEFAULT} --config inner/config/training.yaml") == 0
    assert Path("inner/confguard.yaml").exists()
    assert not Path("confguard.yaml").exists()
    assert "inner/confguard.yaml:2: " in capsys.readouterr().out


def test_from_a_folder_below(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    write("run_name: x\n")
    monkeypatch.chdir("config")
    assert waive(DEFAULT) == 0
    assert capsys.readouterr().out.startswith("../confguard.yaml:3: ")


def test_null_cannot_be_written_in_toml(capsys: pytest.CaptureFixture[str]) -> None:
    write("[tool.confguard]\nrun_name = 'x'\n", "pyproject.toml")
    assert waive("gradient_checkpointing --because r") == 2
    assert "TOML has no null" in capsys.readouterr().err


def test_git_says_who(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM"):
        monkeypatch.setenv(name, os.devnull)
    subprocess.run(["git", "init", "-q", "."], check=True)
    subprocess.run(["git", "config", "user.name", "Ann Lee"], check=True)
    assert waive("top_k --because r") == 0
    subprocess.run(["git", "config", "--unset", "user.name"], check=True)
    assert waive("top_p --because r") == 0
    assert [waiver.by for waiver in find_project("").waivers] == ["Ann Lee", None]


# --- any project file, any words ---


def comment_lines(indentation: str) -> st.SearchStrategy[str]:
    return st.lists(st.sampled_from(["", f"{indentation}# a comment - with: {{signs}}", "# at the margin"]), max_size=2).map(
        lambda lines: "".join(f"{line}\n" for line in lines)
    )


@st.composite
def entries(draw: st.DrawFn, name: str, indentation: str) -> str:
    """One item of a block list, in one of the ways people write them."""
    reason = draw(st.sampled_from(["r", '"a # b"', "'it''s'", "!!str r", f"&{name} r", "中文"]))
    after = draw(st.sampled_from(["", "  ", "  # why"]))
    gap = " " * draw(st.integers(1, 3))
    below = indentation + " " + gap
    style = draw(st.sampled_from(["braces", "long braces", "block", "dash alone", "block text", "folded"]))
    if style == "braces":
        return f"{indentation}-{gap}{{parameter: {name}, value: 2e-5, reason: {reason}}}{after}\n"
    if style == "long braces":
        return f"{indentation}-{gap}{{parameter: {name}, value: [1],\n{below}   reason: {reason}\n{below}}}{after}\n"
    if style == "block":
        return f"{indentation}-{gap}parameter: {name}{after}\n{below}reason: {reason}\n{below}value: yes{after}\n"
    if style == "dash alone":
        return f"{indentation}-{after}\n{below}value:\n{below}  - 1\n{below}parameter: {name}\n{below}reason: {reason}{after}\n"
    sign = {"block text": "|", "folded": ">-"}[style]
    return f"{indentation}-{gap}parameter: {name}\n{below}value: null\n{below}reason: {sign}\n{below}  some words\n{below}  # more\n"


@st.composite
def lists(draw: st.DrawFn) -> str:
    """The key `waivers` with what it holds; or nothing."""
    kind = draw(st.sampled_from(["none", "null", "empty", "brackets", "long brackets", "block"]))
    names = ["max_steps", "top_k", "lora_rank"][: draw(st.integers(1, 3))]
    items = [f"{{parameter: {name}, value: 1, reason: r}}" for name in names]
    after = draw(st.sampled_from(["", "  ", "  # ours"]))
    if kind == "none":
        return ""
    if kind == "null":
        return f"waivers:{draw(st.sampled_from(['', ' null', ' ~', '  ']))}{after}\n"
    if kind == "empty":
        return f"waivers:{draw(st.sampled_from([' []', ' [ ]', chr(10) + '  []', ' [' + chr(10) + '  ]']))}{after}\n"
    if kind == "brackets":
        return f"waivers: [{', '.join(items)}{draw(st.sampled_from(['', ',', ' , ']))}]{after}\n"
    if kind == "long brackets":
        last = draw(st.sampled_from(["", ",", " ,  # last", "  # last"]))
        inner = ",\n".join(f"  {item}" for item in items)
        return f"waivers: [\n{inner}{last}\n{draw(comment_lines('  '))}]{after}\n"
    indentation = " " * draw(st.integers(0, 4))
    blocks = "".join(draw(comment_lines(indentation)) + draw(entries(name, indentation)) for name in names)
    anchor = draw(st.sampled_from(["", " &ours"]))
    return f"waivers:{anchor}{after}\n{blocks}"


@st.composite
def projects(draw: st.DrawFn) -> str:
    """A project file as people write them, in any line ends."""
    head = draw(st.sampled_from(["", "---\n", "# ours\n\n", "%YAML 1.1\n---\n"]))
    first = draw(st.sampled_from(["", "references: {current: config}  # here\n", "run_name: |\n  x\n\n", "rules:\n  ignore:\n  - NAME\n"]))
    last = draw(st.sampled_from(["", "run_name: 'x'\n", "extension_keys:\n- a\n- b  # c\n", "target: {trl: '1.16.0'}"]))
    if first.startswith("run_name") and last.startswith("run_name"):
        last = ""
    text = head + first + draw(comment_lines("")) + draw(lists()) + draw(comment_lines("  ")) + last
    if draw(st.booleans()):
        text = text.removesuffix("\n")
    return text.replace("\n", draw(st.sampled_from(["\n", "\r\n", "\r"])))


def inverse(text: str, edits: list[Splice]) -> list[Splice]:
    """The edits that take back what these make of a text."""
    back = []
    grown = 0
    for start, end, new in sorted(edits):
        back.append(Splice(start + grown, start + grown + len(new), text[start:end]))
        grown += len(new) - (end - start)
    return back


def outcome(text: str, record: dict[str, Any]) -> str | None:
    """What becomes of a project file; None where it is no good one, or the edit is refused."""
    document = Document("confguard.yaml", text.encode())
    try:
        before = project_of(document, "")
    except BadProject:
        return None
    spelled = {name: quoted(value) if name == "reason" else as_yaml(value) for name, value in record.items()}
    try:
        edits = appended(document, "waivers", spelled)
        after = prove(
            document, spliced(text, edits), lambda found: {**(found or {}), "waivers": [*((found or {}).get("waivers") or []), record]}
        )
    except EditRefused:
        return None
    assert "".join(text[edit.start : edit.end] for edit in edits).strip() in ("", "null", "~", "[]", "[ ]")
    assert spliced(after.text, inverse(text, edits)) == text
    read_back = [waiver[:5] for waiver in project_of(after, "").waivers]
    assert read_back[:-1] == [waiver[:5] for waiver in before.waivers]
    assert read_back[-1] == ("lora_alpha", record["value"], record["reason"], record.get("by"), None)
    return after.text


@pytest.mark.filterwarnings("ignore:[^a]*YAML 1.1")
@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None, max_examples=200)
@given(projects(), VALUES, WORDS, WORDS)
@example("", 1, "r", "")
@example("waivers:\r- {parameter: a, value: 1, reason: r}", None, "x" * 2000, "中")
def test_any_project_file(text: str, value: Any, reason: str, by: str) -> None:
    record = {"parameter": "lora_alpha", "value": value, "reason": "r" + reason, **({"by": by} if by else {}), "expires": "never"}
    after = outcome(text, record)
    if after is None:
        return
    for load in (yaml.safe_load, YAML(typ="safe", pure=True).load):
        old = load(text) or {}
        assert load(after) == {**old, "waivers": [*(old.get("waivers") or []), record]}
    assert after.endswith(("\n", "\r")) == text.endswith(("\n", "\r")) or not text


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(projects())
def test_few_project_files_are_refused(text: str) -> None:
    """Only a block text that ends the file without a newline may be; adding one would change it."""
    record = {"parameter": "lora_alpha", "value": 1, "reason": "r", "expires": "never"}
    document = Document("confguard.yaml", text.encode())
    ends_in_block_text = "|" in text and not text.endswith(("\n", "\r"))
    if document.refused is None and not ends_in_block_text and outcome(text, record) is None:
        with pytest.raises(BadProject):
            project_of(document, "")
