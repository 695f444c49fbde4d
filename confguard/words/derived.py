"""Derived values: what follows from several parameters together, such as the samples of a whole run.

A derived value is declared as a rule is: an ordinary function whose parameters name what it needs. `reference` is the recipe it is
compared with. It returns a number or a text, a `Worked` value, an `Unknown`, a mapping of names to values (a row each), or None where
it has no meaning for this recipe.
"""

from __future__ import annotations

from collections.abc import Callable

from confguard.words.language import Said
from confguard.words.recipe import Recipe
from confguard.words.typing import Any, NamedTuple

Points = list[tuple[float, float]]


class Derived(NamedTuple):
    """One derived value: its name, what it is called, its unit, where its formula is from, and what it needs."""

    name: str
    title: Said
    unit: Said
    source: str
    inputs: tuple[str, ...]
    optional: frozenset[str]
    """Those of them that may be absent, in which case the function gets None."""
    function: Callable[..., Any]


class Curve(NamedTuple):
    """Something that changes over a run: the points (step, value) between which it is straight, or None where it is not known."""

    name: str
    title: Said
    points: Callable[[Recipe], Points | None]


def derived(title: Said, unit: Said, source: str) -> Callable[[Callable[..., Any]], Derived]:
    """Make the function below a `Derived` of its name."""

    def declare(function: Callable[..., Any]) -> Derived:
        code = function.__code__
        inputs = code.co_varnames[: code.co_argcount]
        optional = frozenset(inputs[len(inputs) - len(function.__defaults__ or ()) :])
        return Derived(function.__name__, title, unit, source, inputs, optional, function)

    return declare
