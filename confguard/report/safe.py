"""What someone else wrote, made fit to be shown: nothing in it drives the terminal, forges a line or gives a secret away."""

from __future__ import annotations

from collections.abc import Callable

from confguard.words.finding import Fix
from confguard.words.secret import mask

_HARMLESS = "\t\u3000"  # the second is the blank of Chinese texts; Python calls neither printable


def visible(text: str) -> str:
    r"""A text on one line in which nothing moves the cursor or hides: such characters are written as escapes.

    >>> print(visible("a\x1b[31mb"))
    a\x1b[31mb
    """
    return escaped(text, lambda char: char.encode("unicode_escape").decode())


def clean(text: str) -> str:
    """A text as it may be shown: its secrets masked, and visible."""
    return visible(mask(text))


def escaped(text: str, escape: Callable[[str], str]) -> str:
    """A text with each character that is no visible one replaced by what `escape` makes of it."""
    if text.isprintable():
        return text
    return "".join([char if char.isprintable() or char in _HARMLESS else escape(char) for char in text])


def shown_fix(fix: Fix | None) -> Fix | None:
    """A fix, unless one of its edits would write a secret into the report."""
    return None if fix and any(mask(edit.text) != edit.text for edit in fix.edits) else fix


def in_lines(text: str, room: int) -> list[str]:
    """A text in lines of at most so many characters, cut at blanks; a longer word has a line of its own.

    The standard library's textwrap takes 2 ms to load, which every check with a finding would pay.

    >>> in_lines("a bb ccc", 4), in_lines("a-b abcdef", 4), in_lines("", 4)
    (['a bb', 'ccc'], ['a-b', 'abcdef'], [''])
    """
    lines, line = list[str](), ""
    for word in text.split(" "):
        if line and len(line) + 1 + len(word) > room:
            lines.append(line)
            line = word
        else:
            line = f"{line} {word}" if line else word
    return [*lines, line.rstrip()] if line or not lines else lines


def columns(text: str) -> int:
    """The columns a text takes in a terminal: a Chinese character takes two."""
    if text.isascii():
        return len(text)
    from unicodedata import combining, east_asian_width

    return sum(0 if combining(char) else 2 if east_asian_width(char) in "WF" else 1 for char in text)
