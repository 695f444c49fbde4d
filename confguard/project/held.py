"""What the configs of a project hold of one parameter: the value that a waiver of it would have."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from confguard.document.document import Document, child, data
from confguard.document.fit import Fitted, fitted
from confguard.document.source import Unreadable, read_bytes
from confguard.project.discover import files_of
from confguard.project.kind import is_excluded, kind_in
from confguard.project.project import Project
from confguard.project.side import side_of
from confguard.words.catalogue import Catalogue
from confguard.words.recipe import Recipe
from confguard.words.secret import is_secret, mask
from confguard.words.spelling import listed, show
from confguard.words.typing import Any, NamedTuple
from confguard.words.waiver import Waiver


class NotWaivable(Exception):
    """A waiver that cannot be written as it is asked for; the message says why and what to do."""


class Held(NamedTuple):
    """What one config, or one entry in it, holds of a parameter."""

    file: str
    key: str
    value: Any
    given: bool
    """Whether it is written there; else `value` is the default, or None."""
    shown: str
    spread: tuple[str, ...] = ()
    """The keys it is spread over where no single value stands for them all."""


def configs_of(config: str | None, project: Project, catalogue: Catalogue) -> list[Fitted]:
    """The configs to look in: those that were named, else the project's `current`, else all below the working folder.

    Raises `Unreadable` and `BadProject`.
    """
    asked = config or ("current" if "current" in project.references else None)
    files: Iterable[Fitted] = side_of(asked, project, catalogue).files if asked else _below(project, catalogue)
    return [file for file in files if file.recipe is not None]


def value_of(waiver: Waiver, configs: list[Fitted], catalogue: Catalogue) -> Any:
    """The one value that all these configs hold of what a waiver names; raises `NotWaivable` where there is none."""
    all_held = [held for config in configs for held in _held(waiver, config, catalogue)]
    if not all_held:
        raise NotWaivable(f"no config was found that could hold `{waiver.parameter}`; say where one is with --config")
    held = [item for item in all_held if item.given] or all_held
    for item in held:
        _refuse_secret(item)
    first = held[0]
    parameter = catalogue.parameter(waiver.parameter)
    meaning = catalogue.means(parameter, first.value)
    other = next((item for item in held if catalogue.means(parameter, item.value) != meaning or item.spread != first.spread), None)
    if other is not None:
        raise NotWaivable(_disagreement(waiver, first, other))
    if first.spread:
        keys = listed([f"`{key}`" for key in first.spread])
        raise NotWaivable(f"`{waiver.parameter}` in {first.file} is {first.shown}, which no single value says; waive one by one: {keys}")
    return first.value


def _below(project: Project, catalogue: Catalogue) -> Iterator[Fitted]:
    """Every readable file below the working folder that a check would not skip."""
    for path in files_of(["."]):
        if is_excluded(project, path):
            continue
        try:
            document = Document(path, read_bytes(path))
        except Unreadable:
            continue
        yield fitted(document, kind_in(project, document, catalogue))


def _held(waiver: Waiver, config: Fitted, catalogue: Catalogue) -> Iterator[Held]:
    parameter = catalogue.parameter(waiver.parameter)
    if parameter is None:
        yield _own_key(waiver.parameter, config)
    elif config.recipe is not None:
        for owner in waiver.owners(config.recipe, catalogue):
            yield _of_recipe(parameter, owner, config.document, catalogue)


def _of_recipe(parameter: str, owner: Recipe, document: Document, catalogue: Catalogue) -> Held:
    key = owner.name(parameter)
    composite = catalogue.composites.get(parameter)
    members = composite.members if composite else ()
    for broken in owner.unusable().intersection((parameter, *members)):
        place = owner.place(broken)
        line = document.span(*((place and place.value) or (0, 0))).start.line
        raise NotWaivable(f"{document.path}:{line}: `{owner.name(broken)}` is written in a way that no trainer can use; mend that first")
    if composite and (whole := composite.waivable(owner)) is not None:
        return Held(document.path, key, whole, True, composite.says(owner).en)
    spread = tuple(owner.name(name) for name in members if name in owner.values)
    value = owner.get(parameter)
    shown = composite.says(owner).en if composite else show(value)
    return Held(document.path, key, value, parameter in owner.values or bool(spread), shown, spread)


def _own_key(key: str, config: Fitted) -> Held:
    """A key that the project declares for itself."""
    node = config.document.root
    for name in key.split("."):
        node = child(node, name) if node else None
    value = data(node, config.shape.reader) if node and config.shape else None
    return Held(config.document.path, key, value, node is not None, show(value))


def _refuse_secret(held: Held) -> None:
    if any(is_secret(held.key, text) for text in _texts(held.value)) or mask(held.shown) != held.shown:
        raise NotWaivable(f"`{held.key}` in {held.file} holds a secret, which a waiver would copy; take it from the environment instead")


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, (list, dict)):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _texts(item)


def _disagreement(waiver: Waiver, one: Held, other: Held) -> str:
    name = f"`{waiver.parameter}`"
    if one.file == other.file:
        return f"{name} is {one.shown} for `{one.key}` and {other.shown} for `{other.key}` in {one.file}; waive one path or the other"
    return f"{name} is {one.shown} in {one.file} and {other.shown} in {other.file}; say which with --config"
