import argparse
import json
import os

import torch
import wandb
from torch.utils.data import DataLoader
from transformers import AutoModelForCausalLM, AutoTokenizer

import conf
from reward_fn import score
from workers import ActorWorker, CriticWorker, build_backbone, token_logprobs


def gae(rewards, values, gamma, lam):
    adv, last = torch.zeros_like(rewards), 0.0
    for t in reversed(range(rewards.size(1))):
        nxt = values[:, t + 1] if t + 1 < rewards.size(1) else 0.0
        last = rewards[:, t] + gamma * nxt - values[:, t] + gamma * lam * last
        adv[:, t] = last
    return adv, adv + values


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--config", default="configs/ppo_hh.yaml")
    ap.add_argument("--offload", action="store_true", help="keep optimizer state on CPU")
    args = ap.parse_args()
    config = conf.load(args.config)
    tr, algo = config.trainer, config.algorithm
    torch.manual_seed(tr.seed)
    run = wandb.init(project=tr.project)

    tok = AutoTokenizer.from_pretrained(config.actor.path)
    with open(config.data.prompts) as fh:
        prompts = [json.loads(line)["prompt"] for line in fh]
    loader = DataLoader(prompts, batch_size=tr.batch_size, shuffle=True, drop_last=True)

    actor, critic = ActorWorker(config), CriticWorker(config)
    ref = build_backbone(config.ref, AutoModelForCausalLM).eval()
    if args.offload:
        torch.cuda.set_per_process_memory_fraction(0.8)
    for step, texts in zip(range(tr.total_steps), loader):
        ids = tok(texts, truncation=True, max_length=config.data.max_prompt_length, padding=True, return_tensors="pt").input_ids.cuda()
        seqs = actor.generate(ids)
        with torch.no_grad():
            old = token_logprobs(actor.model, seqs, 1.0)
            kl = old - token_logprobs(ref, seqs, 1.0)
            values = critic.values(seqs)
        rewards = -algo.kl_coef * kl
        rewards[:, -1] += score(tok.batch_decode(seqs))
        adv, returns = gae(rewards, values, algo.gamma, algo.lam)
        for _ in range(config.actor.ppo_epochs):
            actor.update(seqs, old, adv)
            critic.update(seqs, values, returns)
        run.log({"kl": kl.mean().item(), "reward": rewards.sum(1).mean().item()}, step=step)
        if step and step % tr.save_freq == 0:
            out = os.path.join(tr.output_dir, f"step_{step}")
            actor.model.save_pretrained(out)
            for stale in sorted(os.listdir(tr.output_dir))[: -tr.keep_last]:
                os.rename(os.path.join(tr.output_dir, stale), os.path.join("/tmp", stale))


if __name__ == "__main__":
    main()
