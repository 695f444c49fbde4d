"""From what lies in a project to its proposal."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator

from confguard.init.code import code_of, follow
from confguard.init.home import Home
from confguard.init.keys import keys_of, unknown_keys
from confguard.init.kinds import kinds_of
from confguard.init.names import Template, run_names_of
from confguard.init.proposal import Found, Proposal
from confguard.init.references import references_of
from confguard.init.releases import releases_of
from confguard.project.find import find_project
from confguard.project.target import pins_of
from confguard.words.catalogue import Catalogue
from confguard.words.spelling import listed


def proposal_for(home: Home, catalogue: Catalogue, template_of: Template) -> Proposal:
    """What the project file of a project is to say."""
    parts = list(_found(home, catalogue, template_of)) if home.configs or home.unclear else []
    every = [entry for part in parts for entry in part.entries]
    entries = tuple(entry for entry in every if _is_text(entry.name + entry.value))
    odd = [
        f"`{entry.section}`: a name that is no text cannot stand in a project file ({entry.why})" for entry in every if entry not in entries
    ]
    existing = home.project.document.path if home.project.document is not None else None
    said = (*odd, *home.notes, *(note for part in parts for note in part.notes))
    notes = (*(note.replace("\n", "\\n") for note in said), *_pre_commit(home))  # a file's name may hold line ends
    return Proposal(home.root, existing, _summary(home), entries, notes, "" if existing else _marks(home))


def _found(home: Home, catalogue: Catalogue, template_of: Template) -> Iterator[Found]:
    kinds, home = kinds_of(home, catalogue)
    is_new = home.project.document is None
    yield kinds
    yield references_of(home, catalogue)
    yield _worth_saying(releases_of(home, catalogue), is_new)
    if home.configs:
        unknown = unknown_keys(home)
        followed = follow(home, catalogue, [one.faults[0][0] for one in unknown.values()])
        yield _worth_saying(code_of(home, followed), is_new)
        yield keys_of(home, unknown, followed)
    yield run_names_of(home, template_of)


def _worth_saying(found: Found, is_new: bool) -> Found:
    """What is not in a project file is explained where there is none yet."""
    return found if is_new else found._replace(notes=())


def _is_text(name: str) -> bool:
    """Whether a name can be written down: one of a file may be any bytes."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def _summary(home: Home) -> str:
    counts = Counter(file.kind for file in home.configs)
    told = [f"{count} {kind}" for kind, count in sorted(counts.items(), key=lambda item: str(item[0]))]
    beside = sum(map(len, home.references.values()))
    told += [f"{beside} in {listed([home.inside(folder) for folder in home.references])}"] if beside else []
    told += [f"{len(home.unclear)} of a kind that is not clear"] if home.unclear else []
    return ", ".join(told) if told else "no training config"


def _marks(home: Home) -> str:
    """What a check of a config would not find if nothing said where the project's root is."""
    pins = [pin for pin in pins_of(home.root) if pin.package == "trl"]
    native = next((file for file in home.configs if file.shape is not None and file.shape.target is not None), None)
    if not pins or native is None:
        return ""
    root = find_project(os.path.dirname(native.document.path)).root
    if os.path.abspath(root) == os.path.abspath(home.root):
        return ""
    config, lock = home.inside(native.document.path), home.inside(pins[0].file)
    return f"it marks the project's root: without it a check of {config} does not look into {lock}"


def _pre_commit(home: Home) -> Iterator[str]:
    path = os.path.join(home.root, ".pre-commit-config.yaml")
    if not os.path.isfile(path):
        return
    from confguard.document.source import Unreadable, read_bytes

    try:
        text = read_bytes(path)
    except Unreadable:
        return
    if b"confguard" not in text:
        yield PRE_COMMIT


PRE_COMMIT = """.pre-commit-config.yaml does not run confguard; under `repos` this would check what is committed:
- repo: local
  hooks:
    - {id: confguard, name: confguard check, entry: confguard check, language: system, types: [yaml], require_serial: true}"""
