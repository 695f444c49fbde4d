import argparse
import json

import yaml
from lm_eval import simple_evaluate
from lm_eval.models.huggingface import HFLM


def parse():
    parser = argparse.ArgumentParser()
    parser.add_argument("checkpoint")
    parser.add_argument("--out-dir", required=True)
    parser.add_argument("--limit", type=int)
    parser.add_argument("--batch-size", type=int, dest="batch_size")
    parser.add_argument("--tasks", nargs="+")
    with open("config/harness.yaml") as f:
        doc = yaml.safe_load(f)
    parser.set_defaults(**doc["suite"])
    return parser.parse_args(), doc["report"]


def main():
    args, report = parse()
    lm = HFLM(pretrained=args.checkpoint, batch_size=args.batch_size)
    res = simple_evaluate(
        lm,
        tasks=args.tasks,
        limit=args.limit,
        num_fewshot=args.num_fewshot,
        bootstrap_iters=getattr(args, "bootstrap_iters", 1000),
    )["results"]
    fmt = f"%.{report['digits']}f"
    table = {t: fmt % v[f"{args.metric},none"] for t, v in res.items()}
    with open(f"{args.out_dir}/summary.json", "w") as f:
        json.dump(table, f)


if __name__ == "__main__":
    main()
