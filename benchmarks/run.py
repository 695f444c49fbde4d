"""Measure confguard against its peers, interleaved in one run, and print medians and ratios as Markdown tables.

`python benchmarks/run.py [--rounds N] [--quick] [--json FILE] [--strict]`; benchmarks/README.md says how to read the tables.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import random
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from statistics import median, quantiles
from typing import Any, NamedTuple

from confguard import profiles


class Limit(NamedTuple):
    """How many times a peer's cost a command may take at most, and what it aims at."""

    peer: str
    most: float
    goal: float | None = None


class Command(NamedTuple):
    """One command of a table: its name there, its words, the folder of the lab it runs in, its exit codes and limits.

    The first word is a program beside this Python; `@RUNS` stands for the paths of all generated files.
    """

    name: str
    words: tuple[str, ...]
    folder: str
    limits: tuple[Limit, ...] = ()
    exits: tuple[int, ...] = (0,)


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


FILES = 1000
MEBIBYTE = 2**20 if sys.platform == "darwin" else 2**10
"""In the units of `ru_maxrss`."""

MISSED = "MISSED"
PASS, SCHEMA, LINT = "python -c pass", "check-jsonschema", "yamllint"
_CHECK_SCHEMA = ("check-jsonschema", "--schemafile", "schema.json")

PLAIN = (Limit(SCHEMA, 0.30, 0.25), Limit(LINT, 0.75, 0.60))
WITH_OPTIONS = (Limit(SCHEMA, 0.45), Limit(LINT, 1.20))
MANY = (Limit(SCHEMA, 0.10), Limit(LINT, 0.07))

ONE_FILE = Table(
    "One file, cold, whole process",
    "wall",
    (PASS, SCHEMA, LINT),
    (
        Command(PASS, ("python", "-c", "pass"), "one"),
        Command("python -c 'import yaml'", ("python", "-c", "import yaml"), "one"),
        Command("confguard check FILE, clean", ("confguard", "check", "training.yaml"), "one", PLAIN),
        Command("confguard check FILE, five findings", ("confguard", "check", "findings.yaml"), "one", PLAIN, (1,)),
        Command("confguard check FILE beside a confguard.yaml", ("confguard", "check", "training.yaml"), "project", PLAIN),
        Command(
            "confguard check --format concise FILE", ("confguard", "check", "--format", "concise", "training.yaml"), "one", WITH_OPTIONS
        ),
        Command(
            "confguard check --reference profile:reference --select LORA,SCHED FILE",
            ("confguard", "check", "--reference", "profile:reference", "--select", "LORA,SCHED", "training.yaml"),
            "one",
            WITH_OPTIONS,
        ),
        Command(SCHEMA, (*_CHECK_SCHEMA, "training.yaml"), "one"),
        Command(LINT, ("yamllint", "training.yaml"), "one", exits=(0, 1)),
    ),
)
MANY_FILES = Table(
    f"{FILES:,} files in one process",
    "cpu",
    (SCHEMA, LINT),
    (
        Command("confguard check FILE...", ("confguard", "check", "@RUNS"), "many", MANY),
        Command("confguard check FOLDER", ("confguard", "check", "runs"), "many", MANY),
        Command(SCHEMA, (*_CHECK_SCHEMA, "@RUNS"), "many"),
        Command(LINT, ("yamllint", "@RUNS"), "many", exits=(0, 1)),
    ),
)

CLEAN = {"  initial": "1.0", "  final": "0.8", "  temperature": "1.0"}
"""What is laid over the reference profile so that not even an info is left of it."""

FINDINGS = {"learning_rate": "2e-5", "lora_alpha": "0", "lora_dropout": "1.5", "  math": "0.9"}
"""Laid over the clean file: four findings; a misspelt key makes the fifth."""

PROJECT = """\
references: {baseline: "profile:reference"}
files: {training.yaml: aflow-training}
rules: {ignore: [NAME002], severity: {SCHED003: info}}
extension_keys: ["my_team.*"]
waivers:
  - {parameter: weight_decay, value: 0.01, reason: "as in the paper", by: someone, expires: never}
"""

_ABOUT = """
import importlib.metadata, importlib.util, json, os
from confguard.schemas import AflowTraining
names = ("confguard", "check-jsonschema", "yamllint", "PyYAML", "pydantic", "typer")
main = importlib.util.find_spec("confguard.__main__")
direct = importlib.metadata.distribution("confguard").read_text("direct_url.json") or "{}"
print(json.dumps({
    "schema": AflowTraining.model_json_schema(),
    "versions": {name: importlib.metadata.version(name) for name in names},
    "compiled": os.path.exists(main.cached),
    "editable": json.loads(direct).get("dir_info", {}).get("editable", False),
}))
"""


class Lab:
    """A temporary folder with the files that are checked, and the way to run a command in it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.runs = tuple(f"runs/{number:04}.yaml" for number in range(FILES))
        self.environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "CONFGUARD_", "YAMLLINT_"))}
        self.output = root / "output.txt"

    def fill(self) -> None:
        """Write the configs: a clean one, one with findings, one beside a project file, and many."""
        reference = Path(str(profiles.__file__)).with_name("reference")
        executor = (reference / "aflow_llm.yaml").read_text(encoding="utf-8")
        clean = overlaid((reference / "training.yaml").read_text(encoding="utf-8"), CLEAN)
        for folder in ("one", "project", "many"):
            self.write(f"{folder}/config/aflow_llm.yaml", executor)
        for folder in ("one", "project"):
            self.write(f"{folder}/training.yaml", clean)
        self.write("one/findings.yaml", overlaid(clean, FINDINGS).replace("max_grad_norm:", "max_grad_nrm:"))
        self.write("project/confguard.yaml", PROJECT)
        for number, path in enumerate(self.runs):
            self.write(f"many/{path}", variant(clean, number))

    def about(self) -> dict[str, Any]:
        """What is to be told of the installed programs; on the way the JSON schema of the configs is written."""
        told = self.answer("one", "python", "-c", _ABOUT)
        schema = json.dumps(told.pop("schema"))
        for folder in ("one", "many"):
            self.write(f"{folder}/schema.json", schema)
        return told

    def write(self, path: str, text: str) -> None:
        """Write a file of the lab."""
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")

    def words(self, command: Command) -> list[str]:
        """The command line of a command."""
        words = [word for part in command.words for word in (self.runs if part == "@RUNS" else (part,))]
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

    def prove(self) -> None:
        """Stop unless confguard finds what these files were made to hold: five findings in one of them, none in the others."""
        for folder, path, files, wanted in (
            ("one", "training.yaml", 1, 0),
            ("one", "findings.yaml", 1, 5),
            ("project", "training.yaml", 1, 0),
            ("many", "runs", FILES, 0),
        ):
            report = self.answer(folder, "confguard", "check", "--format", "json", path)
            found = [f"{finding['code']} {finding['file']}" for finding in report["findings"] if not finding["waiver"]]
            checked = report["summary"]["files"]
            if len(found) != wanted or checked != files:
                raise SystemExit(f"{folder}/{path}: {checked} checked, {len(found)} findings instead of {wanted}: {', '.join(found[:10])}")


def program(name: str) -> str:
    """The path of a program that is installed beside this Python."""
    path = Path(sys.executable) if name == "python" else Path(sys.executable).with_name(name)
    if not path.exists():
        raise SystemExit(f"{name} is not installed beside this Python: pip install -e '.[dev]'")
    return str(path)


def overlaid(text: str, values: Mapping[str, str]) -> str:
    """A YAML text with other values after the keys that are given, each with the indentation it stands at; comments stay."""
    for key, value in values.items():
        text, count = re.subn(rf"(?m)^{key}: *(?:\"[^\"\n]*\"|[^\s#]+)", f"{key}: {value}", text)
        if count != 1:
            raise SystemExit(f"the reference profile holds {key.strip()} {count} times, not once")
    return text


def variant(text: str, number: int) -> str:
    """The config of another run: other numbers, other names, comments that fit them, and 60 to 75 lines."""
    draw = random.Random(number)
    steps, batch, group = 25 * (12 + number), draw.randint(2, 12), draw.randint(4, 12)
    rank, name = draw.choice((8, 16, 32, 64)), f"grpo-{steps}steps-{batch}batch-{group}workflows"
    maths, questions, hottest = draw.randint(200, 500), draw.randint(100, 400), f"{draw.uniform(0.9, 1.0):.3f}"
    values = {
        "max_steps": steps,
        "rollout_batch_size": batch,
        "num_return_sequences_in_group": group,
        "learning_rate": f"{1 + number / 500:.3f}e-5",
        "warmup_steps": steps // 5,
        "weight_decay": f"{draw.uniform(0.001, 0.1):.4f}",
        "kl_loss_coef": f"{draw.uniform(0.01, 0.1):.4f}",
        "  initial": hottest,
        "  temperature": hottest,
        "  final": f"{draw.uniform(0.7, 0.85):.3f}",
        "  warmup_steps": draw.randint(steps // 5, steps // 2),
        "lora_rank": rank,
        "lora_alpha": rank * draw.choice((1, 2)),
        "lora_dropout": f"{draw.uniform(0.0, 0.1):.4f}",
        "train_dataset": f'"data/mixed/train_{number:04}.jsonl"',
        "  math": f"{maths / 1000:.3f}",
        "  qa": f"{questions / 1000:.3f}",
        "  code": f"{(1000 - maths - questions) / 1000:.3f}",
        "val_samples": draw.randint(20, 400),
        "output_dir": f'"checkpoints/{name}-seed{number}"',
        "execution_timeout": draw.randint(100, 900),
        "  project": f'"aflow-roll-{draw.randrange(10**6)}"',
        "  run_name": f'"{name}"',
    }
    target = f"# Target: {steps} steps x {batch} prompts x {group} workflows = {steps * batch * group} workflows"
    text = re.sub(r"(?m)^# Target: .*$", target, text)
    return "\n".join(_shorter(overlaid(text, {key: str(value) for key, value in values.items()}), draw.randint(60, 75))) + "\n"


def _shorter(text: str, count: int) -> list[str]:
    """The lines of a text without so many of its empty lines and lines of comment that `count` are left."""
    lines = text.splitlines()
    spare = [index for index, line in enumerate(lines) if not line or line.startswith("#")]
    dropped = set(spare[: max(len(lines) - count, 0)])
    return [line for index, line in enumerate(lines) if index not in dropped]


class Measured(NamedTuple):
    """A table, how many rounds it was run, and the samples of each of its commands."""

    table: Table
    rounds: int
    samples: dict[str, list[Sample]]


def measure(lab: Lab, table: Table, rounds: int) -> Measured:
    """Run all commands of a table once a round, in another order each time."""
    samples: dict[str, list[Sample]] = {command.name: [] for command in table.commands}
    for number in range(rounds):
        for command in random.Random(number).sample(table.commands, len(table.commands)):
            samples[command.name].append(lab.run(command))
        print(f"\r{table.title}: round {number + 1} of {rounds}", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    return Measured(table, rounds, samples)


class Result(NamedTuple):
    """One row: the median and the quartiles of what counts, the median memory, the ratio to each peer, and the verdict."""

    name: str
    median: float
    quartiles: tuple[float, float]
    memory: float
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
        rows.append(Result(command.name, median(values), (low, high), memory, ratios, command.limits, verdict(ratios, command.limits)))
    return rows


def verdict(ratios: Mapping[str, float], limits: tuple[Limit, ...]) -> str:
    """What the limits say: `MISSED` past one, `goal` where every goal is reached, else `ok`; empty without limits."""
    if any(ratios[limit.peer] > limit.most for limit in limits):
        return MISSED
    if all(limit.goal is not None and ratios[limit.peer] <= limit.goal for limit in limits):
        return "goal" if limits else ""
    return "ok"


def markdown(table: Table, rows: Iterable[Result]) -> Iterator[str]:
    """A table as lines of Markdown."""
    floor = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / MEBIBYTE  # a child starts as a copy of this process
    yield f"| command | {table.measure} ms | quartiles | {' | '.join(f'x {peer}' for peer in table.peers)} | peak MiB | verdict |"
    yield "|---" * (len(table.peers) + 5) + "|"
    for row in rows:
        limits = {limit.peer: limit for limit in row.limits}
        ratios = " | ".join(_ratio(row.ratios[peer], limits.get(peer)) for peer in table.peers)
        low, high = row.quartiles
        memory = f"{row.memory:.0f}" if row.memory > floor else f"below {floor:.0f}"
        yield f"| {row.name} | {row.median:,.0f} | {low:,.0f} to {high:,.0f} | {ratios} | {memory} | {row.verdict} |"


def _ratio(ratio: float, limit: Limit | None) -> str:
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


def parsed(arguments: list[str]) -> argparse.Namespace:
    """The options of the command line."""
    parser = argparse.ArgumentParser(description="Measure confguard against its peers, interleaved in one run.")
    parser.add_argument("--rounds", type=int, default=15, help="rounds for one file; a fifth as many for many files (default: 15)")
    parser.add_argument("--quick", action="store_true", help="5 rounds, and the many files once: a look, not a measurement")
    parser.add_argument("--json", metavar="FILE", type=Path, help="write every sample to FILE")
    parser.add_argument("--strict", action="store_true", help="exit with 1 where a limit is missed")
    options = parser.parse_args(arguments)
    if options.rounds < 1:
        parser.error("--rounds: at least 1")
    return options


def main(arguments: list[str]) -> int:
    """Measure both tables and print them; the exit code."""
    options = parsed(arguments)
    rounds = 5 if options.quick else options.rounds
    with tempfile.TemporaryDirectory(prefix="confguard-benchmark-") as folder:
        lab = Lab(Path(folder))
        lab.fill()
        lab.prove()
        about = lab.about()
        print("\n".join(f"- {note}" for note in notes(about)))
        measure(lab, ONE_FILE, 1)  # not counted: it writes the .pyc files and fills the disk's caches
        measured = [measure(lab, ONE_FILE, rounds), measure(lab, MANY_FILES, max(rounds // 5, 1))]
    for taken in measured:
        print(f"\n{taken.table.title}, median {taken.table.measure} of {taken.rounds} interleaved rounds\n")
        print("\n".join(markdown(taken.table, results(taken))))
    if options.json:
        options.json.write_text(json.dumps({**about, "tables": [_data(taken) for taken in measured]}, indent=2) + "\n", encoding="utf-8")
    missed = any(row.verdict == MISSED for taken in measured for row in results(taken))
    return 1 if missed and options.strict else 0


def _data(taken: Measured) -> dict[str, Any]:
    rows = [{**row._asdict(), "samples": [sample._asdict() for sample in taken.samples[row.name]]} for row in results(taken)]
    return {"title": taken.table.title, "measure": taken.table.measure, "rows": rows}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
