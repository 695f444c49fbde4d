"""The cases of the language server: texts with marks in them, and what is found in a text, as `check` and as the server tell it."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml
from editor import EXAMPLE, position
from lsprotocol import types

from confguard.checking.pipeline import check_documents
from confguard.checking.setting import Options
from confguard.document.document import Document
from confguard.schemas.catalogue import CATALOGUE, PROFILES

CASES = Path(__file__).parent / "cases" / "lsp"
TRAINING, EXECUTOR = "config/training.yaml", "config/aflow_llm.yaml"
TEXT = (EXAMPLE / TRAINING).read_text(encoding="utf-8")
REFERENCE = Path(PROFILES) / "reference" / "training.yaml"
ALL = types.Range(types.Position(0, 0), types.Position(10_000, 0))
SEVERITIES = {"error": "Error", "warning": "Warning", "info": "Information", "waived": "Hint"}

FIELDS = {
    "diagnostics": "about file replace text finding count",
    "hovers": "about file replace text at says locale",
    "definitions": "about at to",
    "hints": "about replace line hints",
    "actions": "about replace ending at title becomes preferred",
    "sessions": "about steps",
    "hostile": "about text repeat code",
    "edits": "about before after edits",
    "places": "about text place offset",
    "checks": "about events meanwhile reads code asked told failures",
    "messages": "about request result error notify bodies logged",
    "uris": "about uri ours",
}
"""What the rows of each table may say; the head of its file tells what that means."""

Row = dict[str, Any]
Findings = list[Any]
"""Rows that describe findings; a word alone is a code."""
Told = list[tuple[str, str, types.Range]]
"""Codes, severities and places."""


def rows(table: str) -> list[Row]:
    """The rows of a table; a misspelt field would expect nothing."""
    found: list[Row] = yaml.safe_load((CASES / f"{table}.yaml").read_text(encoding="utf-8"))
    unknown = [(about(row), row.keys() - FIELDS[table].split()) for row in found if row.keys() - FIELDS[table].split()]
    assert not unknown, unknown
    return found


def about(row: Row) -> str:
    return str(row["about"])


def text_of(row: Row) -> str:
    """The text of a row's file, with what the row lays over it."""
    text = row["text"] if "text" in row else (EXAMPLE / row.get("file", TRAINING)).read_text(encoding="utf-8")
    words, times = row.get("repeat", ("", 0))
    return ended(row, laid_over(text, row.get("replace", [])) + words * times)


def laid_over(text: str, replace: list[Any]) -> str:
    """A text with some words instead of others: [old, new], or several of them."""
    pairs = [replace] if replace and isinstance(replace[0], str) else replace
    for old, new in pairs:
        assert old in text, old
        text = text.replace(old, new, 1)
    return text


def ended(row: Row, text: str) -> str:
    """A text with the line ends of a row's file."""
    return text.replace("\n", "\r\n") if row.get("ending") == "crlf" else text


def place(text: str, marked: str) -> types.Range:
    """Where a cursor ▮ is in words that stand once in a text, or what is between « and »."""
    marks = re.fullmatch("(.*)(?:▮|«(.*)»)(.*)", marked, re.DOTALL)
    assert marks, marked
    before, inside, behind = marks.groups(default="")
    words = before + inside + behind
    assert text.count(words) == 1, f"{words!r} stands {text.count(words)} times"
    start = text.index(words) + len(before)
    return at(text, start, start + len(inside))


def at(text: str, start: int, end: int) -> types.Range:
    return types.Range(position(text, start), position(text, end))


def line_of(text: str, words: str) -> types.Range:
    """The line that has some words."""
    number = text[: text.index(words)].count("\n")
    return types.Range(types.Position(number, 0), types.Position(number + 1, 0))


# --- what is found ---


def told_by_check(root: Path, file: str, text: str) -> Told:
    """What `check` says of a text, in the order of codes."""
    here = os.getcwd()
    os.chdir(root)
    try:
        report = check_documents([Document(file, text.encode(errors="surrogatepass"))], CATALOGUE, Options(ignore=("WAIVE002",)))
    finally:
        os.chdir(here)
    return sorted(
        (
            (item.code, SEVERITIES["waived" if item.waiver else item.severity], at(text, item.span.start.offset, item.span.end.offset))
            for item in report.findings
            if item.file == file
        ),
        key=repr,
    )


def told_by_server(found: list[types.Diagnostic]) -> Told:
    """The same of what the server says."""
    return sorted(((str(item.code), severity_of(item), item.range) for item in found), key=repr)


def severity_of(item: types.Diagnostic) -> str:
    assert item.severity is not None
    return types.DiagnosticSeverity(item.severity).name


def is_meant(item: types.Diagnostic, finding: Row | str, text: str) -> bool:
    """Whether a diagnostic of a text is the one that is described."""
    meant = {"code": finding} if isinstance(finding, str) else finding
    related = item.related_information or []
    tests: dict[str, Callable[[Any], bool]] = {
        "code": lambda code: item.code == code,
        "severity": lambda severity: severity_of(item) == severity.capitalize(),
        "at": lambda marked: item.range == place(text, marked),
        "line": lambda line: item.range.start.line == line,
        "columns": lambda columns: [item.range.start.character, item.range.end.character] == columns,
        "message": lambda words: item.message == words,
        "starts": lambda words: item.message.startswith(words),
        "ends": lambda words: item.message.endswith(words),
        "tags": lambda tags: [types.DiagnosticTag(tag).name for tag in item.tags or ()] == tags,
        "related": lambda other: is_related(related[0], other, text),
    }
    return all(tests[field](value) for field, value in meant.items())


def is_related(item: types.DiagnosticRelatedInformation, other: Row, text: str) -> bool:
    is_there = item.location.uri.endswith(f"/{other['file']}") and item.location.range == place(text, other["at"])
    return is_there and item.message == other["message"]


def are_among(findings: Findings, text: str, found: list[types.Diagnostic]) -> bool:
    return all(any(is_meant(item, finding, text) for item in found) for finding in findings)


def are_all(findings: Findings, text: str, found: list[types.Diagnostic]) -> bool:
    return len(found) == len(findings) and are_among(findings, text, found)


def are_absent(codes: Findings, text: str, found: list[types.Diagnostic]) -> bool:
    return not {item.code for item in found} & {*codes}
