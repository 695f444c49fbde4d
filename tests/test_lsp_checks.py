"""When open files are checked, and what is told: the table of cases/lsp/checks.yaml, with a check that only says what it was asked."""

from __future__ import annotations

import asyncio
from itertools import count

import pytest
from lsp_rows import Row, about, rows

from confguard.server import checks as checking
from confguard.server.buffers import Buffer, Buffers
from confguard.server.checks import Checks
from confguard.server.notes import Found, Note
from confguard.server.texts import Place, Stretch

NOWHERE = Stretch(Place(0, 0), Place(0, 0))


class Desk:
    """What a row lets happen to `Checks`, and what comes of it."""

    def __init__(self, row: Row) -> None:
        self.meanwhile: dict[int, str] = row.get("meanwhile", {})
        self.reads: dict[str, list[str]] = row.get("reads", {})
        self.names_code: bool = row.get("code", False)
        self.asked: list[str] = []
        self.told: list[str] = []
        self.failures: list[str] = []
        self.versions = count()
        self.loop = asyncio.get_running_loop()
        self.checks = Checks(self.tell, lambda error: self.failures.append(str(error)))

    async def happens(self, event: str) -> None:
        what, *about = event.split()
        if what == "rest":
            await self.rest()
        elif what == "save":
            self.checks.changed_on_disk()
        else:
            file, text = about
            {"open": self.checks.opened, "type": self.checks.edited}[what](file, Buffer(text, next(self.versions)))

    async def rest(self) -> None:
        while self.checks.timer is not None or self.checks.busy or self.checks.asking:
            await asyncio.sleep(0.01)

    def found_in(self, path: str, buffers: Buffers, with_code: bool) -> Found:
        """Called on a thread of its own, as the real one is."""
        text = buffers.open_files[path].text
        self.asked.append(f"{path} {text}{' by code' if with_code else ''}")
        event = self.meanwhile.get(len(self.asked))
        if event is not None:
            asyncio.run_coroutine_threadsafe(self.happens(event), self.loop).result()
        if text == "bug":
            raise ValueError("a bug in a check")
        return Found((Note(path, NOWHERE, "error", "X", text),), (), frozenset({path, *self.reads.get(path, ())}), self.names_code)

    def tell(self, path: str, version: int | None, notes: list[Note]) -> None:
        (note,) = notes
        if note.message == "mute":
            raise ValueError("a bug in telling")
        assert version == self.checks.open_files[path].version
        self.told.append(f"{path} {note.message}")


@pytest.mark.parametrize("row", rows("checks"), ids=about)
def test_when_files_are_checked(row: Row, monkeypatch: pytest.MonkeyPatch) -> None:
    async def day() -> Desk:
        desk = Desk(row)
        monkeypatch.setattr(checking, "found_in", desk.found_in)
        for event in row["events"]:
            await desk.happens(event)
        await desk.rest()
        desk.checks.stop()
        return desk

    desk = asyncio.run(day())
    assert desk.asked == row["asked"]
    assert desk.told == row["told"]
    assert desk.failures == row.get("failures", [])
