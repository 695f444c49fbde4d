import math
import os

import torch
import torch.nn.functional as F

from config import CFG as C
from data import loader
from model import LM

T, O = C.train, C.optim


def lr_at(step):
    warm = getattr(O, "warmup", 2000)
    if step < warm:
        return O.lr * step / warm
    return O.lr * 0.5 * (1 + math.cos(math.pi * step / T.steps))


def main():
    torch.manual_seed(1337)
    seed = T.seed
    print(f"hybrid pretraining, seed {seed}, prefetch {C.data.prefetch}")
    net = LM().to(T.device)
    opt = torch.optim.AdamW(net.parameters(), lr=O.lr, betas=O.betas, weight_decay=O.weight_decay)
    for step, ids in zip(range(T.steps), loader()):
        for g in opt.param_groups:
            g["lr"] = lr_at(step)
        x, y = ids[:, :-1].to(T.device), ids[:, 1:].to(T.device)
        logits = net(x)
        loss = F.cross_entropy(logits.flatten(0, 1), y.flatten())
        if hasattr(O, "z_loss"):
            loss = loss + O.z_loss * logits.logsumexp(-1).pow(2).mean()
        (loss / T.grad_accum).backward()
        if (step + 1) % T.grad_accum == 0:
            torch.nn.utils.clip_grad_norm_(net.parameters(), O.clip)
            opt.step()
            opt.zero_grad()
        if step % T.log_every == 0:
            print(step, round(loss.item(), 4))
        if step and step % T.ckpt_every == 0:
            torch.save(net.state_dict(), os.path.join(T.ckpt_dir, f"{step}.pt"))


if __name__ == "__main__":
    main()
