import math
import re

import yaml
from math_verify import parse, verify


def accuracy(opts):
    credit = opts["partial_credit"]

    def fn(completions, solution, **kwargs):
        out = []
        for c, gold in zip(completions, solution):
            text = c[0]["content"]
            if verify(parse(gold), parse(text), timeout_seconds=3):
                out.append(1.0)
            else:
                out.append(credit if "\\boxed" in text else 0.0)
        return out

    return fn


def well_formed(opts):
    rx = re.compile(opts["pattern"], re.S)

    def fn(completions, **kwargs):
        return [1.0 if rx.match(c[0]["content"]) else 0.0 for c in completions]

    return fn


def length(opts):
    target, slack = opts["target"], opts.get("slack", 200)

    def fn(completions, **kwargs):
        excess = [max(0, len(c[0]["content"].split()) - target) for c in completions]
        return [-math.tanh(e / slack) for e in excess]

    return fn


BUILDERS = {"accuracy": accuracy, "format": well_formed, "length": length}


def from_file(path):
    with open(path) as f:
        spec = yaml.safe_load(f)
    fns, weights = [], []
    for name, w in spec["weights"].items():
        if w == 0:
            continue
        fns.append(BUILDERS[name](spec.get(name, {})))
        weights.append(w)
    return fns, weights
