import torch


def kto_loss(pi, ref, kl, labels, *, beta, w_pos, w_neg, margin=0.0):
    r = beta * (pi - ref)
    z = beta * kl.clamp(min=0)
    pos = w_pos * (1 - torch.sigmoid(r - z - margin))
    neg = w_neg * (1 - torch.sigmoid(z - r - margin))
    return torch.where(labels, pos, neg).mean()
