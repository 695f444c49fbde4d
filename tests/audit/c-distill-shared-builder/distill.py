import os

import fire
import torch
import yaml
from datasets import load_dataset
from transformers import AutoTokenizer

from losses import LOSSES
from models import build, set_dropout


def step_loss(batch, models, d):
    with torch.no_grad():
        t_logits = models["teacher"](**batch).logits
    out = models["student"](**batch, labels=batch["input_ids"])
    soft = LOSSES[d["loss"]](out.logits, t_logits, d["temperature"])
    return d["alpha"] * soft + (1 - d["alpha"]) * out.loss


def main(config: str, workdir: str = "runs/kd", dropout: float = None):
    with open(config) as fh:
        cfg = yaml.load(fh, Loader=yaml.FullLoader)
    world = int(os.environ.get("WORLD_SIZE", "1"))
    t = cfg["train"]
    t["batch_size"] = t["global_batch_size"] // world
    torch.manual_seed(t["seed"])

    models = {}
    for role in ("teacher", "student"):
        models[role] = build(cfg[role])
    models["teacher"].eval().requires_grad_(False)
    set_dropout(models["student"], dropout if dropout is not None else cfg["student"]["dropout"])

    tok = AutoTokenizer.from_pretrained(cfg["student"]["name"])
    ds = load_dataset(t["dataset"], split="train")
    ds = ds.map(lambda r: tok(r["text"], truncation=True, max_length=t["max_length"]))
    loader = torch.utils.data.DataLoader(ds.with_format("torch"), batch_size=t["batch_size"], shuffle=True)
    trainable = [p for p in models["student"].parameters() if p.requires_grad]
    opt = torch.optim.AdamW(trainable, lr=t["lr"], betas=tuple(t.get("betas", [0.9, 0.999])))

    for epoch in range(t["epochs"]):
        for i, batch in enumerate(loader):
            loss = step_loss(batch, models, cfg["distill"])
            loss.backward()
            opt.step()
            opt.zero_grad()
            if i % t.get("log_every", 25) == 0:
                print(f"epoch={epoch} step={i} loss={loss.item():.4f} T={cfg['distill']['temperature']}")
    models["student"].save_pretrained(workdir)


if __name__ == "__main__":
    fire.Fire(main)
