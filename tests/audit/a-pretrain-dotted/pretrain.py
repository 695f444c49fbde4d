import math
import sys

import numpy as np
import torch
import torch.nn.functional as F

from nanolm.conf import get, load, require
from nanolm.model import GPT


class Batches:
    def __init__(self, cfg, split):
        self.data = np.memmap(require(cfg, "data." + split), dtype=np.uint16, mode="r")
        self.block = get(cfg, "arch.block_size", 2048)
        self.n = get(cfg, "train.batch", 8)

    def draw(self):
        ix = torch.randint(len(self.data) - self.block, (self.n,))
        x = torch.stack([torch.from_numpy(self.data[i : i + self.block].astype(np.int64)) for i in ix])
        y = torch.stack([torch.from_numpy(self.data[i + 1 : i + 1 + self.block].astype(np.int64)) for i in ix])
        return x, y


def lr_at(cfg, it):
    peak = require(cfg, "optim.lr.peak")
    floor = get(cfg, "optim.lr.min", 0.0)
    warm = get(cfg, "optim.lr.warmup", 500)
    if it < warm:
        return peak * (it + 1) / warm
    frac = (it - warm) / max(1, get(cfg, "train.iters", 100000) - warm)
    return floor + 0.5 * (peak - floor) * (1 + math.cos(math.pi * min(1.0, frac)))


@torch.no_grad()
def estimate(model, batches, cfg, temperature=1.0):
    k = get(cfg, "train.eval.batches", 100)
    losses = torch.zeros(k)
    for i in range(k):
        x, y = batches.draw()
        losses[i] = F.cross_entropy(model(x).flatten(0, 1) / temperature, y.flatten())
    return losses.mean().item()


def main():
    cfg = load(sys.argv[1])
    print(f"=== {get(cfg, 'run.name')} ===")
    torch.manual_seed(get(cfg, "run.seed", 1337))
    np.random.seed(get(cfg, "run.seed", 0))

    model = GPT(cfg)
    if get(cfg, "train.compile", False):
        model = torch.compile(model)
    train, val = Batches(cfg, "train"), Batches(cfg, "val")
    opt = torch.optim.AdamW(
        model.parameters(),
        lr=lr_at(cfg, 0),
        betas=tuple(get(cfg, "optim.betas", [0.9, 0.999])),
        weight_decay=get(cfg, "optim.weight_decay", 0.01),
        eps=1e-8,
    )
    best = 1e9
    every = require(cfg, "train.eval.every")
    for it in range(require(cfg, "train.iters")):
        for g in opt.param_groups:
            g["lr"] = lr_at(cfg, it)
        x, y = train.draw()
        loss = F.cross_entropy(model(x).flatten(0, 1), y.flatten())
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), get(cfg, "train.grad_clip", 1.0))
        opt.step()
        opt.zero_grad(set_to_none=True)
        if it % get(cfg, "train.log_interval", 10) == 0:
            print(it, loss.item())
        if it and it % every == 0:
            score = estimate(model, val, cfg)
            if score < best:
                best = score
                torch.save(model.state_dict(), get(cfg, "run.out") + "/best.pt")


if __name__ == "__main__":
    main()
