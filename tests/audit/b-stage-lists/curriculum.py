import random
from collections import deque

import torch
import yaml
from transformers import AutoModelForCausalLM, AutoTokenizer

from mixing import Mixture


def read(path):
    with open(path) as fh:
        return yaml.safe_load(fh)


def apply_freeze(model, names):
    for n, p in model.named_parameters():
        p.requires_grad_(not any(f in n for f in names))


def chunks(texts, tok, seq_len, batch):
    buf = []
    for t in texts:
        buf += tok(t)["input_ids"] + [tok.eos_token_id]
        while len(buf) >= seq_len * batch:
            yield torch.tensor(buf[: seq_len * batch]).view(batch, seq_len)
            buf = buf[seq_len * batch :]


def run_stage(idx, stage, model, feed, history):
    opt = torch.optim.AdamW((p for p in model.parameters() if p.requires_grad), lr=stage["lr"])
    warm = 100 if idx == 0 else 0
    for step, ids in zip(range(stage["steps"]), feed):
        for g in opt.param_groups:
            g["lr"] = stage["lr"] * min(1.0, (step + 1) / max(1, warm))
        loss = model(input_ids=ids, labels=ids).loss
        history.append(loss.item())
        if min(history) > guards.get("max_loss", 12.0):
            raise RuntimeError(f"{stage['name']}: diverged at {step}")
        loss.backward()
        opt.step()
        opt.zero_grad()


def evaluate(model, plan):
    from lm_eval import simple_evaluate

    wanted = {e["id"]: e["metric"] for e in plan["eval"]}
    res = simple_evaluate(model, tasks=list(wanted), num_fewshot=0)["results"]
    return {t: res[t][m] for t, m in wanted.items()}


plan = read("plans/curriculum.yaml")
mix = read("plans/mixture.yaml")
guards = plan["guards"]

model = AutoModelForCausalLM.from_pretrained(plan["base"])
tok = AutoTokenizer.from_pretrained(mix["tokenizer"]["path"])
mixture = Mixture(mix, random.Random(0))
history = deque(maxlen=guards.get("patience", 100))

total = sum(s["steps"] for s in plan["stages"])
print(f"{len(plan['stages'])} stages, {total} steps")
for i, st in enumerate(plan["stages"]):
    apply_freeze(model, st.get("freeze", []))
    feed = chunks(mixture.texts(), tok, st["seq_len"], st.get("batch", 16))
    run_stage(i, st, model, feed, history)
    print(i, evaluate(model, mix))
    model.save_pretrained(f"scratch/{i:02d}-{st['name']}")

if max(history) < guards.get("max_loss", 10.0):
    model.save_pretrained(plan["stages"][-1]["export"])
