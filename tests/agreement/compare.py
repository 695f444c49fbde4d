"""Both verdicts of each config side by side, and what explains those that differ."""

from __future__ import annotations

import re
import traceback
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

from agreement.explained import MACHINE, MISSES, explanation
from agreement.mutate import TRIO, Made
from agreement.real import LAUNCHING, Libraries, Verdict
from confguard.checking.pipeline import check
from confguard.checking.setting import Options
from confguard.schemas.catalogue import CATALOGUE
from confguard.schemas.trl.extensions import EXTENSIONS
from confguard.words.finding import ERROR, Finding

OPTIONS = Options(target=tuple(TRIO._asdict().items()), world_size=1)
BOTH, NEITHER, MISSED, STRICTER, OF_MACHINE = "both reject", "both accept", "missed", "confguard alone rejects", "the machine's reason"
OTHERS, CRASHED = "another project's keys", "confguard breaks"
OUTCOMES = (BOTH, NEITHER, MISSED, STRICTER, OTHERS, OF_MACHINE, CRASHED)


class Compared(NamedTuple):
    """A config with both verdicts."""

    made: Made
    real: Verdict
    errors: tuple[Finding, ...]
    """What confguard rejects it for."""
    crash: str = ""
    """How confguard itself broke."""

    @property
    def outcome(self) -> str:
        if self.crash:
            return CRASHED
        if self.real.accepts:
            return STRICTER if self.errors else NEITHER
        if reason_of_machine(self.real):
            return OF_MACHINE
        if self.errors:
            return BOTH
        return OTHERS if _is_of_others(self) else MISSED


def reason_of_machine(real: Verdict) -> str | None:
    """Why a rejection lies in the machine and not in the config; None where it does not."""
    return next((why for pattern, why in MACHINE if re.search(pattern, f"{real.error}: {real.message}")), None)


def explained_miss(compared: Compared) -> str | None:
    """Why confguard does not reject what the constructor rejects; None where nobody knows."""
    told = f"{compared.real.error}: {compared.real.message}"
    return next((row.why for row in MISSES if re.search(row.message, told) and re.search(row.text, compared.made.text)), None)


def unexplained(compared: Compared) -> list[Finding]:
    """The errors of a config that the constructor takes which no late error and no fact stands for."""
    return [finding for finding in compared.errors if explanation(finding) is None]


def agreement(found: Iterable[Compared]) -> float:
    """Of the configs that the constructor rejects for a reason in the config, the share that confguard rejects."""
    counts = Counter(compared.outcome for compared in found)
    return counts[BOTH] / max(1, counts[BOTH] + counts[MISSED])


@cache
def _keys_of_others(kind: str) -> frozenset[str]:
    return frozenset(key for extension in EXTENSIONS for key in extension.keys_of(kind))


def _is_of_others(compared: Compared) -> bool:
    """Whether all that the command does not know are keys that another project's script adds to TRL's, which confguard lets pass."""
    strangers = set(re.findall(r"--(\w+)", compared.real.message)) if compared.real.stage == LAUNCHING else set()
    return bool(strangers) and strangers <= _keys_of_others(compared.made.kind)


def compare(configs: Iterable[Made], folder: Path) -> Iterator[Compared]:
    """Each config, read by the libraries and by confguard; the files are written into a folder."""
    libraries = Libraries()
    for made in configs:
        path = _file(folder, made)
        real = libraries.verdict(made.kind, str(path))
        try:
            report = check([str(path)], CATALOGUE, OPTIONS)
        except Exception as error:  # any is a fault of confguard's, to be told with its config
            yield Compared(made, real, (), f"{type(error).__name__}: {error}, {traceback.extract_tb(error.__traceback__)[-1].name}")
            continue
        assert report.files[0].kind == made.kind, report
        errors = tuple(finding for finding in report.findings if finding.severity == ERROR and finding.waiver is None)
        yield Compared(made, real, errors)


def _file(folder: Path, made: Made) -> Path:
    home = folder / made.kind
    if not home.is_dir():
        home.mkdir(parents=True)
        (home / "confguard.yaml").write_text(f'files:\n  "*.yaml": {made.kind}\n', encoding="utf-8")
    path = home / "config.yaml"
    path.write_text(made.text, encoding="utf-8")
    return path
