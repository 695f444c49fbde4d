"""Splices: edits that change the characters they name and no other, proved by reading the text again.

A round trip through a YAML library damages nearly every file that people write; a splice does not. What it may do wrong is to mean
something else than was meant, in an alias, a comment or a block text. So nothing is written before every reader has found in the
new text just what was intended.
"""

from __future__ import annotations

import marshal
import re
from collections.abc import Callable, Iterable, Iterator
from functools import cache

from confguard.document.document import Document, data
from confguard.document.opinion import NoOpinion, by_ruamel
from confguard.document.scalars import YAML_11, YAML_12, BadScalar
from confguard.words.typing import Any, NamedTuple


class EditRefused(Exception):
    """An edit that cannot be made, or would change more than it should; the message says why."""


class Overlap(EditRefused):
    """Two edits that touch the same characters."""


class Splice(NamedTuple):
    """One edit: the characters from `start` to before `end` give way to `text`."""

    start: int
    end: int
    text: str


def spliced(text: str, edits: Iterable[Splice]) -> str:
    """A text with edits made, whatever order they come in; raises `EditRefused` where two of them touch the same characters.

    >>> spliced("a: 1  # one", [Splice(8, 11, "two"), Splice(3, 4, "2")])
    'a: 2  # two'
    """
    parts = []
    at = 0
    for start, end, new in sorted(edits, key=_offsets):
        if not at <= start <= end <= len(text):
            raise Overlap("two edits touch the same characters")
        parts += [text[at:start], new]
        at = end
    return "".join([*parts, text[at:]])


def _offsets(edit: Splice) -> tuple[int, int]:
    return edit.start, edit.end


def prove(before: Document, text: str, intended: Callable[[Any], Any]) -> Document:
    """The document that an edited text is, if every reader finds in it what was intended: order and types included.

    `intended` turns what a reader found before the edit into what it should find after; readers differ in what `2e-5` is, so it is
    asked once for each. A reader that could not read the old text has no say in the new one. Raises `EditRefused`.
    """
    after = Document(before.path, before.encoded(text))
    if after.refused is not None:
        raise EditRefused(f"{before.path}: the file could not be read any more: {after.refused.message}")
    if len(after.tree.repeated) > len(before.tree.repeated):
        raise EditRefused(f"{before.path}: a key would be there twice")
    for reader in _asked(before, after):
        try:
            old = _READERS[reader](before)
        except (BadScalar, NoOpinion):
            continue
        try:
            same = alike(_READERS[reader](after), intended(old))
        except (BadScalar, NoOpinion, LookupError) as error:
            raise EditRefused(f"{before.path}: {reader} could not read the file any more: {error}") from None
        if not same:
            raise EditRefused(f"{before.path}: {reader} would find something else in the file than was intended")
    return after


def _asked(before: Document, after: Document) -> Iterator[str]:
    """The readers that are asked: one that reads every word of both texts as another one does is not asked again.

    Nor is ruamel.yaml, which takes ten times as long as all the rest, where no two parsers can take the lines apart in two ways.
    """
    yield OLD
    if not (before.tree.is_read_alike and after.tree.is_read_alike):
        yield NEW
    if not (is_simple(before.text) and is_simple(after.text)):
        yield RUAMEL


_PLAIN = r"[\w./+-]+(?: [\w./+-]+)*"
_QUOTED = r"'[^'\x00-\x1f\x7f-\uffff]{0,400}'|\"[^\"\\\x00-\x1f\x7f-\uffff]{0,400}\""
_SCALAR = rf"(?:{_PLAIN}|{_QUOTED})"
_SIMPLE_LINE = (
    rf" *(?:[A-Za-z_][\w-]*|{_QUOTED}):(?: +(?:{_SCALAR}|\[(?:{_SCALAR}(?:, {_SCALAR})*)?\]))?(?: *| +#[^\x00-\x1f\x7f-\xa0\u2028\u2029]*)"
    r"| *(?:#[^\x00-\x1f\x7f-\xa0\u2028\u2029]*)?"
)


def is_simple(text: str) -> bool:
    r"""Whether a text is lines of a key and a plain value each, which every YAML parser there is takes apart alike.

    >>> is_simple("a: 1  # one\nb:\n  c: [x, 'y']\n"), is_simple("a: &b 1\n"), is_simple("- a\n")
    (True, False, False)
    """
    return _simple_lines()(text) is not None


@cache
def _simple_lines() -> Callable[[str], Any]:
    return re.compile(rf"(?:(?:{_SIMPLE_LINE})\n)*(?:{_SIMPLE_LINE})?", re.ASCII).fullmatch


def alike(one: Any, other: Any) -> bool:
    """Whether two values are the same to the type of each part and the order of each mapping's keys; NaN is like NaN."""
    try:
        if marshal.dumps(one, 2) == marshal.dumps(other, 2):  # it writes type, value and order, and does so ten times as fast
            return True
    except ValueError:  # there is a date
        pass
    return _are_alike(one, other)


def _are_alike(one: Any, other: Any) -> bool:
    if type(one) is not type(other):
        return False
    if isinstance(one, dict):
        return _are_alike(list(one), list(other)) and _are_alike(list(one.values()), list(other.values()))
    if isinstance(one, list):
        return len(one) == len(other) and all(map(_are_alike, one, other))
    return bool(one == other or (one != one and other != other))


def _reading(document: Document, reader: str) -> Any:
    return None if document.root is None else data(document.root, reader)


OLD, NEW, RUAMEL = "a YAML 1.1 reader", "a YAML 1.2 reader", "ruamel.yaml"
_READERS: dict[str, Callable[[Document], Any]] = {
    OLD: lambda document: _reading(document, YAML_11),
    NEW: lambda document: _reading(document, YAML_12),
    RUAMEL: lambda document: by_ruamel(document.text),
}
