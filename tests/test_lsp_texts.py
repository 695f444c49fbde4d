"""Texts as an editor changes them: places in UTF-16, any edits of any text, and texts that no config is."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from editor import Editor, applied, editing, position, text_edits
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lsp_rows import ALL, TEXT, TRAINING, Row, about, at, rows, text_of, told_by_check, told_by_server
from lsprotocol import types

from confguard.server.texts import Edit, Lines, Place, Stretch, changed, edits_between

SNIPPETS = ["a", "max_steps: 5", "\n", "\r\n", "\r", "  ", "😀", "显存", "\u2028", "\x85", "\x0c", ": ", "- ", '"', "'", "#", "{", "]"]
SNIPPETS += ["&a", "1e-2", "\t", "lora_alpha: 0"]
TEXTS = st.lists(st.sampled_from(SNIPPETS), max_size=12)
Sent = tuple[types.Range | None, str]


@pytest.fixture(scope="module")
def editor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Editor]:
    with editing(tmp_path_factory.mktemp("texts") / "project") as editor:
        editor.open(TRAINING)
        yield editor


# --- places and edits ---


@pytest.mark.parametrize("row", rows("places"), ids=about)
def test_places_that_are_none(row: Row) -> None:
    assert Lines(row["text"]).offset(Place(*row["place"])) == row["offset"]


@pytest.mark.parametrize("row", rows("edits"), ids=about)
def test_edits_are_of_whole_words(row: Row) -> None:
    expected = [Edit(Stretch(Place(*places[:2]), Place(*places[2:])), text) for *places, text in row["edits"]]
    assert edits_between(row["before"], row["after"]) == expected


@settings(max_examples=300, deadline=None)
@given(TEXTS, TEXTS, st.integers(0, 12))
def test_the_edits_between_two_texts_make_one_of_the_other(one: list[str], other: list[str], shared: int) -> None:
    before, text = "".join(one), "".join(one[:shared] + other + one[shared:])
    assert applied(before, text_edits(edits_between(before, text))) == text


@st.composite
def changes_of(draw: st.DrawFn, text: str, most: int) -> tuple[list[Sent], str]:
    """Changes of a text as an editor sends them, and the text that the editor then has."""
    changes: list[Sent] = []
    for _ in range(draw(st.integers(1, most))):
        new = "".join(draw(st.lists(st.sampled_from(SNIPPETS), max_size=4)))
        if draw(st.integers(0, 9)) == 0:
            text = text[: draw(st.integers(0, len(text)))] + new
            changes.append((None, text))
            continue
        start, end = sorted(outside_line_ends(text, draw(st.integers(0, len(text)))) for _ in range(2))
        end = min(end, outside_line_ends(text, start + 40))
        changes.append((at(text, start, end), new))
        text = text[:start] + new + text[end:]
    return changes, text


def outside_line_ends(text: str, offset: int) -> int:
    """An offset that an editor can name: not between the two characters of a line end."""
    offset = min(offset, len(text))
    return offset - 1 if text[offset - 1 : offset + 1] == "\r\n" else offset


def stretch(found: types.Range) -> Stretch:
    return Stretch(Place(found.start.line, found.start.character), Place(found.end.line, found.end.character))


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_any_edits_leave_the_server_with_the_editor_s_text(data: st.DataObject) -> None:
    before = "".join(data.draw(st.lists(st.sampled_from(SNIPPETS), max_size=30)))
    changes, text = data.draw(changes_of(before, 6))
    assert changed(before, [(stretch(found) if found is not None else None, new) for found, new in changes]) == text
    lines = Lines(text)
    for offset in {outside_line_ends(text, offset) for offset in range(len(text) + 1)}:
        place = position(text, offset)
        assert lines.place(offset) == (place.line, place.character)
        assert lines.offset(Place(place.line, place.character)) == offset


# --- what is found in them ---


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_any_edits_leave_the_diagnostics_of_check_on_the_text(editor: Editor, data: st.DataObject) -> None:
    text = TEXT
    editor.becomes(TRAINING, text)
    for _ in range(data.draw(st.integers(1, 3))):
        changes, text = data.draw(changes_of(text, 3))
        editor.change(TRAINING, changes)
    assert told_by_server(editor.diagnostics(TRAINING)) == told_by_check(editor.root, TRAINING, text)


@pytest.mark.parametrize("length", range(0, len(TEXT), 97))
def test_half_a_file_is_checked_as_far_as_it_goes(editor: Editor, length: int) -> None:
    text = TEXT[:length]
    editor.becomes(TRAINING, text)
    assert told_by_server(editor.diagnostics(TRAINING)) == told_by_check(editor.root, TRAINING, text)
    editor.actions(TRAINING, ALL)
    editor.hover(TRAINING, position(text, max(length - 3, 0)))


@pytest.mark.parametrize("row", rows("hostile"), ids=about)
def test_hostile_text_does_no_harm(editor: Editor, row: Row) -> None:
    text = text_of(row)
    editor.becomes(TRAINING, text)
    assert row["code"] in [item.code for item in editor.diagnostics(TRAINING)]
    editor.hover(TRAINING, types.Position(1, 2))
    editor.actions(TRAINING, ALL)
    editor.becomes(TRAINING, TEXT)
    assert told_by_server(editor.diagnostics(TRAINING)) == told_by_check(editor.root, TRAINING, TEXT)
