"""`confguard schema`: a JSON Schema of a kind of file, for editors."""

from __future__ import annotations

from confguard.checking.setting import BadUsage
from confguard.project.find import find_project
from confguard.project.project import Project
from confguard.project.target import aim_of, too_old
from confguard.report.json import to_text
from confguard.schemas.catalogue import CATALOGUE
from confguard.words.shape import Shape
from confguard.words.spelling import nearest
from confguard.words.target import Target


def run(kind: str | None, lang: str = "en", target: tuple[tuple[str, str], ...] = ()) -> int:
    """Print the schema of a kind, or list the kinds; raises `BadUsage` for what is none, and `BadProject`."""
    if kind is None:
        print(_kinds())
        return 0
    project = find_project("")._replace(asked_target=dict(target))
    shape = _shape(kind)
    from confguard.schemas.json_schema import json_schema  # after the name is known to be one

    print(to_text(json_schema(kind, _target(shape, project), lang, project.extension_keys)))
    return 0


def _kinds() -> str:
    """The kinds, each with its title."""
    width = max(len(shape.kind) for shape in CATALOGUE.shapes)
    return "\n".join(f"{shape.kind:{width}}  {shape.title}" for shape in CATALOGUE.shapes)


def _shape(kind: str) -> Shape:
    shape = CATALOGUE.shape(kind)
    if shape is None:
        kinds = [shape.kind for shape in CATALOGUE.shapes]
        close = nearest(kind, kinds)
        raise BadUsage(f"there is no kind {kind}; " + (f"did you mean {close}?" if close else f"there are: {', '.join(kinds)}"))
    return shape


def _target(shape: Shape, project: Project) -> Target | None:
    """The releases that a check in this folder is for, where the kind differs from release to release."""
    if shape.at is None:
        return None
    aim = aim_of(project, CATALOGUE)
    if (why := too_old(aim, CATALOGUE)) is not None:
        raise BadUsage(why)
    return aim.target
