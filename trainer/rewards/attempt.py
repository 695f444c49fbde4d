"""What is graded: a row of the data, and one completion of the policy for it."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple, Protocol

DOMAINS = ("math", "qa", "code")


class RewardError(Exception):
    """Rewards that cannot be worked out: a bad weight, a missing tool, a user's function that fails. Its message says what to do."""


class Row(NamedTuple):
    """One row of the data; `domain` is one of `DOMAINS`, and each test is Python that follows the code it tests."""

    domain: str
    question: str
    answer: str
    tests: tuple[str, ...] = ()


class Ran(NamedTuple):
    """What running something in the sandbox gave: whether it ended well, its output and error, its time, the executor's calls."""

    ok: bool
    output: str
    error: str = ""
    seconds: float = 0.0
    calls: int = 0


class Result(Protocol):
    """What running code gives, as far as grading asks: `Ran` is one, and so is what the sandbox gives."""

    @property
    def ok(self) -> bool:
        """Whether it ended well."""

    @property
    def output(self) -> str:
        """What it printed."""

    @property
    def seconds(self) -> float:
        """How long it took."""


RunCode = Callable[[str, float], Result]
"""Runs Python source within so many seconds, away from this process; what it prints is the output."""


class Attempt(NamedTuple):
    """One completion; where it was a workflow, `ran` is what running it gave, and its output is the answer that is graded."""

    row: Row
    completion: str
    tokens: int
    max_tokens: int
    ran: Ran | None = None


def answer_of(attempt: Attempt) -> str:
    """The text that is graded: a workflow's output (nothing where it failed), or the completion behind its thoughts."""
    if attempt.ran is not None:
        return attempt.ran.output if attempt.ran.ok else ""
    return behind_thoughts(attempt.completion)


def behind_thoughts(text: str) -> str:
    """What follows `</think>`; nothing where the thoughts never end, since no answer was given."""
    before, closed, after = text.rpartition("</think>")
    if closed:
        return after
    return "" if "<think>" in text else before + after


# How an answer is marked among other words; the first that is there counts, at its last place.
_MARKS = (
    re.compile(r"<answer>(.*?)</answer>", re.DOTALL | re.IGNORECASE),
    re.compile(r"^[ \t]*####[ \t]*(.+)$", re.MULTILINE),
    re.compile(r"^[ \t>*_#]*(?:the )?(?:final )?answer(?: is)?[*_]*[ \t]*[:：][*_]*[ \t]*(\S.*)$", re.MULTILINE | re.IGNORECASE),
    re.compile(r"答案(?:是|为)?[ \t]*[:：][ \t]*(\S.*)$", re.MULTILINE),
)
LONGEST = 20_000


def marked(text: str) -> str | None:
    r"""The answer that a text marks as such; None where it marks none.

    >>> marked("6 x 7 is easy.\n#### 42"), marked("Answer: Paris"), marked("Paris")
    ('42', 'Paris', None)
    """
    for mark in _MARKS:
        found = mark.findall(text[-LONGEST:])
        if found:
            return str(found[-1]).strip()
    return None
