"""What a shell may offer for an argument that is half typed; each with a word of help where the shell shows one."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, MutableMapping
from contextlib import redirect_stdout, suppress
from io import StringIO

from confguard.project.find import find_project
from confguard.project.project import BadProject
from confguard.schemas.catalogue import CATALOGUE, RULES
from confguard.schemas.parameters import PARAMETERS

Offer = tuple[str, str]
_BREAKS = ":="
"""Where bash takes words apart, as it comes."""


def in_bash(complete: Callable[[], object], environment: MutableMapping[str, str]) -> int:
    """Complete for bash, which takes `profile:reference` for three words and puts what is offered in the place of the last one."""
    words = _joined(environment.get("COMP_WORDS", "").split("\n")[: int(environment.get("COMP_CWORD") or 0) + 1])
    environment.update(COMP_WORDS="\n".join(words), COMP_CWORD=str(len(words) - 1))
    with redirect_stdout(StringIO()) as offered, suppress(SystemExit):  # by which typer ends what a shell asked
        complete()
    kept = max(words[-1].rfind(char) for char in _BREAKS) + 1
    print("\n".join(line[kept:] for line in offered.getvalue().splitlines()))
    return 0


def _joined(words: list[str]) -> list[str]:
    joined: list[str] = []
    for word in words:
        if joined and word and (word[0] in _BREAKS or joined[-1][-1:] in (*_BREAKS,)):
            joined[-1] += word
        else:
            joined.append(word)
    return joined


def codes(typed: str) -> Iterator[Offer]:
    """Codes of rules; after a comma, the next one of a list."""
    before, comma, last = typed.rpartition(",")
    for code, name in _rules():
        if code.startswith(last.upper()):
            yield before + comma + code, name


def subjects(typed: str) -> Iterator[Offer]:
    """What can be explained: codes and names of rules, and parameters."""
    for code, name in _rules():
        yield from _that_begin(typed.upper(), [(code, name)])
        yield from _that_begin(typed, [(name, code)])
    yield from keys(typed)


def keys(typed: str) -> Iterator[Offer]:
    """Keys of configs as their files write them, and canonical parameters."""
    shapes = [*CATALOGUE.shapes, *CATALOGUE.by_release()]
    names = dict.fromkeys([*PARAMETERS, *(path for shape in shapes for path in shape.names.values())])
    found = ((name, PARAMETERS.get(name) or PARAMETERS.get(CATALOGUE.parameter(name) or "")) for name in names if name.startswith(typed))
    yield from ((name, parameter.en.partition(".")[0] if parameter else "") for name, parameter in found)


def assignments(typed: str) -> Iterator[Offer]:
    """`KEY=`, until the sign is there."""
    if "=" not in typed:
        yield from ((f"{name}=", help_) for name, help_ in keys(typed))


def kinds(typed: str) -> Iterator[Offer]:
    """Kinds of files."""
    return _that_begin(typed, [(shape.kind, shape.title) for shape in CATALOGUE.shapes])


def references(typed: str) -> Iterator[Offer]:
    """Names that the project file defines, profiles, and files below what is typed."""
    try:
        named = find_project("").references
    except BadProject:
        named = {}
    profiles = [f"profile:{entry.name}" for entry in os.scandir(CATALOGUE.profiles) if entry.is_dir() and entry.name[0].isalpha()]
    yield from _that_begin(typed, [*named.items(), *((name, "") for name in sorted(profiles))])
    yield from paths(typed)


def goals(typed: str) -> Iterator[Offer]:
    """What a migration can go to: a reference, a release, a kind."""
    newest = CATALOGUE.newest()
    yield from _that_begin(typed, [(f"trl=={newest.trl}", "the newest that confguard knows")])
    yield from kinds(typed)
    yield from references(typed)


def paths(typed: str) -> Iterator[Offer]:
    """Folders and YAML files that begin so."""
    folder, _, last = typed.rpartition("/")
    try:
        entries = sorted(os.scandir(folder + "/" if "/" in typed else "."), key=lambda entry: entry.name)
    except OSError:
        return
    for entry in entries:
        if entry.name.startswith(last) and not (entry.name.startswith(".") and not last):
            name = f"{folder}/{entry.name}" if "/" in typed else entry.name
            if os.path.isdir(entry.path):  # `entry.is_dir` fails for a link that leads round in a circle
                yield f"{name}/", ""
            elif name.endswith((".yaml", ".yml")):
                yield name, ""


def _rules() -> Iterator[Offer]:
    return ((code, rule.name) for code, rule in RULES.items())


def _that_begin(typed: str, offers: list[Offer]) -> Iterator[Offer]:
    return ((name, help_) for name, help_ in offers if name.startswith(typed))
