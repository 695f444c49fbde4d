import json
import sys

import torch
import yaml
from torch.utils.data import DataLoader
from transformers import AutoModelForCausalLM, AutoTokenizer, get_linear_schedule_with_warmup

from kto.loss import kto_loss
from kto.opts import ema, save_interval, section, warmup_steps, workers


def seq_logp(model, enc):
    lp = torch.log_softmax(model(**enc).logits[:, :-1], -1)
    return (lp.gather(-1, enc.input_ids[:, 1:, None]).squeeze(-1) * enc.attention_mask[:, 1:]).sum(-1)


def read_rows(data):
    path = data.get("file") or "data/default.jsonl"
    with open(path) as fh:
        return [json.loads(l) for l in fh]


def main(path):
    cfg = yaml.safe_load(open(path)) or {}
    run, data = cfg["run"], cfg["data"]
    dtype = getattr(torch, cfg.get("dtype") or "float32")
    ref_name = cfg["ref_model"] if cfg.get("ref_model") is not None else cfg["model"]
    model = AutoModelForCausalLM.from_pretrained(cfg["model"], torch_dtype=dtype).cuda()
    ref = AutoModelForCausalLM.from_pretrained(ref_name, torch_dtype=dtype).cuda().eval()
    tok = AutoTokenizer.from_pretrained(cfg["model"])

    with section(cfg, "optim") as o:
        opt = torch.optim.AdamW(model.parameters(), lr=o["lr"], eps=o["eps"], weight_decay=o.get("weight_decay") or 0.1)
    sched = get_linear_schedule_with_warmup(opt, warmup_steps(cfg), run["steps"])
    with section(cfg, "kto") as k:
        weights = dict(beta=k["beta"], w_pos=k["desirable_weight"], w_neg=k["undesirable_weight"])

    if "profile" in run:
        torch.cuda.memory._record_memory_history()
    if (ckpt := run.get("resume")) is not None:
        model.load_state_dict(torch.load(ckpt))
    shadow = {n: p.clone() for n, p in model.named_parameters()} if ema(run) else None

    loader = DataLoader(read_rows(data), batch_size=run.get("batch") or 4, num_workers=workers(data), drop_last=True)
    every, max_len = save_interval(run), data.get("max_len", 2048)
    for step, rows in zip(range(run["steps"]), loader):
        enc = tok(rows["text"], truncation=True, max_length=max_len, padding=True, return_tensors="pt").to("cuda")
        with torch.no_grad():
            ref_lp = seq_logp(ref, enc)
        pi = seq_logp(model, enc)
        loss = kto_loss(pi, ref_lp, (pi - ref_lp).detach().mean(), rows["label"].cuda(), **weights)
        (loss / (run.get("accumulate") or 1)).backward()
        if run.get("clip_norm", 0.5):
            torch.nn.utils.clip_grad_norm_(model.parameters(), run.get("clip_norm", 0.5))
        opt.step(), sched.step(), opt.zero_grad()
        if shadow:
            for n, p in model.named_parameters():
                shadow[n].lerp_(p.detach(), 1 - ema(run))
        if step % every == 0:
            model.save_pretrained(f"{run['out']}/{step}")
            print(step, loss.item(), "val:", cfg["data"]["val_file"])


if __name__ == "__main__":
    main(sys.argv[1])
