"""Native files: values with a form of their own, such as mappings and JSON in a string, and what the file is handed on to."""

from __future__ import annotations

from collections.abc import Iterator

from confguard.schemas.kinds import NATIVE
from confguard.schemas.trl.extensions import EXTENSIONS
from confguard.schemas.trl.shapes import is_field
from confguard.words.finding import ERROR, INFO, LOAD, START
from confguard.words.recipe import Recipe
from confguard.words.rule import Broken, Verdict, Verdicts, rule
from confguard.words.spelling import cut, listed, nearest
from confguard.words.target import Target
from confguard.words.typing import Any

_JSON_KEYS = (
    "accelerator_config",
    "activation_checkpointing_kwargs",
    "chat_template_kwargs",
    "dataset_kwargs",
    "deepspeed",
    "fsdp_config",
    "generation_kwargs",
    "gradient_checkpointing_kwargs",
    "lr_scheduler_kwargs",
    "model_init_kwargs",
    "transformers_continuous_batching_config",
)
_ACCELERATOR = (
    "split_batches",
    "dispatch_batches",
    "even_batches",
    "use_seedable_sampler",
    "non_blocking",
    "gradient_accumulation_kwargs",
    "use_configured_state",
)
_DATASET = ("path", "name", "data_dir", "data_files", "split", "columns", "fraction")


@rule(
    "ARG001",
    ERROR,
    LOAD,
    source="transformers 5.23.0, training_args.py:1526-1531: json.loads, JSONDecodeError, run",
    bad="lr_scheduler_type: cosine_with_min_lr\nlr_scheduler_kwargs: '{min_lr_rate: 0.1}'",
    good="lr_scheduler_type: cosine_with_min_lr\nlr_scheduler_kwargs: {min_lr_rate: 0.1}",
    zh="以 { 开头的字符串会按 JSON 解析；写成 YAML 映射即可。",
    about=_JSON_KEYS,
    kinds=NATIVE,
)
def text_that_is_no_json(recipe: Recipe) -> Verdicts:
    """A mapping that is written as a string is JSON: with quotes around its keys.

    The parser loads it when the string begins with a brace. YAML has mappings of its own, which need no quotes.
    """
    for name in _JSON_KEYS:
        value = recipe.values.get(name)
        if isinstance(value, str) and value.startswith("{") and not _is_json(value):
            yield Broken(f"`{name}` is a string that begins with a brace, and no JSON: {cut(value)}", at=name, help="take the quotes off")


def _is_json(text: str) -> bool:
    import json

    try:
        json.loads(text)
    except ValueError:
        return False
    return True


@rule(
    "ARG002",
    ERROR,
    LOAD,
    source="transformers 5.23.0, training_args.py:1643: AcceleratorConfig(**value), TypeError, run",
    bad="accelerator_config: {split_batch: true}",
    good="accelerator_config: {split_batches: true}",
    zh="accelerator_config 中有未知的键。",
    kinds=NATIVE,
)
def accelerator_config_unknown_key(accelerator_config: Any) -> Verdict:
    """The keys of `accelerator_config` are the fields of accelerate's own config; a state of its own cannot be there yet.

    `use_configured_state` asks for a state that a script made before its arguments, which TRL's commands do not.
    """
    value = _mapping(accelerator_config)
    if value.get("use_configured_state") is True:
        return Broken("`accelerator_config` asks for a configured state, which TRL's commands do not make", help="take it out")
    return _unknown_keys("accelerator_config", value, _ACCELERATOR)


def _mapping(value: Any) -> dict[str, Any]:
    """A mapping, also where it is written as JSON in a string."""
    if isinstance(value, str) and value.startswith("{") and _is_json(value):
        import json

        value = json.loads(value)
    return value if isinstance(value, dict) else {}


def _unknown_keys(name: str, value: Any, known: tuple[str, ...]) -> Verdict:
    unknown = [str(key) for key in value if key not in known] if isinstance(value, dict) else []
    if not unknown:
        return None
    close = nearest(unknown[0], known)
    help_ = f"did you mean {close}?" if close else f"its keys are {listed(known)}"
    return Broken(f"`{name}` has {listed(unknown)}, which it does not know", help=help_)


@rule(
    "ARG003",
    ERROR,
    LOAD,
    source="TRL 1.16.0, scripts/utils.py:139-142: DatasetConfig(**item), TypeError, run",
    bad="dataset_name: null\ndatasets:\n  - {id: trl-lib/tldr}",
    good="dataset_name: null\ndatasets:\n  - {path: trl-lib/tldr}",
    zh="datasets 的每一项必须有 path，且只能使用 TRL 认识的键。",
    kinds=NATIVE,
)
def dataset_of_mixture_malformed(datasets: Any) -> Verdict:
    """Each dataset of a mixture has a `path`, and no keys but those of TRL's `DatasetConfig`."""
    for item in datasets if isinstance(datasets, list) else ():
        if not isinstance(item, dict):
            continue
        if found := _unknown_keys("datasets", item, _DATASET):
            return found
        if "path" not in item:
            return Broken("`datasets` has an item without a path", help="name the dataset of each item with path:")
    return None


@rule(
    "ARG004",
    ERROR,
    LOAD,
    source="accelerate 1.15.0 with transformers 5.23.0: 'Default process group has not been initialized' with one process, run",
    bad="ddp_backend: nccl\nnum_processes: 1",
    good="ddp_backend: nccl\nnum_processes: 2",
    zh="只有一个进程时设置 ddp_backend 会报错：没有进程组。",
    kinds=NATIVE,
)
def process_group_of_one(ddp_backend: str, world_size: int) -> Verdict:
    """`ddp_backend` is set only where a run has several processes: with one, there is no group whose backend it could be."""
    if world_size == 1:
        return Broken(
            f"`ddp_backend` is {ddp_backend}, and the run has one process: there is no process group",
            help="take it out, or start more processes",
        )
    return None


@rule(
    "ARG006",
    ERROR,
    LOAD,
    source="TRL 1.16.0, scripts/utils.py:336: os.environ takes strings alone, TypeError, run",
    bad="env:\n  1: one",
    good="env:\n  WANDB_MODE: offline",
    zh="env 的键是环境变量名，必须是字符串。",
    kinds=NATIVE,
)
def no_name_of_a_variable(env: dict[Any, Any]) -> Verdict:
    """The keys of `env` are names of environment variables: YAML reads an unquoted 1 or yes as no string."""
    odd = [name for name in map(str, env) if not name.isidentifier() or name.lower() in ("yes", "no", "on", "off", "true", "false", "null")]
    return Broken(f"`env` has {listed(odd)}, which is no name of a variable", help="name a variable") if odd else None


@rule(
    "ARG007",
    INFO,
    START,
    source="TRL 1.16.0, scripts/sft.py: ValueError 'Either `datasets` or `dataset_name` must be provided', run",
    bad="dataset_name: null",
    good="dataset_name: trl-lib/DeepMath-103K",
    zh="文件没有给出数据集：需在命令行中给出，否则脚本启动时报错。",
    about=("dataset_name", "datasets"),
    kinds=NATIVE,
)
def no_dataset_named(recipe: Recipe) -> Verdict:
    """A dataset is named in the file, or else on the command line.

    TRL's scripts end without one. Recipes of other projects name it in keys of their own.
    """
    others = ("dataset_mixture", "dataset_mixer")
    if recipe.get("dataset_name") or recipe.get("datasets") or any(recipe.is_given(name) for name in others):
        return None
    return Broken("no dataset is named: the command line has to", help="write dataset_name, or datasets", at="dataset_name")


@rule(
    "ARG005",
    INFO,
    LOAD,
    source="TRL 1.16.0, cli/commands/training.py: what TRL does not know goes to accelerate launch, which refuses it, run",
    bad={"sft.yaml": "chat_template: template.jinja"},
    good={"sft.yaml": "chat_template_path: template.jinja"},
    zh="这些键属于其他项目自己的脚本；`trl ... --config` 会拒绝它们。",
    about=("base_model",),
    kinds=NATIVE,
)
def keys_of_another_script(recipe: Recipe, target: Target) -> Verdicts:
    """A file that TRL's command is to read has no keys that another project's script adds to TRL's.

    `trl grpo --config` refuses them; open-r1 and alignment-handbook parse dataclasses of their own beside TRL's.
    """
    for project, keys in keys_of_others(recipe, target):
        names = listed([f"`{key}`" for key in keys])
        word = recipe.kind.removeprefix("trl-")
        yield Broken(
            f"{names}: keys that the scripts of {project} add to TRL's; `trl {word} --config` refuses the file",
            at=keys[0],
            keys=tuple(keys),
            help="start the run with a script that reads them, or take the keys out",
        )


def keys_of_others(recipe: Recipe, target: Target) -> Iterator[tuple[str, list[str]]]:
    """The keys of a file that are none of TRL's, by the project whose script adds them."""
    told: set[str] = set()
    for extension in EXTENSIONS:
        keys = [key for key in extension.keys_of(recipe.kind) if recipe.is_given(key) and key not in told]
        keys = [key for key in keys if not is_field(recipe.kind, key, target)]
        told.update(keys)
        if keys:
            yield extension.project, keys
