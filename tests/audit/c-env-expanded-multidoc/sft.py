import os

import torch
import wandb
from accelerate import Accelerator
from accelerate.utils import DeepSpeedPlugin
from datasets import load_dataset
from torch.utils.data import DataLoader
from transformers import AutoModelForCausalLM, AutoTokenizer, get_scheduler

from loading import load_cluster, load_run

DTYPES = {"bf16": torch.bfloat16, "fp16": torch.float16, "fp32": torch.float32}


def deepspeed(zero, accumulation):
    return DeepSpeedPlugin(
        zero_stage=zero["stage"],
        gradient_accumulation_steps=accumulation,
        offload_optimizer_device=zero["offload"],
        zero3_init_flag=zero["stage"] == 3,
    )


def main():
    run, site = load_run("run.yaml"), load_cluster()
    world = site["nodes"] * site["gpus_per_node"]
    b = site["batch"]
    accumulation = b["global"] // (b["per_gpu"] * world)
    acc = Accelerator(deepspeed_plugin=deepspeed(site["zero"], accumulation), log_with="wandb")
    if acc.is_main_process:
        wandb.init(project=run["logging"]["project"], name=run["experiment"], config={**run, **site})

    m, o = run["model"], run["optim"]
    torch.manual_seed(int(os.environ.get("SEED", 0)))
    tok = AutoTokenizer.from_pretrained(m["path"])
    model = AutoModelForCausalLM.from_pretrained(m["path"], revision=m["revision"], torch_dtype=DTYPES[m["dtype"]])
    files = {"train": run["data"]["train"], "test": run["data"]["holdout"]}
    ds = load_dataset("parquet", data_files=files).map(lambda r: tok(r["text"], truncation=True, max_length=m.get("max_length", 4096)))
    train = DataLoader(ds["train"].with_format("torch"), batch_size=b["per_gpu"], shuffle=True)
    test = DataLoader(ds["test"].with_format("torch"), batch_size=b["per_gpu"])

    opt = torch.optim.AdamW(model.parameters(), lr=o["lr"], weight_decay=o.get("weight_decay", 0.0))
    total = len(train) // accumulation
    sched = get_scheduler("linear", opt, num_warmup_steps=int(o["warmup_ratio"] * total), num_training_steps=total)
    model, opt, train, test, sched = acc.prepare(model, opt, train, test, sched)
    for step, batch in enumerate(train):
        with acc.accumulate(model):
            loss = model(**batch, labels=batch["input_ids"]).loss
            acc.backward(loss)
            opt.step(), sched.step(), opt.zero_grad()
        if step % run["logging"]["every"] == 0:
            acc.log({"loss": loss.item()}, step=step)
    with torch.no_grad():
        acc.print("holdout", sum(model(**x, labels=x["input_ids"]).loss.item() for x in test) / len(test))


if __name__ == "__main__":
    main()
