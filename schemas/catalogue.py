"""The catalogue of confguard: its kinds and its rules, found where they are declared.

A rule is added by writing it in the module of its topic, a kind by writing its model and listing it in `MODELS` and here.
"""

from __future__ import annotations

import os
from collections.abc import Iterable

from confguard import profiles
from confguard.schemas.kinds import AFLOW, DPO, KTO, NATIVE, ONLINE, REWARD, SFT
from confguard.schemas.rules import text
from confguard.schemas.special import COMPOSITES, IDENTITY, SCALED, SETS
from confguard.schemas.tables import aflow_llm, aflow_training
from confguard.schemas.trl import commands
from confguard.words.catalogue import Catalogue
from confguard.words.rule import Rule
from confguard.words.rulebook import Rulebook
from confguard.words.shape import Shape
from confguard.words.typing import TYPE_CHECKING

if TYPE_CHECKING:
    from confguard.words.conversion import Conversion
    from confguard.words.target import Target

EVERY = AFLOW + NATIVE
TOPICS = {
    "text": ("YAML SCHEMA RELEASE WAIVE", EVERY),
    "lora": ("LORA", EVERY),
    "schedule": ("SCHED", EVERY),
    "batch": ("BATCH", EVERY),
    "sampling": ("SAMPLE", EVERY),
    "loss": ("LOSS", EVERY),
    "data": ("DATA REWARD", EVERY),
    "executor": ("EXEC", AFLOW),
    "names": ("NAME", EVERY),
    "secrets": ("SEC", EVERY),
    "optimizer": ("OPT", NATIVE),
    "precision": ("PREC", NATIVE),
    "evaluation": ("EVAL", NATIVE),
    "adapters": ("PEFT", NATIVE),
    "grpo": ("GRPO", ONLINE),
    "sft": ("SFT", SFT),
    "preference": ("DPO KTO RM", DPO + KTO + REWARD),
    "structures": ("ARG", NATIVE),
    "values": ("VALUE", NATIVE),
    "audit": ("AUDIT", ()),
}
"""The modules of `schemas/rules`, the letters of their codes, and the kinds whose files they speak of.

Every `Rule` in them is one of the catalogue's. They are loaded for a file of such a kind, or where one of their codes is named; what any
file can break by its text and its keys alone is in `text`. Those of `audit` speak of every kind, where a project names its code.
"""


def _rules(names: Iterable[str]) -> dict[str, Rule]:
    modules = [__import__(f"confguard.schemas.rules.{name}", fromlist=[name]) for name in names]  # without importlib: it takes 0.4 ms
    return {item.code: item for module in modules for item in vars(module).values() if isinstance(item, Rule)}


def _of_kind(kind: str | None) -> dict[str, Rule]:
    """The rules that can speak of a kind, or all of them."""
    return _rules(name for name, (_, kinds) in TOPICS.items() if kind is None or kind in kinds)


def _of_code(prefix: str) -> dict[str, Rule]:
    """The rules of the modules in which a code can begin so."""

    def fits(letters: str) -> bool:
        return any(word.startswith(prefix) or prefix.startswith(word) for word in letters.split())

    return _rules(name for name, (letters, _) in TOPICS.items() if fits(letters))


SHAPES = (aflow_training.SHAPE, aflow_llm.SHAPE, *commands.SHAPES)
RULES = Rulebook({item.code: item for item in vars(text).values() if isinstance(item, Rule)}, _of_kind, _of_code)

PROFILES = os.path.dirname(os.path.abspath(profiles.__file__ or ""))


def newest() -> Target:
    """The newest releases that the tables hold."""
    from confguard.schemas.releases.table import newest as newest_known

    return newest_known()


def oldest() -> Target:
    """The oldest releases that the tables hold."""
    from confguard.schemas.releases.table import oldest as oldest_known

    return oldest_known()


def of_its_time(package: str, other: str, version: str) -> str:
    """The release of a library that was the newest when a release of another one came out."""
    from confguard.schemas.releases.table import of_its_time as found_in_table

    return found_in_table(package, other, version)


def conversions() -> tuple[Conversion, ...]:
    """How files of one kind become files of another."""
    from confguard.schemas.conversion import CONVERSIONS

    return CONVERSIONS


CATALOGUE = Catalogue(SHAPES, RULES, PROFILES, COMPOSITES, SETS, IDENTITY, SCALED, newest, oldest, of_its_time, conversions)


def shape_of(kind: str) -> Shape:
    """The shape of a kind; raises StopIteration for an unknown one."""
    return next(shape for shape in SHAPES if shape.kind == kind)
