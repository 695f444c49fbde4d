"""YAML lines laid over the reference profile, as the tables of cases write them."""

from __future__ import annotations

import re
from pathlib import Path

PROFILE = Path(__file__).parents[1] / "profiles" / "reference"
DROP = "~drop"


def laid_over(lines: str, text: str | None = None) -> str:
    """A config in which each top-level key of `lines` stands as it is written there; `KEY: ~drop` takes the key out."""
    text = (PROFILE / "training.yaml").read_text(encoding="utf-8") if text is None else text
    for block in re.findall(r"(?m)^\S.*(?:\n[ -].*)*", lines):
        key = block.partition(":")[0]
        new = "" if DROP in block else block + "\n"
        text, count = re.subn(rf"(?m)^{re.escape(key)}:.*\n(?:[ -].*\n)*", new.replace("\\", r"\\"), text)
        text += "" if count else new
    return text
