"""Records a terminal session as `session.svg`, for the README: the commands are run in a terminal, and what they print is drawn.

    python docs/record.py

It is drawn by hand: an SVG that a page embeds may load no fonts, so each piece of text is told how wide it is.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from html import escape
from pathlib import Path

ROOT = Path(__file__).parents[1]
PICTURE = Path(__file__).with_name("session.svg")
COMMANDS = ("check examples/grpo-lora --select YAML,BATCH", "check examples/grpo-lora --diff")
COLUMNS = 92
CHARACTER, LINE, MARGIN = 9.2, 20, 22
"""Pixels: of a character of 15 in any font of fixed width, of a line, and around the text."""
CLASSES = {"1": "b", "2": "d", "31": "r", "32": "g", "33": "y", "35": "m", "36": "c"}
STYLE = """
svg { font: 15px ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; }
rect { fill: #f6f8fa; stroke: #d0d7de; }
text { fill: #1f2328; white-space: pre; }
.b { font-weight: 700; } .d { fill: #57606a; } .r { fill: #b31d28; } .g { fill: #116329; } .y { fill: #7d4e00; } .m { fill: #8250df; } .c { fill: #0550ae; }
@media (prefers-color-scheme: dark) {
  rect { fill: #161b22; stroke: #30363d; }
  text { fill: #e6edf3; }
  .d { fill: #9198a1; } .r { fill: #ff7b72; } .g { fill: #7ee787; } .y { fill: #e3b341; } .m { fill: #d2a8ff; } .c { fill: #79c0ff; }
}
"""
_CODE = re.compile(r"\x1b\[([\d;]*)m")


def picture() -> str:
    """The session as an SVG."""
    lines = [line for command in COMMANDS for line in (f"\x1b[1m$ confguard {command}\x1b[0m", *printed(command).splitlines(), "")][:-1]
    width, height = round(COLUMNS * CHARACTER + 2 * MARGIN), len(lines) * LINE + 2 * MARGIN - 8
    words = "\n".join("".join(drawn(line, MARGIN + (number + 1) * LINE - 8)) for number, line in enumerate(lines))
    told = escape(" and then ".join(f"confguard {command}" for command in COMMANDS))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" role="img">\n'
        f"<title>A terminal session: {told}</title>\n<style>{STYLE}</style>\n"
        f'<rect x=".5" y=".5" width="{width - 1}" height="{height - 1}" rx="8"/>\n{words}\n</svg>\n'
    )


def drawn(line: str, y: int) -> Iterator[str]:
    """A line: each piece of one style where it stands, as wide as it is in a terminal."""
    column, classes = 0, ""
    for place, part in enumerate(_CODE.split(line)):
        if place % 2:
            classes = " ".join(CLASSES[code] for code in part.split(";") if code not in ("", "0"))
        elif part.strip():
            indent = len(part) - len(part.lstrip())
            shown = part.strip()
            x, long = MARGIN + (column + indent) * CHARACTER, len(shown) * CHARACTER
            style = f' class="{classes}"' if classes else ""
            yield f'<text x="{x:.1f}" y="{y}" textLength="{long:.1f}"{style}>{escape(shown, quote=False)}</text>'
        column += 0 if place % 2 else len(part)


def printed(command: str) -> str:
    """What a command prints to a terminal with colours."""
    import fcntl
    import pty
    import struct
    import termios

    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 50, COLUMNS, 0, 0))
    environment = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "COLORTERM", "COLUMNS", "FORCE_COLOR")}
    arguments = [sys.executable, "-m", "confguard", *command.split()]
    with subprocess.Popen(arguments, stdout=theirs, stderr=theirs, cwd=ROOT, env={**environment, "TERM": "xterm-256color"}):
        os.close(theirs)
        said = b"".join(_read(ours))
    os.close(ours)
    return said.decode().replace("\r\n", "\n")


def _read(terminal: int) -> Iterator[bytes]:
    """What comes out of a terminal until nobody writes to it any more, which Linux tells as an error."""
    try:
        while part := os.read(terminal, 65536):
            yield part
    except OSError:
        return


if __name__ == "__main__":
    PICTURE.write_text(picture(), encoding="utf-8")
