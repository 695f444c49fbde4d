"""All there is to know of a parameter, and of a key that the newest releases no longer have, as data: pages are drawn from it."""

from __future__ import annotations

from confguard.schemas.catalogue import CATALOGUE, RULES
from confguard.schemas.loss_terms import LOSS_TERMS, LossTerm
from confguard.schemas.norms import NORMS, Norm
from confguard.schemas.parameters import FACTS, PARAMETERS, Parameter
from confguard.schemas.trl.defaults import Defaults, defaults_of
from confguard.words.rule import Rule
from confguard.words.spelling import show
from confguard.words.typing import NamedTuple

LABELS = {
    "en": {
        **{name: said.en for name, said in FACTS.items()},
        "names": "in",
        "published": "published",
        "median": "median",
        "files": "configs",
        "rules": "rules",
        "loss": "in the loss of",
    },
    "zh": {
        **{name: said.zh for name, said in FACTS.items()},
        "names": "键名",
        "published": "公开配置",
        "median": "中位数",
        "files": "个配置",
        "rules": "相关规则",
        "loss": "对损失的作用：",
    },
}
"""What the parts of a page are called."""


class Facts(NamedTuple):
    """A parameter: what it means, the kinds by the key it has in them, its defaults by release, its part in the loss, its rules."""

    parameter: Parameter
    keys: dict[str, list[str]]
    defaults: list[Defaults]
    loss: list[LossTerm]
    published: list[Norm]
    rules: list[Rule]

    def labelled(self, lang: str) -> list[tuple[str, str]]:
        """Its unit, range, default and source, each with what that is called; what it has not is left out."""
        known = self.parameter
        facts = [("unit", known.unit), ("range", known.range), ("default", known.default), ("source", known.source)]
        return [(LABELS[lang][label], value) for label, value in facts if value]


def kinds_by_key(name: str) -> dict[str, list[str]]:
    """The keys that a parameter has, and of each the kinds where it is called so."""
    shapes = [*CATALOGUE.shapes, *CATALOGUE.by_release()]
    return {
        shape.names[name]: [other.kind for other in shapes if other.names.get(name) == shape.names[name]]
        for shape in shapes
        if name in shape.names
    }


def facts_of(name: str) -> Facts:
    """What is known of a parameter; one that has no entry of its own is known by its kinds and releases."""
    keys = kinds_by_key(name)
    return Facts(
        PARAMETERS.get(name) or Parameter(name, "", "", "", "", ""),
        keys,
        [row for key in keys for row in defaults_of(key)],
        [term for term in LOSS_TERMS if term.parameter == name],
        [row for row in NORMS if row.parameter == name],
        [rule for rule in RULES.values() if name in rule.about],
    )


def published(row: Norm, lang: str) -> tuple[str, str]:
    """Whose configs a published range was counted over, and the range."""
    labels = LABELS[lang]
    values = f"{show(row.low)} - {show(row.high)}, {labels['median']} {show(row.median)}, {row.files} {labels['files']}"
    return f"{labels['published']} ({row.method}, {row.kind})", values


class Former(NamedTuple):
    """What became of a key: what is said, what to do, and the kinds that it is said of."""

    message: str
    help: str
    kinds: list[str]


def former_of(key: str) -> list[Former]:
    """What became of a key that the newest releases do not have; empty where no release has it."""
    told: dict[tuple[str, str], list[str]] = {}
    for shape in CATALOGUE.by_release():
        known = shape.known(key) if shape.known is not None else None
        if known is not None and known.code.startswith("RELEASE"):
            told.setdefault((known.message.partition(";")[0], known.help), []).append(shape.kind)
    return [Former(message, help_, kinds) for (message, help_), kinds in told.items()]
