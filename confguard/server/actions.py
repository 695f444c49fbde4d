"""What can be done about a place in an open config: edits of its text, each proved to do what its title says and nothing else."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Iterator

from confguard.checking.waive import ignores
from confguard.document.document import Document
from confguard.edit.mend import mended
from confguard.edit.splice import EditRefused, Splice, prove, spliced
from confguard.migrate.fixing import fixed, splices_of
from confguard.migrate.goal import Judging, goals_of
from confguard.migrate.restore import units_of
from confguard.migrate.units import made
from confguard.migrate.wishes import Wishes
from confguard.report.safe import clean, shown_fix
from confguard.report.wording import masked
from confguard.schemas.catalogue import CATALOGUE
from confguard.server.buffers import NOT_USABLE, Buffers, settled
from confguard.server.look import REFERENCE, Look, look_at, reference_of, row_of
from confguard.server.notes import Found, Note, options_of
from confguard.server.texts import Edit, Stretch, edits_between
from confguard.words.change import ADDED, SAME
from confguard.words.finding import SAFE, Finding
from confguard.words.spelling import show
from confguard.words.typing import NamedTuple

QUICK_FIX, FIX_ALL, REWRITE = "quickfix", "source.fixAll.confguard", "refactor.rewrite"
KINDS = (QUICK_FIX, FIX_ALL, REWRITE)
LARGEST = 32 * 1024
"""Characters of a file up to which anything is offered: an edit is proved by reading the whole file again, several times."""
_MOST_READ = 200_000
"""Characters of the file that are read again for one question, once for each finding; people ask about one line, not about all."""
_UNIGNORABLE = ("WAIVE",)
"""Findings about ignore comments are mended, not ignored."""


class Action(NamedTuple):
    """What can be done, the edits of the file that do it, and what is mended by that."""

    title: str
    kind: str
    edits: tuple[Edit, ...]
    is_preferred: bool = False
    """Whether an editor may make it at a keystroke: its meaning is certain, and no comment is lost."""
    note: Note | None = None


def actions(path: str, at: Stretch, found: Found, buffers: Buffers, only: tuple[str, ...]) -> list[Action]:
    """What can be done about a stretch of a file; `only` names the kinds that are asked for, all of them when empty."""
    buffers = settled(buffers)
    look = look_at(path, buffers)
    if look is None or len(look.document.text) > LARGEST:
        return []
    most = _MOST_READ // (len(look.document.text) + 1)
    here = [(finding, note) for finding, note in found.findings if note.file == path and _touch(note.at, at)][:most]
    making: dict[str, Callable[[], Iterator[Action]]] = {
        QUICK_FIX: lambda: _quick_fixes(look, here),
        REWRITE: lambda: _as_in_the_reference(look, at, buffers),
        FIX_ALL: lambda: _fix_all(look, buffers),
    }
    wanted = [kind for kind in KINDS if not only or any(kind == asked or kind.startswith(f"{asked}.") for asked in only)]
    return [action for kind in wanted for action in making[kind]()]


def _touch(one: Stretch, other: Stretch) -> bool:
    return one.start <= other.end and other.start <= one.end


# --- findings ---


def _quick_fixes(look: Look, here: list[tuple[Finding, Note]]) -> Iterator[Action]:
    """The fixes of findings, and then ways to ignore them."""
    unwaived = [(finding, note) for finding, note in here if finding.waiver is None]
    for finding, note in unwaived:
        yield from _fix(look, finding, note)
    for finding, note in unwaived:
        if not finding.code.startswith(_UNIGNORABLE):
            yield from _ignore(look, finding, note)


def _fix(look: Look, finding: Finding, note: Note) -> Iterator[Action]:
    fix = shown_fix(finding.fix)
    if fix is None:
        return
    splices = splices_of(finding)
    try:
        mended(look.document, splices)
    except EditRefused:
        return
    title = f"{finding.code}: {clean(finding.help or 'mend it')}"
    safe = fix.safety == SAFE
    yield Action(title if safe else f"{title} (unsafe fix)", QUICK_FIX, _edits(look, splices), safe, note)


def _edits(look: Look, splices: list[Splice]) -> tuple[Edit, ...]:
    return tuple(Edit(look.lines.stretch(start + look.mark, end + look.mark), text) for start, end, text in splices)


def _ignore(look: Look, finding: Finding, note: Note) -> Iterator[Action]:
    """A comment that ignores a finding once its reason is written: without one it does nothing, and a check says so."""
    for splice in (_behind(look.document, finding), _above(look.document, finding)):
        if splice is not None and _only_ignores(look.document, splice, finding):
            title = f"{finding.code}: ignore it here (write the reason behind the bracket)"
            yield Action(title, QUICK_FIX, _edits(look, [splice]), False, note)
            return


def _comment(finding: Finding) -> str:
    return f"# confguard: ignore[{finding.code}] "


def _behind(document: Document, finding: Finding) -> Splice | None:
    """The comment at the end of the line, where there is none yet."""
    line = document.line(finding.span.start.line)
    end = finding.span.start.offset - (finding.span.start.column - 1) + len(line)
    blanks = "" if line.endswith((" ", "\t")) else "  "
    return Splice(end, end, blanks + _comment(finding)) if line.strip() else None


def _above(document: Document, finding: Finding) -> Splice | None:
    """The comment in a line of its own."""
    line = document.line(finding.span.start.line)
    start = finding.span.start.offset - (finding.span.start.column - 1)
    ending = re.search(r"\r\n|\n|\r", document.text)
    indent = line[: len(line) - len(line.lstrip())]
    return Splice(start, start, f"{indent}{_comment(finding)}{ending[0] if ending else chr(10)}")


def _only_ignores(document: Document, splice: Splice, finding: Finding) -> bool:
    """Whether a splice adds an ignore that speaks of the finding's line, and changes neither the data nor what other ignores speak of."""
    try:
        after = prove(document, spliced(document.text, [splice]), lambda data: data)
    except EditRefused:
        return False
    line = finding.span.start.line
    moved = 1 if splice.text.endswith(("\n", "\r")) else 0
    before = [(comment.codes, {at + moved * (at >= line) for at in comment.lines}) for comment in ignores(document)]
    now = [(comment.codes, set(comment.lines)) for comment in ignores(after)]
    added = [item for item in now if item not in before]
    is_kept = all(item in now for item in before)
    return is_kept and len(added) == 1 and added[0][0] == (finding.code,) and line + moved in added[0][1]


# --- the whole file ---


def _fix_all(look: Look, buffers: Buffers) -> Iterator[Action]:
    """All that `check --fix` would mend in this file."""
    try:
        result = fixed([look.document.path], CATALOGUE, options_of(with_code=False), unsafe=False, as_it_is=buffers.read)
    except NOT_USABLE:  # the file is not checked either, and its notes say why
        return
    for path, before, after in result.files:
        if path == look.document.path:
            mark = look.lines.text[: look.mark]
            edits = tuple(edits_between(look.lines.text, mark + after.text)) if before.text == look.document.text else ()
            yield Action("Make all safe fixes in this file", FIX_ALL, edits)


# --- the reference ---


def _as_in_the_reference(look: Look, at: Stretch, buffers: Buffers) -> Iterator[Action]:
    """The edit that a migration to the project's reference would make for the key at a place."""
    spot, theirs = look.spot(at.start), reference_of(look, buffers.read)
    row = row_of(look, theirs, spot) if spot is not None and theirs is not None else None
    if row is None or theirs is None or row.status == SAME or row.kind == ADDED:
        return
    judging = Judging(REFERENCE, Wishes(), look.project.waivers, CATALOGUE, datetime.date.today())
    goals, _ = goals_of([row], judging)
    units, _ = units_of(goals, theirs, look.ours, CATALOGUE)
    after, rows = made(look.document, units, unsafe=True)
    if not any(told.written for told in rows):
        return
    lost = [comment for told in rows for comment in told.lost]
    title = f"Set `{clean(row.key)}` to the reference's {clean(show(masked(row.key, rows[0].after)))}"
    edits = edits_between(look.lines.text, look.lines.text[: look.mark] + after.text)
    yield Action(f"{title} (a comment is lost)" if lost else title, REWRITE, tuple(edits))
