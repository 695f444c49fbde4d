"""`confguard waive`: write into the project file that a deviation is wanted, with the value it has today."""

from __future__ import annotations

import datetime
import os
from collections.abc import Callable, Iterator

from confguard.checking.setting import BadUsage
from confguard.commands.complain import complain
from confguard.commands.recovering import files_to_read
from confguard.document.document import Document
from confguard.document.source import read_bytes
from confguard.edit.append import appended, in_braces
from confguard.edit.spell import as_toml, as_yaml, quoted
from confguard.edit.splice import EditRefused, prove, spliced
from confguard.project.discover import PROJECT_FILE
from confguard.project.find import find_project
from confguard.project.held import NotWaivable
from confguard.project.project import Project
from confguard.project.reading import project_of
from confguard.project.waiving import Asked, waiver_for
from confguard.report.paint import Line, paint
from confguard.schemas.catalogue import CATALOGUE
from confguard.transaction.commit import FileChange, commit
from confguard.transaction.write import NotWritten
from confguard.words.spelling import show
from confguard.words.typing import Any
from confguard.words.waiver import Waiver

_MARK = b"\xef\xbb\xbf"


def run(key: str, because: str, until: str | None = None, by: str | None = None, config: str | None = None) -> int:
    """Add a waiver to the project file and print what was written; 0, or 2 where it is to be added by hand. Raises `BadUsage`."""
    files_to_read([config if config and os.path.exists(config) else os.curdir])
    project = _project(config)
    path = os.path.relpath(os.path.join(project.root, PROJECT_FILE))
    before = read_bytes(path) if os.path.exists(path) else None
    if before is not None:  # what is edited is what was read here, whatever happens to the file meanwhile
        project = project_of(Document(path, before), project.root)
    try:
        waiver = waiver_for(Asked(key, because, until, by, config), project, CATALOGUE, datetime.date.today())
        if before is None and project.document is not None:
            return _by_hand(f"{project.document.path} is not edited; add this by hand:", _in_toml(waiver, project))
        record = _record(waiver)
    except (NotWaivable, EditRefused) as error:
        raise BadUsage(str(error)) from None
    try:
        after = _added(waiver, project, path)
        notes = _write(path, before, after.text, project.root, f"waive {key}")
    except EditRefused as error:
        return _by_hand(f"{error}; add this to `waivers` by hand:", [f"- {in_braces(record)}"])
    except NotWritten as error:
        raise BadUsage(str(error)) from None
    paint(_shown(waiver, after))
    for note in notes:
        complain(note)
    return 0


def _project(config: str | None) -> Project:
    """The project of the config that was named, since it is there that a check will look; else that of the working folder."""
    here = find_project("")
    if config is None or not os.path.exists(config):
        return here
    there = find_project(config if os.path.isdir(config) else os.path.dirname(config))
    is_marked = there.document is not None or os.path.exists(os.path.join(there.root, ".git"))
    return there if is_marked or os.path.relpath(there.root, here.root).startswith(os.pardir) else here


def _added(waiver: Waiver, project: Project, path: str) -> Document:
    """The project file with one more waiver, proved to be just that; raises `EditRefused`."""
    document = project.document or Document(path, b"")
    after = prove(document, spliced(document.text, appended(document, "waivers", _record(waiver))), _with(_data(waiver)))
    read_back = [found[:5] for found in project_of(after, project.root).waivers]
    if read_back != [*(found[:5] for found in project.waivers), waiver[:5]]:
        raise EditRefused(f"{document.path}: the waiver would not read back as it was meant")
    return after


def _with(entry: dict[str, Any]) -> Callable[[Any], Any]:
    """What a reader finds in a project file when it has one more waiver."""

    def intended(found: Any) -> Any:
        found = found or {}
        return {**found, "waivers": [*(found.get("waivers") or []), entry]}

    return intended


def _data(waiver: Waiver) -> dict[str, Any]:
    """A waiver as the project file has it."""
    by = {"by": waiver.by} if waiver.by else {}
    return {"parameter": waiver.parameter, "value": waiver.value, "reason": waiver.reason, **by, "expires": waiver.expires or "never"}


def _record(waiver: Waiver) -> dict[str, str]:
    return {name: quoted(value) if name == "reason" else as_yaml(value) for name, value in _data(waiver).items()}


def _write(path: str, before: bytes | None, text: str, root: str, command: str) -> list[str]:
    """Write the project file; what there is to say of it. Raises `NotWritten`."""
    mark = _MARK if before is not None and before.startswith(_MARK) else b""
    return commit([FileChange(path, before, mark + text.encode())], root, command).notes


def _in_toml(waiver: Waiver, project: Project) -> list[str]:
    """The waiver for pyproject.toml, in the style of those that are there; raises `EditRefused`."""
    entry = _data(waiver)
    if waiver.value is None:
        raise EditRefused(f"TOML has no null, which says that `{waiver.parameter}` is absent; move [tool.confguard] to {PROJECT_FILE}")
    if project.waivers and b"[[tool.confguard.waivers]]" not in read_bytes(os.path.join(project.root, "pyproject.toml")):
        return [f"{as_toml(entry)},"]
    return ["[[tool.confguard.waivers]]", *(f"{name} = {as_toml(value)}" for name, value in entry.items())]


def _by_hand(why: str, lines: list[str]) -> int:
    """Say what could not be edited, and print what to write there."""
    complain(why)
    paint([("", line)] for line in lines)
    return 2


def _shown(waiver: Waiver, after: Document) -> Iterator[Line]:
    """Where the waiver stands, and its lines."""
    entry = project_of(after, "").waivers[-1].entry.place("entry")
    span = after.span(*((entry and entry.value) or (0, 0)))
    value = "as absent" if waiver.value is None else f"at {show(waiver.value)}"
    until = f" until {waiver.expires}" if waiver.expires else ""
    yield [("strong", f"{after.path}:{span.start.line}: "), ("", f"`{waiver.parameter}` is waived {value}{until}")]
    for number in range(span.start.line, span.end.line + 1):
        yield [("dim", f"  {number} | "), ("", after.line(number))]
