"""A file of one kind made into a file of another: a new file beside the old one, which stays as it is."""

from __future__ import annotations

import os

from confguard.diffing.convert import conversion_of
from confguard.document.document import Document
from confguard.document.fit import Fitted
from confguard.edit.spell import as_yaml
from confguard.migrate.plan import CREATE, KIND, FilePlan, Kept, Row
from confguard.words.catalogue import Catalogue
from confguard.words.language import EN


class NotConvertible(Exception):
    """A file that cannot be made into one of the kind that is asked for; the message says why."""


def converted(file: Fitted, kind: str, catalogue: Catalogue) -> FilePlan:
    """The plan of a new file of a kind; raises `NotConvertible`."""
    found = conversion_of(file.kind, kind, catalogue)
    if found is None or file.recipe is None:
        sources = ", ".join(sorted({item.source for item in catalogue.conversions() if item.target == kind})) or "none"
        raise NotConvertible(f"{file.document.path} is {file.kind or 'of no known kind'}; {kind} can be made from: {sources}")
    keys, left = found.convert(file.recipe)
    path = beside(file.document.path, kind)
    name = os.path.basename(file.document.path)
    lines = [f"# Made from {name} by `confguard migrate {name} --to {kind}`.", *(f"{key}: {as_yaml(value)}" for key, value in keys.items())]
    after = Document(path, ("\n".join(lines) + "\n").encode())
    kept = [
        Kept(file.recipe.name(item.parameter), file.recipe.get(item.parameter), None, f"no key of {kind}: {item.instead.to(EN)}", True)
        for item in left
    ]
    before = _there(path)
    if before is not None and before != after.text:
        raise NotConvertible(f"{path} exists, and says something else; confguard diff {file.document.path} {path} shows what")
    rows = [] if before is not None else [Row(CREATE, "", None, kind, KIND, f"the same run as {file.document.path}", written=True)]
    now = None if before is None else Fitted(after, None, None)
    return FilePlan(path, file.document.path, now, after, rows, kept)


def beside(path: str, kind: str) -> str:
    """Where the new file goes.

    >>> beside("config/training.yaml", "trl-grpo")
    'config/training.trl-grpo.yaml'
    """
    stem, ending = os.path.splitext(path)
    return f"{stem}.{kind}{ending or '.yaml'}"


def _there(path: str) -> str | None:
    try:
        with open(path, encoding="utf-8", errors="replace", newline="") as file:
            return file.read()
    except FileNotFoundError:
        return None
