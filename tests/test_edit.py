"""The edit room: values spelled so that every reader gives them back, splices, and the proof that nothing else has changed."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML
from words import VALUES, WORDS

from confguard.document.document import Document
from confguard.edit.spell import as_toml, as_yaml, quoted
from confguard.edit.splice import EditRefused, Splice, prove, spliced
from confguard.project.toml import tomllib

# --- spelling ---


@given(VALUES)
def test_every_reader_gives_a_value_back(value: Any) -> None:
    text = f"a: {as_yaml(value)}\nb: [{as_yaml(value)}, {{c: {as_yaml(value)}}}]\n"
    wanted = {"a": value, "b": [value, {"c": value}]}
    prove(Document("x", b""), text, lambda found: wanted)
    assert yaml.safe_load(text) == wanted
    assert YAML(typ="safe", pure=True).load(text) == wanted


@given(
    st.dictionaries(
        st.text(st.characters(codec="utf-8"), min_size=1, max_size=5), st.integers(-(2**60), 2**60) | st.booleans() | WORDS, min_size=1
    )
)
def test_toml_gives_a_value_back(entry: dict[str, Any]) -> None:
    assert tomllib.loads(f"x = {as_toml(entry)}") == {"x": entry}


@given(WORDS)
def test_quoted_is_one_line_that_can_be_shown(text: str) -> None:
    assert all(char.isprintable() or char == "\u3000" for char in quoted(text))


# --- splices ---


def test_splices_may_touch_but_not_overlap() -> None:
    assert spliced("abcd", [Splice(2, 3, "C"), Splice(1, 2, "B"), Splice(2, 2, "-")]) == "aB-Cd"
    with pytest.raises(EditRefused, match="two edits"):
        spliced("abcd", [Splice(0, 2, ""), Splice(1, 3, "")])


@pytest.mark.parametrize(
    ("before", "after", "why"),
    [
        ("a: 1\n", "a: [\n", "could not be read any more"),
        ("a: 1\n", "a: 1\na: 1\n", "a key would be there twice"),
        ("a: 1\nb: 2\n", "b: 2\na: 1\n", "a YAML 1.1 reader would find something else"),
        ("a: 1\n", "a: 1.0\n", "a YAML 1.1 reader would find something else"),
        ("a: 1\n", "a: true\n", "a YAML 1.1 reader would find something else"),
        ("a: 2.0e-5\n", "a: 2e-5\n", "a YAML 1.1 reader would find something else"),
        ("a: 'yes'\nb: 1", "a: yes\nb: 1", "a YAML 1.1 reader would find something else"),
        ("a: 2e-5\n", "a: '2e-5'\n", "a YAML 1.2 reader would find something else"),
        ("a: 1\n", "'a': 1\n", None),
        ("a: 1\n", "# new\na: 1\n", None),
        ("1: x\n", "'1': x\n", "ruamel.yaml would find something else"),
    ],
)
def test_prove_finds_what_changed(before: str, after: str, why: str | None) -> None:
    document = Document("x.yaml", before.encode())
    if why is None:
        assert prove(document, after, lambda found: found).text == after
    else:
        with pytest.raises(EditRefused, match=why):
            prove(document, after, lambda found: found)
