"""`confguard init`: propose a project file from what lies in a folder, and write it where that is asked for."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from confguard.checking.setting import BadUsage
from confguard.commands.complain import complain
from confguard.commands.recovering import files_to_read
from confguard.commands.writing import undo_hint, write
from confguard.document.document import Document
from confguard.document.source import Unreadable, read_bytes
from confguard.edit.splice import EditRefused
from confguard.init.home import Home, home_of, homes_of
from confguard.init.modeline import schema_path, with_modeline
from confguard.init.proposal import Proposal, told
from confguard.init.propose import proposal_for
from confguard.init.spelled import additions, as_proposed, project_file
from confguard.project.discover import PROJECT_FILE
from confguard.project.find import find_project
from confguard.report.paint import Line, paint, width_of
from confguard.report.proposal import proposal_text
from confguard.schemas.catalogue import CATALOGUE
from confguard.schemas.rules.names import template_of
from confguard.words.spelling import counted

Change = tuple[str, Document | None, Document]


def run(path: str | None = None, is_to_write: bool = False, schemas: bool = False) -> int:
    """Show what is proposed, and write it if asked to; 0 when nothing is left to write, 1 otherwise. Raises `BadUsage`, `Unreadable`."""
    files_to_read([path or os.curdir])
    homes = homes_of(path or os.curdir, CATALOGUE)
    proposals = [proposal_for(home, CATALOGUE, template_of) for home in homes if _matters(home, homes)]
    if not any(home.configs or home.references or home.unclear for home in homes):
        return _nothing(path or os.curdir, homes)
    changes: list[Change] = []
    for proposal in proposals:
        lines = _lines(proposal)
        paint([*proposal_text(proposal, _file_of(proposal), lines, width_of(sys.stdout)), []])
        if proposal.existing is None and not proposal.is_empty:
            file = _file_of(proposal)
            changes.append((file, None, Document(file, ("\n".join(lines) + "\n").encode())))
    if schemas:
        changes += [change for home in homes for change in _with_schemas(_as_proposed(home, proposals))]
    command = " ".join(["confguard init", *([shlex.quote(path)] if path else []), *(["--schemas"] if schemas else []), "--write"])
    return _ended(changes, proposals, is_to_write, command)


def _matters(home: Home, homes: Sequence[Home]) -> bool:
    """Whether there is anything to be said of a project: of the upper folder of several there may not be."""
    return bool(home.configs or home.unclear or home.project.document is not None or len(homes) == 1)


def _nothing(path: str, homes: Sequence[Home]) -> int:
    yaml = sum(file.endswith((".yaml", ".yml")) for home in homes for file in home.files)
    notes = [note for home in homes for note in home.notes]
    found = f"{counted(yaml, 'YAML file is', 'YAML files are')} of no kind that confguard knows" if yaml else "there is no YAML file"
    paint([[("strong", f"{path}: "), ("", f"no training config; {found}. Nothing is proposed.")]])
    for note in notes:
        complain(note)
    return 1


def _file_of(proposal: Proposal) -> str:
    return os.path.normpath(os.path.join(proposal.root, PROJECT_FILE))


def _lines(proposal: Proposal) -> list[str]:
    """The lines of a new project file, or those that one which is there lacks."""
    if proposal.existing is not None:
        return additions(proposal)
    return [] if proposal.is_empty and not proposal.entries else project_file(proposal).removesuffix("\n").split("\n")


def _ended(changes: list[Change], proposals: list[Proposal], is_to_write: bool, command: str) -> int:
    """Write what is to be written, and say how it stands; the exit code."""
    by_hand = [str(proposal.existing) for proposal in proposals if proposal.existing is not None and proposal.sure]
    if changes and not is_to_write:
        paint(_plan(changes, command))
        is_to_write = _is_wanted()
    if changes and is_to_write:
        _make_folders(changes)
        paint(undo_hint(write(changes, "init", find_project)))
    if by_hand and is_to_write:
        complain(f"{told(by_hand)}: not edited; add the lines above by hand")
    if not changes and not by_hand:
        paint([[("good", "There is nothing to write.")]])
    return 1 if by_hand or (changes and not is_to_write) else 0


def _is_wanted() -> bool:
    """Whether whoever sits at the terminal says so; nobody is asked in a pipe."""
    if not (sys.stdin is not None and sys.stdin.isatty() and sys.stdout.isatty()):
        return False
    try:
        return input("Write it? [y/N] ").strip().lower() in ("y", "yes")
    except EOFError:
        return False


def _plan(changes: Sequence[Change], command: str) -> Iterator[Line]:
    made = [path for path, before, _ in changes if before is None]
    edited = [path for path, before, _ in changes if before is not None]
    steps = [f"makes {told(made)}"] if made else []
    steps += [f"changes {told(edited)}"] if edited else []
    yield [("strong", "Nothing is written yet. "), ("", f"`{command}` {' and '.join(steps)}; `confguard undo` takes it back.")]


def _make_folders(changes: Sequence[Change]) -> None:
    for path, before, _ in changes:
        if before is None and os.path.dirname(path):
            try:
                os.makedirs(os.path.dirname(path), exist_ok=True)
            except OSError as error:
                raise BadUsage(f"{os.path.dirname(path)}: cannot be made ({error.strerror})") from None


# --- schemas ---


def _as_proposed(home: Home, proposals: Sequence[Proposal]) -> Home:
    """A project with its files read as the proposed project file would have it, so that a second run finds the same."""
    proposal = next((one for one in proposals if one.root == home.root and one.existing is None and not one.is_empty), None)
    return home if proposal is None else home_of(home.root, home.files, as_proposed(proposal), CATALOGUE)


def _with_schemas(home: Home) -> Iterator[Change]:
    """The schema of each kind of a project, and the line in each config that names it; what stays as it is, is said."""
    if not home.configs:
        return
    from confguard.report.json import to_text
    from confguard.schemas.json_schema import json_schema

    for shape in {file.kind: file.shape for file in home.configs if file.shape is not None}.values():
        schema = json_schema(shape.kind, shape.target, extension_keys=home.project.extension_keys)
        yield from _changed(schema_path(home.root, shape.kind), to_text(schema) + "\n")
    for file in home.configs:
        if not Path(os.path.realpath(file.document.path)).is_relative_to(os.path.realpath(home.root)):  # by a link
            complain(f"{file.document.path}: leads out of the project, and stays as it is")
            continue
        try:
            after = with_modeline(file.document, schema_path(home.root, file.kind or ""))
        except EditRefused as error:
            complain(str(error))
            continue
        if after is not None:
            yield file.document.path, file.document, after


def _changed(path: str, text: str) -> Iterator[Change]:
    try:
        before = Document(path, read_bytes(path)) if os.path.lexists(path) else None
    except Unreadable as error:
        raise BadUsage(str(error)) from None
    if before is None or before.text != text:
        yield path, before, Document(path, text.encode())
