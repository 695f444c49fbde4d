import time

import torch
import yaml
from datasets import load_dataset
from transformers import AutoModelForCausalLM, AutoTokenizer, BitsAndBytesConfig, set_seed
from trl import DPOConfig, DPOTrainer

from cli import merge, parse


def get_model(path, cfg):
    quant = BitsAndBytesConfig(load_in_4bit=True) if cfg["model"]["load_in_4bit"] else None
    return AutoModelForCausalLM.from_pretrained(path, quantization_config=quant, torch_dtype=torch.bfloat16)


def main():
    args = parse()
    with open(args.config) as f:
        cfg = merge(yaml.safe_load(f), args)

    cfg["run_name"] = f"{cfg['run_name']}-{time.strftime('%m%d-%H%M')}"
    cfg["runtime"]["num_proc"] = 1
    set_seed(cfg["seed"])

    path = cfg["model"]["path"]
    model, tok = get_model(path, cfg), AutoTokenizer.from_pretrained(path)
    ref = get_model(cfg["model"]["ref_path"] or path, cfg)

    ds = load_dataset(cfg["data"]["name"], split=cfg["data"]["split"])
    if cfg["runtime"]["debug"]:
        ds = ds.select(range(64))
    elif "limit" in cfg["data"]:
        ds = ds.select(range(cfg["data"]["limit"]))
    ds = ds.filter(lambda r: r["chosen"] != r["rejected"], num_proc=cfg["runtime"]["num_proc"])

    o = cfg["optim"]
    targs = DPOConfig(
        output_dir=cfg["output_dir"],
        run_name=cfg["run_name"],
        learning_rate=o["lr"],
        num_train_epochs=o["epochs"],
        per_device_train_batch_size=o["batch_size"],
        gradient_accumulation_steps=o["accumulate"],
        warmup_ratio=o.get("warmup_ratio", 0.05),
        lr_scheduler_type=args.scheduler,
        beta=cfg["dpo"]["beta"],
        loss_type=cfg["dpo"]["loss_type"],
        label_smoothing=cfg["dpo"].get("label_smoothing", 0.0),
        max_length=cfg["data"]["max_length"],
        bf16=True,
        report_to=["wandb"] if cfg["wandb"]["enabled"] else [],
    )
    DPOTrainer(model, ref, args=targs, train_dataset=ds, processing_class=tok).train()


if __name__ == "__main__":
    main()
