"""The catalogue of confguard: its kinds and its rules, found where they are declared.

A rule is added by writing it in the module of its topic, a kind by writing its model and listing it in `MODELS` and here.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from importlib import import_module
from types import ModuleType

from confguard import profiles
from confguard.schemas import native
from confguard.schemas.kinds import DPO, KTO, NATIVE, ONLINE, REWARD, SFT
from confguard.schemas.rules import batch, data, executor, lora, loss, names, sampling, schedule, secrets, text
from confguard.schemas.special import COMPOSITES, IDENTITY, SCALED, SETS
from confguard.schemas.tables import aflow_llm, aflow_training
from confguard.words.catalogue import Catalogue
from confguard.words.conversion import Conversion
from confguard.words.rule import Rule
from confguard.words.rulebook import Rulebook
from confguard.words.shape import Shape
from confguard.words.target import Target

TOPICS = (text, lora, schedule, batch, sampling, loss, data, executor, names, secrets)
"""The modules that hold the rules of every kind; every `Rule` in them is one of the catalogue's."""
NATIVE_TOPICS = {
    "rules.optimizer": NATIVE,
    "rules.precision": NATIVE,
    "rules.evaluation": NATIVE,
    "rules.adapters": NATIVE,
    "rules.grpo": ONLINE,
    "rules.sft": SFT,
    "rules.preference": DPO + KTO + REWARD,
    "rules.structures": NATIVE,
    "values": NATIVE,
}
"""The modules of this folder that hold rules of native kinds alone, and these kinds: they are loaded for such a file."""


def _rules(topics: Iterable[ModuleType]) -> dict[str, Rule]:
    return {item.code: item for topic in topics for item in vars(topic).values() if isinstance(item, Rule)}


def _of_kind(kind: str | None) -> dict[str, Rule]:
    """The rules of a native kind, or of all of them."""
    return _rules(import_module(f"confguard.schemas.{name}") for name, kinds in NATIVE_TOPICS.items() if kind is None or kind in kinds)


SHAPES = (aflow_training.SHAPE, aflow_llm.SHAPE, *native.SHAPES)
RULES = Rulebook(_rules(TOPICS), _of_kind)

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
