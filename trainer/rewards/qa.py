"""Answers in words: an exact match after normalising, otherwise the F1 of SQuAD over tokens."""

from __future__ import annotations

import json
import re
import unicodedata
from collections import Counter

from confguard.trainer.rewards.attempt import marked

_ARTICLES = re.compile(r"\b(?:a|an|the)\b")
_OF_A_NUMBER = re.compile(r"(?<=\d)\.(?=\d)|(?<![\w)])-(?=\d)")
_TOKEN = re.compile(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]|[^\s\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]+")
"""A character of Chinese or Japanese, which know no spaces, or else a word."""


def correct(answer: str, reference: str) -> float:
    """1 for one of the references, otherwise the share of tokens in common with the best of them."""
    said = marked(answer) or answer
    return max(_alike(said, wanted) for wanted in references(reference))


def references(text: str) -> list[str]:
    """The references of a row: a JSON list of strings, or strings with `||` between them.

    >>> references('["Paris", "paris, France"]'), references("US || United States"), references("[1] is a list")
    (['Paris', 'paris, France'], ['US', 'United States'], ['[1] is a list'])
    """
    if text.lstrip().startswith("["):
        try:
            found = json.loads(text)
        except (ValueError, RecursionError):
            found = None
        if isinstance(found, list) and found and all(isinstance(item, str) for item in found):
            return found
    return [part.strip() for part in text.split("||")]


def tokens(text: str) -> list[str]:
    """Lower case, without articles and punctuation, but for the point and the sign of a number.

    >>> tokens("The Eiffel Tower!"), tokens("北京市"), tokens("U.S., -1,234.5")
    (['eiffel', 'tower'], ['北', '京', '市'], ['us', '-1234.5'])
    """
    plain = unicodedata.normalize("NFKC", text).casefold()
    kept = {found.start() for found in _OF_A_NUMBER.finditer(plain)}
    words = "".join(char for at, char in enumerate(plain) if unicodedata.category(char)[0] != "P" or at in kept)
    return _TOKEN.findall(_ARTICLES.sub(" ", words))


def _alike(said: str, wanted: str) -> float:
    ours, theirs = tokens(said), tokens(wanted)
    if not theirs:  # nothing but articles or punctuation: the characters count
        return float(bool(wanted.strip()) and said.strip().casefold() == wanted.strip().casefold())
    if ours == theirs:
        return 1.0
    same = (Counter(ours) & Counter(theirs)).total()
    return 2 * same / (len(ours) + len(theirs)) if same else 0.0
