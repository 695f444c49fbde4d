"""Edits of files that nobody means well with: a refusal is all that ever escapes, and large files come to their end."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
from documents import held, operations, texts
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from words import VALUES

from confguard.document.document import Document
from confguard.document.paths import Path
from confguard.edit.change import EditRefused, edited, lost_comments
from confguard.edit.operations import Delete, Insert, InsertItem, Operation, Rename, Set, Source

# --- nothing but a refusal ---

SIGNS = "ab01 :#'\"\\-,[]{}&*!|>?%@~=<.\n\n\n  \r\t中\ufeff\x85"
STRAY = st.lists(st.tuples(st.integers(0, 300), st.integers(0, 3), st.text(SIGNS, max_size=4)), max_size=4)
NOWHERE: st.SearchStrategy[Path] = st.lists(st.integers(-2, 3) | st.sampled_from(["a", "", "1", "<<", "model", "中"]), max_size=3).map(
    tuple
)
NO_VALUES = st.sampled_from(
    [(1,), b"x", {1, 2}, object(), {1: 2}, {None: []}, "\ud800", float("nan"), float("-inf"), 1j, [[[{}]]], {"a": {2: 3}}]
)
LINES = st.text(SIGNS, max_size=20).map(Source) | st.sampled_from(
    [Source("a: *x"), Source("a: &x 1"), Source("- 1\n- 2"), Source("? a"), Source("\t")]
)


@st.composite
def torn(draw: st.DrawFn) -> str:
    """A file in which somebody has typed at random."""
    text = draw(texts())
    for place, length, typed in draw(STRAY):
        text = text[:place] + typed + text[place + length :]
    return text


@st.composite
def nonsense(draw: st.DrawFn, document: Document) -> Operation:
    """An operation that may mean nothing at all."""
    paths = [spot.path for spot in held(document)][:30]
    path = draw(st.sampled_from(paths)) if paths and draw(st.booleans()) else draw(NOWHERE)
    value, name = draw(VALUES | NO_VALUES), draw(st.text(SIGNS, max_size=3))
    beside = st.none() | st.sampled_from(["a", "model", "<<", ""])
    return draw(
        st.sampled_from(
            [
                Set(path, value),
                Insert(path, name, value, draw(beside), draw(beside), draw(st.none() | LINES)),
                InsertItem(path, draw(st.integers(-2, 5)), value, draw(st.none() | LINES)),
                Delete(path),
                Rename(path, name),
            ]
        )
    )


@settings(max_examples=1_000, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
@given(st.data(), torn() | st.text(SIGNS, max_size=40))
def test_a_refusal_is_all_that_escapes(data: st.DataObject, text: str) -> None:
    document = Document("x.yaml", text.encode())
    if document.refused is not None:
        return
    for _ in range(5):
        wanted = (
            data.draw(operations(document)) if data.draw(st.booleans()) else data.draw(st.lists(nonsense(document), min_size=1, max_size=3))
        )
        with suppress(EditRefused):
            lost_comments(document, edited(document, wanted).splices)


def chained(pattern: str, links: int) -> str:
    """Aliases within aliases."""
    return "a0: &a0 {x: 1}\n" + "".join(f"a{link}: &a{link} {pattern % (link - 1)}\n" for link in range(1, links)) + "key: 1\n"


@pytest.mark.parametrize("pattern", ["{x: *a%d}", "[*a%d]"])
@pytest.mark.parametrize("links", [300, 520, 600])
def test_aliases_within_aliases(pattern: str, links: int) -> None:
    document = Document("x.yaml", chained(pattern, links).encode())
    if document.refused is None:
        for operation in (Set(("key",), 2), Delete((f"a{links - 1}",)), Set((f"a{links - 1}",), {"x": 5}), Insert((), "new", 1, "key")):
            with suppress(EditRefused):
                assert edited(document, [operation]).after.refused is None


# --- large files: what takes a time that grows with their square would not come to its end ---


def keys(count: int, indentation: str = "") -> str:
    return "".join(f"{indentation}key_{number}: 1\n" for number in range(count))


def of_key(number: int) -> list[Operation]:
    name = f"key_{number}"
    return [
        Set((name,), 2),
        Set((name,), "a\nb"),
        Insert((), "new", 1, after=name),
        Insert((), "new", 1),
        Delete((name,)),
        Rename((name,), "new"),
    ]


def of_list(length: int) -> list[Operation]:
    half = length // 2
    return [
        *(Set(("key_1", half), 2), InsertItem(("key_1",), half, 2), InsertItem(("key_1",), length, 2), Delete(("key_1", half))),
        *(Set(("key_1",), [1] * half), Set(("key_1",), [2]), Set(("key_1",), [1] * (length - 2) + [2, 3, 4]), Set(("key_1",), [])),
    ]


def big_files() -> Iterator[tuple[str, str, list[Operation]]]:
    """A name, a text and what is done to it, each by itself."""
    yield "5,000 keys", keys(5_000), of_key(4_990)
    yield "20,000 comments", "a: 1\n" + "# c\n" * 20_000 + "key_1: 1\n", of_key(1)
    yield "29,000 blank lines", "a: 1\n" + "\n" * 29_000 + "key_1: 1", of_key(1)
    yield "blank lines below a text", "key_1: |\n x\n" + "\n" * 20_000 + "b: 1\n", of_key(1)
    yield "a text of 20,000 lines", "key_1: |\n" + "  words\n" * 20_000 + "b: 1\n", of_key(1)
    yield "a value of 400,000 characters", f"key_1: {'x' * 400_000}\nb: 1\n", of_key(1)
    yield "a comment of 400,000 characters", f"key_1: 1  # {'x' * 400_000}\nb: 1\n", of_key(1)
    yield "400,000 blanks", f"key_1:{' ' * 200_000}1{' ' * 200_000}\nb: 1\n", of_key(1)
    yield "100,000 quotes", "key_1: '" + "''" * 100_000 + "'\n", of_key(1)
    yield "20,000 items on a line", f"key_1: [{', '.join(['1'] * 20_000)}]\n", of_list(20_000)
    yield "5,000 items in brackets, a line for each", "key_1: [\n" + " 1,  # c\n" * 5_000 + "]\n", of_list(5_000)
    yield "5,000 items", "key_1:\n" + "- 1\n" * 5_000 + "b: 1\n", of_list(5_000)
    yield (
        "a dash far above its item",
        "key_1:\n-\n" + "  # c\n" * 20_000 + "  1\n- 2\n",
        [Set(("key_1", 0), 2), InsertItem(("key_1",), 1, 2), Delete(("key_1", 0))],
    )
    yield (
        "a section of 2,000 keys",
        "a:\n" + keys(2_000, "  ") + "b: 1\n",
        [Set(("a",), {f"key_{number}": 2 for number in range(0, 2_000, 2)})],
    )
    yield "58 levels of keys", "".join(f"{'  ' * level}k:\n" for level in range(58)) + "  " * 58 + "z: 1\n", [Set((*("k",) * 58, "z"), 2)]
    yield "58 levels of dashes", "- " * 58 + "1\n", [Set((0,) * 58, 2), InsertItem((0,) * 57, 1, 2), Delete((0,) * 58)]
    yield "39 levels of brackets", f"a: {'[' * 39}1{']' * 39}\n", [Set(("a", *(0,) * 39), 2), Delete(("a", *(0,) * 39))]
    yield (
        "a thousand laughs",
        chained("[*a%d]", 1) + "b: &b [x, x]\n" + "".join(f"c{n}: &c{n} [{', '.join(['*b'] * 9)}]\n" for n in range(99)),
        [Set(("key",), 2)],
    )


@pytest.mark.parametrize(
    ("name", "text", "wanted"), list(big_files()), ids=lambda part: part if isinstance(part, str) and len(part) < 60 else ""
)
def test_large_files_are_edited(name: str, text: str, wanted: list[Any]) -> None:
    document = Document("x.yaml", text.encode())
    assert document.refused is None
    for operation in wanted:
        found = edited(document, [operation])
        assert found.after.refused is None
        lost_comments(document, found.splices)
