"""The target that a file was written for: as it is said, pinned by its project, or told by its keys."""

from __future__ import annotations

from confguard.document.fit import Fitted
from confguard.project.project import Project
from confguard.project.target import INSTALLED, NEWEST, aim_of, too_old
from confguard.words.catalogue import Catalogue
from confguard.words.shape import Shape
from confguard.words.spelling import listed
from confguard.words.target import Target, minor
from confguard.words.typing import NamedTuple


class Origin(NamedTuple):
    """The shape of the target that a file was written for, and how that is known."""

    shape: Shape
    oldest: Target
    """The oldest target that the file may have been written for."""
    why: str


class NotThatOld(Exception):
    """A file has keys that the release does not have which it is said to be written for."""


def origin(file: Fitted, asked: tuple[tuple[str, str], ...], to: Shape, project: Project, catalogue: Catalogue) -> Origin:
    """The origin of a native file that is to serve the target of `to`; raises `NotThatOld`."""
    assert file.document.root is not None
    keys = {key.resolved().text for key, _ in file.document.root.pairs()} - set(project.extension_keys)
    if asked:
        shape = _shape(to, aim_of(project._replace(asked_target=dict(asked)), catalogue).target, catalogue)
        _hold_keys(file, keys, shape, to)
        return Origin(shape, shape.target or Target(), "as --from says")
    aim = aim_of(project, catalogue)
    if aim.whence[0] not in (NEWEST, INSTALLED) and too_old(aim, catalogue) is None:
        shape = _shape(to, aim.target, catalogue)
        if _fits(keys, shape, to):
            return Origin(shape, aim.target, f"as {aim.whence[0]} says")
    return _by_keys(keys, to, catalogue)


def _shape(to: Shape, target: Target, catalogue: Catalogue) -> Shape:
    light = catalogue.shape(to.kind)
    assert light is not None
    assert light.at is not None
    return light.at(target)


def _fits(keys: set[str], shape: Shape, to: Shape) -> bool:
    """Whether a release has all keys of a file that any release has."""
    return all(key in shape.fields for key in keys if key in to.fields or (to.known and to.known(key)))


def _hold_keys(file: Fitted, keys: set[str], shape: Shape, to: Shape) -> None:
    newer = sorted(key for key in keys if key not in shape.fields and key in to.fields)
    if newer and shape.target is not None:
        names = listed([f"`{key}`" for key in newer])
        raise NotThatOld(f"{file.document.path}: trl {shape.target.trl} has no {names}; was the file upgraded already? Leave --from out")


def _by_keys(keys: set[str], to: Shape, catalogue: Catalogue) -> Origin:
    assert to.history is not None
    assert to.target is not None
    releases, lacks = to.history().fitting(keys)
    first, last = releases[0], releases[-1]
    span = first if first == last else f"{first} to {last}"
    if minor(to.target.trl) in {minor(release) for release in releases}:
        return Origin(to, to.target, f"trl {span} have all its keys; --from tells which it was written for, and so what moved")
    target = to.history().of_its_time(last)
    told = f"trl {span} {'has' if first == last else 'have'} all its keys" if not lacks else f"trl {span} has the most of its keys"
    return Origin(_shape(to, target, catalogue), to.history().of_its_time(first), f"{told}; --from names another one")
