"""The rules as documents: each has its page, and its examples do what they say."""

from __future__ import annotations

import re
from importlib import import_module

import pytest
from tried import checked

from confguard.schemas.architectures import model_named
from confguard.schemas.catalogue import CATALOGUE, RULES, TOPICS
from confguard.schemas.parameters import PARAMETERS
from confguard.words.finding import ERROR, Finding
from confguard.words.rule import CONTEXT, Example, Rule


def found(rule: Rule, example: Example) -> list[Finding]:
    report = checked(rule, example)
    assert report.counts()["files"]
    return [finding for finding in report.findings if finding.waiver is None]


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.code)
def test_bad_example_breaks_the_rule_and_good_does_not(rule: Rule) -> None:
    """Nor has the good one an error of another rule: it is what the page says to write."""
    assert rule.code in {finding.code for finding in found(rule, rule.bad)}
    good = found(rule, rule.good)
    assert rule.code not in {finding.code for finding in good}
    assert [finding.message for finding in good if finding.severity == ERROR] == []


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.code)
def test_page_is_whole(rule: Rule) -> None:
    assert rule.text.strip()
    assert rule.source
    assert re.search("[\u4e00-\u9fff]", rule.zh)
    assert rule.bad
    assert rule.good
    assert re.fullmatch(r"[A-Z]+\d{3}", rule.code)


def test_a_code_has_the_letters_of_its_module() -> None:
    for name, (letters, _) in TOPICS.items():
        module = import_module(f"confguard.schemas.rules.{name}")
        codes = {item.code.rstrip("0123456789") for item in vars(module).values() if isinstance(item, Rule)}
        assert codes == set(letters.split()), name


def test_names_are_unique() -> None:
    assert len({rule.name for rule in RULES.values()}) == len(RULES)


@pytest.mark.parametrize("rule", [rule for rule in RULES.values() if rule.is_judged], ids=lambda rule: rule.code)
def test_inputs_are_known(rule: Rule) -> None:
    known = set(PARAMETERS) | {name for shape in CATALOGUE.by_release() for name in shape.names}
    assert set(rule.inputs) | set(rule.optional) <= known | set(CONTEXT)
    assert set(rule.about) <= known


def test_parameters_are_those_of_the_kinds() -> None:
    of_kinds = {name for shape in CATALOGUE.shapes for name in shape.names}
    by_release = {name for shape in CATALOGUE.by_release() for name in shape.names}
    assert of_kinds <= set(PARAMETERS) <= of_kinds | by_release
    for parameter in PARAMETERS.values():
        assert parameter.en
        assert re.search("[\u4e00-\u9fff]", parameter.zh)
        assert parameter.source


@pytest.mark.parametrize(
    ("name", "architecture", "context"),
    [
        ("Qwen/Qwen2.5-7B-Instruct", "qwen2", 32768),
        ("Qwen/Qwen2.5-Math-7B-Instruct", "qwen2", None),  # made for less than its siblings
        ("Qwen/Qwen2.5-7B-Instruct-1M", None, None),
        ("/models/Qwen3-8B/", "qwen3", 40960),
        ("Qwen/Qwen3-30B-A3B", None, None),  # a mixture of experts
        ("meta-llama/Llama-3.1-8B-Instruct", "llama", 131072),
        ("meta-llama/Llama-3.2-11B-Vision-Instruct", None, None),
        ("google/gemma-3-4b-it", None, None),  # sees pictures
        ("microsoft/phi-2", "phi", 2048),
        ("microsoft/Phi-3-mini-4k-instruct", "phi3", 4096),
    ],
)
def test_models_are_known_by_their_names(name: str, architecture: str | None, context: int | None) -> None:
    model = model_named(name)
    assert (model.architecture, model.context) == (architecture, context) if model else (architecture, context) == (None, None)
