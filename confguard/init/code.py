"""`code` and `extension_keys`: the Python that loads the configs, and the keys that it reads and no kind knows."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache

from confguard.audit.audit import Audit, audit, config_of
from confguard.audit.modules import Module, Modules
from confguard.audit.places import Site
from confguard.audit.verdict import PHANTOM, READ, Verdict
from confguard.document.fit import Fitted, fit
from confguard.init.home import Home
from confguard.init.proposal import Entry, Found, told
from confguard.words.catalogue import Catalogue
from confguard.words.shape import Fault
from confguard.words.typing import NamedTuple

_TESTS = re.compile(r"(?:^|/)(?:tests?|testing|docs?|conftest\.py|setup\.py|noxfile\.py|test_[^/]*\.py|[^/]*_test\.py)(?:/|$)")
"""Python that loads configs to try them out; a run does not go through it."""
_MOST_FILES, _MOST_BYTES = 1500, 16 * 1024 * 1024
"""More than that is not followed unasked: it would take minutes."""
_UNKNOWN = ("SCHEMA002", "SCHEMA005", "SCHEMA007")
_ENOUGH_FOR_A_PREFIX = 3


class _Asked(NamedTuple):
    """The code that was followed, and what it came to."""

    code: tuple[str, ...]
    """Files and folders, below the root."""
    audit: Audit


def code_of(home: Home, catalogue: Catalogue) -> Found:
    """The folders and files of Python that load the configs, and the keys of the configs that are the project's own."""
    unknown = {file.document.path: list(_unknown(file, home)) for file in home.configs}
    asked, notes = (None, list[str]()) if not home.configs else _asked(home, catalogue)
    if asked is None:
        return Found(notes=(*notes, *(note for file in home.configs for note in _not_asked(file, unknown[file.document.path], home))))
    unopened = [] if home.project.code else list(_unopened(asked.audit))
    entries = [*_code(asked, unopened, home), *_keys(asked, unknown, home)]
    return Found(tuple(entries), (*notes, *_unread(asked, unknown, home)))


# --- which code ---


def _asked(home: Home, catalogue: Catalogue) -> tuple[_Asked | None, list[str]]:
    """The code that loads the configs, followed; None where none was found, and why."""
    if home.project.code:
        return _Asked(home.project.code, _followed(home.project.code, home, catalogue)), []
    python = [home.inside(file) for file in home.files if file.endswith(".py") and not _TESTS.search(home.inside(file))]
    if not python:
        return None, ["code: there is no Python here that could load the configs"]
    size = sum(os.path.getsize(os.path.join(home.root, path)) for path in python if os.path.isfile(os.path.join(home.root, path)))
    if len(python) > _MOST_FILES or size > _MOST_BYTES:
        return None, [f"code: {len(python):,} Python files are too many to be followed unasked; name the folder that loads the configs"]
    first = _followed(_tops(python), home, catalogue)
    opening = {os.path.realpath(site.file) for site in first.opened.values()}
    if not opening:
        return None, ["code: no Python here was seen to load one of the configs"]
    code = _tops(sorted(_through(opening, _tops(python), home)))
    return _Asked(code, first if code == _tops(python) else _followed(code, home, catalogue)), []


def _tops(paths: Iterable[str]) -> tuple[str, ...]:
    """The files and folders of the root that hold some files: what a run goes through is not told apart any finer."""
    return tuple(dict.fromkeys(path.partition("/")[0] for path in paths))


def _through(opening: set[str], code: Sequence[str], home: Home) -> Iterator[str]:
    """The modules that load a config, those that import them, and whatever they import, below the root."""
    modules = Modules(os.path.join(home.root, path) for path in code)
    loading: set[Module] = {module for module in modules.all if module.real in opening}
    for module in modules.with_imported(modules.with_importers(loading)):
        path = home.inside(module.path)
        if not _TESTS.search(path):
            yield path


def _followed(code: Iterable[str], home: Home, catalogue: Catalogue) -> Audit:
    configs = [config_of(file.document.path, file.document.encoded(file.document.text)) for file in home.configs]
    return audit(configs, [os.path.normpath(os.path.join(home.root, path)) for path in code], (), _meaning(catalogue))


def _meaning(catalogue: Catalogue) -> Callable[[str], str | None]:
    return cache(catalogue.parameter)


def _unopened(found: Audit) -> Iterator[str]:
    """The configs of which a check would say that no code opens them."""
    for config in found.configs:
        verdicts = [verdict for verdict in found.verdicts if verdict.config is config]
        if config not in found.opened and verdicts and all(verdict.kind == PHANTOM for verdict in verdicts):
            yield config.path


def _code(asked: _Asked, unopened: list[str], home: Home) -> Iterator[Entry]:
    if home.project.code:
        return
    missing = told([home.inside(path) for path in unopened])
    for path in asked.code:
        loads = [
            f"line {site.line} loads {home.inside(config.path)}" if home.inside(site.file) == path
            else f"{home.inside(site.file)}:{site.line} loads {home.inside(config.path)}"
            for config, site in asked.audit.opened.items()
            if config.is_asked and _tops([home.inside(site.file)]) == (path,)
        ]  # fmt: skip
        why = told(loads) if loads else "imported by, or imports, what loads them"
        if unopened:
            why += f"; not proposed, since a check would then say that no code opens {missing}"
        yield Entry("code", "", path, why, is_sure=not unopened)


# --- which keys ---


def _unknown(file: Fitted, home: Home) -> Iterator[Fault]:
    """What is wrong with keys of a config because no kind knows them."""
    if file.shape is not None:
        faults = fit(file.document, file.shape, home.project.extension_keys)[1]
        yield from (fault for fault in faults if fault.code in _UNKNOWN)


def _key(fault: Fault) -> str:
    return fault.keys[0] if fault.keys else fault.place.path


def _keys(asked: _Asked, unknown: dict[str, list[Fault]], home: Home) -> Iterator[Entry]:
    """A pattern for the keys that the code reads, with where it does; keys of one section or prefix have one pattern."""
    read: dict[str, list[str]] = {}
    sections = set()
    for path, faults in unknown.items():
        for fault in faults:
            verdicts = _verdicts(asked.audit, path, _key(fault))
            sites = [site for verdict in verdicts if verdict.kind == READ for site in verdict.reads]
            if sites:
                read.setdefault(_key(fault), []).extend(_told(sites, home))
            if sites and any(verdict.leaf.key != _key(fault) for verdict in verdicts):
                sections.add(_key(fault))
    if not read:
        return
    known = {key for file in home.configs if file.shape is not None for key in (*file.shape.fields, *file.shape.names.values())}
    taken = known | {_key(fault) for faults in unknown.values() for fault in faults if _key(fault) not in read}
    for pattern, keys in _patterns(read, sections, taken).items():
        shown = told([f"`{key}`" for key in keys]) if keys != [pattern] else ""
        where = told(list(dict.fromkeys(site for key in keys for site in read[key])))
        yield Entry(
            "extension_keys", "", pattern, f"no kind knows {shown or 'it'}, and the code reads {'them' if len(keys) > 1 else 'it'}: {where}"
        )


def _patterns(read: dict[str, list[str]], sections: set[str], taken: set[str]) -> dict[str, list[str]]:
    """The keys by the pattern that stands for them and for no key that is known or that nothing reads."""
    found: dict[str, list[str]] = {}
    for key in read:
        section, dot, name = key.rpartition(".")
        prefix = f"{section}{dot}{_prefix(name, [other.rpartition('.')[2] for other in read if other.rpartition('.')[0] == section])}"
        if key in sections:
            found.setdefault(f"{key}.*", []).append(key)
        elif prefix != key and not any(other.startswith(prefix) for other in taken):
            found.setdefault(f"{prefix}*", []).append(key)
        else:
            found.setdefault(key, []).append(key)
    return found


def _prefix(name: str, names: list[str]) -> str:
    """The longest beginning up to a `_` that a name has in common with enough others; the name itself where there is none."""
    ends = [index + 1 for index, char in enumerate(name) if char == "_" and index]
    return next(
        (name[:end] for end in reversed(ends) if sum(other.startswith(name[:end]) for other in names) >= _ENOUGH_FOR_A_PREFIX), name
    )


def _verdicts(found: Audit, path: str, key: str) -> list[Verdict]:
    """What becomes of a key, or of the keys of a section."""
    return [
        verdict
        for verdict in found.verdicts
        if verdict.config.path == path and (verdict.leaf.key == key or verdict.leaf.key.startswith((f"{key}.", f"{key}[")))
    ]


def _told(sites: Sequence[Site], home: Home) -> list[str]:
    return [f"{home.inside(site.file)}:{site.line}" for site in sites]


def _unread(asked: _Asked, unknown: dict[str, list[Fault]], home: Home) -> Iterator[str]:
    """The keys that no kind knows and that nothing reads, with the nearest known one."""
    opened = {config.path for config in asked.audit.opened}
    for path, faults in unknown.items():
        for fault in faults:
            verdicts = _verdicts(asked.audit, path, _key(fault))
            if any(verdict.kind == READ for verdict in verdicts):
                continue
            if path in opened and verdicts and all(verdict.kind == PHANTOM for verdict in verdicts):
                yield f"{_place(path, fault, home)} no kind knows it and no code reads it{_meant(fault)}"
            else:
                yield f"{_place(path, fault, home)} no kind knows it, and the code does not show whether it is read{_meant(fault)}"


def _not_asked(file: Fitted, faults: list[Fault], home: Home) -> Iterator[str]:
    for fault in faults:
        yield (
            f"{_place(file.document.path, fault, home)} no kind knows it{_meant(fault)}"
            + ("" if _meant(fault) else "; if it is yours, name it under `extension_keys`")
        )


def _place(path: str, fault: Fault, home: Home) -> str:
    line = f":{fault.place.text.span(*fault.place.key).start.line}" if fault.place.text is not None and fault.place.key else ""
    return f"{home.inside(path)}{line}: `{_key(fault)}`:"


def _meant(fault: Fault) -> str:
    """The known key that it was most likely meant to be."""
    if len(fault.keys) < 2 or not fault.help:
        return ""
    return f"; {fault.help}"
