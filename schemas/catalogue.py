"""The catalogue of confguard: its kinds and its rules, found where they are declared.

A rule is added by writing it in the module of its topic, a kind by writing its model and listing it in `MODELS` and here.
"""

from __future__ import annotations

import os

from confguard import profiles
from confguard.schemas.rules import batch, data, executor, lora, loss, names, sampling, schedule, secrets, text
from confguard.schemas.special import COMPOSITES, IDENTITY, SCALED, SETS
from confguard.schemas.tables import aflow_llm, aflow_training
from confguard.words.catalogue import Catalogue
from confguard.words.rule import Rule
from confguard.words.shape import Shape

TOPICS = (text, lora, schedule, batch, sampling, loss, data, executor, names, secrets)
"""The modules that hold rules; every `Rule` in them is one of the catalogue's."""

SHAPES = (aflow_training.SHAPE, aflow_llm.SHAPE)
RULES = {item.code: item for topic in TOPICS for item in vars(topic).values() if isinstance(item, Rule)}

CATALOGUE = Catalogue(SHAPES, RULES, os.path.dirname(os.path.abspath(profiles.__file__ or "")), COMPOSITES, SETS, IDENTITY, SCALED)


def shape_of(kind: str) -> Shape:
    """The shape of a kind; raises StopIteration for an unknown one."""
    return next(shape for shape in SHAPES if shape.kind == kind)
