"""One row of a diff."""

from __future__ import annotations

from typing import Any, NamedTuple

SAME, DRIFT, NEW, GONE = "same", "drift", "new", "gone"
_KINDS = {SAME: "unchanged", DRIFT: "changed", NEW: "added", GONE: "removed"}


class Row(NamedTuple):
    """One key. `identity`: it names a run or a machine, so a difference is none."""

    file: str
    key: str
    parameter: str | None
    reference: Any
    current: Any
    status: str
    identity: bool

    @property
    def kind(self) -> str:
        """The change in one word: changed, added, removed, unchanged."""
        return _KINDS[self.status]

    @property
    def counts(self) -> bool:
        """Whether the row is a difference that an exit code counts."""
        return self.status != SAME and not self.identity
