"""Writes `trl.py`, `transformers.py` and `peft.py` beside this file, from the wheels of all minor releases.

Run it when a library has a new release:

    python -m confguard.schemas.releases.make

Of each minor release the newest patch is read. Wheels that the folder lacks are downloaded by pip (some 430 MB the first time); they are
read as archives, not installed and not imported.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from zipfile import ZipFile

from confguard.schemas.releases.source import Wheel
from confguard.schemas.releases.table import TRAINING
from confguard.words.target import PACKAGES, minor, numbers
from confguard.words.typing import Any

FLOOR = {"trl": (0, 12), "transformers": (4, 46), "peft": (0, 13)}
"""The oldest minor release of each library that is read."""

CLASSES: dict[str, dict[str, tuple[str, ...]]] = {
    "trl": {
        **dict.fromkeys((*TRAINING, "ModelConfig", "ScriptArguments"), ("trl/__init__.py",)),
        "DatasetMixtureConfig": ("trl/__init__.py", "trl/scripts/utils.py"),
        "GRPOScriptArguments": ("trl/scripts/grpo.py",),
        "RLOOScriptArguments": ("trl/scripts/rloo.py",),
    },
    "transformers": {"TrainingArguments": ("transformers/training_args.py",)},
    "peft": {"LoraConfig": ("peft/tuners/lora/config.py",)},
}
"""The classes of each library, and the files in which their names are looked up: the one that users import from comes first."""

Json = dict[str, Any]
Histories = dict[str, list[list[Any]]]


def table(package: str, wheels: list[Path]) -> Json:
    """The table of one library from its wheels, oldest first: the history of each field of each class, and of each enum's values."""
    classes: dict[str, Histories] = {name: {} for name in CLASSES[package]}
    enums: dict[str, Histories] = {}
    for path in wheels:
        since = ".".join(map(str, minor(version_of(path))))
        with ZipFile(path) as archive:
            fields, values = _read(package, Wheel(archive))
        for name in classes:
            _add(classes[name], since, fields.get(name, {}))
        for name in {**enums, **values}:
            _add(enums.setdefault(name, {}), since, {value: [True] for value in values.get(name, [])})
    turns = {name: {value: [step[0] for step in steps] for value, steps in histories.items()} for name, histories in enums.items()}
    return {"releases": {version_of(path): date_of(path) for path in wheels}, "enums": turns, "classes": classes}


def _read(package: str, wheel: Wheel) -> tuple[dict[str, dict[str, list[Any]]], dict[str, list[str]]]:
    """The fields of each class in a wheel, and the values of each enum. Raises `ValueError` where a class has lost all its fields."""
    fields, values = {}, {}
    for name, files in CLASSES[package].items():
        owner = next((found for file in files if (found := wheel.find(file, name))), None)
        if owner is None:
            continue
        fields[name] = {field: list(found) for field, found in wheel.fields(owner).items()}
        values.update(wheel.enums(owner))
        if not fields[name]:
            raise ValueError(f"{name} in {owner.file} has no field: has the file of its base moved?")
    return fields, values


def _add(histories: Histories, since: str, now: dict[str, list[Any]]) -> None:
    """Write into the histories what is otherwise than it was before this release; a step with nothing in it says that it is gone."""
    for name in {**histories, **now}:
        steps = histories.setdefault(name, [])
        row = now.get(name, [])
        if json.dumps(steps[-1][1:] if steps else []) != json.dumps(row):  # by their words, which tell 1 from 1.0 and from true
            steps.append([since, *row])


def version_of(wheel: Path) -> str:
    """The version in the name of a wheel."""
    return wheel.name.split("-")[1]


def date_of(wheel: Path) -> str:
    """The day on which a wheel was made: that of its newest file."""
    with ZipFile(wheel) as archive:
        year, month, day = max(item.date_time for item in archive.infolist())[:3]
    return f"{year}-{month:02}-{day:02}"


def text(package: str, found: Json) -> str:
    """A table as a module with a line for each field, so that the difference between two tables can be read.

    Python reads its own compiled modules faster than it reads JSON.
    """
    command = "python -m confguard.schemas.releases.make"
    head = f'"""The release table of {package}, made by `{command}`. Do not edit."""\n\nfrom confguard.words.typing import Any\n'
    releases = "\n".join(f"{name!r}: {date!r}," for name, date in found["releases"].items())
    groups = (
        f"ENUMS: dict[str, dict[str, Any]] = {_groups(found['enums'])}\nCLASSES: dict[str, dict[str, Any]] = {_groups(found['classes'])}\n"
    )
    return f"{head}\nRELEASES = {{\n{releases}\n}}\n{groups}"


def _groups(groups: dict[str, Any]) -> str:
    return "{\n" + "".join(f"{name!r}: {{\n{_lines(rows)}}},\n" for name, rows in groups.items()) + "}"


def _lines(rows: dict[str, Any]) -> str:
    return "".join(f"{name!r}: {_tuples(rows[name])!r},\n" for name in sorted(rows))


def _tuples(steps: list[Any]) -> tuple[Any, ...]:
    """Steps as constants, which a compiled module holds ready."""
    return tuple(tuple(step) if isinstance(step, list) else step for step in steps)


def newest_of_each_minor(versions: list[str], floor: tuple[int, ...]) -> list[str]:
    """The newest patch of each minor release, oldest first; pre-releases do not count.

    >>> newest_of_each_minor(["1.1.0", "1.0.2", "1.0.10", "0.9.0", "1.2.0rc1"], (1, 0))
    ['1.0.10', '1.1.0']
    """
    newest: dict[tuple[int, ...], str] = {}
    for version in sorted((item for item in versions if item.replace(".", "").isdigit()), key=numbers):
        if minor(version) >= floor:
            newest[minor(version)] = version
    return list(newest.values())


def download(package: str, folder: Path) -> None:
    """Put the wheels that the folder lacks into it. Raises `CalledProcessError` where pip fails."""
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check"]
    said = subprocess.run([*pip, "index", "versions", package], check=True, stdout=subprocess.PIPE, text=True).stdout
    listed = said.partition("Available versions:")[2].partition("\n")[0]
    for version in newest_of_each_minor([item.strip() for item in listed.split(",")], FLOOR[package]):
        if not list(folder.glob(f"{package}-{version}-*.whl")):
            wanted = ["--no-deps", "--only-binary", ":all:", "--dest", str(folder), f"{package}=={version}"]
            subprocess.run([*pip, "download", "--quiet", *wanted], check=True)


def wheels_in(package: str, folder: Path) -> list[Path]:
    """The wheel of the newest patch of each minor release in a folder, oldest first."""
    found = {version_of(path): path for path in folder.glob(f"{package}-*.whl")}
    return [found[version] for version in newest_of_each_minor(list(found), FLOOR[package])]


def main() -> None:
    """Write the three tables."""
    parser = argparse.ArgumentParser(description="Write the release tables from the wheels of TRL, transformers and PEFT.")
    kept = os.path.join(tempfile.gettempdir(), "confguard-wheels")
    parser.add_argument("--wheels", type=Path, default=Path(kept), metavar="FOLDER", help=f"where wheels are and go (default: {kept})")
    parser.add_argument("--offline", action="store_true", help="take the wheels that are there; ask for no newer ones")
    chosen = parser.parse_args()
    chosen.wheels.mkdir(parents=True, exist_ok=True)
    for package in PACKAGES:
        if not chosen.offline:
            download(package, chosen.wheels)
        found = table(package, wheels_in(package, chosen.wheels))
        (Path(__file__).parent / f"{package}.py").write_text(text(package, found), encoding="utf-8")
        print(f"{package}: {len(found['releases'])} releases, newest {list(found['releases'])[-1]}")


if __name__ == "__main__":
    main()
