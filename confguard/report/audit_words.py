"""What every report of an audit says in the same words: places, values without their secrets, counts."""

from __future__ import annotations

import math
from collections.abc import Sequence

from confguard.audit.audit import Audit
from confguard.audit.config import Config
from confguard.audit.places import Site
from confguard.audit.twins import Twin
from confguard.audit.verdict import ABSENT_KEY, CONFLICT, DEAD, HIDDEN, PASSED_ON, PHANTOM, READ, SHADOWED, UNKNOWN, Default, Verdict
from confguard.report.safe import clean
from confguard.words.secret import is_secret, mask, names_a_secret
from confguard.words.spelling import MOST_SHOWN, counted, cut, show
from confguard.words.typing import Any

CLASSES = (READ, DEAD, PHANTOM, PASSED_ON, SHADOWED, UNKNOWN)
DEFAULTS = (HIDDEN, CONFLICT, ABSENT_KEY)
MASKED = "..."
Path = Sequence[object]


def has_findings(found: Audit) -> bool:
    """Whether an audit fails. What is read and comes to nothing, what a library gets, and what cannot be known do not fail it."""
    return bool(found.defaults) or any(verdict.kind in (PHANTOM, SHADOWED) for verdict in found.verdicts)


def counts(found: Audit) -> dict[str, int]:
    """How many config files there are, keys of each class, and defaults of each kind."""
    kinds = [verdict.kind for verdict in found.verdicts] + [default.kind for default in found.defaults]
    return {"files": len(found.configs), **{kind: kinds.count(kind) for kind in (*CLASSES, *DEFAULTS)}}


def followed(found: Audit) -> str:
    """`27 keys in 2 files, followed through 3 Python files`."""
    keys, files = counted(len(found.verdicts), "key"), counted(len(found.configs), "file")
    return f"{keys} in {files}, followed through {counted(found.files, 'Python file')}"


def of_kind(found: Audit, kind: str) -> list[Verdict]:
    """The keys of a class: by config, and in the order of each file. Those of a config that no code opens are no single phantoms."""
    closed = unopened(found)
    return [verdict for verdict in found.verdicts if verdict.kind == kind and (kind != PHANTOM or verdict.config not in closed)]


def defaults_of(found: Audit, kind: str) -> list[Default]:
    """The defaults of a kind, by config."""
    order = {config: index for index, config in enumerate(found.configs)}
    return sorted((default for default in found.defaults if default.kind == kind), key=lambda default: order[default.config])


def unopened(found: Audit) -> dict[Config, int]:
    """The configs that no code opens, and how many keys each has that are phantoms for that reason."""
    number: dict[Config, int] = {}
    for verdict in found.verdicts:
        if verdict.kind == PHANTOM and verdict.config not in found.opened:
            number[verdict.config] = number.get(verdict.config, 0) + 1
    return number


def shown_path(path: str) -> str:
    """A path as people write it: what lies below `.` is not said to."""
    return path.removeprefix("./")


def place(site: Site) -> str:
    """`train.py:34`."""
    return f"{clean(shown_path(site.file))}:{site.line}"


def places(sites: Sequence[Site]) -> str:
    """`train.py:34, train.py:40`; of many, the first ones and how many more there are."""
    shown, more = ", ".join(place(site) for site in sites[:MOST_SHOWN]), len(sites) - MOST_SHOWN
    return f"{shown} and {more} more" if more > 0 else shown


def config_place(verdict: Verdict) -> str:
    """Where a key stands in its config: `config/training.yaml:10`."""
    return f"{clean(verdict.config.path)}:{verdict.leaf.line}"


def key_and_value(verdict: Verdict) -> str:
    """`policy.max_new_tokens: 2048`."""
    return f"{clean(verdict.leaf.key)}: {value(verdict.leaf.path, verdict.leaf.data)}"


def value(path: Path, data: Any) -> str:
    """A value as a report shows it."""
    return clean(cut(show(safe(path, data))))


def values(default: Default) -> str:
    """The defaults that there are for a key: `0.7 or 1`."""
    return " or ".join(value(default.path, item) for item in default.values)


def each_with_its_place(default: Default) -> list[tuple[str, str]]:
    """Places, and the value that the code has there."""
    by_place: dict[str, list[str]] = {}
    for site, item in default.offers:
        by_place.setdefault(place(site), []).append(value(default.path, item))
    return [(where, " or ".join(said)) for where, said in by_place.items()]


def instead(verdict: Verdict) -> tuple[str, str] | None:
    """What the code has of its own for a key that it does not read: where, and how it is written."""
    if verdict.twin is None:
        return None
    return place(verdict.twin.site), clean(twin_text(verdict.leaf.path, verdict.twin))


def twin_text(path: Path, twin: Twin) -> str:
    """How a twin is written; of a secret, only its name."""
    name, sign, _ = twin.text.partition("=")
    return f"{name.rstrip()}={MASKED}" if sign and (_is_hidden(path) or names_a_secret(name.strip())) else mask(twin.text)


def safe(path: Path, data: Any) -> Any:
    """Data without its secrets, as JSON has it too: nothing below a key that names a secret is shown.

    >>> safe(["wandb", "api_key"], "x1"), safe(["lr"], (1e-5, float("inf")))
    ('...', [1e-05, 'inf'])
    """
    if data is None or isinstance(data, bool) or data == "":
        return data
    if _is_hidden(path):
        return MASKED
    if isinstance(data, dict):
        return {mask(str(name)): safe([*path, name], item) for name, item in data.items()}
    if isinstance(data, (list, tuple)):
        return [safe(path, item) for item in data]
    return _plain(data)


def _plain(data: Any) -> Any:
    if isinstance(data, str):
        return MASKED if is_secret("", data) else mask(data)
    if isinstance(data, int) and abs(data) >= 2**63:
        return show(data)
    if isinstance(data, float) and math.isfinite(data):
        return data
    return data if isinstance(data, int) else mask(str(data))


def _is_hidden(path: Path) -> bool:
    return any(names_a_secret(str(part)) for part in path)
