"""GRPO with a reward of our own."""

from __future__ import annotations

import hydra
from datasets import load_dataset
from omegaconf import DictConfig
from team.reward import reward_of
from trl import GRPOConfig, GRPOTrainer


@hydra.main(version_base=None, config_path="../conf", config_name="config")
def main(cfg: DictConfig) -> None:
    train = cfg.train
    arguments = GRPOConfig(
        run_name=train.run_name,
        output_dir=cfg.run_dir,
        learning_rate=train.learning_rate,
        max_steps=train.max_steps,
        per_device_train_batch_size=train.per_device_train_batch_size,
        gradient_accumulation_steps=train.gradient_accumulation_steps,
        num_generations=train.num_generations,
        max_completion_length=train.max_completion_length,
        beta=train.beta,
        bf16=train.bf16,
        logging_steps=train.logging_steps,
        save_steps=train.save_steps,
        seed=cfg.seed,
    )
    rows = load_dataset(cfg.data.path, split=cfg.data.split).select(range(cfg.data.rows))
    GRPOTrainer(model=train.model_name_or_path, args=arguments, train_dataset=rows, reward_funcs=reward_of(train)).train()


if __name__ == "__main__":
    main()
