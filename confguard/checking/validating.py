"""From a clean check to a validated run. Nowhere else is one made (tests/test_architecture.py holds that)."""

from __future__ import annotations

import hashlib
import json
import os

from confguard.checking.links import candidates
from confguard.checking.pipeline import Report, check
from confguard.checking.setting import BadUsage, Options
from confguard.document.document import Document, data
from confguard.document.fit import recipe_of
from confguard.document.source import Unreadable, read_bytes
from confguard.project.find import find_project
from confguard.project.kind import kind_in
from confguard.project.project import Project
from confguard.project.side import lay_over
from confguard.words.catalogue import Catalogue
from confguard.words.recipe import Recipe
from confguard.words.shape import Shape
from confguard.words.typing import Any, NamedTuple
from confguard.words.validated import Executor, ValidatedRun, WaivedFinding


class Validation(NamedTuple):
    """What a check found, and the run where that is nothing as bad as was asked."""

    report: Report
    run: ValidatedRun | None


def validated(path: str, catalogue: Catalogue, options: Options = Options(), fail_on: str = "error") -> Validation:
    """The run of a config where a check finds nothing as bad as `fail_on`, with what it found.

    Every file is read once: what was checked is what is run. Raises `BadProject`, `BadUsage` and `Unreadable`.
    """
    read = _Once()
    report = check([path], catalogue, options, read)
    if report.problems or report.fails(fail_on):
        return Validation(report, None)
    project = find_project(os.path.dirname(path))._replace(asked_target=dict(options.target))
    document = Document(path, read(path))
    shape = kind_in(project, document, catalogue)
    if shape is None or document.root is None:
        raise BadUsage(f"{path}: no config of a kind that can be trained")
    lay_over(document, shape, options.sets, catalogue)
    recipe, plain = recipe_of(document, shape), data(document.root, shape.reader)
    executor = _executor(path, recipe, shape, project, catalogue, read)
    waived = tuple(
        WaivedFinding(finding.code, finding.key, finding.message, finding.waiver.reason) for finding in report.findings if finding.waiver
    )
    run = ValidatedRun(
        shape.kind,
        os.path.abspath(path),
        recipe,
        plain,
        tuple(os.path.dirname(os.path.abspath(found)) for found in candidates("x", path, project.root)),
        executor,
        shape.target,
        options.world_size,
        waived,
        _digest(shape.kind, plain, executor),
    )
    return Validation(report, run)


class _Once:
    """Gives the bytes of a file as they were when it was first read."""

    def __init__(self) -> None:
        self._held: dict[str, bytes] = {}

    def __call__(self, path: str) -> bytes:
        real = os.path.realpath(path)
        if real not in self._held:
            self._held[real] = read_bytes(path)
        return self._held[real]


def _executor(path: str, recipe: Recipe, shape: Shape, project: Project, catalogue: Catalogue, read: _Once) -> Executor | None:
    """The entry of the executor file that the config names; raises `Unreadable` where the file or the entry is not there."""
    parameter = next(iter(shape.links), None)
    asked = recipe.values.get(parameter) if parameter else None
    if not isinstance(asked, str) or not asked:
        return None
    if os.path.realpath(path).startswith(os.path.join(os.path.realpath(catalogue.profiles), "")):
        asked = os.path.basename(asked)  # a profile is the files of a project laid flat
    found = next((candidate for candidate in candidates(asked, path, project.root) if os.path.exists(candidate)), None)
    if found is None:
        raise Unreadable(f"{path}: {recipe.name(str(parameter))} names {asked}, which is not there")
    document = Document(found, read(found))
    models = data(document.root, "1.1").get("models", {}) if document.root is not None else {}
    name = recipe.values.get("aflow_executor_model") or next(iter(models), "")
    if not isinstance(models.get(name), dict):
        raise Unreadable(f"{found}: there is no model {name} in it (there are: {', '.join(map(str, models)) or 'none'})")
    return Executor(name, os.path.abspath(found), models[name])


def _digest(kind: str, plain: dict[str, Any], executor: Executor | None) -> str:
    said = [kind, plain, executor.name if executor else None, executor.entry if executor else None]
    return hashlib.sha256(json.dumps(said, sort_keys=True, default=str, ensure_ascii=False).encode()).hexdigest()
