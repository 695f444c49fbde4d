import json
import sys

import torch
import torch.nn.functional as F
from transformers import AutoModelForCausalLM, AutoTokenizer

from conf import Conf


def load_lm(section, device="cuda:0"):
    lm = AutoModelForCausalLM.from_pretrained(section.name, revision=section["revision"])
    return lm.to(device)


def kd_loss(s_logits, t_logits, labels, cfg, kind="forward_kl"):
    tau = cfg.soften
    s = F.log_softmax(s_logits / tau, -1)
    t = F.log_softmax(t_logits / tau, -1)
    if kind == "reverse_kl":
        s, t = t, s
    kl = F.kl_div(s, t, log_target=True, reduction="batchmean") * tau**2
    ce = F.cross_entropy(s_logits.flatten(0, 1), labels.flatten(), ignore_index=-100)
    w = cfg.loss["alpha"]
    return w * kl + (1 - w) * ce


def batches(cfg, tok, n=8):
    gen = torch.Generator()
    rows = [json.loads(line) for line in open(cfg["data.file"])][: cfg["data.limit"]]
    while True:
        pick = torch.randint(len(rows), (n,), generator=gen).tolist()
        texts = [rows[i]["instruction"] + "\n" + rows[i]["output"] for i in pick]
        yield tok(texts, padding=True, truncation=True, max_length=cfg.data.max_len, return_tensors="pt")


def main():
    cfg = Conf.from_file(sys.argv[1])
    print(cfg)
    tok = AutoTokenizer.from_pretrained(cfg.student.name)
    teacher = load_lm(cfg.teacher, cfg.teacher.get("device", "cpu")).eval()
    student = load_lm(cfg["student"])
    if "freeze_embeddings" in cfg.student:
        student.get_input_embeddings().requires_grad_(False)

    opt = torch.optim.AdamW(student.parameters(), lr=cfg.peak_lr)
    steps, clip = cfg["optim.steps"], cfg.optim.get("grad_clip", 0.5)
    for step, batch in zip(range(steps), batches(cfg, tok)):
        for g in opt.param_groups:
            g["lr"] = cfg.peak_lr * min(1.0, (step + 1) / cfg.optim.warmup)
        with torch.no_grad():
            t_logits = teacher(**batch).logits
        s_logits = student(**batch).logits
        labels = batch["input_ids"].roll(-1, dims=1)
        loss = kd_loss(s_logits, t_logits, labels, cfg)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(student.parameters(), clip)
        opt.step()
        opt.zero_grad()
        if step % cfg.get("log_every", 50) == 0:
            print(step, float(loss))
    student.save_pretrained(cfg.output)


if __name__ == "__main__":
    main()
