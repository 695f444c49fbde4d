"""What is looked at before torch is loaded: the model's folder, its tokenizer, its context, the disk, the environment."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib import metadata
from importlib.util import find_spec
from typing import Any, NamedTuple

from confguard.trainer.plan import Plan, Refused
from confguard.words.validated import ValidatedRun

NEEDED = ("torch", "transformers", "trl", "peft", "accelerate", "datasets")
TRL_FROM = (1, 16)
"""The first TRL whose arguments and whose ways of keeping a temperature the trainer knows."""


class Found(NamedTuple):
    """What was found: the model's folder or name, its configuration where it is on the disk, the device, and what to say of it all."""

    model: str
    config: Mapping[str, Any]
    device: str
    facts: dict[str, str]
    notes: list[str]
    parameters: int = 0
    """Of the model, once it was looked at."""
    memory: int = 0
    """The estimate, in bytes; 0 where there is none."""


def look(run: ValidatedRun, plan: Plan, rows: Sequence[Mapping[str, Any]]) -> Found:
    """Look at everything that can be looked at without torch. Raises `Refused` with every reason at once."""
    model = run.find(plan.model) or plan.model
    config = _config(model)
    scene = _Scene(run, plan, model, config, rows)
    if reasons := [reason for check in CHECKS for reason in check(scene)]:
        raise Refused(*reasons)
    facts = {
        "model": plan.model,
        "data": f"{len(rows):,} rows, {', '.join(f'{name} {share:g}' for name, share in plan.domains.items() if share)}",
        "samples": f"{plan.steps:,} steps x {plan.prompts} prompts x {plan.group} = {plan.steps * plan.prompts * plan.group:,}",
        "output": plan.arguments["output_dir"],
    }
    device = _device()
    notes = ["no GPU is seen here: the run is on the CPU"] if device == "cpu" and run.recipe.get("device_mapping") else []
    return Found(model, config, device, facts, notes)


class _Scene(NamedTuple):
    run: ValidatedRun
    plan: Plan
    model: str
    config: Mapping[str, Any]
    rows: Sequence[Mapping[str, Any]]


def _config(model: str) -> Mapping[str, Any]:
    try:
        with open(os.path.join(model, "config.json"), encoding="utf-8") as file:
            found: Any = json.load(file)
            return found if isinstance(found, dict) else {}
    except (OSError, ValueError, RecursionError):
        return {}


def missing_libraries() -> Iterator[str]:
    """What has to be installed, or in another release, before anything is trained."""
    missing = [name for name in NEEDED if find_spec(name) is None]
    if missing:
        yield f"{', '.join(missing)} not installed: pip install '.[train]' in a checkout of confguard"
        return
    found = metadata.version("trl")
    if tuple(int(part) for part in found.split(".")[:2]) < TRL_FROM:
        yield f"trl {found} is installed; this trainer knows TRL from {'.'.join(map(str, TRL_FROM))} on"


def _model(scene: _Scene) -> Iterator[str]:
    name = scene.run.recipe.name("base_model")
    if os.path.isdir(scene.model):
        if not scene.config:
            yield f"{name}: {scene.model} holds no readable config.json"
        return
    if not re.fullmatch(r"[\w.-]+(?:/[\w.-]+)?", scene.model):
        yield f"{name}: there is no folder {scene.model}, and it is no name of a model hub"
    elif os.environ.get("HF_HUB_OFFLINE") == "1" and not _is_cached(scene.model):
        yield f"{name}: {scene.model} is no folder and not in the cache, and HF_HUB_OFFLINE is 1"


def _is_cached(model: str) -> bool:
    home = os.environ.get("HF_HUB_CACHE") or os.path.join(os.environ.get("HF_HOME") or os.path.expanduser("~/.cache/huggingface"), "hub")
    return os.path.isdir(os.path.join(home, f"models--{model.replace('/', '--')}"))


def _tokenizer(scene: _Scene) -> Iterator[str]:
    if not os.path.isdir(scene.model):
        return
    names = set(os.listdir(scene.model))
    name = scene.run.recipe.name("base_model")
    if not names & {"tokenizer.json", "tokenizer.model", "vocab.json", "tokenizer_config.json"}:
        yield f"{name}: {scene.model} holds no tokenizer"
        return
    if "chat_template.jinja" in names:
        return
    try:
        with open(os.path.join(scene.model, "tokenizer_config.json"), encoding="utf-8") as file:
            has_template = bool(json.load(file).get("chat_template"))
    except (OSError, ValueError, AttributeError, RecursionError):
        has_template = False
    if not has_template:
        yield f"{name}: the tokenizer of {scene.model} has no chat template, and the questions are put as messages: use an instruct model"


def _context(scene: _Scene) -> Iterator[str]:
    longest, tokens = scene.config.get("max_position_embeddings"), scene.plan.arguments.get("max_completion_length")
    if isinstance(longest, int) and isinstance(tokens, int) and tokens >= longest:
        name = scene.run.recipe.name("max_completion_length")
        yield f"{name} {tokens:,} leaves no room for a prompt in the {longest:,} tokens of {scene.plan.model}"


def _variables(scene: _Scene) -> Iterator[str]:
    """Variables that the executor's entry names, where it is asked at all."""
    entry = scene.run.executor.entry if scene.run.executor else {}
    for key, value in entry.items():
        for name in re.findall(r"\$\{(\w+)\}", value) if isinstance(value, str) else ():
            if not os.environ.get(name):
                yield f"{key} of the executor {scene.run.executor.name if scene.run.executor else ''} is ${{{name}}}, and {name} is not set"


def _tracker(scene: _Scene) -> Iterator[str]:
    tracker = scene.plan.arguments.get("report_to")
    if tracker not in (None, "none") and find_spec(str(tracker)) is None:
        yield f"wandb.enabled is true, and {tracker} is not installed: pip install {tracker}, or set it to false"


def _disk(scene: _Scene) -> Iterator[str]:
    """Room for the checkpoints: twice the size of the trained weights each for Adam's two moments, and the weights."""
    folder = os.path.abspath(scene.plan.arguments["output_dir"])
    while not os.path.isdir(folder):
        folder = os.path.dirname(folder)
    if not os.access(folder, os.W_OK):
        yield f"{scene.run.recipe.name('output_dir')}: {folder} cannot be written to"
    free = shutil.disk_usage(folder).free
    if free < 64 * 2**20:
        yield f"{scene.run.recipe.name('output_dir')}: only {free // 2**20} MiB are free in {folder}"


CHECKS: tuple[Callable[[_Scene], Iterator[str]], ...] = (_model, _tokenizer, _context, _variables, _tracker, _disk)
"""What can keep a run from starting, each with what to do."""


def _device() -> str:
    """The kind of device, told without torch: by what the driver has put into the file system."""
    return (
        "cuda" if os.path.exists("/dev/nvidiactl") or os.environ.get("NVIDIA_VISIBLE_DEVICES") not in (None, "", "void", "none") else "cpu"
    )
