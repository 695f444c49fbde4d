"""GRPO training of a policy that writes workflows."""

from __future__ import annotations

import argparse

import torch
import wandb
import yaml
from data import Batches
from executor import Executor
from peft import LoraConfig, get_peft_model
from reward import Reward
from rollout import Rollout, temperature_at
from transformers import AutoModelForCausalLM, AutoTokenizer


class GRPOTrainer:
    """The whole run, from the files to the last checkpoint."""

    def __init__(self, config_path: str) -> None:
        with open(config_path, encoding="utf-8") as file:
            self.config = yaml.safe_load(file)
        config = self.config
        self.device = torch.device(f"cuda:{config['device_mapping'][0]}")
        self.tokenizer = AutoTokenizer.from_pretrained(config["base_model"])
        self.model = self.load_model()
        self.optimizer = torch.optim.AdamW(
            self.model.parameters(), lr=config["learning_rate"], weight_decay=config.get("weight_decay", 0.01)
        )
        self.batches = Batches(config["train_dataset"], config["domain_ratios"], config["rollout_batch_size"])
        self.tests = Batches(config["test_dataset"], config["domain_ratios"], config["val_samples"])
        self.executor = Executor(config["aflow_config_path"], config["aflow_executor_model"], config["execution_timeout"])
        self.reward = Reward(config["reward_weights"])
        self.rollout = Rollout(self.model, self.tokenizer, config)
        self.experiences: list[dict] = []
        if config["wandb"]["enabled"]:
            wandb.init(project=config["wandb"]["project"], name=config["wandb"]["run_name"], config=config)

    def load_model(self):
        dtype = torch.bfloat16 if self.config.get("bf16") else torch.float16
        model = AutoModelForCausalLM.from_pretrained(self.config["base_model"], torch_dtype=dtype).to(self.device)
        if self.config["use_lora"]:
            lora = LoraConfig(
                r=self.config["lora_rank"],
                lora_alpha=self.config["lora_alpha"],
                lora_dropout=self.config["lora_dropout"],
                target_modules=self.config["lora_target_modules"].split(","),
                task_type="CAUSAL_LM",
            )
            model = get_peft_model(model, lora)
        return model

    def step(self, step: int):
        """One update of the policy."""
        group = self.config["num_return_sequences_in_group"]
        temperature = temperature_at(step, self.config)
        losses = []
        for problem in self.batches.next():
            workflows = self.rollout.sample(problem, group, temperature)
            scores = torch.tensor([self.reward.of(problem, self.executor.run(workflow, problem)) for workflow in workflows])
            self.remember(problem, workflows, scores)
            advantages = (scores - scores.mean()) / (scores.std() + 1e-8)
            losses.append(self.loss(workflows, advantages))
        loss = torch.stack(losses).mean() / self.config["gradient_accumulation_steps"]
        loss.backward()
        if (step + 1) % self.config["gradient_accumulation_steps"] == 0:
            torch.nn.utils.clip_grad_norm_(self.model.parameters(), self.config["max_grad_norm"])
            self.optimizer.step()
            self.optimizer.zero_grad()
        return loss.item()

    def loss(self, workflows, advantages):
        clip = self.config["clip_range"]
        ratio = torch.exp(self.rollout.log_probs(workflows) - self.rollout.old_log_probs(workflows))
        loss = -torch.min(ratio * advantages, torch.clamp(ratio, 1 - clip, 1 + clip) * advantages).mean()
        if self.config["use_kl_loss"]:
            loss = loss + self.config["kl_loss_coef"] * self.rollout.kl(workflows)
        return loss

    def remember(self, problem, workflows, scores) -> None:
        buffer = self.config["experience_buffer"]
        for workflow, score in zip(workflows, scores.tolist(), strict=True):
            if score >= buffer["reward_threshold"]:
                self.experiences.append({"problem": problem, "workflow": workflow})
        self.experiences = self.experiences[-buffer["buffer_size"] :]

    def evaluate(self) -> float:
        scores = []
        for problem in self.tests.next():
            workflow = self.rollout.sample(problem, 1, 0.0)[0]
            scores.append(self.reward.of(problem, self.executor.run(workflow, problem)))
        return sum(scores) / len(scores)

    def train(self) -> None:
        for step in range(self.config["max_steps"]):
            loss = self.step(step)
            if step % self.config["log_every"] == 0:
                wandb.log({"loss": loss}, step=step)
            if self.config["eval_every"] and step % self.config["eval_every"] == 0:
                wandb.log({"score": self.evaluate()}, step=step)
            if step % self.config["save_every"] == 0:
                self.model.save_pretrained(f"{self.config['output_dir']}/step-{step}")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--config", default="config/training.yaml")
    args = parser.parse_args()
    GRPOTrainer(args.config).train()


if __name__ == "__main__":
    main()
