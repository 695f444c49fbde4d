"""The tables of migrations against the release tables: each row is true, and each field that vanished has one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from confguard.schemas import migrations
from confguard.schemas.migrations.row import MeaningChanged, Removed, Renamed, Row, ValueRenamed
from confguard.schemas.migrations.table import MEANINGS, REMOVED, RENAMED, ROWS, TABLES, VALUES
from confguard.schemas.releases.table import BASE, TRAINING, histories, history, members, names, package_of, releases
from confguard.schemas.trl.commands import COMMANDS
from confguard.schemas.trl.extensions import EXTENSIONS
from confguard.words.language import Said
from confguard.words.target import minor

OWNERS = (*TRAINING, "ModelConfig", "ScriptArguments", BASE, "LoraConfig")
OLDER_NAMES = {
    "use_liger_kernel",
    "use_cpu",
    "optim",
    "warmup_steps",
    "max_steps",
    "run_name",
    "max_completion_length",
}
"""New names that another key of that class, or of transformers, had before they took over the old one's meaning."""
MOVED = {("ModelConfig", "trust_remote_code"), ("RLOOConfig", "push_to_hub"), ("RLOOConfig", "run_name")}
"""Fields of which a command still has one of the same name, in another class."""


def minors(package: str) -> list[str]:
    return [".".join(map(str, minor(release))) for release in releases(package)]


def at(steps: list[Any], release: str) -> bool:
    """Whether a field is there at a release, by its history."""
    found = [step for step in steps if minor(step.since) <= minor(release)]
    return bool(found) and found[-1].type is not None


def has(owner: str, name: str, package: str, release: str) -> bool:
    """Whether a class has a field at a release of a library; what another library adds counts at its oldest release."""
    return any(at(steps, release if library == package else minors(library)[0]) for library, steps in histories(owner, name))


def before(package: str, release: str) -> str:
    known = minors(package)
    return known[known.index(release) - 1]


def told(row: Row) -> str:
    return f"{row.owners[0]}.{getattr(row, 'key', None) or getattr(row, 'old', '')}-{type(row).__name__}"


def each(*kinds: type[Any]) -> list[Any]:
    return [pytest.param(row, id=told(row)) for row in ROWS if isinstance(row, kinds)]


@pytest.mark.parametrize("row", each(Renamed, Removed))
def test_an_old_name_was_there_until_it_was_gone(row: Renamed | Removed) -> None:
    for owner in row.owners:
        if row.gone is None:
            assert has(owner, row.old, row.package, minors(row.package)[-1]), owner
        elif history(owner, row.old):
            assert at(history(owner, row.old), before(row.package, row.gone)), owner
            assert not at(history(owner, row.old), row.gone), owner
        else:
            pytest.fail(f"{owner} never had {row.old}")


@pytest.mark.parametrize("row", each(Renamed))
def test_a_new_name_is_there_from_its_release_on(row: Renamed) -> None:
    for owner in row.owners:
        assert has(owner, row.new, row.package, row.new_since), owner
        oldest = row.new_since == minors(row.package)[0]
        if not oldest and has(owner, row.new, row.package, before(row.package, row.new_since)):
            assert row.new in OLDER_NAMES, owner


@pytest.mark.parametrize("row", each(Removed))
def test_a_removed_key_was_ignored_before_it_was_gone(row: Removed) -> None:
    if row.dead is not None:
        assert row.gone is None or minor(row.dead) < minor(row.gone)
        assert all(at(history(owner, row.old), row.dead) for owner in row.owners)
    assert not (row.harmless and row.idle)
    assert (row.gone is None) is (row.warned is not None)


@pytest.mark.parametrize("row", each(ValueRenamed, MeaningChanged))
def test_a_key_with_other_values_or_meaning_is_there_at_that_release(row: ValueRenamed | MeaningChanged) -> None:
    for owner in row.owners:
        assert has(owner, row.key, row.package, row.since), owner
        if isinstance(row, MeaningChanged):
            assert has(owner, row.key, row.package, before(row.package, row.since)), owner
        elif row.gone is not None:
            assert has(owner, row.key, row.package, before(row.package, row.gone)), owner


@pytest.mark.parametrize("row", [row for row in VALUES if row.key == "optim"], ids=told)
def test_a_value_of_an_enum_is_gone_when_it_says(row: ValueRenamed) -> None:
    assert row.gone is not None
    assert row.old in members(row.package, "OptimizerNames", before(row.package, row.gone))
    assert row.old not in members(row.package, "OptimizerNames", row.gone)
    assert row.new in members(row.package, "OptimizerNames", row.since)


def vanished() -> Iterator[tuple[str, str, str]]:
    """Each field that a class no longer has from some release on: the class, the field, that release."""
    for owner in OWNERS:
        for name in names(owner):
            steps = history(owner, name)
            yield from ((owner, name, step.since) for step in steps if step.type is None)


@pytest.mark.parametrize(("owner", "name", "gone"), list(vanished()))
def test_each_field_that_vanished_has_a_row(owner: str, name: str, gone: str) -> None:
    rows = [row for row in (*RENAMED, *REMOVED) if owner in row.owners and row.old == name and row.gone == gone]
    if owner in TRAINING and has(owner, name, "trl", gone):
        assert not rows, "transformers still has it"
    elif (owner, name) in MOVED:
        assert not rows
    else:
        assert len(rows) == 1


def test_a_field_that_moved_is_still_a_key_of_its_commands() -> None:
    for owner, name in MOVED:
        for command in COMMANDS:
            if owner in command.classes and (training := next(item for item in command.classes if item in TRAINING)):
                assert has(training, name, "trl", minors("trl")[-1]), command.word


def test_each_row_stands_in_a_table_of_its_library() -> None:
    found = {table.__name__.rpartition(".")[2]: {row.package for row in table.ROWS} for table in TABLES}
    assert found == {name: {name.partition("_")[0]} for name in found}
    modules = {path.stem for path in Path(migrations.__file__).parent.glob("*.py")}
    assert modules - set(found) == {"__init__", "row", "table", "turns"}


def test_no_fact_has_two_rows() -> None:
    kinds = [
        (
            owner,
            type(row).__name__,
            getattr(row, "key", None) or getattr(row, "old", ""),
            getattr(row, "since", ""),
            repr(getattr(row, "old", "")),
        )
        for row in ROWS
        for owner in row.owners
    ]
    assert len(set(kinds)) == len(kinds)


@pytest.mark.parametrize("row", ROWS, ids=told)
def test_a_row_says_where_it_was_read_and_speaks_both_languages(row: Row) -> None:
    assert row.package in row.source or "_" in row.source
    assert any(character.isdigit() for character in row.source)
    assert all(package_of(owner) == row.package for owner in row.owners)
    for text in row:
        if isinstance(text, Said):
            assert text.en.endswith(".")
            assert text.zh.endswith("。")
            assert [part for part in text.en.split("`")[1::2] if part.isidentifier() and part not in text.zh] == []


def turned(key: str, value: Any, **others: Any) -> Any:
    """What becomes of a key of a file, by its row."""
    row = next(row for row in RENAMED if row.old == key)
    return row.turn(value, {key: value, **others}) if row.turn else {row.new: value}


@pytest.mark.parametrize(
    ("key", "value", "others", "expected"),
    [
        ("use_liger_loss", True, {}, {"use_liger_kernel": True}),
        ("use_liger_loss", None, {}, {}),
        ("max_seq_length", 2048, {}, {"max_length": 2048}),
        ("max_seq_length", None, {}, None),
        ("warmup_ratio", 0.1, {}, {"warmup_steps": 0.1}),
        ("warmup_ratio", 0.0, {}, {}),
        ("warmup_ratio", 1.0, {}, None),
        ("warmup_ratio", 0.1, {"warmup_steps": 0}, {"warmup_steps": 0.1}),
        ("warmup_ratio", 0.1, {"warmup_steps": 20}, None),
        ("warmup_ratio", "a tenth", {}, None),
        ("group_by_length", True, {}, {"train_sampling_strategy": "group_by_length"}),
        ("group_by_length", False, {}, {}),
        ("group_by_length", "yes", {}, None),
        ("no_cuda", True, {}, {"use_cpu": True}),
        ("adafactor", True, {"optim": "adamw_torch"}, {"optim": "adafactor"}),
        ("per_gpu_train_batch_size", 4, {}, {"per_device_train_batch_size": 4}),
        ("per_gpu_train_batch_size", 0, {}, {}),
        ("dispatch_batches", False, {}, {"accelerator_config": {"dispatch_batches": False}}),
        ("dispatch_batches", None, {}, {}),
        (
            "split_batches",
            True,
            {"accelerator_config": {"even_batches": True}},
            {"accelerator_config": {"even_batches": True, "split_batches": True}},
        ),
        ("split_batches", True, {"accelerator_config": "accelerator.json"}, None),
        ("fsdp_min_num_params", 10, {}, {"fsdp_config": {"min_num_params": 10}}),
        ("fsdp_min_num_params", 0, {}, {}),
        ("fsdp_min_num_params", 10, {"fsdp_config": {"fsdp_min_num_params": 20}}, None),
        ("fsdp_transformer_layer_cls_to_wrap", "Block", {}, {"fsdp_config": {"transformer_layer_cls_to_wrap": ["Block"]}}),
        ("fsdp_transformer_layer_cls_to_wrap", "Block", {"fsdp_config": {"transformer_layer_cls_to_wrap": ["A"]}}, None),
        ("push_to_hub_model_id", "model", {}, {"hub_model_id": "model"}),
        ("push_to_hub_model_id", "model", {"push_to_hub_organization": "org"}, {"hub_model_id": "org/model"}),
        ("push_to_hub_organization", "org", {"push_to_hub_model_id": "model"}, {}),
        ("push_to_hub_organization", "org", {"output_dir": "runs/model/"}, {"hub_model_id": "org/model"}),
        ("push_to_hub_organization", "org", {}, None),
        ("include_inputs_for_metrics", True, {"include_for_metrics": ["loss"]}, {"include_for_metrics": ["loss", "inputs"]}),
        ("include_inputs_for_metrics", False, {}, {}),
        ("tpu_metrics_debug", True, {}, {"debug": "tpu_metrics_debug"}),
        ("tpu_metrics_debug", True, {"debug": "underflow_overflow"}, None),
        ("tpu_metrics_debug", False, {}, {}),
        ("rpo_alpha", 0.5, {}, {"loss_type": ["sigmoid", "sft"], "loss_weights": [1.0, 0.5]}),
        ("rpo_alpha", 0.5, {"loss_type": ["ipo"], "loss_weights": [2.0]}, {"loss_type": ["ipo", "sft"], "loss_weights": [2.0, 0.5]}),
        ("rpo_alpha", 0.5, {"loss_type": ["ipo", "sft"]}, None),
        ("rpo_alpha", 0.5, {"use_weighting": True}, None),
        ("rpo_alpha", None, {}, {}),
        ("gradient_checkpointing", False, {}, {"activation_checkpointing": False}),
    ],
)
def test_how_values_are_rewritten(key: str, value: Any, others: dict[str, Any], expected: Any) -> None:
    assert turned(key, value, **others) == expected


@pytest.mark.parametrize(
    ("key", "since", "value", "others", "matters", "expected"),
    [
        ("per_device_train_batch_size", "0.15", 2, {"num_generations": 4}, True, {"per_device_train_batch_size": 8}),
        ("per_device_train_batch_size", "0.15", 2, {}, True, {"per_device_train_batch_size": 16}),
        ("per_device_train_batch_size", "0.15", "2", {}, True, None),
        ("packing", "0.19", True, {}, True, {"packing_strategy": "wrapped"}),
        ("packing", "0.19", True, {"packing_strategy": "ffd"}, False, {}),
        ("packing", "0.19", False, {}, False, {}),
        ("vllm_importance_sampling_cap", "0.26", 2.0, {}, True, {"vllm_importance_sampling_mode": "token_truncate"}),
        ("vllm_importance_sampling_cap", "0.26", 2.0, {"vllm_importance_sampling_mode": "token_mask"}, False, {}),
        ("warmup_steps", "5.0", 0.1, {}, True, NotImplemented),
        ("warmup_steps", "5.0", 20.0, {}, False, NotImplemented),
        ("warmup_ratio", "5.0", 0.1, {"warmup_steps": 20}, True, NotImplemented),
        ("warmup_ratio", "5.0", 0.1, {}, False, NotImplemented),
        ("reward_clip_range", "0.22", 10.0, {"normalize_reward": True}, True, NotImplemented),
        ("reward_clip_range", "0.22", 10.0, {}, False, NotImplemented),
        ("use_vllm", "0.16", True, {}, True, NotImplemented),
    ],
)
def test_what_changes_of_meaning_come_to(key: str, since: str, value: Any, others: dict[str, Any], matters: bool, expected: Any) -> None:
    row = next(row for row in MEANINGS if (row.key, row.since) == (key, since))
    config = {key: value, **others}
    assert row.when(value, config) is matters
    assert (row.rewrite(value, config) if row.rewrite else NotImplemented) == expected


def test_extensions_add_keys_and_former_ones_to_the_kinds_of_their_projects() -> None:
    open_r1, handbook = EXTENSIONS
    assert open_r1.keys_of("trl-grpo")["code_provider"] == "one of e2b|local|morph | null"
    assert "reward_funcs" not in open_r1.keys_of("trl-sft")
    assert handbook.keys_of("trl-dpo")["dataset_mixer"] == "dict | null"
    assert handbook.keys_of("trl-kto") == open_r1.keys_of("trl-dpo") == {}
