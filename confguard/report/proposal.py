"""A proposal for a project file as text: the file as it would be written, then what was left out of it and why."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from confguard.init.proposal import Proposal
from confguard.report.paint import Line
from confguard.report.safe import in_lines
from confguard.words.secret import mask


def proposal_text(proposal: Proposal, path: str, lines: Sequence[str], width: int) -> Iterator[Line]:
    """What was found, the lines that are proposed, and the notes. `path` is the project file."""
    yield [
        ("strong", path if proposal.existing is None else proposal.existing),
        ("", f": {_state(proposal)}"),
        ("dim", f" ({proposal.found})"),
    ]
    if lines:
        yield []
    for line in lines:
        yield [("dim" if line.lstrip().startswith("#") else "", f"  {line}" if line else "")]
    if proposal.notes:
        yield []
    for note in proposal.notes:
        head, *more = mask(note).split("\n")
        for number, part in enumerate(in_lines(head, width - 4)):
            yield [("", f"{'- ' if number == 0 else '  '}{part}")]
        yield from ([("", f"    {line}")] for line in more)


def _state(proposal: Proposal) -> str:
    if proposal.existing is not None:
        return "is there and stays as it is; it could have these lines, too" if proposal.sure else "is there, and nothing is to be added"
    if not proposal.is_empty:
        return "proposed"
    return "nothing needs to be written; it could have these lines" if proposal.entries else "nothing needs to be written"
