"""A shape: the keys a kind of file may hold, as plain data; and what is said of a key or a value that does not fit.

Shapes are generated from the Pydantic models (`confguard.schemas`). Checking a file walks the shape, using a model runs
Pydantic; both say what they found in the words of this module, so they cannot drift apart in code, message or help.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from confguard.words.recipe import Place
from confguard.words.secret import names_a_secret
from confguard.words.spelling import describe, nearest, plain_number, show
from confguard.words.types import TESTS, WORDS, choices_of, is_endless, listed_with_or, loosely, test_of, wanted
from confguard.words.typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:  # a check of other files does without
    from confguard.words.language import Said
    from confguard.words.recipe import Recipe
    from confguard.words.target import Target
    from confguard.words.upgrade import Step

Needed = bool | tuple[str, Any]


class Key(NamedTuple):
    """One key of a shape.

    `type` is a name of `ACCEPTS`, `one of a|b`, `enum a|b`, `list[...]` of such, several of these as in `int | null`, `map[...]` for a
    mapping of free names, `section` for a fixed mapping, `each` for a mapping of named sections, or `records` for a list of sections.
    `needed` may be `(parameter, value)`: needed unless that parameter has that value.
    """

    type: str
    parameter: str | None = None
    needed: Any = False
    fields: dict[str, Key] | None = None
    default: Any = None


class Family(NamedTuple):
    """Kinds that share most of their keys: first a file is told to be of the family, then which of its kinds it is."""

    common: tuple[str, ...]
    """Keys that the family's files have."""
    enough: int
    """How many of them make a file one of the family."""
    never: tuple[str, ...]
    """Keys of other tools, whose files look alike."""
    other_words: tuple[str, ...]
    """Words in the path of a file that make it one of the family, but of none of the kinds that are known."""
    why_unclear: str
    """What to say of a file of the family that could be of several kinds, or of none of them."""


class Shape(NamedTuple):
    """One kind of file: its keys, its reader, and how its content is recognised."""

    kind: str
    title: str
    reader: str
    fields: dict[str, Key]
    signature: tuple[str, ...]
    """Key paths that other kinds do not have; `*` stands for any name. Of a family's kind: also `key=value`."""
    enough: int
    """How many of the signature make a file one of this kind."""
    telltales: tuple[str, ...]
    """Keys that make a line of a file that cannot be parsed look like this kind."""
    links: dict[str, str]
    """Parameters that lead to another file, and that file's kind."""
    names: dict[str, str]
    """The path of each parameter in this kind."""
    family: Family | None = None
    word: str = ""
    """The word in a path that tells kinds of a family apart where the content does not."""
    at: Callable[[Target], Shape] | None = None
    """The shape for a target, where releases differ; then this one has no keys."""
    target: Target | None = None
    """The target that this shape is for."""
    synonyms: tuple[tuple[str, str], ...] = ()
    """Paths that other tools give to its keys, each with the path that says the same by the same value here."""
    converts: bool = False
    """Whether the reader turns a string into the type of its key, takes a null for a value, and refuses keys that it does not know."""
    history: Callable[[], History] | None = None
    """What is known of its keys over the releases, where these differ."""
    known: Callable[[str], Known | None] | None = None
    """What is known of a key that is none of the shape's."""
    today: Callable[[str, Any], str | None] | None = None
    """Which of its keys says by a value what another key of an older release said by the same one: rules judge a file as it was meant."""

    def parameter(self, name: str) -> str | None:
        """The canonical parameter that a name stands for in this kind: its own, its dotted path, or the last part of one."""
        if name in self.names:
            return name
        by_path = {path: parameter for parameter, path in self.names.items()}
        by_key = {path.rpartition(".")[2]: parameter for path, parameter in by_path.items()}
        return by_path.get(name) or by_key.get(name)


class Known(NamedTuple):
    """What is known of a key that a kind does not have: the code of the finding, what is said of it, and what to do."""

    code: str
    message: str
    help: str


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


class Fault(NamedTuple):
    """What is wrong with a key or a value, before it is known how bad that is."""

    code: str
    message: str
    place: Place
    help: str | None = None
    replace: tuple[int, int, str] | None = None
    """An edit: from offset, to offset, text."""
    keys: tuple[str, ...] = ()
    fails: str | None = None
    """When the library itself would have failed, where that is known better than the rule knows it."""
    is_guess: bool = False
    """Whether the edit only may be what was meant, so that it is not safe."""


_NUMBER = r"[-+]?(?:\d[\d_]*(?:\.[\d_]*)?|\.\d[\d_]*)(?:[eE][-+]?\d+)?"


def fits(key: Key, value: Any) -> bool:
    """Whether a value that is no mapping fits the key's type and is finite."""
    return (TESTS.get(key.type) or test_of(key.type))(value)


def misfit(key: Key, value: Any, place: Place, loose: bool = False) -> Fault:
    """Say why a value does not fit its key, with a safe edit where the number meant is certain.

    A `loose` reader hands on what it does not convert, so that 1 does for true.
    """
    name = f"`{place.path}`"
    if choices := choices_of(key.type):
        said = f"{name} is {show(value)}; it can be {wanted(key.type)}"
        if value is False and "no" in choices:  # YAML 1.1 reads an unquoted no as false
            return Fault("SCHEMA004", f"{said}, and an unquoted no is false", place, 'write "no", in quotes')
        return Fault("SCHEMA004", said, place, _closest_help(value, choices))
    if is_endless(value) and not {"int", "float"}.isdisjoint(key.type.split(" | ")):
        return Fault("SCHEMA006", f"{name} is {show(value)}, which is no number that a library can hold", place, "write a smaller number")
    plain = key.type.removesuffix(" | null")
    if plain in ("int", "float") and type(value) is str and re.fullmatch(_NUMBER, value):
        return _number_in_a_string(plain, value, place)
    words = wanted(key.type)
    if loose and loosely(key.type, value) is not None:
        return Fault("SCHEMA008", f"{name} should be {words}; it is {describe(value)}, which is taken as it is", place, f"write {words}")
    found = "something else" if names_a_secret(place.path) else describe(value)
    return Fault("SCHEMA003", f"{name} should be {words}; it is {found}", place, f"write {words}")


def _number_in_a_string(type_: str, value: str, place: Place) -> Fault:
    spelling = plain_number(value, type_)
    why = (
        "the quotes make it one"
        if place.style in ("'", '"')
        else "YAML 1.1 readers such as PyYAML want a dot and a signed exponent"
        if "e" in value.lower()
        else "it is written as text"
    )
    message = f'`{place.path}` is read as the string "{value}", not as a number: {why}'
    if spelling is None:
        return Fault("YAML010", message, place, f"write {WORDS[type_]}")
    edit = (*place.value, spelling) if place.value and place.style in ("", "'", '"') else None
    return Fault("YAML010", message, place, f"write {spelling}", edit)


def _closest_help(value: Any, choices: Iterable[str]) -> str:
    close = nearest(value, choices) if isinstance(value, str) else None
    return f"did you mean {close}?" if close else f"write {listed_with_or(choices)}"
