import json
import random

import torch

from .settings import data_section, split_files


class KTOData:
    def __init__(self, path, tok):
        section = data_section(path)
        train, dev = split_files(section)
        self.cols = section["columns"]
        (self.max_prompt, self.max_total), self.tok = section["lengths"], tok
        self.train, self.dev = self._rows(train), self._rows(dev)

    def _rows(self, file, shuffle=True):
        c = self.cols
        rows = [json.loads(x) for x in open(file)]
        if shuffle:
            random.shuffle(rows)
        return [(r[c["prompt"]], r[c["completion"]], bool(r[c["label"]])) for r in rows]

    def encode(self, prompt, completion):
        p = self.tok(prompt)["input_ids"][-self.max_prompt :]
        full = (p + self.tok(completion)["input_ids"])[: self.max_total]
        return torch.tensor([full]), len(p)

    def sample(self, n):
        return random.sample(self.train, n)
