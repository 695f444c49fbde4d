"""Data and reward: shares that add up, files that differ."""

from __future__ import annotations

import os.path

from confguard.words.finding import ERROR, NEVER, START, WARNING
from confguard.words.rule import Broken, Verdict, Verdicts, rule
from confguard.words.spelling import listed, number, show

TOLERANCE = 1e-6


def _negative(name: str, shares: dict[str, float], why: str) -> Verdict:
    if min(shares.values(), default=0) < 0:
        bad = [f"{key} {show(value)}" for key, value in shares.items() if value < 0]
        return Broken(f"`{name}` has a negative share: {listed(bad)}; {why}", help="write 0 or more")
    return None


def _sum(name: str, shares: dict[str, float], what: str) -> Verdict:
    total = sum(shares.values())
    if abs(total - 1) <= TOLERANCE or min(shares.values(), default=0) < 0:
        return None
    if abs(total - 100) <= 100 * TOLERANCE:
        fractions = listed([f"{key}: {number(value / 100)}" for key, value in shares.items()])
        return Broken(f"`{name}` is in percent: it sums to 100, and {what} sum to 1", help=f"write {fractions}")
    scaled = listed([f"{key}: {number(value / total)}" for key, value in shares.items()]) if total else ""
    return Broken(f"`{name}` sums to {number(total, 10)}; {what} sum to 1", help=f"in the same proportions: {scaled}" if scaled else None)


@rule(
    "DATA001",
    ERROR,
    START,
    source="arithmetic: a share of the samples",
    bad="domain_ratios:\n  math: -0.4\n  qa: 0.7\n  code: 0.7",
    good="domain_ratios:\n  math: 0.4\n  qa: 0.3\n  code: 0.3",
    zh="采样比例不能为负。",
)
def domain_ratio_negative(domain_ratios: dict[str, float]) -> Verdict:
    """No domain has a negative share of the samples."""
    return _negative("domain_ratios", domain_ratios, "no share of samples can be")


@rule(
    "DATA002",
    ERROR,
    NEVER,
    source="arithmetic, within 1e-6",
    bad="domain_ratios:\n  math: 0.4\n  qa: 0.3\n  code: 0.2",
    good="domain_ratios:\n  math: 0.4\n  qa: 0.3\n  code: 0.3",
    zh="各领域的采样比例之和必须为 1（误差不超过 1e-6）。",
)
def domain_ratios_do_not_sum_to_one(domain_ratios: dict[str, float]) -> Verdict:
    """The domains' shares sum to 1, so that a batch can be what the file says."""
    return _sum("domain_ratios", domain_ratios, "shares")


@rule(
    "DATA003",
    WARNING,
    NEVER,
    source="arithmetic: a test on training data measures memory",
    bad='test_dataset: "data/mixed/train_mixed.jsonl"',
    good='test_dataset: "data/mixed/test_mixed.jsonl"',
    zh="训练集与测试集（或验证集）是同一个文件。",
)
def tested_on_training_data(train_dataset: str, test_dataset: str | None = None, val_dataset: str | None = None) -> Verdicts:
    """The model is tested on other data than it is trained on."""
    for name, path in (("test_dataset", test_dataset), ("val_dataset", val_dataset)):
        if path and os.path.normpath(path) == os.path.normpath(train_dataset):
            yield Broken(f"`{name}` is the training file {train_dataset}", at=name, keys=("train_dataset",), help="name other data")


@rule(
    "REWARD001",
    ERROR,
    NEVER,
    source="arithmetic: a weighted sum of parts in [0, 1]",
    bad="reward_weights:\n  correctness: 1.2\n  efficiency: -0.2",
    good="reward_weights:\n  correctness: 0.8\n  efficiency: 0.2",
    zh="奖励权重不能为负：会奖励相反的行为。",
)
def reward_weight_negative(reward_weights: dict[str, float]) -> Verdict:
    """No part of the reward has a negative weight: it would reward the opposite."""
    return _negative("reward_weights", reward_weights, "it rewards the opposite")


@rule(
    "REWARD002",
    WARNING,
    NEVER,
    source="arithmetic, within 1e-6",
    bad="reward_weights:\n  correctness: 0.7\n  efficiency: 0.2",
    good="reward_weights:\n  correctness: 0.7\n  efficiency: 0.3",
    zh="奖励权重之和不为 1：奖励的尺度随之改变，阈值的含义也变了。",
)
def reward_weights_do_not_sum_to_one(reward_weights: dict[str, float]) -> Verdict:
    """The reward's weights sum to 1; otherwise its scale changes, and with it what a threshold means."""
    if any(reward_weights.values()):
        return _sum("reward_weights", reward_weights, "weights")
    return None


@rule(
    "REWARD003",
    ERROR,
    NEVER,
    source="arithmetic: equal rewards have no advantage",
    bad="reward_weights:\n  correctness: 0\n  efficiency: 0",
    good="reward_weights:\n  correctness: 0.7\n  efficiency: 0.3",
    zh="奖励权重全为零：所有奖励相同，没有优势，也没有梯度。",
)
def reward_weights_all_zero(reward_weights: dict[str, float]) -> Verdict:
    """Some part of the reward counts; with none every completion is worth the same, and nothing is learnt."""
    if not any(reward_weights.values()):
        return Broken("`reward_weights` are all 0: every completion is worth the same, so nothing is learnt", help="give a part a weight")
    return None
