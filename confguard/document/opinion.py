"""A second opinion on a text: ruamel.yaml shares no code with libyaml, so what both find in an edited file is there."""

from __future__ import annotations

from confguard.words.typing import Any


class NoOpinion(Exception):
    """ruamel.yaml could not read a text; the message is what it said."""


def by_ruamel(text: str) -> Any:
    """The data that ruamel.yaml loads from a text; raises `NoOpinion`. For texts that a `Document` has not refused."""
    import warnings

    from ruamel.yaml import YAML  # takes longer to import than a check takes

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # an anchor that is defined anew is no fault of the edit
            return YAML(typ="safe", pure=True).load(text)
    except Exception as error:  # it leaks TypeError, AssertionError, NotImplementedError and more beside its own
        raise NoOpinion((str(error) or type(error).__name__).splitlines()[0]) from None
