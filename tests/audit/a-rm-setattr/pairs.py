import json
import random

from torch.utils.data import DataLoader, Dataset


class PairDataset(Dataset):
    def __init__(self, path, tokenizer, max_length=512, swap_prob=0.0):
        self.rows = [json.loads(line) for line in open(path)]
        self.tok, self.max_length, self.swap_prob = tokenizer, max_length, swap_prob

    def __len__(self):
        return len(self.rows)

    def __getitem__(self, i):
        a, b, sign = self.rows[i]["chosen"], self.rows[i]["rejected"], 1.0
        if random.random() < self.swap_prob:
            a, b, sign = b, a, -1.0
        enc = [self.tok(t, truncation=True, max_length=self.max_length, padding="max_length", return_tensors="pt")
               for t in (a, b)]
        return enc[0], enc[1], sign


def loader(path, tok, batch_size, **kw):
    return DataLoader(PairDataset(path, tok, **kw), batch_size=batch_size, shuffle=True)
