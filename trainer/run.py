"""A training run from beginning to end: `train` is the story, the rest of the room its parts.

Nothing here is reached without a `ValidatedRun`. torch and its kin are loaded below `train`, when nothing is left to refuse without them.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any, NamedTuple

from confguard.trainer import history, manifest, native
from confguard.trainer.checkpoints import ended
from confguard.trainer.data import ordered, read_rows
from confguard.trainer.launch import processes_of
from confguard.trainer.plan import Plan, Refused, planned
from confguard.trainer.preflight import Found, look, missing_libraries
from confguard.words.training import Begun, Ended, Note, Tell
from confguard.words.validated import ValidatedRun

DEFAULT_SEED = 42
"""As transformers has it."""


class Asked(NamedTuple):
    """What the command line asks for beyond the config."""

    seed: int | None = None
    """None: that of the config, where its kind has one, or else `DEFAULT_SEED`."""
    resume: bool = False
    config: str = ""
    """The config as it is trained, as text: it is kept beside the checkpoints."""


def train(run: ValidatedRun, asked: Asked, tell: Tell) -> Ended:
    """Train what a config says, and nothing else. Raises `Refused` before the first step where that cannot be done."""
    if missing := list(missing_libraries()):
        raise Refused(*missing)
    launched = processes_of(os.environ)
    tell = tell if launched.is_first else _silent
    if run.kind in native.CLASSES:
        return native.train(run, native.Start(asked.seed, asked.resume, launched, asked.config), tell)
    ready = prepared(run, asked)
    plan = ready.plan
    if launched.number != plan.processes:
        raise Refused(launched.mismatch(plan.processes))
    output = plan.arguments["output_dir"]
    made = _manifest(run, plan, ready.found)
    with manifest.held(output, launched.is_first):  # before it is looked at: what another run was still writing is there by then
        done = manifest.checkpoint_to_go_on(output, asked.resume, made)
        if done is not None and done[0] >= plan.steps and manifest.has_final_weights(output):
            return ended("nothing left to do", done[0], output, history.until(output, done[0]))
        return _trained(run, ready, asked, done, made, tell, launched.is_first)


class Prepared(NamedTuple):
    """All of a run that can be known without torch: its plan, its rows and the order in which they come, and what was found."""

    plan: Plan
    rows: list[dict[str, Any]]
    order: list[int]
    found: Found


def _trained(
    run: ValidatedRun, ready: Prepared, asked: Asked, done: tuple[int, str] | None, made: Mapping[str, Any], tell: Tell, is_first: bool
) -> Ended:
    from confguard.trainer.grpo import build  # torch, transformers, trl and peft: seconds

    plan, output = ready.plan, ready.plan.arguments["output_dir"]
    try:
        built = build(run, plan, ready.found, ready.rows, ready.order, tell)
    except Refused:
        raise
    except Exception as error:
        raise Refused(f"TRL does not build it: {type(error).__name__}: {error}") from error
    if is_first:
        manifest.write(output, {**made, "arrived": [arrival._asdict() for arrival in built.arrived]}, asked.config)
    tell(Begun(plan.steps, done[0] if done else 0, built.found.facts))
    for note in built.found.notes:
        tell(Note(note))
    return built.train(done, output)


def prepared(run: ValidatedRun, asked: Asked) -> Prepared:
    """Everything that can be had before torch is loaded. Raises `Refused`."""
    seed = DEFAULT_SEED if asked.seed is None else asked.seed
    plan = planned(run, seed)
    os.environ.update(plan.environment)
    rows = read_rows(plan.data)
    return Prepared(plan, rows, ordered(rows, plan.domains, plan.steps * plan.prompts, seed), look(run, plan, rows))


def _manifest(run: ValidatedRun, plan: Plan, found: Found) -> Mapping[str, Any]:
    own = {f"reward {name}": run.find(name.partition(":")[0]) for name in plan.weights if ".py:" in name}
    evaluated = plan.evaluation.path if plan.evaluation else None
    files = {"train": plan.data, "validation": evaluated, manifest.TEST: plan.test, "operators": plan.operators, **own}
    output = plan.arguments["output_dir"]
    seed, processes = plan.arguments["seed"], plan.processes
    return manifest.manifest(run, seed=seed, processes=processes, device=found.device, files=files, base=found.model, output=output)


def _silent(event: object) -> None:
    """What the other processes of a run tell."""
