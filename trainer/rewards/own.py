"""A user's own parts: functions named by an import path, found at start, held to numbers from 0 to 1."""

from __future__ import annotations

import importlib
import importlib.util
import math
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

from confguard.trainer.rewards.attempt import Attempt, RewardError

Own = Callable[[Attempt], "float | None"]


def own(name: str, root: str) -> Own:
    """The function that `package.module:function` or `file.py:function` names; the project's folder is where both are looked for."""
    where, _, attribute = name.rpartition(":")
    if not where or not attribute.isidentifier():
        raise RewardError(f"reward_weights: {name} is no import path; write package.module:function or file.py:function")
    module = _file(name, Path(root, where)) if where.endswith(".py") else _module(name, where, root)
    found: Any = getattr(module, attribute, None)
    if not callable(found):
        raise RewardError(f"reward_weights: {name}: there is no function {attribute} in {where}")

    def part(attempt: Attempt) -> float | None:
        return _held(name, found, attempt)

    return part


def _module(name: str, where: str, root: str) -> ModuleType:
    folder = str(Path(root).resolve())
    if folder not in sys.path:
        sys.path.append(folder)  # last, so that a project's file stands in for no library
    return _imported(name, lambda: importlib.import_module(where))


def _file(name: str, path: Path) -> ModuleType:
    if not path.is_file():
        raise RewardError(f"reward_weights: {name}: there is no file {path}; the path starts at the project's folder")
    spec = importlib.util.spec_from_file_location(f"confguard_reward_{path.stem}", path)
    if spec is None or spec.loader is None:
        raise RewardError(f"reward_weights: {name}: {path} cannot be imported")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # as an import does: dataclasses and pickle look there
    loader = spec.loader

    def load() -> ModuleType:
        loader.exec_module(module)
        return module

    return _imported(name, load)


def _imported(name: str, load: Callable[[], ModuleType]) -> ModuleType:
    try:
        return load()
    except (Exception, SystemExit) as error:
        raise RewardError(f"reward_weights: {name} cannot be imported: {type(error).__name__}: {error}") from error


def _held(name: str, function: Callable[[Attempt], Any], attempt: Attempt) -> float | None:
    """What a function gives for an attempt, where that is a number from 0 to 1, or None: it does not apply."""
    try:
        given = function(attempt)
        value = None if given is None or isinstance(given, str) else float(given)
    except (Exception, SystemExit) as error:
        raise RewardError(f"{name} failed on {_which(attempt)}: {type(error).__name__}: {error}") from error
    if isinstance(given, str) or (value is not None and not (math.isfinite(value) and 0 <= value <= 1)):
        raise RewardError(f"{name} gave {given!r} for {_which(attempt)}; a reward function gives a number from 0 to 1, or None")
    return value


def _which(attempt: Attempt) -> str:
    return f"the {attempt.row.domain} question {attempt.row.question[:80]!r}, completion {attempt.completion[:80]!r}"
