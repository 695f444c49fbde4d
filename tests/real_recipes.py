"""Published recipes, upgraded to today's releases and given to the real constructors; the outcome goes to docs/recipes.md.

The recipes are fetched for the run and not kept: a folder with a checkout of open-r1, or of alignment-handbook, and the releases that it pins.

    PYTHONPATH=tests python tests/real_recipes.py open-r1=FOLDER,trl==0.18.0,transformers==4.52.3 alignment-handbook=FOLDER,trl==0.19.1,transformers==4.53.3
"""

from __future__ import annotations

import datetime
import importlib
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import yaml
from agreement.compare import reason_of_machine
from agreement.real import Libraries

from confguard.checking.pipeline import Report, check
from confguard.checking.setting import Options
from confguard.commands.aiming import parse_targets
from confguard.commands.upgrade import Asked, run
from confguard.document.document import Document
from confguard.schemas.catalogue import CATALOGUE
from confguard.schemas.trl.extensions import EXTENSIONS
from confguard.words.finding import ERROR

TODAY = ("trl==1.16.0", "transformers==5.23.0", "peft==0.21.2")
ROOT = Path(__file__).parents[1]


class Outcome(NamedTuple):
    """What became of one recipe."""

    name: str
    kind: str
    at_home: tuple[str, ...]
    """Errors that confguard has under the releases that the project pins."""
    unknown: int
    """Keys that today's releases do not know."""
    silent: tuple[str, ...]
    """Those of them for which no successor, and nothing to do, is named."""
    dropped: tuple[str, ...]
    """Keys that a person had to decide over: they were dropped."""
    comments_lost: int
    errors_after: tuple[str, ...]
    real: str
    """`accepted`, or what the constructors said."""


def outcomes(project: str, folder: Path, pins: tuple[str, ...], libraries: Libraries) -> Iterator[Outcome]:
    """The outcome of each recipe of a project."""
    with tempfile.TemporaryDirectory() as scratch:
        shutil.copytree(folder, Path(scratch) / project, ignore=shutil.ignore_patterns(".git"))
        for path in sorted((Path(scratch) / project).rglob("*.yaml")):
            home = _checked(path, pins)
            if home.files[0].kind is not None:
                yield _outcome(path, str(path.relative_to(scratch)), home, pins, libraries)


def _checked(path: Path, targets: tuple[str, ...]) -> Report:
    return check([str(path)], CATALOGUE, Options(target=parse_targets(targets)))


def _outcome(path: Path, name: str, home: Report, pins: tuple[str, ...], libraries: Libraries) -> Outcome:
    kind = home.files[0].kind or ""
    before = Document(str(path), path.read_bytes())
    words = _comments(before)
    gone = [finding for finding in _checked(path, TODAY).findings if finding.code in ("RELEASE001", "RELEASE002", "SCHEMA007")]
    asks = tuple(key for key in ("max_prompt_length",) if key in _top(path) and any(finding.key == key for finding in gone))
    run(Asked(str(path), ",".join(TODAY), pins, write=True, drops=asks, format="json"))
    after = _checked(path, TODAY)
    return Outcome(
        name,
        kind,
        tuple(f"{finding.code} {finding.key}" for finding in home.findings if finding.severity == ERROR),
        len(gone),
        tuple(str(finding.key) for finding in gone if not finding.help),
        asks,
        sum(word not in _comments(Document(str(path), path.read_bytes())) for word in words),
        tuple(f"{finding.code} {finding.key}" for finding in after.findings if finding.severity == ERROR),
        _real(path, kind, after, libraries),
    )


def _comments(document: Document) -> list[str]:
    return [document.text[start:end] for start, end in document.comments()]


def _top(path: Path) -> dict[str, object]:
    found: dict[str, object] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return found


def _processes(report: Report) -> int | None:
    """How many processes confguard says that a file's groups are whole with."""
    found = re.search(r"multiple of (\d+) processes", " ".join(finding.message for finding in report.findings))
    return int(found[1]) if found else None


def libraries_with(processes: int, libraries: Libraries, kind: str, path: Path) -> bool:
    """Whether the constructors take a file in a run of so many processes."""
    arguments: Any = importlib.import_module("transformers").TrainingArguments
    kept = arguments.world_size
    arguments.world_size = property(lambda self: processes)
    try:
        return libraries.verdict(kind, str(path)).accepts
    finally:
        arguments.world_size = kept


def _real(path: Path, kind: str, after: Report, libraries: Libraries) -> str:
    """What TRL says of the file without the keys of the project's own script."""
    own = {key for extension in EXTENSIONS for key in extension.keys_of(kind)}
    fields = CATALOGUE.shape(kind)
    assert fields is not None
    assert fields.at is not None
    trl = set(fields.at(CATALOGUE.newest()).fields) - own | {"reward_funcs"}
    split = path.with_suffix(".split.yml")
    data = {key: value for key, value in _top(path).items() if key not in own or key in trl}
    split.write_text(yaml.safe_dump({**data, "use_cpu": True}), encoding="utf-8")  # bf16 asks for a GPU otherwise
    verdict = libraries.verdict(kind, str(split))
    if verdict.accepts:
        return "accepted"
    if (processes := _processes(after)) and libraries_with(processes, libraries, kind, split):
        return f"accepted with {processes} processes, as confguard asks for"
    why = reason_of_machine(verdict)
    return f"machine: {why}" if why else f"{verdict.stage}: {verdict.error}: {verdict.message}"


def page(found: list[Outcome], sources: list[str]) -> str:
    """The outcome as a page."""
    lines = [
        "<!-- Made by `python tests/real_recipes.py`. Do not edit. -->",
        "# Published recipes, upgraded\n",
        f"On {datetime.date.today()}: {', '.join(sources)}; upgraded to {', '.join(TODAY)}.\n",
        f"{len(found)} recipes. Errors under the releases that their projects pin: {sum(bool(row.at_home) for row in found)} files. Keys that "
        f"today's releases do not know: {sum(row.unknown for row in found)}, of which {sum(len(row.silent) for row in found)} without a word on "
        f"what to do. Comments lost by the upgrade: {sum(row.comments_lost for row in found)}. Taken by the real constructors afterwards: "
        f"{sum(row.real.startswith('accepted') for row in found)}.\n",
        "| recipe | kind | errors under its own releases | keys unknown today | dropped by a person | errors after | real constructors |",
        "|---|---|---|---|---|---|---|",
    ]
    for row in found:
        cells = (row.name, row.kind, ", ".join(row.at_home), row.unknown, ", ".join(row.dropped), ", ".join(row.errors_after), row.real)
        lines.append("| " + " | ".join(str(cell or "-") for cell in cells) + " |")
    return "\n".join(lines) + "\n"


def main() -> None:
    """Run over the projects that the command line names."""
    libraries, found, sources = Libraries(), list[Outcome](), list[str]()
    for argument in sys.argv[1:]:
        project, _, rest = argument.partition("=")
        folder, *pins = rest.split(",")
        sources.append(f"{project} for {' and '.join(pins)}")
        found += outcomes(project, Path(folder), tuple(pins), libraries)
    (ROOT / "docs" / "recipes.md").write_text(page(found, sources), encoding="utf-8")
    print(page(found, sources))


if __name__ == "__main__":
    main()
