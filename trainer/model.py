"""A look at the model before its weights are loaded: on the meta device, where it takes no memory."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import torch
from transformers import AutoConfig, AutoModelForCausalLM, AutoTokenizer

from confguard.trainer.memory import Load, estimate, shape_of, size
from confguard.trainer.plan import ALL_LINEAR, Plan, Refused
from confguard.trainer.preflight import Found


def look_at_model(found: Found, plan: Plan, tokenizer: Any, rows: Sequence[Mapping[str, Any]], instruction: str | None) -> Found:
    """What was found, with what the model and the tokenizer say. Raises `Refused` where the config asks of them what they have not."""
    config = AutoConfig.from_pretrained(found.model)
    with torch.device("meta"):
        model = AutoModelForCausalLM.from_config(config)
    if reasons := list(_missing_modules(model, plan)):
        raise Refused(*reasons)
    longest = _longest_prompt(tokenizer, rows, instruction)
    _fits_context(config, plan, longest)
    text = config.get_text_config()
    shape = shape_of(text.to_dict())
    if shape is None:
        return found
    trained = _trained(model, plan)
    parameters = sum(weight.numel() for weight in model.parameters())
    per_device = plan.arguments["per_device_train_batch_size"]
    load = Load(
        parameters + (trained if plan.lora else 0),
        trained,
        per_device,
        plan.prompts * plan.group // plan.processes,
        longest,
        plan.arguments["max_completion_length"],
        2 if plan.arguments["bf16"] else 4,
        plan.arguments["gradient_checkpointing"],
        torch.cuda.is_available(),
    )
    guess, room = estimate(shape, load), _room()
    if room and guess.least > room:
        raise Refused(f"weights, gradients and Adam alone take {size(guess.least)}, and the device has {size(room)}: {guess.told()}")
    facts = {
        **found.facts,
        "parameters": f"{parameters:,}, {trained:,} of them trained"
        if not plan.lora
        else f"{parameters:,}, and {trained:,} of the adapter",
    }
    facts["memory"] = guess.told()
    notes = (
        [*found.notes, f"the run may need more memory than the {size(room)} of the device: {guess.told()}"]
        if room and guess.total > room
        else found.notes
    )
    return found._replace(facts=facts, notes=notes, parameters=parameters)


def _missing_modules(model: Any, plan: Plan) -> Iterator[str]:
    """Target modules that the model does not have."""
    targets = plan.lora["target_modules"] if plan.lora and "target_modules" in plan.lora else []
    ends = {name.rpartition(".")[2] for name, _ in model.named_modules()}
    names = [name for name, _ in model.named_modules()]
    for target in targets if isinstance(targets, list) else []:
        if target not in ends and not any(name.endswith(f".{target}") for name in names):
            layers = sorted({name.rpartition(".")[2] for name, module in model.named_modules() if type(module).__name__ == "Linear"})
            yield f"lora_target_modules: the model has no layer {target} (its linear layers: {', '.join(layers)})"


def _trained(model: Any, plan: Plan) -> int:
    if plan.lora is None:
        return sum(weight.numel() for weight in model.parameters())
    targets, rank = plan.lora.get("target_modules", []), plan.lora.get("r", 8)
    linear = [(name.rpartition(".")[2], module) for name, module in model.named_modules() if hasattr(module, "in_features")]
    layers = [module for name, module in linear if (name != "lm_head" if targets == ALL_LINEAR else name in targets)]
    return sum(rank * (layer.in_features + layer.out_features) for layer in layers)


def _longest_prompt(tokenizer: Any, rows: Sequence[Mapping[str, Any]], instruction: str | None) -> int:
    """Tokens of the longest prompt: that of the longest question, in characters."""
    question = max((row["question"] for row in rows), key=len)
    messages = [*([{"role": "system", "content": instruction}] if instruction else []), {"role": "user", "content": question}]
    return len(tokenizer.apply_chat_template(messages, add_generation_prompt=True, return_dict=True)["input_ids"])


def _fits_context(config: Any, plan: Plan, longest: int) -> None:
    context = getattr(config.get_text_config(), "max_position_embeddings", None)
    tokens = plan.arguments["max_completion_length"]
    if isinstance(context, int) and longest + tokens > context:
        raise Refused(
            f"the longest prompt has {longest:,} tokens; with the {tokens:,} of a completion it exceeds the {context:,} of {plan.model}"
        )


def _room() -> int | None:
    """Bytes of the device: of the GPU, or of this machine as far as this process may use it."""
    if torch.cuda.is_available():
        return int(torch.cuda.get_device_properties(0).total_memory)
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (ValueError, OSError):
        return None


def tokenizer_of(found: Found) -> Any:
    """The tokenizer of the model, which pads and cuts at the left, as sampling needs it."""
    return AutoTokenizer.from_pretrained(found.model, padding_side="left", truncation_side="left")
