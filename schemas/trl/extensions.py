"""Keys that the recipes of other projects add to TRL's: their scripts parse dataclasses of their own beside TRL's.

Read off the dataclasses at the newest revision of each project, and at the older ones that published recipes were written for.
"""

from __future__ import annotations

from confguard.words.typing import NamedTuple

Types = dict[str, str]
"""The type of each key, in the words of the release tables."""

GRPO, SFT, DPO = "trl-grpo", "trl-sft", "trl-dpo"


class Extension(NamedTuple):
    """A project, where it is, and its keys by the kind of file that they stand in."""

    project: str
    url: str
    releases: str
    """What the project pins, and the revision that says so."""
    keys: dict[str, Types]
    former: dict[str, Types]
    """Keys of older revisions, which the newest one refuses."""

    def keys_of(self, kind: str) -> Types:
        """The keys of a kind of file, the former ones too."""
        return {**self.former.get(kind, {}), **self.keys.get(kind, {})}


_OPEN_R1: Types = {
    "dataset_mixture": "dict | null",
    "benchmarks": "list[str]",
    "callbacks": "list[str]",
    "chat_template": "str | null",
    "system_prompt": "str | null",
    "hub_model_revision": "str | null",
    "overwrite_hub_revision": "bool",
    "push_to_hub_revision": "bool",
    "wandb_entity": "str | null",
    "wandb_project": "str | null",
    "wandb_run_group": "str | null",
}

_OPEN_R1_REWARDS: Types = {
    "reward_funcs": "list[str]",
    "cosine_min_value_wrong": "float",
    "cosine_max_value_wrong": "float",
    "cosine_min_value_correct": "float",
    "cosine_max_value_correct": "float",
    "cosine_max_len": "int",
    "repetition_n_grams": "int",
    "repetition_max_penalty": "float",
    "code_language": "one of python|javascript|r|java|bash|cpp",
    "code_eval_test_batch_size": "int",
    "code_eval_scoring_mode": "one of pass_fail|partial|weighted_sum",
    "parallel_code_exec_per_proc": "int",
    "dataset_prompt_column": "str",
    "e2b_router_url": "str | null",
    "morph_router_url": "str | null",
    "code_provider": "one of e2b|local|morph | null",
    "ioi_provider": "one of piston|morph | null",
    "max_completion_len": "int",
    "soft_punish_cache": "int",
    "num_completions_to_print": "int",
    "wandb_log_unique_prompts": "bool",
}

_OPEN_R1_PASS_RATE: Types = {
    "output_dataset_name": "str | null",
    "pass_rate_min": "float",
    "pass_rate_max": "float",
    "dataset_start_index": "int | null",
    "dataset_end_index": "int | null",
    "dataset_split": "str",
}
"""Of scripts/pass_rate_filtering, which reads a GRPO config."""

_HANDBOOK: Types = {"dataset_mixture": "dict | null", "chat_template": "str | null"}

_HANDBOOK_BEFORE: Types = {
    "dataset_mixer": "dict | null",
    "dataset_splits": "list[str] | null",
    "dataset_configs": "list[str] | null",
    "text_column": "str | null",
    "preprocessing_num_workers": "int | null",
    "truncation_side": "str | null",
    "auto_insert_empty_system_msg": "bool",
    "base_model_revision": "str | null",
    "model_code_revision": "str | null",
    "tokenizer_name_or_path": "str | null",
    "bnb_4bit_quant_storage": "str | null",
    "hub_model_revision": "str | null",
}
"""Of src/alignment/configs.py at 95dc472 (July 2024, trl>=0.9.6,<0.13.0), replaced by 19f0345 (July 2025)."""

EXTENSIONS = (
    Extension(
        "open-r1",
        "https://github.com/huggingface/open-r1/blob/1416fa0/src/open_r1/configs.py",
        "trl==0.18.0, transformers==4.52.3, peft>=0.14.0 (setup.py at 1416fa0)",
        {GRPO: {**_OPEN_R1, **_OPEN_R1_REWARDS, **_OPEN_R1_PASS_RATE}, SFT: _OPEN_R1},
        {},
    ),
    Extension(
        "alignment-handbook",
        "https://github.com/huggingface/alignment-handbook/blob/925acdf/src/alignment/configs.py",
        "trl>=0.19.1, transformers>=4.53.3, peft>=0.16.0 (setup.py at 925acdf)",
        {SFT: _HANDBOOK, DPO: _HANDBOOK},
        {SFT: _HANDBOOK_BEFORE, DPO: _HANDBOOK_BEFORE},
    ),
)
