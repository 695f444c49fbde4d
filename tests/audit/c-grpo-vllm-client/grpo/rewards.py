import re

ANSWER = re.compile(r"\\boxed\{([^}]*)\}")


def correct(completion, gold):
    m = ANSWER.search(completion)
    return float(m is not None and m.group(1).strip() == gold)


def format(completion, gold):
    return float(completion.count("<think>") == 1 and completion.count("</think>") == 1)


def length(completion, gold):
    return -min(len(completion) / 4000, 1.0)


FUNCS = {f.__name__: f for f in (correct, format, length)}


def combine(weights):
    active = [(FUNCS[name], w) for name, w in weights.items() if w]

    def total(completion, gold):
        return sum(w * fn(completion, gold) for fn, w in active)

    return total
