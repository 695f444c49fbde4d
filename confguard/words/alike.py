"""How much alike two words are, as the standard library's `SequenceMatcher.ratio` has it; loading difflib takes longer than a check may."""

from __future__ import annotations

from collections.abc import Iterable


def ratio(one: str, other: str) -> float:
    """Twice the letters that both have in order, by the longest stretches first (Ratcliff and Obershelp), over all letters.

    >>> ratio("learnig_rate", "learning_rate"), ratio("abc", "xyz"), ratio("", "")
    (0.96, 0.0, 1.0)
    """
    return 2 * _matched(one, other) / (len(one) + len(other)) if one or other else 1.0


def _matched(one: str, other: str) -> int:
    if not one or not other:
        return 0
    size, start, there = _longest(one, other)
    if size == 0:
        return 0
    return size + _matched(one[:start], other[:there]) + _matched(one[start + size :], other[there + size :])


def _longest(one: str, other: str) -> tuple[int, int, int]:
    """The size of the longest stretch that both have, and where it starts in each: the first of several."""
    for size in range(min(len(one), len(other)), 0, -1):
        for start in range(len(one) - size + 1):
            there = other.find(one[start : start + size])
            if there >= 0:
                return size, start, there
    return 0, 0, 0


def closest(word: str, choices: Iterable[str], least: float) -> str | None:
    """The choice that is most like a word, if it is at least so much alike; of several the last in the alphabet, as difflib has it."""
    known = str.maketrans("", "", word)
    hopeful = []
    for choice in choices:
        length, other = len(word), len(choice)
        most = 2 * (length if length < other else other) / (length + other or 1)
        if most >= least and (most := 2 * min(length, other - len(choice.translate(known))) / (length + other or 1)) >= least:
            hopeful.append((most, choice))  # no more alike than that: letters that the word does not have cannot match
    best = (least, "")
    for most, choice in sorted(hopeful, reverse=True):
        if most < best[0]:
            break
        best = max(best, (ratio(choice, word), choice))
    return best[1] or None
