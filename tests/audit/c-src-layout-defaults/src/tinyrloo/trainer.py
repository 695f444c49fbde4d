import random

import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM, AutoModelForSequenceClassification, AutoTokenizer

from . import generate as gen_mod


class RLOOTrainer:
    def __init__(self, recipe, prompts):
        self.recipe, self.prompts = recipe, prompts
        self.algo, self.gen = recipe["algo"], recipe["generation"]
        p = recipe["policy"]
        self.tok = AutoTokenizer.from_pretrained(p["name"], model_max_length=p["max_prompt"])
        self.policy = AutoModelForCausalLM.from_pretrained(p["name"], torch_dtype=getattr(torch, p["dtype"]))
        if p["lora"]["enabled"]:
            self.policy = get_peft_model(self.policy, LoraConfig(r=p["lora"]["r"], lora_alpha=2 * p["lora"]["r"]))
        self.ref = AutoModelForCausalLM.from_pretrained(p["name"])
        self.rm = AutoModelForSequenceClassification.from_pretrained(recipe["reward"]["name"])
        o = recipe["optim"]
        self.opt = torch.optim.Adam(self.policy.parameters(), lr=o["lr"], eps=o["eps"])
        self.clip = o["grad_clip"]

    def rewards(self, seqs):
        chunks = seqs.split(self.recipe["reward"]["batch_size"])
        r = torch.cat([self.rm(c).logits[:, 0] for c in chunks])
        return (r - r.mean()) / r.std() if self.algo["whiten"] else r

    def logp(self, model, seqs):
        lp = torch.log_softmax(model(seqs[:, :-1]).logits, -1)
        return lp.gather(-1, seqs[:, 1:, None]).squeeze(-1).sum(-1)

    def step(self):
        batch = random.sample(self.prompts, self.recipe["train"]["prompts_per_update"])
        ids = self.tok(batch, return_tensors="pt", padding=True, truncation=True).input_ids
        k = self.algo["k"]
        seqs = gen_mod.sample(self.policy, ids, self.gen, k)
        lp = self.logp(self.policy, seqs)
        with torch.no_grad():
            r = self.rewards(seqs) - self.algo["kl_coef"] * (lp - self.logp(self.ref, seqs))
            r = r.view(-1, k)
            adv = r - (r.sum(1, keepdim=True) - r) / (k - 1)
        loss = -(adv.flatten() * lp).mean()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.policy.parameters(), self.clip)
        self.opt.step()
        self.opt.zero_grad()
        return loss.item()

    def clipped_step(self, ratio, adv):
        c = self.algo["clip_range"]
        return -torch.min(ratio * adv, ratio.clamp(1 - c, 1 + c) * adv).mean()

    def fit(self):
        t = self.recipe["train"]
        torch.manual_seed(t["seed"])
        for i in range(t["updates"]):
            loss = self.step()
            if i % t["log_every"] == 0:
                print(i, loss)
        self.policy.save_pretrained(t["output"])
