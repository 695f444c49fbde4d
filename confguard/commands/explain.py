"""`confguard explain`: what a rule holds and why, or what a parameter means."""

from __future__ import annotations

from collections.abc import Iterator

from confguard.check.setting import BadUsage
from confguard.report.explain import rule_page
from confguard.report.paint import Line, paint
from confguard.schemas.catalogue import CATALOGUE, RULES
from confguard.schemas.norms import NORMS, SOURCE
from confguard.schemas.parameters import PARAMETERS, Parameter
from confguard.words.spelling import nearest, show

_LABELS = {
    "en": {
        "unit": "unit",
        "range": "range",
        "default": "default",
        "source": "source",
        "names": "in",
        "published": "published",
        "median": "median",
        "files": "configs",
        "rules": "rules",
    },
    "zh": {
        "unit": "单位",
        "range": "范围",
        "default": "默认值",
        "source": "来源",
        "names": "键名",
        "published": "公开配置",
        "median": "中位数",
        "files": "个配置",
        "rules": "相关规则",
    },
}


def run(subject: str, lang: str = "en") -> int:
    """Print the page of a rule or a parameter; raises `BadUsage` for what is neither."""
    rule = RULES.get(subject.upper()) or next((rule for rule in RULES.values() if rule.name == subject), None)
    if rule is not None:
        paint(rule_page(rule, lang))
        return 0
    parameter = CATALOGUE.parameter(subject)
    if parameter is not None:
        paint(parameter_page(PARAMETERS[parameter], lang))
        return 0
    paths = [path for shape in CATALOGUE.shapes for path in shape.names.values()]
    keys = [path.rpartition(".")[2] for path in paths]
    close = nearest(subject, [*RULES, *(rule.name for rule in RULES.values()), *PARAMETERS, *keys, *paths])
    raise BadUsage(f"{subject} is neither a rule nor a parameter" + (f"; did you mean {close}?" if close else ""))


def parameter_page(parameter: Parameter, lang: str) -> Iterator[Line]:
    """All there is to know of a parameter."""
    labels = _LABELS[lang]
    yield [("strong", parameter.name)]
    yield [("", parameter.en if lang == "en" else parameter.zh)]
    yield []
    facts = [("unit", parameter.unit), ("range", parameter.range), ("default", parameter.default), ("source", parameter.source)]
    for label, value in facts:
        if value:
            yield [("dim", f"{labels[label]}: "), ("", value)]
    for shape in CATALOGUE.shapes:
        if parameter.name in shape.names:
            yield [("dim", f"{labels['names']} {shape.kind}: "), ("", shape.names[parameter.name])]
    rows = [row for row in NORMS if row.parameter == parameter.name]
    for row in rows:
        yield [
            ("dim", f"{labels['published']} ({row.method}, {row.kind}): "),
            ("", f"{show(row.low)} - {show(row.high)}, {labels['median']} {show(row.median)}, {row.files} {labels['files']}"),
        ]
    if rows:
        yield [("dim", f"  {SOURCE}")]
    touching = [rule for rule in RULES.values() if parameter.name in rule.about]
    if touching:
        yield []
        yield [("dim", f"{labels['rules']}:")]
        for rule in touching:
            yield [(rule.severity, f"  {rule.code}"), ("", f"  {rule.name}")]
