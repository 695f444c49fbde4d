import argparse
import json
import random

import torch
import torch.nn.functional as F
from transformers import AutoModelForCausalLM, AutoModelForSequenceClassification, AutoTokenizer

from confdict import Strict, load

JUDGE_DEFAULTS = {"batch": 8, "max_len": 1024, "device": "cuda:1"}


class Judge:
    def __init__(self, spec):
        spec = {**JUDGE_DEFAULTS, **spec}
        self.tok = AutoTokenizer.from_pretrained(spec["id"])
        self.net = AutoModelForSequenceClassification.from_pretrained(spec["id"])
        self.net.to(spec["device"])
        self.batch = spec["batch"]

    @torch.no_grad()
    def __call__(self, texts):
        out = []
        for i in range(0, len(texts), self.batch):
            enc = self.tok(texts[i : i + self.batch], return_tensors="pt", padding=True)
            out.append(self.net(**enc).logits[:, 0])
        return torch.cat(out)


def generate(model, tok, prompts, s):
    enc = tok(prompts, return_tensors="pt", padding=True)
    return model.generate(
        **enc,
        do_sample=True,
        temperature=s["temperature"],
        top_p=s["top_p"],
        num_return_sequences=s["n"],
        max_new_tokens=s["max_tokens"],
    )


def logps(model, ids):
    lp = model(ids).logits[:, :-1].log_softmax(-1)
    return lp.gather(-1, ids[:, 1:, None]).sum((1, 2))


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--config", default="online_dpo.yaml")
    ap.add_argument("--clip", type=float, default=0.5)
    ap.add_argument("--temperature", type=float)
    args = ap.parse_args()

    cfg = load(args.config)
    tc = cfg.train
    if tc.pop("dry_run", False):
        tc.update(steps=2, batch=2)
    tc.setdefault("pairs_per_prompt", 1)
    tc.update({"log_every": 10})

    sampling = cfg.sampling | {"top_p": 1.0}
    if args.temperature is not None:
        sampling["temperature"] = args.temperature
    probe = Strict({"n": 1, "max_tokens": 128, "every": 50} | cfg["eval"])
    probe_args = {**sampling, "temperature": probe.temperature, "n": probe.n}

    tok = AutoTokenizer.from_pretrained(cfg.model.id, model_max_length=cfg.model.max_len)
    policy = AutoModelForCausalLM.from_pretrained(cfg.model.id, torch_dtype=cfg.model.dtype)
    ref = AutoModelForCausalLM.from_pretrained(cfg.model.id, torch_dtype=cfg.model.dtype)
    judge = Judge(cfg.judge)
    frozen = cfg.clone()
    frozen.launched_with = vars(args)

    prompts = [json.loads(x)[cfg.data.column] for x in open(cfg.data.path)]
    random.Random(cfg.data.seed).shuffle(prompts)
    held, prompts = prompts[: probe.batch], prompts[probe.batch :]
    opt = torch.optim.RMSprop(policy.parameters(), lr=tc.lr)
    for step in range(tc.steps):
        batch = random.sample(prompts, tc.batch)
        for _ in range(tc["pairs_per_prompt"]):
            ids = generate(policy, tok, batch, sampling)
            r = judge(tok.batch_decode(ids)).view(len(batch), -1)
            pair = ids.view(len(batch), r.shape[1], -1)
            best, worst = (pair[torch.arange(len(batch)), k] for k in (r.argmax(1), r.argmin(1)))
            d = logps(policy, best) - logps(policy, worst)
            with torch.no_grad():
                d0 = logps(ref, best) - logps(ref, worst)
            loss = -F.logsigmoid(tc.beta * (d - d0)).mean()
            loss.backward()
        torch.nn.utils.clip_grad_norm_(policy.parameters(), args.clip)
        opt.step()
        opt.zero_grad()
        if step % tc.log_every == 0:
            print(step, loss.item(), r.mean().item())
        if step % probe.every == 0:
            out = generate(policy, tok, held, probe_args)
            print("held-out", judge(tok.batch_decode(out)).mean().item())
    with open("used_config.json", "w") as f:
        json.dump(frozen, f)


if __name__ == "__main__":
    main()
