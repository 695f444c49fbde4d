"""The page of a rule or of a parameter, as lines for a terminal."""

from __future__ import annotations

from collections.abc import Iterator
from textwrap import dedent

from confguard.report.paint import Line
from confguard.words.finding import FIRST_STEP, LOAD, NEVER, START
from confguard.words.rule import Rule

_FAILS = {
    "en": {
        LOAD: "when the file is read",
        START: "when the trainer starts",
        FIRST_STEP: "at the first step",
        NEVER: "never; it is silent",
    },
    "zh": {LOAD: "读取文件时", START: "训练器启动时", FIRST_STEP: "第一步", NEVER: "从不报错"},
}
_SEVERITY = {
    "en": {"error": "error", "warning": "warning", "info": "info"},
    "zh": {"error": "错误", "warning": "警告", "info": "提示"},
}
_LABELS = {
    "en": {
        "severity": "severity",
        "fails": "the library itself fails",
        "bad": "bad",
        "good": "good",
        "beside": "beside both",
        "flags": "checked with",
        "source": "source",
    },
    "zh": {
        "severity": "级别",
        "fails": "库本身报错的时机",
        "bad": "错误示例",
        "good": "正确示例",
        "beside": "两者共有的文件",
        "flags": "检查命令",
        "source": "来源",
    },
}
_FENCES = {"py": "python", "txt": "text"}
"""What files are written in, by the end of their names; the others are YAML."""


WIDTH = 96
"""Columns of a page."""


def paragraphs(text: str) -> list[str]:
    """The paragraphs of a rule's text, each on one line."""
    return [" ".join(part.split()) for part in dedent("    " + text).strip().split("\n\n")]


def rule_page(rule: Rule, lang: str) -> Iterator[Line]:
    """All there is to know of a rule."""
    from textwrap import wrap

    labels = _LABELS[lang]
    yield [("strong", f"{rule.code} {rule.name}")]
    yield [
        ("dim", f"{labels['severity']}: "),
        (rule.severity, _SEVERITY[lang][rule.severity]),
        ("dim", f"   {labels['fails']}: "),
        ("", _FAILS[lang][rule.fails]),
    ]
    yield []
    for paragraph in paragraphs(rule.text) if lang == "en" else [rule.zh]:
        for line in wrap(paragraph, WIDTH) if lang == "en" else [paragraph]:
            yield [("", line)]
        yield []
    for style, label, path, example in _examples(rule, lang):
        yield [(style, label), ("dim", f" ({path})" if path else "")]
        yield from ([("", f"    {line}")] for line in example.splitlines())
        yield []
    if rule.flags:
        yield [("dim", f"{labels['flags']}: "), ("", f"confguard check {rule.flags}")]
    yield [("dim", f"{labels['source']}: "), ("", rule.source)]


def rule_markdown(rule: Rule, lang: str) -> Iterator[str]:
    """The page of a rule as paragraphs of Markdown."""
    labels = _LABELS[lang]
    yield f"**{rule.code}** {rule.name}"
    yield f"{labels['severity']}: {_SEVERITY[lang][rule.severity]}; {labels['fails']}: {_FAILS[lang][rule.fails]}"
    yield from rule_blocks(rule, paragraphs(rule.text) if lang == "en" else [rule.zh], lang)


def rule_blocks(rule: Rule, texts: list[str], lang: str = "en") -> Iterator[str]:
    """What a rule holds and why, its examples and its source, as paragraphs of Markdown."""
    yield from (*texts, *example_blocks(rule, lang), source_block(rule, lang))


def example_blocks(rule: Rule, lang: str = "en") -> Iterator[str]:
    """The examples of a rule: its files, and with what they are checked."""
    for _, label, path, example in _examples(rule, lang):
        where = f" (`{path}`)" if path else ""
        yield f"{label.capitalize()}{where}:\n\n```{_FENCES.get(path.rpartition('.')[2], 'yaml')}\n{example}\n```"
    if rule.flags:
        yield f"{_LABELS[lang]['flags'].capitalize()}: `confguard check {rule.flags}`"


def _examples(rule: Rule, lang: str) -> Iterator[tuple[str, str, str, str]]:
    """The files of a rule's examples: a style, what each is, its path where that says something, and its text."""
    for style, label, example in (("error", "bad", rule.bad), ("good", "good", rule.good), ("dim", "beside", rule.beside)):
        for path, content in ({"": example} if isinstance(example, str) else example).items():
            shown = content if isinstance(content, str) else content.decode("utf-8", "replace")  # as others see it who read UTF-8
            yield style, _LABELS[lang][label], path, shown


def source_block(rule: Rule, lang: str = "en") -> str:
    """Where a rule is known from."""
    return f"{_LABELS[lang]['source'].capitalize()}: {rule.source}{'.' if lang == 'en' else '。'}"
