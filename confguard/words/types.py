"""The types of keys, as words: whether a value fits one, what a reader that converts makes of a string, how a type is told.

A type is a name of `ACCEPTS`, `one of a|b`, `enum a|b`, `list[...]` of such, or several of these as in `int | null`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from confguard.words.finding import LOAD, NEVER, START
from confguard.words.typing import Any


def _is_number(value: Any) -> bool:
    return type(value) is float or type(value) is int


def _is_list(accepts: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda value: type(value) is list and all(accepts(item) for item in value)


def _is(kind: type) -> Callable[[Any], bool]:
    return lambda value: type(value) is kind


_CHOICES = ("one of ", "enum ")
"""What a type begins with that is a list of values; those of an enum are held by the constructor itself."""

ACCEPTS: dict[str, Callable[[Any], bool]] = {
    "any": lambda value: True,
    "bool": _is(bool),
    "dict": _is(dict),
    "float": _is_number,
    "int": _is(int),
    "list": _is(list),
    "null": lambda value: value is None,
    "str": _is(str),
    "switch": _is(bool),
    "whole": _is(int),
}
"""Whether a value fits a type. Strict: `True` is no integer, `"2"` and `2.0` are none either; an integer is a number.

A `whole` number and a `switch` are an integer and a boolean that nothing else will do for, not even 2.0 or 0 for a reader that takes
those elsewhere."""

WORDS = {
    "any": "anything",
    "bool": "true or false",
    "dict": "a mapping",
    "float": "a number",
    "int": "an integer",
    "list": "a list",
    "list[any]": "a list",
    "list[dict]": "a list of mappings",
    "list[float]": "a list of numbers",
    "list[int]": "a list of integers",
    "list[list[int]]": "a list of lists of integers",
    "list[str]": "a list of strings",
    "null": "null",
    "str": "a string",
    "str | list[str]": "a string",
    "switch": "true or false",
    "whole": "an integer",
    "section": "a section (a mapping)",
    "each": "a mapping of names to sections",
    "map[float]": "a mapping of names to numbers",
    "map[str]": "a mapping of names to strings",
    "records": "a list of mappings",
}

HUGE = 10**100
"""Far beyond what any library holds, yet three of them can be multiplied; infinity is above it, and NaN is not below."""


TESTS: dict[str, Callable[[Any], bool]] = {}


def test_of(type_: str) -> Callable[[Any], bool]:
    """The test whether a value fits a type; made once for each type."""
    if " | " in type_:
        tests = [TESTS.get(part) or test_of(part) for part in type_.split(" | ")]
        test: Callable[[Any], bool] = lambda value: any(test(value) for test in tests)  # noqa: E731
    elif type_.startswith("list["):
        test = _is_list(test_of(type_[5:-1]))
    elif type_.startswith(_CHOICES):
        choices = tuple(_names(type_))
        test = lambda value: value in choices  # noqa: E731
    elif type_ == "int":
        test = lambda value: type(value) is int and -HUGE < value < HUGE  # noqa: E731
    elif type_ == "float":
        test = lambda value: type(value) in (int, float) and -HUGE < value < HUGE  # noqa: E731
    else:
        test = ACCEPTS.get(type_, lambda value: False)
    TESTS[type_] = test
    return test


def is_endless(value: Any) -> bool:
    """Whether a value is a number that is infinite, not a number, or too large for any library."""
    return type(value) in (int, float) and not -HUGE < value < HUGE


def converted(type_: str, text: str) -> Any:
    """What a reader that converts makes of a string for a key of a type; raises ValueError where it cannot.

    As TRL's parser does, which gives the strings of a file to argparse: `"8"` is 8 for an integer, `"no"` is false for a boolean.

    >>> converted("float | null", "2e-5"), converted("bool", "No"), converted("int | null", "none"), converted("dict | str | null", "{}")
    (2e-05, False, None, '{}')
    """
    parts = type_.split(" | ")
    if text.lower() in ("none", "null") and "null" in parts and all(part in _NUMBERS or part.startswith("enum ") for part in parts):
        return None
    for name, convert in (("bool", _to_bool), ("switch", _to_bool), ("int", int), ("whole", int), ("float", float)):
        if name in parts:
            try:
                return convert(text)
            except ValueError:
                continue
    if TESTS.get(type_, test_of(type_))(text):
        return text
    raise ValueError(text)


_NUMBERS = ("int", "float", "whole", "null")
_BOOLS = {"yes": True, "true": True, "t": True, "y": True, "1": True, "no": False, "false": False, "f": False, "n": False, "0": False}


def _to_bool(text: str) -> bool:
    if text.lower() not in _BOOLS:
        raise ValueError(text)
    return _BOOLS[text.lower()]


def wanted(type_: str) -> str:
    """A type in words: `an integer, or null`."""
    if type_ in WORDS:
        return WORDS[type_]
    parts = [listed_with_or(_names(part)) if part.startswith(_CHOICES) else WORDS.get(part, part) for part in type_.split(" | ")]
    return ", or ".join(parts)


def choices_of(type_: str) -> list[str]:
    """The values that a type lists; none for one that lists none."""
    return next((_names(part) for part in type_.split(" | ") if part.startswith(_CHOICES)), [])


def _names(part: str) -> list[str]:
    return part[part.index(" ", 4) + 1 :].split("|")


def loosely(type_: str, value: Any) -> bool | int | None:
    """What a value stands for to a reader that hands on what it does not convert: 1 for true, 8.0 for 8; None for nothing.

    >>> loosely("bool | null", 1), loosely("int", 8.0), loosely("int", 8.5), loosely("bool", 2)
    (True, 8, None, None)
    """
    parts = type_.split(" | ")
    if "bool" in parts and type(value) in (int, float) and value in (0, 1):
        return bool(value)
    return int(value) if "int" in parts and type(value) is float and value.is_integer() else None


def refused_at(type_: str, value: Any) -> str:
    """When a reader that converts strings, and hands on all else, ends at a value that does not fit."""
    if "enum " in type_:
        return LOAD
    if "one of " in type_:
        return START
    if "list[str]" in type_:  # a string is handed on as it is
        return NEVER
    return LOAD if isinstance(value, str) else NEVER


def listed_with_or(names: Iterable[str]) -> str:
    """`a, b or c`."""
    *most, last = names
    return f"{', '.join(most)} or {last}" if most else last
