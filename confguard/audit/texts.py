"""Texts of which parts are known: a path that is put together, a key that is."""

from __future__ import annotations

from itertools import product

from confguard.audit.values import ANYTHING, Const, File, Node, Text, Value, Values, text_of

MOST_ALTERNATIVES = 6
LONGEST = 400
"""Characters of a text that is put together; a longer one is no path and no key."""


def concatenated(parts: list[Values]) -> Values:
    """The texts that parts come to, one after the other."""
    choices = [_known(values) for values in parts]
    count = 1
    for choice in choices:
        count *= len(choice)
    if count > MOST_ALTERNATIVES:
        return ANYTHING
    return tuple(dict.fromkeys(_joined(list(chosen)) for chosen in product(*choices)))


def _known(values: Values) -> list[Value | str]:
    """What a part can be: a text, or something of which only the ends are known."""
    found: list[Value | str] = []
    for value in values:
        if isinstance(value, File):
            found += _known(value.path)
        elif (text := text_of(value)) is not None:
            found.append(text)
        elif isinstance(value, Const) and isinstance(value.value, (int, float)):
            found.append(str(value.value))
        elif isinstance(value, Node) and isinstance(value.data, (int, float)):
            found.append(str(value.data))
        elif isinstance(value, Text):
            found.append(value)
        else:
            found.append(Text("", ""))
    return found or [Text("", "")]


def _joined(parts: list[Value | str]) -> Value:
    if all(isinstance(part, str) for part in parts):
        whole = "".join(str(part) for part in parts)
        return Const(whole) if len(whole) <= LONGEST else Text("", "")
    return Text(_end(parts, first=True)[:LONGEST], _end(parts, first=False)[-LONGEST:])


def _end(parts: list[Value | str], first: bool) -> str:
    """The known beginning, or the known end."""
    text = ""
    for part in parts if first else reversed(parts):
        if isinstance(part, Text):
            known = part.head if first else part.tail
            return text + known if first else known + text
        text = text + str(part) if first else str(part) + text
    return text
