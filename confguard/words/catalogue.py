"""The catalogue: everything the engine is told about kinds and rules. Made in `confguard.schemas`, handed to the engine."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from confguard.words.language import Said
from confguard.words.recipe import Recipe
from confguard.words.rulebook import Rulebook
from confguard.words.shape import Shape
from confguard.words.typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from confguard.words.conversion import Conversion
    from confguard.words.target import Target


FIXED = "fixed "
"""How a waiver for a composite begins: `temperature: fixed 0.4`."""


class Composite(NamedTuple):
    """A parameter that a file spreads over several keys: the temperature is a fixed number, or a schedule."""

    title: Said
    members: tuple[str, ...]
    """The parameters it is spread over, beside the one it is named after."""
    says: Callable[[Recipe], Said]
    """What they come to, together."""
    waivable: Callable[[Recipe], str | None]
    """The value that a waiver of the whole would have; None where it can only be waived key by key."""
    asks: Callable[[str], dict[str, Any] | None]
    """What such a value asks of the parameter and of each member; None for a value that no waiver of the whole can have."""


class Catalogue(NamedTuple):
    """The shapes of the known kinds, the rules by code, the folder that holds the profiles, and what is special about parameters."""

    shapes: tuple[Shape, ...]
    rules: Rulebook
    profiles: str
    composites: dict[str, Composite]
    sets: frozenset[str]
    """Parameters whose value is a set of names, written as a list or with commas."""
    identity: frozenset[str]
    """Parameters that name a run or a machine; they never count as drift."""
    scaled: dict[str, str]
    """Parameters that are a share of another one's steps, and that other one."""
    newest: Callable[[], Target]
    """The newest releases that are known."""
    oldest: Callable[[], Target]
    """The oldest."""
    of_its_time: Callable[[str, str, str], str]
    """The release of a library that was the newest when a release of another one came out."""
    conversions: Callable[[], tuple[Conversion, ...]]
    """How files of one kind become files of another."""

    def shape(self, kind: str) -> Shape | None:
        """The shape of a kind by its name."""
        return next((shape for shape in self.shapes if shape.kind == kind), None)

    def parameter(self, name: str) -> str | None:
        """The canonical parameter that a user means by a name: its own, or a key or a dotted path of some kind."""
        found = next((found for shape in self.shapes if (found := shape.parameter(name))), None) or self._parameter_of_entry(name)
        return found or next((found for shape in self.by_release() if (found := shape.parameter(name))), None)

    def by_release(self) -> Iterator[Shape]:
        """The shapes of the kinds that differ from release to release, for the newest."""
        return (shape.at(self.newest()) for shape in self.shapes if shape.at is not None)

    def _parameter_of_entry(self, path: str) -> str | None:
        """`models.gpt-4o-mini.max_tokens` is what `models.*.max_tokens` stands for."""
        from fnmatch import fnmatchcase

        names = ((parameter, pattern) for shape in self.shapes for parameter, pattern in shape.names.items() if "*" in pattern)
        return next((parameter for parameter, pattern in names if fnmatchcase(path, pattern)), None)

    def means(self, parameter: str | None, value: Any) -> Any:
        """A value in a form in which equal means the same: 1 is 1.0 but not true; of a set of names the order is nothing."""
        if parameter in self.sets and isinstance(value, (str, list)):
            names = value.split(",") if isinstance(value, str) else value
            return frozenset(str(name).strip() for name in names)
        return (type(value), value) if isinstance(value, (bool, str)) else value
