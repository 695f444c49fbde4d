"""A sampling temperature that moves over the run, in every place where TRL keeps it.

`GRPOTrainer` copies its temperature into itself, into two generation configs, and into the closure of the fused LM head, which divides the
logits by it for the loss: changing only the first two samples at one temperature and learns at another (TRL 1.16.0, trainer/utils.py,
`add_fused_lm_head`; run).
"""

from __future__ import annotations

from collections.abc import Iterator
from types import CellType
from typing import Any

from transformers import TrainerCallback

from confguard.trainer.plan import Refused, Schedule


class Temperature(TrainerCallback):
    """Sets the temperature of the step that comes."""

    def __init__(self, schedule: Schedule) -> None:
        self.schedule = schedule
        self.trainer: Any = None
        self.cells: list[CellType] = []

    def attach(self, trainer: Any) -> None:
        """Find the places in a trainer that was just built; raises `Refused` where TRL keeps the temperature elsewhere."""
        self.trainer = trainer
        self.cells = [cell for model in (trainer.model, trainer.ref_model) if model is not None for cell in _cells(model)]
        if not self.cells:
            raise Refused(
                "temperature_schedule: this TRL keeps the temperature of its loss where confguard does not know it (known: trl 1.16)"
            )
        self.set(0)

    def set(self, step: int) -> None:
        """Let the temperature be that of a step."""
        value = self.schedule.at(step)
        trainer = self.trainer
        trainer.temperature = trainer.args.temperature = value
        trainer.generation_config.temperature = value
        trainer.generation_kwargs["temperature"] = value
        if getattr(trainer, "vllm_generation", None) is not None:
            trainer.vllm_generation.temperature = value
        for cell in self.cells:
            cell.cell_contents = value

    def on_step_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """The step that begins is the one after those that are done."""
        self.set(state.global_step)


def _cells(model: Any) -> Iterator[CellType]:
    """The closure cells named `temperature` of the forward functions that were put into a model or its parts."""
    for module in model.modules():
        if "forward" in vars(module):
            yield from _in_closure(module.forward, set())


def _in_closure(function: Any, seen: set[int]) -> Iterator[CellType]:
    function = getattr(function, "__func__", function)
    if id(function) in seen or not hasattr(function, "__code__"):
        return
    seen.add(id(function))
    for name, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=True):
        if name == "temperature":
            yield cell
        elif callable(cell.cell_contents):
            yield from _in_closure(cell.cell_contents, seen)
    if wrapped := getattr(function, "__wrapped__", None):
        yield from _in_closure(wrapped, seen)
