"""Adding a record to the end of a top-level list, in the style in which the list is written."""

from __future__ import annotations

import re
from collections.abc import Mapping

from confguard.document.document import Document
from confguard.document.nodes import MAPPING, SEQUENCE, Node
from confguard.edit.flow import added_at_end
from confguard.edit.layout import end_of_line, indentation_of, line_end_of, start_of_line
from confguard.edit.splice import Splice
from confguard.edit.spot import refuse
from confguard.words.typing import Any

Record = Mapping[str, Any]
"""Names and values, each value as it is spelled in YAML."""

_DASH = re.compile(r"(?:\A|(?<=[\r\n]))( *)-(?=[ \t\r\n])")
_BEFORE_ITEM = re.compile(r" *-( +)")
_COLON = re.compile(r"[ \t]*:")
_DOCUMENT_END = re.compile(r"(?<=[\r\n])\.\.\.(?=\s|\Z)")
_STEP = "  "


def appended(document: Document, key: str, record: Record) -> list[Splice]:
    """The splices that add a record to the list that a top-level key holds, or to a new one at the end of the file.

    What is on the list, and the comments around it, stay as they are. Raises `EditRefused` where the key holds no list.
    """
    root = document.root
    if root is None:
        return [_new_list(document, "", key, record)]
    if root.kind != MAPPING:
        refuse(document, root, "the file holds no keys")
    held = next((pair for pair in root.items if pair[0].resolved().text == key), None)
    if root.style == "{":
        return _to_flow_mapping(document, root, key, held, record)
    if held is None:
        return [_new_list(document, indentation_of(document.text, root.items[0][0].start), key, record)]
    value = held[1]
    if value.resolved() is not value:
        refuse(document, value, "an alias stands where the list should be")
    if value.kind == SEQUENCE and value.style == "-":
        return [_after_last_line(document, value, record)]
    if value.kind == SEQUENCE and (value.items or re.search("[\r\n]", document.text[value.start : value.end])):
        return added_at_end(document, value, in_braces(record))
    return _instead_of_nothing(document, held[0], value, record)


def in_braces(record: Record) -> str:
    """A record on one line: `{name: value, other: value}`."""
    return "{" + ", ".join(f"{name}: {value}" for name, value in record.items()) + "}"


def _new_list(document: Document, indentation: str, key: str, record: Record) -> Splice:
    """The key and its list at the end of the file; a file without a final newline stays one."""
    text, line_end = document.text, line_end_of(document.text)
    closing = _DOCUMENT_END.search(text, document.root.end if document.root else 0)
    at = closing.start() if closing else len(text)
    lines = f"{indentation}{key}:{line_end}{indentation}{_STEP}- {in_braces(record)}"
    unfinished = at > 0 and text[at - 1] not in "\r\n"
    return Splice(at, at, line_end + lines if unfinished else lines + line_end)


def _instead_of_nothing(document: Document, key: Node, value: Node, record: Record) -> list[Splice]:
    """A list in place of `null`, `[]` or nothing: in the line below its key, so that a comment beside the key stays there."""
    text = document.text
    written = text[value.start : value.end]
    if written[:1] in ("&", "!") or value.kind == MAPPING or value.value is not None:
        refuse(document, value, "something else stands where the list should be")
    item = f"- {in_braces(record)}"
    if written and not text[start_of_line(text, value.start) : value.start].strip():
        return [Splice(value.start, value.end, item)]
    colon = _COLON.match(text, key.end)
    if colon is None or text[colon.end() : value.start].strip():
        refuse(document, value, "it is not written in a way that can be added to")
    at = end_of_line(text, value.end)
    below = f"{line_end_of(text)}{indentation_of(text, key.start)}{_STEP}"
    return [Splice(colon.end(), value.end, ""), Splice(at, at, below + item)]


def _after_last_line(document: Document, items: Node, record: Record) -> Splice:
    """One more item of a block list, below the line on which the last one ends."""
    text, last = document.text, items.items[-1]
    dashes = list(_DASH.finditer(text, start_of_line(text, items.start), items.items[0].start))
    if not dashes:
        refuse(document, items, "it is not written in a way that can be added to")
    beside = _BEFORE_ITEM.fullmatch(text, start_of_line(text, last.start), last.start)
    gap = beside[1] if beside else " "
    line_end, indentation = line_end_of(text), dashes[-1][1]
    item = f"{indentation}-{gap}{in_braces(record)}"
    if last.kind == MAPPING and last.style == "":
        below = f"{line_end}{indentation} {gap}"
        item = f"{indentation}-{gap}" + below.join(f"{name}: {value}" for name, value in record.items())
    if text[last.end - 1] in "\r\n":  # the end of a block text
        return Splice(last.end, last.end, item + line_end)
    at = end_of_line(text, last.end)
    return Splice(at, at, line_end + item)


def _to_flow_mapping(document: Document, root: Node, key: str, held: tuple[Node, Node] | None, record: Record) -> list[Splice]:
    """The record in a file that is one pair of braces."""
    if held is None:
        return added_at_end(document, root, f"{key}: [{in_braces(record)}]")
    value = held[1]
    if value.kind == SEQUENCE and value.style == "[":
        return added_at_end(document, value, in_braces(record))
    if value.value is not None or value.kind != "scalar" or value.end == value.start or document.text[value.start] in "&!":
        refuse(document, value, "it is not written in a way that can be added to")
    return [Splice(value.start, value.end, f"[{in_braces(record)}]")]
