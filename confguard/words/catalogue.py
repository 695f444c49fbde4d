"""The catalogue: everything the engine is told about kinds and rules. Made in `confguard.schemas`, handed to the engine."""

from __future__ import annotations

from typing import NamedTuple

from confguard.words.rule import Rule
from confguard.words.shape import Shape


class Catalogue(NamedTuple):
    """The shapes of the known kinds, the rules by code, and the folder that holds the profiles."""

    shapes: tuple[Shape, ...]
    rules: dict[str, Rule]
    profiles: str
    composites: dict[str, tuple[str, ...]]
    """Parameters that a waiver may name as one: `temperature: fixed 0.4` speaks of the schedule too."""

    def shape(self, kind: str) -> Shape | None:
        """The shape of a kind by its name."""
        return next((shape for shape in self.shapes if shape.kind == kind), None)

    def parameter(self, name: str) -> str | None:
        """The canonical parameter that a user means by a name: its own, or a key or a dotted path of some kind."""
        return next((found for shape in self.shapes if (found := shape.parameter(name))), None)
