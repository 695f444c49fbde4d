"""What the libraries themselves do with a config file, up to the objects that the trainer is given.

The path is that of `trl <command> --config FILE`: TRL's parser for the command, with its dataclasses' own checks; what it does not know
goes to the parser of `accelerate launch`; then `get_peft_config` makes PEFT's `LoraConfig`, as the script does. No process is launched,
no model loaded, and nothing is asked of the network.
"""

from __future__ import annotations

import copy
import fcntl
import importlib
import io
import logging
import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from functools import cache
from typing import Any, NamedTuple

PARSING, LAUNCHING, ADAPTER = "TRL's parser and dataclasses", "accelerate's parser", "PEFT's LoraConfig"


class Verdict(NamedTuple):
    """Whether the libraries took a file; if not, where it ended and with what words."""

    accepts: bool
    stage: str = ""
    error: str = ""
    """The name of the exception; `SystemExit` where argparse ended it."""
    message: str = ""


class Libraries:
    """The parsers, each made once: TRL's are put back as they were after each file."""

    def __init__(self) -> None:
        os.environ["HF_HUB_OFFLINE"] = "1"
        for name in ("WORLD_SIZE", "RANK", "LOCAL_RANK", "ACCELERATE_MIXED_PRECISION", "ACCELERATE_USE_CPU"):
            os.environ.pop(name, None)
        os.environ["CUDA_VISIBLE_DEVICES"] = ""
        with _silence():
            self._state = importlib.import_module("accelerate.state")
            self._utils = importlib.import_module("trl.trainer.utils")
            self._resolve = importlib.import_module("trl.cli.accelerate_config").resolve_accelerate_config_argument
            self._launch = importlib.import_module("accelerate.commands.launch").launch_command_parser()
        logging.disable(logging.CRITICAL)

    def verdict(self, kind: str, path: str) -> Verdict:
        """What becomes of a file of a kind."""
        word = kind.removeprefix("trl-")
        stage = PARSING
        self._state.AcceleratorState._reset_state(reset_partial_state=True)  # as in a process of its own
        with _silence(), _same_environment(), _own_files():
            try:
                with _restored(_parser(word)) as parser:
                    _, _, model, _, left, more = parser.parse_args_and_config(
                        ["--config", path], return_remaining_strings=True, separate_remaining_strings=True
                    )
                stage = LAUNCHING
                launched = self._launch.parse_args([*self._resolve([*left, *more]), f"{word}.py", "--config", path])
                if launched.training_script != f"{word}.py":  # the value of a flag, which wants none
                    return Verdict(False, stage, "NoSuchScript", f"accelerate would run {launched.training_script}")
                stage = ADAPTER
                self._utils.get_peft_config(model)
            except SystemExit:
                return Verdict(False, stage, "SystemExit", _last_line())
            except Exception as error:  # whatever a library raises is its verdict
                return Verdict(False, stage, type(error).__name__, _one_line(str(error)))
        return Verdict(True)


@cache
def _parser(word: str) -> Any:
    with _silence():
        parser = importlib.import_module(f"trl.scripts.{word}").make_parser(prog=f"trl {word}")
    parser.kept = [(action, copy.deepcopy(action.default), action.required) for action in parser._actions]
    return parser


@contextmanager
def _restored(parser: Any) -> Iterator[Any]:
    """A parser that is as new: a file's values become defaults of its actions."""
    for action, default, required in parser.kept:
        action.default, action.required = copy.deepcopy(default), required
    yield parser


_heard = io.StringIO()


@contextmanager
def _silence() -> Iterator[None]:
    _heard.seek(0)
    _heard.truncate()
    with warnings.catch_warnings(), redirect_stdout(_heard), redirect_stderr(_heard):
        warnings.simplefilter("ignore")
        yield


@contextmanager
def _same_environment() -> Iterator[None]:
    before = dict(os.environ)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


@contextmanager
def _own_files() -> Iterator[None]:
    """Standard files of its own: `accelerator_config: 1` makes transformers read, and close, the file of that number."""
    kept = [fcntl.fcntl(number, fcntl.F_DUPFD_CLOEXEC, 100) for number in range(3)]
    nothing = os.open(os.devnull, os.O_RDWR)
    try:
        for number in range(3):
            os.dup2(nothing, number)
        yield
    finally:
        for number, file in enumerate(kept):
            os.dup2(file, number)
            os.close(file)
        os.close(nothing)


def _last_line() -> str:
    lines = _heard.getvalue().strip().splitlines()
    return _one_line(lines[-1]) if lines else ""


def _one_line(text: str) -> str:
    return " ".join(text.split())[:300]
