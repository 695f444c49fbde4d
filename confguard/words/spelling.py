"""Spelling: of numbers and values in files and messages, and of names that someone mistyped."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence

from confguard.words.typing import Any


def plain_number(text: str, kind: str) -> str | None:
    """Spell a number so that YAML 1.1 and 1.2 readers agree on it; None where `kind` cannot hold it.

    >>> plain_number("2e-5", "float"), plain_number("1e3", "int"), plain_number("1.5", "int")
    ('2.0e-5', '1000', None)
    """
    value = float(text.replace("_", ""))
    if not math.isfinite(value):
        return None
    if kind == "int":
        return str(int(value)) if value.is_integer() and abs(value) < 2**53 else None
    sign, digits = ("-", text[1:]) if text[0] == "-" else ("", text.lstrip("+"))
    mantissa, _, exponent = digits.replace("_", "").lower().partition("e")
    whole, dot, fraction = mantissa.partition(".")
    whole = whole.lstrip("0") or "0"
    if not exponent:
        return f"{sign}{whole}{dot}{fraction or '0' * len(dot)}"
    return f"{sign}{whole}.{fraction or '0'}e{exponent if exponent[0] in '+-' else '+' + exponent}"


def show(value: Any) -> str:
    """A value as a message shows it: as YAML would spell it, cut where it is long."""
    if value is None:
        return "null"
    if value is True or value is False:
        return str(value).lower()
    if isinstance(value, list):
        return f"[{listed([show(item) for item in value[:MOST_SHOWN]], len(value))}]"
    if isinstance(value, dict):
        return "{" + listed([f"{cut(str(name))}: {show(item)}" for name, item in list(value.items())[:MOST_SHOWN]], len(value)) + "}"
    if isinstance(value, float):
        return number(value, 15)
    if isinstance(value, int):
        return str(value) if abs(value) < 10**40 else f"about 10^{int(value.bit_length() * 0.30103)}"
    return f'"{cut(value)}"' if isinstance(value, str) else cut(str(value))


MOST_SHOWN = 8
LONGEST_SHOWN = 60


def cut(text: str) -> str:
    """A text that is not longer than a message bears."""
    return text if len(text) <= LONGEST_SHOWN else text[: LONGEST_SHOWN - 3] + "..."


def listed(names: Sequence[str], count: int = 0) -> str:
    """The first names of many, with commas; how many more there are."""
    more = max(count, len(names)) - MOST_SHOWN
    shown = ", ".join(cut(name) for name in names[:MOST_SHOWN])
    return f"{shown} and {more} more" if more > 0 else shown


def number(value: float, digits: int = 4) -> str:
    """A number as people write it, to so many digits: 2e-5, 0.25, 12000.

    >>> number(2e-05), number(0.1 + 0.2), number(2.0), number(12000), number(2 / 3)
    ('2e-5', '0.3', '2', '12000', '0.6667')
    """
    if isinstance(value, int) or (math.isfinite(value) and value == int(value) and abs(value) < 1e15):
        return str(int(value))
    return re.sub(r"e([-+])0*(\d)", lambda found: "e" + found[1].replace("+", "") + found[2], f"{value:.{digits}g}")


def describe(value: Any) -> str:
    """A value together with its type, for messages."""
    if value is None:
        return "empty (null)"
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list):
        return f"the list {show(value)}"
    if isinstance(value, bool):
        return f"the boolean {show(value)}"
    if isinstance(value, str):
        return f"the string {show(value)}"
    if isinstance(value, (int, float)):
        return f"the number {show(value)}"
    return f"the {type(value).__name__} {show(value)}"


def nearest(name: str, choices: Iterable[str]) -> str | None:
    """The choice that a misspelt name most likely stands for, or None.

    >>> nearest("learning-rate", ["learning_rate", "max_steps"]), nearest("loraRank", ["lora_rank"]), nearest("seed", ["top_k"])
    ('learning_rate', 'lora_rank', None)
    """
    if len(name) > LONGEST_SHOWN:
        return None
    from confguard.words.alike import closest

    plain = {_plain(choice): choice for choice in choices if len(choice) <= LONGEST_SHOWN}
    close = closest(_plain(name), plain, 0.8)
    return plain[close] if close else None


def is_misspelt(name: str, meant: str) -> bool:
    """Whether a name can be a misspelling of one that it is like: not where it says more, or has another word in a word's place.

    >>> is_misspelt("warmup_step", "warmup_steps"), is_misspelt("train_epochs", "num_train_epochs"), is_misspelt("warm_up", "warmup")
    (True, True, True)
    >>> is_misspelt("eval_dataset", "dataset"), is_misspelt("eval_split_size", "test_split_size"), is_misspelt("beta1", "beta")
    (False, False, False)
    """
    from confguard.words.alike import ratio

    words, others = _plain(name).split("_"), _plain(meant).split("_")
    if name.rstrip("_0123456789") == meant:
        return False
    if len(words) > len(others):
        return ratio("".join(words), "".join(others)) >= _ALL_ALIKE
    return len(words) < len(others) or all(ratio(word, other) >= _ALIKE for word, other in zip(words, others, strict=True))


_ALIKE = 0.5
"""How much alike two words are of which one is the other misspelt, at least."""
_ALL_ALIKE = 0.95
"""How much alike two names are that differ in where their words end, as `warm_up_steps` and `warmup_steps` do."""


def _plain(name: str) -> str:
    if not name.islower():
        name = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()
    return name.strip().replace("-", "_").replace(" ", "_")


# Letters of other alphabets that most fonts draw as Latin ones.
# Source: Unicode Technical Standard 39, confusables.txt; Cyrillic and Greek letters that stand for Latin ones.
_LOOK_ALIKES = str.maketrans(
    "асԁеһіјӏорԛѕтԝхуαεικνορτυχωΑΒΕΖΗΙΚΜΝΟΡΤΥΧАВЕЅІЈКМНОРСТХУ",
    "acdehijlopqstwxyaeikvoptuxwABEZHIKMNOPTYXABESIJKMHOPCTXY",
)


def ascii_skeleton(name: str) -> str:
    """The ASCII name that a look-alike imitates: compatibility forms folded, invisible characters dropped.

    >>> ascii_skeleton("learn\u0456ng_rate"), ascii_skeleton("ｍax_steps"), ascii_skeleton("top\u200b_k")
    ('learning_rate', 'max_steps', 'top_k')
    """
    import unicodedata

    seen = "".join(char for char in unicodedata.normalize("NFKC", name) if unicodedata.category(char) != "Cf")
    return seen.translate(_LOOK_ALIKES).strip()


def counted(number: int, noun: str, nouns: str | None = None) -> str:
    """A number and what it counts.

    >>> counted(1, "file"), counted(2_000, "file"), counted(0, "file is", "files are")
    ('1 file', '2,000 files', '0 files are')
    """
    return f"{number:,} {noun if number == 1 else nouns or f'{noun}s'}"
