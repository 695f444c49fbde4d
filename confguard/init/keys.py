"""`extension_keys`: the keys that no kind knows and that the project's code reads; those that nothing reads are most likely misspelt."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from confguard.audit.places import Site
from confguard.audit.verdict import PHANTOM, READ, Verdict
from confguard.document.fit import Fitted, fit
from confguard.init.code import Followed
from confguard.init.home import Home
from confguard.init.proposal import Entry, Found, told
from confguard.words.shape import Fault

_UNKNOWN = ("SCHEMA002", "SCHEMA005", "SCHEMA007")
_ENOUGH_FOR_A_PREFIX = 3


def keys_of(home: Home, followed: Followed | str) -> Found:
    """The patterns of the project's own keys, and what is to be said of other keys that no kind knows."""
    unknown = {file.document.path: list(_unknown(file, home)) for file in home.configs}
    if isinstance(followed, str):
        return Found(notes=tuple(_said(path, fault, "no kind knows it", home) for path, faults in unknown.items() for fault in faults))
    return Found(tuple(_keys(followed.verdicts, unknown, home)), tuple(_unread(followed, unknown, home)))


def _unknown(file: Fitted, home: Home) -> Iterator[Fault]:
    """What is wrong with keys of a config because no kind knows them."""
    if file.shape is not None:
        faults = fit(file.document, file.shape, home.project.extension_keys)[1]
        yield from (fault for fault in faults if fault.code in _UNKNOWN)


def _key(fault: Fault) -> str:
    return fault.keys[0] if fault.keys else fault.place.path


def _keys(verdicts: dict[str, list[Verdict]], unknown: dict[str, list[Fault]], home: Home) -> Iterator[Entry]:
    """A pattern for the keys that the code reads, with where it does; keys of one section or prefix have one pattern."""
    read: dict[str, list[str]] = {}
    sections = set()
    for path, faults in unknown.items():
        for fault in faults:
            own = _of_key(verdicts[path], _key(fault))
            sites = [site for verdict in own if verdict.kind == READ for site in verdict.reads]
            if sites:
                read.setdefault(_key(fault), []).extend(_told(sites, home))
            if sites and any(verdict.leaf.key != _key(fault) for verdict in own):
                sections.add(_key(fault))
    if not read:
        return
    known = {key for file in home.configs if file.shape is not None for key in (*file.shape.fields, *file.shape.names.values())}
    taken = known | {_key(fault) for faults in unknown.values() for fault in faults if _key(fault) not in read}
    for pattern, keys in _patterns(read, sections, taken).items():
        shown = told([f"`{key}`" for key in keys]) if keys != [pattern] else ""
        more = "; one more for the list that is there" if home.project.extension_keys else ""
        where = told(list(dict.fromkeys(site for key in keys for site in read[key])))
        them = "them" if len(keys) > 1 else "it"
        yield Entry("extension_keys", "", pattern, f"no kind knows {shown or 'it'}, and the code reads {them}: {where}{more}")


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


def _of_key(verdicts: list[Verdict], key: str) -> list[Verdict]:
    """What becomes of a key, or of the keys of a section."""
    return [verdict for verdict in verdicts if verdict.leaf.key == key or verdict.leaf.key.startswith((f"{key}.", f"{key}["))]


def _told(sites: Sequence[Site], home: Home) -> list[str]:
    return [f"{home.inside(site.file)}:{site.line}" for site in sites]


def _unread(followed: Followed, unknown: dict[str, list[Fault]], home: Home) -> Iterator[str]:
    """The keys that no kind knows and that nothing reads, with the nearest known one."""
    opened = {config.path for config in followed.audit.opened}
    for path, faults in unknown.items():
        for fault in faults:
            own = _of_key(followed.verdicts[path], _key(fault))
            if any(verdict.kind == READ for verdict in own):
                continue
            is_unread = path in opened and own and all(verdict.kind == PHANTOM for verdict in own)
            what = "no kind knows it, and no code reads it" if is_unread else "no kind knows it, and whether the code reads it is not clear"
            yield _said(path, fault, what, home)


def _said(path: str, fault: Fault, what: str, home: Home) -> str:
    """What there is to say of a key: where it stands, and the known key that it was most likely meant to be."""
    meant = fault.help if len(fault.keys) > 1 and fault.help else "if it is yours, name it under `extension_keys`"
    return f"{_place(path, fault, home)} {what}; {meant}"


def _place(path: str, fault: Fault, home: Home) -> str:
    line = f":{fault.place.text.span(*fault.place.key).start.line}" if fault.place.text is not None and fault.place.key else ""
    return f"{home.inside(path)}{line}: `{_key(fault)}`:"
