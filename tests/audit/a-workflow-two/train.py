import argparse
import json
import os

import torch
import yaml
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM, AutoTokenizer

from llm_client import load_executor
from workflow import run_batch


class GRPOTrainer:
    def __init__(self, config_path="config/training.yaml"):
        with open(config_path) as f:
            self.config = yaml.safe_load(f)
        self.run_name = self.config["run_name"]
        self._init_policy(self.config["policy"])
        self.executor = load_executor(self.config["paths"]["executor"])
        self.problems = [json.loads(x) for x in open(self.config["paths"]["problems"])]

    def _init_policy(self, p):
        self.tokenizer = AutoTokenizer.from_pretrained(p["model"])
        base = AutoModelForCausalLM.from_pretrained(p["model"], device_map="auto")
        lora = LoraConfig(
            r=p["lora_rank"],
            lora_alpha=p["lora_alpha"],
            lora_dropout=p.get("lora_dropout", 0.05),
        )
        self.model = get_peft_model(base, lora)
        self.opt = torch.optim.AdamW(self.model.parameters(), lr=self.config["grpo"]["learning_rate"])

    def sample_plans(self, problem, n, max_new_tokens=512):
        enc = self.tokenizer(problem["prompt"], return_tensors="pt")
        out = self.model.generate(
            **enc, num_return_sequences=n, do_sample=True, max_new_tokens=max_new_tokens,
            temperature=self.config["policy"].get("temperature", 1.0),
        )
        return out, self.tokenizer.batch_decode(out, skip_special_tokens=True)

    def logp(self, ids):
        lp = self.model(ids).logits[:, :-1].log_softmax(-1)
        return lp.gather(-1, ids[:, 1:, None]).squeeze(-1).sum(-1)

    def step(self, problem):
        g = self.config["grpo"]
        ids, plans = self.sample_plans(problem, g["num_sequences_per_group"])
        codes = run_batch(self.executor, plans, problem)
        r = torch.tensor([float(problem["entry_point"] in c) for c in codes])
        adv = (r - r.mean()) / (r.std() + 1e-6)
        new = self.logp(ids)
        with torch.no_grad(), self.model.disable_adapter():
            ref = self.logp(ids)
        ratio = (new - new.detach()).exp()
        clipped = ratio.clamp(1 - g["clip_range"], 1 + g["clip_range"])
        loss = -torch.min(ratio * adv, clipped * adv).mean() + g["kl_loss_coef"] * (new - ref).pow(2).mean()
        loss.backward()
        self.opt.step()
        self.opt.zero_grad()
        return r.mean().item()

    def train(self):
        t = self.config["training"]
        for epoch in range(1, t["max_epochs"] + 1):
            batch = self.problems[: t["samples_per_epoch"]]
            acc = sum(self.step(p) for p in batch) / len(batch)
            print(f"[{epoch}] reward={acc:.3f}")
            if epoch % t.get("save_every", 10) == 0:
                self.model.save_pretrained(os.path.join(self.config["paths"]["output"], str(epoch)))


if __name__ == "__main__":
    ap = argparse.ArgumentParser()
    ap.add_argument("--config", default="config/training.yaml")
    GRPOTrainer(ap.parse_args().config).train()
