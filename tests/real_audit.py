"""Runs the audit over public repositories whose configs were read by hand, and writes docs/audit-real.md.

    python tests/real_audit.py FOLDER

FOLDER holds a checkout of each repository of tests/audit_real.yaml, as OWNER+NAME, at the commit that is named there. The lists of keys that no code
reads were made by reading the code, before the audit had seen it.
"""

from __future__ import annotations

import os
import re
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from confguard.audit.audit import audit, config_of
from confguard.audit.verdict import PHANTOM

HERE = Path(__file__).parent
PAGE = HERE.parent / "docs" / "audit-real.md"
HEAD = """# Real repositories

What `confguard audit` says of the configs of {repositories} public repositories with hand-written trainers, beside what was found by reading the code, before the audit had seen it.
The audit was mended until nothing that is read was called a phantom here, so this says what it can do, not what it does on code that is new to it.
`tests/audit_real.yaml` has the repositories, their commits and those lists; `tests/real_audit.py FOLDER` makes this page from checkouts of them. None of their code is in this project, and none of it was run.

In {runs} runs over {keys:,} keys, {said} were called phantoms; {wrong} of these are read after all. Of the {true} keys that no code reads, {found} were found ({share:.0%}). The others were called unknown, passed on or
read. A few keys of which the readers were not sure are left out. {lines:,} lines of Python took {seconds:.0f} s, all runs together.
"""


class Run(NamedTuple):
    """One command line over a repository: how many keys there are, which were called phantoms, which no code reads."""

    configs: list[str]
    code: list[str]
    keys: int
    said: set[tuple[str, str]]
    true: set[tuple[str, str]]
    seconds: float
    lines: int


def run_of(folder: Path, run: dict[str, Any]) -> Run:
    began = time.perf_counter()
    before = Path.cwd()
    os.chdir(folder)
    found = audit([config_of(name) for name in run["configs"]], run["code"], [], lambda name: None)
    os.chdir(before)
    left_out = set(run.get("debatable", ()))
    verdicts = [verdict for verdict in found.verdicts if verdict.leaf.key not in left_out]
    said = {(verdict.config.path, verdict.leaf.key) for verdict in verdicts if verdict.kind == PHANTOM}
    true = {(config, key) for config, keys in run.get("phantom", {}).items() for key in keys if key not in left_out}
    lines = sum(len(path.read_bytes().splitlines()) for name in run["code"] for path in python_below(folder / name))
    return Run(run["configs"], run["code"], len(verdicts), said, true, time.perf_counter() - began, lines)


def python_below(path: Path) -> Iterator[Path]:
    return iter([path]) if path.is_file() else path.rglob("*.py")


def plain(text: str) -> str:
    """A text in which no `**` and no `__` is taken for Markdown's."""
    return re.sub(r"`[^`]*`|[*_]", lambda found: found[0] if len(found[0]) > 1 else "\\" + found[0], text)


def section(entry: dict[str, Any], runs: list[Run]) -> Iterator[str]:
    """What is told of one repository."""
    style = " ".join(str(entry["style"]).split())
    yield f"\n## {entry['repo']}\n\nCommit `{entry['commit'][:12]}`. {plain(style[:1].upper() + style[1:])}.\n"
    yield "| configs | code | keys | called phantoms | wrongly | missed |\n|---|---|---|---|---|---|"
    for run in runs:
        configs, code = (" ".join(f"`{name}`" for name in names) for names in (run.configs, run.code))
        yield f"| {configs} | {code} | {run.keys} | {len(run.said)} | {len(run.said - run.true)} | {len(run.true - run.said)} |"
    told = dict.fromkeys(key for run in runs for key in sorted(run.said & run.true))
    why = {key: text for run in entry["runs"] for key, text in run.get("why", {}).items()}
    if told:
        yield ""
        yield "Called a phantom, and is one:\n"
    for config, key in told:
        yield f"- `{key}` in `{config}`" + (f": {' '.join(why[key].split())}" if key in why else "")
    missed = sorted({key for run in runs for key in run.true - run.said})
    if missed:
        yield f"\nMissed: {', '.join(f'`{key}`' for _, key in missed)}."


def main(folder: Path) -> None:
    entries = yaml.safe_load((HERE / "audit_real.yaml").read_text(encoding="utf-8"))
    parts: list[str] = []
    every: list[Run] = []
    for entry in entries:
        checkout = folder / entry["repo"].replace("/", "+") / entry.get("folder", "")
        runs = [run_of(checkout, run) for run in entry["runs"]]
        every += runs
        parts += section(entry, runs)
        print(entry["repo"], [(run.keys, len(run.said), len(run.said - run.true), len(run.true - run.said)) for run in runs])
    true, found = sum(len(run.true) for run in every), sum(len(run.said & run.true) for run in every)
    head = HEAD.format(
        repositories=len(entries),
        runs=len(every),
        keys=sum(run.keys for run in every),
        said=sum(len(run.said) for run in every),
        wrong=sum(len(run.said - run.true) for run in every),
        true=true,
        found=found,
        share=found / true,
        lines=sum(run.lines for run in every),
        seconds=sum(run.seconds for run in every),
    )
    PAGE.write_text(head + "\n".join(parts) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
