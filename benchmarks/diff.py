"""Measure what a diff takes against DeepDiff, interleaved in one run, and print medians and ratios as Markdown tables.

`python benchmarks/diff.py [--rounds N] [--quick] [--json FILE] [--strict]`; benchmarks/README.md says how to read the tables.
"""

from __future__ import annotations

import gc
import json
import math
import random
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import linear_regression, median
from typing import Any, NamedTuple

from lab import MISSED, Command, Lab, Limit, Table, data, markdown, measure, missed, notes, parsed, shown_ratio

from confguard.diffing.structure import differences

CONFIGS = Path(__file__).parents[1] / "tests" / "mission"
DEEP = "deep diff"
MOST_MEMORY = 250e6 / 2**20

ONE_CONFIG = Table(
    "Two configs of 76 lines, whole process",
    "wall",
    (DEEP,),
    (
        Command(
            "confguard diff",
            ("confguard", "diff", "before/config/training.yaml", "after/config/training.yaml"),
            ".",
            (Limit(DEEP, 0.60, 0.25),),
            (1,),
        ),
        Command(DEEP, ("deep", "diff", "before/config/training.yaml", "after/config/training.yaml"), "."),
    ),
)
MANY_LEAVES = Table(
    "Two files of no known kind, 20,000 leaves, 1 in 100 changed, whole process",
    "wall",
    (DEEP,),
    (
        Command("confguard diff", ("confguard", "diff", "before.yaml", "after.yaml"), "large", (Limit(DEEP, 0.20),), (1,), MOST_MEMORY),
        Command(DEEP, ("deep", "diff", "before.yaml", "after.yaml"), "large"),
    ),
)
LEAVES_IN_FILE = 20_000


# --- data ---------------------------------------------------------------------------------------------------------------


def nested(draw: random.Random, leaves: int) -> Any:
    """Sections of sections, ten to each, with ten leaves at the bottom; as many at the top as it takes."""
    if leaves <= 10:
        return {f"key_{place}": scalar(draw) for place in range(leaves)}
    parts = max(10, leaves // 1000)
    return {f"section_{place}": nested(draw, leaves // parts) for place in range(parts)}


def records(key: str) -> Callable[[random.Random, int], Any]:
    """Lists of records of ten leaves, the first of them under this key, and different in each."""

    def made(draw: random.Random, leaves: int) -> Any:
        return {"records": [{key: f"record-{place}", **fields(draw)} for place in range(leaves // 10)]}

    return made


def fields(draw: random.Random) -> dict[str, Any]:
    return {f"field_{place}": scalar(draw) for place in range(9)}


def scalar(draw: random.Random) -> Any:
    """A number, a word or a flag."""
    return draw.choice((round(draw.random(), 6), draw.randrange(10_000), f"word-{draw.randrange(10**6)}", draw.random() < 0.5))


def changed(value: Any, draw: random.Random) -> Any:
    """Nested mappings with each hundredth leaf, on average, another one."""
    if isinstance(value, dict):
        return {key: changed(item, draw) for key, item in value.items()}
    return 2 + round(draw.random(), 6) if draw.random() < 0.01 else value


def reordered(value: Any, draw: random.Random) -> Any:
    """Records in another order, with a leaf of each second one changed."""
    items = value["records"]
    half = set(draw.sample(range(len(items)), len(items) // 2))
    new = [{**item, "field_3": 2 + round(draw.random(), 6)} if place in half else item for place, item in enumerate(items)]
    return {"records": draw.sample(new, len(new))}


# --- in process ---------------------------------------------------------------------------------------------------------


class Shape(NamedTuple):
    """Data of one shape: how it is made and changed, and the sizes that DeepDiff can do, with its options."""

    title: str
    made: Callable[[random.Random, int], Any]
    edited: Callable[[Any, random.Random], Any]
    deep_sizes: tuple[int, ...]
    options: dict[str, Any]


SIZES = (1_000, 10_000, 100_000)
MOST_OF_DEEPDIFF = 0.15
MOST_EXPONENT = 1.1
SHAPES = (
    Shape("nested mappings, 1 in 100 leaves changed", nested, changed, SIZES, {}),
    Shape("records with names, reordered, half of them changed", records("name"), reordered, SIZES[:1], {"ignore_order": True}),
    Shape("records without names, reordered, half of them changed", records("source"), reordered, SIZES[:1], {"ignore_order": True}),
)


class Cell(NamedTuple):
    """What is timed: one program on data of one shape and size."""

    shape: Shape
    leaves: int
    deep: bool


CELLS = [
    Cell(shape, leaves, deep) for shape in SHAPES for leaves in SIZES for deep in (False, True) if not deep or leaves in shape.deep_sizes
]
Times = dict[tuple[str, int, bool], list[float]]


def timed(cell: Cell, draw: random.Random) -> float:
    """Milliseconds of the processor for one comparison.

    At each size as many pairs are compared as have the most leaves in all: repeated on one small pair, the comparison would run
    in the processor's caches, and seem to grow faster than it does.
    """
    pairs = [pair(cell, draw) for _ in range(1 if cell.deep else SIZES[-1] // cell.leaves)]
    compare = deepdiff(cell.shape.options) if cell.deep else differences
    gc.collect()
    start = time.process_time()
    for before, now in pairs:
        compare(before, now)
    return (time.process_time() - start) * 1000 / len(pairs)


def pair(cell: Cell, draw: random.Random) -> tuple[Any, Any]:
    """Two sides that share no object, as if each had been read from a file."""
    before = cell.shape.made(draw, cell.leaves)
    return json.loads(json.dumps(before)), json.loads(json.dumps(cell.shape.edited(before, draw)))


def deepdiff(options: dict[str, Any]) -> Callable[[Any, Any], Any]:
    from deepdiff import DeepDiff

    return lambda before, now: DeepDiff(before, now, **options)


def in_process(rounds: int) -> Times:
    """Time all cells once a round, in another order each time."""
    times: Times = {}
    for number in range(rounds):
        for cell in random.Random(number).sample(CELLS, len(CELLS)):
            times.setdefault((cell.shape.title, cell.leaves, cell.deep), []).append(timed(cell, random.Random(number)))
        print(f"\rIn process: round {number + 1} of {rounds}", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    return times


class Growth(NamedTuple):
    """One shape: milliseconds and ratios to DeepDiff by size, and the exponent of the growth."""

    title: str
    milliseconds: dict[int, float]
    ratios: dict[int, float]
    exponent: float

    @property
    def verdict(self) -> str:
        """What the limits say."""
        return MISSED if self.exponent > MOST_EXPONENT or any(ratio > MOST_OF_DEEPDIFF for ratio in self.ratios.values()) else "ok"


def growths(times: Times) -> list[Growth]:
    """The rows of the table, from medians."""
    rows = []
    for shape in SHAPES:
        taken = {leaves: median(times[shape.title, leaves, False]) for leaves in SIZES}
        ratios = {leaves: taken[leaves] / median(times[shape.title, leaves, True]) for leaves in shape.deep_sizes}
        exponent = linear_regression([math.log(leaves) for leaves in SIZES], [math.log(taken[leaves]) for leaves in SIZES]).slope
        rows.append(Growth(shape.title, taken, ratios, exponent))
    return rows


def growth_table(times: Times, rounds: int) -> Iterator[str]:
    """The table as lines of Markdown."""
    yield f"\nIn process, median milliseconds of the processor of {rounds} interleaved rounds, by leaves a side\n"
    sizes = " | ".join(f"{leaves:,} | x DeepDiff" for leaves in SIZES)
    yield f"| data | {sizes} | exponent (at most {MOST_EXPONENT}) | verdict |"
    yield "|---" * (2 * len(SIZES) + 3) + "|"
    for row in growths(times):
        cells = (f"{taken:,.2f} | {_of_deepdiff(row.ratios.get(leaves))}" for leaves, taken in row.milliseconds.items())
        yield f"| {row.title} | {' | '.join(cells)} | {row.exponent:.2f} | {row.verdict} |"


def _of_deepdiff(ratio: float | None) -> str:
    return "" if ratio is None else shown_ratio(ratio, Limit("DeepDiff", MOST_OF_DEEPDIFF))


# --- whole processes ----------------------------------------------------------------------------------------------------


def fill(lab: Lab) -> None:
    """Write the files that are compared."""
    for side in ("before", "after"):
        shutil.copytree(CONFIGS / side, lab.root / side)
    draw = random.Random(1)
    before = nested(draw, LEAVES_IN_FILE)
    lab.write("large/before.yaml", "\n".join(block(before)) + "\n")
    lab.write("large/after.yaml", "\n".join(block(changed(before, draw))) + "\n")


def block(mapping: dict[str, Any], indentation: str = "") -> Iterator[str]:
    """Nested mappings as the lines of a YAML file."""
    for key, value in mapping.items():
        if isinstance(value, dict):
            yield f"{indentation}{key}:"
            yield from block(value, indentation + "  ")
        else:
            yield f"{indentation}{key}: {json.dumps(value)}"


def prove(lab: Lab) -> None:
    """Stop unless confguard finds as many differences between two files as DeepDiff does."""
    for table in (ONE_CONFIG, MANY_LEAVES):
        ours, theirs = table.commands
        report = lab.answer(ours.folder, *ours.words, "--format", "json")
        found = sum(report["summary"][name] for name in ("changed", "waived", "identity"))
        told = lab.answer(theirs.folder, *theirs.words)
        wanted = sum(len(told.get(name, ())) for name in ("values_changed", "type_changes"))
        if found != wanted:
            raise SystemExit(f"{table.title}: confguard found {found} differences, DeepDiff {wanted}")


def main(arguments: list[str]) -> int:
    """Measure all tables and print them; the exit code."""
    options = parsed(
        arguments,
        "Measure what a diff takes against DeepDiff, interleaved in one run.",
        "rounds for two configs; a third as many for all else",
        "5 rounds for two configs, and all else once",
    )
    rounds = 5 if options.quick else options.rounds
    fewer = max(options.rounds // 3, 1) if not options.quick else 1
    with tempfile.TemporaryDirectory(prefix="confguard-benchmark-") as folder:
        lab = Lab(Path(folder))
        fill(lab)
        prove(lab)
        about = lab.about("confguard", "deepdiff", "PyYAML")
        print("\n".join(f"- {note}" for note in notes(about)))
        measure(lab, ONE_CONFIG, 1)  # not counted: it writes the .pyc files and fills the disk's caches
        tables = [measure(lab, ONE_CONFIG, rounds), measure(lab, MANY_LEAVES, fewer)]
    times = in_process(fewer)  # last: a process that has become large makes the memory of small ones invisible
    for taken in tables:
        print("\n".join(markdown(taken)))
    print("\n".join(growth_table(times, fewer)))
    if options.json:
        kept = {**about, "tables": [data(taken) for taken in tables], "in_process": [[*cell, taken] for cell, taken in times.items()]}
        options.json.write_text(json.dumps(kept, indent=2) + "\n", encoding="utf-8")
    failed = any(map(missed, tables)) or any(row.verdict == MISSED for row in growths(times))
    return 1 if options.strict and failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
