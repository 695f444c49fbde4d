"""Problems of several domains, mixed."""

from __future__ import annotations

import json
import random


class Batches:
    """Batches in which every domain has its share."""

    def __init__(self, path: str, ratios: dict[str, float], size: int) -> None:
        self.size = size
        self.ratios = ratios
        with open(path, encoding="utf-8") as file:
            self.rows = [json.loads(line) for line in file]

    def next(self) -> list[str]:
        found: list[str] = []
        for domain, ratio in self.ratios.items():
            rows = [row["problem"] for row in self.rows if row["domain"] == domain]
            found += random.sample(rows, round(ratio * self.size))
        return found
