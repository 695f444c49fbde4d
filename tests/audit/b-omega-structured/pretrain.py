"""torchrun --nproc_per_node 8 pretrain.py train.lr=3e-4"""
import math
import os
import sys

import numpy as np
import torch
import wandb
from omegaconf import OmegaConf

from schema import load_config
from tinylm import Decoder

RANK = int(os.environ.get("RANK", 0))
WORLD = int(os.environ.get("WORLD_SIZE", 1))


class BinStream:
    def __init__(self, data, seq_len, seed):
        self.tokens = np.memmap(data.train_bin, dtype=data.get("dtype", "uint16"), mode="r")
        self.seq_len = seq_len
        self.rng = np.random.default_rng(seed)

    def next(self, n):
        ix = self.rng.integers(0, len(self.tokens) - self.seq_len - 1, n)
        x = np.stack([self.tokens[i : i + self.seq_len + 1] for i in ix])
        return torch.from_numpy(x.astype(np.int64)).cuda()


def schedule(step, t):
    if step < t.warmup_steps:
        return t.lr * step / t.warmup_steps
    p = (step - t.warmup_steps) / (t.max_steps - t.warmup_steps)
    return t.min_lr + 0.5 * (t.lr - t.min_lr) * (1 + math.cos(math.pi * min(p, 1.0)))


def save(model, cfg, step):
    d = os.path.join(cfg.ckpt.dir, f"{step:07d}")
    os.makedirs(d, exist_ok=True)
    torch.save(model.state_dict(), os.path.join(d, "model.pt"))
    OmegaConf.save(cfg, os.path.join(d, "config.yaml"))


def main():
    cfg = load_config("pretrain.yaml", sys.argv[1:])
    cfg.train.seed = 1337 + RANK
    torch.manual_seed(cfg.train.seed)
    if RANK == 0:
        print(OmegaConf.to_yaml(cfg.logging))
        wandb.init(project="tinylm", config=OmegaConf.to_container(cfg, resolve=True))

    m, t = cfg.model, cfg.train
    model = Decoder(m.vocab_size, m.d_model, m.n_layers, m.n_heads, theta=m.rope_theta)
    if m.tie_weights:
        model.lm_head.weight = model.embed.weight
    model.cuda()

    accum, rest = divmod(t.global_batch, t.micro_batch * WORLD)
    assert rest == 0
    opt = torch.optim.AdamW(
        model.parameters(), lr=t.lr, betas=(0.9, t.beta2), weight_decay=t.weight_decay
    )
    stream = BinStream(cfg.data, t.seq_len, t.seed)
    first = 0
    resume = OmegaConf.select(cfg, "ckpt.resume_from", default=None)
    if resume:
        model.load_state_dict(torch.load(resume))
        first = int(resume.split("/")[-2])

    for step in range(first, t.max_steps):
        for g in opt.param_groups:
            g["lr"] = schedule(step, t)
        for _ in range(accum):
            ids = stream.next(t.micro_batch)
            logits = model(ids[:, :-1])
            nll = torch.nn.functional.cross_entropy(logits.flatten(0, 1), ids[:, 1:].flatten())
            z = logits.logsumexp(-1).pow(2).mean()
            ((nll + t.z_loss * z) / accum).backward()
        opt.step()
        opt.zero_grad(set_to_none=True)
        if RANK == 0 and step % 20 == 0:
            wandb.log({"nll": nll.item()}, step=step)
        if RANK == 0 and step and step % cfg.ckpt.every == 0:
            save(model, cfg, step)


main()
