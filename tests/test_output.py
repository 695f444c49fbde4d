"""What is printed: no secret, no raw control character, one line where one line is promised, and no traceback whatever the streams."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from confguard.checking.pipeline import Report
from confguard.commands import complain as complaining
from confguard.diffing.comparison import Comparison
from confguard.document.document import Document
from confguard.report.concise import concise
from confguard.report.diff import diff_text
from confguard.report.diff_blocks import diff_blocks
from confguard.report.diff_json import diff_json
from confguard.report.html import page
from confguard.report.json import to_json
from confguard.report.markdown import markdown
from confguard.report.safe import visible
from confguard.report.text import text
from confguard.words.change import CHANGED, DRIFT, Change
from confguard.words.finding import SAFE, Edit, Finding, Fix, Span, Waived
from confguard.words.secret import hidden, mask, without

TOKEN = "sk-abcdefghij0123456789"


def finding(document: Document, start: int, end: int, **changes: Any) -> Finding:
    span = document.span(start, end)
    found = Finding("X001", "x-rule", "error", "wrong", "k", ("k",), document.path, span, None, None, "never")
    return found._replace(**changes)


def report(document: Document, *findings: Finding) -> Report:
    return Report([], list(findings), [], {document.path: document}, set())


def printed(lines: Any) -> list[str]:
    return [visible("".join(part for _, part in line)) for line in lines]


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("a\x1b[31m", r"a\x1b[31m"),
        ("a\x9bb", r"a\x9bb"),
        ("a\n\nb\n", r"a\n\nb\n"),
        ("a\u061cb\u00adc", r"a\u061cb\xadc"),
        ("\U000e0041", r"\U000e0041"),
        ("\u202e\u2067\u2028", r"\u202e\u2067\u2028"),
        ("caf\udce9", r"caf\udce9"),
        ("a\tb", "a\tb"),
        ("学习率\u3000过高é", "学习率\u3000过高é"),
    ],
)
def test_visible(raw: str, shown: str) -> None:
    assert visible(raw) == shown


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        (f"use {TOKEN} here", "use sk-a... here"),
        ("https://user:correcthorse@host/x", "https://user:...@host/x"),
        ("password: hunter2hunter2 # old", "password: hunt... # old"),
        ("password:\n  hunter2hunter2", "password:\n  hunt..."),
        ("password:\nmax_steps: 5", "password:\nmax_steps: 5"),
        ("api_key: $KEY, password: 'hunter2'", "api_key: $KEY, password: 'hun...'"),
        ("password: your-password", "password: your-password"),
    ],
)
def test_mask(raw: str, shown: str) -> None:
    assert mask(raw) == shown
    assert mask(shown) == shown


def test_a_value_goes_on_to_the_end_of_its_line_where_nothing_could_be_parsed() -> None:
    raw = "password: \"correct horse 'battery' # staple\nmax_steps: 5"
    assert without(raw, hidden(raw, parsed=False)) == 'password: "corr...\nmax_steps: 5'


@pytest.mark.parametrize(
    ("before", "secret", "after"),
    [
        ("password: ", '"correct horse battery staple"', ""),
        ("password: ", "'ab#correcthorsebattery'", "  # a comment"),
        ("password:\n  - &p ", "correcthorsebattery", ""),
        ("password: |\n", "  correct\n  horse\n", ""),
        ("x" * 5000 + ", password: ", "correct" + "horse" * 5000, ", " + "y" * 5000),
    ],
)
def test_known_secrets_are_not_in_the_snippet(before: str, secret: str, after: str) -> None:
    document = Document("a.yaml", (before + secret + after).encode())
    start, end = len(before), len(before + secret)
    document.secret_spans = [(start, end)]
    for offset in (start, start + 6, max(start - 30, 0), end):
        lines = printed(text(report(document, finding(document, offset, end))))
        assert not any("horse" in line for line in lines)


def test_the_carets_stand_below_what_is_meant() -> None:
    line = f"a: {TOKEN}\tb: 中文 \u202e c: bad"
    document = Document("a.yaml", line.encode())
    start = line.index("bad")
    _, _, shown, carets, *_ = printed(text(report(document, finding(document, start, start + 3))))
    assert shown == r"  1 | a: sk-a... b: 中文 \u202e c: bad"
    assert carets == "    | " + " " * (len(r"a: sk-a... b: 中文 \u202e c: ") + 2) + "^^^"


def test_a_fix_that_would_tell_a_secret_is_not_told() -> None:
    document = Document("a.yaml", b"run_name: x")
    fix = Fix(SAFE, (Edit(Span(*document.span(10, 11)), f"{TOKEN}-8batch"),))
    told = report(document, finding(document, 10, 11, help="write it", fix=fix, key=f"a.{TOKEN}", keys=(f"a.{TOKEN}",)))
    data = json.loads(to_json(told))["findings"][0]
    assert data["fix"] is None
    assert (data["key"], data["keys"]) == ("a.sk-a...", ["a.sk-a..."])
    assert "[*]" not in printed(concise(told))[0]
    assert not any("fix)" in line for line in printed(text(told)))


def test_every_text_of_a_finding_is_visible() -> None:
    raw = "\x1b\x9b\n\n\u202e学"
    document = Document(raw, b"k: 1")
    told = report(document, finding(document, 3, 4, code=raw, name=raw, message=raw, help=raw, waiver=Waived(raw, raw, None)))
    assert not any(char in line for line in printed(text(told)) for char in raw[:-1])
    assert len(printed(concise(report(document, finding(document, 3, 4, message=raw))))) == 1
    as_json = to_json(told)
    assert "学" in as_json
    assert not set("\x1b\x9b\u202e").intersection(as_json)
    assert json.loads(as_json)["findings"][0]["waiver"]["by"] == raw


def test_a_diff_tells_no_secret_however_deep() -> None:
    value = {"password": ["correct horse battery"], "b": [TOKEN], "\x9b": 1}
    found = Comparison([], [Change(CHANGED, DRIFT, "a.yaml", TOKEN, value, TOKEN)], [], [], [], [])
    blocks = diff_blocks(found, "en", False, {})
    for shown in (diff_json(found, "en", False, {}), "\n".join(printed(diff_text(found, 80, "en"))), markdown(blocks), page(blocks)):
        assert "horse" not in shown
        assert TOKEN not in shown
        assert "\x9b" not in shown


def test_many_findings_on_a_long_line_take_no_longer_than_many_lines() -> None:
    line = "password: hunter2hunter2, " * 19_000
    document = Document("a.yaml", b"a: 1")
    document.text = line
    told = report(document, *[finding(document, 0, 1, span=document.span(at, at + 5)) for at in range(0, len(line), 500)] * 5)
    began = time.process_time()
    assert sum(1 for _ in text(told)) > 20_000
    assert time.process_time() - began < 2


@pytest.mark.parametrize(
    ("message", "shown"),
    [
        ("a\n::error::b", r"a\n::error::b"),
        (f"waivers: {TOKEN}", "waivers: sk-a..."),
        ("\x1b[31m", r"\x1b[31m"),
    ],
)
def test_complaints_are_one_safe_line(message: str, shown: str, capsys: pytest.CaptureFixture[str]) -> None:
    complaining.complain(message)
    assert capsys.readouterr().err == f"confguard: {shown}\n"


def test_a_long_complaint_keeps_its_start_and_its_end(capsys: pytest.CaptureFixture[str]) -> None:
    complaining.complain(f"start {'n/' * 50_000}: the name is too long")
    said = capsys.readouterr().err
    assert said.startswith("confguard: start n/")
    assert said.endswith(": the name is too long\n")
    assert len(said) < 600


@pytest.mark.skipif(sys.platform == "win32", reason="a POSIX shell")
@pytest.mark.parametrize(
    ("command", "code", "said"),
    [
        ("confguard check a.yaml >&-", 2, "standard output is closed"),
        ("confguard explain LORA001 >&-", 2, "standard output is closed"),
        ("confguard check a.yaml > /dev/full", 2, "cannot go on"),
        ("confguard check --format json a.yaml > /dev/full", 2, "cannot go on"),
        ("confguard check nothing.yaml > /dev/full 2> /dev/full", 2, ""),
        ("confguard check nothing.yaml 2>&-", 2, ""),
        ("confguard check - <&-", 2, "standard input is closed"),
        ("confguard check - 0> unreadable", 2, "standard input: "),
        ("mkdir gone; cd gone; rmdir ../gone; confguard check ../a.yaml", 2, "the working folder is gone"),
    ],
)
def test_streams_and_folders_that_are_not_there(command: str, code: int, said: str, tmp_path: Path) -> None:
    if "/dev/full" in command and not os.path.exists("/dev/full"):
        pytest.skip("no /dev/full here")
    (tmp_path / "a.yaml").write_text("a: 1\n")
    script = f'confguard() {{ "{sys.executable}" -m confguard "$@"; }}; {command}'
    done = subprocess.run(["sh", "-c", script], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr.count("\n")) == (code, 1 if said else 0), done.stderr
    assert said in done.stderr
