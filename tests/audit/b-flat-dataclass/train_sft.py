import json
import math
import os
import sys

import torch
import wandb
import yaml
from dataclasses import asdict
from torch.utils.data import DataLoader
from transformers import AutoModelForCausalLM, AutoTokenizer

from settings import SFTSettings


def read_split(spec, tok, max_seq_len):
    rows = []
    with open(spec["path"]) as fh:
        for line in fh:
            ex = json.loads(line)
            text = ex[spec["prompt_field"]] + "\n" + ex[spec["answer_field"]]
            rows.append(tok(text, truncation=True, max_length=max_seq_len)["input_ids"])
    return rows


def lr_at(step, total, s):
    warm = max(1, int(total * s.warmup_ratio))
    if step < warm:
        return s.lr * step / warm
    frac = (step - warm) / max(1, total - warm)
    floor = s.min_lr_ratio * s.lr
    return floor + 0.5 * (s.lr - floor) * (1 + math.cos(math.pi * frac))


def main():
    s = SFTSettings.load(sys.argv[1] if len(sys.argv) > 1 else "config/sft_math.yaml")
    s.describe()
    torch.manual_seed(s.seed)
    wandb.init(project="sft", config=asdict(s))
    print("tags:", s.tags)

    tok = AutoTokenizer.from_pretrained(s.model_name)
    model = AutoModelForCausalLM.from_pretrained(
        s.model_name, torch_dtype=getattr(torch, s.dtype)
    ).cuda()
    with open(s.data_config) as fh:
        mixture = yaml.safe_load(fh)

    rows = read_split(mixture["train"], tok, s.max_seq_len)
    loader = DataLoader(
        rows,
        batch_size=s.batch_size,
        shuffle=True,
        num_workers=mixture.get("num_workers", 2),
        drop_last=mixture.get("drop_last", True),
        collate_fn=lambda b: torch.nn.utils.rnn.pad_sequence(
            [torch.tensor(x) for x in b], batch_first=True
        ),
    )
    opt = torch.optim.AdamW(model.parameters(), lr=s.lr, weight_decay=s.weight_decay)
    total = s.epochs * len(loader) // s.grad_accum
    step = 0
    for _ in range(s.epochs):
        for i, ids in enumerate(loader):
            out = model(input_ids=ids.cuda(), labels=ids.cuda())
            (out.loss / s.grad_accum).backward()
            if (i + 1) % s.grad_accum:
                continue
            torch.nn.utils.clip_grad_norm_(model.parameters(), s.clip_norm)
            for g in opt.param_groups:
                g["lr"] = lr_at(step, total, s)
            opt.step()
            opt.zero_grad()
            step += 1
            if step % s.log_every == 0:
                wandb.log({"loss": out.loss.item(), "tokens": step * s.tokens_per_step})

    os.makedirs(s.output_dir, exist_ok=True)
    model.save_pretrained(s.output_dir)


if __name__ == "__main__":
    main()
