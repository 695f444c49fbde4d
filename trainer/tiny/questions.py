"""The questions of the tiny profile, in the three domains of an AFlow project; no answer is longer than five bytes.

So short, because a step of GRPO costs one pass of the model for each token that is sampled. The code is code all the same: `f=len` is a
program, and its tests run.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from typing import Any

SPLITS = {"train": 0.7, "val": 0.15, "test": 0.15}
"""The files of the data and each one's share of every domain."""

OPPOSITES = (
    *("hot cold", "up down", "in out", "big small", "fast slow", "old new", "wet dry", "day night", "good bad", "high low"),
    *("hard soft", "rich poor", "near far", "love hate", "open shut", "full empty", "thin thick", "true false", "left right", "win lose"),
    *("first last", "black white", "yes no", "on off", "push pull", "give take", "war peace", "life death", "sharp blunt", "loud quiet"),
    *(
        "north south",
        "east west",
        "start end",
        "buy sell",
        "rise fall",
        "more less",
        "early late",
        "long short",
        "clean dirty",
        "happy sad",
    ),
)
"""Words and their opposites: each is asked for the other."""

BUILTINS = {
    "abs": ("the size of a number", "f(-3) == 3", "f(2) == 2"),
    "len": ("the length of a list", "f([4, 5]) == 2", "f('') == 0"),
    "max": ("the largest item", "f([1, 9, 2]) == 9", "f(3, 4) == 4"),
    "min": ("the smallest item", "f([7, 1, 2]) == 1", "f(3, 4) == 3"),
    "sum": ("the total of a list", "f([1, 2, 3]) == 6", "f([]) == 0"),
    "str": ("a value as text", "f(12) == '12'", "f(None) == 'None'"),
    "int": ("a text as a number", "f('12') == 12", "f('-1') == -1"),
    "set": ("the distinct items", "f([1, 1, 2]) == {1, 2}", "len(f('aab')) == 2"),
    "any": ("whether one is true", "f([0, 1]) is True", "f([]) is False"),
    "all": ("whether each is true", "f([0, 1]) is False", "f([]) is True"),
    "pow": ("a power", "f(2, 3) == 8", "f(5, 0) == 1"),
    "hex": ("the base 16 text", "f(255) == '0xff'", "f(1) == '0x1'"),
    "bin": ("the base 2 text", "f(5) == '0b101'", "f(0) == '0b0'"),
    "oct": ("the base 8 text", "f(8) == '0o10'", "f(1) == '0o1'"),
    "ord": ("the code of a letter", "f('A') == 65", "f('a') == 97"),
    "chr": ("the letter of a code", "f(65) == 'A'", "f(97) == 'a'"),
}
"""What Python's functions give, and what holds for a function `f` that gives it."""

CODE_PHRASES = ("Python f: {}", "Let f give {}", "Set f to {}")

Row = dict[str, Any]


def math() -> Iterator[Row]:
    """Sums of two digits, and differences that are not negative."""
    for a in range(10):
        for b in range(10):
            yield {"domain": "math", "question": f"{a}+{b}=?", "answer": str(a + b)}
            if a >= b:
                yield {"domain": "math", "question": f"{a}-{b}=?", "answer": str(a - b)}


def qa() -> Iterator[Row]:
    """Opposites, both ways."""
    for pair in OPPOSITES:
        left, right = pair.split()
        for asked, answer in ((left, right), (right, left)):
            yield {"domain": "qa", "question": f"Opposite of {asked}?", "answer": answer}


def code() -> Iterator[Row]:
    """One-line programs that bind `f`, each with its tests."""
    for name, (what, *tests) in BUILTINS.items():
        for phrase in CODE_PHRASES:
            yield {
                "domain": "code",
                "question": phrase.format(what),
                "answer": f"f={name}",
                "tests": [f"assert {test}" for test in tests],
            }


DOMAINS = {"math": math, "qa": qa, "code": code}


def splits() -> dict[str, list[Row]]:
    """The rows of each file: every question is in one of them only, and their order is a shuffled one that never changes."""
    drawn = random.Random(0)
    made: dict[str, list[Row]] = {name: [] for name in SPLITS}
    for questions in DOMAINS.values():
        rows = list(questions())
        drawn.shuffle(rows)
        begin = 0.0
        for name, share in SPLITS.items():
            end = begin + share
            made[name] += rows[round(begin * len(rows)) : round(end * len(rows))]
            begin = end
    for rows in made.values():
        drawn.shuffle(rows)
    return made


def to_jsonl(rows: list[Row]) -> str:
    """Rows as the lines of a file."""
    return "".join(json.dumps(row) + "\n" for row in rows)
