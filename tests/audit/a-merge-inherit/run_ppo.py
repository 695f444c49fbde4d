import json
from pathlib import Path

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

from rlhf.config import load_config
from rlhf.ppo import PPO
from rlhf.rewards import Mixture

ROOT = Path(__file__).resolve().parent


def main():
    cfg = load_config(ROOT / "config" / "ppo_math.yaml")
    torch.manual_seed(cfg["seed"])
    m = cfg["model"]
    tok = AutoTokenizer.from_pretrained(m["name"])
    policy = AutoModelForCausalLM.from_pretrained(
        m["name"], torch_dtype=m["dtype"], attn_implementation=m.get("attn_implementation", "sdpa")
    )
    ppo = PPO(policy, torch.nn.Linear(policy.config.hidden_size, 1), cfg["ppo"])
    reward = Mixture(cfg["reward"]["weights"])
    rows = [json.loads(line) for line in open(cfg["data"]["prompts"])]
    samp, bs = cfg["sampling"], cfg["ppo"]["batch_size"]

    for it, start in enumerate(range(0, len(rows), bs)):
        chunk = rows[start : start + bs]
        enc = tok([r["problem"] for r in chunk], padding=True, truncation=True,
                  max_length=cfg["data"]["max_prompt_len"], return_tensors="pt")
        ids = policy.generate(
            **enc, do_sample=True, temperature=samp["temperature"], top_p=samp["top_p"], top_k=samp["top_k"],
            max_new_tokens=samp["max_tokens"], stop_strings=samp["stop"], tokenizer=tok,
        )
        texts = tok.batch_decode(ids, skip_special_tokens=True)
        with torch.no_grad():
            old = policy(ids).logits[:, :-1].log_softmax(-1).gather(-1, ids[:, 1:, None]).squeeze(-1)
        rewards = torch.zeros_like(old)
        rewards[:, -1] = torch.tensor([reward(t, r["answer"]) for t, r in zip(texts, chunk)])
        ppo.update(ids, old, rewards)
        if it % cfg["logging"]["every"] == 0:
            print(it, rewards.sum(-1).mean().item())
    policy.save_pretrained(cfg["output_dir"])


if __name__ == "__main__":
    main()
