import json
import random
import sys

import torch
import yaml
from transformers import AutoTokenizer, HfArgumentParser, set_seed

from rm.arguments import LoopArguments, ModelArguments, PairArguments, SamplerArguments
from rm.model import RewardModel


def load_pairs(path, pargs):
    rows = [json.loads(x) for x in open(path)]
    if pargs.drop_ties:
        rows = [r for r in rows if r["chosen"] != r["rejected"]]
    col = pargs.margin_column
    for r in rows:
        r["margin"] = float(r.get(col, 0.0)) if col else 0.0
    return rows


def accuracy(model, encode, rows):
    hits = [model(**encode([r["chosen"]])) > model(**encode([r["rejected"]])) for r in rows]
    return sum(map(float, hits)) / len(hits)


def main():
    parser = HfArgumentParser((ModelArguments, PairArguments))
    margs, pargs = parser.parse_yaml_file("cfg/rm_8b.yaml", allow_extra_keys=True)

    raw = yaml.safe_load(open("cfg/schedule.yaml"))
    print("logging:", raw["logging"])
    (loop,) = HfArgumentParser(LoopArguments).parse_dict(raw["loop"], allow_extra_keys=True)
    samp = HfArgumentParser(SamplerArguments).parse_dict(raw["loop"], allow_extra_keys=True)[0]

    set_seed(loop.seed)
    rng = random.Random(samp.seed)
    tok = AutoTokenizer.from_pretrained(margs.base_model)
    model = RewardModel(margs).cuda()

    def encode(texts):
        return tok(texts, truncation=True, max_length=pargs.max_length, padding=True,
                   return_tensors="pt").to("cuda")

    train = load_pairs(pargs.train_file, pargs)
    dev = load_pairs(pargs.eval_file, pargs) if pargs.eval_file else []
    if samp.group_by_length:
        train.sort(key=lambda r: len(r["chosen"]))
    opt = torch.optim.AdamW(model.parameters(), lr=loop.lr)
    best, patience, step = 0.0, 3, 0
    for _ in range(loop.epochs):
        starts = list(range(0, len(train), loop.micro()))
        rng.shuffle(starts)
        for s in starts:
            rows = train[s : s + loop.micro()]
            a = model(**encode([r["chosen"] for r in rows]))
            b = model(**encode([r["rejected"] for r in rows]))
            gap = a - b - torch.tensor([r["margin"] for r in rows]).cuda()
            loss = -torch.nn.functional.logsigmoid(gap).mean()
            loss = loss + pargs.center_coefficient * (a + b).pow(2).mean()
            (loss / loop.grad_accum).backward()
            step += 1
            if step % loop.grad_accum == 0:
                opt.step()
                opt.zero_grad()
            if dev and step % loop.eval_every == 0:
                acc = accuracy(model, encode, dev)
                patience = 3 if acc > best else patience - 1
                best = max(best, acc)
                if patience == 0:
                    return


if __name__ == "__main__":
    main()
