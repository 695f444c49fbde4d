"""A proposal as the text of a project file, held against the reader of project files before anyone sees it."""

from __future__ import annotations

import os
import textwrap
from collections.abc import Callable, Iterator

from confguard.document.document import Document
from confguard.edit.spell import as_toml, as_yaml
from confguard.init.proposal import LISTS, SECTIONS, TEXTS, Entry, Proposal
from confguard.project.discover import PROJECT_FILE
from confguard.project.project import Project
from confguard.project.reading import project_of
from confguard.words.secret import mask

_WIDTH = 100
_HEAD = "# The project file of confguard, as `confguard init` proposes it. Take out what you do not want."


class NotReadBack(Exception):
    """A proposal that the reader of project files does not take for what was meant: a bug of ours."""


def project_file(proposal: Proposal) -> str:
    """The text of a new project file; raises `NotReadBack`."""
    lines = [_HEAD, *(_comment(proposal.marks, "") if proposal.marks else ())]
    for section in SECTIONS:
        if entries := proposal.of(section):
            lines += ["", *_section(section, entries)]
    text = "\n".join(lines) + "\n"
    _hold(text, proposal)
    return text


def as_proposed(proposal: Proposal) -> Project:
    """What the project file would say."""
    return project_of(Document(PROJECT_FILE, project_file(proposal).encode()), os.path.abspath(proposal.root))


def additions(proposal: Proposal) -> list[str]:
    """What a project file that is there lacks, in its own language."""
    if proposal.existing is not None and not proposal.existing.endswith(PROJECT_FILE):
        return list(_tables(proposal))
    return [line for section in SECTIONS if (entries := proposal.of(section, proposal.sure)) for line in _section(section, entries)]


def _section(section: str, entries: list[Entry]) -> Iterator[str]:
    """The lines of a section; what is only offered is a comment, and so is the section's name where it has nothing else."""
    sure, maybe = [entry for entry in entries if entry.is_sure], [entry for entry in entries if not entry.is_sure]
    if section in TEXTS:
        yield from _comment(entries[0].why, "")
        yield f"{'' if sure else '# '}{section}: {as_yaml(entries[0].value)}"
        return
    yield f"{section}:" if sure else f"# {section}:"
    for entry in sure:
        yield from _comment(entry.why, "  ")
        yield f"  {_pair(entry, section)}"
    for entry in maybe:
        yield from _comment(entry.why, "#   ")
        yield f"#   {_pair(entry, section)}"


def _pair(entry: Entry, section: str) -> str:
    return f"- {as_yaml(entry.value)}" if section in LISTS else f"{as_yaml(entry.name)}: {as_yaml(entry.value)}"


def _tables(proposal: Proposal) -> Iterator[str]:
    """What is to be added to `[tool.confguard]`."""
    by_section = {section: entries for section in SECTIONS if (entries := proposal.of(section, proposal.sure))}
    plain = [section for section, entries in by_section.items() if not entries[0].name]
    if plain:
        yield "[tool.confguard]"
    for section in plain:
        entries = by_section.pop(section)
        for entry in entries:
            yield from _comment(entry.why, "")
        values = [entry.value for entry in entries]
        yield f"{section} = {as_toml(values if section in LISTS else values[0])}"
    for section, entries in by_section.items():
        yield f"[tool.confguard.{section}]"
        for entry in entries:
            yield from _comment(entry.why, "")
            yield f"{as_toml(entry.name)} = {as_toml(entry.value)}"


def _comment(why: str, indentation: str) -> Iterator[str]:
    """A reason as comment lines; names of files may hold whatever they like."""
    plain = "".join(char if char.isprintable() else "?" for char in mask(why))
    for line in textwrap.wrap(plain, _WIDTH - len(indentation) - 2, break_long_words=False, break_on_hyphens=False):
        yield f"{indentation}# {line}"


def _hold(text: str, proposal: Proposal) -> None:
    """Raise `NotReadBack` where the reader of project files finds something else in a text than was meant."""
    found = project_of(Document(PROJECT_FILE, text.encode()), os.path.abspath(proposal.root))
    for section in SECTIONS:
        if _READ[section](found) != _meant(section, proposal):
            raise NotReadBack(f"`{section}` of the proposal does not read back as it was meant")


def _meant(section: str, proposal: Proposal) -> object:
    entries = proposal.of(section, proposal.sure)
    if section in LISTS:
        return tuple(entry.value for entry in entries)
    if section in TEXTS:
        return entries[0].value if entries else None
    return {entry.name: entry.value for entry in entries}


_READ: dict[str, Callable[[Project], object]] = {
    "references": lambda project: dict(project.references),
    "files": lambda project: dict(project.files),
    "target": lambda project: dict(project.target),
    "extension_keys": lambda project: project.extension_keys,
    "run_name": lambda project: project.run_name,
    "code": lambda project: project.code,
}
