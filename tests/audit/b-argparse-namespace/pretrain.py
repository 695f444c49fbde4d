import argparse
import math
import os
from argparse import Namespace

import numpy as np
import torch
import yaml

from gpt import GPT


def load_args():
    p = argparse.ArgumentParser(description="pretrain a small GPT")
    p.add_argument("--config", default="config/lm.yaml")
    p.add_argument("--learning-rate", type=float, default=None)
    p.add_argument("--device", default="cuda:0")
    p.add_argument("--eval-iters", type=int, default=50)
    cli = p.parse_args()
    with open(cli.config) as f:
        args = Namespace(**yaml.safe_load(f))
    if cli.learning_rate is not None:
        args.learning_rate = cli.learning_rate
    args.device = cli.device
    return args, cli


def get_lr(it, a):
    if it < a.warmup_iters:
        return a.learning_rate * it / a.warmup_iters
    ratio = (it - a.warmup_iters) / (a.max_iters - a.warmup_iters)
    return a.min_lr + 0.5 * (1 + math.cos(math.pi * ratio)) * (a.learning_rate - a.min_lr)


def get_batch(split, a):
    data = np.memmap(os.path.join("data", a.dataset, f"{split}.bin"), dtype=np.uint16)
    ix = np.random.randint(0, len(data) - a.block_size - 1, (a.batch_size,))
    x = torch.tensor(np.stack([data[i : i + a.block_size + 1] for i in ix]).astype(np.int64))
    return x[:, :-1].to(a.device), x[:, 1:].to(a.device)


@torch.no_grad()
def estimate(model, args, iters):
    losses = [model(*get_batch("val", args))[1].item() for _ in range(iters)]
    return float(np.mean(losses))


if __name__ == "__main__":
    args, cli = load_args()
    print(vars(args))
    model = GPT(args).to(args.device)
    if hasattr(args, "init_from"):
        model.load_state_dict(torch.load(args.init_from))
    ema = vars(args).get("ema_decay", 0.999)
    avg = {k: v.clone() for k, v in model.state_dict().items()}
    opt = torch.optim.AdamW(
        model.parameters(), lr=args.learning_rate, weight_decay=args.weight_decay,
        betas=(0.9, getattr(args, "beta2", 0.95)),
    )
    for it in range(args.max_iters):
        for g in opt.param_groups:
            g["lr"] = get_lr(it, args)
        _, loss = model(*get_batch("train", args))
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), args.grad_clip)
        opt.step()
        opt.zero_grad()
        for k, v in model.state_dict().items():
            avg[k].lerp_(v, 1 - ema)
        if it % args.eval_interval == 0:
            print(it, estimate(model, args, cli.eval_iters))
            os.makedirs(args.out_dir, exist_ok=True)
            torch.save(avg, os.path.join(args.out_dir, "ema.pt"))
