"""Rewards as the trainer uses them: made once from the weights, then asked for the score of each attempt."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

from confguard.trainer.executor.asking import Executor
from confguard.trainer.executor.faults import ExecutorError
from confguard.trainer.rewards.attempt import DOMAINS, Attempt, RewardError, Row, RunCode
from confguard.trainer.rewards.mathematics import MISSING, Grader, installed
from confguard.trainer.rewards.own import Own, own
from confguard.trainer.rewards.parts import EXECUTOR, PARTS, SANDBOX, Tools, correctness
from confguard.words.spelling import listed, nearest, show

HIGHEST = 10.0

_ABSENT = {
    SANDBOX: "rows of code are graded by running them: give a run_code, or leave the domain code out",
    EXECUTOR: "the part judge asks an LLM: give an executor (aflow_config_path, aflow_executor_model), or remove judge from reward_weights",
}


class Score(NamedTuple):
    """The reward of an attempt, from 0 to 10, and its parts, each from 0 to 1, or None where it does not apply."""

    total: float
    parts: dict[str, float | None]


class Counts(NamedTuple):
    """What could not be graded as it should, for the log: judgements that failed, comparisons of mathematics that were cut short."""

    unjudged: int = 0
    stopped: int = 0


class Rewards:
    """The rewards of a run.

    A total is 10 x the weighted mean of the parts. Where a part does not apply to an attempt, the weights of the others are scaled so that
    their sum stays the same; where none applies, the total is 0. Without weights, correctness alone counts; a weight of 0 leaves its part
    out. `domains` are those of the data: what they need must be there now rather than at the first row that asks for it.
    """

    def __init__(
        self,
        weights: Mapping[str, float],
        *,
        execution_timeout: float,
        run_code: RunCode | None = None,
        executor: Executor | None = None,
        root: str = ".",
        domains: Iterable[str] = DOMAINS,
        at_once: int = 4,
    ) -> None:
        self.weights = checked(weights)
        self._domains = frozenset(domains)
        tools = {SANDBOX: run_code, EXECUTOR: executor}
        absent = [name for name in needs(self.weights, self._domains) if tools[name] is None]
        if absent:
            raise RewardError("; ".join(_ABSENT[name] for name in sorted(absent)))
        if "math" in self._domains and {"correctness", "efficiency"} & self.weights.keys() and not installed():
            raise RewardError(MISSING)
        self._own: dict[str, Own] = {name: own(name, root) for name in self.weights if name not in PARTS}
        self._tools = Tools(execution_timeout, Grader(), run_code, executor)
        self._at_once = at_once
        self._lock = threading.Lock()
        self._unjudged = 0

    @property
    def counts(self) -> Counts:
        """The counters as they are now."""
        return Counts(self._unjudged, self._tools.grader.stopped)

    def score(self, attempt: Attempt) -> Score:
        """The score of one attempt. Raises `RewardError`."""
        return self.score_all([attempt])[0]

    def score_all(self, attempts: Sequence[Attempt]) -> list[Score]:
        """The scores of attempts, in their order. What waits is done side by side; a user's functions run one by one, in this thread."""
        for attempt in attempts:
            self._hold(attempt)
        if len(attempts) > 1 and needs(self.weights, {attempt.row.domain for attempt in attempts}):
            with ThreadPoolExecutor(min(self._at_once, len(attempts))) as pool:
                built_in = list(pool.map(self._built_in, attempts))
        else:
            built_in = [self._built_in(attempt) for attempt in attempts]
        return [self._together(attempt, parts) for attempt, parts in zip(attempts, built_in, strict=True)]

    def close(self) -> None:
        """End what runs beside: the process that compares mathematics."""
        self._tools.grader.close()

    def __enter__(self) -> Rewards:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _hold(self, attempt: Attempt) -> None:
        reason = ungradable(attempt.row)
        if reason is None and attempt.row.domain not in self._domains:
            reason = f"its domain {attempt.row.domain} is not among those that Rewards was made for: {listed(sorted(self._domains))}"
        if reason is not None:
            raise RewardError(f"the row {attempt.row.question[:80]!r} cannot be graded: {reason}")

    def _built_in(self, attempt: Attempt) -> dict[str, float | None]:
        found: list[float] = []

        def correct() -> float:
            if not found:
                found.append(correctness(attempt, self._tools))
            return found[0]

        return {name: self._part(name, attempt, correct) for name in self.weights if name in PARTS}

    def _part(self, name: str, attempt: Attempt, correct: Callable[[], float]) -> float | None:
        try:
            value = PARTS[name].of(attempt, self._tools, correct)
        except ExecutorError as error:
            if error.lasting:  # it will not be better at the next attempt
                raise RewardError(f"{name}: {error}") from error
            value = None
        if name == "judge" and value is None:
            with self._lock:
                self._unjudged += 1
        return value

    def _together(self, attempt: Attempt, built_in: Mapping[str, float | None]) -> Score:
        parts = {name: built_in[name] if name in built_in else self._own[name](attempt) for name in self.weights}
        return Score(total(parts, self.weights), parts)


def total(parts: Mapping[str, float | None], weights: Mapping[str, float]) -> float:
    """10 x the weighted mean of the parts that apply; 0 where none does.

    >>> total({"correctness": 1.0, "code_quality": None}, {"correctness": 0.7, "code_quality": 0.3})
    10.0
    """
    largest = max(weights.values())
    applying = [(value, weights[name] / largest) for name, value in parts.items() if value is not None]
    whole = math.fsum(weight for _, weight in applying)
    return min(HIGHEST * math.fsum(value * weight for value, weight in applying) / whole, HIGHEST) if whole else 0.0


def checked(weights: Mapping[str, float]) -> dict[str, float]:
    """The weights that count; correctness alone where there are none."""
    for name, weight in weights.items():
        if type(weight) not in (int, float) or not math.isfinite(weight) or weight < 0:
            raise RewardError(f"reward_weights: {name} is {show(weight)}; write a number, 0 or more")
        if name not in PARTS and ":" not in name:
            close = nearest(name, PARTS)
            there = f"parts are {listed(list(PARTS))}; a function of your own is package.module:function"
            meant = f"did you mean {close}?" if close else there
            raise RewardError(f"reward_weights: there is no part {name}; {meant}")
    if weights and not any(weights.values()):
        raise RewardError("reward_weights: all weights are 0, so every reward would be; raise one")
    return {name: float(weight) for name, weight in weights.items() if weight} or {"correctness": 1.0}


def needs(weights: Mapping[str, float], domains: Iterable[str]) -> frozenset[str]:
    """What these weights need for data of these domains: "sandbox" (run_code), "executor", both or neither.

    >>> needs({"correctness": 1}, ["math", "code"]), needs({"judge": 1}, ["qa"]) == {"executor"}
    (frozenset({'sandbox'}), True)
    """
    found = set(domains)
    strange = sorted(found.difference(DOMAINS))
    if strange:
        raise RewardError(f"there are no rewards for the domain {listed(strange)}; domains are {listed(DOMAINS)}")
    parts = [PARTS[name] for name in checked(weights) if name in PARTS]
    return frozenset(tool for part in parts for domain, tool in part.needs.items() if domain in found or domain == "*")


def ungradable(row: Row) -> str | None:
    """Why no completion of a row can be graded; None where it can. To be asked of all data before a run."""
    if row.domain not in DOMAINS:
        return f"there are no rewards for the domain {show(row.domain)}; domains are {listed(DOMAINS)}"
    if row.domain == "code":
        return None if row.tests else "it has no tests to run its code against"
    return None if row.answer.strip() else "it has no answer to compare with"
