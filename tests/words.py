"""Generated words and values: whatever someone may write into a file."""

from __future__ import annotations

from hypothesis import strategies as st

WORDS = st.text(st.characters(codec="utf-8"), max_size=30)
SIMPLE = st.text("ab :#'\"\\-,[]{}中\t\x85\u2028", min_size=1, max_size=12)
LEAVES = (
    st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.booleans()
    | st.none()
    | WORDS
    | st.sampled_from(["no", "2e-5", "1_0", "0x1", "~", "2027-01-01", "1:30", "fixed 0.4", "=", "<<", "!a", "&b", "*c", "- d", "? e"])
)
VALUES = LEAVES | st.lists(LEAVES, max_size=3) | st.dictionaries(WORDS, LEAVES, max_size=3)
