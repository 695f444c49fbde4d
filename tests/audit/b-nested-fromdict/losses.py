import torch
import torch.nn.functional as F


def sequence_logps(model, row):
    out = []
    for side in ("chosen", "rejected"):
        ids = torch.tensor(row[f"{side}_ids"])[None]
        logits = model(ids).logits[:, :-1].log_softmax(-1)
        out.append(logits.gather(-1, ids[:, 1:, None]).sum((1, 2)))
    return out


def preference_loss(chosen, rejected, row, spec):
    margin = (chosen - rejected) - (row["ref_chosen"] - row["ref_rejected"])
    if spec.loss_type == "ipo":
        return ((margin - 1 / (2 * spec.beta)) ** 2).mean()
    eps = spec.label_smoothing
    z = spec.beta * margin
    return (-(1 - eps) * F.logsigmoid(z) - eps * F.logsigmoid(-z)).mean()
