import json

from torch.utils.data import DataLoader


def build_loader(path="data/math_train.jsonl", name="math", samples=None):
    rows = [json.loads(x) for x in open(path)][:samples]
    print(f"{name}: {len(rows)} rows")
    return DataLoader(rows, batch_size=16, shuffle=True)


def build_update():
    from actor import Actor

    return Actor().update
