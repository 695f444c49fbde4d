"""What was seen of each key while the code was followed: who asks for it, what becomes of it, what is there instead."""

from __future__ import annotations

from typing import Any

from confguard.audit.asked import Asked, Spot
from confguard.audit.config import Config
from confguard.audit.places import ABSENT, Path, Site, holds_keys
from confguard.audit.values import Node

Sites = dict[Site, str]
"""Lines, and what is to be said of each: where the value goes, who gets it, why it is not known."""


class Trace:
    """All that was seen, by the place in a config."""

    def __init__(self) -> None:
        self.met: dict[tuple[Config, int], set[Path]] = {}
        """What was seen of each copy of a config."""
        self.lacked: dict[tuple[Config, int], set[Path]] = {}
        """What was asked of each copy and is not there."""
        self.count = 0
        """How often anything was noted."""
        self.opened: dict[Config, Site] = {}
        self.given: dict[Config, Sites] = {}
        """The configs whose path was given to something that is not in the code."""
        self.named: dict[Spot, Sites] = {}
        """Obtained by its name."""
        self.used: dict[Spot, Sites] = {}
        """Something is done with it."""
        self.filled: dict[Spot, Sites] = {}
        """A field was filled with it."""
        self.tested: dict[Spot, Sites] = {}
        """It was asked whether it is there."""
        self.logged: dict[Spot, Sites] = {}
        self.passed: dict[Spot, Sites] = {}
        """A section that goes whole to something that is not in the code."""
        self.unclear: dict[Spot, Sites] = {}
        """A section of which one cannot know what is asked for."""
        self.overwritten: dict[Spot, Sites] = {}
        self.asked: dict[Asked, None] = {}
        self.defaults: dict[Spot, list[tuple[Site, Any]]] = {}
        """The literal defaults of a key, whether or not the config has it."""

    def see(self, seen: dict[Spot, Sites], node: Node, site: Site, what: str = "") -> None:
        """Note a place; the first thing that is said of a line stays."""
        self.count += 1
        if not node.doubt and seen is not self.unclear and seen is not self.passed:
            self.met.setdefault((node.config, node.copy), set()).add(node.path)
        sites = seen.setdefault((node.config, node.path), {})
        if not sites.get(site):
            sites[site] = what

    def offer(self, node: Node, site: Site, default: Any) -> None:
        """Note the default that the code has for a key."""
        if default is not ABSENT and not holds_keys(node.data):
            offers = self.defaults.setdefault((node.config, node.path), [])
            if not any(other == site and type(default) is type(value) and default == value for other, value in offers):
                offers.append((site, default))
