"""What a report tells beside its tables: effects of a change, the points of a checklist, what to do next.

All of it is knowledge of the field, so it is declared in `confguard.schemas` and handed to the report, as rules are to a check. Each
function gives a sentence that is arithmetic on the two recipes or has a source, or None where it has nothing true to say.
"""

from __future__ import annotations

from collections.abc import Callable

from confguard.words.language import Said, same
from confguard.words.recipe import Recipe
from confguard.words.typing import NamedTuple

Tell = Callable[[Recipe, Recipe], Said | None]


class Effect(NamedTuple):
    """What follows when parameters go from one recipe's values to another's. The first of `parameters` is what it is told under."""

    group: str
    parameters: tuple[str, ...]
    source: Said
    tell: Tell


class Point(NamedTuple):
    """One point of the checklist: the rules that decide it (by code or its beginning), and the figures that it rests on."""

    title: Said
    codes: tuple[str, ...]
    figures: Callable[[Recipe, Recipe | None], Said | None] | None = None
    """Figures of a recipe, and of its reference; a point without figures to give has nothing to do with that kind of file."""
    depth: int = 0
    strict: bool = False
    """Whether what is only worth knowing speaks against it, too."""


class Step(NamedTuple):
    """Something to watch or to do once the run is started."""

    title: Said
    tell: Callable[[Recipe], Said | None]


class Story(NamedTuple):
    """Everything that a report knows beyond the comparison."""

    groups: dict[str, Said]
    effects: tuple[Effect, ...]
    checklist: tuple[Point, ...]
    steps: tuple[Step, ...]
    headline: tuple[str, ...]
    """Parameters that every report compares with the reference, the same or not."""
    targets: tuple[str, ...]
    """Parameters that stand among the derived values even where they stayed the same: what a run's size is made of."""
    shares: frozenset[str]
    """Parameters whose numbers are shares of a whole, shown in percent."""
    figures: dict[str, Callable[[Recipe], Said | None]]
    """What is worth saying beside the value of a parameter that stayed the same."""
    meanings: dict[str, Said]
    rules: dict[str, Said]
    """What each rule says, in a sentence."""
    norms: Callable[[str, Recipe], Said | None]
    """What published configs use for a parameter, in a sentence with its source."""


def effect(group: str, parameters: tuple[str, ...], source: str | Said) -> Callable[[Tell], Effect]:
    """Make the function below an `Effect`. A source that is a citation reads the same in both languages."""
    return lambda tell: Effect(group, parameters, same(source) if isinstance(source, str) else source, tell)
