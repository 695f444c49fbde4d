"""Measure confguard against its peers, interleaved in one run, and print medians and ratios as Markdown tables.

`python benchmarks/run.py [--rounds N] [--quick] [--json FILE] [--strict]`; benchmarks/README.md says how to read the tables.
"""

from __future__ import annotations

import json
import random
import re
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from lab import Command, Lab, Limit, Table, data, markdown, measure, missed, notes, parsed

from confguard import profiles

FILES = 1000
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
        Command("confguard check FILE, one of TRL's own (GRPO)", ("confguard", "check", "grpo.yaml"), "native", PLAIN),
        Command(
            "confguard check FILE, one of TRL's own with a misspelt key", ("confguard", "check", "misspelt.yaml"), "native", PLAIN, (1,)
        ),
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
OWN = "trl grpo --config FILE"
REJECTED = Table(
    "A misspelt key in a config of TRL's own: until it is told",
    "wall",
    (OWN,),
    (
        Command("confguard check FILE", ("confguard", "check", "misspelt.yaml"), "native", (Limit(OWN, 0.01),), (1,)),
        Command(OWN, ("trl", "grpo", "--config", "misspelt.yaml"), "native", exits=(1, 2)),
    ),
)
"""Measured only where TRL is installed beside confguard."""
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

_SCHEMA = "import json; from confguard.schemas import AflowTraining; print(json.dumps(AflowTraining.model_json_schema()))"


class CheckLab(Lab):
    """The configs that are checked; `@RUNS` stands for the paths of the many."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.runs = tuple(f"runs/{number:04}.yaml" for number in range(FILES))
        self.meanings["@RUNS"] = self.runs

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
        native = (reference.with_name("grpo-dapo") / "grpo.yaml").read_text(encoding="utf-8")
        native += "num_processes: 16\n"
        self.write("native/grpo.yaml", native)
        self.write("native/misspelt.yaml", native.replace("\nlearning_rate:", "\nlearnig_rate:"))
        for number, path in enumerate(self.runs):
            self.write(f"many/{path}", variant(clean, number))

    def write_schema(self) -> None:
        """Write the JSON schema of the configs, for check-jsonschema."""
        schema = json.dumps(self.answer("one", "python", "-c", _SCHEMA))
        for folder in ("one", "many"):
            self.write(f"{folder}/schema.json", schema)

    def prove(self) -> None:
        """Stop unless confguard finds what these files were made to hold: five findings in one of them, none in the others."""
        for folder, path, files, wanted in (
            ("one", "training.yaml", 1, 0),
            ("one", "findings.yaml", 1, 5),
            ("project", "training.yaml", 1, 0),
            ("native", "grpo.yaml", 1, 0),
            ("native", "misspelt.yaml", 1, 1),
            ("many", "runs", FILES, 0),
        ):
            report = self.answer(folder, "confguard", "check", "--format", "json", path)
            found = [f"{finding['code']} {finding['file']}" for finding in report["findings"] if not finding["waiver"]]
            checked = report["summary"]["files"]
            if len(found) != wanted or checked != files:
                raise SystemExit(f"{folder}/{path}: {checked} checked, {len(found)} findings instead of {wanted}: {', '.join(found[:10])}")


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


def main(arguments: list[str]) -> int:
    """Measure both tables and print them; the exit code."""
    options = parsed(
        arguments,
        "Measure confguard against its peers, interleaved in one run.",
        "rounds for one file; a fifth as many for many files",
        "5 rounds, and the many files once",
    )
    rounds = 5 if options.quick else options.rounds
    with tempfile.TemporaryDirectory(prefix="confguard-benchmark-") as folder:
        lab = CheckLab(Path(folder))
        lab.fill()
        lab.prove()
        lab.write_schema()
        about = lab.about("confguard", "check-jsonschema", "yamllint", "PyYAML", "pydantic", "typer")
        print("\n".join(f"- {note}" for note in notes(about)))
        measure(lab, ONE_FILE, 1)  # not counted: it writes the .pyc files and fills the disk's caches
        tables = [measure(lab, ONE_FILE, rounds), measure(lab, MANY_FILES, max(rounds // 5, 1))]
        if Path(sys.executable).with_name("trl").exists():
            tables.append(measure(lab, REJECTED, max(rounds // 5, 1)))
    for taken in tables:
        print("\n".join(markdown(taken)))
    if options.json:
        options.json.write_text(json.dumps({**about, "tables": [data(taken) for taken in tables]}, indent=2) + "\n", encoding="utf-8")
    return 1 if options.strict and any(map(missed, tables)) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
