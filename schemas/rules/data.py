"""Data and reward: shares that add up, files that differ."""

from __future__ import annotations

import os.path

from confguard.schemas.kinds import AFLOW, DPO, KTO, NATIVE, REWARD, SFT
from confguard.words.finding import ERROR, FIRST_STEP, NEVER, START, WARNING
from confguard.words.recipe import Recipe
from confguard.words.rule import Broken, Verdict, Verdicts, rule
from confguard.words.spelling import listed, number, show
from confguard.words.typing import Any

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
    kinds=AFLOW,
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
    kinds=AFLOW,
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
    source="arithmetic: equal rewards have no advantage; TRL 1.16.0, reward_weights [0.0]: the gradient is 0, run",
    bad="reward_weights:\n  correctness: 0\n  efficiency: 0",
    good="reward_weights:\n  correctness: 0.7\n  efficiency: 0.3",
    zh="奖励权重全为零：所有奖励相同，没有优势，也没有梯度。",
)
def reward_weights_all_zero(reward_weights: dict[str, float] | list[float]) -> Verdict:
    """Some part of the reward counts; with none every completion is worth the same, and nothing is learnt."""
    if reward_weights != [] and not any(reward_weights.values() if isinstance(reward_weights, dict) else reward_weights):
        return Broken("`reward_weights` are all 0: every completion is worth the same, so nothing is learnt", help="give a part a weight")
    return None


@rule(
    "DATA004",
    ERROR,
    FIRST_STEP,
    source="TRL 1.16.0: max_length 0 leaves no sample, ValueError, in SFT, DPO and reward models; -1 cuts the last token off in SFT, run",
    bad="packing: false\nmax_length: 0",
    good="packing: false\nmax_length: 1024",
    zh="max_length 必须不小于 1：为 0 时没有样本，-1 并不表示不限长度，而是切掉最后一个词；不截断写 null。",
    kinds=SFT + DPO + KTO + REWARD,
)
def samples_of_no_length(max_length: int) -> Verdict:
    """A sample may have at least one token. No limit is null, not -1, which cuts the last token off in silence."""
    if max_length < 1:
        help_ = "write the longest length, or null for no limit"
        return Broken(f"`max_length` is {max_length}; it counts tokens from 1", help=help_, fails=NEVER if max_length < 0 else None)
    return None


@rule(
    "DATA005",
    ERROR,
    START,
    source="TRL 1.16.0, scripts/utils.py:466-468: ValueError after the datasets were loaded, read; since 1.8",
    bad="dataset_name: null\ndatasets:\n  - path: a/b\n    fraction: 0.5\n  - path: c/d",
    good="dataset_name: null\ndatasets:\n  - path: a/b\n    fraction: 0.5\n  - path: c/d\n    fraction: 0.5",
    zh="数据混合中的 fraction 要么全写，要么全不写；流式数据集不支持。",
    kinds=NATIVE,
)
def mixture_of_some_shares(datasets: list[dict[str, Any]], streaming: bool) -> Verdict:
    """Of a mixture either all datasets have a `fraction` or none; a stream has none, as its length is not known."""
    entries = [entry for entry in datasets if isinstance(entry, dict)] if isinstance(datasets, list) else []
    given = [entry for entry in entries if entry.get("fraction") is not None]
    if not given:
        return None
    if len(given) < len(entries):
        return Broken(
            f"`datasets` has a fraction for {len(given)} of {len(entries)} datasets; TRL takes all or none",
            help="give each a fraction, or none",
        )
    if streaming:
        return Broken("`datasets` has fractions, which a stream cannot have", keys=("streaming",), help="write streaming: false")
    return None


@rule(
    "DATA006",
    WARNING,
    NEVER,
    source="TRL 1.16.0, scripts/grpo.py:122: warns, read; since 0.22",
    bad="datasets:\n  - path: a/b",
    good="dataset_name: null\ndatasets:\n  - path: a/b",
    zh="同时写了 datasets 与 dataset_name：TRL 只用 datasets。",
    kinds=NATIVE,
)
def dataset_beside_a_mixture(datasets: list[dict[str, Any]], dataset_name: str, recipe: Recipe) -> Verdict:
    """The data is named once: beside a mixture in `datasets`, `dataset_name` is ignored."""
    if datasets and dataset_name and recipe.is_given("datasets"):
        return Broken(
            f"`dataset_name` {show(dataset_name)} is ignored beside `datasets`",
            at="dataset_name",
            keys=("datasets",),
            help="remove one of them",
        )
    return None
