import re


class RewardModel:
    def __init__(self, config):
        r = config.get("reward") or {}
        fmt = r.get("format", {})
        self.correct = r.get("correct", 1.0)
        self.wrong = r.get("wrong", 0.0)
        self.fmt_weight = fmt.get("weight", 0.0)
        self.fmt_re = re.compile(fmt.get("pattern", r".*"), re.S)
        lp = r.get("length_penalty", {})
        self.lp_start, self.lp_slope = lp.get("start", 4096), lp.get("coef", 0.0)

    def __call__(self, response, gold, n_tokens):
        score = self.correct if gold in response else self.wrong
        if self.fmt_re.search(response):
            score += self.fmt_weight
        slope = self.lp_slope
        return score - slope * max(0, n_tokens - self.lp_start)
