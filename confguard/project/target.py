"""Which releases a config is checked for: asked for, said by the project, locked, pinned, installed, or else the newest that is known."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache

from confguard.project.discover import PROJECT_FILE
from confguard.project.project import Project
from confguard.words.catalogue import Catalogue
from confguard.words.target import PACKAGES, Target, minor
from confguard.words.typing import NamedTuple

NEWEST, INSTALLED = "the newest that confguard knows", "installed"
_LOCKS = ("uv.lock", "poetry.lock", "pdm.lock", "pylock.toml", "Pipfile.lock")
_PINS = (
    *("requirements.txt", "requirements.lock", "requirements-train.txt", "pyproject.toml", "setup.py", "setup.cfg"),
    *("environment.yml", "environment.yaml"),
)
_MOST_READ = 8 * 1024 * 1024
_VERSION = r"(\d+(?:\.\d+)*(?:[a-z]+\d+)?)"


class Aim(NamedTuple):
    """A target, and for each library where its release is from."""

    target: Target
    whence: tuple[str, ...]

    def told(self) -> str:
        """The target in a sentence: `trl 1.16.0 (uv.lock), transformers 5.23.0 and peft 0.21.2 (installed)`."""
        groups: dict[str, list[str]] = {}
        for package, whence in zip(PACKAGES, self.whence, strict=True):
            groups.setdefault(whence, []).append(f"{package} {self.target.version(package)}")
        return "; ".join(f"{', '.join(names)} ({whence})" for whence, names in groups.items())


def too_old(aim: Aim, catalogue: Catalogue) -> str | None:
    """Why nothing is known of a target: one of its releases is older than all that confguard knows; None where that is not so."""
    oldest = catalogue.oldest()
    for package, whence in zip(PACKAGES, aim.whence, strict=True):
        if minor(aim.target.version(package)) < minor(oldest.version(package)):
            return f"{package} {aim.target.version(package)} ({whence}): confguard knows {package} from {oldest.version(package)} on"
    return None


def aim_of(project: Project, catalogue: Catalogue) -> Aim:
    """The target of a project's files."""
    said, asked = (tuple(sorted(mapping.items())) for mapping in (project.target, project.asked_target))
    return _aim(project.root, _stamps(project.root), said, asked, catalogue.newest(), catalogue.of_its_time)


Said = tuple[tuple[str, str], ...]
Stamps = tuple[tuple[int, int, int] | None, ...]


def _stamps(root: str) -> Stamps:
    """What tells whether the files that name releases are still those that were read: a process may outlive them."""
    return tuple(stamp_of(os.path.join(root, name)) for name in (*_LOCKS, *_PINS))


def stamp_of(path: str) -> tuple[int, int, int] | None:
    """What changes when a file does; None where there is none."""
    try:
        status = os.stat(path)
    except OSError:
        return None
    return status.st_ino, status.st_size, status.st_mtime_ns


@lru_cache(maxsize=64)
def _aim(root: str, _: Stamps, said: Said, asked: Said, newest: Target, of_its_time: Callable[[str, str, str], str]) -> Aim:
    """Each library's release from the first source that names it, and has the same TRL as the others or says nothing of TRL."""
    sources = [("--target", dict(asked)), (PROJECT_FILE, dict(said)), *_locked(root), (INSTALLED, _installed())]
    trl, whence = next(((found["trl"], name) for name, found in sources if "trl" in found), ("", ""))
    chosen = [_chosen(package, sources, trl, newest, of_its_time) if package != "trl" or not trl else (trl, whence) for package in PACKAGES]
    return Aim(Target(*(version for version, _ in chosen)), tuple(name for _, name in chosen))


def _chosen(
    package: str, sources: Sequence[tuple[str, Mapping[str, str]]], trl: str, newest: Target, of_its_time: Callable[[str, str, str], str]
) -> tuple[str, str]:
    for name, found in sources:
        if package in found and minor(found.get("trl", trl)) == minor(trl):
            return found[package], name
    if trl and minor(trl) < minor(newest.trl):
        return of_its_time(package, "trl", trl), f"the newest when trl {trl} came out"
    return newest.version(package), NEWEST


def _locked(root: str) -> Iterator[tuple[str, dict[str, str]]]:
    """The releases that each lock file, and each file with exact pins, of a project names; the most binding first."""
    for name in (*_LOCKS, *_PINS):
        if pins := pins_in(os.path.join(root, name)):
            yield name, {pin.package: pin.version for pin in pins}


def _pattern(name: str) -> str:
    """How a file of a name, whose folder does not matter, says that a library has one release."""
    names = "|".join(PACKAGES)
    if name == "Pipfile.lock":
        return rf'"({names})": \{{[^{{}}]*"version": "=={_VERSION}"'
    if name in _LOCKS:
        return rf'^name = "({names})"\s*\nversion = "{_VERSION}"'
    exactly = "={1,3}" if name.startswith("environment") else "===?"  # conda has one sign
    return rf"(?:^|[\s\"'])({names})(?:\[[\w,\s-]*\])?\s*{exactly}\s*{_VERSION}(?![\d.*])"


class Pin(NamedTuple):
    """A release that a file names, and the line in which it does."""

    package: str
    version: str
    file: str
    line: int


def pins_of(root: str) -> list[Pin]:
    """What each file that a check asks says of each library, the most binding first."""
    return [pin for name in (*_LOCKS, *_PINS) for pin in pins_in(os.path.normpath(os.path.join(root, name)))]


def pins_in(path: str) -> list[Pin]:
    """The release of each library that a lock file, or a file with exact pins, names."""
    text = _text(path)
    if not any(package in text for package in PACKAGES):
        return []
    found: dict[str, Pin] = {}
    for match in re.finditer(_pattern(os.path.basename(path)), text, re.MULTILINE):
        start = text.rfind("\n", 0, match.start(1)) + 1
        if "#" not in text[start : match.start(1)]:  # what is behind one is a comment in all of these files
            found.setdefault(match[1], Pin(match[1], match[2], path, text.count("\n", 0, match.start(2)) + 1))
    return list(found.values())


def _text(path: str) -> str:
    try:
        if not os.path.isfile(path):  # a pipe would be waited for
            return ""
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read(_MOST_READ)
    except OSError:
        return ""


def _installed() -> dict[str, str]:
    """The releases beside confguard; by the names of folders, since importlib.metadata takes longer than a check."""
    found: dict[str, str] = {}
    for folder in reversed(sys.path):
        found.update({package: version for package, version in _distributions(folder).items() if package in PACKAGES})
    return found


@lru_cache(maxsize=64)
def _distributions(folder: str) -> Mapping[str, str]:
    try:
        names = [entry.name for entry in os.scandir(folder) if entry.name.endswith(".dist-info")]
    except OSError:
        return {}
    split = (name.removesuffix(".dist-info").partition("-") for name in names)
    return {package.lower(): version for package, _, version in split}
