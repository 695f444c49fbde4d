import argparse

import torch
import yaml
from transformers import AutoModelForCausalLM, AutoTokenizer

from schedules import build_schedules
from stages import Curriculum


def is_solved(text, target):
    try:
        return float(text.split("=")[-1]) == target
    except ValueError:
        return False


def lp(model, seqs):
    x = torch.log_softmax(model(seqs[:, :-1]).logits, -1)
    return x.gather(-1, seqs[:, 1:, None]).squeeze(-1).sum(-1)


def main(args):
    cfg = yaml.safe_load(open(args.config))
    sched = build_schedules(cfg["schedule"])
    cur = Curriculum(cfg["curriculum"])
    tok = AutoTokenizer.from_pretrained(cfg["policy"])
    net, ref = (AutoModelForCausalLM.from_pretrained(cfg["policy"]) for _ in range(2))
    opt = torch.optim.AdamW(net.parameters())
    prompts, samples = cfg["batch"].values()

    for it in range(cfg["iterations"]):
        for name, attr in (("lr", "lr"),):
            for group in opt.param_groups:
                group[attr] = sched[name](it)
        solved = 0
        for _ in range(prompts):
            text, target = cur.problem()
            ids = tok(text, return_tensors="pt").input_ids
            seqs = net.generate(ids, do_sample=True, temperature=sched["temperature"](it), num_return_sequences=samples, max_new_tokens=cur.stage.max_len)
            reward = torch.tensor([float(is_solved(t, target)) for t in tok.batch_decode(seqs)])
            solved += reward.mean().item()
            cur_lp = lp(net, seqs)
            kl = cur_lp - lp(ref, seqs).detach()
            loss = (-(reward - reward.mean()) * cur_lp + sched["kl"](it) * kl).mean()
            loss.backward()
        opt.step()
        opt.zero_grad()
        cur.update(solved / prompts)
        if it % cfg.get("save_every", 100) == 0:
            net.save_pretrained(f"{args.out}/{args.name}/{it}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--config", default="curriculum.yaml")
    parser.add_argument("--name", default="countdown")
    parser.add_argument("--metric", choices=["pass_rate", "mean_reward"])
    parser.add_argument("--out", default="out")
    main(parser.parse_args())
