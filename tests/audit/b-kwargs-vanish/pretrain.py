import glob
import sys

import numpy as np
import torch
import yaml
from torch.utils.data import DataLoader, TensorDataset

from moe.network import make_network
from moe.optim import build_optimizer, build_schedule

VOCAB = 32768


def make_loader(globs, seq_len, batch, shuffle=False, **loader_kwargs):
    files = [f for g in globs for f in sorted(glob.glob(g))]
    flat = np.concatenate([np.load(f) for f in files])
    n = len(flat) // seq_len
    ids = torch.from_numpy(flat[: n * seq_len].reshape(n, seq_len))
    return DataLoader(TensorDataset(ids), batch_size=batch, shuffle=True, **loader_kwargs)


def balance(net):
    return sum(p.weight.pow(2).mean() for p in net.modules() if hasattr(p, "gate"))


def run(network, optimizer, schedule, loader, grad_clip=1.0, **rest):
    net, aux = make_network(VOCAB, **network)
    opt = build_optimizer(net.parameters(), **optimizer)
    sched = build_schedule(opt, **schedule)
    dl = make_loader(**loader)
    scaler = torch.amp.GradScaler(init_scale=65536.0)
    for step, (ids,) in enumerate(dl):
        with torch.autocast("cuda", torch.bfloat16):
            logits = net(ids[:, :-1])
            loss = torch.nn.functional.cross_entropy(logits.flatten(0, 1), ids[:, 1:].flatten())
            loss = loss + aux * balance(net)
        scaler.scale(loss).backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), grad_clip)
        scaler.step(opt)
        scaler.update()
        sched.step()
        opt.zero_grad()


if __name__ == "__main__":
    with open(sys.argv[1]) as fh:
        run(**yaml.safe_load(fh))
