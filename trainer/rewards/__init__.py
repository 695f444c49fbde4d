"""Rewards: what a completion of the policy is worth, from 0 to 10, and what that is made of."""

from confguard.trainer.rewards.attempt import DOMAINS, Attempt, Ran, RewardError, Row
from confguard.trainer.rewards.scoring import Rewards, Score, needs, ungradable

__all__ = ["DOMAINS", "Attempt", "Ran", "RewardError", "Rewards", "Row", "Score", "needs", "ungradable"]
