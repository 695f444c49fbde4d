"""Edits within block style: mappings and lists with a line, or more, for each of their items."""

from __future__ import annotations

from confguard.document.document import Document
from confguard.document.nodes import MAPPING, SEQUENCE, Node
from confguard.document.paths import Path
from confguard.edit.layout import (
    body_end,
    comments_above,
    dash_before,
    end_above,
    last_of,
    lead,
    line_end_of,
    margin_of,
    next_line,
    rest_of_line,
    start_of_line,
    starts_line,
)
from confguard.edit.operations import Source
from confguard.edit.splice import EditRefused, Splice
from confguard.edit.spot import refuse


def begin_of(text: str, holder: Node, place: int) -> int:
    """Where an item begins: at its key, or at its dash."""
    item = holder.items[place]
    if holder.kind == MAPPING:
        start: int = item[0].start
        return start
    dash = dash_before(text, item)
    return item.start if dash is None else dash


def stop_of(document: Document, holder: Node, place: int) -> int:
    """Where the last line of an item ends, a comment beside it included; raises `EditRefused` where more stands there."""
    value = value_of(holder, place)
    end = rest_of_line(document.text, body_end(document.text, value))
    if end is None:
        refuse(document, value, "something else stands on its line")
    return end


def value_of(holder: Node, place: int) -> Node:
    """The value of a key, or an item."""
    value: Node = holder.items[place][1] if holder.kind == MAPPING else holder.items[place]
    return value


def inserted_below(document: Document, holder: Node, place: int, lines: str) -> Splice:
    """A splice that puts lines, made by `lines_of`, below an item and what still belongs to it."""
    text = document.text
    column = _column(document, holder, place)
    value = value_of(holder, place)
    keeps_blanks = _keeps_blanks(text, value)
    at = value.end if keeps_blanks else _below_deeper_comments(text, stop_of(document, holder, place), column)
    line_end = line_end_of(text, at)
    body = _indented(lines.lstrip("\n") if keeps_blanks else lines, " " * column, line_end)
    if at == len(text) and text[at - 1] not in "\r\n" and _needs_line_end(text, value):
        refuse(document, value, "the file ends in a text without a line end, which would get one")
    if keeps_blanks and text[at - 1 : at] in ("\n", "\r"):
        return Splice(at, at, body + line_end)
    return Splice(at, at, line_end + body)


def inserted_above(document: Document, holder: Node, place: int, lines: str) -> Splice:
    """A splice that puts lines above an item, and above the comments that speak of it alone."""
    text = document.text
    column = _column(document, holder, place)
    begin = begin_of(text, holder, place)
    line_end = line_end_of(text, begin)
    if place and _keeps_blanks(text, value_of(holder, place - 1)):
        lines = lines.lstrip("\n")
    if starts_line(text, begin):
        at = comments_above(text, begin, body_end(text, value_of(holder, place)))
        return Splice(at, at, _indented(lines, " " * column, line_end) + line_end)
    return Splice(begin, begin, _indented(lines, " " * column, line_end).lstrip(" ") + line_end + " " * column)


def deleted(document: Document, holder: Node, place: int, first: int, last: int) -> Splice:
    """A splice that takes an item out with its lines and the comments that speak of it alone; of the only one, it leaves `{}` or `[]`.

    All items from the place `first` to the place `last`, this one among them, are to go.
    """
    text = document.text
    begin, end = begin_of(text, holder, place), stop_of(document, holder, place)
    if len(holder.items) == 1:
        return Splice(begin, body_end(text, value_of(holder, place)), "{}" if holder.kind == MAPPING else "[]")
    if not first and not starts_line(text, begin_of(text, holder, 0)):
        return _deleted_beside_dash(document, holder, last)
    start = comments_above(text, begin, end)
    stop = _below(text, holder, place, end, begin - start_of_line(text, begin))
    if stop == len(text) and not text.endswith(("\n", "\r")):
        start = _end_above(document, holder, first)
    return Splice(start, stop, "")


def _deleted_beside_dash(document: Document, holder: Node, last: int) -> Splice:
    """The first keys out of the line of a dash: the next one comes to stand there, or below it with the comments that stand above it."""
    text = document.text
    begin, end = begin_of(text, holder, 0), stop_of(document, holder, last)
    if last + 1 == len(holder.items):
        refuse(document, holder, "what is to go does not begin its line")
    following = begin_of(text, holder, last + 1)
    if "#" in text[end:following]:
        return Splice(start_of_line(text, begin) + len(text[start_of_line(text, begin) : begin].rstrip(" ")), end, "")
    return Splice(begin, following, "")


def _below(text: str, holder: Node, place: int, end: int, column: int) -> int:
    """Where what is below an item that goes begins: below what is part of it, or would become part of a text above."""
    value = value_of(holder, place)
    if _keeps_blanks(text, value):
        return value.end
    if place and last_of(above := value_of(holder, place - 1)).style in ("|", ">"):
        stop = next_line(text, _below_deeper_comments(text, end, column))
        blank = _below_blanks(text, stop)
        margin = margin_of(text, last_of(above))
        joins = margin and any(len(line) > margin for line in text[stop:blank].splitlines())
        return blank if joins or _keeps_blanks(text, above) else stop
    return next_line(text, end)


def _end_above(document: Document, holder: Node, first: int) -> int:
    """Where a file without a final line end is to end when its last items go: before a line end, unless that is part of a text."""
    text = document.text
    start = comments_above(text, begin_of(text, holder, first), stop_of(document, holder, first))
    if not first:
        return end_above(text, start)
    above = value_of(holder, first - 1)
    return start if _needs_line_end(text, above) else max(body_end(text, above), end_above(text, start))


def source_of(document: Document, path: Path, holder: Node, place: int) -> Source | None:
    """How a key or an item is written, for it to be written elsewhere, with a blank line above it if it has one.

    None where its lines do not stand by themselves.
    """
    text = document.text
    if holder.style not in ("", "-"):
        return None
    begin = begin_of(text, holder, place)
    try:
        end = stop_of(document, holder, place)
    except EditRefused:
        return None
    above = comments_above(text, begin, end) if starts_line(text, begin) else begin
    column = begin - start_of_line(text, begin)
    lines = text[above:end].replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if above == begin:
        lines[0] = " " * column + lines[0]
    if any(line[:column].strip(" ") for line in lines):
        return None
    if above and not text[start_of_line(text, above - 1) : above].strip():
        lines.insert(0, "")
    return Source("\n".join(line[column:].rstrip(" ") if not line.strip() else line[column:] for line in lines))


def _column(document: Document, holder: Node, place: int) -> int:
    begin = begin_of(document.text, holder, place)
    before = lead(document.text, begin)
    if before is None or (holder.kind == SEQUENCE and document.text[begin : begin + 1] != "-"):
        refuse(document, holder, "it is not written in a way that can be added to")
    return len(before)


def _keeps_blanks(text: str, value: Node) -> bool:
    """Whether the blank lines below a value are part of it: a block text with `+`."""
    last = last_of(value)
    return last.style in ("|", ">") and "+" in text[last.start : last.start + 3]


def _below_blanks(text: str, offset: int) -> int:
    """Where the first line begins, from that of an offset on, on which something is written."""
    while offset < len(text) and not text[offset : (stop := next_line(text, offset))].strip():
        offset = stop
    return offset


def _needs_line_end(text: str, value: Node) -> bool:
    """Whether the line end below a value is part of it: a block text without `-`."""
    last = last_of(value)
    return last.style in ("|", ">") and "-" not in text[last.start : last.start + 3]


def _below_deeper_comments(text: str, end: int, column: int) -> int:
    """The end of the comment lines below a line that are indented further than a column: they still belong to what is above."""
    while (begin := next_line(text, end)) < len(text):
        words = text[begin : begin + 1 + column].lstrip(" ")
        stop = rest_of_line(text, begin)
        if words or stop is None or "#" not in text[begin:stop]:
            break
        end = stop
    return end


def _indented(lines: str, indentation: str, line_end: str) -> str:
    return line_end.join(indentation + line if line else line for line in lines.split("\n"))
