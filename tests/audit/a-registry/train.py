import json
import sys
from pathlib import Path

import yaml
from datasets import load_dataset
from transformers import AutoModelForCausalLM, AutoTokenizer

from builders.callbacks import CALLBACKS
from builders.losses import make_loss
from builders.optim import OPTIMIZERS, SCHEDULERS

READERS = {
    "jsonl": lambda d: [json.loads(x) for x in Path(d["path"]).open()],
    "hub": lambda d: load_dataset(d["path"], streaming=False, split="train"),
}
BASE = "Qwen/Qwen2.5-1.5B"


def mean_logp(model, tok, text):
    ids = tok(text, return_tensors="pt")["input_ids"]
    return model(ids).logits[:, :-1].log_softmax(-1).gather(-1, ids[:, 1:, None]).mean()


def main(path):
    conf = yaml.safe_load(Path(path).read_text())
    model, tok = AutoModelForCausalLM.from_pretrained(BASE), AutoTokenizer.from_pretrained(BASE)
    opt_cfg, sch = conf["optimizer"], conf["scheduler"]
    opt = OPTIMIZERS[opt_cfg["name"]](model.parameters(), opt_cfg)
    sched = SCHEDULERS[sch["name"]](opt, **sch["args"])
    loss_fn = make_loss(conf["loss"])
    rows = READERS[conf["data"]["kind"]](conf["data"])
    hooks = [CALLBACKS[name](conf[name]) for name in conf["callbacks"]]
    for step in range(1, conf.get("max_steps", 10000)):
        row = rows[step % len(rows)]
        loss = loss_fn(mean_logp(model, tok, row["chosen"]["text"]), mean_logp(model, tok, row["rejected"]["text"]))
        loss.backward()
        opt.step()
        sched.step()
        opt.zero_grad()
        for hook in hooks:
            hook.on_step(step, model)


if __name__ == "__main__":
    main(sys.argv[1])
