"""Places in the data of a config: keys and paths, and what is a section."""

from __future__ import annotations

from typing import Any, NamedTuple

Key = str | int
Path = tuple[Key, ...]


class _Absent:
    """Nothing stands there."""

    def __repr__(self) -> str:
        return "ABSENT"


ABSENT = _Absent()


def holds_keys(data: Any) -> bool:
    """Whether data is a section: what has no keys in it is one value, a list of numbers too."""
    if isinstance(data, dict):
        return bool(data)
    return isinstance(data, list) and any(isinstance(item, (dict, list)) and holds_keys(item) for item in data)


class Site(NamedTuple):
    """A line of the code."""

    file: str
    line: int


NOWHERE = Site("", 1)
