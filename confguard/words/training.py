"""What a run tells while it goes on, as plain data; who draws it is none of the trainer's business."""

from __future__ import annotations

from collections.abc import Callable

from confguard.words.typing import Any, NamedTuple

END_FILE = "CONFGUARD_END"
"""The variable with the path of a file that asks launched processes to end in order, once it is there."""


class Note(NamedTuple):
    """A sentence for whoever watches; `severity` is info or warning."""

    text: str
    severity: str = "info"


class Begun(NamedTuple):
    """The run starts: its steps, the step that it starts after, and what is worth knowing of it, name by name."""

    steps: int
    done: int
    facts: dict[str, str]


class Step(NamedTuple):
    """One step that is done, or of a native run one that was logged. Rewards are on the scale of 0 to 10; None where there was none."""

    step: int
    reward: float | None
    domains: dict[str, float]
    parts: dict[str, float]
    temperature: float | None
    tokens: float | None
    seconds: float
    logged: dict[str, float] = {}  # noqa: RUF012 - of a named tuple, which nothing changes
    """What TRL logged of it, where that is all that is known."""


class Logged(NamedTuple):
    """What TRL logs, at the config's cadence."""

    step: int
    values: dict[str, Any]


class Saved(NamedTuple):
    """A checkpoint is whole."""

    step: int
    folder: str


class Evaluated(NamedTuple):
    """The mean reward on rows that are not trained on; `what` is validation or test."""

    what: str
    step: int
    reward: float
    domains: dict[str, float]


Event = Note | Begun | Step | Logged | Saved | Evaluated
Tell = Callable[[Event], None]


class Ended(NamedTuple):
    """How a run ended: done, interrupted, or nothing was left to do; where its last checkpoint lies."""

    how: str
    step: int
    output: str
    checkpoint: str | None
    history: list[Step]
    adapter: str | None
    """SHA-256 of the weights in the last checkpoint."""
