import logging

import torch
import yaml
from vllm import LLM, SamplingParams

from rewards import RewardModel
from schedule import TemperatureScheduler

logger = logging.getLogger(__name__)
MODEL = "Qwen/Qwen2.5-Math-1.5B"


def rloo_advantages(rewards, clip):
    n = rewards.shape[-1]
    baseline = (rewards.sum(-1, keepdim=True) - rewards) / (n - 1)
    return (rewards - baseline).clamp(-clip, clip)


def kl_term(logp, ref, algo):
    kl = algo.get("kl", {})
    delta = ref - logp
    est = kl.get("estimator", "k1")
    value = -delta if est == "k1" else delta.exp() - delta - 1
    return kl.get("coef", 0.05) * value


def train(config, loader, update):
    rollout = config.get("rollout", {})
    algo = config.get("algorithm", {})
    steps = config.get("trainer", {}).get("total_steps", 1000)
    log_every = config.get("logging", {}).get("every", 50)

    engine = LLM(MODEL)
    rewarder = RewardModel(config)
    temps = TemperatureScheduler(config, steps)

    for step, batch in enumerate(loader):
        if step >= steps:
            break
        temperature = temps.at(step)
        params = SamplingParams(
            n=rollout.get("num_samples", 8),
            temperature=temperature,
            max_tokens=rollout.get("max_response_len", 1024),
            stop=rollout.get("stop"),
            top_p=rollout.get("top_p", 0.95),
        )
        prompts = [p for p in batch["prompt"] if len(p) <= rollout.get("max_prompt_length", 1024)]
        outs = engine.generate(prompts, params)
        rewards = torch.tensor(
            [[rewarder(c.text, g, len(c.token_ids)) for c in o.outputs] for o, g in zip(outs, batch["gold"])]
        )
        adv = rloo_advantages(rewards, algo.get("advantage_clip", 10.0))
        stats = update(outs, adv, lambda lp, ref: kl_term(lp, ref, algo))
        if step % log_every == 0:
            logger.info("step=%d temperature=%.2f samples=%d %s", step, temperature, rewards.numel(), stats)


def load(path="config/default.yaml"):
    with open(path) as fh:
        return yaml.safe_load(fh) or {}


if __name__ == "__main__":
    from data import build_loader, build_update

    train(load(), build_loader(), build_update())
