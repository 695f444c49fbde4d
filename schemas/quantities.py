"""What a recipe comes to, as plain numbers; None where something that it rests on is missing or cannot be used."""

from __future__ import annotations

from math import sqrt

from confguard.schemas.architectures import lora_parameters
from confguard.schemas.rules.lora import module_names, scale
from confguard.words.recipe import Recipe
from confguard.words.typing import Any, NamedTuple


def above_zero(*values: Any) -> bool:
    """Whether all values are numbers above zero."""
    return all(type(value) in (int, float) and value > 0 for value in values)


def product(recipe: Recipe, *parameters: str) -> int | None:
    """The product of some parameters."""
    result = 1
    for parameter in parameters:
        value = recipe.get(parameter)
        if not above_zero(value):
            return None
        result *= value
    return result


def samples(recipe: Recipe) -> int | None:
    """Completions that the run trains on."""
    return product(recipe, "max_steps", "rollout_batch_size", "num_generations")


def completions_per_step(recipe: Recipe) -> int | None:
    """Completions whose gradient one step averages."""
    return product(recipe, "rollout_batch_size", "num_generations")


def uses_lora(*recipes: Recipe) -> bool:
    """Whether all of these train LoRA adapters."""
    return all(recipe.get("use_lora") for recipe in recipes)


def lora_scale(recipe: Recipe) -> float | None:
    """What LoRA's update is multiplied with."""
    alpha, rank = recipe.get("lora_alpha"), recipe.get("lora_r")
    return scale(alpha, rank, bool(recipe.get("use_rslora"))) if above_zero(alpha, rank) and uses_lora(recipe) else None


def effective_step(recipe: Recipe) -> float | None:
    """The learning rate times LoRA's scale."""
    rate, factor = recipe.get("learning_rate"), lora_scale(recipe)
    return rate * factor if factor is not None and above_zero(rate) else None


class Suggested(NamedTuple):
    """Completions a step on both sides, and the learning rates that the batch suggests by the linear and the square-root rule."""

    batch: int
    reference_batch: int
    linear: float
    root: float


def suggested_rates(recipe: Recipe, reference: Recipe) -> Suggested | None:
    """What the batch of a recipe makes of the reference's learning rate."""
    batch, theirs, rate = completions_per_step(recipe), completions_per_step(reference), reference.get("learning_rate")
    if batch is None or theirs is None or not above_zero(rate, recipe.get("learning_rate")):
        return None
    return Suggested(batch, theirs, rate * batch / theirs, rate * sqrt(batch / theirs))


def warmup_share(recipe: Recipe) -> float | None:
    """The share of the steps that is warm-up."""
    warm, steps = recipe.get("warmup_steps"), recipe.get("max_steps")
    return warm / steps if warm is not None and above_zero(steps) else None


def target_modules(recipe: Recipe) -> tuple[str, ...] | None:
    """The names of LoRA's target modules."""
    names = recipe.get("lora_target_modules")
    return module_names(names) if names else None


def trained_by_lora(recipe: Recipe) -> int | None:
    """Parameters that LoRA adds to the model."""
    model, rank, names = recipe.get("base_model"), recipe.get("lora_r"), target_modules(recipe)
    usable = model and names and above_zero(rank) and uses_lora(recipe)
    return lora_parameters(model, rank, frozenset(names or ())) if usable else None


def is_fixed(recipe: Recipe) -> bool:
    """Whether the temperature stays the same over the run."""
    return not recipe.get("temperature_schedule_enabled")


def first_temperature(recipe: Recipe) -> Any:
    """The temperature of the first step."""
    return recipe.get("temperature" if is_fixed(recipe) else "temperature_initial")
