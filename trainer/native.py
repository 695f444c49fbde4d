"""Native files of TRL's: the run that `trl grpo|sft|dpo --config` would make, behind the gate.

TRL's own script reads the values and builds the trainer. Put in between are checkpoints that are whole or not there, the story of the
run, and a look at whether every key of the file arrived.
"""

from __future__ import annotations

import json
import os
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from enum import Enum
from importlib import import_module, metadata
from types import ModuleType
from typing import Any, NamedTuple

from confguard.schemas.trl.launch import LAUNCH
from confguard.trainer import manifest
from confguard.trainer.checkpoints import Staged, ended
from confguard.trainer.launch import Processes
from confguard.trainer.plan import Refused
from confguard.trainer.quiet import quiet
from confguard.words.target import PACKAGES, minor
from confguard.words.training import Ended, Tell
from confguard.words.validated import ValidatedRun

CLASSES = {"trl-grpo": "GRPOTrainer", "trl-sft": "SFTTrainer", "trl-dpo": "DPOTrainer"}
"""The trainer of each kind that is trained."""

_SET_BY_TRL = ("output_dir", "resume_from_checkpoint", "disable_tqdm", "report_to", "gradient_checkpointing", "use_cpu", "warmup_ratio")
"""Arguments of which TRL or this trainer makes something else, by their own rules, whatever a file says."""


class Start(NamedTuple):
    """From where a native run goes."""

    seed: int | None
    resume: bool
    processes: Processes
    config: str


def train(run: ValidatedRun, start: Start, tell: Tell) -> Ended:
    """Train a native file. Raises `Refused` before the first step where that cannot be done."""
    _same_releases(run)
    config, environment = _config(run, start)
    os.environ.update(environment)
    quiet()
    script = import_module(f"trl.scripts.{run.kind.removeprefix('trl-')}")
    parsed = _parsed(script, config)
    with manifest.held(parsed[1].output_dir, start.processes.is_first):
        return _trained(run, script, parsed, start, tell)


def _trained(run: ValidatedRun, script: ModuleType, parsed: tuple[Any, ...], start: Start, tell: Tell) -> Ended:
    arguments = parsed[1]
    whole = _checkpoint(run, arguments, start)
    arguments.resume_from_checkpoint = whole[1] if whole else None
    arguments.disable_tqdm = True
    overruled = {"seed"} if start.seed is not None else set()
    with _in_between(CLASSES[run.kind], run, tell, whole, overruled) as reached:
        try:
            script.main(*parsed)
        except Refused:
            raise
        except Exception as error:
            if reached and reached[0][1].has_begun:
                raise
            raise Refused(f"TRL does not build it: {type(error).__name__}: {error}") from error
    trainer, story, ending = reached[0]
    how = "interrupted" if ending.was_asked else "done"
    return ended(how, trainer.state.global_step, arguments.output_dir, story.history)


def _same_releases(run: ValidatedRun) -> None:
    """What was checked has to be what trains: the rules and the defaults are those of a release."""
    for package in PACKAGES if run.target else ():
        checked, installed = run.target.version(package) if run.target else "", metadata.version(package)
        if checked and minor(checked) != minor(installed):
            raise Refused(
                f"the check was for {package} {checked}, and {installed} is installed: check with --target {package}=={installed}"
            )


def _config(run: ValidatedRun, start: Start) -> tuple[dict[str, Any], dict[str, str]]:
    """The keys for TRL's parser, and the environment. Raises `Refused` for keys that nobody here would honour."""
    config = dict(run.data)
    environment = {str(name): str(value) for name, value in (config.pop("env", None) or {}).items()}
    count = run.world_size or config.get("num_processes")
    config.pop("num_processes", None)
    if isinstance(count, int) and count != start.processes.number:
        raise Refused(start.processes.mismatch(count))
    if launch := [name for name in config if name in LAUNCH and name != "gradient_accumulation_steps"]:
        raise Refused(
            f"{launch[0]} is for accelerate launch: start `accelerate launch --{launch[0]} ... -m confguard train` without the key"
        )
    if start.seed is not None:
        config["seed"] = start.seed
    return config, environment


def _parsed(script: ModuleType, config: Mapping[str, Any]) -> tuple[Any, ...]:
    parser = script.make_parser()
    left = parser.set_defaults_with_config(**config)
    if left:
        raise Refused(f"{left[0].removeprefix('--')} is no key of this TRL's, which would not read it: take it out")
    try:
        parsed: tuple[Any, ...] = parser.parse_args_into_dataclasses(args=[])
    except (Exception, SystemExit) as error:
        raise Refused(f"TRL does not take it: {type(error).__name__}: {error}") from error
    return parsed


def _data_of(run: ValidatedRun) -> dict[str, str | None]:
    """The data that lies on this disk, by where the file names it."""
    named = [run.data.get("dataset_name"), *(item.get("path") for item in run.data.get("datasets") or [] if isinstance(item, dict))]
    return {f"data {place}": name for place, name in enumerate(named) if isinstance(name, str)}


def _checkpoint(run: ValidatedRun, arguments: Any, start: Start) -> tuple[int, str] | None:
    """The checkpoint to go on from. Raises `Refused` where the folder holds another run."""
    output = arguments.output_dir
    made = manifest.manifest(
        run,
        seed=arguments.seed,
        processes=start.processes.number,
        device=str(arguments.device),
        files=_data_of(run),
        base=str(run.data.get("model_name_or_path")),
        output=output,
    )
    model = run.data.get("model_name_or_path")
    if isinstance(model, str) and os.path.realpath(model) == os.path.realpath(output):
        raise Refused(f"output_dir: {output} is the folder of the model, which would be written over")
    whole = manifest.checkpoint_to_go_on(output, start.resume, made)
    if start.processes.is_first:
        manifest.write(output, made, start.config)
    return whole


@contextmanager
def _in_between(name: str, run: ValidatedRun, tell: Tell, whole: tuple[int, str] | None, overruled: set[str]) -> Iterator[list[Any]]:
    """While this lasts, TRL's scripts build our trainer instead of theirs; the list gets it once it is built and holds."""
    import trl
    from transformers import PrinterCallback

    from confguard.trainer.callbacks import Ending, LoggedStory
    from confguard.trainer.finite import Finite

    theirs: Any = getattr(trl, name)
    reached: list[Any] = []

    class Ours(Staged, Finite, theirs):
        """TRL's trainer with checkpoints that are whole or not there, and the story of the run."""

        def __init__(self, *positional: Any, **named: Any) -> None:
            super().__init__(*positional, **named)
            if lost := list(not_arrived(run, self, overruled)):
                raise Refused(*lost)
            facts = {"kind": run.kind, "output": self.args.output_dir}
            story, ending = LoggedStory(self.args.output_dir, facts, tell), Ending()
            ending.attach(self)
            self.remove_callback(PrinterCallback)
            self.add_callback(story)
            self.add_callback(ending)
            reached.append((self, story, ending))

        def train(self, *positional: Any, **named: Any) -> Any:
            _, story, ending = reached[0]
            story.resume(whole[0] if whole else 0)
            with ending:
                return super().train(*positional, **named)

    Ours.__name__ = theirs.__name__
    setattr(trl, name, Ours)
    try:
        yield reached
    finally:
        setattr(trl, name, theirs)


def not_arrived(run: ValidatedRun, trainer: Any, overruled: Collection[str] = ()) -> Iterator[str]:
    """Each key of the file that is an argument of the trainer's and has another value there, said in a sentence.

    What the command line overrules is passed over.
    """
    adapter = next(iter(getattr(trainer.model, "peft_config", {}).values()), None)
    for name, asked in run.recipe.values.items():
        holder, field = (adapter, name.removeprefix("lora_")) if name.startswith("lora_") else (trainer.args, name)
        field = {"alpha": "lora_alpha", "dropout": "lora_dropout"}.get(field, field) if holder is adapter else field
        if holder is None or name in _SET_BY_TRL or name in overruled or not hasattr(holder, field):
            continue
        found = _plain(getattr(holder, field))
        if asked is not None and not _is_what_was_asked(name, _plain(asked), found):
            yield f"{name}: {asked!r} was validated, and {found!r} arrived in {type(holder).__name__}.{field}"


_IN_OTHER_WORDS = {("scale_rewards", True): "group", ("scale_rewards", False): "none", ("include_num_input_tokens_seen", True): "all"}
_IN_OTHER_WORDS |= {("include_num_input_tokens_seen", False): "no"}
"""Values that TRL and transformers write in a way of their own."""


def _is_what_was_asked(name: str, asked: Any, found: Any) -> bool:
    if asked in ("all-linear", ["all-linear"]):  # PEFT works the list out from the model
        return isinstance(found, (list, str))
    if isinstance(asked, str) and isinstance(found, dict):
        try:
            asked = json.loads(asked)
        except ValueError:
            return False
    if isinstance(asked, dict) and isinstance(found, dict):  # the libraries fill it up with their defaults
        return all(key in found and _is_what_was_asked(key, value, _plain(found[key])) for key, value in asked.items())
    return bool(asked == found or found == [asked] or (isinstance(asked, bool) and _IN_OTHER_WORDS.get((name, asked)) == found))


def _plain(value: Any) -> Any:
    """A value as a file would say it."""
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, set):
        return sorted(value)
    if hasattr(value, "to_dict"):
        return value.to_dict()
    return sorted(value) if isinstance(value, list) and all(isinstance(item, str) for item in value) else value
