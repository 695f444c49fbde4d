"""What the benchmarks have in common: commands are run in turn, round by round, and told as tables of medians and ratios."""

from __future__ import annotations

import argparse
import json
import os
import platform
import random
import resource
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from statistics import median, quantiles
from typing import Any, NamedTuple

MEBIBYTE = 2**20 if sys.platform == "darwin" else 2**10
"""In the units of `ru_maxrss`."""

MISSED = "MISSED"


class Limit(NamedTuple):
    """How many times a peer's cost a command may take at most, and what it aims at."""

    peer: str
    most: float
    goal: float | None = None


class Command(NamedTuple):
    """One command of a table: its name there, its words, the folder of the lab it runs in, its exit codes and limits.

    The first word is a program beside this Python; a lab may know words that stand for several. `memory` is a limit in MiB.
    """

    name: str
    words: tuple[str, ...]
    folder: str
    limits: tuple[Limit, ...] = ()
    exits: tuple[int, ...] = (0,)
    memory: float | None = None


class Table(NamedTuple):
    """Commands that are measured round by round, what counts of each run (a field of `Sample`), and the peers it is divided by."""

    title: str
    measure: str
    peers: tuple[str, ...]
    commands: tuple[Command, ...]


class Sample(NamedTuple):
    """What one run of a command took: milliseconds on the clock, milliseconds of the processor, and its largest memory in MiB."""

    wall: float
    cpu: float
    memory: float


_ABOUT = """
import importlib.metadata, importlib.util, json, os, sys
main = importlib.util.find_spec("confguard.__main__")
direct = importlib.metadata.distribution("confguard").read_text("direct_url.json") or "{}"
print(json.dumps({
    "versions": {name: importlib.metadata.version(name) for name in sys.argv[1:]},
    "compiled": os.path.exists(main.cached),
    "editable": json.loads(direct).get("dir_info", {}).get("editable", False),
}))
"""


class Lab:
    """A temporary folder with the files that are read, and the way to run a command in it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.meanings: dict[str, tuple[str, ...]] = {}  # of words that stand for several
        self.environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "CONFGUARD_", "YAMLLINT_"))}
        self.output = root / "output.txt"

    def about(self, *names: str) -> dict[str, Any]:
        """What is to be told of the installed programs of these names."""
        return self.answer(".", "python", "-c", _ABOUT, *names)

    def write(self, path: str, text: str) -> None:
        """Write a file of the lab."""
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")

    def words(self, command: Command) -> list[str]:
        """The command line of a command."""
        words = [word for part in command.words for word in self.meanings.get(part, (part,))]
        return [program(words[0]), *words[1:]]

    def answer(self, folder: str, name: str, *words: str) -> dict[str, Any]:
        """The JSON that a program prints; stop if it prints none."""
        done = subprocess.run([program(name), *words], cwd=self.root / folder, env=self.environment, stdout=subprocess.PIPE, check=False)
        try:
            told: dict[str, Any] = json.loads(done.stdout)
        except ValueError:
            raise SystemExit(f"{name}: exit code {done.returncode}, no JSON") from None
        return told

    def run(self, command: Command) -> Sample:
        """Run a command once, its output into a file; stop everything if it exits as it should not."""
        with self.output.open("wb") as output:
            start = time.perf_counter()
            process = subprocess.Popen(
                self.words(command),
                cwd=self.root / command.folder,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
            )
            _, status, usage = os.wait4(process.pid, 0)
            wall = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode not in command.exits:
            shown = self.output.read_text(encoding="utf-8", errors="replace")[-2000:]
            raise SystemExit(f"{command.name}: exit code {process.returncode}\n{shown}")
        return Sample(wall * 1000, (usage.ru_utime + usage.ru_stime) * 1000, usage.ru_maxrss / MEBIBYTE)


def program(name: str) -> str:
    """The path of a program that is installed beside this Python."""
    path = Path(sys.executable) if name == "python" else Path(sys.executable).with_name(name)
    if not path.exists():
        raise SystemExit(f"{name} is not installed beside this Python: pip install -e '.[dev]'")
    return str(path)


class Measured(NamedTuple):
    """A table, how many rounds it was run, the samples of each of its commands, and the least memory that can be seen, in MiB."""

    table: Table
    rounds: int
    samples: dict[str, list[Sample]]
    floor: float


def measure(lab: Lab, table: Table, rounds: int) -> Measured:
    """Run all commands of a table once a round, in another order each time."""
    samples: dict[str, list[Sample]] = {command.name: [] for command in table.commands}
    for number in range(rounds):
        for command in random.Random(number).sample(table.commands, len(table.commands)):
            samples[command.name].append(lab.run(command))
        print(f"\r{table.title}: round {number + 1} of {rounds}", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    floor = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / MEBIBYTE  # a child starts as a copy of this process
    return Measured(table, rounds, samples, floor)


class Result(NamedTuple):
    """One row: the median and the quartiles of what counts, the median memory and its limit, the ratio to each peer, and the verdict."""

    name: str
    median: float
    quartiles: tuple[float, float]
    memory: float
    most_memory: float | None
    ratios: dict[str, float]
    limits: tuple[Limit, ...]
    verdict: str


def results(taken: Measured) -> list[Result]:
    """The rows of a table: a ratio is one median divided by another of the same rounds."""
    counted = {name: [getattr(sample, taken.table.measure) for sample in samples] for name, samples in taken.samples.items()}
    rows = []
    for command in taken.table.commands:
        values = counted[command.name]
        ratios = {peer: median(values) / median(counted[peer]) for peer in taken.table.peers}
        low, _, high = quantiles(values, n=4, method="inclusive") if len(values) > 1 else values * 3
        memory = median(sample.memory for sample in taken.samples[command.name])
        said = MISSED if command.memory is not None and memory > command.memory else verdict(ratios, command.limits)
        rows.append(Result(command.name, median(values), (low, high), memory, command.memory, ratios, command.limits, said))
    return rows


def verdict(ratios: Mapping[str, float], limits: tuple[Limit, ...]) -> str:
    """What the limits say: `MISSED` past one, `goal` where every goal is reached, else `ok`; empty without limits."""
    if any(ratios[limit.peer] > limit.most for limit in limits):
        return MISSED
    if all(limit.goal is not None and ratios[limit.peer] <= limit.goal for limit in limits):
        return "goal" if limits else ""
    return "ok"


def markdown(taken: Measured) -> Iterator[str]:
    """A table as lines of Markdown."""
    table = taken.table
    yield f"\n{table.title}, median {table.measure} of {taken.rounds} interleaved rounds\n"
    yield f"| command | {table.measure} ms | quartiles | {' | '.join(f'x {peer}' for peer in table.peers)} | peak MiB | verdict |"
    yield "|---" * (len(table.peers) + 5) + "|"
    for row in results(taken):
        limits = {limit.peer: limit for limit in row.limits}
        ratios = " | ".join(shown_ratio(row.ratios[peer], limits.get(peer)) for peer in table.peers)
        low, high = row.quartiles
        memory = f"{row.memory:.0f}" if row.memory > taken.floor else f"below {taken.floor:.0f}"
        memory += f" (at most {row.most_memory:.0f})" if row.most_memory is not None else ""
        yield f"| {row.name} | {row.median:,.0f} | {low:,.0f} to {high:,.0f} | {ratios} | {memory} | {row.verdict} |"


def shown_ratio(ratio: float, limit: Limit | None = None) -> str:
    """A ratio with what it may be."""
    shown = f"{ratio:.3f}" if ratio < 0.2 else f"{ratio:.2f}"
    if limit is None:
        return shown
    goal = f", goal {limit.goal}" if limit.goal is not None else ""
    return f"{shown} (at most {limit.most}{goal})"


def notes(about: Mapping[str, Any]) -> Iterator[str]:
    """What a reader has to know of the machine, the programs, and what falsifies these numbers."""
    yield f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    yield ", ".join(f"{name} {version}" for name, version in about["versions"].items())
    yield f"load before the first round: {os.getloadavg()[0]:.1f}"
    if not about["compiled"]:
        yield "**confguard has no .pyc files: its times are too high**"
    if about["editable"]:
        yield "confguard is installed editable: its finder is imported at every start of Python, so `python -c pass` is too slow"


def parsed(arguments: list[str], description: str, rounds: str, quick: str) -> argparse.Namespace:
    """The options that each benchmark has; the texts say what is measured, and what `--rounds` and `--quick` mean."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--rounds", type=int, default=15, help=f"{rounds} (default: 15)")
    parser.add_argument("--quick", action="store_true", help=f"{quick}: a look, not a measurement")
    parser.add_argument("--json", metavar="FILE", type=Path, help="write every sample to FILE")
    parser.add_argument("--strict", action="store_true", help="exit with 1 where a limit is missed")
    options = parser.parse_args(arguments)
    if options.rounds < 1:
        parser.error("--rounds: at least 1")
    return options


def data(taken: Measured) -> dict[str, Any]:
    """A table with every sample, for `--json`."""
    rows = [{**row._asdict(), "samples": [sample._asdict() for sample in taken.samples[row.name]]} for row in results(taken)]
    return {"title": taken.table.title, "measure": taken.table.measure, "rows": rows}


def missed(taken: Measured) -> bool:
    """Whether a limit is missed."""
    return any(row.verdict == MISSED for row in results(taken))
