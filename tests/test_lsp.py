"""What the language server shows and offers, over standard input and output: the tables of cases/lsp."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from editor import Editor, after, editing, offset_of
from lsp_rows import (
    ALL,
    REFERENCE,
    TRAINING,
    Findings,
    Row,
    about,
    are_absent,
    are_all,
    are_among,
    ended,
    is_meant,
    laid_over,
    line_of,
    place,
    rows,
    text_of,
    told_by_check,
    told_by_server,
)
from lsprotocol import types


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Editor]:
    """An editor whose files on the disk nobody changes."""
    with editing(tmp_path_factory.mktemp("shared") / "project") as editor:
        yield editor


@contextmanager
def showing(editor: Editor, row: Row) -> Iterator[str]:
    """A row's file in an editor."""
    file = row.get("file", TRAINING)
    editor.show(file, text_of(row))
    yield file
    editor.close(file)


# --- one question each ---


@pytest.mark.parametrize("row", rows("diagnostics"), ids=about)
def test_diagnostics(shared: Editor, row: Row) -> None:
    text = text_of(row)
    with showing(shared, row) as file:
        found = shared.diagnostics(file)
    assert told_by_server(found) == told_by_check(shared.root, file, text)
    assert {item.source for item in found} <= {"confguard"}
    assert len(found) == row.get("count", len(found))
    assert "finding" not in row or any(is_meant(item, row["finding"], text) for item in found)


@pytest.mark.parametrize("row", [row for row in rows("hovers") if "locale" not in row], ids=about)
def test_hovers(shared: Editor, row: Row) -> None:
    with showing(shared, row) as file:
        hover(shared, file, row)


@pytest.mark.parametrize("row", [row for row in rows("hovers") if "locale" in row], ids=about)
def test_hovers_in_other_languages(row: Row, tmp_path: Path) -> None:
    with editing(tmp_path / "project", locale=row["locale"]) as editor, showing(editor, row) as file:
        hover(editor, file, row)


@pytest.mark.parametrize("row", rows("definitions"), ids=about)
def test_definitions(shared: Editor, row: Row) -> None:
    with showing(shared, row) as file:
        definition(shared, file, row)


@pytest.mark.parametrize("row", rows("hints"), ids=about)
def test_hints(shared: Editor, row: Row) -> None:
    text = text_of(row)
    with showing(shared, row) as file:
        found = shared.hints(file, line_of(text, row["line"]) if "line" in row else ALL)
    lines = text.split("\n")
    assert {lines[hint.position.line][: hint.position.character]: hint.label for hint in found} == row["hints"]


@pytest.mark.parametrize("row", rows("actions"), ids=about)
def test_actions(shared: Editor, row: Row) -> None:
    with showing(shared, row) as file:
        action(shared, file, row)


def hover(editor: Editor, file: str, row: Row) -> None:
    words = place(editor.text(file), row["at"])
    found = editor.hover(file, types.Position(words.start.line, words.start.character + (words.start != words.end)))
    if "says" not in row:
        assert found is None
        return
    assert found is not None
    assert isinstance(found.contents, types.MarkupContent)
    said = found.contents.value.replace("\\", "")
    assert [part for part in row["says"] if part not in said] == [], said
    assert found.range == words


def definition(editor: Editor, file: str, row: Row) -> None:
    found = editor.definition(file, place(editor.text(file), row["at"]).start)
    if "to" not in row:
        assert found is None
        return
    name, words = row["to"]
    path = REFERENCE if name == "profile:reference" else editor.root / name
    text = path.read_text(encoding="utf-8")
    assert found.uri == path.resolve().as_uri()
    assert text[offset_of(text, found.range.start) :].startswith(words)


def action(editor: Editor, file: str, row: Row) -> None:
    text = editor.text(file)
    cursor = place(text, ended(row, row["at"]))
    if "title" not in row:
        assert editor.actions(file, cursor, ["quickfix", "refactor"]) == []
        return
    found = next(action for action in editor.actions(file, cursor) if action.title == row["title"])
    assert bool(found.is_preferred) == row.get("preferred", False)
    assert after(editor, file, found) == ended(row, laid_over(text.replace("\r\n", "\n"), row["becomes"]))
    if found.kind == "quickfix":
        assert found.diagnostics is not None
        assert found.diagnostics[0] in editor.diagnostics(file)


# --- one thing after another ---

Files = dict[str, Any]
LOOKS = ("says", "among", "without", "as_check")


@pytest.mark.parametrize("row", rows("sessions"), ids=about)
def test_sessions(row: Row, tmp_path: Path) -> None:
    with editing(tmp_path / "项 目 100%") as editor:
        session = Session(editor)
        for step in row["steps"]:
            ((what, how),) = step.items()
            session.goes_on(what, how)


class Session:
    """The steps of a session, by their names in sessions.yaml. What is told counts from the last look at it on."""

    def __init__(self, editor: Editor) -> None:
        self.editor = editor
        self.since = 0
        self.has_looked = False

    def goes_on(self, what: str, how: Any) -> None:
        if self.has_looked and what not in LOOKS:
            self.since = len(self.editor.published)
        self.has_looked = what in LOOKS
        getattr(self, what)(how)

    # --- what happens ---

    def write(self, files: Files) -> None:
        for file, text in files.items():
            (self.editor.root / file).write_text(text if isinstance(text, str) else text_of(text), encoding="utf-8")

    def open(self, files: Files | str) -> None:
        for file, text in files.items() if isinstance(files, dict) else [(files, None)]:
            self.editor.open(file, text)

    def type(self, files: Files) -> None:
        for file, text in files.items():
            self.editor.becomes(file, text if isinstance(text, str) else laid_over(self.editor.text(file), text))

    def save(self, file: str) -> None:
        self.editor.save(file)

    def close(self, file: str) -> None:
        self.editor.close(file)

    def changed(self, file: str) -> None:
        self.editor.changed_on_disk(file)

    # --- what is told ---

    def says(self, files: Files) -> None:
        self.look(files, are_all)

    def among(self, files: Files) -> None:
        self.look(files, are_among)

    def without(self, files: Files) -> None:
        self.look(files, are_absent)

    def look(self, files: Files, suits: Callable[[Findings, str, list[types.Diagnostic]], bool]) -> None:
        for file, findings in files.items():
            self.editor.diagnostics(file, partial(suits, findings, self.editor.text(file)), self.since)

    def as_check(self, file: str) -> None:
        expected = told_by_check(self.editor.root, file, self.editor.text(file))
        self.editor.diagnostics(file, lambda found: told_by_server(found) == expected, self.since)

    def hidden(self, words: str) -> None:
        assert words not in repr(self.editor.published)

    # --- what is asked ---

    def hover(self, row: Row) -> None:
        hover(self.editor, TRAINING, row)

    def definition(self, row: Row) -> None:
        definition(self.editor, TRAINING, row)

    def action(self, row: Row) -> None:
        action(self.editor, TRAINING, row)

    def nothing(self, cursor: str) -> None:
        at = place(self.editor.text(TRAINING), cursor)
        assert self.editor.hover(TRAINING, at.start) is None
        assert self.editor.definition(TRAINING, at.start) is None
        assert self.editor.hints(TRAINING, ALL) == []
        assert self.editor.actions(TRAINING, at) == []
