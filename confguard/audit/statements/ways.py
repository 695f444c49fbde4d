"""Where the ways through the code meet."""

from __future__ import annotations

from confguard.audit.machine import Frame
from confguard.audit.values import Values, join

Names = dict[str, Values]


def merged(first: Names, second: Names) -> Names:
    """The names where two ways meet."""
    if first is second:
        return first
    both = dict(first)
    for name, values in second.items():
        old = both.get(name)
        both[name] = values if old is None or old == values else join(old, values)
    return both


def meet(frame: Frame, ends: list[Names]) -> None:
    """Go on with the names of all ways that end here; where none does, with those in force."""
    if ends:
        frame.scope.names = ends[0]
        for names in ends[1:]:
            frame.scope.names = merged(frame.scope.names, names)
