"""The rows that a run trains on: read from JSONL or from a dataset on disk, and put into an order in which each domain has its share."""

from __future__ import annotations

import json
import os
import random
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from confguard.trainer.plan import Refused

COLUMNS = ("domain", "question", "answer")


def read_rows(path: str) -> list[dict[str, Any]]:
    """The rows of a JSONL file, or of a folder that `datasets` saved. Raises `Refused` with file and line.

    A row has `domain`, `question` and `answer`, all text; one of the domain code also has `tests`, a list of assertions.
    """
    rows = list(_saved(path) if os.path.isdir(path) else _lines(path))
    if not rows:
        raise Refused(f"{path}: there is no row in it")
    return rows


def _lines(path: str) -> Iterator[dict[str, Any]]:
    try:
        with open(path, encoding="utf-8") as file:
            for number, line in enumerate(file, 1):
                if line.strip():
                    yield _row(json.loads(line), f"{path}:{number}")
    except UnicodeDecodeError:
        raise Refused(f"{path}: not UTF-8") from None
    except (ValueError, RecursionError) as error:
        raise Refused(f"{path}:{number}: not JSON: {getattr(error, 'msg', error)}; write one object a line") from None
    except OSError as error:
        raise Refused(f"{path}: {error.strerror}") from None


def _saved(path: str) -> Iterator[dict[str, Any]]:
    from datasets import DatasetDict, load_from_disk

    try:
        found = load_from_disk(path)
    except FileNotFoundError:
        raise Refused(f"{path}: a folder, but none that `datasets` saved: name a JSONL file, or save_to_disk first") from None
    except Exception as error:
        raise Refused(f"{path}: `datasets` cannot read it ({type(error).__name__})") from None
    if isinstance(found, DatasetDict):
        if "train" not in found:
            raise Refused(f"{path}: there is no split train in it (there are: {', '.join(found)}): name the folder of one split")
        found = found["train"]
    return (_row(row, f"{path}, row {number}") for number, row in enumerate(found))


def _row(row: Any, where: str) -> dict[str, Any]:
    if not isinstance(row, dict):
        raise Refused(f"{where}: not an object with {', '.join(COLUMNS)}")
    row = {**row, "answer": "-"} if row.get("domain") == "code" and not row.get("answer") else row  # its tests are what counts
    for name in COLUMNS:
        if not isinstance(row.get(name), (str, int, float)) or row[name] == "" or not _is_text(str(row[name])):
            raise Refused(f"{where}: `{name}` is {'missing' if name not in row else 'no text'}")
    tests = row.get("tests") or []
    if not isinstance(tests, list) or not all(isinstance(test, str) for test in tests):
        raise Refused(f"{where}: `tests` is no list of texts")
    if row["domain"] == "code" and not tests:
        raise Refused(f"{where}: a row of the domain code has no `tests`: it could not be graded")
    return {**{name: str(row[name]) for name in COLUMNS}, "tests": tests}


def _is_text(text: str) -> bool:
    """Whether a text can be written as UTF-8: JSON also has halves of characters."""
    return not any("\ud800" <= char <= "\udfff" for char in text)


def shared_out(shares: Mapping[str, float], count: int) -> list[str]:
    """The domain of each of `count` prompts: at every point each domain is within about one of its share.

    The next prompt goes to the domain that lacks most of its share, so the whole has the exact shares where these come out even.

    >>> shared_out({"math": 0.5, "qa": 0.3, "code": 0.2}, 10)
    ['math', 'qa', 'code', 'math', 'math', 'qa', 'math', 'code', 'qa', 'math']
    """
    total = sum(shares.values())
    given = dict.fromkeys(shares, 0)
    order = []
    for place in range(1, count + 1):
        domain = max(shares, key=lambda name: round(shares[name] / total * place - given[name], 9))
        given[domain] += 1
        order.append(domain)
    return order


def ordered(rows: Sequence[Mapping[str, Any]], shares: Mapping[str, float], count: int, seed: int) -> list[int]:
    """The places of `count` rows: domains by their shares, the rows of each in a drawn order, and again from the start when it is used up.

    The first n of a longer order are those of a shorter one. Raises `Refused` for a domain without rows.
    """
    by_domain: dict[str, list[int]] = {name: [] for name, share in shares.items() if share > 0}
    for place, row in enumerate(rows):
        if row["domain"] in by_domain:
            by_domain[row["domain"]].append(place)
    if empty := [name for name, places in by_domain.items() if not places]:
        there = ", ".join(sorted({row["domain"] for row in rows}))
        raise Refused(f"domain_ratios gives {empty[0]} a share of {shares[empty[0]]}, and no row is of that domain (there are: {there})")
    for name, places in by_domain.items():
        random.Random(f"{seed} {name}").shuffle(places)
    taken = dict.fromkeys(by_domain, 0)
    order = []
    for domain in shared_out({name: shares[name] for name in by_domain}, count):
        places = by_domain[domain]
        order.append(places[taken[domain] % len(places)])
        taken[domain] += 1
    return order
