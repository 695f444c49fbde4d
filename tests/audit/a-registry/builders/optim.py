import torch
from lion_pytorch import Lion


def build_adamw(params, o):
    return torch.optim.AdamW(params, lr=o["lr"], betas=tuple(o["betas"]), weight_decay=o["weight_decay"])


def build_lion(params, o):
    return Lion(params, lr=o["lr"] / 3, weight_decay=o["weight_decay"], use_triton=o.get("use_triton", False))


def build_sgd(params, o):
    return torch.optim.SGD(params, lr=o["lr"], momentum=o["momentum"])


OPTIMIZERS = {
    "adamw": build_adamw,
    "lion": build_lion,
}


def cosine(opt, warmup, total, **_):
    base = torch.optim.lr_scheduler.CosineAnnealingLR(opt, total - warmup)
    ramp = torch.optim.lr_scheduler.LinearLR(opt, 0.01, total_iters=warmup)
    return torch.optim.lr_scheduler.SequentialLR(opt, [ramp, base], [warmup])


def wsd(opt, warmup, total, decay_frac, **_):
    start = int(total * (1 - decay_frac))

    def scale(step):
        if step < warmup:
            return step / warmup
        return 1.0 if step < start else max(0.0, (total - step) / (total - start))

    return torch.optim.lr_scheduler.LambdaLR(opt, scale)


SCHEDULERS = dict(cosine=cosine, wsd=wsd)
