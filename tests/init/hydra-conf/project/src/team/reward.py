"""The reward of a completion: right or wrong, and a little for its form."""

from __future__ import annotations

from math_verify import parse, verify
from omegaconf import DictConfig


def reward_of(train: DictConfig):
    bonus, goal = train.my_team_length_bonus, train.my_team_length_goal

    def reward(completions: list[str], solution: list[str], **_: object) -> list[float]:
        right = [verify(parse(one), parse(other), timeout_seconds=train.grade_timeout) for one, other in zip(completions, solution)]
        form = [train.my_team_format_bonus if "\\boxed" in one else 0.0 for one in completions]
        return [float(a) + b + bonus * (len(one) <= goal) for a, b, one in zip(right, form, completions)]

    return reward
