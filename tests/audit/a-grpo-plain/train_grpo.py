"""GRPO on GSM8K, single node."""
import argparse
import json
import os
import random
import re

import torch
import yaml
from transformers import AutoModelForCausalLM, AutoTokenizer, get_constant_schedule_with_warmup


def load_rows(path, prompt_field, answer_field):
    rows = []
    with open(path) as f:
        for line in f:
            item = json.loads(line)
            rows.append({"prompt": item[prompt_field], "gold": item[answer_field].split("####")[-1].strip()})
    return rows


def reward_fn(text, gold, max_length=2000):
    if len(text) > max_length:
        return 0.0
    found = re.findall(r"-?\d[\d,]*", text)
    return float(bool(found) and found[-1].replace(",", "") == gold)


def token_logprobs(model, ids):
    logits = model(ids).logits[:, :-1]
    logps = torch.log_softmax(logits.float(), dim=-1)
    return logps.gather(-1, ids[:, 1:].unsqueeze(-1)).squeeze(-1)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--config", default="config/grpo.yaml")
    parser.add_argument("--warmup_steps", type=int, default=0)
    args = parser.parse_args()

    with open(args.config) as f:
        cfg = yaml.safe_load(f)

    random.seed(cfg["seed"])
    torch.manual_seed(cfg["seed"])

    name = cfg["model"]["name"]
    tok = AutoTokenizer.from_pretrained(name)
    kwargs = {"torch_dtype": getattr(torch, cfg["model"]["dtype"])}
    if torch.cuda.is_available():
        kwargs["attn_implementation"] = cfg["model"]["attn_implementation"]
    policy = AutoModelForCausalLM.from_pretrained(name, **kwargs)
    ref = AutoModelForCausalLM.from_pretrained(name, **kwargs).eval()

    data = cfg["data"]
    rows = load_rows(data["path"], data["prompt_field"], data["answer_field"])

    opt = torch.optim.AdamW(
        policy.parameters(),
        lr=float(cfg["optim"]["lr"]),
        betas=tuple(cfg["optim"]["betas"]),
        weight_decay=cfg["optim"]["weight_decay"],
    )
    sched = get_constant_schedule_with_warmup(opt, num_warmup_steps=args.warmup_steps)

    s = cfg["sampling"]
    G = s["group_size"]
    eps = cfg["grpo"]["clip_eps"]
    out = cfg["train"]["output_dir"]
    os.makedirs(out, exist_ok=True)

    for step in range(cfg["train"]["steps"]):
        total = 0.0
        for row in random.sample(rows, cfg["train"]["batch_size"]):
            enc = tok(row["prompt"], return_tensors="pt", truncation=True, max_length=data["max_length"])
            gen = policy.generate(
                **enc,
                do_sample=True,
                temperature=s["temperature"],
                top_p=s["top_p"],
                num_return_sequences=G,
                max_new_tokens=s.get("max_new_tokens", 256),
            )
            texts = tok.batch_decode(gen[:, enc["input_ids"].shape[1]:], skip_special_tokens=True)
            r = torch.tensor([reward_fn(t, row["gold"]) for t in texts])
            adv = r - r.mean()
            if cfg["grpo"]["normalize_adv"]:
                adv = adv / (r.std() + 1e-4)
            new = token_logprobs(policy, gen)
            with torch.no_grad():
                old, base = new.detach(), token_logprobs(ref, gen)
            ratio = (new - old).exp()
            surrogate = torch.min(ratio * adv[:, None], ratio.clamp(1 - eps, 1 + eps) * adv[:, None])
            kl = (base - new).exp() - (base - new) - 1
            loss = -(surrogate - cfg["grpo"]["kl_coef"] * kl).mean()
            loss.backward()
            total += loss.item()
        torch.nn.utils.clip_grad_norm_(policy.parameters(), cfg["train"]["grad_clip"])
        opt.step()
        sched.step()
        opt.zero_grad()
        print(f"step {step} loss {total:.4f}")
        if step % cfg["train"]["save_every"] == 0:
            policy.save_pretrained(os.path.join(out, f"step-{step}"))


if __name__ == "__main__":
    main()
