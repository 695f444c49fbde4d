import argparse

import torch
import torch.nn.functional as F
from datasets import load_dataset
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM, get_cosine_schedule_with_warmup

from losses import preference_loss, sequence_logps
from schema import RunConfig


def build_policy(p):
    model = AutoModelForCausalLM.from_pretrained(
        p.name_or_path,
        torch_dtype=getattr(torch, p.torch_dtype),
        attn_implementation=p.attn_implementation,
    )
    if p.gradient_checkpointing:
        model.gradient_checkpointing_enable()
    if p.lora is not None:
        print(f"LoRA scale {p.lora.scale:.2f}")
        model = get_peft_model(
            model,
            LoraConfig(
                r=p.lora.r,
                lora_alpha=p.lora.alpha,
                lora_dropout=p.lora.dropout,
                target_modules=list(p.lora.target_modules),
                bias="none",
            ),
        )
    return model


def build_data(d, prompt_len):
    ds = load_dataset("json", data_files=d.train_files, split="train")
    ds = ds.shuffle(seed=d.shuffle_seed)
    budget = d.max_length - prompt_len
    ds = ds.filter(lambda r: len(r["chosen"]) < 4 * budget, num_proc=4)
    n_eval = int(len(ds) * d.eval_fraction)
    return ds.select(range(n_eval, len(ds))), ds.select(range(n_eval))


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--config", default="dpo.yaml")
    ap.add_argument("--rpo-alpha", type=float, default=0.0, dest="rpo_alpha")
    args = ap.parse_args()

    cfg = RunConfig.from_yaml(args.config)
    policy = build_policy(cfg.policy)
    train, heldout = build_data(cfg.data, cfg.dpo.max_prompt_length)

    o = cfg.optim
    opt = torch.optim.AdamW(
        policy.parameters(), lr=o.lr, betas=tuple(o.betas), weight_decay=o.weight_decay
    )
    warm = int(o.warmup_ratio * o.total_steps)
    sched = get_cosine_schedule_with_warmup(opt, warm, o.total_steps)

    for step, row in zip(range(o.total_steps), train):
        chosen, rejected = sequence_logps(policy, row)
        loss = preference_loss(chosen, rejected, row, cfg.dpo)
        if args.rpo_alpha:
            loss = loss - args.rpo_alpha * chosen.mean()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(policy.parameters(), max_norm=1.0)
        opt.step()
        sched.step()
        opt.zero_grad()
    print("done", len(heldout))


if __name__ == "__main__":
    main()
