"""What methods of texts that are known give: also of paths, which are texts here. What they get was read before."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from confguard.audit.machine import Arguments
from confguard.audit.texts import concatenated
from confguard.audit.values import ANYTHING, Const, File, Items, Text, Values, text_of

MOST_PARTS = 40
"""Parts of a text that is split."""


def _given(arguments: Arguments) -> list[str | None]:
    """The texts that a method gets, None for what is no text that is known."""
    return [text_of(values[0]) if len(values) == 1 else None for values in arguments.positional]


def _known(arguments: Arguments) -> list[str] | None:
    """The texts that a method gets, where all are known."""
    given = _given(arguments)
    known = [one for one in given if one is not None]
    return known if len(known) == len(given) else None


def _worked_out(of: Const, name: str, arguments: Arguments) -> Any:
    """What Python's own method gives; None where it is not known what it gets, or where it does not take that."""
    known = _known(arguments)
    try:
        return getattr(str(of.value), name)(*known) if known is not None else None
    except (TypeError, ValueError):
        return None


def _parts(parts: Iterable[str]) -> Values:
    return (Items((), [(Const(part),) for part in parts]),)


def itself(of: Const, name: str, arguments: Arguments) -> Values:
    """`path.resolve()`."""
    return (of,)


def filled(of: Const, name: str, arguments: Arguments) -> Values:
    """`text.format(...)`: something else, where there is a place to be filled."""
    return ANYTHING if "{" in str(of.value) else (of,)


def split(of: Const, name: str, arguments: Arguments) -> Values:
    """`text.split(",")`."""
    parts = _worked_out(of, name, arguments)
    return _parts(parts[:MOST_PARTS]) if parts is not None else ANYTHING


def parted(of: Const, name: str, arguments: Arguments) -> Values:
    """`text.partition("=")`."""
    parts = _worked_out(of, name, arguments)
    return _parts(parts) if parts is not None else ANYTHING


def changed(of: Const, name: str, arguments: Arguments) -> Values:
    """`text.replace("a", "b")`, `text.startswith("a")`."""
    result = _worked_out(of, name, arguments)
    return (Const(result, of.of),) if result is not None else ANYTHING


def changed_or_itself(of: Const, name: str, arguments: Arguments) -> Values:
    """`text.strip(characters)`: nearly the same text, where it is not known what it gets."""
    return (of,) if _known(arguments) is None else changed(of, name, arguments)


def joined(of: Const, name: str, arguments: Arguments) -> Values:
    """`", ".join(items)`."""
    values = arguments.get(0)
    if len(values) == 1 and isinstance(values[0], Items) and not values[0].rest and values[0].items:
        parts: list[Values] = []
        for item in values[0].items:
            parts += [item, (Const(str(of.value)),)]
        return concatenated(parts[:-1])
    return ANYTHING


def below(of: Const, name: str, arguments: Arguments) -> Values:
    """`path.joinpath("a", "b")`."""
    parts: list[Values] = [(Const(str(of.value)),)]
    for one in _given(arguments):
        parts += ((Const("/"),), (Const(one),) if one else ANYTHING)
    return concatenated(parts)


def named(of: Const, name: str, arguments: Arguments) -> Values:
    """`path.with_name("a.yaml")`."""
    given = _given(arguments)
    return (Const(str(of.value).rpartition("/")[0] + "/" + given[0]),) if given and given[0] else ANYTHING


def ending(of: Const, name: str, arguments: Arguments) -> Values:
    """`path.with_suffix(".yaml")`."""
    given = _given(arguments)
    return (Const(str(of.value).rpartition(".")[0] + given[0]),) if given and given[0] is not None else ANYTHING


def opened(of: Const, name: str, arguments: Arguments) -> Values:
    """`path.open()`, `path.read_text()`."""
    return (File((Const(str(of.value)),)),)


def globbed(of: Const, name: str, arguments: Arguments) -> Values:
    """`path.glob("*.yaml")`: any file below it that ends so."""
    given = _given(arguments)
    return (Items((), rest=(Text(f"{of.value}/", (given[0] or "").rpartition("*")[2] if given else ""),)),)
