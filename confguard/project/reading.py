"""Reading the project file: what it may hold, and what it says, or where it is wrong and what to do."""

from __future__ import annotations

import datetime
import os

from confguard.document.document import Document, child
from confguard.document.fit import fit
from confguard.document.nodes import MAPPING
from confguard.document.source import MAX_BYTES, Reading, Unreadable, read_bytes
from confguard.project.discover import PROJECT_FILE
from confguard.project.project import IN_PYPROJECT, BadProject, CustomRule, Project
from confguard.words.finding import WARNING
from confguard.words.recipe import Recipe
from confguard.words.shape import Key, Shape
from confguard.words.target import PACKAGES
from confguard.words.waiver import Waiver

_WAIVER = {
    "parameter": Key("str", "parameter", True),
    "value": Key("any", "value", True),
    "reason": Key("str", "reason", True),
    "by": Key("str", "by"),
    "expires": Key("any", "expires"),
}
_CUSTOM = {
    "code": Key("str", "code", True),
    "when": Key("str", "when", True),
    "message": Key("str", "message", True),
    "severity": Key("one of error|warning|info", "severity"),
    "help": Key("str", "help"),
}
_RULES = {
    "select": Key("list[str]", "select"),
    "ignore": Key("list[str]", "ignore"),
    "severity": Key("map[one of error|warning|info]", "severity"),
    "custom": Key("records", None, False, _CUSTOM),
}
SHAPE = Shape(
    kind="the project file",
    title="confguard.yaml",
    reader="1.2",
    fields={
        "references": Key("map[str]", "references"),
        "files": Key("map[str]", "files"),
        "exclude": Key("list[str]", "exclude"),
        "target": Key("map[str]", "target"),
        "rules": Key("section", None, False, _RULES),
        "extension_keys": Key("list[str]", "extension_keys"),
        "run_name": Key("str", "run_name"),
        "train_command": Key("str", "train_command"),
        "code": Key("list[str]", "code"),
        "waivers": Key("records", None, False, _WAIVER),
    },
    signature=(),
    enough=0,
    telltales=(),
    links={},
    names={},
)


def read_project(path: str, read: Reading = read_bytes) -> Project:
    """Read a confguard.yaml; raises `BadProject` with file, line and what to do."""
    shown = os.path.relpath(path)
    try:
        document = Document(shown, read(path))
    except Unreadable as error:
        raise BadProject(str(error)) from None
    return project_of(document, os.path.dirname(path))


def read_pyproject(path: str, data: bytes) -> Project | None:
    """The `[tool.confguard]` of a pyproject.toml; None where it has none after all. Raises `BadProject`."""
    if len(data) > MAX_BYTES:
        raise BadProject(
            f"{os.path.relpath(path)}: larger than {MAX_BYTES // 1024} KiB, so [tool.confguard] was not read; use {PROJECT_FILE}"
        )
    import json

    from confguard.project.toml import tomllib

    try:
        # JSON is YAML, so the table is read by the same code as confguard.yaml; only the lines are not known.
        tool = tomllib.loads(data.decode()).get("tool")
        table = tool.get("confguard") if isinstance(tool, dict) else None
        if table is None:
            return None
        text = json.dumps(table, default=str, ensure_ascii=False, allow_nan=False)
    except (ValueError, RecursionError) as error:
        raise BadProject(f"{os.path.relpath(path)}: not readable as TOML: {error}") from None
    return project_of(Document(f"{os.path.relpath(path)}{IN_PYPROJECT}", text.encode("utf-8", "replace")), os.path.dirname(path))


def project_of(document: Document, root: str) -> Project:
    """What a project file says that stands in the folder `root`; raises `BadProject` with file, line and what to do."""
    for fault in document.faults():
        if fault.code not in ("YAML009", "YAML011"):
            raise BadProject(located(document, fault.message, fault.place.value or fault.place.key, fault.help))
    if document.root is None:
        return Project(root, document)
    if document.root.kind != MAPPING:
        raise BadProject(located(document, "should be a mapping", None, "write keys such as references: or waivers:"))
    recipe, faults = fit(document, SHAPE)
    for fault in faults:
        raise BadProject(located(document, fault.message, fault.place.value or fault.place.key, fault.help))
    values = recipe.values
    for package in values.get("target", {}):
        if package not in PACKAGES:
            place = recipe.place("target")
            message = f"`target` has {package}; it can have {', '.join(PACKAGES)}"
            raise BadProject(located(document, message, place.value if place else None, "take it out"))
    _hold_code(document, root)
    return Project(
        root=root,
        document=document,
        references=values.get("references", {}),
        files=values.get("files", {}),
        exclude=tuple(values.get("exclude", ())),
        select=tuple(values.get("select", ())),
        ignore=tuple(values.get("ignore", ())),
        severity=values.get("severity", {}),
        custom=tuple(_custom(document, entry) for path, entry in recipe.entries.items() if path.startswith("rules.")),
        extension_keys=tuple(values.get("extension_keys", ())),
        target=values.get("target", {}),
        run_name=values.get("run_name"),
        train_command=values.get("train_command"),
        code=tuple(values.get("code", ())),
        waivers=_waivers(document, [entry for path, entry in recipe.entries.items() if path.startswith("waivers[")]),
    )


def _hold_code(document: Document, root: str) -> None:
    """Raise `BadProject` for code that is not there: an audit that follows nothing would say of every key that nothing reads it."""
    node = child(document.root, "code") if document.root is not None else None
    for item in node.resolved().items if node is not None else ():
        path = item.resolved().text
        if not os.path.exists(os.path.join(root, path)):
            message = f"`code` names {path}, which is not there"
            help_ = "name files or folders of the code that reads the configs, as seen from the project's root"
            raise BadProject(located(document, message, (item.start, item.end), help_))


def _custom(document: Document, entry: Recipe) -> CustomRule:
    values = entry.values
    return CustomRule(
        values["code"], values["when"], values["message"], values.get("severity", WARNING), values.get("help"), _line(document, entry)
    )


def _waivers(document: Document, entries: list[Recipe]) -> tuple[Waiver, ...]:
    waivers: list[Waiver] = []
    for entry in entries:
        values = entry.values
        waiver = Waiver(
            values["parameter"],
            values.get("value"),
            values["reason"],
            values.get("by"),
            _expiry(document, entry),
            _line(document, entry),
            entry,
        )
        if not waiver.reason.strip():
            raise BadProject(located(document, "a waiver needs a reason", _offsets(entry, "reason"), "say why it is wanted"))
        waivers.append(waiver)
    return tuple(waivers)


def _expiry(document: Document, entry: Recipe) -> datetime.date | None:
    value = entry.values.get("expires")
    if isinstance(value, str) and value != "never":
        try:
            value = datetime.date.fromisoformat(value)
        except ValueError:
            value = 0
    if value is None or value == "never":
        return None
    if isinstance(value, datetime.datetime):
        return value.date()
    if isinstance(value, datetime.date):
        return value
    raise BadProject(located(document, "`expires` is no date", _offsets(entry, "expires"), "write YYYY-MM-DD, or never"))


def _line(document: Document, entry: Recipe) -> int:
    return document.span(*(_offsets(entry, "entry") or (0, 0))).start.line


def _offsets(entry: Recipe, name: str) -> tuple[int, int] | None:
    place = entry.place(name)
    return place.value if place else None


def located(document: Document, message: str, offsets: tuple[int, int] | None, help_: str | None) -> str:
    """A message with where it stands and what to do."""
    start = document.span(*(offsets or (0, 0))).start
    where = f"{document.path}:{start.line}:{start.column}"
    return f"{where}: {message}" + (f"; {help_}" if help_ else "")
