"""The table of edits, `tests/cases/edits.yaml`: what each operation makes of a text in each style, and what is refused by name."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from confguard.document.document import Document
from confguard.document.paths import Path as KeyPath
from confguard.edit.change import EditRefused, edited, lost_comments
from confguard.edit.operations import Delete, Insert, InsertItem, Operation, Rename, Set, Source

CASES = yaml.safe_load((Path(__file__).parent / "cases" / "edits.yaml").read_text(encoding="utf-8"))


def path(words: Any) -> KeyPath:
    return tuple(int(word) if word.isdecimal() else word.strip("'") for word in str(words).split())


def operation(row: dict[str, Any]) -> Operation:
    lines = Source(row["lines"]) if "lines" in row else None
    if "set" in row:
        where, value = row["set"]
        return Set(path(where), value, row.get("spelled"))
    if "insert" in row:
        where, name, value = row["insert"]
        return Insert(path(where), name, value, row.get("after"), row.get("before"), lines)
    if "insert_item" in row:
        where, place, value = row["insert_item"]
        return InsertItem(path(where), place, value, lines)
    if "rename" in row:
        where, name = row["rename"]
        return Rename(path(where), name)
    return Delete(path(row["delete"]))


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['do']} in {case['before']}"[:90])
def test_edit(case: dict[str, Any]) -> None:
    document = Document("x.yaml", case["before"].encode())
    assert document.refused is None
    wanted = [operation(row) for row in case["do"]]
    if "refused" in case:
        with pytest.raises(EditRefused) as refused:
            edited(document, wanted)
        assert str(refused.value).endswith(case["refused"])
        assert str(refused.value).startswith("x.yaml:")
        return
    made = edited(document, wanted)
    assert made.after.encoded(made.after.text).decode() == case["after"]
    assert lost_comments(document, made.splices) == case.get("lost", [])


def test_there_are_enough() -> None:
    assert len(CASES) >= 150
