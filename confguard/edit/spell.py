"""How values are spelled in a file: so that each reader of YAML 1.1 and 1.2 gives the very same value back, and people can read it."""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping

from confguard.document.scalars import BadScalar, plain_11, plain_12, read_plain
from confguard.edit.splice import EditRefused
from confguard.words.spelling import plain_number
from confguard.words.typing import Any


class Unwritable(EditRefused):
    """A value that has no spelling which all readers take for it."""


_PLAIN = re.compile(r"(?![yYnN]\Z)[A-Za-z][\w./-]*(?: [\w./-]+)*", re.ASCII)
_ZEROS = re.compile(r"e([-+]?)0+")  # of an exponent: 2e-05
_DECIMAL = re.compile(r"[-+]?\d+\.\d+")
_ESCAPES = {'"': r"\"", "\\": r"\\", "\n": r"\n", "\r": r"\r", "\t": r"\t"}


def as_yaml(value: Any) -> str:
    """A value on one line, fit to stand in a block and within brackets; raises `EditRefused` for one that has no such spelling.

    >>> as_yaml([0.00002, True, None, "fixed 0.4", "no", "a: b", {"math": 0.4}])
    '[2.0e-5, true, null, fixed 0.4, "no", "a: b", {math: 0.4}]'
    """
    if isinstance(value, str):
        return value if _stays_plain(value) else quoted(value)
    if isinstance(value, list):
        return f"[{', '.join(map(as_yaml, value))}]"
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{as_yaml(name)}: {as_yaml(item)}" for name, item in value.items()) + "}"
    return "null" if value is None else _alike_everywhere(value)


def in_its_style(value: Any, written: str, style: str, spelled: str | None = None) -> str:
    """A value on one line, in the style of the scalar that it takes the place of: its quotes, its `True` or `true`, its decimals.

    `spelled` is how a number is written where it comes from; that counts where every reader finds the value in it.

    >>> in_its_style("b", "'a'", "'"), in_its_style(False, "True", ""), in_its_style(None, "~", ""), in_its_style(2e-5, "0.001", "")
    ("'b'", 'False', '~', '0.00002')
    """
    if isinstance(value, str):
        return _single_quoted(value) if style == "'" else quoted(value) if style == '"' else as_yaml(value)
    if isinstance(value, bool):
        return str(value).upper() if written in ("TRUE", "FALSE") else str(value) if written in ("True", "False") else as_yaml(value)
    if value is None:
        return written if written in ("~", "null", "Null", "NULL") else "null"
    if isinstance(value, (int, float)) and spelled is not None and means(spelled, value):
        return spelled
    if isinstance(value, float) and _DECIMAL.fullmatch(written) and (decimal := _decimal(value)) is not None:
        return decimal
    return as_yaml(value)


def means(spelled: str, value: Any) -> bool:
    """Whether a plain scalar is read as a value by every reader, its type included."""
    try:
        return all(type(found) is type(value) and found == value for found in (plain_11(spelled), plain_12(spelled)))
    except BadScalar:
        return False


def block_text(text: str, header: str, indentation: str, line_end: str) -> str | None:
    """A text of several lines as a block like the one it takes the place of; None where that could not hold it as it is."""
    lines = text.split("\n")
    if not re.fullmatch(r"\|-?", header) or len(lines) < 2 or (lines[-1] == "") is (header == "|-") or "" in (lines[0], lines[-2]):
        return None
    if lines[0].startswith(" ") or not all(line.isprintable() for line in lines):
        return None
    shown = lines[:-1] if header == "|" else lines
    return header + "".join(f"{line_end}{indentation if line else ''}{line}" for line in shown)


def _single_quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'" if text.isprintable() else quoted(text)


_LONGEST_DECIMAL = 12


def _decimal(value: float) -> str | None:
    """A number without an exponent, where that stays readable."""
    from decimal import Decimal

    written = f"{Decimal(repr(value)):f}"
    written = written if "." in written else f"{written}.0"
    return written if len(written) <= _LONGEST_DECIMAL and means(written, value) else None


def as_toml(value: Any) -> str:
    """A value in TOML; raises `EditRefused` for one that TOML cannot hold.

    >>> as_toml({"parameter": "lora_alpha", "value": [2.0e-5, True]})
    '{parameter = "lora_alpha", value = [2.0e-5, true]}'
    """
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, list):
        return f"[{', '.join(map(as_toml, value))}]"
    if isinstance(value, Mapping):
        names = (name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else quoted(name) for name in value)
        return "{" + ", ".join(f"{name} = {as_toml(item)}" for name, item in zip(names, value.values(), strict=True)) + "}"
    if value is None:
        raise EditRefused("TOML has no null")
    return _alike_everywhere(value)


def quoted(text: str) -> str:
    r"""A text in double quotes, which mean the same in YAML and in TOML; what cannot be seen is escaped, Chinese stays readable.

    >>> print(quoted('显存 "24 GB"\n\x85'))
    "显存 \"24 GB\"\n\u0085"
    """
    return f'"{"".join(map(_escaped, text))}"'


def _escaped(char: str) -> str:
    if char in _ESCAPES:
        return _ESCAPES[char]
    if char.isprintable() or char == "\u3000":  # the blank of Chinese texts
        return char
    code = ord(char)
    if 0xD800 <= code < 0xE000:
        raise Unwritable("a text holds bytes that are no UTF-8")
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _stays_plain(text: str) -> bool:
    try:
        return _PLAIN.fullmatch(text) is not None and read_plain(text) == (text, True, True)
    except BadScalar:
        return False


def _alike_everywhere(value: Any) -> str:
    """A boolean, a number or a date, as YAML 1.1, YAML 1.2 and TOML have it."""
    spelling: str | None = None
    if isinstance(value, bool):
        spelling = str(value).lower()
    elif isinstance(value, int) or type(value) is datetime.date:
        spelling = str(value)
    elif isinstance(value, float):
        spelling = plain_number(_ZEROS.sub(r"e\1", repr(value)), "float")
    if spelling is None:
        raise Unwritable(f"{value} cannot be written so that all readers agree on it")
    return spelling
