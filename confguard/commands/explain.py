"""`confguard explain`: what a rule holds and why, or what a parameter means."""

from __future__ import annotations

from collections.abc import Iterator

from confguard.checking.setting import BadUsage
from confguard.report.diff import wrapped
from confguard.report.explain import WIDTH, rule_page
from confguard.report.paint import Line, paint
from confguard.schemas.catalogue import CATALOGUE, RULES
from confguard.schemas.norms import NORMS, SOURCE
from confguard.schemas.parameters import FACTS, PARAMETERS, Parameter
from confguard.words.spelling import nearest, show

_LABELS = {
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
    told: dict[tuple[str, str], list[str]] = {}
    for shape in CATALOGUE.by_release():
        known = shape.known(key) if shape.known is not None else None
        if known is not None and known.code.startswith("RELEASE"):
            told.setdefault((known.message.partition(";")[0], known.help), []).append(shape.kind)
    if not told:
        return
    yield [("strong", key)]
    for (message, help_), kinds in told.items():
        yield [("dim", ", ".join(kinds))]
        yield from _below("", message)
        yield from _below("dim", help_)
    yield from _defaults(key, lang)


def _defaults(key: str, lang: str) -> Iterator[Line]:
    """The default of a key by release."""
    from confguard.schemas.trl.defaults import defaults_of

    found = defaults_of(key)
    if found:
        yield []
        yield [("dim", _LABELS[lang]["by release"])]
    for row in found:
        yield from _below("", f"{', '.join(row.kinds)}: {row.said.to(lang)}")


def _loss(parameter: str, lang: str) -> Iterator[Line]:
    """What a parameter does to the loss, by kind."""
    from confguard.schemas.loss_terms import LOSS_TERMS

    terms = [term for term in LOSS_TERMS if term.parameter == parameter]
    for kinds in dict.fromkeys(term.kinds for term in terms):
        yield []
        yield [("dim", f"{_LABELS[lang]['loss']} {', '.join(kinds)}")]
        for term in terms:
            if term.kinds == kinds:
                yield from _below("", term.said.to(lang))
                yield from _below("dim", f"  {term.source}")


def _below(style: str, text: str) -> Iterator[Line]:
    """A text in lines of a page's width, indented."""
    lead = " " * (2 + len(text) - len(text.lstrip()))
    yield from ([("", lead), (style, line)] for line in wrapped(text.strip(), WIDTH - len(lead)))


def parameter_page(name: str, lang: str) -> Iterator[Line]:
    """All there is to know of a parameter: what it means, where it stands, its default by release, its part in the loss, its rules."""
    labels = _LABELS[lang]
    parameter = PARAMETERS.get(name) or Parameter(name, "", "", "", "", "")
    yield [("strong", name)]
    if parameter.en:
        yield [("", parameter.en if lang == "en" else parameter.zh)]
    yield []
    facts = [("unit", parameter.unit), ("range", parameter.range), ("default", parameter.default), ("source", parameter.source)]
    for label, value in facts:
        if value:
            yield [("dim", f"{labels[label]}: "), ("", value)]
    keys = kinds_by_key(name)
    for key, kinds in keys.items():
        yield [("dim", f"{labels['names']} {', '.join(kinds)}: "), ("", key)]
    for key in keys:
        yield from _defaults(key, lang)
    yield from _loss(name, lang)
    yield from _published(name, labels)
    touching = [rule for rule in RULES.values() if name in rule.about]
    if touching:
        yield []
        yield [("dim", f"{labels['rules']}:")]
        for rule in touching:
            yield [(rule.severity, f"  {rule.code}"), ("", f"  {rule.name}")]


def kinds_by_key(name: str) -> dict[str, list[str]]:
    """The keys that a parameter has, and of each the kinds where it is called so."""
    shapes = [*CATALOGUE.shapes, *CATALOGUE.by_release()]
    return {
        shape.names[name]: [other.kind for other in shapes if other.names.get(name) == shape.names[name]]
        for shape in shapes
        if name in shape.names
    }


def _published(name: str, labels: dict[str, str]) -> Iterator[Line]:
    """What published configs use."""
    rows = [row for row in NORMS if row.parameter == name]
    if rows:
        yield []
    for row in rows:
        yield [
            ("dim", f"{labels['published']} ({row.method}, {row.kind}): "),
            ("", f"{show(row.low)} - {show(row.high)}, {labels['median']} {show(row.median)}, {row.files} {labels['files']}"),
        ]
    if rows:
        yield [("dim", f"  {SOURCE}")]
