"""Workflows sampled from the policy."""

from __future__ import annotations

import torch


def temperature_at(step: int, config: dict) -> float:
    """The temperature of a step: a line from the first to the last, or a fixed one."""
    schedule = config["temperature_schedule"]
    if not schedule["enabled"]:
        return config["generation_config"]["temperature"]
    done = max(0, step - schedule["warmup_steps"]) / config["max_steps"]
    return schedule["initial"] + (schedule["final"] - schedule["initial"]) * done


class Rollout:
    """Samples workflows and knows how probable they are."""

    def __init__(self, model, tokenizer, config: dict) -> None:
        self.model = model
        self.tokenizer = tokenizer
        self.top_p = config["generation_config"]["top_p"]

    def sample(self, problem: str, count: int, temperature: float) -> list[str]:
        tokens = self.tokenizer(problem, return_tensors="pt").to(self.model.device)
        found = self.generate(tokens, temperature=temperature, num_return_sequences=count)
        return self.tokenizer.batch_decode(found, skip_special_tokens=True)

    def generate(self, tokens, temperature: float, num_return_sequences: int, max_tokens: int = 2048):
        return self.model.generate(
            **tokens,
            do_sample=temperature > 0,
            temperature=temperature,
            top_p=self.top_p,
            num_return_sequences=num_return_sequences,
            max_new_tokens=max_tokens,
        )

    def log_probs(self, workflows: list[str]):
        tokens = self.tokenizer(workflows, return_tensors="pt", padding=True).to(self.model.device)
        return torch.log_softmax(self.model(**tokens).logits, dim=-1).sum(dim=(1, 2))

    def old_log_probs(self, workflows: list[str]):
        return self.log_probs(workflows).detach()

    def kl(self, workflows: list[str]):
        with self.model.disable_adapter():
            theirs = self.log_probs(workflows)
        return (self.log_probs(workflows) - theirs).mean()
