"""A finding: a rule broken at a span of a file, and what to do about it."""

from __future__ import annotations

from confguard.words.typing import NamedTuple

ERROR, WARNING, INFO = "error", "warning", "info"
SEVERITIES = (INFO, WARNING, ERROR)
"""From the mildest to the worst: error, the run cannot do what the file says; warning, known to hurt; info, worth knowing."""

LOAD, START, FIRST_STEP, NEVER = "load", "start", "first-step", "never"
"""When the training library itself would have failed: reading the file, building the trainer, taking a step, or not at all."""

SAFE, UNSAFE = "safe", "unsafe"


def at_least(severity: str, level: str) -> bool:
    """Whether `severity` is as bad as `level`, or worse."""
    return SEVERITIES.index(severity) >= SEVERITIES.index(level)


class Position(NamedTuple):
    """A place in a text: line and column start at 1, the offset (in characters) at 0."""

    line: int
    column: int
    offset: int


class Span(NamedTuple):
    """A stretch of a text, its end excluded."""

    start: Position
    end: Position


class Edit(NamedTuple):
    """The characters of a span, replaced by other text."""

    span: Span
    text: str


class Fix(NamedTuple):
    """Edits that mend a finding; `safe` when the meaning someone intended is certain and no comment is lost."""

    safety: str
    edits: tuple[Edit, ...]


class Waived(NamedTuple):
    """Why a finding does not count: someone wants it so."""

    reason: str
    by: str | None
    expires: str | None


class Finding(NamedTuple):
    """One broken rule. `key` is the dotted path in the file; `keys` has every path involved."""

    code: str
    name: str
    severity: str
    message: str
    key: str | None
    keys: tuple[str, ...]
    file: str
    span: Span
    help: str | None
    fix: Fix | None
    fails: str
    waiver: Waived | None = None
