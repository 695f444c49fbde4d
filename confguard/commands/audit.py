"""`confguard audit`: whether the code reads what these configs say."""

from __future__ import annotations

import ast
import os
import sys
from collections.abc import Callable, Sequence
from functools import cache

from confguard.audit.audit import Audit, audit, config_of
from confguard.audit.config import Config
from confguard.audit.follow import Entry
from confguard.audit.modules import Module, Modules
from confguard.checking.setting import BadUsage
from confguard.commands.complain import complain
from confguard.commands.recovering import files_to_read
from confguard.document.source import Unreadable
from confguard.project.find import find_project
from confguard.report.audit_words import has_findings
from confguard.schemas.catalogue import CATALOGUE


def run(
    paths: Sequence[str],
    code: Sequence[str] = (),
    entries: Sequence[str] = (),
    format: str = "text",
    show_read: bool = False,
) -> int:
    """Follow configs through code, print what becomes of each key; 0 when all is well, 1 when it is not, 2 when a file cannot be read."""
    files = _files(paths)
    folders = list(code) or code_of_project(files[0])
    entering = [parse_entry(text) for text in entries]
    _look_for(entering, folders)
    configs, problems = _read(files)
    if configs:
        found = audit(configs, folders, entering, cache(CATALOGUE.parameter))
        if not found.files and not found.problems:
            raise BadUsage(f"no Python files in {', '.join(folders)}: name the code that reads the configs")
        _FORMATS[format](found, show_read)
    for problem in problems:
        complain(problem)
    if problems:
        return 2
    return 1 if has_findings(found) and format != "schema" else 0


def parse_entry(text: str) -> Entry:
    """The function of an `--entry FILE:FUNCTION[:PARAMETER]`; raises `BadUsage`."""
    entry = Entry(text)
    if not entry.file or not entry.function:
        raise BadUsage(f"--entry {text}: write FILE:FUNCTION or FILE:FUNCTION:PARAMETER, such as train.py:main")
    return entry


def code_of_project(config: str) -> list[str]:
    """Where the project that a config belongs to says that its code is; raises `BadUsage` where it does not say."""
    project = find_project(os.path.dirname(config))
    if not project.code:
        raise BadUsage("say where the code is that reads the configs: --code PATH, or `code: [src]` in confguard.yaml")
    return [os.path.relpath(os.path.join(project.root, folder)) for folder in project.code]


def _files(paths: Sequence[str]) -> list[str]:
    """The config files that paths stand for; raises `BadUsage` where there is none."""
    if "-" in paths:
        raise BadUsage("audit reads no standard input: the code finds a config by its path")
    files = files_to_read(paths)
    if not files:
        raise BadUsage(f"no YAML files in {', '.join(paths)}" if paths else "say which configs: files or folders")
    return files


def _read(files: Sequence[str]) -> tuple[list[Config], list[str]]:
    """The configs, and what is to be said of those that cannot be read."""
    configs, problems = list[Config](), list[str]()
    for file in files:
        try:
            configs.append(config_of(file))
        except Unreadable as error:
            problems.append(str(error))
    return configs, problems


def _look_for(entries: Sequence[Entry], code: Sequence[str]) -> None:
    """Raise `BadUsage` for an entry that names no function of the code, or no parameter of it."""
    modules = Modules(code) if entries else None
    for entry in entries:
        asked = f"--entry {entry.file}:{entry.function}"
        files = [module for module in modules.all if f"/{module.path}".endswith(f"/{entry.file}")] if modules else []
        if not files:
            raise BadUsage(f"{asked}: there is no such file in {', '.join(code)}")
        takes = [parameters for module in files if (parameters := _parameters(module, entry.function)) is not None]
        if not takes:
            raise BadUsage(f"{asked}: {files[0].path} has no function `{entry.function}`")
        if entry.parameter and not any(entry.parameter in parameters for parameters in takes):
            raise BadUsage(f"{asked}:{entry.parameter}: `{entry.function}` has no parameter `{entry.parameter}`")


def _parameters(module: Module, function: str) -> set[str] | None:
    """The parameters of a function of a module; None where it has no such function."""
    try:
        tree = ast.parse(module.text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.name == function:
            return {node.arg for node in ast.walk(node.args) if isinstance(node, ast.arg)}
    return None


def _text(found: Audit, show_read: bool) -> None:
    from confguard.report.audit import audit_text
    from confguard.report.paint import paint, width_of

    paint(audit_text(found, width_of(sys.stdout), show_read))


def _json(found: Audit, _: bool) -> None:
    from confguard.report.audit_json import audit_json

    print(audit_json(found))


def _markdown(found: Audit, show_read: bool) -> None:
    from confguard.report.audit_markdown import audit_blocks
    from confguard.report.markdown import markdown

    print(markdown(audit_blocks(found, show_read)), end="")


def _schema(found: Audit, _: bool) -> None:
    from confguard.report.audit_schema import audit_schema

    if len(found.configs) != 1:
        raise BadUsage("--write-schema is for one config at a time: a schema is of one kind of file")
    print(audit_schema(found))


_FORMATS: dict[str, Callable[[Audit, bool], None]] = {"text": _text, "json": _json, "markdown": _markdown, "schema": _schema}
