"""A waiver: a deviation that someone wants, for one value and until a date."""

from __future__ import annotations

import datetime

from confguard.words.catalogue import FIXED, Catalogue
from confguard.words.finding import Waived
from confguard.words.language import Said, same
from confguard.words.recipe import Recipe
from confguard.words.spelling import number, show
from confguard.words.typing import Any, NamedTuple


class Waiver(NamedTuple):
    """One entry of the project file's `waivers`. `entry` tells where in that file its parts stand."""

    parameter: str
    value: Any
    reason: str
    by: str | None
    expires: datetime.date | None
    line: int
    entry: Recipe

    def covers(self, catalogue: Catalogue) -> tuple[str, ...]:
        """The canonical parameters it speaks of, the one it is named after first; `fixed 0.4` speaks of the schedule too."""
        parameter = catalogue.parameter(self.parameter) or self.parameter
        if isinstance(self.value, str) and parameter in catalogue.composites and self.value.startswith(FIXED):
            return (parameter, *catalogue.composites[parameter].members)
        return (parameter,)

    def owners(self, recipe: Recipe, catalogue: Catalogue) -> list[Recipe]:
        """The recipe, or those of its entries, that hold what it speaks of. A dotted path means the one entry that has that path."""
        parameter = self.covers(catalogue)[0]
        owners = [owner for owner in (recipe, *recipe.entries.values()) if parameter in owner.names]
        named = [owner for owner in owners if owner.name(parameter) == self.parameter]
        return named if "." in self.parameter else owners

    def waived(self) -> Waived:
        """What is said of something that it waives."""
        return Waived(self.reason, self.by, str(self.expires) if self.expires else "never")

    def lapse(self, recipe: Recipe, catalogue: Catalogue, today: datetime.date) -> Said | None:
        """Why it no longer holds for a recipe: its date has passed, or the value is another one; None while it holds."""
        parameter, *others = self.covers(catalogue)
        if not others:
            return self.lapse_of(recipe.get(parameter), catalogue, today)
        composite = catalogue.composites[parameter]
        agrees = composite.waivable(recipe) == _normal(self.value)
        return self._expired(today) or (None if agrees else self._other_value(composite.says(recipe)))

    def lapse_of(self, value: Any, catalogue: Catalogue, today: datetime.date) -> Said | None:
        """Why it no longer holds for a value of the parameter that it names."""
        parameter = self.covers(catalogue)[0]
        agrees = catalogue.means(parameter, value) == catalogue.means(parameter, self.value)
        return self._expired(today) or (None if agrees else self._other_value(same(show(value))))

    def _expired(self, today: datetime.date) -> Said | None:
        if self.expires is None or self.expires >= today:
            return None
        return Said(f"the waiver for `{self.parameter}` expired on {self.expires}", f"`{self.parameter}` 的豁免已于 {self.expires} 到期")

    def _other_value(self, now: Said) -> Said:
        wanted = show(self.value)
        return Said(
            f"the waiver for `{self.parameter}` was for {wanted}; the file says {now.en}, so it has lapsed",
            f"`{self.parameter}` 的豁免针对 {wanted}；文件中是 {now.zh}，豁免失效",
        )


def _normal(value: str) -> str:
    """`fixed 0.40` as `fixed 0.4`."""
    try:
        return FIXED + number(float(value.removeprefix(FIXED)), 15)
    except ValueError:
        return value
