"""How many processes a run has: read from what torchrun and accelerate put into the environment."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class Processes(NamedTuple):
    """Where a process stands among those of its run."""

    number: int
    rank: int
    is_launched: bool
    """Whether a launcher started it."""

    @property
    def is_first(self) -> bool:
        """Whether it is the one that speaks and writes."""
        return self.rank == 0

    def mismatch(self, wanted: int) -> str:
        """Why a run that wants another number of processes does not start."""
        if self.is_launched:
            return (
                f"{self.number} processes were launched, and the config is for {wanted}: launch {wanted}, or say --processes {self.number}"
            )
        return f"the config is for {wanted} processes: add --launch torchrun, or say --processes 1"


def processes_of(environment: Mapping[str, str]) -> Processes:
    """The processes of a run, as the environment of one of them has it.

    >>> processes_of({"WORLD_SIZE": "4", "RANK": "2"})
    Processes(number=4, rank=2, is_launched=True)
    >>> processes_of({}).is_first
    True
    """
    launched = environment.get("WORLD_SIZE", "").isdecimal() and environment.get("RANK", "").isdecimal()
    return Processes(int(environment["WORLD_SIZE"]), int(environment["RANK"]), True) if launched else Processes(1, 0, False)
