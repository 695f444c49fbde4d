"""What a pass keeps: of the functions of the code, of the copies of configs, of what libraries hold for the whole program."""

from __future__ import annotations

import ast
from collections import Counter
from typing import Any

from confguard.audit.config import Config
from confguard.audit.places import Path, Site
from confguard.audit.values import Branches, Function, Node, Parser, Values


class Functions:
    """Which functions there are, which of them are being followed, and what came of it."""

    def __init__(self) -> None:
        self.methods: dict[str, list[Function]] = {}
        """The methods of the code by name."""
        self.defined: dict[Function, None] = {}
        """The functions within functions, and the lambdas."""
        self.defaults: dict[ast.expr, Values] = {}
        """What the defaults of parameters were, where the functions were defined."""
        self.registered: dict[ast.AST, list[Function]] = {}
        """The functions that are called instead of another one, by the type of what they get."""
        self.called: set[ast.AST] = set()
        self.active: Counter[ast.AST] = Counter()
        """How often each is being followed: more than once where it calls itself."""
        self.entered: dict[ast.AST, int] = {}
        """How many branches were open where a function was entered that is being followed."""
        self.runs: Counter[ast.AST] = Counter()
        self.variants: Counter[ast.AST] = Counter()
        """For how many different plain arguments each function was followed."""
        self.telling: set[ast.AST] = set()
        """The functions that came upon a config while they were followed."""
        self.results: dict[Any, tuple[int, int, Values]] = {}
        """What calls gave, by what makes two of them the same: how often it was followed, the epoch then, the values."""


class Copies:
    """The copies of configs, each with a number: what a load gives is one, and so is what the code copies."""

    def __init__(self, before: Copies | None = None) -> None:
        self.numbers: dict[Any, int] = before.numbers if before else {}
        """The number of each copy, by where it is made."""
        self.births: dict[int, Branches] = dict.fromkeys(before.births, ()) if before else {}
        """The branches that were open where each was made."""
        self.origins: dict[int, tuple[Site, ...]] = {}
        """The load that each came from."""
        self.laid: dict[Config, dict[tuple[Path, int], dict[Node, None]]] = {}
        """The sections that were laid over another one, key by key, for each config that is laid over."""

    def number(self, key: Any) -> int:
        """The number of the copy that is made at a place, the same whenever it is made there."""
        return self.numbers.setdefault(key, len(self.numbers) + 1)


class Libraries:
    """What libraries keep for the whole program."""

    def __init__(self) -> None:
        self.shared: dict[str, Values] = {}
        """What goes by a name, such as `wandb.config`."""
        self.tables: dict[Any, Any] = {}
        """Mappings and lists, by where they are made."""
        self.parsers: dict[Any, Parser] = {}
