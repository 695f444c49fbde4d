import math


class Linear:
    def __init__(self, start, end, steps):
        self.start, self.end, self.steps = start, end, steps

    @classmethod
    def from_section(cls, sec):
        return cls(sec["start"], sec["end"], sec["steps"])

    def __call__(self, it):
        frac = min(it / self.steps, 1.0)
        return self.start + frac * (self.end - self.start)


class Cosine(Linear):
    hold = 0

    def __call__(self, it):
        frac = min(max(it - self.hold, 0) / self.steps, 1.0)
        return self.end + 0.5 * (self.start - self.end) * (1 + math.cos(math.pi * frac))


class Constant:
    def __init__(self, value):
        self.value = value

    def __call__(self, it):
        return self.value


class WarmupLR:
    def __init__(self, peak, warmup=0, **extra):
        self.peak = peak
        self.warmup = warmup

    def __call__(self, it):
        return self.peak * min(1.0, (it + 1) / max(self.warmup, 1))


def build_schedules(schedule):
    temp = Linear.from_section(schedule["temperature"])
    kl_sec = schedule["kl"]
    kl = Linear.from_section(kl_sec) if kl_sec["enabled"] else Constant(kl_sec["start"])
    return {"temperature": temp, "kl": kl, "lr": WarmupLR(**schedule["lr"])}
