"""What kept a command from doing its work, said on standard error."""

from __future__ import annotations

import os
import sys

from confguard.report.safe import visible
from confguard.words.secret import mask

_MAX_SHOWN = 500


def complain(message: str) -> None:
    """Say it on one line, cut in its middle where it is long, with no secret and nothing that drives the terminal."""
    if sys.stderr is not None:
        print(f"confguard: {_cut(visible(mask(message)))}", file=sys.stderr)


def bug_of_ours(error: Exception) -> str:
    """What a bug of ours was and where, on one line."""
    where = error.__traceback__
    while where and where.tb_next:
        where = where.tb_next
    line = f" ({os.path.basename(where.tb_frame.f_code.co_filename)}:{where.tb_lineno})" if where else ""
    return f"a bug of ours, not of your files: {type(error).__name__}: {error}{line}"


def _cut(text: str) -> str:
    """A text of at most `_MAX_SHOWN` characters: the start says where, the end says why."""
    half = (_MAX_SHOWN - 5) // 2
    return text if len(text) <= _MAX_SHOWN else f"{text[:half]} ... {text[-half:]}"
