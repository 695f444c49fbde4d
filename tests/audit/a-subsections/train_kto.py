import sys
from pathlib import Path

import torch
from transformers import get_scheduler

from kto import modeling, settings
from kto.data import KTOData


def logp(model, ids, start):
    lp = model(ids).logits[:, :-1].log_softmax(-1).gather(-1, ids[:, 1:, None]).squeeze(-1)
    return lp[:, start - 1 :].sum()


def main(path):
    tok, policy, ref = modeling.build(path)
    data = KTOData(path, tok)
    loss_cfg, (opt_cfg, sched_cfg) = settings.training(path)
    target, stamp = settings.output(path).values()
    w_good, w_bad = loss_cfg["weights"]
    beta = loss_cfg["beta"]

    opt = torch.optim.AdamW(policy.parameters(), lr=opt_cfg["lr"])
    steps = opt_cfg["steps"]
    sched = get_scheduler(sched_cfg["shape"], opt, int(steps * sched_cfg["warmup"]), steps)
    save_dir, every = Path(target["dir"]) / stamp, target["every"]

    for step in range(1, steps + 1):
        for prompt, completion, good in data.sample(opt_cfg["batch"]):
            ids, start = data.encode(prompt, completion)
            with torch.no_grad():
                base = logp(ref, ids, start)
            margin = beta * (logp(policy, ids, start) - base)
            loss = w_good * (1 - margin.sigmoid()) if good else w_bad * (1 - (-margin).sigmoid())
            loss.backward()
        torch.nn.utils.clip_grad_norm_(policy.parameters(), opt_cfg.get("clip") or 1.0)
        opt.step()
        sched.step()
        opt.zero_grad()
        if step % every == 0:
            policy.save_pretrained(save_dir / str(step))
            print(step, len(data.dev))


if __name__ == "__main__":
    main(sys.argv[1])
