import re


def correct(text, gold):
    m = re.search(r"\\boxed\{(.+?)\}", text)
    return float(bool(m) and m.group(1) == gold)


def fmt(text, gold):
    return float(text.count("\\boxed") == 1)


def length(text, gold):
    return len(text) / 1000


FUNCS = {"correct": correct, "format": fmt, "length": length}


class Mixture:
    def __init__(self, weights):
        self.parts = [(FUNCS[name], w) for name, w in weights.items()]

    def __call__(self, text, gold):
        return sum(w * f(text, gold) for f, w in self.parts)
