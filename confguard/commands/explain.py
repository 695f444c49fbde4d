"""`confguard explain`: what a rule holds and why, or what a parameter means."""

from __future__ import annotations

from collections.abc import Iterator

from confguard.checking.setting import BadUsage
from confguard.report.diff import wrapped
from confguard.report.explain import WIDTH, rule_page
from confguard.report.paint import Line, paint
from confguard.schemas.catalogue import CATALOGUE, RULES
from confguard.schemas.facts import LABELS, Facts, facts_of, former_of, published
from confguard.schemas.norms import SOURCE
from confguard.schemas.parameters import PARAMETERS
from confguard.schemas.trl.defaults import Defaults, defaults_of
from confguard.words.spelling import nearest


def run(subject: str, lang: str = "en") -> int:
    """Print the page of a rule, a parameter, or a key of older releases; raises `BadUsage` for what is none of them."""
    rule = RULES.get(subject.upper()) or next((rule for rule in RULES.values() if rule.name == subject), None)
    if rule is not None:
        paint(rule_page(rule, lang))
        return 0
    parameter = CATALOGUE.parameter(subject)
    if parameter is not None:
        paint(parameter_page(parameter, lang))
        return 0
    if lines := list(former_page(subject, lang)):
        paint(lines)
        return 0
    shapes = [*CATALOGUE.shapes, *CATALOGUE.by_release()]
    paths = [path for shape in shapes for path in shape.names.values()]
    keys = [path.rpartition(".")[2] for path in paths]
    close = nearest(subject, [*RULES, *(rule.name for rule in RULES.values()), *PARAMETERS, *keys, *paths])
    raise BadUsage(f"{subject} is neither a rule nor a parameter" + (f"; did you mean {close}?" if close else ""))


def former_page(key: str, lang: str) -> Iterator[Line]:
    """What became of a key that the newest releases do not have; nothing where no release has it."""
    told = former_of(key)
    if not told:
        return
    yield [("strong", key)]
    for former in told:
        yield [("dim", ", ".join(former.kinds))]
        yield from _below("", former.message)
        yield from _below("dim", former.help)
    yield from _defaults(defaults_of(key), lang)


def _defaults(found: list[Defaults], lang: str) -> Iterator[Line]:
    """The default of a key by release."""
    if found:
        yield []
        yield [("dim", LABELS[lang]["by release"])]
    for row in found:
        yield from _below("", f"{', '.join(row.kinds)}: {row.said.to(lang)}")


def _loss(facts: Facts, lang: str) -> Iterator[Line]:
    """What a parameter does to the loss, by kind."""
    for kinds in dict.fromkeys(term.kinds for term in facts.loss):
        yield []
        yield [("dim", f"{LABELS[lang]['loss']} {', '.join(kinds)}")]
        for term in facts.loss:
            if term.kinds == kinds:
                yield from _below("", term.said.to(lang))
                yield from _below("dim", f"  {term.source}")


def _below(style: str, text: str) -> Iterator[Line]:
    """A text in lines of a page's width, indented."""
    lead = " " * (2 + len(text) - len(text.lstrip()))
    yield from ([("", lead), (style, line)] for line in wrapped(text.strip(), WIDTH - len(lead)))


def parameter_page(name: str, lang: str) -> Iterator[Line]:
    """All there is to know of a parameter: what it means, where it stands, its default by release, its part in the loss, its rules."""
    facts = facts_of(name)
    meaning = facts.parameter.en if lang == "en" else facts.parameter.zh
    yield [("strong", name)]
    if meaning:
        yield [("", meaning)]
    yield []
    for label, value in facts.labelled(lang):
        yield [("dim", f"{label}: "), ("", value)]
    for key, kinds in facts.keys.items():
        yield [("dim", f"{LABELS[lang]['names']} {', '.join(kinds)}: "), ("", key)]
    yield from _defaults(facts.defaults, lang)
    yield from _loss(facts, lang)
    yield from _published(facts, lang)
    if facts.rules:
        yield []
        yield [("dim", f"{LABELS[lang]['rules']}:")]
        for rule in facts.rules:
            yield [(rule.severity, f"  {rule.code}"), ("", f"  {rule.name}")]


def _published(facts: Facts, lang: str) -> Iterator[Line]:
    """What published configs use."""
    if not facts.published:
        return
    yield []
    for row in facts.published:
        whose, values = published(row, lang)
        yield [("dim", f"{whose}: "), ("", values)]
    yield [("dim", f"  {SOURCE}")]
