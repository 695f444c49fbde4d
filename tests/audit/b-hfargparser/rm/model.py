import torch
import torch.nn as nn
from transformers import AutoModel


class RewardModel(nn.Module):
    def __init__(self, args):
        super().__init__()
        dtype = torch.bfloat16 if args.bf16 else torch.float32
        self.body = AutoModel.from_pretrained(args.base_model, torch_dtype=dtype)
        self.drop = nn.Dropout(args.head_dropout)
        self.head = nn.Linear(self.body.config.hidden_size, 1)
        self.pool = args.pooling
        for layer in self.body.layers[: args.freeze_layers]:
            layer.requires_grad_(False)

    def forward(self, input_ids, attention_mask):
        h = self.body(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
        if self.pool == "mean":
            m = attention_mask[..., None]
            h = (h * m).sum(1) / m.sum(1)
        else:
            h = h[:, -1]
        return self.head(self.drop(h)).squeeze(-1)
