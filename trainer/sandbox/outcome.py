"""What comes of a run, and the limits that every run has."""

from __future__ import annotations

from typing import NamedTuple

KIB = 1024
MIB = 1024 * KIB

MEMORY = 256 * MIB
"""What a run may take in all, unless the caller says otherwise."""
LEAST_MEMORY = 64 * MIB
"""Below it an interpreter and its surroundings do not fit."""
CODE_LIMIT = MIB
OUTPUT_LIMIT = 64 * KIB
COMPLAINT_LIMIT = MIB
"""How much a run may write to standard error before it counts as a flood."""
FILES_LIMIT = 16 * MIB
"""The size of the only place that a run may write to."""
INODES_LIMIT = 2048
PROCESSES = 64
"""Processes and threads of a run, those of the isolator among them."""
OPEN_FILES = 64
ASKS = 32
PROMPT_LIMIT = 64 * KIB
"""Characters of a prompt."""
ANSWER_LIMIT = 256 * KIB
LINE_LIMIT = MIB
"""Bytes of a line from the run. A prompt at its limit stays below it, even where each character is escaped."""
START_LIMIT = 20.0
"""Seconds that the isolator itself may take to start, however busy the machine is."""


class NoIsolator(RuntimeError):
    """There is nothing on this machine that isolates a run, or what there was has broken; the message says what to do."""


class Outcome(NamedTuple):
    """What came of a run. `error` is empty where all is well."""

    ok: bool
    output: str
    """What it wrote to standard output, as far as the limit."""
    error: str
    """The last line of its traceback, or why it was stopped."""
    seconds: float
    """From the code's start to its end; the isolator's own start is not in it."""
    stopped: str | None
    """`time`, `memory`, `output` or `crashed`; None where it came to its own end."""
