"""The GRPO trainer of the kind `aflow-training`, built from a plan: TRL's own, with what TRL has no argument for beside it."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import torch
from accelerate.utils import set_seed
from datasets import Dataset
from peft import LoraConfig
from transformers import PrinterCallback
from trl import GRPOConfig, GRPOTrainer

from confguard.trainer.arrived import Arrival, Built, arrivals
from confguard.trainer.callbacks import Ending, Story, Watch
from confguard.trainer.checkpoints import Staged, ended
from confguard.trainer.data import read_rows
from confguard.trainer.executor import ExecutorError, executor_of
from confguard.trainer.finite import Finite
from confguard.trainer.model import look_at_model, tokenizer_of
from confguard.trainer.plan import Plan, Refused
from confguard.trainer.preflight import Found
from confguard.trainer.quiet import quiet
from confguard.trainer.rewards import RewardError, Rewards, Row, needs, ungradable
from confguard.trainer.sandbox import NoIsolator, isolator
from confguard.trainer.scoring import Kept, Scoring
from confguard.trainer.temperature import Temperature
from confguard.trainer.workflow import INSTRUCTION, Workflows, runner
from confguard.words.training import Ended, Tell
from confguard.words.validated import ValidatedRun

SMALL = 10_000_000
"""Parameters below which one thread is as fast as several."""


class Trainer(Staged, Finite, GRPOTrainer):
    """TRL's trainer with checkpoints that are whole or not there, and with losses that are numbers."""


class Ready(NamedTuple):
    """A run that is built and holds: all that is left is to train."""

    trainer: Trainer
    scoring: Scoring
    ending: Ending
    story: Story
    instruction: str | None
    found: Found
    arrived: list[Arrival]
    test: list[Mapping[str, Any]]

    def train(self, done: tuple[int, str] | None, output: str) -> Ended:
        """Train to the end, or until somebody ends it; then test."""
        trainer = self.trainer
        if done:
            self.story.resume(done[0])
        with self.ending:
            trainer.train(resume_from_checkpoint=done[1] if done else None)
        if not self.ending.was_asked:
            trainer.save_model(output)
            if self.test:
                self.story.evaluates = "test"
                trainer.evaluate(dataset_of(self.test, self.scoring, self.instruction), metric_key_prefix="test")
        return ended("interrupted" if self.ending.was_asked else "done", trainer.state.global_step, output, self.story.history)


def build(run: ValidatedRun, plan: Plan, found: Found, rows: Sequence[Mapping[str, Any]], order: Sequence[int], tell: Tell) -> Ready:
    """Build everything, and compare what arrived with what was validated. Raises `Refused`."""
    quiet()
    on_cpu = not torch.cuda.is_available()
    arguments = GRPOConfig(**plan.arguments, use_cpu=on_cpu, logging_nan_inf_filter=False)
    set_seed(arguments.seed)
    test = gradable(read_rows(plan.test), plan, plan.test) if plan.test else []
    validation = gradable(read_rows(plan.evaluation.path), plan, plan.evaluation.path) if plan.evaluation else []
    tokenizer, instruction = tokenizer_of(found), _instruction(run, plan)
    found = look_at_model(found, plan, tokenizer, [*gradable(rows, plan, plan.data), *validation, *test], instruction)
    if on_cpu and found.parameters < SMALL and "OMP_NUM_THREADS" not in os.environ:
        torch.set_num_threads(1)  # two gain nothing on small models, and are up to 40 times slower on a busy machine (run)
    scoring = _scoring(run, plan, arguments)
    schedule = Temperature(plan.schedule) if plan.schedule else None
    ending, story = Ending(), Story(plan, scoring, tell)
    trainer = Trainer(
        model=found.model,
        reward_funcs=[scoring],
        args=arguments,
        train_dataset=dataset_of([rows[place] for place in order], scoring, instruction),
        eval_dataset=dataset_of(validation[: plan.evaluation.rows or None], scoring, instruction) if plan.evaluation else None,
        processing_class=tokenizer,
        callbacks=[*([schedule] if schedule else []), story, Watch(scoring, tell), ending],
        peft_config=LoraConfig(**plan.lora) if plan.lora else None,
    )
    trainer.remove_callback(PrinterCallback)  # the story is told by ours
    for part in (scoring, story, ending):
        part.attach(trainer)
    if schedule:
        schedule.attach(trainer)
    arrived = arrivals(run.recipe, Built(trainer, plan, found.model, scoring))
    if lost := [arrival for arrival in arrived if not arrival.holds]:
        raise Refused(*(f"{item.key}: {item.asked!r} was validated, and {item.found!r} arrived in {item.where}" for item in lost))
    return Ready(trainer, scoring, ending, story, instruction, found, arrived, test)


def gradable(rows: Sequence[Mapping[str, Any]], plan: Plan, path: str) -> list[Mapping[str, Any]]:
    """The rows of domains that are trained. Raises `Refused` where none is, or where one could not be graded."""
    chosen = [row for row in rows if plan.domains.get(row["domain"])]
    for row in chosen:
        if (why := ungradable(row_of(row))) is not None:
            raise Refused(f"{path}: the row {row['question'][:60]!r} cannot be graded: {why}")
    if not chosen:
        raise Refused(f"{path}: no row is of a domain that is trained ({', '.join(name for name, share in plan.domains.items() if share)})")
    return chosen


def dataset_of(rows: Sequence[Mapping[str, Any]], scoring: Scoring, instruction: str | None) -> Dataset:
    """Rows as TRL takes them: the question as a conversation, and the place at which the reward finds the rest."""
    before = [{"role": "system", "content": instruction}] if instruction else []
    prompts = ([*before, {"role": "user", "content": row["question"]}] for row in rows)
    return Dataset.from_list([{"prompt": prompt, "row": scoring.place(row_of(row))} for prompt, row in zip(prompts, rows, strict=True)])


def row_of(row: Mapping[str, Any]) -> Row:
    """A row of the data, as rewards take it."""
    return Row(row["domain"], row["question"], row["answer"], tuple(row["tests"]))


def _instruction(run: ValidatedRun, plan: Plan) -> str | None:
    """What is said to a policy that may write workflows: an executor is there to be asked."""
    if run.executor is None:
        return None
    if plan.operators is None:
        return INSTRUCTION
    with open(plan.operators, encoding="utf-8") as file:
        return f"{INSTRUCTION}\n\n{file.read().strip()}"


def _scoring(run: ValidatedRun, plan: Plan, arguments: GRPOConfig) -> Scoring:
    """The reward with all that it needs. Raises `Refused` where something of that is not there."""
    domains = [name for name, share in plan.domains.items() if share > 0]
    try:
        executor = executor_of(run.executor.entry, timeout=plan.execution_timeout) if run.executor else None
        needs_sandbox = executor is not None or "sandbox" in needs(plan.weights, domains)
        isolated = isolator() if needs_sandbox else None
        rewards = Rewards(
            plan.weights,
            execution_timeout=plan.execution_timeout,
            run_code=runner(isolated) if isolated else None,
            executor=executor,
            root=os.path.dirname(run.path),
            domains=domains,
        )
    except (RewardError, ExecutorError, NoIsolator) as error:
        raise Refused(str(error)) from None
    kept = Kept(plan.buffer, writes=arguments.process_index == 0) if plan.buffer else None
    ran = Workflows(isolated, executor, plan.execution_timeout) if isolated and executor else lambda row, text: None
    return Scoring(rewards, plan.arguments["max_completion_length"], plan.group, ran, kept)
