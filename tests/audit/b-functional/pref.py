import itertools
import json
from functools import partial, reduce
from operator import itemgetter

import torch
import torch.nn.functional as F
import yaml
from transformers import AutoModelForCausalLM, AutoTokenizer


def section(cfg, name):
    """A getter bound to one section."""

    def get(key, *default):
        return cfg[name].get(key, *default) if default else cfg[name][key]

    return get


def dig(cfg, dotted):
    return reduce(lambda node, part: node[part], dotted.split("."), cfg)


def dpo(beta, smoothing, margin):
    z = beta * margin
    return -(1 - smoothing) * F.logsigmoid(z) - smoothing * F.logsigmoid(-z)


def ipo(tau, margin):
    return (margin - 1 / (2 * tau)).square()


def pick_loss(spec):
    match spec:
        case {"kind": "dpo", "beta": b}:
            return partial(dpo, b, spec.get("smoothing", 0.0))
        case {"kind": "ipo", "tau": t}:
            return partial(ipo, t)
        case {"kind": "hinge", "margin_scale": m}:
            return lambda margin: F.relu(1 - m * margin)
        case {"kind": other}:
            raise ValueError(f"unknown loss {other}")


def load_model(spec):
    repo, dtype = itemgetter("repo", "dtype")(spec)
    return AutoModelForCausalLM.from_pretrained(repo, torch_dtype=getattr(torch, dtype))


def reader(cfg, split):
    keep = cfg["data"]["fields"]
    path = dig(cfg, f"data.{split}.path")

    def rows():
        with open(path) as fh:
            yield from (tuple(json.loads(x)[k] for k in keep) for x in fh)

    return rows


def logp(model, tok, prompt, answer, caps):
    p, a = (
        tok(t, truncation=True, max_length=c, return_tensors="pt")["input_ids"]
        for t, c in zip((prompt, answer), caps)
    )
    ids = torch.cat([p, a], 1)
    lp = model(ids).logits[:, :-1].log_softmax(-1).gather(-1, ids[:, 1:, None])
    return lp[:, p.shape[1] - 1 :].sum()


def main(path="pref.yaml"):
    cfg = yaml.safe_load(open(path))
    optim, stop = section(cfg, "optim"), section(cfg, "stop")
    policy, ref = (load_model(s) for s in map(cfg.get, ("policy", "reference")))
    tok = AutoTokenizer.from_pretrained(dig(cfg, "policy.repo"))
    loss_fn = pick_loss(cfg["loss"])
    caps = list(cfg["limits"].values())
    opt = torch.optim.AdamW(
        policy.parameters(),
        **{k: cfg["optim"][k] for k in ("lr", "weight_decay")},
        betas=(optim("beta1", 0.9), 0.95),
    )
    accumulate = (lambda c: c["accumulate"])(cfg["optim"])
    train, dev = (reader(cfg, s) for s in ("train", "dev"))

    def margin(row):
        x, good, bad = row
        f = partial(logp, tok=tok, prompt=x, caps=caps)
        with torch.no_grad():
            base = f(ref, answer=good) - f(ref, answer=bad)
        return f(policy, answer=good) - f(policy, answer=bad) - base

    feed = itertools.cycle(train())
    for step in range(stop("steps")):
        for row in itertools.islice(feed, accumulate):
            (loss_fn(margin(row)) / accumulate).backward()
        if (clip := stop("grad_norm", None)) is not None:
            torch.nn.utils.clip_grad_norm_(policy.parameters(), clip)
        opt.step()
        opt.zero_grad()
        if step % 100 == 0:
            acc = [float(margin(r) > 0) for r in itertools.islice(dev(), 200)]
            print(step, sum(acc) / len(acc))


if __name__ == "__main__":
    main()
