import torch.nn as nn


class MultiTask(nn.Module):
    def __init__(self, vocab, shape, tasks, pad_id):
        super().__init__()
        w = shape["width"]
        self.embed = nn.Embedding(vocab, w, padding_idx=pad_id)
        layer = nn.TransformerEncoderLayer(w, shape.get("heads", 8), batch_first=True)
        self.body = nn.TransformerEncoder(layer, shape["depth"])
        self.heads = nn.ModuleDict({t["name"]: nn.Linear(w, len(t["labels"])) for t in tasks})

    def forward(self, ids, name):
        return self.heads[name](self.body(self.embed(ids)).mean(1))
