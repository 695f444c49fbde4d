import torch.nn.functional as F

_LOSSES = {}


def register(name):
    def wrap(cls):
        _LOSSES[name] = cls
        return cls

    return wrap


def make_loss(section):
    return _LOSSES[section["type"]](section)


@register("simpo")
class SimPO:
    def __init__(self, cfg):
        self.beta = cfg["beta"]
        self.margin = cfg["gamma"] / cfg["beta"]

    def __call__(self, chosen, rejected):
        return -F.logsigmoid(self.beta * (chosen - rejected - self.margin)).mean()


@register("ipo")
class IPO:
    def __init__(self, cfg):
        self.tau = 1 / (2 * cfg.get("beta", 0.1))

    def __call__(self, chosen, rejected):
        return (chosen - rejected - self.tau).pow(2).mean()


class CPO:
    def __init__(self, cfg):
        self.beta, self.sft_weight = cfg["beta"], cfg["sft_weight"]

    def __call__(self, chosen, rejected):
        return -F.logsigmoid(self.beta * (chosen - rejected)).mean() - self.sft_weight * chosen.mean()
