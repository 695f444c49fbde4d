"""Measure confguard's hooks against yamllint's under the real pre-commit: whole processes, interleaved in one run.

`python benchmarks/hooks.py [--rounds N] [--quick] [--json FILE] [--strict]`. Both are hooks of `repo: local` with an environment of
their own, made by pre-commit as for a user's; confguard's holds this checkout, as a wheel.
"""

from __future__ import annotations

import importlib.metadata
import json
import subprocess
import sys
import tempfile
from pathlib import Path

from lab import Command, Lab, Limit, Table, data, markdown, measure, missed, notes, parsed

from confguard import profiles

ROOT = Path(__file__).parents[1]
LINT = "yamllint's hook"
MOST = (Limit(LINT, 1.2),)


def _hook(name: str, *, exits: tuple[int, ...] = (0,), limits: tuple[Limit, ...] = MOST, title: str = "") -> Command:
    return Command(title or f"{name}'s hook", ("pre-commit", "run", name, "--files", "config/training.yaml"), "user", limits, exits)


ONE_FILE = Table(
    "A commit that touches one config, pre-commit and all",
    "wall",
    (LINT,),
    (
        _hook("yamllint", exits=(0, 1), limits=()),
        _hook("confguard-check"),
        _hook("confguard-fix"),
        _hook("confguard-diff"),
    ),
)
HOOKS = """\
repos:
- repo: local
  hooks:
  - id: yamllint
    name: yamllint
    entry: yamllint
    language: python
    types: [file, yaml]
    additional_dependencies: ["yamllint=={yamllint}"]
"""
"""yamllint's own hook, as its repository declares it."""


def main(arguments: list[str]) -> int:
    """Measure the hooks and print the table; the exit code."""
    options = parsed(arguments, "Measure confguard's hooks against yamllint's.", "rounds", "5 rounds")
    with tempfile.TemporaryDirectory(prefix="confguard-benchmark-") as folder:
        lab = Lab(Path(folder))
        _fill(lab)
        versions = {name: importlib.metadata.version(name) for name in ("confguard", "yamllint", "pre-commit")}
        about = {"versions": versions, "compiled": True, "editable": False}  # as pip installs the wheel for the hooks
        print("\n".join(f"- {note}" for note in notes(about)))
        measure(lab, ONE_FILE, 1)  # not counted: pre-commit makes the environments
        taken = measure(lab, ONE_FILE, 5 if options.quick else options.rounds)
    print("\n".join(markdown(taken)))
    if options.json:
        options.json.write_text(json.dumps({**about, "tables": [data(taken)]}, indent=2) + "\n", encoding="utf-8")
    return 1 if options.strict and missed(taken) else 0


def _fill(lab: Lab) -> None:
    """A user's repository with the hooks in it, and confguard as a wheel for their environments."""
    lab.environment["PRE_COMMIT_HOME"] = str(lab.root / "cache")
    _run(lab.root, sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "-w", "wheel", str(ROOT))
    wheel = next((lab.root / "wheel").iterdir())
    reference = Path(str(profiles.__file__)).with_name("reference")
    for name in ("training.yaml", "aflow_llm.yaml"):
        lab.write(f"user/config/{name}", (reference / name).read_text(encoding="utf-8"))
    lab.write("user/confguard.yaml", 'references: {reference: "profile:reference", current: config}\n')
    lab.write("user/.pre-commit-config.yaml", HOOKS.format(yamllint=importlib.metadata.version("yamllint")) + _own_hooks(wheel))
    _run(lab.root / "user", "git", "init", "-q", ".")
    _run(lab.root / "user", "git", "add", "-A")


def _own_hooks(wheel: Path) -> str:
    """The hooks that the repository declares, with the wheel as what they need."""
    manifest = (ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8")
    needed = manifest.replace("additional_dependencies: []", f'additional_dependencies: ["{wheel}"]')
    lines = [line for line in needed.splitlines() if not line.startswith("#")]
    return "".join(f"  {line}\n" for line in lines)


def _run(folder: Path, *words: str) -> None:
    subprocess.run(words, cwd=folder, check=True, stdout=subprocess.DEVNULL)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
