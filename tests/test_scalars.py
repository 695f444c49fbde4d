"""Both readings of a scalar are those of the real readers: PyYAML for YAML 1.1, ruamel.yaml for YAML 1.2."""

from __future__ import annotations

import math
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from confguard.document.scalars import BadScalar, plain_11, plain_12
from confguard.words.spelling import plain_number

SPELLINGS = """
0 1 -1 +1 00 010 0o10 0x1F 0b101 1_000 1:30 1:30.5 190:20:30 1. .5 -.5 +.5 1.5 -1.5 1.0e5 1.0e+5 1.0e-5 1e5 1e-5 2E-5 5e+3 1.5e3 .5e-3 1.e+3
.inf -.inf +.Inf .NaN .nan .NAN inf nan true True TRUE false yes Yes no NO on off y n ~ null Null NULL nulL
2024-01-02 2024-01-02T03:04:05Z 0.1.2 1-2 a b-c 0777 09 08 0x 1__0 _1 1_ +-1 - -- 0.0 -0 -0.0 1e 1e+ e5 1.5.2 12e03 -2e-05
""".split()


def same(left: Any, right: Any) -> bool:
    if isinstance(left, float) and isinstance(right, float) and math.isnan(left):
        return math.isnan(right)
    return type(left) is type(right) and bool(left == right)


def by_pyyaml(text: str) -> Any:
    return yaml.safe_load(f"- {text}\n")[0]


def by_ruamel(text: str) -> Any:
    reader = YAML(typ="safe", pure=True)
    reader.version = (1, 2)
    return reader.load(f"- {text}\n")[0]


@pytest.mark.parametrize("text", SPELLINGS)
def test_yaml_11(text: str) -> None:
    try:
        expected = by_pyyaml(text)
    except (ValueError, yaml.YAMLError):
        with pytest.raises(BadScalar):
            plain_11(text)
        return
    if not isinstance(expected, (list, dict)):
        assert same(plain_11(text), expected)


NUMBERS = st.from_regex(r"[-+]?[0-9]{1,3}(\.[0-9]{0,3})?([eE][-+]?[0-9]{1,2})?", fullmatch=True)
WORDS = st.sampled_from(
    ["true", "True", "false", "null", "~", "yes", "no", "on", "off", ".inf", "-.inf", ".nan", "word", "1_000", "0o17", "0x1f"]
)


@given(NUMBERS | WORDS)
def test_yaml_11_generated(text: str) -> None:
    assert same(plain_11(text), by_pyyaml(text))


@given(NUMBERS | WORDS)
def test_yaml_12_generated(text: str) -> None:
    assert same(plain_12(text), by_ruamel(text))


@pytest.mark.parametrize("text", [text for text in SPELLINGS if not text.startswith("-")])
def test_yaml_12(text: str) -> None:
    try:
        expected = by_ruamel(text)
    except Exception:  # ruamel leaks what it stumbles over
        with pytest.raises(BadScalar):
            plain_12(text)
        return
    assert same(plain_12(text), expected)


@given(NUMBERS)
def test_a_plain_number_is_the_same_number_for_both_readers(text: str) -> None:
    spelling = plain_number(text, "float")
    assert spelling is not None
    assert by_pyyaml(spelling) == by_ruamel(spelling) == float(text)
