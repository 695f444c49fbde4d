import re

import torch


def score(texts):
    """Cheap stand-in for the reward service: politeness minus repetition."""
    out = []
    for t in texts:
        words = t.lower().split()
        polite = len(re.findall(r"\b(please|thanks|sorry)\b", t.lower()))
        out.append(0.2 * polite - (1 - len(set(words)) / max(len(words), 1)))
    return torch.tensor(out)
