"""The lines of a text that is edited: where they begin and end, how far they are indented, and which comments speak of what."""

from __future__ import annotations

import re

from confguard.document.nodes import MAPPING, SEQUENCE, Node

_LINE_END = re.compile(r"\r\n|\n|\r")
_REST = re.compile(r"[ \t]*(?:#[^\r\n]*)?(?=[\r\n]|\Z)")
_HEADER = re.compile(r"[|>][-+0-9]*(?P<comment>[ \t]+#[^\r\n]*)?")
_COMMENT_LINE = re.compile(r"( *)#[^\r\n]*")
_WORD = re.compile(r"( *)[^ #\r\n]")
_LEAD = re.compile(r"[ -]*")


def line_end_of(text: str) -> str:
    """The line end that a text uses, by its first line."""
    found = _LINE_END.search(text)
    return found.group() if found else "\n"


def start_of_line(text: str, offset: int) -> int:
    """Where the line of an offset begins."""
    return max(text.rfind("\n", 0, offset), text.rfind("\r", 0, offset)) + 1


def end_of_line(text: str, offset: int) -> int:
    """Where the line of an offset ends, before its line end."""
    found = _LINE_END.search(text, offset)
    return found.start() if found else len(text)


def next_line(text: str, offset: int) -> int:
    """Where the line after that of an offset begins; the end of the text where there is none."""
    found = _LINE_END.search(text, offset)
    return found.end() if found else len(text)


def indentation_of(text: str, offset: int) -> str:
    """The blanks at the start of the line of an offset."""
    start = start_of_line(text, offset)
    return " " * (offset - start - len(text[start:offset].lstrip(" ")))


def lead(text: str, offset: int) -> str | None:
    """Blanks as wide as what stands before an offset on its line, where that is blanks and dashes only; else None."""
    start = start_of_line(text, offset)
    return " " * (offset - start) if _LEAD.fullmatch(text, start, offset) else None


def starts_line(text: str, offset: int) -> bool:
    """Whether nothing but blanks stands before an offset on its line."""
    return not text[start_of_line(text, offset) : offset].strip(" ")


def rest_of_line(text: str, offset: int) -> int | None:
    """Where the line ends on which nothing but a comment follows an offset; None where something else does."""
    found = _REST.match(text, offset)
    return found.end() if found else None


def body_end(text: str, node: Node) -> int:
    """Where what a node holds ends: of a block text its last line that is not blank, before the line end."""
    last = node
    while last.items and not last.event.flow_style:
        last = last.items[-1][1] if last.kind == MAPPING else last.items[-1]
    if last.style not in ("|", ">"):
        return last.end
    return last.start + len(text[last.start : last.end].rstrip(" \t\r\n"))


def header_comment(text: str, node: Node) -> str:
    """The comment beside the sign of a block text, with the blanks before it; empty where there is none."""
    found = _HEADER.match(text, node.start) if node.style in ("|", ">") else None
    return (found and found["comment"]) or ""


def dash_before(text: str, item: Node) -> int | None:
    """Where the dash of an item of a block list stands; None where it cannot be told."""
    before = text[: item.start].rstrip(" \r\n")
    return len(before) - 1 if before.endswith("-") else None


def comments_above(text: str, start: int, end: int) -> int:
    """Where the comment lines begin that stand right above a key or an item and speak of it alone; else where its line begins.

    They speak of it alone where no other key follows in the next line: above several keys they head them all. `start` and `end`
    are those of the key or item with its value.
    """
    top = start_of_line(text, start)
    column = start - top
    below = next_line(text, end)
    if (following := _WORD.match(text, below)) and len(following[1]) == column:
        return top
    while top:
        stop = top - 2 if text.startswith("\r\n", top - 2) else top - 1
        begin = start_of_line(text, stop)
        found = _COMMENT_LINE.fullmatch(text, begin, stop)
        if found is None or len(found[1]) != column:
            break
        top = begin
    return top


def is_empty(text: str, node: Node) -> bool:
    """Whether nothing is written where a value could be."""
    return node.start == node.end and node.kind not in (MAPPING, SEQUENCE)
