"""Hostile and odd inputs: whatever the file, `confguard check` answers soon, in few words, and changes nothing.

The cases are the rows of `tests/hostile/make.py`. What must hold for each of them is what `complaints` looks for.
"""

from __future__ import annotations

import json
import os
import re
import stat
import subprocess
import sys
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hostile_cases import HERE, box, make, removed

MAX_MEGABYTES = 200
MAX_MESSAGE = 2_000
"""Characters on standard error where a check could not run: a line or two, not the file."""
_HEAD = re.compile(r"^.+?:\d+:\d+: (?:error|warning|info) (\w+)", re.MULTILINE)
_COLOURS = re.compile(r"\x1b\[[\d;]*m")


class Ran(NamedTuple):
    """What came of a command: what it printed, and what it took."""

    stdout: str
    stderr: str
    code: int
    cpu: float
    wall: float
    megabytes: float


def run(command: list[str], folder: Path, reports: Path, start: str = "") -> Ran:
    """Run a command in the box, with `folder` as its working folder."""
    boxed = [sys.executable, "-I", "-S", str(HERE / "box.py"), str(reports / "report.json"), start, *command]
    with (reports / "stdout").open("w+b") as stdout, (reports / "stderr").open("w+b") as stderr:
        done = subprocess.run(boxed, cwd=folder, stdout=stdout, stderr=stderr, check=False)  # no timeout: with one it polls
        if done.returncode == box.CANNOT:
            pytest.skip(f"this machine cannot start a command with: {start}")
        stdout.seek(0)
        stderr.seek(0)
        texts = [stream.read().decode("utf-8", "surrogateescape") for stream in (stdout, stderr)]
    assert done.returncode == 0, texts[1]
    return Ran(stdout=texts[0], stderr=texts[1], **json.loads((reports / "report.json").read_text()))


def complaints(case: Any, ran: Ran) -> Iterator[str]:
    """What is wrong with an answer."""
    yield from _about_the_process(case, ran)
    yield from _about_what_is_printed(case, ran)
    if case.rule and case.rule not in codes(case, ran.stdout):
        yield f"{case.rule} is not among the findings: {codes(case, ran.stdout)}"


def _about_the_process(case: Any, ran: Ran) -> Iterator[str]:
    if ran.code < 0:
        yield f"killed by signal {-ran.code} after {ran.cpu} s of processor time, {ran.wall} s in all"
    elif ran.code != case.exit:
        yield f"exit code {ran.code}, not {case.exit}"
    if ran.cpu > box.CPU_SECONDS:
        yield f"{ran.cpu} s of processor time"
    if ran.megabytes > MAX_MEGABYTES:
        yield f"{ran.megabytes} MB"


def _about_what_is_printed(case: Any, ran: Ran) -> Iterator[str]:
    shown = ran.stdout + ran.stderr
    if case.start == "terminal":
        shown = _COLOURS.sub("", shown).replace("\r\n", "\n")
    if "Traceback" in shown:
        yield f"a traceback: {ran.stderr[-500:]}"
    if odd := sorted({f"U+{ord(char):04X}" for char in shown if _is_odd(char)}):
        yield f"raw characters: {', '.join(odd)}"
    if forged := [line for line in shown.split("\n") if line.startswith(("::", "other.yaml:"))]:
        yield f"a forged line: {forged[0]}"
    if case.never and case.never in shown:
        yield f"it says {case.never!r}"
    if case.says not in shown:
        yield f"nothing says {case.says!r}"
    if "concise" in case.args and (torn := [line for line in ran.stdout.splitlines() if not _HEAD.match(line)]):
        yield f"a line that is no finding: {torn[0]!r}"
    if ran.code == 2 and case.start != "stderr closed":
        message = ran.stderr.rstrip("\n")
        if not 1 <= len(message.split("\n")) <= 2 or not message or len(message) > MAX_MESSAGE:
            yield f"a message of {len(message)} characters in {len(message.split(chr(10)))} lines: {message[:200]}"


def _is_odd(char: str) -> bool:
    """Whether a character moves the cursor, reorders the line, hides, or is no character: bidi, zero-width, control, surrogate."""
    return char not in "\n\t" and unicodedata.category(char) in ("Cc", "Cf", "Cs", "Zl", "Zp")


def codes(case: Any, stdout: str) -> list[str]:
    """The rules of the findings, in the order in which they are told."""
    if "json" not in case.args:
        return _HEAD.findall(_COLOURS.sub("", stdout))
    try:
        return [finding["code"] for finding in json.loads(stdout)["findings"]]
    except ValueError:
        return ["no JSON"]


def state(folder: Path) -> dict[str, tuple[object, ...]]:
    """All there is in a folder: mode, size, time of change, and the bytes where there are not too many and they may be read."""
    found: dict[str, tuple[object, ...]] = {}
    for here, folders, names in os.walk(folder):
        for path in (os.path.join(here, name) for name in (*folders, *names)):
            entry = os.lstat(path)
            size = -1 if stat.S_ISDIR(entry.st_mode) else entry.st_size
            found[path] = (entry.st_mode, size, entry.st_mtime_ns, _content(path, entry))
        if here.count(os.sep) > 100:
            folders.clear()  # os.walk is recursive before Python 3.12
    return found


def _content(path: str, entry: os.stat_result) -> bytes:
    if not stat.S_ISREG(entry.st_mode) or entry.st_size > 1 << 22 or not os.access(path, os.R_OK):
        return b""
    return Path(path).read_bytes()


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A folder that is removed after the test, with whatever is in it."""
    yield tmp_path / "case"
    removed(tmp_path / "case", tmp_path / "stdout", tmp_path / "stderr")


@pytest.mark.parametrize("case", make.CASES, ids=lambda case: case.name)
def test_hostile(case: Any, folder: Path, tmp_path: Path, record_property: Any) -> None:
    make.write(case, folder)
    before = state(folder)
    ran = run([sys.executable, "-m", "confguard", "check", *case.args], folder, tmp_path, case.start)
    for name in ("cpu", "wall", "megabytes"):
        record_property(name, getattr(ran, name))
    assert list(complaints(case, ran)) == []
    assert state(folder) == before


@pytest.mark.parametrize(
    ("program", "wanted"),
    [
        ("while True: pass", "killed by signal 24"),
        ("b'x' * (300 << 20)", "MB"),
        ("print('\\x1b[31m')", "U+001B"),
        ("print('a\\u202eb')", "U+202E"),
        ("raise ValueError", "a traceback"),
        ("raise SystemExit(3)", "exit code 3, not 0"),
        ("print('::error::')", "a forged line"),
        ("print('hunter2')", "it says 'hunter2'"),
        ("raise SystemExit(2)", "a message of 0 characters"),
        ("import sys; print('a\\n' * 8, file=sys.stderr); sys.exit(2)", "in 8 lines"),
        ("pass", "nothing says 'clean'"),
        ("pass", "LORA001 is not among the findings"),
    ],
)
def test_the_box_sees_what_is_wrong(program: str, wanted: str, tmp_path: Path) -> None:
    case = make.Case("box", "a program that does wrong", (), 0, "LORA001", "clean", never="hunter2")
    said = list(complaints(case, run([sys.executable, "-X", "utf8", "-c", program], tmp_path, tmp_path)))
    assert any(wanted in complaint for complaint in said), said


def test_every_case_has_a_name_and_a_cause_of_its_own() -> None:
    assert len({case.name for case in make.CASES}) == len(make.CASES)
    assert len({case.cause for case in make.CASES}) == len(make.CASES)


def test_every_expectation_is_one_that_can_be() -> None:
    assert {case.exit for case in make.CASES} == {0, 1, 2}
    assert {case.start for case in make.CASES} == set(box.STARTS)


def test_there_are_enough_causes() -> None:
    for group in (make.CONTENT, make.ENCODING, make.FILES):
        assert len({case.cause for case in group}) >= 40
    assert len({case.cause for case in make.CASES}) >= 60
