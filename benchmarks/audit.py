"""Measure `confguard audit` on a hundred thousand lines of Python, beside what Python takes to parse them.

`python benchmarks/audit.py [--rounds N] [--lines N]`; benchmarks/README.md says how to read it. The code is that of the packages that
are installed, with the small trainer of tests/audit_mission among it; the config is the mission's.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import sys
import sysconfig
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[1]
CONFIG = ROOT / "tests" / "mission" / "after" / "config"
TRAINER = ROOT / "tests" / "audit_mission" / "trainer"
FIRST = ("trl", "peft", "accelerate", "transformers")
"""Packages that are taken first where they are installed: code of the kind that an audit is for."""
PARSE = """
import ast, contextlib, pathlib, sys, warnings
warnings.simplefilter("ignore")
for path in pathlib.Path(sys.argv[1]).rglob("*.py"):
    with contextlib.suppress(SyntaxError, ValueError):
        ast.parse(path.read_bytes())
"""
MOST_SECONDS, MOST_BYTES = 10.0, 500 * 2**20


class Used(NamedTuple):
    """What a process took."""

    wall: float
    peak: int


def used(command: list[str]) -> Used:
    """Run a command to its end, whatever its exit code."""
    began = time.perf_counter()
    quiet = [(os.POSIX_SPAWN_OPEN, stream, os.devnull, os.O_WRONLY, 0) for stream in (1, 2)]
    child = os.posix_spawn(command[0], command, os.environ, file_actions=quiet)
    _, _, resources = os.wait4(child, 0)
    return Used(time.perf_counter() - began, resources.ru_maxrss * 1024)


def gather(folder: Path, most: int) -> int:
    """Copy installed code into a folder until it has so many lines; how many it has."""
    site = Path(sysconfig.get_paths()["purelib"])
    packages = [name for name in FIRST if (site / name).is_dir()]
    packages += sorted(path.name for path in site.iterdir() if path.is_dir() and path.name not in packages and path.name.isidentifier())
    shutil.copytree(TRAINER, folder / "trainer")
    lines = 0
    for path in (path for name in packages for path in sorted((site / name).rglob("*.py"))):
        text = path.read_bytes()
        count = text.count(b"\n")
        if lines + count <= most:
            copy = folder / "lib" / path.relative_to(site)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(text)
            lines += count
        if lines > 0.999 * most:
            break
    return lines


def main(rounds: int, most: int) -> int:
    with tempfile.TemporaryDirectory() as here:
        lines = gather(Path(here), most)
        audits, parses = [], []
        for _ in range(rounds):  # interleaved, so that both have the same machine
            audits.append(used([sys.executable, "-m", "confguard", "audit", str(CONFIG), "--code", here]))
            parses.append(used([sys.executable, "-c", PARSE, here]))
    wall, peak = statistics.median(one.wall for one in audits), max(one.peak for one in audits)
    parse = statistics.median(one.wall for one in parses)
    print(f"{lines:,} lines, {rounds} rounds: audit {wall:.1f} s (at most {MOST_SECONDS:.0f})")
    print(f"highest memory {peak / 2**20:.0f} MiB (at most {MOST_BYTES // 2**20})")
    print(f"ast.parse of the same files {parse:.1f} s: the audit takes {wall / parse:.1f} times as long")
    return int(wall > MOST_SECONDS or peak > MOST_BYTES)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--lines", type=int, default=100_000)
    given = parser.parse_args()
    sys.exit(main(given.rounds, given.lines))
