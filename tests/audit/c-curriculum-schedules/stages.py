import random
from collections import deque
from dataclasses import dataclass


@dataclass(frozen=True)
class Stage:
    name: str
    numbers: int
    max_len: int
    promote_at: float
    demote_at: float = 0.0


class Curriculum:
    def __init__(self, sec):
        self.stages = [Stage(**s) for s in sec["stages"]]
        self.history = deque(maxlen=sec["window"])
        self.frozen = not sec["enabled"]
        self.patience = sec.get("patience", 3)
        self.index = self.good = 0

    @property
    def stage(self):
        return self.stages[self.index]

    def update(self, pass_rate):
        self.history.append(pass_rate)
        mean = sum(self.history) / len(self.history)
        if self.frozen:
            return
        self.good = self.good + 1 if mean >= self.stage.promote_at else 0
        if self.good >= self.patience and self.index + 1 < len(self.stages):
            self.index += 1
            self.good = 0
            self.history.clear()
            print(f"promoted to {self.stage.name}")

    def problem(self):
        nums = [random.randint(1, 99) for _ in range(self.stage.numbers)]
        target = sum(random.sample(nums, 2))
        return f"Using {nums}, make {target}.", target
