"""Kill runs at random moments and resume them: do they end with the weights of the run that nobody killed?

`python tests/real_kills.py [--kills N]`, where the `train` extra is installed; about ten minutes. Its result stands in docs/training.md.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from test_train import SCHEDULED, TINY, adapter_hash, command, config, killed_and_resumed, shutil

WAYS = {"one process": (), "two processes": ("--launch", "torchrun", "--processes", "2")}


def main(arguments: list[str]) -> int:
    """Print a row for each way of launching; 1 where a run did not end the same."""
    parser = argparse.ArgumentParser(description="Kill training runs at random moments, and resume them.")
    parser.add_argument("--kills", type=int, default=10)
    kills = parser.parse_args(arguments).kills
    os.environ["OMP_NUM_THREADS"] = "1"
    good = True
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        shutil.copytree(TINY, "tiny")
        path = config(max_steps=12, save_every=1, **SCHEDULED)
        for name, more in WAYS.items():
            shutil.rmtree("whole", ignore_errors=True)
            done = command(path, "--seed", "1", "--set", "output_dir=whole", *more)
            if done.returncode:
                raise SystemExit(done.stdout + done.stderr)
            whole = adapter_hash("whole/checkpoint-12")
            draw = random.Random(name)
            same = 0
            for number in range(kills):
                after = draw.uniform(0, 1.2)
                found = killed_and_resumed(path, after, *more)
                same += found == whole
                print(
                    f"{name}, kill {number + 1}: {after:.2f} s after the first step: {'the same' if found == whole else 'ANOTHER'}",
                    flush=True,
                )
            print(f"| {name} | {same} of {kills} |", flush=True)
            good = good and same == kills
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
