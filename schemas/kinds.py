"""The names of the kinds, for rules that speak of some of them only."""

from __future__ import annotations

AFLOW = ("aflow-training", "aflow-llm")
GRPO, RLOO = ("trl-grpo",), ("trl-rloo",)
SFT, DPO, KTO, REWARD = ("trl-sft",), ("trl-dpo",), ("trl-kto",), ("trl-reward",)
ONLINE = GRPO + RLOO
"""The kinds that sample completions and reward them."""
NATIVE = ONLINE + SFT + DPO + KTO + REWARD
"""The flat files that `trl <command> --config` reads."""
