"""A training run from beginning to end: `train` is the story, the rest of the room its parts.

Nothing here is reached without a `ValidatedRun`. torch and its kin are loaded below `train`, when nothing is left to refuse without them.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any, NamedTuple

from confguard.trainer import history, manifest, native
from confguard.trainer.checkpoints import clear_staging, ended
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
    if run.kind in native.CLASSES:
        return native.train(run, native.Start(asked.seed, asked.resume, launched, asked.config), tell if launched.is_first else _silent)
    plan, rows, order, found = prepared(run, asked)
    if launched.number != plan.processes:
        raise Refused(launched.mismatch(plan.processes))
    output = plan.arguments["output_dir"]
    done = _go_on(run, plan, asked.resume, output, found, launched.is_first)

    tell_first = tell if launched.is_first else _silent
    if done is not None and done[0] >= plan.steps:
        return ended("nothing left to do", done[0], output, history.until(output, done[0]))

    from confguard.trainer.grpo import build  # torch, transformers, trl and peft: seconds

    try:
        built = build(run, plan, found, rows, order, tell_first)
    except Refused:
        raise
    except Exception as error:
        raise Refused(f"TRL does not build it: {type(error).__name__}: {error}") from error
    if launched.is_first:
        arrived = [arrival._asdict() for arrival in built.arrived]
        manifest.write(output, {**_manifest(run, plan, found), "arrived": arrived}, asked.config)
    tell_first(Begun(plan.steps, done[0] if done else 0, built.found.facts))
    for note in built.found.notes:
        tell_first(Note(note))
    return built.train(done, output)


def prepared(run: ValidatedRun, asked: Asked) -> tuple[Plan, list[dict[str, Any]], list[int], Found]:
    """The plan, the rows with their order, and what was found: all that can be known without torch. Raises `Refused`."""
    seed = DEFAULT_SEED if asked.seed is None else asked.seed
    plan = planned(run, seed)
    os.environ.update(plan.environment)
    rows = read_rows(plan.data)
    return plan, rows, ordered(rows, plan.domains, plan.steps * plan.prompts, seed), look(run, plan, rows)


def _go_on(run: ValidatedRun, plan: Plan, resume: bool, output: str, found: Found, is_first: bool) -> tuple[int, str] | None:
    """The checkpoint to go on from; None for a run that begins. Raises `Refused` where that would be another run."""
    whole = manifest.checkpoint_to_go_on(output, resume, _manifest(run, plan, found))
    if is_first:
        clear_staging(output)
    return whole


def _manifest(run: ValidatedRun, plan: Plan, found: Found) -> Mapping[str, Any]:
    data = [path for path in (plan.data, plan.evaluation.path if plan.evaluation else None, plan.test) if path]
    return manifest.manifest(run, seed=plan.arguments["seed"], processes=plan.processes, device=found.device, data=data, base=found.model)


def _silent(event: object) -> None:
    """What the other processes of a run tell."""
