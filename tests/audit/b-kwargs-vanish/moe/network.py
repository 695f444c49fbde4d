import torch
import torch.nn as nn


class Router(nn.Module):
    def __init__(self, width, experts, top_k=1, **kw):
        super().__init__()
        self.gate = nn.Linear(width, experts, bias=False)
        self.k = top_k
        self.jitter = kw.get("jitter", 0.0)

    def forward(self, x):
        if self.training and self.jitter:
            x = x * torch.empty_like(x).uniform_(1 - self.jitter, 1 + self.jitter)
        p = self.gate(x).softmax(-1)
        return p.topk(self.k, -1)


class Block(nn.Module):
    def __init__(self, d_model, n_heads, experts, norm_eps=1e-5, **routing):
        super().__init__()
        self.ln = nn.LayerNorm(d_model, eps=norm_eps)
        self.attn = nn.MultiheadAttention(d_model, n_heads, batch_first=True)
        self.router = Router(d_model, experts, **routing)
        self.ffn = nn.ModuleList(nn.Linear(d_model, d_model) for _ in range(experts))

    def forward(self, x):
        h = self.ln(x)
        x = x + self.attn(h, h, h, need_weights=False)[0]
        w, ix = self.router(x)
        y = torch.stack([f(x) for f in self.ffn], -2)
        return x + (w[..., None] * y.gather(-2, ix[..., None].expand(*ix.shape, x.shape[-1]))).sum(-2)


def make_network(vocab, n_layers, **kwargs):
    coef = kwargs.pop("aux_loss_coef")
    net = nn.Sequential(
        nn.Embedding(vocab, kwargs["d_model"]),
        *[Block(**kwargs) for _ in range(n_layers)],
        nn.Linear(kwargs["d_model"], vocab),
    )
    return net, coef
