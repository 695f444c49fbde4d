"""`confguard check --show-settings`: what holds for which files, and where that is said."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence

from confguard.checking.pipeline import STDIN, Checked, check
from confguard.checking.setting import Options, Setting, setting_of
from confguard.commands.complain import complain
from confguard.commands.recovering import files_to_read
from confguard.project.find import find_project
from confguard.project.project import Project
from confguard.project.target import aim_of
from confguard.report.paint import Line, paint
from confguard.schemas.catalogue import CATALOGUE
from confguard.words.secret import mask
from confguard.words.spelling import show


def run(paths: Sequence[str], options: Options) -> int:
    """Print the settings of each project that is asked about, and its files with their kinds; 2 where a file cannot be read, else 0."""
    asked = paths or [os.curdir]
    report = check(files_to_read(asked), CATALOGUE, options)
    by_root: dict[str, list[Checked]] = {_project(os.path.join(path, ""), options).root: [] for path in asked if os.path.isdir(path)}
    for file in report.files:
        by_root.setdefault(_project(file.path, options).root, []).append(file)
    for root, files in by_root.items():
        project = _project(os.path.join(root, ""), options)
        paint(_lines(project, setting_of(project, CATALOGUE, options), files, options))
    for problem in report.problems:
        complain(problem)
    return 2 if report.problems else 0


def _project(path: str, options: Options) -> Project:
    folder = "" if path == STDIN else os.path.dirname(path)
    return find_project(folder)._replace(asked_target=dict(options.target))


def _lines(project: Project, setting: Setting, files: list[Checked], options: Options) -> Iterator[Line]:
    yield [("strong", os.path.relpath(project.root))]
    for name, value in _settings(project, setting, options):
        if value:
            said, end = mask(f"{name}: {value}"), len(name) + 2
            yield [("dim", f"  {said[:end]}"), ("", said[end:])]
    for file in files:
        yield [("", f"  {file.path}  "), ("dim", file.kind or f"skipped: {file.why_skipped}")]


def _settings(project: Project, setting: Setting, options: Options) -> Iterator[tuple[str, str]]:
    """What is set, each with its value as a text; an empty one is not set."""
    yield "project file", project.document.path if project.document else "none"
    yield "target", aim_of(project, CATALOGUE).told()
    yield "compared with", (options.reference or project.references.get("reference", "")) if setting.references else ""
    yield from ((f"reference {name}", where) for name, where in project.references.items())
    yield from ((f"kind of {pattern}", kind) for pattern, kind in project.files.items())
    yield "exclude", ", ".join(project.exclude)
    yield "select", ", ".join(options.select or project.select)
    yield "ignore", ", ".join(options.ignore + project.ignore)
    yield from ((f"severity of {code}", severity) for code, severity in project.severity.items())
    yield "rules of its own", ", ".join(rule.code for rule in project.custom)
    yield "extension keys", ", ".join(project.extension_keys)
    yield "run name", project.run_name or ""
    yield "code", ", ".join(project.code)
    yield "world size", str(options.world_size or "")
    yield from ((f"set {key}", value) for key, value in options.sets)
    yield from ((f"waived {waiver.parameter}", f"{show(waiver.value)}, until {waiver.expires or 'never'}") for waiver in project.waivers)
