import torch
from torch import nn
from transformers import AutoModel


class RewardModel(nn.Module):
    def __init__(self, backbone, head_dropout=0.0, freeze=0):
        super().__init__()
        self.body = AutoModel.from_pretrained(backbone)
        hidden = self.body.config.hidden_size
        self.head = nn.Sequential(nn.Dropout(head_dropout), nn.Linear(hidden, 1))
        for layer in self.body.layers[:freeze]:
            layer.requires_grad_(False)

    def forward(self, input_ids, attention_mask):
        h = self.body(input_ids, attention_mask=attention_mask).last_hidden_state
        last = attention_mask.sum(1) - 1
        return self.head(h[torch.arange(len(h)), last]).squeeze(-1)

    @classmethod
    def from_config(cls, c):
        return cls(c["backbone"], freeze=c["freeze_layers"])
