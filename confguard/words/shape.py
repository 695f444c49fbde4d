"""A shape: the keys a kind of file may hold, as plain data; and what is said of a key or a value that does not fit.

Shapes are generated from the Pydantic models (`confguard.schemas`). Checking a file walks the shape, using a model runs
Pydantic; both say what they found in the words of this module, so they cannot drift apart in code, message or help.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

from confguard.words.recipe import Place

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

_NUMBER = re.compile(r"[-+]?(?:\d[\d_]*\.?[\d_]*|\.\d[\d_]*)(?:[eE][-+]?\d+)?")


def fits(key: Key, value: Any) -> bool:
    """Whether a value that is no mapping fits the key's type and is finite."""
    if key.type.startswith("one of "):
        return value in key.type[7:].split("|")
    accepts = ACCEPTS.get(key.type)
    return accepts is not None and accepts(value) and (type(value) is not float or math.isfinite(value))


def misfit(key: Key, value: Any, place: Place) -> Fault:
    """Say why a value does not fit its key, with a safe edit where the number meant is certain."""
    name = f"`{place.path}`"
    if key.type.startswith("one of "):
        choices = key.type[7:].split("|")
        return Fault("SCHEMA004", f"{name} is {show(value)}; it can be {_listed(choices)}", place, _closest_help(value, choices))
    if type(value) is float and not math.isfinite(value) and key.type == "float":
        return Fault("SCHEMA006", f"{name} is {value}, which is no finite number", place, "write a finite number")
    if key.type in ("int", "float") and type(value) is str and _NUMBER.fullmatch(value):
        return _number_in_a_string(key, value, place)
    wanted = _WORDS.get(key.type, key.type)
    return Fault("SCHEMA003", f"{name} should be {wanted}; it is {describe(value)}", place, f"write {wanted}")


def _number_in_a_string(key: Key, value: str, place: Place) -> Fault:
    spelling = plain_number(value, key.type)
    why = (
        "the quotes make it one"
        if place.style in ("'", '"')
        else "YAML 1.1 readers such as PyYAML want a dot and a signed exponent"
        if "e" in value.lower()
        else "no reader takes it for a number"
    )
    message = f'`{place.path}` is read as the string "{value}", not as a number: {why}'
    if spelling is None:
        return Fault("YAML010", message, place, f"write {_WORDS[key.type]}")
    edit = (*place.value, spelling) if place.value else None
    return Fault("YAML010", message, place, f"write {spelling}", edit)


def plain_number(text: str, kind: str) -> str | None:
    """Spell a number so that YAML 1.1 and 1.2 readers agree on it; None where `kind` cannot hold it.

    >>> plain_number("2e-5", "float"), plain_number("1e3", "int"), plain_number("1.5", "int")
    ('2.0e-5', '1000', None)
    """
    value = float(text)
    if not math.isfinite(value):
        return None
    if kind == "int":
        return str(int(value)) if value.is_integer() and abs(value) < 2**53 else None
    sign, digits = ("-", text[1:]) if text[0] == "-" else ("", text.lstrip("+"))
    mantissa, _, exponent = digits.replace("_", "").lower().partition("e")
    whole, dot, fraction = mantissa.partition(".")
    whole = whole.lstrip("0") or "0"
    if not exponent:
        return f"{sign}{whole}{dot}{fraction or '0' * len(dot)}"
    return f"{sign}{whole}.{fraction or '0'}e{exponent if exponent[0] in '+-' else '+' + exponent}"


def show(value: Any) -> str:
    """A value as a message shows it: as YAML would spell it, cut where it is long."""
    if value is None:
        return "null"
    if value is True or value is False:
        return str(value).lower()
    if isinstance(value, float):
        return number(value, 15)
    text = f'"{value}"' if isinstance(value, str) else str(value)
    return text if len(text) <= 60 else text[:57] + "..."


def number(value: float, digits: int = 4) -> str:
    """A number as people write it, to so many digits: 2e-5, 0.25, 12000.

    >>> number(2e-05), number(0.1 + 0.2), number(2.0), number(12000), number(2 / 3)
    ('2e-5', '0.3', '2', '12000', '0.6667')
    """
    if isinstance(value, int) or (math.isfinite(value) and value == int(value) and abs(value) < 1e15):
        return str(int(value))
    return re.sub(r"e([-+])0*(\d)", lambda found: "e" + found[1].replace("+", "") + found[2], f"{value:.{digits}g}")


def describe(value: Any) -> str:
    """A value together with its type, for messages."""
    if value is None:
        return "empty (null)"
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list):
        return f"the list {show(value)}"
    if isinstance(value, bool):
        return f"the boolean {show(value)}"
    if isinstance(value, str):
        return f"the string {show(value)}"
    if isinstance(value, (int, float)):
        return f"the number {show(value)}"
    return f"the {type(value).__name__} {show(value)}"


def _listed(names: Iterable[str]) -> str:
    *most, last = names
    return f"{', '.join(most)} or {last}" if most else last


def _closest_help(value: Any, choices: Iterable[str]) -> str:
    close = nearest(value, choices) if isinstance(value, str) else None
    return f"did you mean {close}?" if close else f"write {_listed(choices)}"


# --- keys -------------------------------------------------------------------------------------------------------------


class Unknown(NamedTuple):
    """A key that the shape does not have there: its section's path, its name, where it stands, and its value's type."""

    section: str
    name: str
    place: Place


class Missing(NamedTuple):
    """A needed key that is not there: the path it should have, and the place of its section."""

    path: str
    place: Place


def key_faults(shape: Shape, present: set[str], unknown: list[Unknown], missing: list[Missing]) -> Iterator[Fault]:
    """What to say of unknown and of missing keys: a missing key that was only misspelt or misplaced is said once."""
    absent = {item.path: item for item in missing}
    known = known_paths(shape.fields)
    for item in unknown:
        path = f"{item.section}.{item.name}" if item.section else item.name
        meant, how = _meant(item, known, present, absent)
        if meant is not None:
            absent_key = absent.pop(meant, None)
            yield _misnamed(item, path, meant, how, absent_key is not None)
        else:
            section = f" in `{item.section}`" if item.section else ""
            yield Fault(
                "SCHEMA002",
                f"`{path}` is no key that {shape.kind} knows{section}",
                item.place,
                "remove it, or declare it under extension_keys in confguard.yaml",
                keys=(path,),
            )
    for gap in absent.values():
        yield Fault("SCHEMA001", f"`{gap.path}` is missing; {shape.kind} needs it", gap.place, f"add {gap.path}")


def _misnamed(item: Unknown, path: str, meant: str, how: str, was_needed: bool) -> Fault:
    section, _, name = meant.rpartition(".")
    if how == "look-alike":
        odd = ", ".join(f"{char!r} is U+{ord(char):04X}" for char in item.name if not char.isascii())
        message = f"the key `{path}` looks like `{meant}` but is another one ({odd})"
        return Fault("YAML006", message, item.place, f"type {name} anew", _rename(item, name), keys=(path, meant))
    if how == "misplaced":
        there = f"under `{section}`" if section else "at the top level"
        message, help_ = f"`{path}` belongs {there}; where it stands nothing reads it", f"move it {there}"
    else:
        message, help_ = f"`{path}` is no known key", f"did you mean {name}?"
    if was_needed:
        return Fault("SCHEMA005", f"{message}, and `{meant}`, which is needed, is missing", item.place, help_, keys=(path, meant))
    return Fault("SCHEMA002", message, item.place, help_, keys=(path, meant))


def _rename(item: Unknown, name: str) -> tuple[int, int, str] | None:
    return (*item.place.key, name) if item.place.key else None


def _meant(item: Unknown, known: set[str], present: set[str], absent: dict[str, Missing]) -> tuple[str | None, str]:
    """The known path that an unknown key was most likely meant to be, and how it went wrong."""
    prefix = f"{item.section}." if item.section else ""
    siblings = {path[len(prefix) :]: path for path in known if path.startswith(prefix) and "." not in path[len(prefix) :]}
    if not item.name.isascii():
        skeleton = ascii_skeleton(item.name)
        if skeleton in siblings:
            return siblings[skeleton], "look-alike"
    free = {name: path for name, path in siblings.items() if path not in present}
    close = nearest(item.name, [name for name in free if free[name] in absent]) or nearest(item.name, free)
    if close:
        return free[close], "misspelt"
    elsewhere = [path for path in known if path.rpartition(".")[2] == item.name and "*" not in path]
    if elsewhere:
        return min(elsewhere, key=lambda path: (path not in absent, path in present, path)), "misplaced"
    close = nearest(item.name, siblings)
    return (siblings[close], "misspelt") if close else (None, "")


def known_paths(fields: dict[str, Key], prefix: str = "") -> set[str]:
    """All dotted paths of a shape; the names of an open mapping are `*`."""
    paths: set[str] = set()
    for name, key in fields.items():
        path = prefix + name
        paths.add(path)
        if key.fields:
            paths |= known_paths(key.fields, path + (".*." if key.type == "each" else "."))
    return paths


def nearest(name: str, choices: Iterable[str]) -> str | None:
    """The choice that a misspelt name most likely stands for, or None.

    >>> nearest("learning-rate", ["learning_rate", "max_steps"]), nearest("loraRank", ["lora_rank"]), nearest("seed", ["top_k"])
    ('learning_rate', 'lora_rank', None)
    """
    from difflib import get_close_matches

    plain = {_plain(choice): choice for choice in choices}
    close = get_close_matches(_plain(name), list(plain), n=1, cutoff=0.8)
    return plain[close[0]] if close else None


def _plain(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name.strip()).replace("-", "_").replace(" ", "_").lower()


# Letters of other alphabets that most fonts draw as Latin ones.
# Source: Unicode Technical Standard 39, confusables.txt; Cyrillic and Greek letters that stand for Latin ones.
_LOOK_ALIKES = str.maketrans(
    "асԁеһіјӏорԛѕтԝхуαεικνορτυχωΑΒΕΖΗΙΚΜΝΟΡΤΥΧАВЕЅІЈКМНОРСТХУ",
    "acdehijlopqstwxyaeikvoptuxwABEZHIKMNOPTYXABESIJKMHOPCTXY",
)


def ascii_skeleton(name: str) -> str:
    """The ASCII name that a look-alike imitates: compatibility forms folded, invisible characters dropped.

    >>> ascii_skeleton("learn\u0456ng_rate"), ascii_skeleton("ｍax_steps"), ascii_skeleton("top\u200b_k")
    ('learning_rate', 'max_steps', 'top_k')
    """
    import unicodedata

    seen = "".join(char for char in unicodedata.normalize("NFKC", name) if unicodedata.category(char) != "Cf")
    return seen.translate(_LOOK_ALIKES).strip()
