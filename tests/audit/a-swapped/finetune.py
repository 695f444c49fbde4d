from datasets import load_dataset
from transformers import set_seed
from trl import SFTConfig, SFTTrainer

from tune import build, io


def arguments(hparams, spec):
    schedule = hparams.get("schedule", {})
    batch = hparams["batch"]
    return SFTConfig(
        output_dir=hparams["output"],
        learning_rate=hparams["lr"],
        num_train_epochs=hparams["epochs"],
        per_device_train_batch_size=batch["size"],
        gradient_accumulation_steps=batch["accumulate"],
        lr_scheduler_type=schedule.get("kind", "linear"),
        warmup_ratio=schedule.get("warmup", 0.0),
        max_length=spec["tokenizer"]["max_length"],
        bf16=spec["precision"] == "bf16",
        eval_steps=hparams["eval"]["steps"],
        save_steps=spec["save_steps"],
    )


def main():
    model_cfg, train_cfg = io.load("model"), io.load("train")
    set_seed(train_cfg["seed"])
    tok = build.tokenizer(model_cfg)
    lm = build.model(model_cfg, train_cfg)
    ds = load_dataset("json", data_files="data/dolly.jsonl", split="train").train_test_split(0.02, seed=0)
    trainer = SFTTrainer(
        model=lm,
        args=arguments(train_cfg, model_cfg),
        train_dataset=ds["train"],
        eval_dataset=ds["test"],
        processing_class=tok,
    )
    trainer.train()
    trainer.save_model(train_cfg["output"])


if __name__ == "__main__":
    main()
