"""A proposal as plain data: the lines that a project file is to have, each with its reason, and what is left to the reader."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from confguard.words.typing import NamedTuple

SECTIONS = ("references", "files", "target", "extension_keys", "run_name", "code")
"""The keys of the project file that are proposed, in their order."""
LISTS = ("extension_keys", "code")
"""Those that hold a list of texts."""
TEXTS = ("run_name",)
"""Those that hold one text; the others hold names and texts."""


class Entry(NamedTuple):
    """One line of the project file: the section, its name where the section is a mapping, the value, and why it is proposed."""

    section: str
    name: str
    value: str
    why: str
    is_sure: bool = True
    """Whether it is to be written; else it stands there as a comment, for the reader to decide."""


class Found(NamedTuple):
    """What one look at a project came to: lines for its project file, and what is to be said of it beyond them."""

    entries: tuple[Entry, ...] = ()
    notes: tuple[str, ...] = ()


class Proposal(NamedTuple):
    """The project file of one project: where it is to stand, what it is to say, and what is said beside it."""

    root: str
    existing: str | None
    """The project file that is there already; it is never written to."""
    found: str
    """What the project has, in a sentence."""
    entries: tuple[Entry, ...]
    notes: tuple[str, ...]
    marks: str
    """Why a project file is needed even if it says nothing: what a check would not find without it. Empty where it is not."""

    @property
    def sure(self) -> tuple[Entry, ...]:
        """The lines that are to be written."""
        return tuple(entry for entry in self.entries if entry.is_sure)

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to write."""
        return not self.sure and not self.marks

    def of(self, section: str, entries: Iterable[Entry] | None = None) -> list[Entry]:
        """The lines of a section."""
        return [entry for entry in (self.entries if entries is None else entries) if entry.section == section]


MOST_TOLD = 4
"""Files or lines that a reason names; whoever looks at four believes it."""


def told(items: Sequence[str], sign: str = ", ") -> str:
    """The first of several files or lines, whole, and how many more there are."""
    more = len(items) - MOST_TOLD
    return sign.join(items[:MOST_TOLD]) + (f" and {more} more" if more > 0 else "")
