"""`extension_keys`: the keys that no kind knows and that the project's code reads; those that nothing reads are most likely misspelt."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from confguard.audit.places import Site
from confguard.audit.verdict import PHANTOM, READ, Verdict
from confguard.document.fit import Fitted, fit
from confguard.init.code import Followed
from confguard.init.home import Home
from confguard.init.proposal import Entry, Found, told
from confguard.words.shape import Fault
from confguard.words.typing import NamedTuple

_UNKNOWN = ("SCHEMA002", "SCHEMA005", "SCHEMA007")
_ENOUGH_FOR_A_PREFIX = 3


class Unknown(NamedTuple):
    """A key that no kind knows: its path, and where it stands."""

    key: str
    faults: list[tuple[Fitted, Fault]]


def unknown_keys(home: Home) -> dict[str, Unknown]:
    """The keys of a project's configs that no kind knows, by their paths."""
    found: dict[str, Unknown] = {}
    for file in home.configs:
        faults = fit(file.document, file.shape, home.project.extension_keys)[1] if file.shape is not None else ()
        for fault in faults:
            if fault.code in _UNKNOWN:
                key = fault.keys[0] if fault.keys else fault.place.path
                found.setdefault(key, Unknown(key, [])).faults.append((file, fault))
    return found


def keys_of(home: Home, unknown: dict[str, Unknown], followed: Followed | str) -> Found:
    """The patterns of the project's own keys, and what is to be said of other keys that no kind knows."""
    if isinstance(followed, str):
        return Found(notes=tuple(_said(one, "no kind knows it", home) for one in unknown.values()))
    verdicts = {one.key: _verdicts(one, followed) for one in unknown.values()}
    sites = {key: list(_sites(found, followed)) for key, found in verdicts.items()}
    read = {key: found for key, found in verdicts.items() if sites[key]}
    notes = tuple(_said(one, _what(one, verdicts[key], followed), home) for key, one in unknown.items() if key not in read)
    return Found(tuple(_entries(read, sites, unknown, home)), notes)


def _verdicts(one: Unknown, followed: Followed) -> list[Verdict]:
    """What becomes of a key, or of the keys of a section, in the configs that were followed."""
    files = {file.document.path for file, _ in one.faults}
    return [
        verdict
        for verdict in followed.audit.verdicts
        if verdict.config.path in files and (verdict.leaf.key == one.key or verdict.leaf.key.startswith((f"{one.key}.", f"{one.key}[")))
    ]


def _sites(verdicts: list[Verdict], followed: Followed) -> Iterator[Site]:
    """The lines that read a key by its name: what goes over all keys, to print or to save them, is no reader of this one."""
    for verdict in verdicts:
        name = re.compile(rf"\b{re.escape(str(verdict.leaf.path[-1]))}\b")
        if verdict.kind == READ:
            yield from (site for site in verdict.reads if name.search(followed.audit.lines(site)))


# --- keys that are read ---


def _entries(read: dict[str, list[Verdict]], sites: dict[str, list[Site]], unknown: dict[str, Unknown], home: Home) -> Iterator[Entry]:
    """A pattern for the keys that the code reads, with where it does; keys of one section or prefix have one pattern."""
    known = {key for file in home.configs if file.shape is not None for key in (*file.shape.fields, *file.shape.names.values())}
    taken = known | (unknown.keys() - read.keys())
    sections = {key for key, verdicts in read.items() if any(verdict.leaf.key != key for verdict in verdicts)}
    more = "; one more for the list that is there" if home.project.extension_keys else ""
    for pattern, keys in _patterns(list(read), sections, taken).items():
        where = told(list(dict.fromkeys(f"{home.inside(site.file)}:{site.line}" for key in keys for site in sites[key])))
        shown = told([f"`{key}`" for key in keys]) if keys != [pattern] else "it"
        them = "them" if len(keys) > 1 else "it"
        yield Entry("extension_keys", "", pattern, f"no kind knows {shown}, and the code reads {them}: {where}{more}")


def _patterns(read: Sequence[str], sections: set[str], taken: set[str]) -> dict[str, list[str]]:
    """The keys by the pattern that stands for them and for no key that is known or that nothing reads."""
    found: dict[str, list[str]] = {}
    for key in read:
        prefix = _prefix(key, read)
        if key in sections:
            found.setdefault(f"{key}.*", []).append(key)
        elif prefix and not any(other.startswith(prefix) for other in taken):
            found.setdefault(f"{prefix}*", []).append(key)
        else:
            found.setdefault(key, []).append(key)
    return found


def _prefix(key: str, keys: Sequence[str]) -> str | None:
    """The longest beginning up to a `_` that a key has in common with enough others of its section; None where there is none."""
    name = key.rpartition(".")[2]
    section = key[: len(key) - len(name)]
    names = [other[len(section) :] for other in keys if other.startswith(section) and "." not in other[len(section) :]]
    ends = [index + 1 for index, char in enumerate(name) if char == "_" and index]
    enough = (name[:end] for end in reversed(ends) if sum(other.startswith(name[:end]) for other in names) >= _ENOUGH_FOR_A_PREFIX)
    beginning = next(enough, None)
    return None if beginning is None else section + beginning


# --- keys that are not ---


def _what(one: Unknown, verdicts: list[Verdict], followed: Followed) -> str:
    opened = {config.path for config in followed.audit.opened}
    asked = {verdict.config.path for verdict in verdicts}
    if verdicts and asked <= opened and all(verdict.kind == PHANTOM for verdict in verdicts):
        return "no kind knows it, and no code reads it"
    return "no kind knows it, and whether the code reads it is not clear"


def _said(one: Unknown, what: str, home: Home) -> str:
    """What there is to say of a key: where it stands, and the known key that it was most likely meant to be."""
    fault = one.faults[0][1]
    meant = fault.help if len(fault.keys) > 1 and fault.help else "if it is yours, name it under `extension_keys`"
    return f"`{one.key}` ({told([_place(file, fault, home) for file, fault in one.faults])}): {what}; {meant}"


def _place(file: Fitted, fault: Fault, home: Home) -> str:
    line = f":{fault.place.text.span(*fault.place.key).start.line}" if fault.place.text is not None and fault.place.key else ""
    return f"{home.inside(file.document.path)}{line}"
