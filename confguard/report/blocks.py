"""A report as blocks, in one language: what Markdown and HTML both draw, so that they cannot say different things.

Text inside a block is a `Line`: segments of a style and a text. Styles here are `` (plain), `code`, `strong`, `dim`, and the statuses.
"""

from __future__ import annotations

from confguard.report.paint import Line
from confguard.words.typing import NamedTuple


class Heading(NamedTuple):
    """A heading; level 1 is the title of the page."""

    level: int
    text: str


class Paragraph(NamedTuple):
    """A few sentences."""

    line: Line


class Bullets(NamedTuple):
    """A list; each item has a state: `good`, `warning`, `error`, `unknown`, or empty for none, and a depth from 0."""

    items: list[tuple[str, int, Line]]


class TableRow(NamedTuple):
    """One row: its cells, its status (a diff's, or empty), and sentences that explain it, shown when they are asked for."""

    cells: list[Line]
    status: str = ""
    details: tuple[Line, ...] = ()


class Table(NamedTuple):
    """A table. `numeric` are the indices of columns that are aligned to the right."""

    columns: list[str]
    rows: list[TableRow]
    numeric: tuple[int, ...] = ()


class Series(NamedTuple):
    """One line of a chart: its label, and points (x, y) between which it is straight."""

    label: str
    points: list[tuple[float, float]]


class Chart(NamedTuple):
    """Two or more lines over the steps of a run."""

    title: str
    x_label: str
    series: list[Series]


class Code(NamedTuple):
    """Lines to be copied: commands, a snippet of YAML."""

    language: str
    text: str


class Folded(NamedTuple):
    """Blocks that are shown when they are asked for, below a title."""

    title: str
    blocks: tuple[Block, ...]


Block = Heading | Paragraph | Bullets | Table | Chart | Code | Folded


def inline(text: str, style: str = "") -> Line:
    """A sentence as segments: what stands in backticks is code."""
    parts = text.split("`")
    if len(parts) % 2 == 0:  # a backtick too many is one that was meant
        return [(style, text)]
    return [("code" if index % 2 else style, part) for index, part in enumerate(parts) if part]
