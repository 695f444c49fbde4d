"""What is known of the keys of a kind over the releases of its libraries."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from confguard.words.language import Said
from confguard.words.recipe import Recipe
from confguard.words.shape import Shape
from confguard.words.target import Target
from confguard.words.typing import Any, NamedTuple
from confguard.words.upgrade import Step


class History(NamedTuple):
    """What is known of a kind's keys over the releases."""

    moved: Callable[[str, Shape], Said | None]
    """At which release the default of a parameter moved since another target of the same kind."""
    drift: Callable[[Recipe, Recipe, Shape], Iterable[Drift]]
    """What differs by the releases alone between a recipe of another target of the same kind, and one of this one."""
    steps: Callable[[dict[str, Any], Target, Target], Iterable[Step]]
    """What has to become of the data of a file of another target to serve this one; and of the oldest target that it may be of."""
    fitting: Callable[[set[str]], tuple[tuple[str, ...], tuple[str, ...]]]
    """The releases that have the most of some keys, oldest first, and the keys that they lack."""
    of_its_time: Callable[[str], Target]
    """The target of a release, with the other libraries as they were when it came out."""


class Drift(NamedTuple):
    """A parameter that nobody wrote and that two releases have other values for; None where a release has none."""

    parameter: str
    reference: Any
    current: Any
    note: Said | None
