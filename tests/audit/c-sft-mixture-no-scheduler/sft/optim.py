import math

import torch
from torch.optim.lr_scheduler import LambdaLR

REGISTRY = {"adamw": torch.optim.AdamW, "sgd": torch.optim.SGD}


def build_optimizer(model, o):
    kw = {k: v for k, v in o.items() if k in ("lr", "weight_decay", "betas")}
    return REGISTRY[o["name"]](model.parameters(), **kw)


def build_scheduler(optimizer, o, total_steps):
    floor = o["min_lr_ratio"]

    def factor(step):
        if step < o["warmup_steps"]:
            return step / max(1, o["warmup_steps"])
        if o["schedule"] == "constant":
            return 1.0
        done = (step - o["warmup_steps"]) / max(1, total_steps - o["warmup_steps"])
        return floor + (1 - floor) * 0.5 * (1 + math.cos(math.pi * done))

    return LambdaLR(optimizer, factor)
