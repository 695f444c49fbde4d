"""What was validated against what arrived, key by key: read from the trainer that was built, before its first step."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from confguard.trainer.plan import ALL_LINEAR, Plan
from confguard.words.recipe import Recipe


class Arrival(NamedTuple):
    """One parameter: its key in the file, what was asked, where in the trainer it lies, and what is there."""

    parameter: str
    key: str
    asked: Any
    where: str
    found: Any

    @property
    def holds(self) -> bool:
        """Whether they are the same."""
        if self.asked == [ALL_LINEAR]:
            return bool(self.found)
        if isinstance(self.asked, float) and isinstance(self.found, (int, float)):
            return abs(self.asked - self.found) <= 1e-12 * max(1.0, abs(self.asked))
        return bool(self.asked == self.found)


class Built(NamedTuple):
    """What there is to look at once a run was built."""

    trainer: Any
    plan: Plan
    model_path: str
    scoring: Any


def _lora(name: str) -> Callable[[Built], Any]:
    def found(built: Built) -> Any:
        configs = getattr(built.trainer.model, "peft_config", None)
        value = getattr(next(iter(configs.values())), name) if configs else None
        return sorted(value) if isinstance(value, set) else value

    return found


def _first_temperature(recipe: Recipe) -> str:
    """The parameter that has the temperature of the first step."""
    if not recipe.get("temperature_schedule_enabled"):
        return "temperature"
    return "temperature_initial" if recipe.get("temperature_warmup_steps") else "temperature_final"


def _argument(name: str) -> Callable[[Built], Any]:
    return lambda built: getattr(built.trainer.args, name)


def _modules(recipe: Recipe) -> list[str]:
    asked = recipe.values["lora_target_modules"]
    names = asked.split(",") if isinstance(asked, str) else asked
    return sorted({name.strip() for name in names if name.strip()})


def _temperature(built: Built) -> Any:
    """The temperature, where all places that hold it agree; else all of them."""
    trainer = built.trainer
    places = {
        trainer.temperature,
        trainer.generation_config.temperature,
        trainer.generation_kwargs["temperature"],
        trainer.args.temperature,
    }
    return places.pop() if len(places) == 1 else sorted(places)


def _itself(name: str) -> Callable[[Recipe], Any]:
    return lambda recipe: recipe.get(name)


WHERE: dict[str, tuple[str, Callable[[Recipe], Any], Callable[[Built], Any]]] = {
    "base_model": ("the folder or the name that the model was loaded from", _itself("base_model"), lambda built: built.plan.model),
    "bf16": ("trainer.args.bf16", lambda recipe: bool(recipe.get("bf16")), _argument("bf16")),
    "gradient_checkpointing": (
        "trainer.args.gradient_checkpointing",
        lambda recipe: bool(recipe.get("gradient_checkpointing")),
        _argument("gradient_checkpointing"),
    ),
    "max_steps": ("trainer.args.max_steps", _itself("max_steps"), _argument("max_steps")),
    "rollout_batch_size": (
        "trainer.args.generation_batch_size / num_generations",
        _itself("rollout_batch_size"),
        lambda built: built.trainer.args.generation_batch_size / built.trainer.num_generations,
    ),
    "num_generations": ("trainer.num_generations", _itself("num_generations"), lambda built: built.trainer.num_generations),
    "learning_rate": ("trainer.args.learning_rate", _itself("learning_rate"), _argument("learning_rate")),
    "warmup_steps": ("trainer.args.warmup_steps", _itself("warmup_steps"), _argument("warmup_steps")),
    "epsilon": ("trainer.epsilon_low", _itself("epsilon"), lambda built: built.trainer.epsilon_low),
    "max_grad_norm": ("trainer.args.max_grad_norm", _itself("max_grad_norm"), _argument("max_grad_norm")),
    "weight_decay": ("trainer.args.weight_decay", _itself("weight_decay"), _argument("weight_decay")),
    "beta": (
        "trainer.beta",
        lambda recipe: 0.0 if recipe.get("use_kl_loss") is False else recipe.get("beta"),
        lambda built: built.trainer.beta,
    ),
    "temperature": (
        "trainer.temperature and three more",
        lambda recipe: recipe.get(_first_temperature(recipe)),
        _temperature,
    ),
    "max_completion_length": (
        "trainer.generation_config.max_new_tokens",
        _itself("max_completion_length"),
        lambda built: built.trainer.generation_config.max_new_tokens,
    ),
    "top_p": ("trainer.generation_config.top_p", _itself("top_p"), lambda built: built.trainer.generation_config.top_p),
    "top_k": ("trainer.generation_config.top_k", _itself("top_k"), lambda built: built.trainer.generation_config.top_k),
    "use_lora": (
        "trainer.model has an adapter",
        lambda recipe: recipe.get("use_lora") is not False,
        lambda built: hasattr(built.trainer.model, "peft_config"),
    ),
    "lora_r": ("peft_config.r", _itself("lora_r"), _lora("r")),
    "lora_alpha": ("peft_config.lora_alpha", _itself("lora_alpha"), _lora("lora_alpha")),
    "lora_dropout": ("peft_config.lora_dropout", _itself("lora_dropout"), _lora("lora_dropout")),
    "lora_target_modules": ("peft_config.target_modules", _modules, _lora("target_modules")),
    "use_rslora": ("peft_config.use_rslora", _itself("use_rslora"), _lora("use_rslora")),
    "domain_ratios": ("the order of the rows", lambda recipe: dict(recipe.values["domain_ratios"]), lambda built: built.plan.domains),
    "reward_weights": (
        "the weights of the reward",
        lambda recipe: {name: weight for name, weight in recipe.values["reward_weights"].items() if weight},
        lambda built: dict(built.scoring.rewards.weights),
    ),
    "logging_steps": ("trainer.args.logging_steps", _itself("logging_steps"), _argument("logging_steps")),
    "save_steps": ("trainer.args.save_steps", _itself("save_steps"), _argument("save_steps")),
    "eval_steps": ("trainer.args.eval_steps", _itself("eval_steps"), _argument("eval_steps")),
    "run_name": ("trainer.args.run_name", _itself("run_name"), _argument("run_name")),
    "execution_timeout": (
        "the limit of a workflow and of a test, in seconds",
        _itself("execution_timeout"),
        lambda built: built.plan.execution_timeout,
    ),
    "buffer_size": (
        "the size of the experience buffer",
        _itself("buffer_size"),
        lambda built: built.scoring.kept.size if built.scoring.kept else 0,
    ),
    "reward_threshold": (
        "the threshold of the experience buffer",
        _itself("reward_threshold"),
        lambda built: built.scoring.kept.threshold if built.scoring.kept else None,
    ),
}
"""Where each parameter lies in a trainer: what of the recipe, and how it is read there."""

BESIDE = {
    "device_mapping": "CUDA_VISIBLE_DEVICES; their number is that of the processes",
    "physical_gpus": "CUDA_VISIBLE_DEVICES",
    "forward_pass_microbatch_size": "per_device_train_batch_size; the accumulation follows",
    "gradient_accumulation_steps": "gradient_accumulation_steps; the batch of a device follows, so that a step has prompts x group",
    "use_kl_loss": "beta: false makes it 0",
    "temperature_schedule_enabled": "a callback that sets the temperature before each step, in every place where TRL keeps it",
    "temperature_initial": "that callback",
    "temperature_final": "that callback",
    "temperature_warmup_steps": "that callback",
    "data_dir": "one more folder in which the data is looked for",
    "train_dataset": "the rows, in the order that the domains' shares give",
    "val_dataset": "TRL's evaluation, every eval_every steps",
    "val_samples": "how many rows of val_dataset are used, from the first on",
    "test_dataset": "an evaluation after the last step",
    "output_dir": "where checkpoints, history, manifest and summary go",
    "save_dir": "the same, instead of output_dir",
    "buffer_dir": "where the experience buffer goes, instead of output_dir",
    "aflow_config_path": "the file of the executor, which workflows and the judge ask",
    "aflow_executor_model": "which of its entries",
    "aflow_operator_descriptions_path": "the end of the system message, where there is an executor",
    "wandb_enabled": "report_to",
    "wandb_project": "WANDB_PROJECT",
    "wandb_entity": "WANDB_ENTITY",
    "wandb_api_key": "WANDB_API_KEY",
    "wandb.tags": "WANDB_TAGS",
    "wandb.notes": "WANDB_NOTES",
    "wandb.mode": "WANDB_MODE",
    "reward_system.tier_system": "refused unless it is off: code of your own trainer",
    "reward_system.auto_fix": "refused unless it is off",
    "reward_system.strict_validation": "refused unless it is off",
    "reward_system.fallback": "refused unless it is off",
    "prompt_optimizer.enabled": "refused unless it is off: a part of your own trainer",
    "operator_prompt_enhancer.enabled": "refused unless it is off",
}
"""The rest: parameters, and keys that no parameter stands for, which the trainer object does not hold; how each is honoured."""

_SWITCHES: dict[str, Callable[[Recipe], Any]] = {
    **dict.fromkeys(
        ("lora_r", "lora_alpha", "lora_dropout", "lora_target_modules", "use_rslora"), lambda recipe: recipe.get("use_lora") is not False
    ),
    "save_steps": lambda recipe: recipe.get("save_steps"),
    "eval_steps": lambda recipe: recipe.get("eval_steps"),
    "reward_threshold": lambda recipe: recipe.get("buffer_size"),
}
"""Parameters that mean something only where another one says so."""


def arrivals(recipe: Recipe, built: Built) -> list[Arrival]:
    """Each parameter that the file gives, as it arrived."""
    found = []
    for parameter, (where, asked, there) in WHERE.items():
        is_on = _SWITCHES.get(parameter)
        given = parameter in recipe.values or (parameter == "temperature" and "temperature_initial" in recipe.values)
        if given and (is_on is None or is_on(recipe)):
            found.append(Arrival(parameter, recipe.name(parameter), asked(recipe), where, there(built)))
    return found
