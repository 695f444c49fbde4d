import random
import re
from math import comb


def canonical(s):
    return re.sub(r"[\s$,]", "", s.lower())


def pass_at_k(n, c, k):
    return 1.0 if n - c < k else 1.0 - comb(n - c, k) / comb(n, k)


def score(samples, gold, scoring):
    norm = canonical if scoring["normalize"] else str.strip
    c = sum(norm(s) == norm(gold) for s in samples)
    return {k: pass_at_k(len(samples), c, k) for k in scoring["pass_at"]}


def interval(values, scoring):
    """Percentile interval by resampling."""
    draws = [
        sum(random.choices(values, k=len(values))) / len(values)
        for _ in range(scoring["bootstrap"])
    ]
    draws.sort()
    return draws[int(0.025 * len(draws))], draws[int(0.975 * len(draws))]
