"""`confguard train`: a check, and the run where it finds nothing."""

from __future__ import annotations

import gc
import os
import re
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence

from confguard.checking.setting import BadUsage, Options
from confguard.checking.validating import validated
from confguard.commands.check import exit_code
from confguard.commands.complain import complain
from confguard.edit.spell import as_yaml
from confguard.report.formats import Asked, show
from confguard.report.paint import is_coloured, paint, width_of
from confguard.schemas.catalogue import CATALOGUE
from confguard.words.secret import without_secrets
from confguard.words.training import END_FILE, Begun, Ended, Event, Logged, Step
from confguard.words.typing import NamedTuple, TextIO
from confguard.words.validated import ValidatedRun

FAILED = 4
"""The exit code of a run that failed after it had begun."""
KINDS = ("aflow-training", "trl-grpo", "trl-sft", "trl-dpo")
_EXPECTED = "CONFGUARD_VALIDATED"
"""The variable in which the launched processes are told what was validated."""


class Wanted(NamedTuple):
    """What the command line asks for."""

    config: str
    options: Options
    fail_on: str = "error"
    seed: int | None = None
    resume: bool = False
    launcher: str | None = None
    launcher_arguments: tuple[str, ...] = ()


def run(wanted: Wanted) -> int:
    """Check, and train what holds; 0 done, 1 refused, 2 could not run, 4 the run failed, 130 interrupted. Raises `BadUsage`."""
    path = _config(wanted.config)
    report, found = validated(path, CATALOGUE, wanted.options, wanted.fail_on)
    expected = os.environ.get(_EXPECTED)
    if expected is None and (found is None or report.fails("warning")):
        show(report, "text", Asked(CATALOGUE.rules))
    if found is None:
        for problem in report.problems:
            complain(problem)
        complain("nothing was started: the check found what keeps this run from doing what the file says")
        return exit_code(report, wanted.fail_on)
    if found.kind not in KINDS:
        raise BadUsage(f"{path} is of the kind {found.kind}; what can be trained: {', '.join(KINDS)}")
    if expected is not None and expected != found.digest:
        raise BadUsage(f"{path} is not what was validated before the launch: it has changed since")
    if expected is not None:
        _die_with_the_launcher()
    gc.enable()  # a check does without; a run is long
    if wanted.launcher is not None and expected is None:
        return _launched(wanted, found)
    return _trained(found, wanted)


def _config(asked: str) -> str:
    """The file that is asked for; a profile stands for the training file in its folder."""
    if not asked.startswith("profile:"):
        if os.path.isdir(asked):
            raise BadUsage(f"{asked} is a folder: name the training file in it")
        return asked
    from confguard.project.find import find_project
    from confguard.project.side import side_of

    name = asked.removeprefix("profile:")
    files = [file for file in side_of(asked, find_project(""), CATALOGUE).files if file.kind in KINDS]
    if not files:
        raise BadUsage(f"{asked} holds no config that can be trained")
    return os.path.join(CATALOGUE.profiles, name, os.path.basename(files[0].document.path))


def _launched(wanted: Wanted, run: ValidatedRun) -> int:
    """The same command in several processes, each of which checks anew and compares; what can be refused is refused once, before."""
    from confguard.trainer.native import CLASSES
    from confguard.trainer.plan import Refused
    from confguard.trainer.run import Asked, prepared

    if run.kind not in CLASSES:
        try:
            prepared(run, Asked(wanted.seed, wanted.resume))
        except Refused as refused:
            return _refused(refused.reasons)
    count = run.world_size or run.data.get("num_processes") or len(run.recipe.get("device_mapping") or [0])
    nodes = max([int(found[1]) for item in wanted.launcher_arguments if (found := re.fullmatch(r"--nnodes=(\d+)", item))], default=1)
    if count % nodes:
        return _refused([f"{count} processes are no {nodes} equal parts for as many machines"])
    arguments = [argument for argument in sys.argv[1:] if argument != "--launch" and not argument.startswith("--launch=")]
    if "--launch" in sys.argv:
        arguments.remove(str(wanted.launcher))
    command = [sys.executable, "-m", "torch.distributed.run", "--signals-to-handle=SIGTERM", f"--nproc-per-node={count // nodes}"]
    command += wanted.launcher_arguments
    return _waited([*command, "-m", "confguard", *arguments], {**os.environ, _EXPECTED: run.digest})


def _die_with_the_launcher() -> None:
    """Let the system end this process when the one that launched it is gone: an orphan would go on training into the folder."""
    if sys.platform == "linux":
        import ctypes

        set_death_signal = 1  # PR_SET_PDEATHSIG of prctl(2)
        ctypes.CDLL(None).prctl(set_death_signal, signal.SIGKILL)


def _waited(command: Sequence[str], environment: Mapping[str, str]) -> int:
    """The end of a launcher: 0 done, 4 failed, 130 where somebody asked it to end.

    A launcher that is asked itself gives its processes 30 seconds and kills them, so it is made deaf to Ctrl-C, which the processes hear.
    They look for a file after each step, too, which is put there when this process is asked; asked again, it ends the launcher.
    """
    with tempfile.TemporaryDirectory(prefix="confguard-train-") as folder:
        end = os.path.join(folder, "end")
        heard = signal.signal(signal.SIGINT, signal.SIG_IGN)  # what is ignored stays so in what is started
        process = subprocess.Popen(command, env={**environment, END_FILE: end})

        def ask(*_: object) -> None:
            if os.path.exists(end):
                process.terminate()
            with open(end, "w", encoding="utf-8"):
                pass

        before = {signal.SIGINT: heard, signal.SIGTERM: signal.signal(signal.SIGTERM, ask)}
        signal.signal(signal.SIGINT, ask)
        try:
            code = process.wait()
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
        return 130 if os.path.exists(end) else FAILED if code else 0


def _is_first() -> bool:
    """Whether this is the process of a run that speaks."""
    return os.environ.get("RANK", "0") == "0"


def _refused(reasons: Sequence[str]) -> int:
    if _is_first():
        for reason in reasons:
            complain(f"not started: {reason}")
    return 1


def _trained(run: ValidatedRun, wanted: Wanted) -> int:
    from confguard.trainer.plan import Refused
    from confguard.trainer.run import Asked, train

    teller = _Teller(sys.stdout)
    try:
        ended = train(run, Asked(wanted.seed, wanted.resume, _text(run)), teller)
    except Refused as refused:
        teller.clear()
        return _refused(refused.reasons)
    except KeyboardInterrupt:
        teller.clear()
        begun = "in the middle of a step; --resume goes on from the last whole checkpoint"
        complain(f"interrupted {begun if teller.has_begun else 'before the first step'}")
        return 130
    except Exception as error:
        if (not teller.has_begun and _is_first()) or os.environ.get("CONFGUARD_DEBUG"):
            raise
        teller.clear()
        complain(
            f"the run failed: {type(error).__name__}: {error} "
            "(CONFGUARD_DEBUG=1 shows more; --resume goes on from the last whole checkpoint)"
        )
        return FAILED
    if _is_first():
        teller.end(ended)
    is_launched = END_FILE in os.environ  # then whoever launched it knows, and a launcher would take it for a failure
    return 130 if ended.how == "interrupted" and not is_launched else 0


def _text(run: ValidatedRun) -> str:
    """The config as it is trained: the file with what `--set` laid over, every reference to other files as it was."""
    lines = [f"# What confguard train made of {os.path.basename(run.path)}: compare it with `confguard diff`."]
    return "\n".join([*lines, *(f"{as_yaml(key)}: {as_yaml(value)}" for key, value in without_secrets(run.data).items())]) + "\n"


class _Teller:
    """Writes what a run tells: one line that moves on a terminal, a line for each log elsewhere."""

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream
        self.moves = stream.isatty()
        self.steps = 0
        self.facts: dict[str, str] = {}
        self.logged: Logged | None = None
        self.last: Step | None = None
        self.has_begun = False
        self.is_open = False

    def __call__(self, event: Event) -> None:
        from confguard.report.training import event_lines, progress

        if isinstance(event, Begun):
            self.steps, self.facts, self.has_begun = event.steps, event.facts, True
        if isinstance(event, Step):
            self.last = event
            if self.moves:
                self.clear()
                self.stream.write("".join(text for _, text in progress(event, self.steps, self.logged, width_of(self.stream))))
                self.is_open = True
        elif isinstance(event, Logged):
            self.logged = event
            if not self.moves and self.last is not None and "loss" in event.values:
                paint([progress(self.last, self.steps, event, width_of(self.stream))], self.stream)
        elif lines := list(event_lines(event, width_of(self.stream))):
            self.clear()
            paint(lines, self.stream)
        self.stream.flush()

    def clear(self) -> None:
        """Take the moving line away."""
        if self.is_open:
            self.stream.write("\r\x1b[2K" if is_coloured(self.stream) or self.moves else "\n")
            self.is_open = False

    def end(self, ended: Ended) -> None:
        """Write the summary, and the page beside the checkpoints."""
        from confguard.report.html import page
        from confguard.report.training import blocks, summary

        self.clear()
        paint(summary(ended, width_of(self.stream)), self.stream)
        if ended.history:
            path = os.path.join(ended.output, "confguard-summary.html")
            with open(path, "w", encoding="utf-8") as file:
                file.write(page(blocks(ended, f"Training run {os.path.basename(ended.output)}", self.facts), title="confguard train"))
            paint([[("dim", "summary  "), ("", path)]], self.stream)


def parse_launcher(launcher: str | None, arguments: Sequence[str]) -> tuple[str | None, tuple[str, ...]]:
    """The launcher and what is handed on to it. Raises `BadUsage`."""
    if launcher not in (None, "torchrun"):
        raise BadUsage(
            f"--launch {launcher}: the launcher that is known is torchrun; under another one, start confguard train in each process"
        )
    if arguments and launcher is None:
        raise BadUsage("--launch-argument belongs to --launch torchrun")
    return launcher, tuple(arguments)
