"""What a scalar means to the two kinds of YAML reader that training code uses.

YAML 1.1 is what PyYAML's `safe_load` makes of a scalar, YAML 1.2 what ruamel.yaml makes of it. They differ in numbers with
an exponent but no dot (`2e-5`: a string for 1.1, a number for 1.2), in `yes`, `no`, `on`, `off`, in octals and in base 60.
"""

from __future__ import annotations

import re
from functools import cache

from confguard.document.libyaml import error, nodes
from confguard.words.typing import Any

YAML_11, YAML_12 = "1.1", "1.2"
PREFIX = "tag:yaml.org,2002:"


class BadScalar(Exception):
    """A scalar that a reader dies on, such as a date with a 13th month or an integer of 5,000 digits."""


_ALIKE = {None: ("", "~", "null", "Null", "NULL"), True: ("true", "True", "TRUE"), False: ("false", "False", "FALSE")}
READ: dict[str, tuple[Any, bool, bool]] = {word: (value, True, True) for value, words in _ALIKE.items() for word in words}
"""What `read_plain` has read: the words of configs are few, and a file has most of them from the file before."""
_MOST_READ = 2_000  # the numbers that only one file has are not worth their room

# What most scalars are is told here; PyYAML's own resolver and constructor are loaded for the others alone.
_SIGNS = "-+.0123456789~<=!&*"
_WORDS_11 = {*READ, "yes", "Yes", "YES", "no", "No", "NO", "on", "On", "ON", "off", "Off", "OFF"}
_NUMBER = re.compile(r"-?[0-9]{1,17}(?:\.[0-9]{1,17}(?:e-[0-9]{1,2})?|(?P<dotless>e[-+]?[0-9]{1,2}))").fullmatch


def read_plain(text: str) -> tuple[Any, bool, bool]:
    """The value of an unquoted scalar under YAML 1.1, and whether YAML 1.2 readers make the same of it: by and large, and to the letter.

    A dotless exponent, which has a rule of its own, is the same by and large. Raises `BadScalar`.
    """
    found: tuple[Any, bool, bool]
    if text[:1] not in _SIGNS and text not in _WORDS_11:  # a word: most scalars are
        found = text, True, True
    elif len(text) < 18 and (digits := text.removeprefix("-")).isdecimal() and digits.isascii() and (digits[0] != "0" or text == "0"):
        found = int(text), True, True
    elif number := _NUMBER(text):
        found = (text, True, False) if number["dotless"] else (float(text), True, True)
    else:
        found = _odd_plain(text)
    if len(READ) < _MOST_READ:
        READ[text] = found
    return found


def _odd_plain(text: str) -> tuple[Any, bool, bool]:
    if len(text) > MAX_NUMBER and not text[0].isalpha():
        raise BadScalar(f"unquoted and {len(text):,} characters long, it looks like a number that no reader reads in time")
    old = plain_11(text)
    try:
        new = plain_12(text)
    except BadScalar:
        return old, True, False
    if (type(old) is str and type(new) is float) or text == "<<":
        return old, True, text == "<<"
    same = type(old) is type(new) and (old == new or old != old)  # NaN is like NaN
    return old, same, same


def plain_11(text: str) -> Any:
    """The value of an unquoted scalar as PyYAML's safe loader constructs it."""
    for tag, pattern in _resolvers().get(text[:1], ()):
        if pattern.match(text):
            return text if text == "<<" else construct(tag, text)
    return text


def plain_12(text: str) -> Any:
    """The value of an unquoted scalar under YAML 1.2, as ruamel.yaml constructs it."""
    if text in ("", "~", "null", "Null", "NULL"):
        return None
    if text in ("true", "True", "TRUE"):
        return True
    if text in ("false", "False", "FALSE"):
        return False
    try:
        if re.fullmatch(_INT_12, text):
            return _int_12(text.replace("_", ""))
        if re.fullmatch(_FLOAT_12, text):
            return _float_12(text.replace("_", "").lower())
    except ValueError as error:
        raise BadScalar(str(error)) from None
    if text[0].isdecimal() and not isinstance(value := plain_11(text), str | int | float):
        return value  # a date: those are read alike
    return text


def construct(tag: str, text: str) -> Any:
    """The value of a scalar with a standard tag, as PyYAML's safe loader constructs it."""
    if tag == PREFIX + "str":
        return text
    constructor = _constructor()
    build = constructor.yaml_constructors.get(tag)
    if build is None or not tag.startswith(PREFIX) or tag[len(PREFIX) :] not in _SCALAR_TAGS:
        raise BadScalar(f"the tag {tag} has no meaning to a safe YAML reader")
    try:
        return build(constructor, nodes.ScalarNode(tag, text))
    except (error.YAMLError, ValueError, KeyError, AttributeError, IndexError, TypeError, OverflowError) as bad:
        raise BadScalar(str(bad).splitlines()[0] if str(bad) else "cannot be read as its tag says") from None


MAX_NUMBER = 1000
"""Characters of an unquoted scalar that may be a number: PyYAML takes quadratic time over one in base 60."""


@cache
def _resolvers() -> dict[str, list[tuple[str, re.Pattern[str]]]]:
    """By their first character, the tags and patterns of plain scalars that are no strings."""
    from yaml.resolver import Resolver

    found: dict[str, list[tuple[str, re.Pattern[str]]]] = Resolver.yaml_implicit_resolvers
    return found


@cache
def _constructor() -> Any:
    from yaml.constructor import SafeConstructor

    return SafeConstructor()


_SCALAR_TAGS = ("bool", "int", "float", "null", "timestamp", "binary", "str", "merge", "value")

# Strings, for `re` to compile when they are needed: few scalars get this far.
_INT_12 = r"[-+]?0b[0-1_]+|[-+]?0o?[0-7_]+|[-+]?[0-9][0-9_]*|[-+]?0x[0-9a-fA-F_]+"
_FLOAT_12 = (
    r"[-+]?(?:[0-9][0-9_]*)\.[0-9_]*(?:[eE][-+]?[0-9]+)?|[-+]?(?:[0-9][0-9_]*)(?:[eE][-+]?[0-9]+)"
    r"|[-+]?\.[0-9_]+(?:[eE][-+][0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)"
)


def _int_12(text: str) -> int:
    sign, digits = (-1, text[1:]) if text[0] == "-" else (1, text.lstrip("+"))
    for prefix, base in (("0b", 2), ("0x", 16), ("0o", 8)):
        if digits.startswith(prefix):
            return sign * int(digits[2:], base)
    return sign * int(digits)


def _float_12(text: str) -> float:
    if text.endswith((".inf", ".nan")):
        return float(text.replace(".", ""))
    return float(text)
