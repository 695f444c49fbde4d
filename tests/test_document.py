"""Documents: the same data as the real reader, every offset where the text stands, odd texts with a defined answer."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from confguard.document.document import Document, data
from confguard.document.nodes import MAPPING, SCALAR, SEQUENCE, Node

NAMES = st.text("abcdefgh_é中", min_size=1, max_size=6)
LEAVES = (
    st.integers(-1000, 1000)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.booleans()
    | st.none()
    | st.text("ab #:'\"\\-é中\n\t,[]{}", max_size=8)
)
TREES = st.recursive(LEAVES, lambda below: st.lists(below, max_size=4) | st.dictionaries(NAMES, below, max_size=4), max_leaves=12)
ROOTS = st.dictionaries(NAMES, TREES, min_size=1, max_size=5)


def read(text: str) -> Document:
    return Document("test.yaml", text.encode())


def nodes(node: Node) -> list[Node]:
    below = [part for item in node.items for part in (item if isinstance(item, tuple) else (item,))]
    return [node, *(deep for item in below for deep in nodes(item))]


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(ROOTS, st.booleans(), st.sampled_from(["\n", "\r\n"]))
def test_data_is_what_pyyaml_loads(tree: Any, flow: bool, line_end: str) -> None:
    text = yaml.safe_dump(tree, default_flow_style=flow, allow_unicode=True).replace("\n", line_end)
    document = read(text)
    assert document.refused is None
    assert document.root is not None
    assert data(document.root, "1.1") == yaml.safe_load(text)


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(ROOTS, st.booleans())
@example({"中": "é #", "é": [1.5]}, False)
def test_every_scalar_stands_at_its_offsets(tree: Any, flow: bool) -> None:
    """What stands between a scalar's offsets, read alone, is the scalar's value; lines and columns lead to the same place."""
    text = yaml.safe_dump(tree, default_flow_style=flow, allow_unicode=True)
    document = read(text)
    assert document.root is not None
    for node in nodes(document.root):
        if node.kind != SCALAR or "\n" in document.text[node.start : node.end]:
            continue
        assert yaml.safe_load(f"- {document.text[node.start : node.end]}") == [node.value]
        start, end = document.span(node.start, node.end)
        line = document.line(start.line)
        assert line[start.column - 1 : end.column - 1] == document.text[node.start : node.end]


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        ("a: 1\nb: 2\n", 2, 4),
        ("a: 1\r\nb: 2\r\n", 2, 4),
        ("a: 1\rb: 2\r", 2, 4),
        ("\ufeffa: 1\nb: 2\n", 2, 4),
        ("é中: 1\nb: 2\n", 2, 4),
    ],
)
def test_positions_are_those_of_an_editor(text: str, line: int, column: int) -> None:
    document = read(text)
    assert document.root is not None
    value = document.root.items[-1][1]
    assert document.span(value.start, value.end).start[:2] == (line, column)


def test_first_column_is_one_also_after_a_byte_order_mark() -> None:
    document = read("\ufeffa: 1\n")
    assert document.root is not None
    assert document.span(*_offsets(document.root.items[0][0])).start == (1, 1, 0)


def _offsets(node: Node) -> tuple[int, int]:
    return node.start, node.end


def test_merge_keys_are_opened_as_pyyaml_opens_them() -> None:
    text = "one: &a {x: 1, y: 2}\ntwo: &b {y: 3, z: 4}\nboth:\n  <<: [*a, *b]\n  x: 9\nnested: &n\n  <<: *a\nlast:\n  <<: *n\n"
    document = read(text)
    assert document.root is not None
    assert data(document.root, "1.1") == yaml.safe_load(text)


def test_an_alias_stands_where_it_is_written() -> None:
    document = read("a: &x [1, 2]\nb: *x\n")
    assert document.root is not None
    alias = document.root.items[1][1]
    assert document.text[alias.start : alias.end] == "*x"
    assert [item.value for item in alias.resolved().items] == [1, 2]


def test_block_collections_end_with_their_last_value() -> None:
    document = read("a:\n  - 1\n  - 2   # two\n\n\nb:\n  c: 3\n")
    assert document.root is not None
    for _, value in document.root.items:
        assert value.kind in (MAPPING, SEQUENCE)
        assert document.text[value.end - 1] in "23"


@pytest.mark.parametrize(
    ("text", "comments"),
    [
        ("a: 1  # one\n", ["# one"]),
        ("# head\na: '# no' # yes\n", ["# head", "# yes"]),
        ("a: |\n  # text\n  more\nb: 1 # real\n", ["# real"]),
        ("a: b#c\n", []),
        ('a: "x # y"\n# z', ["# z"]),
    ],
)
def test_comments(text: str, comments: list[str]) -> None:
    document = read(text)
    assert [document.text[start:end] for start, end in document.comments()] == comments


def test_override_puts_a_value_where_the_old_one_stood_or_nowhere() -> None:
    document = read("a: 1\nb:\n  c: 2\n")
    document.override("b.c", "[3, 4]")
    document.override("d.e", "yes")
    assert document.root is not None
    assert data(document.root, "1.1") == {"a": 1, "b": {"c": [3, 4]}, "d": {"e": True}}
    assert document.text == "a: 1\nb:\n  c: 2\n"
