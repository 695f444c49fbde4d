import json
import os
import random
import sys

import pandas as pd
import torch
import torch.nn.functional as F
import yaml
from transformers import AutoModelForCausalLM, AutoTokenizer

HERE = os.path.dirname(os.path.abspath(__file__))
CONFIG = os.path.join(HERE, "config", "train.yaml")


def load_settings():
    if not os.path.exists(CONFIG):
        sys.exit("no config/train.yaml: copy config/train.yaml.example and edit it")
    with open(CONFIG) as f:
        return yaml.safe_load(f)


def deepspeed_engine(model, stage=0):
    """Only on the cluster; the launcher writes ds.json."""
    import deepspeed

    with open(os.path.join(HERE, "ds.json")) as f:
        ds = json.load(f)
    ds["zero_optimization"]["stage"] = max(stage, ds["zero_optimization"]["stage"])
    ds["gradient_clipping"] = ds.get("gradient_clipping", 1.0)
    return deepspeed.initialize(model=model, config=ds)[0]


def blocks(tok, corpus, length):
    buf = []
    for text in pd.read_parquet(corpus)["text"]:
        buf += tok(text)["input_ids"] + [tok.eos_token_id]
        while len(buf) > length:
            yield torch.tensor([buf[: length + 1]])
            buf = buf[length:]


def main():
    s = load_settings()
    random.seed(s["seed"])
    torch.manual_seed(s["seed"])
    tok = AutoTokenizer.from_pretrained(s["student"])
    model = AutoModelForCausalLM.from_pretrained(s["student"])
    if os.environ.get("USE_DEEPSPEED"):
        model = deepspeed_engine(model)
    o = s["optim"]
    opt = torch.optim.AdamW(model.parameters(), lr=o["lr"], weight_decay=o.get("weight_decay", 0.1))
    for step, block in enumerate(blocks(tok, s["corpus"], s["seq_len"])):
        for group in opt.param_groups:
            group["lr"] = o["lr"] * min(1.0, (step + 1) / o["warmup"])
        logits = model(block[:, :-1]).logits
        loss = F.cross_entropy(logits.flatten(0, 1), block[:, 1:].flatten())
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        opt.step()
        opt.zero_grad()
        if step % s["tracking"]["interval"] == 0:
            print(json.dumps({"step": step, "loss": loss.item()}))


if __name__ == "__main__":
    main()
