import json
import random

from torch.utils.data import DataLoader, Dataset
from torch.utils.data.distributed import DistributedSampler


class PairDataset(Dataset):
    def __init__(self, path):
        with open(path) as f:
            self.rows = [json.loads(l) for l in f]

    def __len__(self):
        return len(self.rows)

    def __getitem__(self, i):
        r = self.rows[i]
        return r["prompt"] + r["chosen"], r["prompt"] + r["rejected"]


class Collate:
    def __init__(self, tok, cfg):
        self.tok = tok
        self.max_length = cfg["model"]["max_length"]
        self.swap_prob = cfg["data"]["swap_prob"]

    def __call__(self, pairs):
        texts = [t for p in pairs for t in p]
        return self.tok(texts, padding=True, truncation=True, max_length=self.max_length, return_tensors="pt")

    def augment(self, pair):
        return pair[::-1] if random.random() < self.swap_prob else pair


def loaders(cfg, tok, rank, world_size):
    out = {}
    for split in ("train", "eval"):
        ds = PairDataset(cfg["data"][f"{split}_path"])
        sampler = DistributedSampler(ds, num_replicas=world_size, rank=rank)
        out[split] = DataLoader(ds, batch_size=cfg["train"]["batch_size"], sampler=sampler,
                                collate_fn=Collate(tok, cfg), num_workers=cfg["data"]["num_workers"])
    return out
