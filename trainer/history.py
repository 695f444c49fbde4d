"""The history of a run beside its checkpoints: a line of JSON for each step, as it was told."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable

from confguard.words.training import Step

NAME = "confguard-history.jsonl"


def until(output: str, step: int) -> list[Step]:
    """The steps that are written down, up to one; what came after it happens again."""
    try:
        with open(os.path.join(output, NAME), encoding="utf-8", errors="replace") as file:
            return [found for line in file if (found := _read(line)) is not None and found.step <= step]
    except OSError:
        return []


def _read(line: str) -> Step | None:
    """A step; None where a line was cut short."""
    try:
        return Step(**json.loads(line))
    except (ValueError, TypeError):
        return None


def begin(output: str, steps: Iterable[Step]) -> None:
    """Begin the file anew with these steps."""
    os.makedirs(output, exist_ok=True)
    with open(os.path.join(output, NAME), "w", encoding="utf-8") as file:
        file.writelines(json.dumps(step._asdict()) + "\n" for step in steps)


def add(output: str, step: Step) -> None:
    """Write one more step down."""
    with open(os.path.join(output, NAME), "a", encoding="utf-8") as file:
        file.write(json.dumps(step._asdict()) + "\n")
