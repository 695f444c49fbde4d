"""A shape: the keys a kind of file may hold, as plain data; and what is said of a key or a value that does not fit.

Shapes are generated from the Pydantic models (`confguard.schemas`). Checking a file walks the shape, using a model runs
Pydantic; both say what they found in the words of this module, so they cannot drift apart in code, message or help.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from confguard.words.recipe import Place
from confguard.words.secret import names_a_secret
from confguard.words.spelling import describe, nearest, plain_number, show

Needed = bool | tuple[str, Any]


class Key(NamedTuple):
    """One key of a shape.

    `type` is a name of `ACCEPTS`, `one of a|b`, `map[...]` for a mapping of free names, `section` for a fixed mapping, `each` for a
    mapping of named sections, or `records` for a list of sections.
    `needed` may be `(parameter, value)`: needed unless that parameter has that value.
    """

    type: str
    parameter: str | None = None
    needed: Any = False
    fields: dict[str, Key] | None = None
    default: Any = None


class Shape(NamedTuple):
    """One kind of file: its keys, its reader, and how its content is recognised."""

    kind: str
    title: str
    reader: str
    fields: dict[str, Key]
    signature: tuple[str, ...]
    """Key paths that other kinds do not have; `*` stands for any name."""
    enough: int
    """How many of the signature make a file one of this kind."""
    telltales: tuple[str, ...]
    """Keys that make a line of a file that cannot be parsed look like this kind."""
    links: dict[str, str]
    """Parameters that lead to another file, and that file's kind."""
    names: dict[str, str]
    """The path of each parameter in this kind."""

    def parameter(self, name: str) -> str | None:
        """The canonical parameter that a name stands for in this kind: its own, its dotted path, or the last part of one."""
        if name in self.names:
            return name
        by_path = {path: parameter for parameter, path in self.names.items()}
        by_key = {path.rpartition(".")[2]: parameter for path, parameter in by_path.items()}
        return by_path.get(name) or by_key.get(name)


class Fault(NamedTuple):
    """What is wrong with a key or a value, before it is known how bad that is."""

    code: str
    message: str
    place: Place
    help: str | None = None
    replace: tuple[int, int, str] | None = None
    """A safe edit: from offset, to offset, text."""
    keys: tuple[str, ...] = ()


def _is_number(value: Any) -> bool:
    return type(value) is float or type(value) is int


def _is_list(accepts: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda value: type(value) is list and all(accepts(item) for item in value)


def _is(kind: type) -> Callable[[Any], bool]:
    return lambda value: type(value) is kind


ACCEPTS: dict[str, Callable[[Any], bool]] = {
    "any": lambda value: True,
    "bool": _is(bool),
    "float": _is_number,
    "int": _is(int),
    "str": _is(str),
    "list[int]": _is_list(_is(int)),
    "list[str]": _is_list(_is(str)),
    "str | list[str]": lambda value: type(value) is str or ACCEPTS["list[str]"](value),
}
"""Whether a value fits a type. Strict: `True` is no integer, `"2"` and `2.0` are none either; an integer is a number."""

_WORDS = {
    "bool": "true or false",
    "float": "a number",
    "int": "an integer",
    "str": "a string",
    "list[int]": "a list of integers",
    "list[str]": "a list of strings",
    "str | list[str]": "a string",
    "section": "a section (a mapping)",
    "each": "a mapping of names to sections",
    "map[float]": "a mapping of names to numbers",
    "map[str]": "a mapping of names to strings",
    "records": "a list of mappings",
}

_NUMBER = r"[-+]?(?:\d[\d_]*(?:\.[\d_]*)?|\.\d[\d_]*)(?:[eE][-+]?\d+)?"


HUGE = 10**100
"""Far beyond what any library holds, yet three of them can be multiplied; infinity is above it, and NaN is not below."""


def fits(key: Key, value: Any) -> bool:
    """Whether a value that is no mapping fits the key's type and is finite."""
    return (TESTS.get(key.type) or test_of(key.type))(value)


TESTS: dict[str, Callable[[Any], bool]] = {}


def test_of(type_: str) -> Callable[[Any], bool]:
    """The test whether a value fits a type; made once for each type."""
    if type_.startswith("one of "):
        choices = tuple(type_[7:].split("|"))
        test: Callable[[Any], bool] = lambda value: value in choices  # noqa: E731
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


def misfit(key: Key, value: Any, place: Place) -> Fault:
    """Say why a value does not fit its key, with a safe edit where the number meant is certain."""
    name = f"`{place.path}`"
    if key.type.startswith("one of "):
        choices = key.type[7:].split("|")
        return Fault("SCHEMA004", f"{name} is {show(value)}; it can be {_listed(choices)}", place, _closest_help(value, choices))
    if key.type in ("int", "float") and is_endless(value):
        return Fault("SCHEMA006", f"{name} is {show(value)}, which is no number that a library can hold", place, "write a smaller number")
    if key.type in ("int", "float") and type(value) is str and re.fullmatch(_NUMBER, value):
        return _number_in_a_string(key, value, place)
    wanted = _WORDS.get(key.type, key.type)
    found = "something else" if names_a_secret(place.path) else describe(value)
    return Fault("SCHEMA003", f"{name} should be {wanted}; it is {found}", place, f"write {wanted}")


def _number_in_a_string(key: Key, value: str, place: Place) -> Fault:
    spelling = plain_number(value, key.type)
    why = (
        "the quotes make it one"
        if place.style in ("'", '"')
        else "YAML 1.1 readers such as PyYAML want a dot and a signed exponent"
        if "e" in value.lower()
        else "it is written as text"
    )
    message = f'`{place.path}` is read as the string "{value}", not as a number: {why}'
    if spelling is None:
        return Fault("YAML010", message, place, f"write {_WORDS[key.type]}")
    edit = (*place.value, spelling) if place.value and place.style in ("", "'", '"') else None
    return Fault("YAML010", message, place, f"write {spelling}", edit)


def _listed(names: Iterable[str]) -> str:
    *most, last = names
    return f"{', '.join(most)} or {last}" if most else last


def _closest_help(value: Any, choices: Iterable[str]) -> str:
    close = nearest(value, choices) if isinstance(value, str) else None
    return f"did you mean {close}?" if close else f"write {_listed(choices)}"
