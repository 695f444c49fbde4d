"""An upgrade: what has to become of the keys of a file that was written for one target and is to serve another."""

from __future__ import annotations

from confguard.words.language import Said
from confguard.words.typing import Any, NamedTuple


class Step(NamedTuple):
    """What becomes of one key."""

    key: str
    becomes: dict[str, Any] | None
    """The keys that take its place, itself among them where it stays; empty for none, None where a person must decide."""
    since: str
    """The release that asks for it, such as `trl 0.20`."""
    why: Said
    """What is to be known; where a person must decide, what can be done."""
    source: str


def took(step: Step, config: dict[str, Any]) -> dict[str, Any]:
    """The top-level data of a file after a step; the file's order is kept."""
    if step.becomes is None:
        return config
    after: dict[str, Any] = {}
    for name, value in config.items():
        if name != step.key:
            after[name] = value
        else:
            after.update({new: made for new, made in step.becomes.items() if new not in config or new == step.key})
    return {**after, **step.becomes}
