import json
import logging

import torch
import wandb
import yaml
from box import Box
from easydict import EasyDict as edict
from munch import Munch, munchify
from transformers import AutoModelForCausalLM, AutoModelForSequenceClassification, AutoTokenizer


def load_all():
    with open("cfg/ppo.yaml") as f:
        cfg = edict(yaml.safe_load(f))
    with open("cfg/prompts.yaml") as f:
        prompts = munchify(yaml.safe_load(f))
    log = Box.from_yaml(filename="cfg/logging.yaml")
    return cfg, prompts, log


def iterate_prompts(p: Munch):
    seen = set()
    with open(p.source) as fh:
        for line in fh:
            text = json.loads(line)[p.field]
            if not p.min_chars <= len(text) <= p.get("max_len", 4000):
                continue
            if p.dedup and text in seen:
                continue
            seen.add(text)
            yield text


def gae(rewards, values, h):
    adv, last = torch.zeros_like(rewards), 0.0
    for t in reversed(range(rewards.shape[1])):
        nxt = values[:, t + 1] if t + 1 < rewards.shape[1] else 0.0
        delta = rewards[:, t] + h.gamma * nxt - values[:, t]
        last = delta + h.gamma * h.lam * last
        adv[:, t] = last
    return adv


class PPO:
    def __init__(self, cfg):
        self.hp = cfg.ppo
        a, c = cfg.actor, cfg["critic"]
        self.tok = AutoTokenizer.from_pretrained(a.path)
        self.actor = AutoModelForCausalLM.from_pretrained(a.path)
        self.critic = AutoModelForSequenceClassification.from_pretrained(c.path)
        self.opt = torch.optim.Adam(
            [
                {"params": self.actor.parameters(), "lr": a.lr},
                {"params": self.critic.parameters(), "lr": c["lr"]},
            ]
        )
        self.value_coef = cfg.critic.get("coef", 0.5)
        self.target_kl = self.hp.target_kl
        self.gen = dict(
            do_sample=True,
            temperature=cfg.rollout.temperature,
            max_new_tokens=cfg.rollout.max_new_tokens,
            stop_strings=list(cfg.rollout.stop),
            top_k=getattr(cfg.rollout, "topk", 0),
        )

    def rollout(self, prompts):
        enc = self.tok(prompts, return_tensors="pt", padding=True)
        return self.actor.generate(**enc, tokenizer=self.tok, **self.gen)

    def update(self, old, new, rewards, values):
        hp = self.hp
        adv = gae(rewards, values.detach(), hp)
        for _ in range(hp.epochs):
            idx = torch.randperm(len(old))[: hp.minibatch]
            ratio = (new[idx] - old[idx]).exp()
            clipped = ratio.clamp(1 - hp.clip_eps, 1 + hp.clip_eps)
            pg = -torch.min(ratio * adv[idx], clipped * adv[idx]).mean()
            ent = -(new[idx].exp() * new[idx]).mean()
            vf = (values[idx] - adv[idx]).pow(2).mean()
            loss = pg + self.value_coef * vf - hp.entropy_coef * ent
            self.opt.zero_grad()
            loss.backward()
            self.opt.step()
        return loss.item()


def main():
    cfg, prompts, log = load_all()
    logging.basicConfig(level=log.console.level)
    wandb.init(config=cfg, **log.wandb)
    algo = PPO(cfg)
    stream = iterate_prompts(prompts)
    for step in range(cfg.steps):
        texts = [t for _, t in zip(range(cfg.rollout.batch), stream)]
        seqs = algo.rollout(texts)
        values = algo.critic(seqs).logits
        lp = algo.actor(seqs).logits.log_softmax(-1).max(-1).values
        loss = algo.update(lp.detach(), lp, torch.zeros_like(lp), values)
        if step % log.console.get("interval", 10) == 0:
            logging.info("step %d loss %.4f", step, loss)
        if step % log.checkpoint.every == 0:
            algo.actor.save_pretrained(f"{log.checkpoint.folder}/{step}")


if __name__ == "__main__":
    main()
