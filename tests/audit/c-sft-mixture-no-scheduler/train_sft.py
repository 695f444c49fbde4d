import dataclasses
import sys
from dataclasses import dataclass
from pathlib import Path

import torch
import yaml
from accelerate import Accelerator
from transformers import AutoModelForCausalLM, AutoTokenizer, set_seed

from sft.mixing import build_mixture, pack
from sft.optim import build_optimizer


@dataclass
class LoopArgs:
    epochs: int
    micro_batch_size: int
    accumulate: int = 1
    log_every: int = 50
    save_total_limit: int = 2
    grad_clip: float = 1.0
    resume_from: str = ""

    @classmethod
    def from_dict(cls, d):
        names = {f.name for f in dataclasses.fields(cls)}
        return cls(**{k: v for k, v in d.items() if k in names})


def train(cfg):
    loop = LoopArgs.from_dict(cfg["loop"])
    set_seed(cfg["seed"])
    acc = Accelerator(gradient_accumulation_steps=loop.accumulate)
    m = cfg["model"]
    tok = AutoTokenizer.from_pretrained(m["name"])
    model = AutoModelForCausalLM.from_pretrained(
        m["name"], attn_implementation="flash_attention_2" if m["use_flash_attn"] else "sdpa"
    )
    splits = build_mixture(cfg["data"], cfg["seed"])
    tokenized = splits["train"].map(lambda r: tok(r["text"], truncation=True, max_length=m["max_seq_len"]))
    if cfg["data"]["packing"]:
        rows = list(pack(tokenized, m["max_seq_len"]))
    else:
        rows = tokenized["input_ids"]
    loader = torch.utils.data.DataLoader(rows, batch_size=loop.micro_batch_size, shuffle=True)
    optimizer = build_optimizer(model, cfg["optimizer"])
    model, optimizer, loader = acc.prepare(model, optimizer, loader)

    out = Path("runs") / cfg["run"]
    step, warmup_steps = 0, 0
    for epoch in range(loop.epochs):
        for ids in loader:
            with acc.accumulate(model):
                loss = model(input_ids=ids, labels=ids).loss
                acc.backward(loss)
                if acc.sync_gradients:
                    acc.clip_grad_norm_(model.parameters(), loop.grad_clip)
                optimizer.step()
                optimizer.zero_grad()
            step += 1
            if step > warmup_steps and step % loop.log_every == 0:
                acc.print(f"epoch {epoch} step {step} loss {loss.item():.4f}")
        acc.unwrap_model(model).save_pretrained(out / f"epoch{epoch}")


if __name__ == "__main__":
    train(yaml.safe_load(Path(sys.argv[1]).read_text()))
