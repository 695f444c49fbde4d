"""The waivers of a project file held against the catalogue: what each of them may name, and that no two name the same."""

from __future__ import annotations

from confguard.document.document import Document
from confguard.project.project import BadProject, Project
from confguard.project.reading import located
from confguard.words.catalogue import Catalogue
from confguard.words.spelling import nearest
from confguard.words.typing import NoReturn
from confguard.words.waiver import Waiver


def waivers_of(project: Project, catalogue: Catalogue) -> tuple[Waiver, ...]:
    """The project's waivers; raises `BadProject` for one of an unknown key, and for two of one parameter, however they spell it."""
    known: list[Waiver] = []
    for waiver in project.waivers:
        if (wrong := misnamed(waiver.parameter, project, catalogue)) is not None:
            _refuse(project, waiver, *wrong)
        twin = next((other for other in known if is_same(waiver.parameter, other.parameter, catalogue)), None)
        if twin is not None:
            where = f", here and in line {twin.line}" if twin.line != waiver.line else ""
            called = f", there as `{twin.parameter}`" if twin.parameter != waiver.parameter else ""
            _refuse(project, waiver, f"`{waiver.parameter}` is waived twice{where}{called}", "keep one of the two waivers")
        known.append(waiver)
    return project.waivers


def misnamed(key: str, project: Project, catalogue: Catalogue) -> tuple[str, str] | None:
    """Why no waiver can name a key, and what to write; None for a key of a known kind, and for one of the project's own."""
    parameter = catalogue.parameter(key)
    if parameter is not None:
        return (f"`{key}` is the path of no single key", f"write {parameter}, which means all of them") if "*" in key else None
    return None if is_extension(key, project) else (f"there is no parameter `{key}` to waive", _what_was_meant(key, catalogue))


def is_extension(key: str, project: Project) -> bool:
    """Whether a key is one of the project's own, by its `extension_keys`."""
    from fnmatch import fnmatchcase

    return any(fnmatchcase(key, pattern) for pattern in project.extension_keys)


def is_same(one: str, other: str, catalogue: Catalogue) -> bool:
    """Whether two names speak of the same parameter; `models.a.max_tokens` and `models.b.max_tokens` are two."""
    if (catalogue.parameter(one) or one) != (catalogue.parameter(other) or other):
        return False
    entries = {name for name in (one, other) if _names_one_entry(name, catalogue)}
    return len(entries) < 2


def _what_was_meant(key: str, catalogue: Catalogue) -> str:
    names = [name for shape in catalogue.shapes for pair in shape.names.items() for name in (*pair, pair[1].rpartition(".")[2])]
    close = nearest(key, names)
    return f"did you mean {close}?" if close else "name a key of a config, or declare your own under extension_keys"


def _names_one_entry(name: str, catalogue: Catalogue) -> bool:
    """Whether a name is the path of one entry of a keyed list, such as `models.gpt-4o-mini.max_tokens`."""
    parameter = catalogue.parameter(name)
    paths = {shape.names.get(parameter) for shape in catalogue.shapes} if parameter else set()
    return "." in name and bool(paths) and name not in paths


def _refuse(project: Project, waiver: Waiver, message: str, help: str) -> NoReturn:
    place = waiver.entry.place("parameter")
    document = project.document or Document("", b"")
    raise BadProject(located(document, message, place.value if place else None, help))
