"""Hostile and odd inputs for `migrate`, `check --fix` and `check --diff`: an answer or one clear error; nothing raw or secret in it.

The cases are those of `tests/hostile/make.py`, each given to one of the ways in turn. A plan changes no file; what is written keeps every
byte outside of the edits, which is held by the files being as readable as they were, and by a second run that has nothing to do.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path
from typing import Any

import pytest
from hostile_cases import make, removed
from test_diff_hostile import RAW

from confguard.checking.setting import BadUsage, Options
from confguard.commands import fix
from confguard.commands.complain import complain
from confguard.commands.migrate import Asked, run
from confguard.document.source import Unreadable
from confguard.project.project import BadProject

REFERENCE, FILE = "profile:reference", "training.yaml"
WAYS = {
    "plan": lambda: run(Asked(FILE, REFERENCE)),
    "plan of a folder": lambda: run(Asked(".", REFERENCE, unsafe=True, scale_warmup=True)),
    "to a hostile reference": lambda: run(Asked(REFERENCE, FILE, format="json")),
    "diff": lambda: fix.run_diff([FILE], Options(), unsafe=True),
    "write": lambda: run(Asked(FILE, REFERENCE, write=True, unsafe=True)),
    "fix": lambda: fix.run([FILE], Options(), unsafe=True, format="text", fail_on="info", show_files=True),
}
WRITES = ("write", "fix")
EDITS = ("plan", "plan of a folder", "write")
"""Ways that tell what is found in the edited file, of which all may be true that never is of the case; but for its secret."""
CASES = [case for case in make.CASES if not case.start]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder that is removed after the test, with whatever is in it."""
    yield tmp_path / "case"
    monkeypatch.undo()
    removed(tmp_path / "case")


def answer(way: str, capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    """The exit code of a way, and what it prints."""
    try:
        code = WAYS[way]()
    except (BadUsage, BadProject, Unreadable) as error:
        complain(str(error))
        said = capsys.readouterr().err
        assert len(said) < 2_000
        return 2, said
    return code, "".join(capsys.readouterr())


def state(folder: Path) -> dict[str, tuple[int, bytes]]:
    """The mode and the bytes of each regular file."""
    found = {}
    for entry in os.scandir(folder):
        if entry.is_file(follow_symlinks=False) and os.access(entry.path, os.R_OK):
            found[entry.name] = (entry.stat().st_mode, Path(entry.path).read_bytes())
    return found


@pytest.mark.parametrize(("case", "way"), list(zip(CASES, cycle(WAYS), strict=False)), ids=lambda value: getattr(value, "name", value))
def test_hostile(case: Any, way: str, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    make.write(case, folder)
    monkeypatch.chdir(folder)
    before = state(folder)
    code, said = answer(way, capsys)
    assert code in (0, 1, 2)
    assert not RAW.search(said)
    assert not case.never or case.never not in said or (way in EDITS and not case.never.startswith("sk-"))
    if way not in WRITES or code == 2:
        assert state(folder) == before
        return
    assert not [name for name in os.listdir(".") if name.startswith(".confguard-")]
    now = state(folder)
    assert {name: mode for name, (mode, _) in now.items()} == {name: mode for name, (mode, _) in before.items()}
    answer(way, capsys)
    assert state(folder) == now
