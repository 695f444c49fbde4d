"""Compares the release tables with releases that are really installed, and writes docs/releases.md.

Run it after the tables were made anew:

    python tests/real_trios.py

For each trio of releases it makes a temporary environment, installs the trio and imports it; some 2 GB of disk while it runs and a minute or two each.
"""

from __future__ import annotations

import argparse
import dataclasses
import datetime
import enum
import importlib
import json
import os
import subprocess
import tempfile
import venv
from pathlib import Path
from typing import Any, NamedTuple

from confguard.schemas.releases.make import CLASSES
from confguard.schemas.releases.table import REQUIRED, UNKNOWN, fields, members, newest, releases
from confguard.words.target import PACKAGES, Target

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "releases.md"
OLD_TRIOS = (Target("1.0.0", "5.2.0", "0.18.1"), Target("0.22.2", "4.56.2", "0.17.1"), Target("0.15.2", "4.48.3", "0.14.0"))
MODULES = {
    "GRPOScriptArguments": "trl.scripts.grpo",
    "RLOOScriptArguments": "trl.scripts.rloo",
    "DatasetMixtureConfig": "trl.scripts.utils",
}
"""Where a class is imported from if not from its library itself."""
ENUMS: dict[str, dict[str, tuple[str, ...]]] = {
    "transformers": {
        "transformers.trainer_utils": ("HubStrategy", "IntervalStrategy", "SaveStrategy", "SchedulerType"),
        "transformers.training_args": ("OptimizerNames",),
    },
    "peft": {"peft.utils.peft_types": ("TaskType",)},
}

Real = dict[str, dict[str, Any]]


class Outcome(NamedTuple):
    """What came of the comparison of one trio."""

    target: Target
    torch: str
    classes: int
    fields: int
    unknown: int
    """Fields whose default the tables cannot know."""
    values: int
    """Values of enums."""
    mismatches: list[str]


def real() -> Real:
    """The fields of the classes, by the imported libraries, each with its default as plain data; what is not installed is left out."""
    found: Real = {}
    for package, classes in CLASSES.items():
        for name in classes:
            try:
                owner = getattr(importlib.import_module(MODULES.get(name, package)), name)
            except (AttributeError, ModuleNotFoundError):
                continue
            found[name] = {field.name: _default(field) for field in dataclasses.fields(owner) if field.init}
    return found


def _default(field: dataclasses.Field[Any]) -> Any:
    if field.default_factory is not dataclasses.MISSING:
        return _plain(field.default_factory())
    return repr(REQUIRED) if field.default is dataclasses.MISSING else _plain(field.default)


def _plain(value: Any) -> Any:
    if isinstance(value, enum.Enum):
        return value.value
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    return value if value is None or isinstance(value, bool | int | float | str | dict) else repr(UNKNOWN)


def real_values() -> dict[str, dict[str, list[str]]]:
    """The values of the enums of each library that is imported."""
    return {
        package: {
            name: sorted(item.value for item in getattr(importlib.import_module(module), name))
            for module in modules
            for name in modules[module]
        }
        for package, modules in ENUMS.items()
    }


def mismatches(found: Real, target: Target) -> list[str]:
    """What the tables say of a target that the imported libraries do not, a line each."""
    lines = []
    for name in {name for classes in CLASSES.values() for name in classes} | set(found):
        table = {field.name: field.default for field in fields(name, target).values()}
        if table and name not in found:
            lines.append(f"{name}: the tables have it, the library has not")
            continue
        there = found.get(name, {})
        lines += [f"{name}.{field}: only in the tables" for field in sorted(table.keys() - there.keys())]
        lines += [f"{name}.{field}: only in the library" for field in sorted(there.keys() - table.keys())]
        for field in sorted(table.keys() & there.keys()):
            said = repr(REQUIRED) if table[field] is REQUIRED else table[field]
            if said is not UNKNOWN and json.dumps(said) != json.dumps(there[field]):
                lines.append(f"{name}.{field}: {said!r} in the tables, {there[field]!r} in the library")
    return sorted(lines)


def mismatched_values(found: dict[str, dict[str, list[str]]], target: Target) -> list[str]:
    """The enums whose values are others in the tables, a line each; one that the release's constructor does not use is passed over."""
    lines = []
    for package, enums in found.items():
        for name, values in enums.items():
            said = sorted(members(package, name, target.version(package)))
            if said and said != sorted(set(values)):
                lines.append(f"{name}: {said} in the tables, {values} in the library")
    return lines


def compared(target: Target, folder: Path) -> Outcome:
    """Install a trio into a new environment, import it there and compare. Raises `CalledProcessError` where that fails."""
    venv.create(folder, with_pip=True)
    python = str(folder / ("Scripts" if os.name == "nt" else "bin") / "python")
    pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "torch==2.13.0"], check=True)
    subprocess.run([*pip, *(f"{package}=={target.version(package)}" for package in PACKAGES)], check=True)
    environment = {**os.environ, "HF_HUB_OFFLINE": "1", "PYTHONPATH": str(ROOT)}
    done = subprocess.run([python, __file__, "--print"], check=True, stdout=subprocess.PIPE, text=True, env=environment)
    told = json.loads(done.stdout.splitlines()[-1])
    found, values = told["fields"], told["values"]
    said = [field for name in found for field in fields(name, target).values()]
    return Outcome(
        target,
        told["torch"],
        len(found),
        len(said),
        sum(field.default is UNKNOWN for field in said),
        sum(len(members(package, name, target.version(package))) for package in values for name in values[package]),
        mismatches(found, target) + mismatched_values(values, target),
    )


def page(outcomes: list[Outcome], date: str) -> str:
    """The page, from what came of each trio."""
    rows = [
        f"| {outcome.target.trl} | {outcome.target.transformers} | {outcome.target.peft} | {outcome.torch} | {outcome.classes} "
        f"| {outcome.fields:,} | {outcome.unknown} | {outcome.values} | {len(outcome.mismatches)} |"
        for outcome in outcomes
    ]
    told = [f"- TRL {outcome.target.trl}: `{line}`" for outcome in outcomes for line in outcome.mismatches]
    samples = [f"| {package} | {len(releases(package))} | {', '.join(releases(package))} |" for package in PACKAGES]
    return (
        TEXT.format(samples="\n".join(samples))
        + f"\n## Held against real releases, {date}\n\n{HELD}\n"
        + "| trl | transformers | peft | torch | classes | fields | of these not literal | values of enums | mismatches |\n"
        + "|---|---|---|---|---|---|---|---|---|\n"
        + "\n".join(rows)
        + "\n"
        + ("\n" + "\n".join(told) + "\n" if told else "")
    )


TEXT = """<!-- Made by `python tests/real_trios.py`. Do not edit. -->

# The release tables

`trl.py`, `transformers.py` and `peft.py` in `schemas/releases/` hold what each field of the configs was in each release: type, default, since when, until when. They are read from the
source text in the wheels; nothing is installed or imported for it. Of each minor release the newest patch is taken.

| library | releases | |
|---|---|---|
{samples}

A step `["0.19","float",0.0]` says what a field is from TRL 0.19 on; `["0.28"]` says that it is gone since 0.28. The first release of a table means
that release or an earlier one. A default that is no literal is `{{"expr": "..."}}`, a field without a default `{{"expr": ""}}`. An enum has a line for
each value: the release that brings it, and the one that takes it away.

## When a library has a new release

    python -m confguard.schemas.releases.make

pip finds and downloads what is missing, the three files are written, and their difference shows what the release changed. It needs the network and,
the first time, some 430 MB of wheels. `--wheels FOLDER` names a folder to keep the wheels in, `--offline` takes what is in it. Then
`python tests/real_trios.py` holds the tables against real releases and writes this page.

## What the tables do not know

- Fields and defaults belong to a pair: a TRL release runs with many releases of transformers. A trainer's config is transformers' `TrainingArguments`
  of the one, overlaid by TRL's own fields of the other.
- A type is the annotation, not what the code accepts: `scale_rewards` of TRL's `GRPOConfig` is `str` since 0.22, yet true and false are taken.
  `one of ...` is an annotation, or the `choices` of a command-line option, which argparse does not test for a value from YAML; whether and when
  anything else tests it differs from field to field.
- An enum is marked only where the constructor turns the value into it, or refuses what is none of it. `debug` and `fsdp`, which hold several words
  in one text, are `str`.
- The default of `optim` depends on torch since transformers 4.54.
- Patch releases within a minor were not compared with each other.
"""

HELD = """Each trio was installed into an environment of its own and imported; `dataclasses.fields()` and the members of the enums were compared with the tables:
the names of all fields, and each default that is a literal.
"""


def main() -> None:
    """Compare the trios, and write the page."""
    parser = argparse.ArgumentParser(description="Compare the release tables with releases that are really installed.")
    parser.add_argument(
        "--trio", nargs=3, action="append", metavar=("TRL", "TRANSFORMERS", "PEFT"), help="a trio, instead of the usual ones"
    )
    parser.add_argument("--date", default=datetime.date.today().isoformat(), help="the date on the page")
    parser.add_argument("--print", action="store_true", help="print the fields of what is installed here, as JSON, and do nothing else")
    chosen = parser.parse_args()
    if chosen.print:
        torch = importlib.import_module("torch").__version__
        print("\n" + json.dumps({"torch": torch, "fields": real(), "values": real_values()}))
        return
    outcomes = []
    for target in [Target(*trio) for trio in chosen.trio or ()] or [newest(), *OLD_TRIOS]:
        with tempfile.TemporaryDirectory() as folder:
            outcomes.append(compared(target, Path(folder)))
        print(outcomes[-1])
    PAGE.write_text(page(outcomes, chosen.date), encoding="utf-8")


if __name__ == "__main__":
    main()
