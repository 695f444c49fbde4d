"""What happens beside the steps: the story is told and kept, the run is watched, and ended when somebody asks."""

from __future__ import annotations

import os
import signal
import time
from types import FrameType
from typing import Any

import torch
from transformers import TrainerCallback

from confguard.trainer import history
from confguard.trainer.plan import Plan
from confguard.trainer.scoring import Scoring, by_domain, mean
from confguard.words.training import END_FILE, Begun, Evaluated, Logged, Note, Saved, Step, Tell


class Story(TrainerCallback):
    """Tells each step, keeps the history beside the checkpoints, and the experience buffer with it."""

    def __init__(self, plan: Plan, scoring: Scoring, tell: Tell) -> None:
        self.plan, self.scoring, self.tell = plan, scoring, tell
        self.history: list[Step] = []
        self.output = plan.arguments["output_dir"]
        self.began = time.monotonic()
        self.evaluates = "validation"
        self.trainer: Any = None

    def attach(self, trainer: Any) -> None:
        """The trainer whose temperature is told."""
        self.trainer = trainer

    def resume(self, step: int) -> None:
        """Take up the history until a step; what came after it happens again."""
        self.history = history.until(self.output, step)
        if self.scoring.kept is not None:
            self.scoring.kept.resume(step)

    def on_train_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Begin the history's file anew, with what is left of it."""
        if args.process_index == 0:
            history.begin(self.output, self.history)

    def on_step_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Let the clock run."""
        self.began = time.monotonic()

    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Tell and keep the step."""
        step = self.scoring.step(state.global_step, self.trainer.temperature, self.began)
        self.history.append(step)
        if args.process_index == 0:
            history.add(self.output, step)
        self.tell(step)

    def on_log(self, args: Any, state: Any, control: Any, logs: dict[str, Any] | None = None, **_: Any) -> None:
        """Tell what TRL logs."""
        self.tell(Logged(state.global_step, dict(logs or {})))

    def on_save(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Tell that a checkpoint is whole, and write the buffer beside it."""
        if self.scoring.kept is not None:
            self.scoring.kept.write()
        self.tell(Saved(state.global_step, os.path.join(args.output_dir, f"checkpoint-{state.global_step}")))

    def on_train_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Write the buffer a last time."""
        if self.scoring.kept is not None:
            self.scoring.kept.write()

    def on_evaluate(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Tell the reward on rows that are not trained on."""
        found, self.scoring.evaluated = self.scoring.evaluated, []
        if (reward := mean(item.reward for item in found)) is not None:
            self.tell(Evaluated(self.evaluates, state.global_step, reward, by_domain(found)))


class LoggedStory(TrainerCallback):
    """The story of a native run: what TRL logs is all that is known of its steps."""

    def __init__(self, output: str, facts: dict[str, str], tell: Tell) -> None:
        self.output, self.facts, self.tell = output, facts, tell
        self.has_begun = False
        self.history: list[Step] = []
        self.began = time.monotonic()

    def resume(self, step: int) -> None:
        """Take up the history until a step."""
        self.history = history.until(self.output, step)

    def on_train_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Tell how many steps there are, which is known now, and begin the history's file anew with what is left of it."""
        self.has_begun = True
        self.tell(Begun(state.max_steps, state.global_step, self.facts))
        if args.process_index == 0:
            history.begin(self.output, self.history)

    def on_log(self, args: Any, state: Any, control: Any, logs: dict[str, Any] | None = None, **_: Any) -> None:
        """Tell and keep what is logged."""
        values = {name: value for name, value in (logs or {}).items() if isinstance(value, (int, float))}
        if "loss" in values:
            seconds, self.began = time.monotonic() - self.began, time.monotonic()
            step = Step(state.global_step, None, {}, {}, None, None, seconds, {name: values[name] for name in _CURVES if name in values})
            self.history.append(step)
            if args.process_index == 0:
                history.add(self.output, step)
            self.tell(step)
        self.tell(Logged(state.global_step, values))

    def on_save(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Tell that a checkpoint is whole."""
        self.tell(Saved(state.global_step, os.path.join(args.output_dir, f"checkpoint-{state.global_step}")))


_CURVES = ("loss", "reward", "mean_token_accuracy", "rewards/margins", "rewards/accuracies", "kl", "entropy")


class Watch(TrainerCallback):
    """Says what goes wrong as it happens: rewards from which nothing can be learnt."""

    FLAT = 10
    """Steps in a row in which all rewards of each group are equal, before it is said."""

    def __init__(self, scoring: Scoring, tell: Tell) -> None:
        self.scoring, self.tell = scoring, tell
        self.flat = 0

    def on_optimizer_step(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Look at the rewards before the step is counted."""
        self.flat = self.flat + 1 if self.scoring.is_flat(self.scoring.pending) else 0
        if self.flat and self.flat % self.FLAT == 0:
            text = f"in the last {self.flat} steps all rewards of each group were equal: their advantages are zero, and nothing is learnt"
            self.tell(Note(text, "warning"))


class Ending(TrainerCallback):
    """Ends a run in order when somebody asks with Ctrl-C, SIGTERM or a file: the step is finished and saved. Asked again, at once."""

    def __init__(self) -> None:
        self.was_asked = False
        self.file = os.environ.get(END_FILE)
        self.trainer: Any = None
        self.before: dict[int, Any] = {}

    def attach(self, trainer: Any) -> None:
        """The trainer whose processes have to agree on the step after which they end."""
        self.trainer = trainer

    def __enter__(self) -> Ending:
        for number in (signal.SIGINT, signal.SIGTERM):
            self.before[number] = signal.signal(number, self._asked)
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self.before.items():
            signal.signal(number, handler)

    def _asked(self, number: int, frame: FrameType | None) -> None:
        if self.was_asked:
            raise KeyboardInterrupt
        self.was_asked = True

    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Save and stop, if any of the processes was asked to."""
        self.was_asked = self.was_asked or (self.file is not None and os.path.exists(self.file))
        if args.world_size > 1:
            asked = torch.tensor([int(self.was_asked)], device=self.trainer.accelerator.device)
            self.was_asked = bool(self.trainer.accelerator.gather(asked).sum().item())
        if self.was_asked:
            control.should_save = control.should_training_stop = True
