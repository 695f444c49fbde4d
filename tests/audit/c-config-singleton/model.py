import torch
import torch.nn.functional as F
from torch import nn

from config import CFG, HEAD_DIM

M = CFG.model


def rope_table(length=CFG.data.seq_len):
    inv = 1.0 / M.rope_theta ** (torch.arange(0, HEAD_DIM, 2) / HEAD_DIM)
    angles = torch.outer(torch.arange(length), inv)
    return angles.cos(), angles.sin()


def scaled_rope_table(length):
    cos, sin = rope_table(int(length / M.rope_scaling))
    return cos.repeat(2, 1), sin.repeat(2, 1)


def rotate(x, cos, sin):
    a, b = x.chunk(2, -1)
    return torch.cat([a * cos - b * sin, b * cos + a * sin], -1)


class Layer(nn.Module):
    def __init__(self):
        super().__init__()
        d = M.d_model
        self.norm = nn.RMSNorm(d)
        self.qkv = nn.Linear(d, 3 * d, bias=False)
        self.ffn = nn.Sequential(nn.RMSNorm(d), nn.Linear(d, M.ffn_mult * d), nn.SiLU(), nn.Linear(M.ffn_mult * d, d))
        self.qk_norm = nn.RMSNorm(HEAD_DIM) if M.qk_norm else nn.Identity()

    def forward(self, x, cos, sin):
        b, t, d = x.shape
        q, k, v = (z.view(b, t, -1, HEAD_DIM).transpose(1, 2) for z in self.qkv(self.norm(x)).chunk(3, -1))
        q, k = rotate(self.qk_norm(q), cos, sin), rotate(self.qk_norm(k), cos, sin)
        x = x + F.scaled_dot_product_attention(q, k, v, is_causal=True).transpose(1, 2).reshape(b, t, d)
        return x + self.ffn(x)


class LM(nn.Module):
    def __init__(self):
        super().__init__()
        vocab = getattr(CFG.data, "vocab_size", 50304)
        self.emb = nn.Embedding(vocab, M.d_model)
        self.layers = nn.ModuleList(Layer() for _ in range(M.n_layers))
        self.out = nn.Linear(M.d_model, vocab, bias=False)
        if M.tie_embeddings:
            self.out.weight = self.emb.weight

    def forward(self, ids):
        x, (cos, sin) = self.emb(ids), rope_table()
        for layer in self.layers:
            x = layer(x, cos.to(x), sin.to(x))
        return self.out(x)
