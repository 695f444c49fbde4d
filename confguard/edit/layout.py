"""The lines of a text that is edited: where they begin and end, how far they are indented, and which comments speak of what."""

from __future__ import annotations

import re

from confguard.document.nodes import MAPPING, SEQUENCE, Node

_LINE_END = re.compile(r"\r\n|\n|\r")
_REST = re.compile(r"[ \t]*(?:#[^\r\n]*)?(?=[\r\n]|\Z)")
_HEADER = re.compile(r"[|>][-+0-9]*(?P<comment>[ \t]+#[^\r\n]*)?")
_COMMENT_LINE = re.compile(r"( *)#[^\r\n]*")
_WORD = re.compile(r"( *)[^ #\r\n]")
_DASH = re.compile(r"( *(?:[-?:] +)*-)[ \t]*(?:(?<=[ \t])#[^\r\n]*)?")
_NOTHING = re.compile(r"[ \t]*(?:#[^\r\n]*)?")
_LINE = re.compile(r"( *)[^\r\n]*")
_LEAD = re.compile(r"[ -]*")


def line_end_of(text: str, offset: int = 0) -> str:
    """The line end that a text uses where an offset is, or by its first line."""
    found = _LINE_END.search(text, offset) or _LINE_END.search(text)
    return found.group() if found else "\n"


def start_of_line(text: str, offset: int) -> int:
    """Where the line of an offset begins."""
    start = text.rfind("\n", 0, offset) + 1
    return max(start, text.rfind("\r", start, offset) + 1)


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
    last = last_of(node)
    if last.style not in ("|", ">"):
        return last.end
    margin = margin_of(text, last)
    lines = [_LINE.match(text, start) for start in _starts(text, last)]
    ends = [line.end() for line in lines if line and (line.end(1) < line.end() or 0 < margin < line.end() - line.start())]
    return max(ends, default=end_of_line(text, last.start))


def margin_of(text: str, node: Node) -> int:
    """How far a block text is indented; 0 where nothing is in it."""
    lines = [_LINE.match(text, start) for start in _starts(text, node)]
    return min((line.end(1) - line.start() for line in lines if line and line.end(1) < line.end()), default=0)


def _starts(text: str, node: Node) -> list[int]:
    """Where the lines of a block text begin, below its sign."""
    return [found.end() for found in _LINE_END.finditer(text, node.start, node.end) if found.end() < node.end]


def last_of(node: Node) -> Node:
    """The last value within the lines of a node; itself where it holds no lines."""
    while node.items and not node.event.flow_style:
        node = node.items[-1][1] if node.kind == MAPPING else node.items[-1]
    return node


def end_above(text: str, offset: int) -> int:
    """The end of the last line above that of an offset on which something is written."""
    start = start_of_line(text, offset)
    while start:
        end = start - 2 if text.startswith("\r\n", start - 2) else start - 1
        start = start_of_line(text, end)
        if text[start:end].strip(" \t"):
            return end
    return 0


def header_comment(text: str, node: Node) -> str:
    """The comment beside the sign of a block text, with the blanks before it; empty where there is none."""
    found = _HEADER.match(text, node.start) if node.style in ("|", ">") else None
    return (found and found["comment"]) or ""


def dash_before(text: str, item: Node) -> int | None:
    """Where the dash of an item of a block list stands: on its line, or above it with nothing but comments between; else None."""
    end = item.start
    while True:
        start = start_of_line(text, end)
        found = _DASH.fullmatch(text, start, end)
        if found is not None:
            return found.end(1) - 1
        if not start or not _NOTHING.fullmatch(text, start, end):
            return None
        end = start - 2 if text.startswith("\r\n", start - 2) else start - 1


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
