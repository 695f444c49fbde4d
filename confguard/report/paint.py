"""Put styled text on a stream: plainly, or with rich's colours where the stream is a terminal; every text is made visible here."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable

from confguard.report.safe import visible
from confguard.words.typing import TextIO

Segment = tuple[str, str]
"""A style (a name of `STYLES`, empty for none) and a text."""
Line = list[Segment]

STYLES = {
    "error": "bold red",
    "warning": "bold yellow",
    "info": "bold cyan",
    "good": "bold green",
    "strong": "bold",
    "dim": "dim",
    "caret": "bold magenta",
    "help": "cyan",
}


def paint(lines: Iterable[Line], stream: TextIO | None = None) -> None:
    """Write lines to a stream, standard output by default."""
    stream = stream or sys.stdout
    if is_coloured(stream):
        _paint_with_rich(lines, stream)
    else:
        stream.write("".join("".join([visible(text) for _, text in line]).rstrip() + "\n" for line in lines))


def is_coloured(stream: TextIO) -> bool:
    """Whether a stream wants colours: a terminal that is not dumb, unless NO_COLOR says no."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def width_of(stream: TextIO) -> int:
    """Columns to fill: the terminal's, at most 120; 100 where there is none."""
    return min(os.get_terminal_size(stream.fileno()).columns or 80, 120) if stream.isatty() else 100


def _paint_with_rich(lines: Iterable[Line], stream: TextIO) -> None:
    from rich.console import Console
    from rich.text import Text

    console = Console(file=stream, highlight=False, soft_wrap=True)
    for line in lines:
        console.print(Text.assemble(*[(visible(text), STYLES.get(style, "")) for style, text in line]))
