"""Whom a run is where root starts it: a user that nobody else is, since root is exempt from limits and owns the machine's files."""

from __future__ import annotations

import itertools
import os
from typing import NamedTuple

_WHOLE = 1 << 31
_FREE = 2_000_000_000
"""Where no distribution and no container manager gives out numbers."""
_RUNS = itertools.count()
_EACH = 16
"""Runs of one process that may be under way at a time before a number comes round again."""
_FEWEST = 1024


class Numbers(NamedTuple):
    """A range of numbers to take from."""

    first: int
    size: int


def numbers(name: str) -> Numbers | None:
    """The numbers that root may become, by `uid_map` or `gid_map`; None where we are not root or there are none to take from."""
    if os.geteuid() != 0:
        return None
    try:
        with open(f"/proc/self/{name}", encoding="ascii") as file:
            ranges = [(int(inside), int(count)) for inside, _, count in map(str.split, file)]
    except (OSError, ValueError):
        return None
    first, count = max(ranges, default=(0, 0))
    if first + count > _WHOLE:
        return Numbers(_FREE, 1 << 26)
    taken = min(count // 2, 1 << 15)  # the upper end: the lower one is for real users
    return Numbers(first + count - taken, taken) if taken >= _FEWEST else None


def of_a_run(uids: Numbers, gids: Numbers) -> tuple[int, int]:
    """User and group for one run, that no other run of this machine has at the time, as far as there are enough of them."""
    run = os.getpid() * _EACH + next(_RUNS) % _EACH
    return uids.first + run % uids.size, gids.first + run % gids.size
