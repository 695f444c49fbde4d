import math

import torch
import torch.nn as nn

from nanolm.conf import get, pick, require


class Rotary(nn.Module):
    def __init__(self, dim, theta):
        super().__init__()
        inv = 1.0 / theta ** (torch.arange(0, dim, 2).float() / dim)
        self.register_buffer("inv", inv)

    def forward(self, x):
        t = torch.arange(x.size(1), device=x.device).float()
        f = torch.outer(t, self.inv)
        a, b = x.chunk(2, dim=-1)
        return torch.cat([a * f.cos() - b * f.sin(), b * f.cos() + a * f.sin()], -1)


class GPT(nn.Module):
    def __init__(self, cfg):
        super().__init__()
        vocab, depth, heads, width = pick(cfg, "arch", "vocab_size", "n_layer", "n_head", "n_embd")
        self.block_size = require(cfg, "arch.block_size")
        self.wte = nn.Embedding(vocab, width)
        self.rot = Rotary(width, get(cfg, "arch.rope.theta", 10000.0))
        self.drop = nn.Dropout(get(cfg, "arch.dropout", 0.1))
        layer = nn.TransformerEncoderLayer(width, heads, 4 * width, norm_first=True, bias=get(cfg, "arch.bias", True))
        self.blocks = nn.TransformerEncoder(layer, depth)
        self.head = nn.Linear(width, vocab, bias=False)
        std = 0.02 / math.sqrt(2 * depth)
        for p in self.blocks.parameters():
            if p.dim() > 1:
                nn.init.normal_(p, std=std)

    def forward(self, idx):
        x = self.rot(self.drop(self.wte(idx[:, -self.block_size:])))
        mask = nn.Transformer.generate_square_subsequent_mask(x.size(1))
        return self.head(self.blocks(x, mask=mask))
