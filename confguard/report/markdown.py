"""A report as GitHub-flavoured Markdown, for comments on pull requests: what someone else wrote stays text, whatever it looks like."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import groupby

from confguard.report.blocks import Block, Bullets, Chart, Code, Folded, Heading, Paragraph, Table, TableRow
from confguard.report.labels import label, lacks_statuses, levels, status_word
from confguard.report.paint import Line, Segment
from confguard.report.safe import columns, visible
from confguard.words.change import DRIFT, GONE, NEW, SAME, WAIVED
from confguard.words.spelling import number

EMOJI = {"good": "✅ ", "warning": "⚠️ ", "error": "❌ ", "unknown": "❔ "}
STATUS_EMOJI = {SAME: "✅", WAIVED: "⚠️", DRIFT: "❌", NEW: "➕", GONE: "➖"}
"""Signs of statuses as people write them in comments; GitHub draws them, and each says it without its colour, too."""
WIDEST = 40
"""Columns that a cell is padded to; a longer cell makes only its own row longer."""
MOST_POINTS = 15
"""Points of a chart that are shown; a curve of hundreds is told by these."""


def markdown(blocks: Iterable[Block], lang: str = "en") -> str:
    """The blocks as Markdown, in a language."""
    drawn = ["\n".join(_block(block, lang)) for block in blocks]
    return "\n\n".join(text for text in drawn if text) + "\n"


def _block(block: Block, lang: str) -> Iterator[str]:
    match block:
        case Heading():
            yield f"{'#' * max(1, min(block.level, 6))} {inline([('', block.text)])}"
        case Paragraph():
            yield _opening(inline(block.line))
        case Bullets():
            yield from _bullets(block)
        case Table():
            yield from _table(block, lang)
        case Chart():
            yield from _chart(block, lang)
        case Code():
            yield from _code(block)
        case Folded():
            yield from (f"<details><summary>{inline([('', block.title)])}</summary>", "")
            for inner in block.blocks:
                yield from (*_block(inner, lang), "")
            yield "</details>"


def _bullets(block: Bullets) -> Iterator[str]:
    depths = levels(depth for _, depth, _ in block.items)
    for (state, _, line), depth in zip(block.items, depths, strict=True):
        text = inline(line)
        yield f"{'  ' * depth}- {EMOJI[state] + text if state in EMOJI else _item(text)}"


def _code(block: Code) -> Iterator[str]:
    fence = "`" * max(3, _longest_run(block.text) + 1)
    yield fence + re.sub(r"[^\w+-]", "", block.language, flags=re.ASCII)
    yield from (visible(line) for line in block.text.replace("\r\n", "\n").rstrip("\n").split("\n"))
    yield fence


# Tables


def _table(table: Table, lang: str) -> Iterator[str]:
    first = [label("status", lang)] if lacks_statuses(table) else []
    head = [_cell([("", name)]) for name in [*first, *table.columns]]
    rows = [
        [_cell(cell) for cell in [*([[(row.status, status_word(row.status, lang))]] if first else []), *row.cells]] for row in table.rows
    ]
    if not head:
        return
    yield from _grid(head, rows, {index + len(first) for index in table.numeric})
    yield from _details([row for row in table.rows if row.details], lang)


def _grid(head: list[str], rows: list[list[str]], numeric: set[int]) -> Iterator[str]:
    """The source of a table, aligned as far as its cells allow."""
    rows = [[*row, *[""] * len(head)][: len(head)] for row in rows]
    widths = [max([3, *[columns(cell) for cell in column if columns(cell) <= WIDEST]]) for column in zip(head, *rows, strict=True)]
    rules = ["-" * (width - 1) + ":" if index in numeric else "-" * width for index, width in enumerate(widths)]
    for row in [head, rules, *rows]:
        cells = [_padded(cell, width, index in numeric) for index, (cell, width) in enumerate(zip(row, widths, strict=True))]
        yield f"| {' | '.join(cells)} |"


def _padded(cell: str, width: int, numeric: bool) -> str:
    blank = " " * (width - columns(cell))
    return blank + cell if numeric else cell + blank


def _cell(line: Line) -> str:
    """The text of a cell. A pipe is escaped last, inside code too: it is the table that reads this backslash."""
    return inline(line).replace("|", "\\|")


def _details(rows: list[TableRow], lang: str) -> Iterator[str]:
    """What explains the rows, folded away. Blank lines around the list make GitHub read it as Markdown."""
    if not rows:
        return
    yield from ("", f"<details><summary>{label('details', lang)} ({len(rows)})</summary>", "")
    for row in rows:
        yield f"- {_item(inline(row.cells[0] if row.cells else []))}"
        yield from (f"  - {_item(inline(line))}" for line in row.details)
    yield from ("", "</details>")


def _chart(chart: Chart, lang: str) -> Iterator[str]:
    """The points of a chart as a table, for Markdown has no drawings."""
    steps = sorted({x for series in chart.series for x, _ in series.points})
    shown = _thinned(steps)
    yield from (inline([("strong", chart.title)]), "")
    head = [_cell([("", name)]) for name in [chart.x_label, *[series.label for series in chart.series]]]
    rows = [[number(x), *[_values(series.points, x) for series in chart.series]] for x in shown]
    yield from _grid(head, rows, set(range(len(head))))
    if len(shown) < len(steps):
        yield from ("", label("some points", lang).format(shown=len(shown), all=len(steps)))


def _values(points: list[tuple[float, float]], x: float) -> str:
    """The value at a step; two where a line jumps there, none where it has no point."""
    return " → ".join(number(value) for step, value in points if step == x)


def _thinned(steps: list[float]) -> list[float]:
    if len(steps) <= MOST_POINTS:
        return steps
    last = MOST_POINTS - 1
    return [steps[round(index * (len(steps) - 1) / last)] for index in range(MOST_POINTS)]


# Text inside a line

_RUN = re.compile(r"[\w./:%+=?&~#@$-]+", re.ASCII)
# What GitHub makes a link, a mention, a picture or a formula of, even where Markdown does not: addresses, @name, #123, GH-123, :tada:, $x$.
_ALIVE = re.compile(r"://|@\w|#\d|\$|:[\w+-]+:|\bwww\.|\bGH-\d", re.ASCII | re.IGNORECASE)
# What Markdown reads in the midst of a line. An underscore between letters is none; `&` is one where an entity follows.
_SPECIAL = re.compile(r"[\\`*\[~]|(?<![^\W_])_|_(?![^\W_])|(?<!\S)#")
_ENTITY = re.compile(r"&(?=#?\w+;)|<")
# What opens a list, a quotation or a heading at the start of a line.
_OPENS = re.compile(r"^(?:[-+>]|(\d{1,9})(?=[.)](?:\s|$)))")


def inline(line: Line) -> str:
    """Styled text inside a block, on one line."""
    parts = [part for style, text in _merged(_styled(line)) for part in (_quiet(text) if style == "" else [(style, text)])]
    return "".join(_DRAWN[style](text) for style, text in _merged(parts)).strip(" ")


def _styled(line: Line) -> Iterator[Segment]:
    """The segments in the three styles of Markdown."""
    for style, raw in line:
        text = visible(raw).replace("\t", " ")
        sign = f"{STATUS_EMOJI[style]} " if text and style in STATUS_EMOJI else ""
        yield style if style in _DRAWN else "", sign + text


def _quiet(text: str) -> Iterator[Segment]:
    """Plain text; what GitHub would bring to life in it becomes code, which GitHub leaves alone."""
    end = 0
    for run in _RUN.finditer(text):
        name = next((name for name in (run[0].rstrip(".:?"), run[0]) if _ALIVE.search(name)), "")
        if name:
            yield "", text[end : run.start()]
            yield "code", name
            end = run.start() + len(name)
    yield "", text[end:]


def _merged(parts: Iterable[Segment]) -> list[Segment]:
    """Neighbours of one style as one segment: two spans of code side by side would be read as one with other limits."""
    full = [(style, text) for style, text in parts if text]
    return [(style, "".join(text for _, text in group)) for style, group in groupby(full, lambda part: part[0])]


def _plain(text: str) -> str:
    return _ENTITY.sub(lambda found: "&amp;" if found[0] == "&" else "&lt;", _SPECIAL.sub(r"\\\g<0>", text))


def _span(text: str) -> str:
    """A span of code, between more backticks than it holds in a row."""
    fence = "`" * (_longest_run(text) + 1)
    touches = text.startswith("`") or text.endswith("`") or (text.startswith(" ") and text.endswith(" ") and text.strip(" "))
    return f"{fence} {text} {fence}" if touches else f"{fence}{text}{fence}"


def _strong(text: str) -> str:
    drawn = "".join(_span(part) if style else _plain(part) for style, part in _merged(_quiet(text)))
    return f"**{drawn}**" if _is_plain_word(drawn) else f"<strong>{drawn}</strong>"


def _is_plain_word(text: str) -> bool:
    """Whether asterisks around a text make it strong whatever stands beside them."""
    return text[:1].isalnum() and text[-1:].isalnum()


_DRAWN = {"": _plain, "code": _span, "strong": _strong}


def _opening(text: str) -> str:
    """A text at the start of a block, where some characters would begin another kind of block."""
    return _OPENS.sub(lambda found: f"{found[0]}\\" if found[1] else f"\\{found[0]}", text)


def _item(text: str) -> str:
    """The text of an item of a list; a dash with nothing behind it would underline the item above it as a heading."""
    return _opening(text) or "&nbsp;"


def _longest_run(text: str) -> int:
    return max((len(run) for run in re.findall("`+", text)), default=0)
