"""DPO with the config that it is started with."""

from datasets import load_dataset
from trl import DPOConfig, DPOTrainer, ModelConfig, ScriptArguments, TrlParser


def main(script: ScriptArguments, training: DPOConfig, model: ModelConfig) -> None:
    rows = load_dataset(script.dataset_name, split=script.dataset_train_split)
    DPOTrainer(model=model.model_name_or_path, args=training, train_dataset=rows).train()


if __name__ == "__main__":
    main(*TrlParser((ScriptArguments, DPOConfig, ModelConfig)).parse_args_and_config())
