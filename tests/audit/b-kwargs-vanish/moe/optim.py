import math

import torch


def build_optimizer(params, name, lr, weight_decay=0.01, beta1=0.9, beta2=0.999, **kw):
    eps = kw.pop("eps", 1e-6)
    if name == "adamw":
        return torch.optim.AdamW(
            params, lr=lr, betas=(beta1, beta2), eps=eps, weight_decay=weight_decay, fused=False
        )
    if name == "lion":
        from lion_pytorch import Lion

        return Lion(params, lr=lr, betas=(beta1, beta2), weight_decay=weight_decay)
    raise ValueError(name)


def build_schedule(opt, *, warmup, total, restarts=1, floor=0.0, **_):
    def factor(step):
        if step < warmup:
            return step / warmup
        x = (step - warmup) / max(1, total - warmup)
        return floor + (1 - floor) * 0.5 * (1 + math.cos(math.pi * x))

    return torch.optim.lr_scheduler.LambdaLR(opt, factor)
