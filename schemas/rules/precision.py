"""Precision, memory, checkpointing and distribution of native runs."""

from __future__ import annotations

from confguard.schemas.kinds import NATIVE, ONLINE, SFT
from confguard.words.finding import ERROR, FIRST_STEP, INFO, LOAD, NEVER, START, WARNING
from confguard.words.recipe import Recipe
from confguard.words.rule import Broken, Verdict, Verdicts, rule
from confguard.words.spelling import number, show
from confguard.words.target import Target, minor
from confguard.words.typing import Any

ARGS = "transformers 5.23.0, training_args.py"
TRAINER = "transformers 5.23.0, trainer.py"


def checkpoints_activations(recipe: Recipe) -> bool:
    """Whether the trainer checkpoints activations: the name of transformers 5.23 counts before the old one."""
    new = recipe.get("activation_checkpointing")
    return bool(recipe.get("gradient_checkpointing") if new is None else new)


def _checkpointing_key(recipe: Recipe) -> str:
    return "activation_checkpointing" if recipe.is_given("activation_checkpointing") else "gradient_checkpointing"


def _checkpointing_options(recipe: Recipe) -> tuple[str, dict[str, Any]]:
    for name in ("activation_checkpointing_kwargs", "gradient_checkpointing_kwargs"):
        if options := _mapping(recipe.get(name)):
            return name, options
    return "gradient_checkpointing_kwargs", {}


def _mapping(value: Any) -> dict[str, Any]:
    """A mapping, or the JSON of one, as transformers reads it; empty for anything else, such as the path of a file."""
    if isinstance(value, str) and value.startswith("{"):
        try:
            import json  # few files hold JSON

            value = json.loads(value)
        except ValueError:
            return {}
    return value if isinstance(value, dict) else {}


def _zero_stage(recipe: Recipe) -> int | None:
    """The ZeRO stage of a DeepSpeed config that stands in the file itself."""
    section = _mapping(recipe.get("deepspeed")).get("zero_optimization")
    stage = section.get("stage") if isinstance(section, dict) else None
    return stage if isinstance(stage, int) else None


def _is_yes(value: Any) -> bool:
    return str(value).lower() in ("true", "1", "yes", "y", "on", "t")


def _fsdp_option(recipe: Recipe, name: str) -> Any:
    options = _mapping(recipe.get("fsdp_config"))
    return options.get(name, options.get(f"fsdp_{name}"))


@rule(
    "PREC001",
    ERROR,
    LOAD,
    source=f"{ARGS}:1785: ValueError, run",
    bad="fp16: true\nbf16: true",
    good="fp16: false\nbf16: true",
    zh="fp16 和 bf16 只能开一个。",
    kinds=NATIVE,
)
def two_precisions(fp16: bool, bf16: bool) -> Verdict:
    """A run has one precision: `fp16` or `bf16`."""
    if fp16 and bf16:
        return Broken(
            "`fp16` and `bf16` are both true; a run has one precision", keys=("bf16",), help="keep bf16, or fp16 on a GPU before Ampere"
        )
    return None


@rule(
    "PREC002",
    ERROR,
    LOAD,
    source=f"{ARGS}:1788: ValueError, run",
    bad="fp16_full_eval: true\nbf16_full_eval: true",
    good="bf16_full_eval: true",
    zh="fp16_full_eval 和 bf16_full_eval 只能开一个。",
    kinds=NATIVE,
)
def two_precisions_of_evaluation(fp16_full_eval: bool, bf16_full_eval: bool) -> Verdict:
    """Evaluation has one precision: `fp16_full_eval` or `bf16_full_eval`."""
    if fp16_full_eval and bf16_full_eval:
        return Broken("`fp16_full_eval` and `bf16_full_eval` are both true", keys=("bf16_full_eval",), help="keep one of them")
    return None


@rule(
    "PREC003",
    ERROR,
    LOAD,
    source="TRL 1.16.0, model_config.py:175: ValueError, run",
    bad="load_in_4bit: true\nload_in_8bit: true",
    good="load_in_4bit: true",
    zh="load_in_4bit 和 load_in_8bit 只能开一个。",
    kinds=NATIVE,
)
def two_quantizations(load_in_4bit: bool, load_in_8bit: bool) -> Verdict:
    """The base model is loaded in 4 bits or in 8."""
    if load_in_4bit and load_in_8bit:
        return Broken("`load_in_4bit` and `load_in_8bit` are both true", keys=("load_in_8bit",), help="keep one of them")
    return None


@rule(
    "PREC004",
    ERROR,
    START,
    source="transformers 5.23.0, trainer_utils.py:131: ValueError, run with a model that says it is quantized",
    bad="load_in_4bit: true\nuse_peft: false",
    good="load_in_4bit: true\nuse_peft: true",
    zh="量化加载的模型只能通过适配器训练：需要 use_peft: true，否则训练器报错。",
    kinds=NATIVE,
)
def quantized_without_adapter(use_lora: bool, load_in_4bit: bool, load_in_8bit: bool) -> Verdict:
    """A quantized model is trained through an adapter: its own weights cannot be. The trainer says so after the model was loaded."""
    if (load_in_4bit or load_in_8bit) and not use_lora:
        name = "load_in_4bit" if load_in_4bit else "load_in_8bit"
        return Broken(
            f"`{name}` is true without `use_lora`: the weights of a quantized model cannot be trained",
            at=name,
            keys=("use_lora",),
            help="write use_peft: true",
        )
    return None


@rule(
    "PREC005",
    INFO,
    NEVER,
    source="TRL 1.16.0, trainer/utils.py:261, get_quantization_config: read only with load_in_4bit",
    bad="bnb_4bit_quant_type: nf4\nload_in_4bit: false",
    good="bnb_4bit_quant_type: nf4\nload_in_4bit: true",
    zh="没有 load_in_4bit，4 比特量化的参数不起作用。",
    about=("bnb_4bit_quant_type", "use_bnb_nested_quant", "bnb_4bit_quant_storage", "load_in_4bit"),
    kinds=NATIVE,
)
def quantization_without_effect(load_in_4bit: bool, recipe: Recipe) -> Verdict:
    """The settings of 4-bit quantization stand beside `load_in_4bit: true`; without it nothing reads them."""
    idle = [name for name in ("bnb_4bit_quant_type", "use_bnb_nested_quant", "bnb_4bit_quant_storage") if recipe.values.get(name)]
    if idle and not load_in_4bit:
        return Broken(
            f"`{idle[0]}` does nothing: `load_in_4bit` is false",
            at=idle[0],
            keys=("load_in_4bit",),
            help="write load_in_4bit: true, or take it out",
        )
    return None


@rule(
    "PREC006",
    ERROR,
    FIRST_STEP,
    source="torch 2.13.0, GradScaler: ValueError 'Attempting to unscale FP16 gradients', run",
    bad="dtype: float16\nfp16: true\nbf16: false\nuse_peft: false",
    good="dtype: float32\nfp16: true\nbf16: false\nuse_peft: false",
    zh="fp16 混合精度要求权重为 float32：权重本身是 float16 时，梯度无法反缩放，第一步报错。",
    kinds=NATIVE,
)
def half_weights_under_mixed_precision(dtype: str, fp16: bool, use_lora: bool, recipe: Recipe) -> Verdict:
    """Under `fp16` the trained weights are loaded in float32.

    Mixed precision keeps the weights in float32 and scales the loss. Gradients that are float16 themselves it refuses to scale back, at the
    first step. LoRA's own weights are float32 whatever the base model's are.
    """
    if fp16 and not use_lora and dtype == "float16" and not {"dtype", "torch_dtype"} & _mapping(recipe.get("model_init_kwargs")).keys():
        return Broken(
            "`dtype` is float16 under `fp16`: gradients of float16 weights cannot be scaled back, and the first step fails",
            keys=("fp16",),
            help="write dtype: float32",
        )
    return None


@rule(
    "PREC007",
    ERROR,
    START,
    source="torch has no dtype auto: transformers 5.23.0, BitsAndBytesConfig raises AttributeError, run; TRL 1.16.0, trainer/utils.py:265",
    bad="load_in_4bit: true\ndtype: auto",
    good="load_in_4bit: true\ndtype: bfloat16",
    zh="TRL 把 dtype 同时用作 4 比特量化的计算类型，auto 会报错。",
    kinds=NATIVE,
)
def quantized_dtype_auto(dtype: str, load_in_4bit: bool) -> Verdict:
    """With `load_in_4bit` the `dtype` is a type by name: TRL hands it to bitsandbytes as the type to compute in, and `auto` is none."""
    if load_in_4bit and dtype == "auto":
        return Broken(
            "`dtype` is auto with `load_in_4bit`: bitsandbytes is given it to compute in, and refuses it", help="write dtype: bfloat16"
        )
    return None


@rule(
    "PREC008",
    INFO,
    NEVER,
    source="TRL 1.16.0, trainer/utils.py:265: bnb_4bit_compute_dtype is `dtype`, float32 by default since TRL 0.27; trl#4770",
    bad="load_in_4bit: true",
    good="load_in_4bit: true\ndtype: bfloat16",
    zh="4 比特层以 dtype 计算，TRL 0.27 起默认 float32：比 bfloat16 慢且占显存。",
    kinds=NATIVE,
)
def quantized_computes_in_float32(load_in_4bit: bool, bf16: bool | None = None, dtype: str | None = None) -> Verdict:
    """4-bit layers compute in the type that the rest of the run has.

    TRL gives bitsandbytes its `dtype` to compute in, and the default of that is float32 since TRL 0.27: each 4-bit layer then works in
    float32 within a bfloat16 run.
    """
    if load_in_4bit and dtype == "float32" and bf16 is not False:
        return Broken(
            "`load_in_4bit` computes in `dtype`, which is float32: slower than the bfloat16 of the rest",
            keys=("dtype",),
            help="write dtype: bfloat16",
        )
    return None


@rule(
    "PREC009",
    ERROR,
    START,
    source=f"{TRAINER}:474: ValueError, read (DeepSpeed needs a GPU to be installed)",
    bad="fsdp: full_shard\ndeepspeed: ds.json",
    good="deepspeed: ds.json",
    zh="FSDP 和 DeepSpeed 不能同时使用。",
    kinds=NATIVE,
)
def two_shardings(fsdp: Any, deepspeed: Any) -> Verdict:
    """A model is sharded by FSDP or by DeepSpeed, not by both."""
    if fsdp and deepspeed:
        return Broken(
            "`fsdp` and `deepspeed` are both set; a run is sharded by one of them", keys=("deepspeed",), help="take one of them out"
        )
    return None


@rule(
    "PREC010",
    ERROR,
    START,
    source=f"{TRAINER}:880: ValueError, read; TRL switches its own checkpointing on by default since 0.22",
    bad="fsdp: full_shard\nfsdp_config: {activation_checkpointing: true}",
    good="fsdp: full_shard\nfsdp_config: {activation_checkpointing: true}\ngradient_checkpointing: false",
    zh="FSDP 自己的 activation_checkpointing 与训练器的梯度检查点不能同时开启；TRL 默认开启后者。",
    kinds=NATIVE,
)
def checkpointing_twice(fsdp: Any, fsdp_config: Any, recipe: Recipe) -> Verdict:
    """Activations are checkpointed by FSDP or by the trainer.

    TRL's trainers do it by default since 0.22, so FSDP's own wants `gradient_checkpointing: false` beside it.
    """
    if fsdp and _is_yes(_fsdp_option(recipe, "activation_checkpointing")) and checkpoints_activations(recipe):
        name = _checkpointing_key(recipe)
        default = "" if recipe.is_given(name) else ", which is true by default"
        return Broken(
            f"`fsdp_config` checkpoints activations and so does `{name}`{default}: the trainer refuses both",
            at="fsdp_config",
            keys=(name,),
            help=f"write {name}: false",
        )
    return None


@rule(
    "PREC011",
    WARNING,
    NEVER,
    source=f"{ARGS}:2775: fsdp_config is not looked at without fsdp, run",
    bad="fsdp_config: {cpu_offload: true}",
    good="fsdp: full_shard\nfsdp_config: {cpu_offload: true}",
    zh="没有写 fsdp，fsdp_config 不起作用。",
    kinds=NATIVE,
)
def fsdp_options_without_effect(fsdp_config: Any, fsdp: Any = None) -> Verdict:
    """The options of FSDP stand beside `fsdp`; without it they are not looked at."""
    if fsdp_config and not fsdp and not _mapping(fsdp_config).get("xla"):
        return Broken("`fsdp_config` does nothing without `fsdp`", keys=("fsdp",), help="write fsdp: full_shard, or take it out")
    return None


@rule(
    "PREC012",
    WARNING,
    START,
    source=f"{TRAINER}:478: ValueError, run; one process under torchrun, or accelerate with FSDP or MULTI_GPU: trains, run",
    bad={"accelerate.yaml": "compute_environment: LOCAL_MACHINE\ndistributed_type: 'NO'\nnum_processes: 1"},
    good={"accelerate.yaml": "compute_environment: LOCAL_MACHINE\ndistributed_type: MULTI_GPU\nnum_processes: 4"},
    beside={"sft.yaml": "fsdp: true"},
    zh="FSDP 需要多个进程：单独用 python 启动会报错；用 torchrun 启动单个进程可以训练，但没有可分片的对象。",
    kinds=NATIVE,
)
def fsdp_in_one_process(fsdp: Any, recipe: Recipe, world_size: int = 0) -> Verdict:
    """A run with FSDP has several processes.

    Started as one by `python` alone, the trainer refuses it. Started as one by torchrun it trains, and nothing is shared out.
    """
    if fsdp and world_size == 1 and not _is_yes(_fsdp_option(recipe, "xla")):
        return Broken(
            "`fsdp` shards a model over processes, and the run has one; unless torchrun starts it, the trainer raises",
            help="launch it with more processes, or take fsdp out",
        )
    return None


@rule(
    "PREC013",
    ERROR,
    START,
    source=f"{TRAINER}:896: ValueError, read",
    bad='save_only_model: true\nload_best_model_at_end: true\ndeepspeed: ds.json\neval_strategy: "steps"\neval_steps: 100\nsave_steps: 100',
    good='save_only_model: false\nload_best_model_at_end: true\ndeepspeed: ds.json\neval_strategy: "steps"\neval_steps: 100\nsave_steps: 100',
    zh="DeepSpeed 或 FSDP 下，save_only_model 与 load_best_model_at_end 不能同时开启。",
    kinds=NATIVE,
)
def model_only_and_best(save_only_model: bool, load_best_model_at_end: bool, recipe: Recipe) -> Verdict:
    """Under DeepSpeed or FSDP a checkpoint that is loaded at the end holds more than the model."""
    wrapper = next((name for name in ("deepspeed", "fsdp") if recipe.get(name)), None)
    if save_only_model and load_best_model_at_end and wrapper:
        return Broken(
            f"`save_only_model` leaves nothing that `load_best_model_at_end` could load under `{wrapper}`",
            keys=("load_best_model_at_end", wrapper),
            help="write save_only_model: false",
        )
    return None


@rule(
    "PREC014",
    ERROR,
    START,
    source=f"{TRAINER}:912: ValueError, read",
    bad="save_only_model: true\nfsdp: full_shard\nfsdp_config: {state_dict_type: SHARDED_STATE_DICT}",
    good="save_only_model: true\nfsdp: full_shard\nfsdp_config: {state_dict_type: FULL_STATE_DICT}",
    zh="save_only_model 不支持 FSDP 的 SHARDED_STATE_DICT。",
    kinds=NATIVE,
)
def model_only_in_shards(save_only_model: bool, fsdp: Any, fsdp_config: Any, recipe: Recipe) -> Verdict:
    """A model that is saved alone is saved whole: FSDP's `SHARDED_STATE_DICT` leaves it in pieces."""
    if save_only_model and fsdp and "SHARDED_STATE_DICT" in str(_fsdp_option(recipe, "state_dict_type")).upper():
        return Broken(
            "`save_only_model` does not go with the SHARDED_STATE_DICT of `fsdp_config`",
            keys=("fsdp_config",),
            help="write state_dict_type: FULL_STATE_DICT",
        )
    return None


@rule(
    "PREC015",
    ERROR,
    LOAD,
    source="TRL 1.16.0, grpo_config.py:1090 and rloo_config.py:653: ValueError, run; since TRL 1.9",
    bad="auto_find_batch_size: true",
    good="auto_find_batch_size: false",
    zh="GRPO/RLOO 不支持 auto_find_batch_size：缩小批次会破坏完整的组。",
    kinds=ONLINE,
)
def batch_size_found_by_trial(auto_find_batch_size: bool, target: Target) -> Verdict:
    """GRPO and RLOO do not look for a batch size by trial: a halved batch breaks the groups of completions."""
    if auto_find_batch_size and minor(target.trl) >= (1, 9):
        return Broken(
            "`auto_find_batch_size` halves the batch, which breaks groups of completions: TRL refuses it",
            help="write false, and lower per_device_train_batch_size instead",
        )
    return None


@rule(
    "PREC016",
    ERROR,
    START,
    source=f"{TRAINER}:904: ValueError, read",
    bad="auto_find_batch_size: true\ndeepspeed: {zero_optimization: {stage: 3}}",
    good="auto_find_batch_size: true\ndeepspeed: {zero_optimization: {stage: 2}}",
    zh="DeepSpeed ZeRO-3 不支持 auto_find_batch_size。",
    kinds=SFT + NATIVE[3:],
)
def batch_size_found_under_zero3(auto_find_batch_size: bool, recipe: Recipe) -> Verdict:
    """Under ZeRO-3 no batch size is found by trial."""
    if auto_find_batch_size and _zero_stage(recipe) == 3:
        return Broken("`auto_find_batch_size` does not work with ZeRO-3", keys=("deepspeed",), help="write false")
    return None


@rule(
    "PREC017",
    ERROR,
    LOAD,
    source=f"{ARGS}:1804: ValueError, run",
    bad="dataloader_prefetch_factor: 2",
    good="dataloader_prefetch_factor: 2\ndataloader_num_workers: 2",
    zh="dataloader_prefetch_factor 需要 dataloader_num_workers 大于 0。",
    kinds=NATIVE,
)
def prefetch_without_workers(dataloader_prefetch_factor: int, dataloader_num_workers: int) -> Verdict:
    """Batches are fetched ahead by worker processes, so there are some."""
    if dataloader_num_workers == 0:
        return Broken(
            f"`dataloader_prefetch_factor` {dataloader_prefetch_factor} needs worker processes, and `dataloader_num_workers` is 0",
            keys=("dataloader_num_workers",),
            help="write dataloader_num_workers: 2, or take it out",
        )
    return None


@rule(
    "PREC018",
    ERROR,
    FIRST_STEP,
    source="torch 2.13.0, DataLoader: ValueError for each, AssertionError for a prefetch factor of 0, run",
    bad="dataloader_persistent_workers: true",
    good="dataloader_persistent_workers: true\ndataloader_num_workers: 2",
    zh="数据加载器的进程设置有误：进程数不能为负，persistent_workers 需要进程，prefetch_factor 至少为 1。",
    about=("dataloader_num_workers", "dataloader_persistent_workers", "dataloader_prefetch_factor"),
    kinds=NATIVE,
)
def workers_impossible(
    dataloader_num_workers: int, dataloader_persistent_workers: bool, dataloader_prefetch_factor: int | None = None
) -> Verdicts:
    """The data loader can have the worker processes that it is asked for: none or more, some where they persist, and each a batch ahead or more."""
    if dataloader_num_workers < 0:
        yield Broken(f"`dataloader_num_workers` is {dataloader_num_workers}; it counts from 0", help="write 0 for no worker processes")
    if dataloader_persistent_workers and dataloader_num_workers == 0:
        yield Broken(
            "`dataloader_persistent_workers` keeps worker processes, and `dataloader_num_workers` is 0",
            at="dataloader_persistent_workers",
            keys=("dataloader_num_workers",),
            help="write dataloader_num_workers: 2, or take it out",
        )
    if dataloader_prefetch_factor is not None and dataloader_prefetch_factor < 1 and dataloader_num_workers > 0:
        yield Broken(
            f"`dataloader_prefetch_factor` is {dataloader_prefetch_factor}; each worker fetches at least 1 batch",
            at="dataloader_prefetch_factor",
            help="write 2",
        )


@rule(
    "PREC019",
    ERROR,
    LOAD,
    source=f"{ARGS}:1727: ValueError, run",
    bad="torch_empty_cache_steps: 0",
    good="torch_empty_cache_steps: 10",
    zh="torch_empty_cache_steps 必须是正整数；不需要时不要写。",
    kinds=NATIVE,
)
def cache_emptied_never(torch_empty_cache_steps: int) -> Verdict:
    """The cache is emptied after a positive number of steps; left out, never."""
    if torch_empty_cache_steps < 1:
        return Broken(f"`torch_empty_cache_steps` is {torch_empty_cache_steps}; it counts from 1", help="take it out, or write 1 or more")
    return None


@rule(
    "PREC020",
    ERROR,
    START,
    source="TRL 1.16.0, sft_trainer.py:882, 1087 and 1091: ValueError, the last two run; since TRL 1.15",
    bad="gradient_checkpointing_kwargs: {selective: true}\ngradient_checkpointing: false",
    good="gradient_checkpointing_kwargs: {selective: true}",
    zh="selective 检查点需要开启 gradient_checkpointing、use_reentrant 不为 true，且不能与 PEFT + ZeRO-3 同用。",
    about=("gradient_checkpointing_kwargs", "gradient_checkpointing"),
    kinds=SFT,
)
def selective_checkpointing_impossible(recipe: Recipe, use_lora: bool, target: Target) -> Verdict:
    """Selective checkpointing has checkpointing switched on, not reentrant, and no LoRA under ZeRO-3."""
    name, options = _checkpointing_options(recipe)
    if not options.get("selective") or minor(target.trl) < (1, 15):
        return None
    if not checkpoints_activations(recipe):
        key = _checkpointing_key(recipe)
        return Broken(f"`{name}` asks for selective checkpointing, and `{key}` is off", at=name, keys=(key,), help=f"write {key}: true")
    if options.get("use_reentrant"):
        return Broken(f"`{name}` asks for selective and for reentrant checkpointing", at=name, help="take use_reentrant out")
    if use_lora and _zero_stage(recipe) == 3:
        return Broken(
            f"`{name}` asks for selective checkpointing, which LoRA under ZeRO-3 cannot have",
            at=name,
            keys=("deepspeed",),
            help="take selective out",
        )
    return None


@rule(
    "PREC021",
    WARNING,
    NEVER,
    source="TRL 1.16.0, grpo_trainer.py:520 and sft_trainer.py:890: a warning, and True all the same, read; SFT since 0.28, the others since 1.9",
    bad="deepspeed: {zero_optimization: {stage: 3}}\ngradient_checkpointing_kwargs: {use_reentrant: false}",
    good="deepspeed: {zero_optimization: {stage: 3}}\ngradient_checkpointing_kwargs: {use_reentrant: true}",
    zh="PEFT + ZeRO-3 下 TRL 会强制 use_reentrant 为 true。",
    about=("gradient_checkpointing_kwargs",),
    kinds=NATIVE,
)
def reentrant_forced(use_lora: bool, recipe: Recipe, target: Target) -> Verdict:
    """LoRA under ZeRO-3 checkpoints reentrantly: TRL does so whatever `use_reentrant` says."""
    name, options = _checkpointing_options(recipe)
    since = (0, 28) if recipe.kind in SFT else (1, 9)
    if use_lora and options.get("use_reentrant") is False and _zero_stage(recipe) == 3 and checkpoints_activations(recipe):
        if minor(target.trl) < since:
            return None
        return Broken(
            f"`{name}` has use_reentrant false, which TRL turns to true for LoRA under ZeRO-3",
            at=name,
            keys=("deepspeed",),
            help="write true",
        )
    return None


@rule(
    "PREC022",
    INFO,
    NEVER,
    source=f"{TRAINER}:1500: the options are read only where checkpointing is on, run",
    bad="gradient_checkpointing: false\ngradient_checkpointing_kwargs: {use_reentrant: false}",
    good="gradient_checkpointing: true\ngradient_checkpointing_kwargs: {use_reentrant: false}",
    zh="梯度检查点已关闭，gradient_checkpointing_kwargs 不起作用。",
    about=("gradient_checkpointing_kwargs", "gradient_checkpointing"),
    kinds=NATIVE,
)
def checkpointing_options_without_effect(recipe: Recipe) -> Verdict:
    """The options of checkpointing stand beside checkpointing that is on."""
    name, options = _checkpointing_options(recipe)
    if options and not options.get("selective") and not checkpoints_activations(recipe):
        key = _checkpointing_key(recipe)
        return Broken(f"`{name}` does nothing: `{key}` is false", at=name, keys=(key,), help="take it out, or switch checkpointing on")
    return None


@rule(
    "PREC023",
    WARNING,
    NEVER,
    source=f"{ARGS}:1533-1541: the new name counts, run",
    bad="gradient_checkpointing: true\nactivation_checkpointing: false",
    good="gradient_checkpointing: false\nactivation_checkpointing: false",
    zh="gradient_checkpointing 是 activation_checkpointing 的旧名：两者不一致时新名生效。",
    kinds=NATIVE,
)
def two_names_of_checkpointing(activation_checkpointing: bool, gradient_checkpointing: bool, recipe: Recipe) -> Verdict:
    """`gradient_checkpointing` and its new name say the same: where they differ, `activation_checkpointing` counts, in silence."""
    if activation_checkpointing != gradient_checkpointing and recipe.is_given("gradient_checkpointing"):
        return Broken(
            f"`gradient_checkpointing` is {show(gradient_checkpointing)} and `activation_checkpointing`, its new name, is "
            f"{show(activation_checkpointing)}: the new one counts",
            at="gradient_checkpointing",
            keys=("activation_checkpointing",),
            help="keep one of them",
        )
    return None


@rule(
    "PREC024",
    ERROR,
    START,
    source="transformers 5.23.0, integrations/deepspeed.py:143-184 and 260: ValueError, read",
    bad="deepspeed: {train_micro_batch_size_per_gpu: 4}\nper_device_train_batch_size: 8",
    good="deepspeed: {train_micro_batch_size_per_gpu: auto}\nper_device_train_batch_size: 8",
    zh="DeepSpeed 配置里的数值与训练参数不一致：训练器报错；请写 auto。",
    kinds=NATIVE,
)
def deepspeed_disagrees(deepspeed: Any, recipe: Recipe, world_size: int = 0) -> Verdicts:
    """A DeepSpeed config in the file says the same as the file, or `auto`.

    transformers compares the batch, the accumulation, the clipping and the optimizer of both when training is set up, and raises for any that differ.
    """
    config = _mapping(deepspeed)
    batch, steps = recipe.get("per_device_train_batch_size"), recipe.get("gradient_accumulation_steps")
    whole = batch * steps * world_size if world_size and isinstance(batch, int) and isinstance(steps, int) else None
    for path, ours, name in (
        ("train_micro_batch_size_per_gpu", batch, "per_device_train_batch_size"),
        ("gradient_accumulation_steps", steps, "gradient_accumulation_steps"),
        ("train_batch_size", whole, "per_device_train_batch_size"),
        ("gradient_clipping", recipe.get("max_grad_norm"), "max_grad_norm"),
        ("optimizer.params.lr", recipe.get("learning_rate"), "learning_rate"),
        ("optimizer.params.weight_decay", recipe.get("weight_decay"), "weight_decay"),
    ):
        theirs = _at(config, path)
        if ours is not None and isinstance(theirs, (int, float)) and not isinstance(theirs, bool) and theirs != ours:
            what = f"`{name}` is {number(ours)}" if path != "train_batch_size" else f"the file makes it {number(ours)}"
            yield Broken(
                f"`deepspeed` has {path} {number(theirs)}, and {what}", keys=(name,), help=f"write {path.rpartition('.')[2]}: auto"
            )


def _at(config: dict[str, Any], path: str) -> Any:
    found: Any = config
    for part in path.split("."):
        if not isinstance(found, dict):
            return None
        found = found.get(part)
    return found
