"""accelerate launch grpo.py --config recipes/grpo.yaml"""
import logging
from dataclasses import dataclass, field
from typing import Optional

from datasets import load_dataset
from transformers import AutoTokenizer
from transformers.trainer_utils import get_last_checkpoint
from trl import GRPOConfig, GRPOTrainer, ModelConfig, TrlParser, get_peft_config

from rewards import from_file

logger = logging.getLogger(__name__)


@dataclass
class MathScriptArguments:
    dataset_name: str = field(metadata={"help": "hub id"})
    reward_config: str = field(metadata={"help": "yaml with the reward mix"})
    dataset_split: str = field(default="train")
    dataset_seed: int = field(default=0)
    system_prompt: Optional[str] = field(default=None)
    max_prompt_tokens: int = field(default=512, metadata={"help": "drop longer prompts"})
    holdout: int = field(default=0)
    difficulty_column: Optional[str] = field(default=None)
    min_difficulty: int = field(default=2)


def to_chat(example, system_prompt):
    msgs = [{"role": "user", "content": example["problem"]}]
    if system_prompt:
        msgs.insert(0, {"role": "system", "content": system_prompt})
    return {"prompt": msgs, "solution": example["answer"]}


def main(script_args, training_args, model_args):
    script_args.dataset_seed = training_args.seed
    logger.info("script args: %s", script_args)

    tok = AutoTokenizer.from_pretrained(model_args.model_name_or_path, padding_side="left")
    ds = load_dataset(script_args.dataset_name, split=script_args.dataset_split)
    if (col := script_args.difficulty_column) is not None:
        ds = ds.filter(lambda r: r[col] >= script_args.min_difficulty)
    ds = ds.map(to_chat, fn_kwargs={"system_prompt": script_args.system_prompt})
    ds = ds.filter(lambda r: len(tok.apply_chat_template(r["prompt"])) <= 512)
    ds = ds.shuffle(seed=script_args.dataset_seed)
    train, held = ds, None
    if script_args.holdout > 0:
        parts = ds.train_test_split(test_size=script_args.holdout)
        train, held = parts["train"], parts["test"]

    fns, weights = from_file(script_args.reward_config)
    training_args.reward_weights = weights
    trainer = GRPOTrainer(
        model=model_args.model_name_or_path,
        args=training_args,
        reward_funcs=fns,
        train_dataset=train,
        eval_dataset=held,
        processing_class=tok,
        peft_config=get_peft_config(model_args),
    )
    trainer.train(resume_from_checkpoint=get_last_checkpoint(training_args.output_dir))
    trainer.save_model(training_args.output_dir)
    if training_args.push_to_hub:
        trainer.push_to_hub(dataset_name=script_args.dataset_name)


if __name__ == "__main__":
    parser = TrlParser((MathScriptArguments, GRPOConfig, ModelConfig))
    main(*parser.parse_args_and_config())
