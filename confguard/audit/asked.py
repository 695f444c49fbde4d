"""A key that the code asks for and that a config does not have."""

from __future__ import annotations

from typing import Any

from confguard.audit.config import Config
from confguard.audit.places import Path, Site

Spot = tuple[Config, Path]
"""A place in a config."""


class Missing:
    """No default: the code would raise."""

    def __repr__(self) -> str:
        return "MISSING"


MISSING = Missing()


class Asked:
    """A key that the code asked for and that the config does not have: where, and which default rules."""

    __slots__ = ("default", "is_section", "name", "site", "spot")

    def __init__(self, spot: Spot, site: Site, default: Any) -> None:
        self.spot = spot
        self.site = site
        self.default = default
        self.is_section = False
        """Whether it is the default of a section, below which other keys may be asked for."""
