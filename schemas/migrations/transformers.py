"""What became of the keys of transformers' TrainingArguments, which every command of TRL takes; oldest release first."""

from __future__ import annotations

from collections.abc import Mapping

from confguard.schemas.migrations.row import Config, Keys, MeaningChanged, Removed, Renamed, Row, Turn, ValueRenamed
from confguard.schemas.migrations.turns import DROP, NULL_IS_NOTHING, ON_ONLY, SAME, on, unless_null
from confguard.schemas.releases.table import BASE
from confguard.words.language import Said
from confguard.words.typing import Any

ARGUMENTS = (BASE,)
_WRITTEN = "transformers-4.57.6 training_args.py: __post_init__ writes it to the new name"
_PRUNED = "transformers-4.57.6 and transformers-5.0.0: training_args.py and trainer.py compared"
_NO_APEX = Said(
    "Drop it: mixed precision is PyTorch's own; Apex is no longer called.",
    "删除即可：混合精度使用 PyTorch 自带实现，不再调用 Apex。",
)


def _until_5(old: str, new: str, note: Said, turn: Turn, source: str = _WRITTEN) -> Renamed:
    """A name that stood beside the new one up to 4.57."""
    return Renamed(ARGUMENTS, old, new, "4.46", "5.0", note, source, turn)


def _dropped_in_5(old: str, do: Said, source: str = _PRUNED, *, harmless: bool = False, idle: tuple[Any, ...] = ()) -> Removed:
    return Removed(ARGUMENTS, old, "5.0", do, source, harmless, idle)


def _unless_empty(new: str) -> Turn:
    """A key for which nothing, 0 or null stood for: not given."""

    def turn(value: Any, _: Config) -> Keys:
        return {new: value} if value else {}

    return turn


def _within(section: str, key: str, *, listed: bool = False) -> Turn:
    """A key that has become a key of a mapping. Where that is a file of its own, or has the key already, a person must decide."""

    def turn(value: Any, config: Config) -> Keys | None:
        if not value and value is not False:
            return {}
        held = config.get(section) or {}
        if not isinstance(held, Mapping) or not {key, f"fsdp_{key}"}.isdisjoint(held):
            return None
        return {section: {**held, key: [value] if listed else value}}

    return turn


def _repository(value: Any, config: Config) -> Keys:
    """A repository's name, before it the organization; a name alone belongs to the user who is logged in."""
    owner = config.get("push_to_hub_organization")
    return {"hub_model_id": f"{owner}/{value}" if owner else value} if value else {}


def _repository_of_folder(value: Any, config: Config) -> Keys | None:
    """The organization of a repository that is called like the output folder, where no other name is given."""
    if not value or config.get("push_to_hub_model_id"):
        return {}
    folder = str(config.get("output_dir") or "").rstrip("/").rpartition("/")[2]
    return {"hub_model_id": f"{value}/{folder}"} if folder else None


def _inputs_as_well(value: Any, config: Config) -> Keys:
    held = list(config.get("include_for_metrics") or [])
    return {"include_for_metrics": [*held, "inputs"]} if value and "inputs" not in held else {}


def _debug_of_tpu(value: Any, config: Config) -> Keys | None:
    if not value:
        return {}
    return None if config.get("debug") else {"debug": "tpu_metrics_debug"}


def _share_of_steps(value: Any, config: Config) -> Keys | None:
    """A ratio below 1. Beside steps it depends on the release which of the two counts; 1.0 would be one step."""
    if config.get("warmup_steps"):
        return None
    if value is None or value == 0:
        return {}
    return {"warmup_steps": value} if _is_number(value) and 0 < value < 1 else None


def _is_number(value: Any) -> bool:
    return type(value) in (int, float)


def _is_fraction(value: Any, _: Config) -> bool:
    return _is_number(value) and value % 1 > 0  # false for infinity and nan, too


def _beside_steps(value: Any, config: Config) -> bool:
    return value is not None and bool(config.get("warmup_steps"))


ROWS: tuple[Row, ...] = (
    # 4.50
    ValueRenamed(
        ARGUMENTS,
        "optim",
        "adamw_hf",
        "adamw_torch",
        since="4.46",
        gone="4.50",
        source="transformers-4.49.0 and transformers-4.50.3 training_args.py: OptimizerNames compared; another implementation of AdamW",
        kept=False,
    ),
    # 4.51
    Renamed(
        ARGUMENTS,
        "evaluation_strategy",
        "eval_strategy",
        new_since="4.46",
        gone="4.51",
        note=NULL_IS_NOTHING,
        source="transformers-4.50.3 training_args.py: __post_init__ writes it to the new name",
        turn=unless_null("eval_strategy"),
    ),
    *(
        Renamed(
            ARGUMENTS,
            key,
            "accelerator_config",
            new_since="4.46",
            gone="4.51",
            note=Said("It is a key of `accelerator_config`.", "成为 `accelerator_config` 中的一个键。"),
            source=f"transformers-4.50.3 training_args.py: __post_init__ writes it to accelerator_config.{key}",
            turn=_within("accelerator_config", key),
        )
        for key in ("dispatch_batches", "split_batches")
    ),
    # 4.52
    Removed(
        ARGUMENTS,
        "tp_size",
        gone="4.52",
        do=Said(
            "Shard the model when it is loaded, `model_init_kwargs: {tp_plan: auto}`; the trainer reads the size from the model.",
            "在加载模型时切分：`model_init_kwargs: {tp_plan: auto}`；训练器从模型读取大小。",
        ),
        source="transformers-4.51.3 and transformers-4.52.4 trainer.py compared",
        idle=(None, 0, 1),
    ),
    # 4.57
    Removed(
        ARGUMENTS,
        "use_ipex",
        gone="4.57",
        do=Said(
            "Drop it: Intel's extension is no longer called; the speed on a CPU can change.",
            "删除即可：不再调用 Intel 扩展；CPU 上的速度可能变化。",
        ),
        source="transformers-4.56.2 training_args.py: it only sets ACCELERATE_USE_IPEX",
        idle=(None, False),
    ),
    # 5.0: second names went
    _until_5("no_cuda", "use_cpu", ON_ONLY, on(use_cpu=True)),
    _until_5("adafactor", "optim", ON_ONLY, on(optim="adafactor")),
    _until_5(
        "per_gpu_train_batch_size",
        "per_device_train_batch_size",
        NULL_IS_NOTHING,
        _unless_empty("per_device_train_batch_size"),
        "transformers-4.57.6 training_args.py: train_batch_size takes it before the new name",
    ),
    _until_5(
        "per_gpu_eval_batch_size",
        "per_device_eval_batch_size",
        NULL_IS_NOTHING,
        _unless_empty("per_device_eval_batch_size"),
        "transformers-4.57.6 training_args.py: eval_batch_size takes it before the new name",
    ),
    _until_5(
        "push_to_hub_token",
        "hub_token",
        Said(
            "A token does not belong in a file: `huggingface-cli login` keeps it.", "令牌不应写在文件里：请使用 `huggingface-cli login`。"
        ),
        unless_null("hub_token"),
    ),
    _until_5(
        "push_to_hub_model_id",
        "hub_model_id",
        Said(
            "`push_to_hub_organization`, where it is given, comes before it and a slash.",
            "若给出 `push_to_hub_organization`，写成“组织/名称”。",
        ),
        _repository,
    ),
    _until_5(
        "push_to_hub_organization",
        "hub_model_id",
        Said("The repository is called like the last folder of `output_dir`.", "仓库名取 `output_dir` 的最后一级目录。"),
        _repository_of_folder,
    ),
    _until_5("torchdynamo", "torch_compile_backend", NULL_IS_NOTHING, unless_null("torch_compile_backend")),
    _until_5(
        "include_inputs_for_metrics",
        "include_for_metrics",
        Said("`inputs` is an item of `include_for_metrics`.", "`inputs` 是 `include_for_metrics` 中的一项。"),
        _inputs_as_well,
    ),
    _until_5(
        "fsdp_min_num_params",
        "fsdp_config",
        Said("It is the key `min_num_params` of `fsdp_config`.", "成为 `fsdp_config` 中的 `min_num_params`。"),
        _within("fsdp_config", "min_num_params"),
    ),
    _until_5(
        "fsdp_transformer_layer_cls_to_wrap",
        "fsdp_config",
        Said(
            "It is an item of `transformer_layer_cls_to_wrap` of `fsdp_config`.",
            "成为 `fsdp_config` 中 `transformer_layer_cls_to_wrap` 的一项。",
        ),
        _within("fsdp_config", "transformer_layer_cls_to_wrap", listed=True),
    ),
    _until_5("tpu_metrics_debug", "debug", ON_ONLY, _debug_of_tpu),
    # 5.0: what has no successor
    _dropped_in_5("overwrite_output_dir", DROP, _PRUNED + "; no trainer.py from 4.46 on reads it", harmless=True),
    _dropped_in_5("save_safetensors", Said("Weights are always saved as safetensors.", "权重总以 safetensors 保存。"), idle=(True,)),
    _dropped_in_5(
        "use_mps_device",
        Said("Drop it: an Apple GPU is used where there is one.", "删除即可：有 Apple GPU 时会自动使用。"),
        "transformers-4.57.6 training_args.py: `no action from user is required`",
        harmless=True,
    ),
    _dropped_in_5("fp16_backend", _NO_APEX, idle=(None, "auto", "cuda_amp", "cpu_amp")),
    _dropped_in_5("half_precision_backend", _NO_APEX, idle=(None, "auto", "cuda_amp", "cpu_amp")),
    _dropped_in_5(
        "fp16_opt_level",
        Said("Drop it: only Apex read it, which is no longer called.", "删除即可：只有 Apex 读取它，而 Apex 已不再调用。"),
        idle=(None, "O1"),
    ),
    _dropped_in_5(
        "include_tokens_per_second",
        Said(
            "Set `include_num_input_tokens_seen: all` to have tokens a second logged.",
            "用 `include_num_input_tokens_seen: all` 记录每秒词元数。",
        ),
        "transformers-4.57.6 and transformers-5.0.0 trainer.py compared: speed_metrics of the tokens seen",
        idle=(None, False),
    ),
    _dropped_in_5(
        "jit_mode_eval",
        Said("Drop it: evaluation runs the model as it is.", "删除即可：评估直接运行模型。"),
        idle=(None, False),
    ),
    _dropped_in_5("mp_parameters", DROP, "transformers-4.57.6 training_args.py: `Ignored in Trainer`", harmless=True),
    _dropped_in_5(
        "past_index",
        Said("Past states are no longer handed from batch to batch.", "不再在批次之间传递过去的状态。"),
        idle=(-1,),
    ),
    _dropped_in_5(
        "ray_scope",
        Said("Drop it: only a hyperparameter search with Ray read it.", "删除即可：只有 Ray 超参搜索读取它。"),
        "transformers-4.57.6 integrations/integration_utils.py: run_hp_search_ray alone reads it",
        harmless=True,
    ),
    _dropped_in_5("tpu_num_cores", DROP, "transformers-4.57.6: training_args.py declares it, nothing reads it", harmless=True),
    _dropped_in_5(
        "use_legacy_prediction_loop",
        Said("Drop it: evaluation has one loop.", "删除即可：评估只有一种循环。"),
        idle=(None, False),
    ),
    # 5.0: the warm-up; its ratio went with 5.15
    MeaningChanged(
        ARGUMENTS,
        "warmup_steps",
        since="5.0",
        what=Said(
            "A number below 1 is the share of all steps, and a fraction above it is cut off; up to 4.57 it was taken as a number of steps.",
            "小于 1 的数表示占总步数的比例，大于 1 的小数部分被舍去；4.57 及之前一律按步数处理。",
        ),
        source="transformers-4.57.6 and transformers-5.0.0 training_args.py: get_warmup_steps compared",
        when=_is_fraction,
    ),
    MeaningChanged(
        ARGUMENTS,
        "warmup_ratio",
        since="5.0",
        what=Said(
            "Beside `warmup_steps` the ratio counts; up to 4.57 the steps did.",
            "与 `warmup_steps` 同时给出时以比例为准；4.57 及之前以步数为准。",
        ),
        source="transformers-4.57.6 get_warmup_steps, and transformers-5.0.0 __post_init__: warmup_steps = warmup_ratio",
        when=_beside_steps,
    ),
    Renamed(
        ARGUMENTS,
        "warmup_ratio",
        "warmup_steps",
        new_since="5.0",
        gone="5.15",
        note=Said(
            "Since 5.0 a `warmup_steps` below 1 is the share of all steps. Before 5.0 it is not: there the ratio must stay.",
            "自 5.0 起，小于 1 的 `warmup_steps` 表示占总步数的比例；5.0 之前不是，须保留比例写法。",
        ),
        source="transformers-4.57.6 and transformers-5.0.0 training_args.py: get_warmup_steps compared; taken up to transformers-5.14.1",
        turn=_share_of_steps,
    ),
    # 5.2
    Renamed(
        ARGUMENTS,
        "group_by_length",
        "train_sampling_strategy",
        new_since="5.2",
        gone="5.2",
        note=ON_ONLY,
        source="transformers-5.1.0 and transformers-5.2.0 trainer.py compared: the same LengthGroupedSampler",
        turn=on(train_sampling_strategy="group_by_length"),
    ),
    # 5.8
    ValueRenamed(
        ARGUMENTS,
        "optim",
        "adamw_apex_fused",
        "adamw_torch_fused",
        since="4.46",
        gone="5.8",
        source="transformers-5.7.0 and transformers-5.8.1 training_args.py: OptimizerNames compared; another implementation of AdamW",
        kept=False,
    ),
    # 5.15
    Removed(
        ARGUMENTS,
        "logging_dir",
        gone="5.15",
        do=Said(
            "Set the environment variable `TENSORBOARD_LOGGING_DIR`; only TensorBoard reads it, and the key itself has done nothing "
            "since 5.0.",
            "改为设置环境变量 `TENSORBOARD_LOGGING_DIR`；只有 TensorBoard 读取它，而该键自 5.0 起已不起作用。",
        ),
        source="transformers-5.0.0 training_args.py only warns; integrations/integration_utils.py reads the environment",
        idle=(None,),
        dead="5.0",
    ),
    # 5.23: both names are taken
    Renamed(
        ARGUMENTS,
        "gradient_checkpointing",
        "activation_checkpointing",
        new_since="5.23",
        gone=None,
        note=SAME,
        source="transformers-5.23.0 training_args.py: __post_init__ writes it to the new name where that is not given",
        wins=False,
    ),
    Renamed(
        ARGUMENTS,
        "gradient_checkpointing_kwargs",
        "activation_checkpointing_kwargs",
        new_since="5.23",
        gone=None,
        note=SAME,
        source="transformers-5.23.0 training_args.py: __post_init__ writes it to the new name where that is not given",
        wins=False,
    ),
)
