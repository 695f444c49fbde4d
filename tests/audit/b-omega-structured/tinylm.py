import torch.nn as nn


class Decoder(nn.Module):
    def __init__(self, vocab, width, depth, heads, theta=10000.0):
        super().__init__()
        self.embed = nn.Embedding(vocab, width)
        layer = nn.TransformerEncoderLayer(width, heads, 4 * width, batch_first=True)
        self.blocks = nn.TransformerEncoder(layer, depth)
        self.lm_head = nn.Linear(width, vocab, bias=False)
        self.theta = theta
        self.inv_freq = [theta ** (-2 * i / width) for i in range(width // 2)]

    def forward(self, ids):
        return self.lm_head(self.blocks(self.embed(ids)))
