"""The process that compares mathematics: one JSON line in, one out. Its parent ends it where an expression takes too long.

A thread cannot be ended, and a signal does not reach a power that Python works out in C: only a process can be stopped.
"""

from __future__ import annotations

import json
import logging
import os
import sys
import warnings
from contextlib import suppress
from functools import lru_cache
from typing import Any

from confguard.trainer.rewards.math_text import echoes, read_as

MEMORY = 2 << 30
"""Bytes that an expression may take: more is no answer."""


def serve() -> None:
    """Answers until its input ends. What libraries print goes nowhere, so that it cannot be taken for an answer."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    try:
        import math_verify  # type: ignore[import-not-found, unused-ignore]  # noqa: F401
    except ImportError as error:
        _write(answers, {"missing": str(error)})
        return
    _bound_memory()
    _write(answers, {"ready": True})
    for line in sys.stdin:
        asked = json.loads(line)
        _ends_by_itself(asked["seconds"])
        try:
            equal = compared(asked["gold"], asked["answer"], asked["question"])
        except Exception:  # whatever a library raises over a text that a policy wrote: it is no right answer
            equal = False
        _ends_by_itself(None)
        _write(answers, {"equal": equal})


def compared(gold: str, answer: str, question: str) -> bool:
    """Whether math-verify holds an answer for the same as the gold."""
    from math_verify import verify

    wanted = _parsed(gold)
    said = _parsed(answer)
    if not wanted or not said or (isinstance(said[-1], str) and echoes(said[-1], question, gold)):
        return False
    return bool(verify(_values(wanted), _values(said), timeout_seconds=None))


@lru_cache(512)
def _parsed(text: str) -> list[Any]:
    """What math-verify reads in a text: the value, and the words it was read from; nothing where it reads none."""
    from math_verify import ExprExtractionConfig, LatexExtractionConfig, parse

    readers = [LatexExtractionConfig(boxed_match_priority=0), ExprExtractionConfig()]
    for spelling in read_as(text):
        found = parse(spelling, readers, parsing_timeout=None)
        if _values(found):
            return list(found)
    return []


def _values(found: list[Any]) -> list[Any]:
    return [value for value in found if not isinstance(value, str)]


def _ends_by_itself(seconds: float | None) -> None:
    """Let the system end this process a while after its parent should have, which may be gone; None: no longer."""
    with suppress(ImportError, AttributeError):
        import signal

        signal.alarm(0 if seconds is None else int(seconds) + 5)


def _bound_memory() -> None:
    with suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, resource.getrlimit(resource.RLIMIT_AS)[1]))


def _write(answers: Any, reply: dict[str, object]) -> None:
    answers.write(json.dumps(reply) + "\n")
    answers.flush()
