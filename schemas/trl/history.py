"""What is known of a command's keys over the releases, for one target.

Each part is imported when it is asked for: a misspelt key asks for the lifetimes of others alone, and the tables of migrations are long.
"""

from __future__ import annotations

from collections.abc import Iterable

from confguard.schemas.trl.commands import Command
from confguard.words.language import Said
from confguard.words.recipe import Recipe
from confguard.words.shape import Drift, History, Shape
from confguard.words.target import Target
from confguard.words.typing import Any
from confguard.words.upgrade import Step


def history_of(command: Command, shape: Shape) -> History:
    """The history of a shape."""
    target = shape.target or Target()

    def moved(parameter: str, other: Shape) -> Said | None:
        from confguard.schemas.trl.drift import moved

        return moved(command, parameter, other, shape)

    def drift(theirs: Recipe, ours: Recipe, other: Shape) -> Iterable[Drift]:
        from confguard.schemas.trl.drift import drift

        return drift(command, theirs, ours, other, shape)

    def steps(config: dict[str, Any], old: Target, oldest: Target) -> Iterable[Step]:
        from confguard.schemas.trl.upgrade import Way, steps

        return steps(command, config, Way(oldest, old, target))

    def fitting(keys: set[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
        from confguard.schemas.trl.upgrade import fitting

        return fitting(command, keys)

    def of_its_time(trl: str) -> Target:
        from confguard.schemas.trl.upgrade import target_of_time

        return target_of_time(trl)

    return History(moved, drift, steps, fitting, of_its_time)
