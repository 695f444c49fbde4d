"""The first line of a config that tells an editor where its JSON Schema is: `# yaml-language-server: $schema=...`."""

from __future__ import annotations

import os
import re

from confguard.document.document import Document
from confguard.edit.layout import line_end_of
from confguard.edit.splice import EditRefused, Splice, prove, spliced

FOLDER = "confguard-schemas"
"""Where the schemas lie, at the project's root; they are committed, as the lines that name them are."""
_MODELINE = re.compile(r"#[ \t]*yaml-language-server[ \t]*:[ \t]*\$schema=(\S+)")
_STAYS_FIRST = re.compile(r"(?:(?:#!|[ \t]*#[ \t]*@|#.*-\*-)[^\r\n]*(?:\r\n|\n|\r))*")
"""Lines that must stay at the top to mean anything: `#!`, Hydra's `# @package`, an editor's `# -*- mode -*-`."""


def schema_path(root: str, kind: str) -> str:
    """The file of a kind's schema."""
    return os.path.join(root, FOLDER, f"{kind}.json")


def with_modeline(document: Document, schema: str) -> Document | None:
    """The document with the line that names its schema; None where it has it. Raises `EditRefused`, also where it names another one."""
    path = os.path.relpath(schema, os.path.dirname(document.path) or os.curdir).replace(os.sep, "/")
    if re.search(r"\s", path):
        raise EditRefused(f"{document.path}: a blank in the way to {path} would end the name of the schema there")
    named = [match[1] for start, end in document.comments() if (match := _MODELINE.match(document.text, start, end))]
    if named:
        if path in named:
            return None
        raise EditRefused(f"{document.path}: names the schema {named[0]} already, which stays")
    first = _STAYS_FIRST.match(document.text)
    at = first.end() if first else 0
    line = f"# yaml-language-server: $schema={path}{line_end_of(document.text)}"
    return prove(document, spliced(document.text, [Splice(at, at, line)]), lambda found: found)
