"""Measure the embedded training run, and what confguard costs beside a bare TRL script of the same run.

`python benchmarks/train.py [--rounds N] [--seeds N]`, where the `train` extra is installed; benchmarks/README.md says how to read it.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from confguard import profiles

PROFILE = Path(str(profiles.__file__)).with_name("tiny")
WINDOW = 5
SHORT, LONG = 20, 100
HIGHEST = 10.0
BARE = "bare TRL script, with the same reward"
LEAST_RISE, MOST_DRIFT, MOST_SECONDS, MOST_BYTES, MOST_CPU = 0.25, 0.10, 60.0, 2**30, 1.03


class Used(NamedTuple):
    """What a process took."""

    wall: float
    cpu: float
    peak: int


def used(command: list[str], folder: Path) -> Used:
    """Run a command in a folder to its end; stops where it fails."""
    began = time.perf_counter()
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1"}
    log = os.open(folder / "log", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    outputs = [(os.POSIX_SPAWN_DUP2, log, stream) for stream in (1, 2)]
    child = os.posix_spawn(command[0], command, environment, file_actions=outputs)
    os.close(log)
    _, status, resources = os.wait4(child, 0)
    if status:
        raise SystemExit(f"{' '.join(command)} failed:\n{(folder / 'log').read_text()[-2000:]}")
    return Used(time.perf_counter() - began, resources.ru_utime + resources.ru_stime, resources.ru_maxrss * 1024)


def confguard(folder: Path, seed: int, **sets: object) -> tuple[Used, list[float]]:
    """A run of the profile, and its reward step by step."""
    out = folder / "out"
    shutil.rmtree(out, ignore_errors=True)
    laid_over = [part for key, value in {**sets, "output_dir": out}.items() for part in ("--set", f"{key}={value}")]
    took = used([sys.executable, "-m", "confguard", "train", "profile:tiny", "--seed", str(seed), *laid_over], folder)
    history = [json.loads(line) for line in (out / "confguard-history.jsonl").read_text(encoding="utf-8").splitlines()]
    return took, [step["reward"] for step in history]


def bare(folder: Path, steps: int, reward: str) -> Used:
    """A run of the bare script."""
    shutil.rmtree(folder / "bare", ignore_errors=True)
    script = str(Path(__file__).with_name("bare_grpo.py"))
    rows = str(PROFILE / "data" / "train_mixed.jsonl")
    return used([sys.executable, script, str(PROFILE / "model"), rows, str(steps), str(folder / "bare"), reward], folder)


def learning(folder: Path, seeds: int) -> bool:
    """The table of the profile's runs and of controls; whether all limits hold."""
    print("| run | seed | first five steps | last five | wall s | peak MiB | verdict |\n|---|---|---|---|---|---|---|")
    holds = True
    for name, count, sets in (("profile:tiny", seeds, {}), ("the same, learning rate 1e-12", 2, {"learning_rate": "1.0e-12"})):
        for seed in range(1, count + 1):
            took, rewards = confguard(folder, seed, **sets)
            first, last = (statistics.fmean(part) / HIGHEST for part in (rewards[:WINDOW], rewards[-WINDOW:]))
            good = (last - first >= LEAST_RISE) if not sets else abs(last - first) <= MOST_DRIFT
            good = good and took.wall < MOST_SECONDS and took.peak < MOST_BYTES
            holds = holds and good
            verdict = "ok" if good else "MISSED"
            print(f"| {name} | {seed} | {first:.3f} | {last:.3f} | {took.wall:.1f} | {took.peak / 2**20:.0f} | {verdict} |", flush=True)
    return holds


def overhead(folder: Path, rounds: int) -> bool:
    """CPU time of a step, of confguard and of the bare script, interleaved; whether the limit holds."""
    runs: dict[str, Callable[[int], Used]] = {
        "confguard train": lambda steps: confguard(folder, 1, max_steps=steps, test_dataset="null")[0],
        BARE: lambda steps: bare(folder, steps, "same"),
        "the same, rewarded by one comparison of texts": lambda steps: bare(folder, steps, "plain"),
    }
    taken: dict[str, list[float]] = {name: [] for name in runs}
    for number in range(rounds):
        for name in sorted(runs, key=lambda name: random.Random(f"{number} {name}").random()):
            long, short = (runs[name](steps).cpu for steps in (LONG, SHORT))
            taken[name].append(1000 * (long - short) / (LONG - SHORT))
    print(f"\nCPU time of a step: {LONG} steps less {SHORT}, divided; median of {rounds} interleaved rounds\n")
    print("| run | CPU ms a step | least to most | x bare script | verdict |\n|---|---|---|---|---|")
    against = statistics.median(taken[BARE])
    for name, found in taken.items():
        ratio = statistics.median(found) / against
        verdict = ("ok" if ratio <= MOST_CPU else "MISSED") if name not in (BARE, *list(runs)[2:]) else ""
        limit = f" (at most {MOST_CPU})" if verdict else ""
        print(f"| {name} | {statistics.median(found):.1f} | {min(found):.1f} to {max(found):.1f} | {ratio:.3f}{limit} | {verdict} |")
    return statistics.median(taken["confguard train"]) / against <= MOST_CPU


def main(arguments: list[str]) -> int:
    """Measure and print both tables; 1 where a limit is missed."""
    parser = argparse.ArgumentParser(description="Measure the embedded training run.")
    parser.add_argument("--rounds", type=int, default=5, help="rounds of the second table; 0 leaves it out")
    parser.add_argument("--seeds", type=int, default=4, help="seeds of the first table; 0 leaves it out")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="confguard-benchmark-") as name:
        folder = Path(name)
        holds = learning(folder, options.seeds) if options.seeds else True
        holds = (overhead(folder, options.rounds) if options.rounds else True) and holds
    return 0 if holds else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
