import argparse
import os
import random

import requests
import torch
import yaml
from transformers import AutoModelForCausalLM, AutoTokenizer


class Knobs:
    def __init__(self, values):
        self.entropy = values["entropy"]
        self.kl = values["kl"]
        self.clip = values["clip"]


def judge(cfg, texts):
    where = os.environ["JUDGE"]
    j = cfg["judge"][where]
    for _ in range(j["retries"]):
        r = requests.post(j["url"], json={"texts": texts}, timeout=60)
        if r.ok:
            return torch.tensor(r.json()["scores"])
    raise RuntimeError(f"judge {where} is down")


def load_models(cfg, roles=("actor", "critic")):
    return {role: AutoModelForCausalLM.from_pretrained(cfg["model"][role]) for role in roles}


def prompts(limit, note=""):
    lines = [x.strip() for x in open("data/prompts.txt")]
    return [x + note for x in lines if len(x) < limit]


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--config", default="config/stages.yaml")
    ap.add_argument("--stage", default="easy")
    ap.add_argument("--penalty", default="kl")
    ap.add_argument("--ema", type=float, default=0.995)
    args = ap.parse_args()
    with open(args.config) as f:
        cfg = yaml.safe_load(f)

    random.seed(cfg["seed"])
    stage = cfg["stages"][args.stage]
    preset = cfg["presets"]["fast" if torch.cuda.is_available() else "wide"]
    knobs = Knobs(cfg["knobs"])
    coef = getattr(knobs, args.penalty)

    models = load_models(cfg)
    actor, critic = models["actor"], models["critic"]
    tok = AutoTokenizer.from_pretrained(cfg["model"]["actor"])
    opt = torch.optim.AdamW(actor.parameters(), lr=stage["lr"])
    pool = prompts(stage["max_len"])

    for step in range(stage["steps"]):
        batch = tok(random.sample(pool, 8), return_tensors="pt", padding=True)
        ids = actor.generate(**batch, do_sample=True, top_k=preset["top_k"], temperature=preset.get("temp", 1.0))
        scores = judge(cfg, tok.batch_decode(ids))
        lp = actor(ids).logits.log_softmax(-1)
        ref = critic(ids).logits.log_softmax(-1)
        loss = -(scores[:, None, None] * lp).mean() + coef * (lp - ref).pow(2).mean()
        loss.backward()
        opt.step()
        opt.zero_grad()
        with torch.no_grad():
            for p, q in zip(critic.parameters(), actor.parameters()):
                p.mul_(args.ema).add_(q, alpha=1 - args.ema)
        print(step, cfg["metrics"]["primary"], scores.mean().item())


if __name__ == "__main__":
    main()
