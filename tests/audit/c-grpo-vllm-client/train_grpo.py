import argparse
import random

import torch
import yaml
from datasets import load_dataset
from transformers import AutoModelForCausalLM, AutoTokenizer

from grpo.client import VLLMClient, eval_params, rollout_params
from grpo.rewards import combine, correct


def parse():
    p = argparse.ArgumentParser()
    p.add_argument("config")
    p.add_argument("--seed", type=int, default=0)
    p.add_argument("--revision", help="git tag of this run, for the log")
    return p.parse_args()


def logprobs(model, tok, texts):
    enc = tok(texts, return_tensors="pt", padding=True).to(model.device)
    lp = torch.log_softmax(model(**enc).logits[:, :-1], -1)
    return lp.gather(-1, enc.input_ids[:, 1:, None]).squeeze(-1), enc.attention_mask[:, 1:]


def advantages(rewards, g):
    r = torch.tensor(rewards)
    adv = r - r.mean(1, keepdim=True)
    if g["scale_rewards"]:
        adv = adv / (r.std(1, keepdim=True) + g.get("std_eps", 1e-4))
    return adv.flatten()


def main():
    args = parse()
    with open(args.config) as f:
        cfg = yaml.safe_load(f)
    random.seed(args.seed)
    torch.manual_seed(args.seed)
    m, g, t = (cfg[k] for k in ("model", "grpo", "training"))
    tok = AutoTokenizer.from_pretrained(m["name_or_path"])
    policy, ref = [AutoModelForCausalLM.from_pretrained(m["name_or_path"], attn_implementation=m["attn_implementation"]).cuda() for _ in range(2)]
    opt = torch.optim.AdamW(policy.parameters(), **{k: cfg["optim"][k] for k in ("lr", "weight_decay")})
    data = load_dataset("openai/gsm8k", "main")
    client = VLLMClient.from_config(cfg["server"])
    params, reward = rollout_params(cfg), combine(cfg["reward"]["weights"])
    lo, hi = g["epsilon"], g.get("epsilon_high", g["epsilon"])

    for step in range(t["steps"]):
        rows = random.sample(list(data["train"]), t["prompts_per_step"])
        groups = client.generate([r["question"] for r in rows], params)
        adv = advantages([[reward(c, r["answer"]) for c in cs] for r, cs in zip(rows, groups)], g).cuda()
        texts = [r["question"] + c for r, cs in zip(rows, groups) for c in cs]
        with torch.no_grad():
            ref_lp, _ = logprobs(ref, tok, texts)
        lp, mask = logprobs(policy, tok, texts)
        ratio = (lp - lp.detach()).exp()
        kl = (ref_lp - lp).exp() - (ref_lp - lp) - 1
        per_tok = -torch.min(ratio * adv[:, None], ratio.clamp(1 - lo, 1 + hi) * adv[:, None]) + g["beta"] * kl
        ((per_tok * mask).sum() / mask.sum()).backward()
        if (step + 1) % t["gradient_accumulation_steps"] == 0:
            torch.nn.utils.clip_grad_norm_(policy.parameters(), cfg["optim"]["max_grad_norm"])
            opt.step()
            opt.zero_grad()
            client.push_weights(policy)
        ev = cfg["evaluation"]
        if step % ev["every"] == 0:
            held = data["test"].select(range(ev["n_problems"]))
            outs = client.generate(held["question"], eval_params(cfg))
            print(step, args.revision, sum(correct(o[0], a) for o, a in zip(outs, held["answer"])) / len(held))
        if step % t["save_every"] == 0:
            policy.save_pretrained(f"{t['out']}/{step}")


if __name__ == "__main__":
    main()
