"""Hostile and odd inputs for `diff` and `report`: whatever the file, an answer or one clear error, and nothing raw or secret in it.

The cases are those of `tests/hostile/make.py`, which were made for `check`; each is given to one format and language in turn.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path
from typing import Any

import pytest
from hostile_cases import make, removed

from confguard.checking.setting import BadUsage
from confguard.commands.complain import complain
from confguard.commands.diff import run as diff
from confguard.commands.report import run as report
from confguard.document.source import Unreadable
from confguard.project.project import BadProject

RAW = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
REFERENCE, FILE = "profile:reference", "training.yaml"
WAYS = {
    "text": lambda: diff(REFERENCE, FILE, "text", "zh", show_unchanged=True),
    "json": lambda: diff(FILE, REFERENCE, "json"),
    "markdown": lambda: diff(REFERENCE, ".", "markdown", "zh"),
    "html": lambda: diff(REFERENCE, FILE, "html"),
    "report": lambda: report(REFERENCE, FILE, None, "en", "markdown"),
    "history": lambda: report(REFERENCE, FILE, FILE, "zh", "html"),
}


CASES = [case for case in make.CASES if not case.start]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder that is removed after the test, with whatever is in it."""
    yield tmp_path / "case"
    monkeypatch.undo()
    removed(tmp_path / "case")


@pytest.mark.parametrize(("case", "way"), list(zip(CASES, cycle(WAYS), strict=False)), ids=lambda value: getattr(value, "name", value))
def test_hostile(case: Any, way: str, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    make.write(case, folder)
    monkeypatch.chdir(folder)
    try:
        WAYS[way]()
        said = capsys.readouterr().out
    except (BadUsage, BadProject, Unreadable) as error:
        complain(str(error))
        said = capsys.readouterr().err
        assert len(said) < 2_000
    assert not RAW.search(said)
    assert not case.never or case.never not in said
