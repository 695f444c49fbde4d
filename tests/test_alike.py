"""Our own measure of likeness against the standard library's."""

from __future__ import annotations

from difflib import SequenceMatcher, get_close_matches

from hypothesis import given
from hypothesis import strategies as st

from confguard.schemas.catalogue import CATALOGUE
from confguard.words.alike import closest, ratio

WORDS = st.text("abcde_", max_size=14)
KEYS = sorted({name for shape in CATALOGUE.by_release() for name in shape.fields})


@given(WORDS, WORDS)
def test_ratio_is_that_of_difflib(one: str, other: str) -> None:
    assert ratio(one, other) == SequenceMatcher(None, one, other).ratio()


@st.composite
def misspelt(draw: st.DrawFn) -> str:
    key = draw(st.sampled_from(KEYS))
    place = draw(st.integers(0, len(key) - 1))
    return draw(
        st.sampled_from(
            [key[:place] + key[place + 1 :], key[:place] + "x" + key[place:], key[:place] + key[place:][1::-1] + key[place + 2 :]]
        )
    )


@given(misspelt())
def test_the_closest_is_as_close_as_that_of_difflib(word: str) -> None:
    mine, theirs = closest(word, KEYS, 0.8), get_close_matches(word, KEYS, n=1, cutoff=0.8)
    assert (mine is None) == (not theirs)
    if mine is not None:
        assert ratio(mine, word) == ratio(theirs[0], word)
