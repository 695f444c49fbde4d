"""The bounds of numbers, asked of the rules: a bound stands where every value beyond it breaks an error rule, whatever else a file says.

A rule is an ordinary function, so it can be asked. Each number is tried at a row of values: alone, beside switches that are all on or all
off, beside other numbers that are all low or all high, and beside each choice that other keys have. So a rule that speaks only in some
company gives no bound. A kind that has conditions, such as `use_lora: false`, is asked under each of them apart.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

from confguard.schemas.json_types import NUMBERS
from confguard.schemas.rules.values import allowed_at
from confguard.words.finding import ERROR
from confguard.words.recipe import Recipe
from confguard.words.rule import Rule, judge
from confguard.words.shape import Key, Shape
from confguard.words.types import choices_of
from confguard.words.typing import Any, NamedTuple

Limits = dict[str, float]
"""Keywords of JSON Schema with their numbers: `{"minimum": 1}`."""
Condition = tuple[str, Any]
"""A parameter and its value, as in `Key.needed`."""

_NEAR = 0.001
_WHOLE = (-1000, -3, -2, -1, 0, 1, 2, 3, 1000)
_BROKEN = (-1000, *sorted([*range(-1, 3), *(whole + by for whole in range(-1, 3) for by in (-_NEAR, _NEAR))]), 1000)


class Bounds(NamedTuple):
    """The limits of parameters: that hold always, and those that hold only while a condition is met, or is not."""

    always: dict[str, Limits]
    sometimes: dict[tuple[Condition, bool], dict[str, Limits]]

    def of(self, parameter: str) -> Limits:
        """The limits of a parameter wherever it is read at all."""
        return self.always.get(parameter) or next((held[parameter] for held in self.sometimes.values() if parameter in held), {})


def bounds_of(shape: Shape, rules: dict[str, Rule]) -> Bounds:
    """What the rules of a kind hold of its numbers."""
    conditions = conditions_of(shape.fields)
    companies = list(_companies(shape, conditions))
    bounds = Bounds({}, {(condition, is_met): {} for condition in conditions for is_met in (True, False)})
    errors = [rule for rule in rules.values() if rule.severity == ERROR and rule.is_judged and shape.kind in (rule.kinds or (shape.kind,))]
    for key in _numbers(shape.fields):
        parameter = str(key.parameter)
        about = [rule for rule in errors if parameter in (*rule.inputs, *rule.optional, *rule.about)]
        asked = _Asked(shape, parameter, _BROKEN if "float" in key.type.split(" | ") else _WHOLE, about)
        if limits := asked.limits(companies):
            bounds.always[parameter] = limits
            continue
        for (name, value), is_met in bounds.sometimes:
            if limits := asked.limits([company for company in companies if (company[name] == value) == is_met]):
                bounds.sometimes[(name, value), is_met][parameter] = limits
    return bounds


def conditions_of(fields: dict[str, Key]) -> list[Condition]:
    """The conditions under which keys need not be there, each once."""
    found = [key.needed for key in fields.values() if isinstance(key.needed, tuple)]
    below = [condition for key in fields.values() for condition in conditions_of(key.fields or {})]
    return list(dict.fromkeys([*found, *below]))


def interval(limits: Limits) -> str:
    """Limits as an interval; empty for none.

    >>> interval({"exclusiveMinimum": 0, "maximum": 1}), interval({"minimum": -1}), interval({})
    ('(0, 1]', '[-1, inf)', '')
    """
    low = f"[{limits['minimum']}" if "minimum" in limits else f"({limits.get('exclusiveMinimum', '-inf')}"
    high = f"{limits['maximum']}]" if "maximum" in limits else f"{limits.get('exclusiveMaximum', 'inf')})"
    return f"{low}, {high}" if limits else ""


def _numbers(fields: dict[str, Key]) -> Iterator[Key]:
    for key in fields.values():
        if key.fields:
            yield from _numbers(key.fields)
        elif key.parameter and not set(key.type.split(" | ")).isdisjoint(NUMBERS):
            yield key


def _keys(fields: dict[str, Key]) -> Iterator[Key]:
    for key in fields.values():
        yield key
        yield from _keys(key.fields or {})


def _companies(shape: Shape, conditions: list[Condition]) -> Iterator[dict[str, Any]]:
    """What else a file may say, each with every condition met or not."""
    others = list(_others(shape))
    for states in product((True, False), repeat=len(conditions)):
        said: dict[str, Any] = {name: value if is_met else not value for (name, value), is_met in zip(conditions, states, strict=True)}
        for other in others:
            yield {**other, **said}


def _others(shape: Shape) -> Iterator[dict[str, Any]]:
    """Nothing, every switch on or off, every number low or high, every choice."""
    keys = [key for key in _keys(shape.fields) if key.parameter]
    switches = [key.parameter for key in keys if key.type.split(" | ")[0] in ("bool", "switch")]
    yield {}
    yield dict.fromkeys(filter(None, switches), True)
    yield dict.fromkeys(filter(None, switches), False)
    for extreme in (_WHOLE[0], _WHOLE[-1]):
        yield dict.fromkeys((str(key.parameter) for key in _numbers(shape.fields)), extreme)
    choices = {key.parameter: found for key in keys if key.parameter and (found := choices_of(key.type))}
    if shape.target is not None:
        choices |= {name: list(row.values) for name, row in allowed_at(shape.kind, shape.target).items()}
    for index in range(max(map(len, choices.values()), default=0)):
        yield {parameter: found[index % len(found)] for parameter, found in choices.items()}


class _Asked:
    """A parameter at each of the values that are tried, and the rules that are about it."""

    def __init__(self, shape: Shape, parameter: str, tried: tuple[float, ...], rules: list[Rule]) -> None:
        self.shape = shape
        self.parameter = parameter
        self.tried = tried
        self.rules = rules
        self.defaults = {key.parameter: key.default for key in _keys(shape.fields) if key.parameter and key.default is not None}
        self.context = {"secrets": [], **({"target": shape.target} if shape.target else {})}

    def limits(self, companies: list[dict[str, Any]]) -> Limits:
        """The bounds beyond which a value is wrong in every company; none where they lie between the values that are tried."""
        wrong = set(self.tried) if self.rules else set()
        for company in companies:
            wrong = {value for value in wrong if self.is_wrong(value, company)}
            if not wrong:
                return {}
        right = [value for value in self.tried if value not in wrong]
        if not right:
            return {}
        below = [value for value in self.tried if value < right[0]]
        above = [value for value in self.tried if value > right[-1]]
        low = _end("Minimum", below[-1], right[0]) if below else {}
        high = _end("Maximum", above[0], right[-1]) if above else {}
        return {**low, **high}

    def is_wrong(self, value: float, company: dict[str, Any]) -> bool:
        """Whether the value breaks a rule in some company, and does so by itself: without the defaults that the kind has for all else."""
        return self.breaks(value, company, self.defaults) and self.breaks(value, company, {})

    def breaks(self, value: float, company: dict[str, Any], defaults: dict[str, Any]) -> bool:
        recipe = Recipe(self.shape.kind, self.shape.names)
        recipe.defaults.update(defaults)
        recipe.values.update({**company, self.parameter: value})
        return any(True for _ in judge(recipe, self.rules, self.context))


def _end(word: str, wrong: float, right: float) -> Limits:
    """One end: where the wrong value and the right one are neighbours."""
    if abs(wrong - right) > (1 if isinstance(right, int) else 1.5 * _NEAR):
        return {}
    return {word.lower(): int(right)} if float(right).is_integer() else {f"exclusive{word}": int(wrong)}
