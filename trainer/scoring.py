"""The reward function that TRL calls: it scores completions, and keeps count of them by domain and by part, over all processes."""

from __future__ import annotations

import json
import math
import os
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

from accelerate.utils import gather_object

from confguard.trainer.finite import Lost
from confguard.trainer.plan import Buffer
from confguard.trainer.rewards import Attempt, Rewards, Row
from confguard.words.training import Step

JUDGE = "judge"


class Scored(NamedTuple):
    """One completion with its reward, from whichever process it comes."""

    domain: str
    question: str
    completion: str
    reward: float
    parts: dict[str, float | None]
    tokens: int


class Scoring:
    """A callable for `reward_funcs`; its name is what TRL logs the reward under."""

    __name__ = "reward"

    def __init__(self, rewards: Rewards, max_tokens: int, group: int, ran: Callable[[Row, str], Any], kept: Kept | None) -> None:
        self.rewards = rewards
        self.max_tokens = max_tokens
        self.group = group
        self.ran = ran
        self.kept = kept
        self.trainer: Any = None
        self.rows: list[Row] = []
        self.places: dict[Row, int] = {}
        self.pending: list[Scored] = []
        self.evaluated: list[Scored] = []
        self.seen = 0
        self.by_domain: dict[str, int] = defaultdict(int)

    def place(self, row: Row) -> int:
        """Keep a row; the dataset has its place alone, which is quicker to read than its columns are."""
        if row not in self.places:
            self.places[row] = len(self.rows)
            self.rows.append(row)
        return self.places[row]

    def attach(self, trainer: Any) -> None:
        """The trainer that tells whether it trains or evaluates."""
        self.trainer = trainer

    def __call__(
        self, completions: Sequence[Any], completion_ids: Sequence[Sequence[int]], trainer_state: Any, **columns: Any
    ) -> list[float]:
        """The reward of each completion, 0 to 10."""
        texts = [_text(completion) for completion in completions]
        lengths = [len(ids) for ids in completion_ids]
        rows = [self.rows[place] for place in columns["row"]]
        attempts = [
            Attempt(row, text, length, self.max_tokens, self.ran(row, text)) for row, text, length in zip(rows, texts, lengths, strict=True)
        ]
        scores = self.rewards.score_all(attempts)
        if JUDGE in self.rewards.weights and all(score.parts[JUDGE] is None for score in scores):
            raise Lost("none of the answers of a step was judged: the executor does not answer, or not as it is asked to")
        own = [
            Scored(row.domain, row.question, text, score.total, score.parts, length)
            for row, text, length, score in zip(rows, texts, lengths, scores, strict=True)
        ]
        everyones = [Scored(*found) for found in gather_object(own)]
        self.log(everyones, columns["log_metric"])
        if not self.trainer.model.training:
            self.evaluated += everyones
        else:
            self.pending += everyones
            self.seen += len(everyones)
            for found in everyones:
                self.by_domain[found.domain] += 1
            if self.kept is not None:
                self.kept.add(everyones, trainer_state.global_step + 1)
        return [score.total for score in scores]

    def log(self, found: Sequence[Scored], log_metric: Callable[[str, float], None]) -> None:
        """Hand the means by domain and by part to TRL, which hands them to the trackers; every process has the same ones."""
        for kind, values in (("domain", by_domain(found)), ("part", _by_part(found))):
            for name, value in values.items():
                log_metric(f"reward/{kind}/{name}", value)

    def step(self, number: int, temperature: float | None, began: float) -> Step:
        """What was scored since the last step, as one."""
        found, self.pending = self.pending, []
        return Step(
            number,
            mean(item.reward for item in found),
            by_domain(found),
            _by_part(found),
            temperature,
            mean(float(item.tokens) for item in found),
            time.monotonic() - began,
        )

    def is_flat(self, found: Sequence[Scored]) -> bool:
        """Whether in every group all rewards are the same, so that nothing can be learnt."""
        groups = [found[place : place + self.group] for place in range(0, len(found), self.group)]
        return bool(groups) and all(len({item.reward for item in group}) == 1 for group in groups)


class Kept:
    """The experience buffer: the best completions at or above a threshold, as JSONL; of equal ones the newest."""

    def __init__(self, asked: Buffer, writes: bool) -> None:
        self.size, self.threshold = asked.size, asked.threshold
        self.path = os.path.join(asked.folder, "experience_buffer.jsonl")
        self.writes = writes
        self.entries: list[dict[str, Any]] = []

    def resume(self, step: int) -> None:
        """Take up what was kept until a step; what came after it happens again."""
        try:
            with open(self.path, encoding="utf-8") as file:
                self.entries = [entry for line in file if (entry := _entry(line)) is not None and entry["step"] <= step]
        except OSError:
            self.entries = []

    def add(self, found: Iterable[Scored], step: int) -> None:
        """Keep those that are good enough, while there is room."""
        good = [{"step": step, **item._asdict()} for item in found if item.reward >= self.threshold]
        if not good:
            return
        ranked = sorted([*self.entries, *good], key=lambda entry: (entry["reward"], entry["step"]), reverse=True)
        self.entries = sorted(ranked[: self.size], key=lambda entry: entry["step"])

    def write(self) -> None:
        """Write the buffer, whole or not at all."""
        if not self.writes:
            return
        os.makedirs(os.path.dirname(self.path) or ".", exist_ok=True)
        draft = f"{self.path}.{os.getpid()}"
        with open(draft, "w", encoding="utf-8") as file:
            file.writelines(json.dumps(entry, ensure_ascii=False) + "\n" for entry in self.entries)
        os.replace(draft, self.path)


def _entry(line: str) -> dict[str, Any] | None:
    """An entry of the buffer; None for what is none."""
    try:
        found = json.loads(line)
        return found if isinstance(found["step"], int) and isinstance(found["reward"], (int, float)) else None
    except (ValueError, KeyError, TypeError):
        return None


def by_domain(found: Sequence[Scored]) -> dict[str, float]:
    """The mean reward of each domain."""
    names = sorted({item.domain for item in found})
    return {name: _known(mean(item.reward for item in found if item.domain == name)) for name in names}


def mean(values: Iterable[float]) -> float | None:
    """The mean; None of nothing."""
    found = list(values)
    return math.fsum(found) / len(found) if found else None


def _by_part(found: Sequence[Scored]) -> dict[str, float]:
    names = sorted({name for item in found for name, value in item.parts.items() if value is not None})
    return {name: _known(mean(value for item in found if (value := item.parts.get(name)) is not None)) for name in names}


def _known(value: float | None) -> float:
    assert value is not None
    return value


def _text(completion: Any) -> str:
    """The words of a completion: of the last message, where it is a conversation."""
    return completion if isinstance(completion, str) else str(completion[-1]["content"])
