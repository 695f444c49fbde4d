"""The release tables: what is known of the releases, row by row, and the installed libraries where there are any."""

from __future__ import annotations

import importlib
from importlib import import_module
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from real_trios import mismatched_values, mismatches, real, real_values

from confguard.schemas.releases import table
from confguard.schemas.releases.make import CLASSES, text
from confguard.schemas.releases.table import (
    BASE,
    REQUIRED,
    TRAINING,
    UNKNOWN,
    Field,
    Step,
    fields,
    histories,
    history,
    known,
    lifetime,
    members,
    names,
    newest,
    owner_of,
    releases,
)
from confguard.words.target import PACKAGES, Target, minor

FOLDER = Path(table.__file__).parent
NEVER: Any = "no such field"
GRPO, RLOO, SFT, DPO, KTO, REWARD = TRAINING
ALL_FIELDS = [(owner, name) for classes in CLASSES.values() for owner in classes for name in names(owner)]

# Defaults that changed in silence: the class, the field, what it was, what it is, and the release that changed it.
DRIFTS = [
    (GRPO, "beta", 0.04, 0.0, "0.19"),
    (GRPO, "loss_type", "bnpo", "dapo", "0.22"),
    (GRPO, "max_completion_length", 256, 512, "1.10"),
    (RLOO, "max_completion_length", 256, 512, "1.10"),
    (GRPO, "per_device_train_batch_size", 1, NEVER, "0.15"),
    (GRPO, "gradient_accumulation_steps", 8, NEVER, "0.15"),
    (GRPO, "temperature", 0.9, 1.0, "0.18"),
    (GRPO, "top_k", 50, None, "0.18"),
    (GRPO, "top_k", None, 0, "0.27"),
    (GRPO, "vllm_mode", "server", "colocate", "1.0"),
    (RLOO, "vllm_mode", "server", "colocate", "1.0"),
    (GRPO, "use_bias_correction_kl", False, True, "1.10"),
    (GRPO, "max_prompt_length", 512, None, "0.26"),
    (GRPO, "max_prompt_length", None, NEVER, "0.28"),
    *((owner, "bf16", NEVER, None, "0.19") for owner in TRAINING),
    *((owner, "gradient_checkpointing", NEVER, True, "0.22") for owner in TRAINING),
    *((owner, "logging_steps", NEVER, 10, "0.19") for owner in TRAINING),
    ("ModelConfig", "dtype", None, "float32", "0.27"),
    (DPO, "max_length", None, 1024, "0.14"),
    (DPO, "max_prompt_length", None, 512, "0.14"),
    (DPO, "truncation_mode", "keep_end", "keep_start", "0.29"),
    (SFT, "max_seq_length", None, 1024, "0.15"),
    (SFT, "max_length", NEVER, 1024, "0.16"),
    (SFT, "packing_strategy", "ffd", "bfd", "0.20"),
    (BASE, "report_to", None, "none", "5.0"),
    # and the next ones
    (SFT, "average_tokens_across_devices", NEVER, True, "0.19"),
    (BASE, "average_tokens_across_devices", False, True, "4.54"),
    (BASE, "optim", "adamw_torch", UNKNOWN, "4.54"),
    (GRPO, "vllm_importance_sampling_cap", 2.0, 3.0, "0.26"),
    (GRPO, "ref_model_mixup_alpha", 0.9, 0.6, "0.16"),
    (GRPO, "ref_model_sync_steps", 64, 512, "0.16"),
    (GRPO, "router_aux_loss_coef", 0.001, None, "1.14"),
    (DPO, "f_alpha_divergence_coef", 1.0, 0.5, "0.29"),
    (GRPO, "pad_to_multiple_of", None, "auto", "1.16"),
]

# Renames and removals: the class, the old name and its life, the new name and its life. A life from the oldest release on began there or before.
RENAMES = [
    (GRPO, "use_liger_loss", ("0.17", "0.28"), "use_liger_kernel", ("0.29", None)),
    (GRPO, "wandb_log_unique_prompts", ("0.17", "0.27"), "log_unique_prompts", ("0.26", None)),
    (GRPO, "vllm_guided_decoding_regex", ("0.16", "0.28"), "vllm_structured_outputs_regex", ("0.27", None)),
    (GRPO, "max_prompt_length", ("0.14", "0.28"), None, None),
    (GRPO, "vllm_device", ("0.14", "0.18"), None, None),
    (GRPO, "vllm_max_model_len", ("0.15", "0.18"), "vllm_max_model_length", ("0.26", None)),
    (GRPO, "vllm_importance_sampling_cap", ("0.23", None), "vllm_importance_sampling_clip_max", ("1.6", None)),
    (GRPO, "use_transformers_paged", ("0.20", None), "use_transformers_continuous_batching", ("1.7", None)),
    (SFT, "max_seq_length", ("0.12", "0.20"), "max_length", ("0.16", None)),
    (SFT, "use_liger", ("0.12", "0.18"), None, None),
    (SFT, "chars_per_token", ("0.12", "0.18"), None, None),
    (DPO, "max_target_length", ("0.12", "0.14"), "max_completion_length", ("0.12", "0.29")),
    (DPO, "use_num_logits_to_keep", ("0.13", "0.17"), "use_logits_to_keep", ("0.15", "0.29")),
    (DPO, "padding_value", ("0.12", "0.26"), None, None),
    (DPO, "rpo_alpha", ("0.12", "0.29"), None, None),
    (RLOO, "rloo_k", ("0.12", "0.25"), "num_generations", ("0.22", None)),
    (RLOO, "cliprange", ("0.12", "0.25"), "epsilon", ("0.22", None)),
    (RLOO, "kl_coef", ("0.12", "0.25"), "beta", ("0.22", None)),
    (RLOO, "num_ppo_epochs", ("0.12", "0.25"), "num_iterations", ("0.22", None)),
    (RLOO, "response_length", ("0.12", "0.25"), "max_completion_length", ("0.22", None)),
    ("ModelConfig", "torch_dtype", ("0.12", "0.27"), "dtype", ("0.23", None)),
    ("ModelConfig", "trust_remote_code", ("0.12", "1.7"), None, None),
    ("ScriptArguments", "gradient_checkpointing_use_reentrant", ("0.12", "0.27"), None, None),
    (BASE, "evaluation_strategy", ("4.46", "4.51"), "eval_strategy", ("4.46", None)),
    (BASE, "dispatch_batches", ("4.46", "4.51"), "accelerator_config", ("4.46", None)),
    (BASE, "use_ipex", ("4.46", "4.57"), None, None),
    (BASE, "no_cuda", ("4.46", "5.0"), "use_cpu", ("4.46", None)),
    (BASE, "overwrite_output_dir", ("4.46", "5.0"), None, None),
    (BASE, "group_by_length", ("4.46", "5.2"), "train_sampling_strategy", ("5.2", None)),
    (BASE, "warmup_ratio", ("4.46", "5.15"), "warmup_steps", ("4.46", None)),
    (BASE, "logging_dir", ("4.46", "5.15"), None, None),
    (BASE, "gradient_checkpointing", ("4.46", None), "activation_checkpointing", ("5.23", None)),
]

# What a field is at a target: TRL, transformers, PEFT, the class, the field, and its owner, type and default.
NOTHING = (None, None, None)
AT = [
    ("0.15.2", "4.48.3", "0.14.0", GRPO, "beta", GRPO, "float", 0.04),
    ("0.15.2", "4.48.3", "0.14.0", GRPO, "max_prompt_length", GRPO, "int | null", 512),
    ("0.15.2", "4.48.3", "0.14.0", GRPO, "logging_steps", BASE, "float", 500),
    ("1.16.0", "4.48.3", "0.14.0", GRPO, "logging_steps", GRPO, "float", 10),
    ("0.15.2", "4.48.3", "0.14.0", GRPO, "evaluation_strategy", BASE, "enum epoch|no|steps | null", None),
    ("0.15.2", "4.51.0", "0.14.0", GRPO, "evaluation_strategy", *NOTHING),
    ("0.15.2", "4.48.3", "0.14.0", GRPO, "output_dir", BASE, "str", REQUIRED),
    ("0.15.2", "4.46.0", "0.14.0", GRPO, "save_strategy", BASE, "enum epoch|no|steps", "steps"),
    ("0.15.2", "4.48.3", "0.14.0", GRPO, "save_strategy", BASE, "enum best|epoch|no|steps", "steps"),
    ("1.16.0", "5.23.0", "0.21.2", GRPO, "max_prompt_length", *NOTHING),
    ("1.16.0", "5.23.0", "0.21.2", GRPO, "evaluation_strategy", *NOTHING),
    ("1.16.0", "5.23.0", "0.21.2", GRPO, "optim_target_modules", BASE, "str | list[str] | null", None),
    ("1.16.0", "5.23.0", "0.21.2", GRPO, "report_to", BASE, "str | list[str] | null", "none"),
    ("1.16.0", "5.23.0", "0.21.2", SFT, "loss_type", SFT, "one of nll|dft|chunked_nll", "nll"),
    ("1.16.0", "5.23.0", "0.21.2", DPO, "loss_type", DPO, "list[str]", ["sigmoid"]),
    ("1.16.0", "5.23.0", "0.21.2", KTO, "loss_type", KTO, "one of kto|apo_zero_unpaired", "kto"),
    ("0.26.2", "4.56.2", "0.18.1", KTO, "desirable_weight", KTO, "float", 1.0),
    ("0.24.0", "4.56.2", "0.18.1", DPO, "f_divergence_type", DPO, "enum alpha_divergence|js_divergence|reverse_kl", "reverse_kl"),
    ("1.16.0", "5.23.0", "0.21.2", "ModelConfig", "dtype", "ModelConfig", "one of auto|bfloat16|float16|float32 | null", "float32"),
    ("1.16.0", "5.23.0", "0.21.2", "ModelConfig", "logging_steps", *NOTHING),
    ("1.16.0", "5.23.0", "0.21.2", "GRPOScriptArguments", "dataset_name", "GRPOScriptArguments", "str | null", None),
    ("1.16.0", "5.23.0", "0.21.2", "DatasetMixtureConfig", "datasets", "DatasetMixtureConfig", "list[any]", []),
    ("1.16.0", "5.23.0", "0.21.2", "LoraConfig", "r", "LoraConfig", "int", 8),
    ("1.16.0", "5.23.0", "0.21.2", "LoraConfig", "bias", "LoraConfig", "one of none|all|lora_only", "none"),
    ("1.16.0", "5.23.0", "0.21.2", "LoraConfig", "init_lora_weights", "LoraConfig", "bool | str", True),
    ("1.16.0", "5.23.0", "0.21.2", "LoraConfig", "runtime_config", "LoraConfig", "any", UNKNOWN),
    ("1.16.0", "5.23.0", "0.16.0", "LoraConfig", "target_parameters", *NOTHING),
    ("0.13.0", "4.46.3", "0.13.2", GRPO, "beta", *NOTHING),
    ("0.13.0", "4.46.3", "0.13.2", GRPO, "learning_rate", *NOTHING),  # no class, so not even what it would inherit
    ("0.11.4", "4.46.3", "0.13.2", SFT, "learning_rate", *NOTHING),
    ("0.12.2", "4.45.0", "0.13.2", SFT, "learning_rate", *NOTHING),  # of half of its fields nothing is known
    ("0.21.0", "4.55.0", "0.17.1", "DatasetMixtureConfig", "datasets", *NOTHING),
]

# The minor in the tables that stands for a release.
KNOWN = [
    ("trl", "1.16.0", "1.16"),
    ("trl", "1.16", "1.16"),
    ("trl", "0.15.0", "0.15"),
    ("trl", "99.0", newest().trl.rpartition(".")[0]),
    ("trl", "1.17.0.dev0", "1.16"),
    ("transformers", "4.99.0", "4.57"),
    ("trl", "0.11.4", None),
    ("peft", "0.12.0", None),
    ("peft", "newest", None),
]


def default_at(owner: str, name: str, since: str) -> Any:
    """The default of a class's own field from one release on."""
    step = next((step for step in reversed(history(owner, name)) if minor(step.since) <= minor(since)), None)
    return NEVER if step is None or step.type is None else step.default


def before(owner: str, since: str) -> str:
    """The sampled release before another."""
    found = [release for release in releases(table.package_of(owner)) if minor(release) < minor(since)]
    return found[-1]


@pytest.mark.parametrize(("owner", "name", "was", "now", "since"), DRIFTS, ids=lambda value: str(value))
def test_a_default_changed(owner: str, name: str, was: Any, now: Any, since: str) -> None:
    assert default_at(owner, name, before(owner, since)) == was
    assert default_at(owner, name, since) == now
    assert type(default_at(owner, name, since)) is type(now)


@pytest.mark.parametrize(("owner", "old", "life", "new", "its_life"), RENAMES, ids=lambda value: str(value))
def test_a_name_has_a_lifetime(owner: str, old: str, life: Any, new: str | None, its_life: Any) -> None:
    assert lifetime(owner, old) == life
    if new is not None:
        assert lifetime(owner, new) == its_life


@pytest.mark.parametrize(
    ("trl", "transformers", "peft", "class_name", "name", "owner", "type_", "default"), AT, ids=lambda value: str(value)
)
def test_a_field_at_a_target(
    trl: str, transformers: str, peft: str, class_name: str, name: str, owner: str | None, type_: str | None, default: Any
) -> None:
    target = Target(trl, transformers, peft)
    wanted = None if owner is None else Field(name, owner, table.package_of(owner), str(type_), default)
    assert fields(class_name, target).get(name) == wanted
    assert owner_of(class_name, name, target) == owner


@pytest.mark.parametrize(("package", "version", "sampled"), KNOWN, ids=lambda value: str(value))
def test_a_release_falls_into_a_sampled_one(package: str, version: str, sampled: str | None) -> None:
    assert known(package, version) == sampled


def test_a_target_without_words_is_the_newest() -> None:
    for class_name in (*TRAINING, BASE, "LoraConfig"):
        assert fields(class_name, Target()) == fields(class_name, newest()) != {}


def test_a_class_of_no_table_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(KeyError):
        fields("PPOConfig", newest())


def gone(owner: str, since: str) -> list[str]:
    return [name for name in names(owner) if history(owner, name)[-1] == Step(since, None)]


def test_removals_at_once() -> None:
    assert len(gone(DPO, "0.29")) == 13
    assert len(gone(BASE, "5.0")) == 25  # and `_n_gpu`, which was no argument


def test_lora_has_only_gained_fields() -> None:
    for name in names("LoraConfig"):
        steps = history("LoraConfig", name)
        assert len({repr(step.default) for step in steps}) == 1
        assert all(step.type for step in steps)


def test_histories_are_in_order_and_every_step_is_a_change() -> None:
    for owner, name in ALL_FIELDS:
        steps = history(owner, name)
        order = [minor(step.since) for step in steps]
        assert order == sorted(set(order)), (owner, name)
        assert all(known(table.package_of(owner), step.since) == step.since for step in steps), (owner, name)
        assert steps[0].type is not None, (owner, name)
        assert all(repr(one[1:]) != repr(following[1:]) for one, following in pairwise(steps)), (owner, name)


def test_types_are_words_that_the_module_lists() -> None:
    plain = {"int", "float", "str", "bool", "dict", "any", "null", *(f"list[{word}]" for word in ("int", "float", "str", "dict", "any"))}
    for owner, name in ALL_FIELDS:
        for step in history(owner, name):
            for word in (step.type or "any").split(" | "):
                assert word in plain or word.startswith(("one of ", "enum ")), (owner, name, word)
                if word.startswith("enum "):
                    assert members(table.package_of(owner), word[5:], step.since), (owner, name, word)


def test_histories_of_a_field_that_trl_lays_over() -> None:
    assert histories(GRPO, "logging_steps") == [("trl", [Step("0.19", "float", 10)]), ("transformers", [Step("4.46", "float", 500)])]
    assert [package for package, _ in histories(GRPO, "warmup_ratio")] == ["transformers"]
    assert [package for package, _ in histories(GRPO, "beta")] == ["trl"]
    assert histories(GRPO, "no_such_name") == []


def test_values_of_an_enum_come_and_go() -> None:
    assert "adamw_hf" in members("transformers", "OptimizerNames", "4.49.0")
    assert "adamw_hf" not in members("transformers", "OptimizerNames", "4.50.0")
    assert members("transformers", "SaveStrategy", "4.46.3") == ()
    assert members("transformers", "SaveStrategy") == ("best", "epoch", "no", "steps")


@pytest.mark.parametrize("package", PACKAGES)
def test_a_table_is_as_its_maker_writes_it(package: str) -> None:
    """A line for each field, so that the difference between two tables can be read; and no text of the libraries in it."""
    found = (FOLDER / f"{package}.py").read_text(encoding="utf-8")
    module = import_module(f"confguard.schemas.releases.{package}")
    assert text(package, {"releases": module.RELEASES, "enums": module.ENUMS, "classes": module.CLASSES}) == found
    assert set(module.CLASSES) == set(CLASSES[package])
    assert len(found) < 40_000


def test_the_installed_libraries_are_as_the_tables_say() -> None:
    """Names, and defaults that are literals, of all classes; and the values of the enums."""
    target = installed()
    found = real()
    assert len(found) == 13
    assert mismatches(found, target) == []
    assert mismatched_values(real_values(), target) == []


def test_the_installed_constructor_refuses_what_is_no_member_of_an_enum(tmp_path: Path) -> None:
    """Where the tables say that the constructor makes an enum of a value, it does."""
    target = installed()
    training_arguments = importlib.import_module("transformers").TrainingArguments
    marked = [name for name in fields(BASE, target) if str(history(BASE, name)[-1].type).startswith("enum ")]
    assert len(marked) == 6
    for name in marked:
        with pytest.raises(ValueError, match="bogus"):
            training_arguments(output_dir=str(tmp_path), **{name: "bogus"})


def installed() -> Target:
    """The trio that is installed; skips the test where one is missing, or is newer than the tables."""
    versions = {package: str(pytest.importorskip(package).__version__) for package in PACKAGES}
    for package, version in versions.items():
        if known(package, version) != ".".join(map(str, minor(version))):
            pytest.skip(f"{package} {version} is not in the tables")
    return Target(**versions)
