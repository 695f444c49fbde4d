"""The first line of a config that tells an editor where its JSON Schema is: `# yaml-language-server: $schema=...`."""

from __future__ import annotations

import os
import re

from confguard.document.document import Document
from confguard.edit.layout import line_end_of
from confguard.edit.splice import EditRefused, Splice, prove, spliced

FOLDER = "confguard-schemas"
"""Where the schemas lie, at the project's root; they are committed, as the lines that name them are."""
_MODELINE = re.compile(r"#\s+(?:yaml-language-server\s*:[^\r\n]*?\$schema(?:=|:\s*)|\$schema:\s*)(\S+)")
"""As yaml-language-server 1.25 reads one (services/modelineUtil.ts): in a comment above the content."""
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
    above = document.root.start if document.root is not None else len(document.text)
    comments = [span for span in document.comments() if span[0] < above]
    named = [match[1] for start, end in comments if (match := _MODELINE.match(document.text, start, end))]
    if named:
        if path in named:
            return None
        raise EditRefused(f"{document.path}: names the schema {named[0]} already, which stays")
    first = _STAYS_FIRST.match(document.text)
    at = first.end() if first else 0
    line = f"# yaml-language-server: $schema={path}{line_end_of(document.text)}"
    return prove(document, spliced(document.text, [Splice(at, at, line)]), lambda found: found)
