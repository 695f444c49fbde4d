import argparse
import json

import torch
import wandb
import yaml
from transformers import AutoModel, AutoTokenizer

import tracking


class PRM(torch.nn.Module):
    def __init__(self, encoder, head_dim):
        super().__init__()
        self.encoder = AutoModel.from_pretrained(encoder)
        width = self.encoder.config.hidden_size
        self.head = torch.nn.Sequential(
            torch.nn.Linear(width, head_dim), torch.nn.GELU(), torch.nn.Linear(head_dim, 1)
        )

    def forward(self, ids):
        return self.head(self.encoder(ids).last_hidden_state).squeeze(-1)


def encode(tok, row, marker, max_len, label_mode="hard"):
    ids, labels = [], []
    for text, good in zip(row["steps"], row["labels"]):
        piece = tok(text + marker)["input_ids"]
        ids += piece
        labels += [-1.0] * (len(piece) - 1) + [float(good) if label_mode == "soft" else float(good > 0.5)]
    return torch.tensor([ids[:max_len]]), torch.tensor([labels[:max_len]])


def run(cfg):
    writer = tracking.start(cfg)
    m, t = cfg["model"], cfg["train"]
    marker = m["step_token"]
    tok = AutoTokenizer.from_pretrained(m["encoder"])
    model = PRM(m["encoder"], m["head_dim"])
    tracking.summary(cfg, model)
    opt = torch.optim.AdamW(model.parameters(), lr=t["lr"])
    rows = [json.loads(line) for line in open(cfg["data"]["path"])]
    wandb.log({"lr": t["lr"], "min_lr": t["min_lr"], "rows": len(rows)})
    batch_size = t["batch_size"]
    group = cfg["group"]
    writer.add_text("config", json.dumps(cfg, indent=2))

    step = 0
    for _ in range(t["epochs"]):
        for row in rows:
            ids, labels = encode(tok, row, marker, cfg["data"]["max_len"])
            mask = labels >= 0
            loss = torch.nn.functional.binary_cross_entropy_with_logits(model(ids)[mask], labels[mask])
            loss.backward()
            step += 1
            if step % batch_size == 0:
                opt.step()
                opt.zero_grad()
            if step % cfg["log"].get("interval", 10) == 0:
                writer.add_scalar("loss", loss.item(), step)
    wandb.finish()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("config")
    parser.add_argument("--watch", default="all")
    args = parser.parse_args()
    with open(args.config) as stream:
        config = yaml.load(stream, Loader=yaml.SafeLoader)
    config["started_by"] = args.watch
    run(config)
