"""The parts that a reward is made of: each from 0 to 1, or None where it does not apply to an attempt."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from confguard.trainer.executor.asking import Executor
from confguard.trainer.rewards import judge, programs, qa, quality
from confguard.trainer.rewards.attempt import Attempt, RewardError, RunCode, answer_of, behind_thoughts
from confguard.trainer.rewards.mathematics import Grader

SANDBOX = "sandbox"
EXECUTOR = "executor"


class Tools(NamedTuple):
    """What parts need besides the attempt."""

    execution_timeout: float
    grader: Grader
    run_code: RunCode | None
    executor: Executor | None


class Part(NamedTuple):
    """A part: its function, and what that needs for the rows of a domain (`*`: for all rows).

    The function takes the attempt, the tools, and a function that gives the attempt's correctness, worked out once.
    """

    of: Callable[[Attempt, Tools, Callable[[], float]], float | None]
    needs: Mapping[str, str]


def correctness(attempt: Attempt, tools: Tools) -> float:
    """How right an attempt's answer is, by its domain; nothing is worth nothing."""
    answer = answer_of(attempt)
    return _GRADED[attempt.row.domain](attempt, answer, tools) if answer.strip() else 0.0


def _in_mathematics(attempt: Attempt, answer: str, tools: Tools) -> float:
    return tools.grader.correct(answer, attempt.row.answer, attempt.row.question)


def _in_words(attempt: Attempt, answer: str, tools: Tools) -> float:
    return qa.correct(answer, attempt.row.answer)


def _in_code(attempt: Attempt, answer: str, tools: Tools) -> float:
    if tools.run_code is None:
        raise RewardError("rows of code are graded by running them, and there is no sandbox; give Rewards a run_code")
    return programs.passed(programs.code_in(answer), attempt.row.tests, tools.run_code, tools.execution_timeout)


_GRADED: dict[str, Callable[[Attempt, str, Tools], float]] = {"math": _in_mathematics, "qa": _in_words, "code": _in_code}


def _correctness(attempt: Attempt, tools: Tools, correct: Callable[[], float]) -> float:
    return correct()


def _efficiency(attempt: Attempt, tools: Tools, correct: Callable[[], float]) -> float:
    """The share that is left of the token budget, or of a workflow's time; 0 for what is not correct at all.

    Otherwise saying nothing would be the most efficient answer, and the policy would learn just that.
    """
    if correct() <= 0:
        return 0.0
    if attempt.ran is not None:
        return _left(attempt.ran.seconds, tools.execution_timeout)
    return _left(attempt.tokens, attempt.max_tokens)


def _left(used: float, budget: float) -> float:
    return min(max(1 - used / budget, 0.0), 1.0) if budget > 0 else 0.0


def _code_quality(attempt: Attempt, tools: Tools, correct: Callable[[], float]) -> float | None:
    """The quality of code, where code was asked for: in rows of code, and of workflows.

    Elsewhere it does not apply, even if there is a block of code: a policy would add one to every answer.
    """
    if attempt.row.domain != "code" and attempt.ran is None:
        return None
    return quality.quality(programs.code_in(behind_thoughts(attempt.completion)))


def _judge(attempt: Attempt, tools: Tools, correct: Callable[[], float]) -> float | None:
    """The executor's opinion; an empty answer is worth 0 without asking."""
    answer = answer_of(attempt)
    if tools.executor is None:
        raise RewardError("the part judge asks an executor, and there is none; give Rewards an executor")
    return judge.judged(attempt.row, answer, tools.executor, tools.execution_timeout) if answer.strip() else 0.0


PARTS: dict[str, Part] = {
    "correctness": Part(_correctness, {"code": SANDBOX}),
    "efficiency": Part(_efficiency, {"code": SANDBOX}),
    "code_quality": Part(_code_quality, {}),
    "judge": Part(_judge, {"*": EXECUTOR}),
}
