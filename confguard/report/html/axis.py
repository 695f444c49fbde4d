"""The numbers of a chart: round ticks, how they are spelled, and where a value lies."""

from __future__ import annotations

import math
from collections.abc import Iterable

from confguard.words.spelling import number
from confguard.words.typing import NamedTuple

LARGEST = 1e300
"""Beyond this the span of two values may be no number."""


class Axis(NamedTuple):
    """A range of values, the round ones among them, and the two ends that they are drawn between."""

    low: float
    high: float
    ticks: list[float]
    start: float
    end: float

    def at(self, value: float) -> float:
        """Where a value is drawn."""
        return round(self.start + (value - self.low) / (self.high - self.low) * (self.end - self.start), 1)

    def spelled(self) -> list[str]:
        """The ticks as confguard spells numbers, with as many digits as tell them apart."""
        step = self.ticks[1] - self.ticks[0] if len(self.ticks) > 1 else 0
        largest = max([abs(tick) for tick in self.ticks], default=0)
        digits = math.ceil(math.log10(largest / step)) + 1 if step and largest else 4
        return [number(tick, min(max(digits, 4), 15)) for tick in self.ticks]


def axis(values: Iterable[float], start: float, end: float, most: int, rounded: bool = False) -> Axis:
    """An axis for values, with at most so many ticks; `rounded` widens it to whole steps, and to zero where that is near."""
    low, high = _range(list(values))
    if rounded and 0 < low < high * 0.6:
        low = 0.0
    step = round_step((high - low) / most)
    first, last = (math.floor(low / step), math.ceil(high / step)) if rounded else (math.ceil(low / step), math.floor(high / step))
    ticks = [float(f"{index * step:.12g}") for index in range(first, last + 1)]
    return Axis(first * step, last * step, ticks, start, end) if rounded else Axis(low, high, ticks, start, end)


def round_step(least: float) -> float:
    """The smallest of 1, 2, 5, 10 and so on that is not below a number.

    >>> round_step(0.3), round_step(7e-6), round_step(100)
    (0.5, 1e-05, 100.0)
    """
    power = math.floor(math.log10(least))
    return next(step for step in [float(f"{factor}e{power}") for factor in (1, 2, 5, 10, 20)] if step >= least * (1 - 1e-9))


def _range(values: list[float]) -> tuple[float, float]:
    """The lowest and the highest value; room around them where they are one."""
    low, high = (min(values), max(values)) if values else (0.0, 0.0)
    if high - low > max(abs(low), abs(high)) * 1e-9 and high - low > 1 / LARGEST:
        return low, high
    if abs(low) < 1 / LARGEST:
        return 0.0, 1.0
    return min(low * 2, 0.0), max(low * 2, 0.0)
