import torch.nn as nn
import torch.nn.functional as F


class GPT(nn.Module):
    def __init__(self, hp):
        super().__init__()
        self.tok = nn.Embedding(getattr(hp, "vocab_size", 50304), hp.n_embd)
        self.pos = nn.Embedding(hp.block_size, hp.n_embd)
        self.layers = nn.ModuleList(
            nn.TransformerEncoderLayer(
                hp.n_embd, hp.n_head, 4 * hp.n_embd, dropout=hp.dropout, batch_first=True, bias=True
            )
            for _ in range(hp.n_layer)
        )
        self.out = nn.Linear(hp.n_embd, self.tok.num_embeddings, bias=False)

    def forward(self, x, y=None):
        h = self.tok(x) + self.pos.weight[: x.shape[1]]
        for layer in self.layers:
            h = layer(h)
        logits = self.out(h)
        return logits, None if y is None else F.cross_entropy(logits.flatten(0, 1), y.flatten())
