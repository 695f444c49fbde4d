from pathlib import Path

import torch
import torch.nn.functional as F
import typer
from datasets import load_dataset
from transformers import AutoModelForCausalLM, AutoTokenizer

from distill.config import Checkpoint, Settings, load_settings

SAVE_EVERY = 1000
app = typer.Typer()


def load(ckpt: Checkpoint, device="cuda:0"):
    return AutoModelForCausalLM.from_pretrained(
        ckpt.repo,
        revision=ckpt.revision,
        load_in_8bit=ckpt.load_in_8bit,
        torch_dtype=ckpt.dtype,
    ).to(device)


def kd_loss(student_logits, teacher_logits, labels, kd):
    t = kd.temperature
    s = F.log_softmax(student_logits / t, -1)
    q = F.log_softmax(teacher_logits / t, -1)
    if kd.loss == "reverse_kl":
        soft = F.kl_div(q, s, log_target=True, reduction="batchmean")
    else:
        soft = F.kl_div(s, q, log_target=True, reduction="batchmean")
    hard = F.cross_entropy(student_logits.flatten(0, 1), labels.flatten())
    return kd.alpha * soft * t**2 + (1 - kd.alpha) * hard


def batches(cfg: Settings):
    c = cfg.corpus
    ds = load_dataset("parquet", data_files=c.shards, split="train", streaming=c.streaming)
    ds = ds.shuffle(seed=cfg.seed, buffer_size=c.shuffle_buffer)
    tok = AutoTokenizer.from_pretrained(cfg.student.repo)
    for row in ds:
        yield tok(row["text"], truncation=True, max_length=c.seq_len, return_tensors="pt")


@app.command()
def main(config: Path = Path("configs/distill.yaml"), device: str = "cuda:0"):
    cfg = load_settings(config)
    teacher = load(cfg.teacher, device).eval()
    student = load(cfg.student, device)
    student.config.attention_dropout = cfg.student.dropout

    oc = cfg.optimizer
    opt = torch.optim.AdamW(student.parameters(), lr=oc.lr, weight_decay=oc.weight_decay)
    sched = torch.optim.lr_scheduler.LambdaLR(
        opt, lambda i: min(1.0, (i + 1) / max(1, oc.warmup))
    )
    for step, batch in enumerate(batches(cfg)):
        if step >= oc.total_steps:
            break
        with torch.no_grad():
            ref = teacher(**batch).logits
        loss = kd_loss(student(**batch).logits, ref, batch["input_ids"], cfg.kd)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(student.parameters(), oc.grad_clip)
        opt.step(), sched.step(), opt.zero_grad()
        if step % SAVE_EVERY == 0:
            student.save_pretrained(f"ckpt/{cfg.run_name}/{step}")


if __name__ == "__main__":
    app()
