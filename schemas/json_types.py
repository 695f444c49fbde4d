"""The types of keys as JSON Schema says them: what a reader takes without an error, no less.

A reader that converts takes the string `"8"` for 8 and 1 for true (`words/types.py`): the schema lets both pass. What JSON Schema
cannot tell apart it lets pass as well: to it 8.0 is an integer.
"""

from __future__ import annotations

from confguard.words.json_schema import JSON_TYPES, Schema
from confguard.words.types import choices_of
from confguard.words.typing import Any

ANYTHING = ["string", "number", "boolean", "object", "array", "null"]
"""Every type: without one, yaml-language-server completes a key without its colon."""

NUMBERS = ("int", "whole", "float")
_DIGITS = r"\d[\d_]*"
_SPELLED = {
    "bool": "[Yy](?:[Ee][Ss])?|[Tt](?:[Rr][Uu][Ee])?|1|[Nn][Oo]?|[Ff](?:[Aa][Ll][Ss][Ee])?|0",
    "int": rf"\s*[-+]?{_DIGITS}\s*",
    "float": rf"\s*[-+]?(?:{_DIGITS}\.?(?:{_DIGITS})?|\.{_DIGITS})(?:[eE][-+]?{_DIGITS})?\s*",
    "null": "[Nn](?:[Oo][Nn][Ee]|[Uu][Ll][Ll])",
}
"""The strings that a reader which converts makes a value of a type of, as `converted` does."""
_SPELLED |= {"switch": _SPELLED["bool"], "whole": _SPELLED["int"]}


def json_type(type_: str, converts: bool, with_null: bool = False) -> Schema:
    """The schema of a type in words; `with_null` where a null is an absent key.

    >>> json_type("int", False, with_null=True), json_type("list[str] | null", True)
    ({'type': ['integer', 'null']}, {'type': ['array', 'null'], 'items': {'type': 'string'}})
    >>> json_type("one of a|b | null", True)
    {'enum': ['a', 'b', None]}
    """
    parts = type_.split(" | ")
    if with_null and "null" not in parts:
        parts.append("null")
    choices = choices_of(type_)
    others = [part for part in parts if not part.startswith(("one of ", "enum "))]
    if not choices:
        return _plain(others, converts)
    if others == ["null"] and not (converts and "enum " in type_):
        return {"enum": [*choices, None]}
    return {"anyOf": [{"enum": choices}, _plain(others, converts)]} if others else {"enum": choices}


def _plain(parts: list[str], converts: bool) -> Schema:
    """The schema of a type that lists no values."""
    if "any" in parts:
        return {"type": ANYTHING}
    types = [JSON_TYPES[part.partition("[")[0]] for part in parts]
    more: dict[str, Any] = {}
    for part in parts:
        if part.startswith("list[") and part != "list[any]":
            more["items"] = json_type(part[5:-1], converts=False)
    if converts and "str" not in parts and (pattern := _pattern(parts)):
        types.append("string")
        more["pattern"] = f"^(?:{pattern})$"
    if converts and "bool" in parts and not set(parts).intersection(NUMBERS):  # 0 and 1 do for false and true
        types.append("integer")
        more |= {"minimum": 0, "maximum": 1}
    return {"type": types[0] if len(types) == 1 else types, **more}


def _pattern(parts: list[str]) -> str:
    """The strings that are converted into one of some types; empty for none."""
    spelled = [_SPELLED[part] for part in parts if part in _SPELLED and part != "null"]
    if "null" in parts and set(parts) <= {*NUMBERS, "null"}:
        spelled.append(_SPELLED["null"])
    return "|".join(spelled)
