"""Measure what it takes to rename a key and set a value in 1,000 configs, against a ruamel.yaml round trip and a plain copy.

`python benchmarks/migrate.py [--rounds N] [--quick] [--json FILE] [--strict]`; benchmarks/README.md says how to read the table.
"""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from pathlib import Path

import yaml
from lab import Command, Lab, Limit, Sample, Table, data, markdown, measure, missed, notes, parsed
from run import overlaid, variant

from confguard import profiles

FILES = 1000
RUAMEL, COPY = "ruamel round trip", "plain copy"
NOTE = 'my-team-note: "why we run this"   # renamed'

_COPY = """
import os, shutil
os.mkdir("copy")
for name in sorted(os.listdir("configs")):
    shutil.copy2(f"configs/{name}", f"copy/{name}")
"""
_ROUND_TRIP = """
import os
from ruamel.yaml import YAML
yaml = YAML()
yaml.preserve_quotes, yaml.width = True, 4096
for name in sorted(os.listdir("configs")):
    with open(f"configs/{name}", encoding="utf-8") as file:
        config = yaml.load(file)
    place = list(config).index("my-team-note")
    config.insert(place, "my_team_note", config.pop("my-team-note"))
    config["learning_rate"] = 3e-5
    with open(f"configs/{name}", "w", encoding="utf-8") as file:
        yaml.dump(config, file)
"""
_SPLICES = """
import gc, os
gc.disable()  # as the command does
from confguard.document.document import Document
from confguard.document.source import read_bytes
from confguard.edit.change import edited
from confguard.edit.operations import Rename, Set
from confguard.transaction.commit import FileChange, commit
wanted = [Rename(("my-team-note",), "my_team_note"), Set(("learning_rate",), 3e-5)]
changes = []
for name in sorted(os.listdir("configs")):
    path = f"configs/{name}"
    before = read_bytes(path)
    after = edited(Document(path, before), wanted).after
    changes.append(FileChange(path, before, after.encoded(after.text)))
commit(changes, ".", "benchmark")
"""

TABLE = Table(
    f"{FILES:,} configs of 60 to 75 lines, a key renamed and a value set, whole process",
    "cpu",
    (RUAMEL, COPY),
    (
        Command(COPY, ("python", "-c", _COPY), "."),
        Command(RUAMEL, ("python", "-c", _ROUND_TRIP), "."),
        Command("confguard: edits, proved, one transaction", ("python", "-c", _SPLICES), ".", (Limit(RUAMEL, 0.15), Limit(COPY, 8.0))),
        Command(
            "confguard migrate --write: goals, plan, checks, too",
            ("confguard", "migrate", "configs", "--to", "reference.yaml", "--write", "--only", "learning_rate", "--only", "my_team_note"),
            ".",
        ),
    ),
)


class MigrateLab(Lab):
    """Configs that are laid anew for each run, in a folder of its own: a file system takes its time over names that were just removed."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.runs = 0

    def fill(self) -> None:
        """Write the reference, and the configs of many runs."""
        reference = Path(str(profiles.__file__)).with_name("reference") / "training.yaml"
        clean = reference.read_text(encoding="utf-8")
        self.write("laid/reference.yaml", f"{overlaid(clean, {'learning_rate': '3.0e-5'})}{NOTE.replace('-', '_', 2)}\n")
        for number in range(FILES):
            self.write(f"laid/configs/{number:04}.yaml", f"{variant(clean, number)}{NOTE}\n")

    def run(self, command: Command) -> Sample:
        """Run a command on files that nothing has touched."""
        self.runs += 1
        folder = f"run-{self.runs}"
        shutil.copytree(self.root / "laid", self.root / folder)
        return super().run(command._replace(folder=folder))

    def prove(self) -> None:
        """Stop unless each way to migrate gives the same values, and confguard's differ from the old text in the two lines alone."""
        for command in TABLE.commands[1:]:
            self.run(command)
            for old in (self.root / "laid" / "configs").iterdir():
                before, after = (
                    old.read_text(encoding="utf-8"),
                    (self.root / f"run-{self.runs}" / "configs" / old.name).read_text(encoding="utf-8"),
                )
                wanted = {("my_team_note" if name == "my-team-note" else name): value for name, value in yaml.safe_load(before).items()}
                found = yaml.safe_load(after)
                if {**found, "learning_rate": float(found["learning_rate"])} != {**wanted, "learning_rate": 3e-5} or list(found) != list(
                    wanted
                ):
                    raise SystemExit(f"{command.name}: {old.name} holds other values than were wanted")
                changed = [line for line in after.splitlines() if line not in before.splitlines()]
                if command.name.startswith("confguard") and len(changed) != 2:
                    raise SystemExit(f"{command.name}: {old.name} differs in {len(changed)} lines, not 2")


def main(arguments: list[str]) -> int:
    """Measure the table and print it; the exit code."""
    options = parsed(
        arguments, "Measure migrations against a round trip and a copy, interleaved in one run.", "three times the rounds", "once"
    )
    rounds = 1 if options.quick else max(options.rounds // 3, 1)
    with tempfile.TemporaryDirectory(prefix="confguard-benchmark-") as folder:
        lab = MigrateLab(Path(folder))
        lab.fill()
        lab.prove()
        about = lab.about("confguard", "ruamel.yaml", "PyYAML")
        print("\n".join(f"- {note}" for note in notes(about)))
        taken = measure(lab, TABLE, rounds)
    print("\n".join(markdown(taken)))
    if options.json:
        options.json.write_text(json.dumps({**about, "tables": [data(taken)]}, indent=2) + "\n", encoding="utf-8")
    return 1 if options.strict and missed(taken) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
