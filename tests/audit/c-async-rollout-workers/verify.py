import functools


def sympy_check(text, gold):
    from sympy import simplify, sympify
    return float(simplify(sympify(text.split("####")[-1]) - sympify(gold)) == 0)


def string_check(text, gold):
    return float(text.strip().endswith(gold))


CHECKS = {"sympy": sympy_check, "string": string_check}


def score(reward, text, gold):
    try:
        value = CHECKS[reward["verifier"]](text, gold)
    except (ValueError, TypeError):
        value = reward.get("on_error", -0.5)
    low, high = reward["clip"]
    return min(max(value, low), high)


def scorer(cfg):
    return functools.partial(score, cfg["reward"])
