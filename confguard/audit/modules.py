"""The Python files of the code: found, read and parsed when they are needed; what cannot be read is said and kept as text."""

from __future__ import annotations

import ast
import os
import re
import tokenize
import warnings
from collections.abc import Iterable, Iterator
from typing import NamedTuple

MAX_BYTES = 2 * 1024 * 1024
"""Larger than any file that a person writes; generated tables are larger."""
_NEVER = {".git", ".hg", ".svn", ".venv", "venv", "node_modules", "__pycache__", ".confguard", ".tox", "build", "dist", "site-packages"}
_IMPORT = re.compile(r"^[ \t]*(?:from[ \t]+([.\w]+)[ \t]+import\b|import[ \t]+([\w., \t]+))", re.MULTILINE)
_LOADS = re.compile(
    r"\byaml\b|\bYAML\b|omegaconf|OmegaConf|hydra|\bjson\.load|tomllib|ArgumentParser|TrlParser|\bCfgNode\b|anyconfig|dynaconf|\.from_yaml"
)
SCRIPTS = (".sh", ".bash", ".zsh", ".mk", ".slurm", ".sbatch", ".ipynb")
"""What may hand a config to a program."""


_LOADERS = re.compile(
    r"^[ \t]*(?:import|from)[ \t]+(jsonargparse|configargparse|dynaconf|confuse|pyrallis|draccus|gin|sacred)\b|\b(LightningCLI)\b",
    re.MULTILINE,
)


class Problem(NamedTuple):
    """A file of the code that could not be followed, and why. Its text is searched for names all the same."""

    path: str
    why: str
    text: str


class Module:
    """One Python file: its dotted name below the folder it was found in, its text, and its tree once it is asked for."""

    def __init__(self, path: str, name: str, text: str) -> None:
        self.path = path
        self.real = os.path.realpath(path)
        self.name = name
        self.is_package = os.path.basename(path) == "__init__.py"
        self.text = text
        self.loads = _LOADS.search(text) is not None
        self.is_script = "__main__" in text
        self.tree: ast.Module | None = None

    @property
    def folder(self) -> str:
        """The folder that it lies in."""
        return os.path.dirname(self.real)

    def imported(self) -> Iterator[str]:
        """The dotted names that its text imports, nearly; a relative one begins with its dots."""
        for found in _IMPORT.finditer(self.text):
            if found[1]:
                yield found[1]
            else:
                yield from (part.split()[0] for part in found[2].split(",") if part.split())

    def line(self, number: int) -> str:
        """A line of its text, counted from 1."""
        lines = self.text.splitlines()
        return lines[number - 1] if 0 < number <= len(lines) else ""


class Modules:
    """All of them, by name and by file."""

    def __init__(self, paths: Iterable[str]) -> None:
        self.problems: list[Problem] = []
        self.scripts: list[tuple[str, str]] = []
        """Other files, by path and text, that may hand a config to a program."""
        self.all: list[Module] = []
        self.roots: list[str] = []
        seen: set[str] = set()
        for path in paths:
            root = path if os.path.isdir(path) else os.path.dirname(path) or "."
            self.roots += [root, os.path.dirname(os.path.realpath(root))]
            for file in _files(path):
                if os.path.realpath(file) not in seen:
                    seen.add(os.path.realpath(file))
                    self._add(file, root)
        self.by_file = {module.real: module for module in self.all}
        self.by_last: dict[str, list[Module]] = {}
        for module in self.all:
            self.by_last.setdefault(module.name.rpartition(".")[2], []).append(module)

    def _add(self, file: str, root: str) -> None:
        if not file.endswith(".py"):
            self._add_other(file)
            return
        try:
            text = _read(file)
        except (OSError, SyntaxError, ValueError) as error:
            self.problems.append(Problem(file, _why(error), _text_at_least(file)))
            return
        name = os.path.splitext(os.path.relpath(file, root))[0].replace(os.sep, ".").removesuffix(".__init__")
        self.all.append(Module(file, os.path.basename(os.path.realpath(root)) if name == "__init__" else name, text))

    def _add_other(self, file: str) -> None:
        text = _text_at_least(file)
        if file.endswith(".ipynb"):
            self.problems.append(Problem(file, "a notebook, which is not followed", text))
        self.scripts.append((file, text))

    def tree(self, module: Module) -> ast.Module:
        """The tree of a module, empty where it is no Python 3."""
        if module.tree is None:
            try:
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    module.tree = ast.parse(module.text)
            except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
                module.tree = ast.Module([], [])
                self.problems.append(Problem(module.path, _why(error), module.text))
        return module.tree

    def find(self, name: str, asking: Module) -> Module | None:
        """The module that an absolute name means for another one; the nearest where several files could be it."""
        parts = name.split(".")
        ending = "." + name
        fitting = [
            module
            for module in self.by_last.get(parts[-1], ())
            if module.name == name or module.name.endswith(ending) or _is_file_of(module, parts)
        ]
        return max(fitting, key=lambda one: _nearness(one, asking, name), default=None)

    def relative(self, level: int, name: str, asking: Module) -> Module | None:
        """The module that a relative import means."""
        folder = asking.folder
        for _ in range(level - 1):
            folder = os.path.dirname(folder)
        path = os.path.join(folder, *name.split(".")) if name else folder
        wanted = (path + ".py", os.path.join(path, "__init__.py"))
        return self.by_file.get(wanted[0]) or self.by_file.get(wanted[1])

    def script_naming(self, file: str) -> str | None:
        """The script that names a file, and so may hand it to a program; None where there is none."""
        name = re.compile(rf"(?<![\w.-]){re.escape(os.path.basename(file))}(?![\w-])")
        return next((path for path, text in self.scripts if name.search(text)), None)

    def loading_library(self) -> str | None:
        """A library that loads configs by itself and that the code imports; None where there is none."""
        found = (_LOADERS.search(module.text) for module in self.all)
        return next((match[1] or match[2] for match in found if match), None)

    def with_imported(self, modules: set[Module]) -> set[Module]:
        """Modules, and those that they import, or that one of those does."""
        found, waiting = set(modules), list(modules)
        while waiting:
            for imported in set(self._imports_of(waiting.pop())) - found:
                found.add(imported)
                waiting.append(imported)
        return found

    def with_importers(self, modules: set[Module]) -> set[Module]:
        """Modules, and those that import them, or one that does."""
        importers: dict[Module, set[Module]] = {}
        for module in self.all:
            for imported in self._imports_of(module):
                importers.setdefault(imported, set()).add(module)
        found, waiting = set(modules), list(modules)
        while waiting:
            for importer in importers.get(waiting.pop(), set()) - found:
                found.add(importer)
                waiting.append(importer)
        return found

    def _imports_of(self, module: Module) -> Iterator[Module]:
        for name in module.imported():
            bare = name.lstrip(".")
            found = self.relative(len(name) - len(bare), bare, module) if name != bare else self.find(bare, module)
            if found is not None:
                yield found
            for below in _imported_names(module):
                dotted = f"{bare}.{below}".strip(".")
                inner = self.relative(len(name) - len(bare), dotted, module) if name != bare else self.find(dotted, module)
                if inner is not None:
                    yield inner

    def roots_of_runs(self) -> list[Module]:
        """The modules that a run can begin in: those that may load a config, and those that import them, scripts first."""
        last_names = {module: {name.rpartition(".")[2] for name in module.imported()} | _imported_names(module) for module in self.all}
        wanted = {module for module in self.all if module.loads}
        while True:
            names = {module.name.rpartition(".")[2] for module in wanted}
            more = {module for module in self.all if module not in wanted and last_names[module] & names}
            if not more:
                break
            wanted |= more
        return sorted(wanted, key=lambda module: (not module.is_script, module.path))


def _nearness(module: Module, asking: Module, name: str) -> tuple[bool, bool, bool, int, int]:
    """How likely a module is the one that another means: not itself, beside it, named so in full, near, not deep."""
    folder = os.path.dirname(module.folder) if module.is_package else module.folder
    near = len(os.path.commonpath([module.real, asking.real]))
    return module is not asking, folder == asking.folder and "." not in name, module.name == name, near, -module.real.count(os.sep)


def _is_file_of(module: Module, parts: list[str]) -> bool:
    path = module.real.removesuffix(".py").removesuffix(os.sep + "__init__").split(os.sep)
    return path[-len(parts) :] == parts


_FROM = re.compile(r"^[ \t]*from[ \t]+[.\w]+[ \t]+import[ \t]+(\([^)]*\)|[^\n]*)", re.MULTILINE)


def _imported_names(module: Module) -> set[str]:
    return {name for found in _FROM.finditer(module.text) for name in re.findall(r"\w+", found[1])}


def _files(path: str) -> Iterator[str]:
    if not os.path.isdir(path):
        yield path
        return
    for folder, folders, files in os.walk(path):  # links to folders are not followed, so none leads in a circle
        folders[:] = sorted(name for name in folders if name not in _NEVER)
        for name in sorted(files):
            if name.endswith((".py", *SCRIPTS)) or name in ("Makefile", "makefile", "Dockerfile", "justfile"):
                yield os.path.join(folder, name)


def _read(file: str) -> str:
    if not os.path.isfile(file):
        raise OSError("no regular file")
    if os.path.getsize(file) > MAX_BYTES:
        raise ValueError(f"larger than {MAX_BYTES // 1024 // 1024} MiB")
    with tokenize.open(file) as opened:
        return opened.read()


def _text_at_least(file: str) -> str:
    """The text of a file as far as it can be read; none of a pipe, which would be waited for."""
    if not os.path.isfile(file):
        return ""
    try:
        with open(file, "rb") as opened:
            return opened.read(MAX_BYTES).decode("utf-8", "replace")
    except OSError:
        return ""


def _why(error: Exception) -> str:
    if isinstance(error, UnicodeDecodeError):
        return "no UTF-8, and no encoding is declared"
    if isinstance(error, SyntaxError):
        line = f" in line {error.lineno}" if error.lineno else ""
        return f"no Python 3{line}: {error.msg}"
    if isinstance(error, (RecursionError, MemoryError)):
        return "nested too deep to be read"
    if isinstance(error, OSError):
        return error.strerror or str(error)
    return str(error)
