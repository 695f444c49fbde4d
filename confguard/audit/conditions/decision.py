"""What is known of a condition."""

from __future__ import annotations

from typing import NamedTuple

from confguard.audit.config import Config
from confguard.audit.places import Path


class Decision(NamedTuple):
    """Whether a condition holds, None where that is not known; whether the other way is left out; what it makes sure is there."""

    holds: bool | None = None
    is_certain: bool = False
    guards: tuple[tuple[Config, Path], ...] = ()

    def inverted(self) -> Decision:
        """The opposite."""
        return Decision(None if self.holds is None else not self.holds, self.is_certain, self.guards)


OPEN = Decision()


def guards_of(parts: list[Decision]) -> tuple[tuple[Config, Path], ...]:
    """What any of several conditions makes sure of."""
    return tuple(guard for part in parts for guard in part.guards)


def agreed(found: list[Decision]) -> Decision:
    """Where a condition is about several values, what is known of each of them."""
    holds = {one.holds for one in found}
    is_certain = bool(found) and all(one.is_certain for one in found)
    return Decision(holds.pop() if len(holds) == 1 else None, is_certain, guards_of(found))
