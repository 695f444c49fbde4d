"""A recipe: what a training file means, by canonical parameter, whatever kind of file it was written in."""

from __future__ import annotations

import re
from collections.abc import Callable

from confguard.words.finding import Span
from confguard.words.typing import Any, NamedTuple, Protocol

_NAME_IN_TEXT = re.compile(r"`([a-z_0-9]+)`")


class Text(Protocol):
    """A file in which offsets can be turned into lines and columns."""

    path: str

    def span(self, start: int, end: int) -> Span:
        """Lines and columns of the characters from `start` to `end`."""


ANCHORED = "&"
"""The style of a value that begins with an anchor or a tag, which an edit of the value would lose."""


class Place(NamedTuple):
    """Where a value stands: its dotted path, and the offsets of its key and value; no file where the data came without one."""

    path: str
    text: Text | None = None
    key: tuple[int, int] | None = None
    value: tuple[int, int] | None = None
    style: str = ""
    """How the value is written: `'` or `"` for quotes, `|` or `>` for blocks, `[` or `{` for flow, `-` for block lists, else plain."""


class Comment(NamedTuple):
    """One comment: its words without the `#`, and its offsets."""

    words: str
    start: int
    end: int
    value_before: Callable[[int], str | None] | None = None

    @property
    def parameter(self) -> str | None:
        """The parameter whose value stands before the comment on its line."""
        return self.value_before(self.start) if self.value_before else None


def place_in_data(path: str, key: Any, value: Any) -> Place:
    """A place in data that came without a file: its path."""
    return Place(path)


class Recipe:
    """Values by canonical parameter, and where each of them stands.

    `values` holds only what is known to be well-typed; `spots` also has what is written but cannot be used, and `empty` what is null.
    `entries` are the recipes of a keyed list, such as the models of an executor file, by name.
    """

    __slots__ = ("defaults", "empty", "entries", "kind", "locate", "names", "spots", "values")

    def __init__(self, kind: str, names: dict[str, str], locate: Callable[[str, Any, Any], Place] = place_in_data) -> None:
        self.kind = kind
        self.names = names
        self.locate = locate
        self.values: dict[str, Any] = {}
        self.spots: dict[str, tuple[str, Any, Any]] = {}  # path, key and value, from which `locate` makes a place
        self.empty: set[str] = set()
        self.defaults: dict[str, Any] = {}
        self.entries: dict[str, Recipe] = {}

    def is_given(self, parameter: str) -> bool:
        """Whether a parameter is written, well-typed or not."""
        return parameter in self.spots and parameter not in self.empty

    def unusable(self) -> set[str]:
        """Parameters that are written in a way that cannot be used."""
        if len(self.spots) == len(self.values):  # each that is written has a value
            return set()
        return self.spots.keys() - self.values.keys() - self.empty - {"entry"}

    def get(self, parameter: str) -> Any:
        """The value of a parameter: written, or else the schema's default, or else None."""
        return self.values.get(parameter, self.defaults.get(parameter))

    def name(self, parameter: str) -> str:
        """The dotted path that a parameter has, or would have, in this kind of file."""
        spot = self.spots.get(parameter)
        return spot[0] if spot else self.names.get(parameter, parameter)

    def place(self, parameter: str) -> Place | None:
        """Where a parameter stands; None where it is not in the file. `entry` is the recipe's own key."""
        spot = self.spots.get(parameter)
        return self.locate(*spot) if spot else None

    def without(self, keys: frozenset[str]) -> Recipe:
        """The same recipe as if some keys, by their paths, were unknown: neither a value of theirs nor a default counts."""
        less = Recipe(self.kind, self.names, self.locate)
        gone = {parameter for parameter in (*self.names, *self.spots) if self.name(parameter) in keys}
        less.values = {name: value for name, value in self.values.items() if name not in gone}
        less.spots = {name: spot for name, spot in self.spots.items() if name not in gone}
        less.empty = self.empty - gone
        less.defaults = {name: value for name, value in self.defaults.items() if name not in gone}
        less.entries = {name: entry.without(keys) for name, entry in self.entries.items()}
        return less

    def in_its_words(self, text: str) -> str:
        """A message with each parameter in backticks under the name it has in this kind of file."""
        return _NAME_IN_TEXT.sub(lambda found: f"`{self.name(found[1])}`", text)


class Link(NamedTuple):
    """A file that another file names: what it is called there, where it was found, and what is in it."""

    asked: str
    found: str | None
    example: str | None
    recipe: Recipe | None
    broken: str | None
    """Why no recipe could be made of the file that was found."""


def dotted(*parts: str | int) -> str:
    """Join the parts of a path: `a.b[0]`; a name that no dotted path can hold is quoted.

    >>> dotted("models", "gpt-4o-mini", "max_tokens")
    'models.gpt-4o-mini.max_tokens'
    >>> dotted("device_mapping", 0)
    'device_mapping[0]'
    """
    path = ""
    for part in parts:
        if isinstance(part, int):
            path += f"[{part}]"
        else:
            path += f".{part}" if path else part
    return path
