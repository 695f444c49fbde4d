import random
from collections import Counter

METRICS = {}


def register(name):
    def wrap(fn):
        METRICS[name] = fn
        return fn
    return wrap


@register("exact_match")
def exact_match(pred, gold, **_):
    return float(pred.strip().lower() == gold.strip().lower())


@register("token_f1")
def token_f1(pred, gold, weight=1.0):
    common = sum((Counter(pred.split()) & Counter(gold.split())).values())
    return weight * 2 * common / max(len(pred.split()) + len(gold.split()), 1)


def bootstrap_stderr(values, iters=1000):
    means = [sum(random.choices(values, k=len(values))) / len(values) for _ in range(iters)]
    mu = sum(means) / iters
    return (sum((m - mu) ** 2 for m in means) / iters) ** 0.5
