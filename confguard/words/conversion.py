"""A conversion: what a file of one kind comes to as a file of another kind, and what has no place there."""

from __future__ import annotations

from collections.abc import Callable

from confguard.words.language import Said
from confguard.words.recipe import Recipe
from confguard.words.typing import Any, NamedTuple


class Left(NamedTuple):
    """A parameter that the other kind has no key for, and what takes its place."""

    parameter: str
    instead: Said


class Converted(NamedTuple):
    """The keys of the other kind with their values, in order, and what is left."""

    keys: dict[str, Any]
    left: list[Left]


class Conversion(NamedTuple):
    """How files of one kind become files of another."""

    source: str
    """The name of the kind that is converted."""
    target: str
    """The name of the kind that it becomes."""
    convert: Callable[[Recipe], Converted]
