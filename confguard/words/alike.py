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
    letters = set(word)
    best: tuple[float, str] | None = None
    for choice in choices:
        whole = len(word) + len(choice)
        if 2 * min(len(word), len(choice)) < least * whole:
            continue
        strange = sum(letter not in letters for letter in choice)  # these cannot match
        if 2 * min(len(word), len(choice) - strange) < least * whole:
            continue
        found = ratio(choice, word), choice
        if found[0] >= least and (best is None or found > best):
            best = found
    return best[1] if best else None
