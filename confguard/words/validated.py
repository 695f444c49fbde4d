"""A validated run: what the trainer is handed, and the only thing that it takes. A clean check makes one (`check/validating.py`)."""

from __future__ import annotations

import os

from confguard.words.recipe import Recipe
from confguard.words.target import Target
from confguard.words.typing import Any, NamedTuple


class Executor(NamedTuple):
    """The LLM that workflows call: its name in the executor file, that file, and what it says there."""

    name: str
    path: str
    entry: dict[str, Any]


class WaivedFinding(NamedTuple):
    """A finding that did not count, and why."""

    code: str
    key: str | None
    message: str
    reason: str


class ValidatedRun(NamedTuple):
    """One config that a check found nothing against, with everything of it that a training run needs."""

    kind: str
    path: str
    """The config, as an absolute path."""
    recipe: Recipe
    data: dict[str, Any]
    """The whole file as its reader constructs it, with what `--set` laid over."""
    folders: tuple[str, ...]
    """Where a relative path of the config is looked for, in order."""
    executor: Executor | None
    target: Target | None
    world_size: int | None
    """How many processes the run is launched with, where that was said."""
    waived: tuple[WaivedFinding, ...]
    digest: str
    """SHA-256 of kind, data and executor: each launched process makes the run anew and compares."""

    def find(self, path: str) -> str | None:
        """The file or folder that a path of the config leads to; None where there is none."""
        if os.path.isabs(path):
            return path if os.path.exists(path) else None
        for folder in self.folders:
            candidate = os.path.normpath(os.path.join(folder, path))
            if os.path.exists(candidate):
                return candidate
        return None
