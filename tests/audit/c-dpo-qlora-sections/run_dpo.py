#!/usr/bin/env python
import argparse
import datetime as dt
import logging

import yaml
from datasets import load_dataset
from trl import DPOConfig, DPOTrainer

from modeling import load, lora_config

log = logging.getLogger("dpo")


def prefs(spec, split, tok):
    ds = load_dataset(spec["repo"], split=spec[f"{split}_split"])
    if split == "train" and spec["max_samples"]:
        ds = ds.shuffle(seed=0).select(range(spec["max_samples"]))

    def to_text(row):
        return {
            "prompt": row["prompt"],
            "chosen": tok.apply_chat_template(row["chosen"][1:], tokenize=False),
            "rejected": tok.apply_chat_template(row["rejected"][1:], tokenize=False),
        }

    return ds.map(to_text, num_proc=4, remove_columns=ds.column_names)


def main(argv=None):
    ap = argparse.ArgumentParser(description=__doc__)
    ap.add_argument("-c", "--config", required=True)
    ap.add_argument("--seed", type=int, default=42)
    ap.add_argument("--lr", type=float)
    ap.add_argument("--resume", action="store_true")
    args = ap.parse_args(argv)

    cfg = yaml.safe_load(open(args.config))
    log.info("config:\n%s", yaml.dump(cfg))
    targs = cfg["trainer"]
    targs["seed"] = args.seed
    if args.lr is not None:
        targs["learning_rate"] = args.lr
    targs["run_name"] = f"dpo-{dt.date.today():%m%d}"

    model, tok = load(cfg)
    d = cfg["dpo"]
    training = DPOConfig(
        beta=d["beta"],
        loss_type=d["loss_type"],
        max_length=d["max_length"],
        max_prompt_length=min(d["max_prompt_length"], d["max_length"] // 2),
        precompute_ref_log_probs=d.get("precompute_ref", False),
        save_steps=targs.pop("save_steps", 200),
        **targs,
    )
    trainer = DPOTrainer(
        model,
        ref_model=None,
        args=training,
        train_dataset=prefs(cfg["dataset"], "train", tok),
        eval_dataset=prefs(cfg["dataset"], "eval", tok),
        processing_class=tok,
        peft_config=lora_config(cfg["lora"]),
    )
    trainer.train(resume_from_checkpoint=args.resume)
    trainer.save_model(cfg["trainer"]["output_dir"])


if __name__ == "__main__":
    main()
