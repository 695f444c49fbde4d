import torch
import torch.nn.functional as F

LOSSES = {}


def loss(fn):
    LOSSES[fn.__name__] = fn
    return fn


@loss
def kl(s, t, tau):
    return F.kl_div(F.log_softmax(s / tau, -1), F.softmax(t / tau, -1), reduction="batchmean") * tau**2


@loss
def jsd(s, t, tau):
    p, q = F.softmax(s / tau, -1), F.softmax(t / tau, -1)
    m = 0.5 * (p + q)
    return 0.5 * (F.kl_div(m.log(), p, reduction="batchmean") + F.kl_div(m.log(), q, reduction="batchmean"))


def hidden_mse(s_hidden, t_hidden, layer_map, weight):
    return weight * sum(F.mse_loss(s, t_hidden[i]) for s, i in zip(s_hidden, layer_map))
