"""What a workflow's answer is worth."""

from __future__ import annotations


class Reward:
    """A weighted sum of three parts."""

    def __init__(self, weights: dict[str, float]) -> None:
        self.correctness = weights["correctness"]
        self.efficiency = weights["efficiency"]
        self.code_quality = weights["code_quality"]

    def of(self, problem: str, answer: str) -> float:
        right = 10.0 if answer.strip() and answer.strip() in problem else 0.0
        short = 10.0 / (1 + len(answer) / 1000)
        clean = 10.0 if "TODO" not in answer else 0.0
        return self.correctness * right + self.efficiency * short + self.code_quality * clean
