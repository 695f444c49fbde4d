"""A look at the model before its weights are loaded: on the meta device, where it takes no memory."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import torch
from transformers import AutoConfig, AutoModelForCausalLM, AutoTokenizer

from confguard.trainer.memory import Load, Peak, size, told, total
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
    trained = _trained(model, plan)
    parameters = sum(weight.numel() for weight in model.parameters())
    load = _load(plan, parameters, trained, longest)
    peak, notes, facts = _peak(config, plan, load), found.notes, dict(found.facts)
    room = _room()
    if room and load.least > room:
        raise Refused(f"weights, gradients and Adam alone take {size(load.least)}, and the device has {size(room)}: {told(load, peak)}")
    memory = total(load, peak) if peak else 0
    if room and memory > room:
        notes = [*notes, f"the run may need more memory than the {size(room)} of the device: {told(load, peak)}"]
    facts["parameters"] = f"{parameters:,}, {f'and {trained:,} of the adapter' if plan.lora else f'{trained:,} of them trained'}"
    facts["memory"] = told(load, peak)
    return found._replace(facts=facts, notes=notes, parameters=parameters, memory=memory)


def _load(plan: Plan, parameters: int, trained: int, longest: int) -> Load:
    arguments = plan.arguments
    reference = parameters if arguments["beta"] and not plan.lora else 0  # with an adapter the model without it is the reference
    return Load(
        parameters=parameters + (trained if plan.lora else 0) + reference,
        trained=trained,
        micro_batch=arguments["per_device_train_batch_size"],
        generated=plan.prompts * plan.group // plan.processes,
        prompt=longest,
        completion=arguments["max_completion_length"],
        compute_bytes=2 if arguments["bf16"] else 4,
        accumulates=arguments["gradient_accumulation_steps"] > 1,
        on_gpu=torch.cuda.is_available(),
    )


def _peak(config: Any, plan: Plan, load: Load) -> Peak | None:
    """What a step takes; None where the model's code cannot be run without contents, or a library has changed within."""
    try:
        from confguard.trainer.dry_run import peak_of  # here, since it reaches into libraries: no run may fail by an estimate

        return peak_of(config, plan, load)
    except Exception:
        return None


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
