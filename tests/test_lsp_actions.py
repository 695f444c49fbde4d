"""Actions do what the commands do: each safe fix that of `check --fix`, the reference's value that of `migrate`."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from editor import EXAMPLE, Editor, after, applied, editing, text_edits
from lsp_rows import ALL, REFERENCE, TEXT, TRAINING, place
from test_fixes import AFTER, CASES

from confguard.diffing.compare import compare
from confguard.document.document import Document
from confguard.document.fit import Fitted, fitted
from confguard.migrate.planning import Goals, plan
from confguard.migrate.wishes import Wishes
from confguard.schemas.catalogue import CATALOGUE
from confguard.server.actions import Action, actions
from confguard.server.buffers import Buffer, Buffers
from confguard.server.notes import found_in
from confguard.server.spots import spots_of
from confguard.server.texts import Lines, Place, Stretch
from confguard.words.change import Change

WHOLE = Stretch(Place(0, 0), Place(10_000, 0))


def offered(path: Path, text: str, at: Stretch, kind: str) -> list[Action]:
    """What is offered in a file that has a text in the editor, without a server."""
    real = os.path.realpath(path)
    buffers = Buffers({real: Buffer(text, 1)})
    return actions(real, at, found_in(real, buffers, False), buffers, (kind,))


@pytest.mark.parametrize(("good", "bad", "mended"), CASES, ids=lambda value: repr(value)[:30])
def test_every_safe_fix_is_a_preferred_quick_fix(good: str, bad: str, mended: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(AFTER.parent)
    original = (AFTER / "training.yaml").read_text(encoding="utf-8")
    text = original.replace(good, bad)
    (fix,) = [action for action in offered(AFTER / "training.yaml", text, WHOLE, "quickfix") if action.is_preferred]
    assert applied(text, text_edits(fix.edits)) == original.replace(good, mended)


def sides(path: Path) -> tuple[Fitted, Fitted]:
    """The reference's file and another one."""
    shape = CATALOGUE.shape("aflow-training")
    documents = [Document(str(path), path.read_bytes()) for path in (REFERENCE, path)]
    return fitted(documents[0], shape), fitted(documents[1], shape)


def drifted() -> list[Change]:
    theirs, ours = sides(EXAMPLE / TRAINING)
    return [row for row in compare(theirs, ours, CATALOGUE) if row.kind == "changed" and not row.identity and row.key != "lora_rank"]


@pytest.mark.parametrize("row", drifted(), ids=lambda row: row.key)
def test_the_reference_s_value_is_set_as_a_migration_sets_it(row: Change, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(EXAMPLE)
    theirs, ours = sides(EXAMPLE / TRAINING)
    planned = plan([theirs], [ours], Goals("reference", Wishes(only=(row.key,)), CATALOGUE, lambda file: ()), None)
    key = next(spot.key for spot in spots_of(ours.document) if spot.path == row.key)
    (action,) = offered(EXAMPLE / TRAINING, TEXT, Lines(TEXT).stretch(key.start, key.start), "refactor")
    assert applied(TEXT, text_edits(action.edits)) == planned.files[0].after.text


def test_fix_all_is_what_check_fixes(tmp_path: Path) -> None:
    text = TEXT.replace("max_steps: 500", 'max_steps: "500"').replace("save_every", "ѕave_every").replace("\n", "\r\n")
    with editing(tmp_path / "项 目 100%") as editor:
        editor.open(TRAINING, text)  # and never saved
        (action,) = editor.actions(TRAINING, ALL, ["source.fixAll"])
        assert (action.title, action.kind) == ("Make all safe fixes in this file", "source.fixAll.confguard")
        assert after(editor, TRAINING, action) == fixed_by_check(editor, text)
        editor.becomes(TRAINING, after(editor, TRAINING, action))
        assert editor.actions(TRAINING, ALL, ["source.fixAll"]) == []


def fixed_by_check(editor: Editor, text: str) -> str:
    (editor.root / TRAINING).write_bytes(text.encode())
    command = [sys.executable, "-m", "confguard", "check", "--fix", TRAINING]
    done = subprocess.run(command, cwd=editor.root, capture_output=True, check=False)
    assert b"mended 4 findings in 1 file" in done.stderr
    return (editor.root / TRAINING).read_bytes().decode()


def test_edits_for_an_editor_without_versions(tmp_path: Path) -> None:
    with editing(tmp_path / "project", versioned_edits=False) as editor:
        editor.open(TRAINING)
        action = editor.actions(TRAINING, place(TEXT, "▮1e-2"))[0]
        assert action.edit is not None
        assert list(action.edit.changes or {}) == [editor.uri(TRAINING)]
