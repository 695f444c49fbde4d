"""What is said of a key that a kind does not have, and of one that it needs; which name was meant."""

from __future__ import annotations

from collections.abc import Iterator

from confguard.words.recipe import Place
from confguard.words.shape import Fault, Key, Shape
from confguard.words.spelling import ascii_skeleton, is_misspelt, nearest
from confguard.words.typing import NamedTuple


class Unknown(NamedTuple):
    """A key that the shape does not have there: its section's path, its name, where it stands, and its value's type."""

    section: str
    name: str
    place: Place


class Missing(NamedTuple):
    """A needed key that is not there: the path it should have, and the place of its section."""

    path: str
    place: Place


def key_faults(shape: Shape, present: set[str], unknown: list[Unknown], missing: list[Missing]) -> Iterator[Fault]:
    """What to say of unknown and of missing keys: a missing key that was only misspelt or misplaced is said once."""
    absent = {item.path: item for item in missing}
    known, synonyms = known_paths(shape.fields), dict(shape.synonyms)
    for item in unknown:
        path = f"{item.section}.{item.name}" if item.section else item.name
        if shape.known is not None and (found := shape.known(path)) is not None:
            yield Fault(found.code, found.message, item.place, found.help, keys=(path,))
            continue
        meant, how = _meant(item, known, present, absent, synonyms)
        if meant is not None:
            absent_key = absent.pop(meant, None)
            fault = _misnamed(item, path, meant, how, absent_key is not None, shape.converts)
            is_free = how == "misspelt" and meant not in present
            yield fault._replace(replace=_rename(item, meant.rpartition(".")[2]), is_guess=True) if is_free else fault
        else:
            section = f" in `{item.section}`" if item.section else ""
            yield Fault(
                _unknown_code(shape.converts),
                f"`{path}` is no key that {shape.kind} knows{section}",
                item.place,
                "remove it, or declare it under extension_keys in confguard.yaml",
                keys=(path,),
            )
    for gap in absent.values():
        yield Fault("SCHEMA001", f"`{gap.path}` is missing; {shape.kind} needs it", gap.place, f"add {gap.path}")


def _unknown_code(refused: bool) -> str:
    """An unknown key is one that nothing reads, or one that keeps the whole file from being read."""
    return "SCHEMA007" if refused else "SCHEMA002"


def _misnamed(item: Unknown, path: str, meant: str, how: str, was_needed: bool, refused: bool) -> Fault:
    section, _, name = meant.rpartition(".")
    if how == "look-alike":
        odd = ", ".join(f"{char!r} is U+{ord(char):04X}" for char in item.name if not char.isascii())
        message = f"the key `{path}` looks like `{meant}` but is another one ({odd})"
        return Fault("YAML006", message, item.place, f"type {name} anew", _rename(item, name), keys=(path, meant))
    if how == "misplaced":
        there = f"under `{section}`" if section else "at the top level"
        message, help_ = f"`{path}` belongs {there}; it is no known key where it stands", f"move it {there}"
    else:
        message, help_ = f"`{path}` is no known key", f"did you mean {name}?"
    if was_needed:
        return Fault("SCHEMA005", f"{message}, and `{meant}`, which is needed, is missing", item.place, help_, keys=(path, meant))
    return Fault(_unknown_code(refused), message, item.place, help_, keys=(path, meant))


def _rename(item: Unknown, name: str) -> tuple[int, int, str] | None:
    return (*item.place.key, name) if item.place.key else None


def _meant(
    item: Unknown, known: set[str], present: set[str], absent: dict[str, Missing], synonyms: dict[str, str]
) -> tuple[str | None, str]:
    """The known path that an unknown key was most likely meant to be, and how it went wrong."""
    prefix = f"{item.section}." if item.section else ""
    if (meant := synonyms.get(prefix + item.name)) in known:
        return meant, "misspelt"
    siblings = {path[len(prefix) :]: path for path in known if path.startswith(prefix) and "." not in path[len(prefix) :]}
    if not item.name.isascii():
        skeleton = ascii_skeleton(item.name)
        if skeleton in siblings:
            return siblings[skeleton], "look-alike"
    free = {name: path for name, path in siblings.items() if path not in present}
    close = nearest(item.name, [name for name in free if free[name] in absent]) or nearest(item.name, free)
    if close and is_misspelt(item.name, close):
        return free[close], "misspelt"
    elsewhere = [path for path in known if path.rpartition(".")[2] == item.name and "*" not in path]
    elsewhere = [path for path in elsewhere if path in absent] or elsewhere
    if len(elsewhere) == 1:  # `enabled` belongs into many sections
        return elsewhere[0], "misplaced"
    close = nearest(item.name, siblings)
    return (siblings[close], "misspelt") if close and is_misspelt(item.name, close) else (None, "")


def known_paths(fields: dict[str, Key], prefix: str = "") -> set[str]:
    """All dotted paths of a shape; the names of an open mapping are `*`."""
    paths: set[str] = set()
    for name, key in fields.items():
        path = prefix + name
        paths.add(path)
        if key.fields:
            paths |= known_paths(key.fields, path + (".*." if key.type == "each" else "."))
    return paths
