"""Make the page: `PYTHONPATH=tests python -m agreement [--configs 6000] [--seed 1] [--late 300]`, in an environment with the extra `train`."""

from __future__ import annotations

import argparse
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from agreement.compare import STRICTER, Compared, compare
from agreement.late import TinyRuns
from agreement.mutate import configs
from agreement.page import Run, Shown, page

PAGE = Path(__file__).parents[2] / "docs" / "agreement.md"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--configs", type=int, default=12000)
    parser.add_argument("--seed", type=int, default=20261125)
    parser.add_argument("--late", type=int, default=300, help="configs that are trained for two steps")
    asked = parser.parse_args()
    start = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        found = list(compare(configs(asked.seed, asked.configs), Path(folder)))
        seconds = time.monotonic() - start
        shown = list(late(found, asked.late, Path(folder)))
    PAGE.write_text(page(Run(asked.seed, found, shown, seconds)), encoding="utf-8")


def late(found: list[Compared], most: int, folder: Path) -> Iterator[Shown]:
    """The runs of configs with one change that confguard alone rejects, rule by rule in turn; no two with the same rule and line."""
    runs = TinyRuns(folder)
    for compared, line in _chosen(found)[:most]:
        path = folder / "late.yaml"
        path.write_text(compared.made.text, encoding="utf-8")
        finding = compared.errors[0]
        own = {finding.key or "", *finding.keys} - {"model_name_or_path"} | {finding.key or ""}
        yield Shown(finding, line, runs.run(compared.made.kind, str(path), own))


def _chosen(found: list[Compared]) -> list[tuple[Compared, str]]:
    chosen: dict[tuple[str, str], tuple[Compared, str]] = {}
    for compared in found:
        if compared.outcome == STRICTER and len(compared.errors) == len(compared.made.changes) == 1:  # so that nothing else can end the run
            finding = compared.errors[0]
            line = next((line for line in compared.made.text.splitlines() if line.startswith(f"{finding.key}:")), finding.key or "")
            chosen.setdefault((finding.code, line), (compared, line))
    rounds: Counter[str] = Counter()
    order = []
    for (code, _), pair in chosen.items():
        rounds[code] += 1
        order.append((rounds[code], pair))
    return [pair for _, pair in sorted(order, key=lambda item: item[0])]


if __name__ == "__main__":
    main()
