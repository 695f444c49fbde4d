"""How that counts which is followed now."""

from __future__ import annotations

from typing import NamedTuple

from confguard.audit.config import Config
from confguard.audit.places import Path


class Mode(NamedTuple):
    """What is known of the code that is followed now. It never changes; `Machine.under` puts another one in its place for a while."""

    impossible: bool = False
    """It cannot be reached with these configs, and is looked at for what it would read."""
    unreached: bool = False
    """It is in something that nothing was seen to call."""
    logging: bool = False
    """What is done with values only shows them."""
    forgiving: bool = False
    """Another way to the same config has what this one lacks, or `suppress` lets it be."""
    several: bool = False
    """What is called is one of several functions: what one of them cannot do without another one may not ask for."""
    guarded: tuple[tuple[Config, Path], ...] = ()
    """The places that the conditions around it make sure of."""

    def tells_what_is_lacking(self, config: Config, path: Path) -> bool:
        """Whether it counts that a place is asked for that is not there."""
        if self.unreached or self.forgiving or self.impossible or self.logging:
            return False
        return not any((config, path[:length]) in self.guarded for length in range(1, len(path) + 1))
