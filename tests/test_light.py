"""What stands in for a library to be light is what it stands in for: `typing`'s named tuples, and PyYAML around its parser."""

from __future__ import annotations

import re
import subprocess
import sys
import typing

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_scalars import NUMBERS, SPELLINGS, WORDS, same

from confguard.document.scalars import BadScalar, plain_11, plain_12, read_plain
from confguard.words import secret
from confguard.words import typing as light


class Heavy(typing.NamedTuple):
    """A class with everything that ours have."""

    name: str
    place: int | None = None
    items: tuple[str, ...] = ()
    """What a field is."""

    @property
    def many(self) -> int:
        return len(self.items)

    def renamed(self, name: str) -> Heavy:
        return self._replace(name=name)


class Light(light.NamedTuple):
    """A class with everything that ours have."""

    name: str
    place: int | None = None
    items: tuple[str, ...] = ()
    """What a field is."""

    @property
    def many(self) -> int:
        return len(self.items)

    def renamed(self, name: str) -> Light:
        return self._replace(name=name)


def test_a_light_named_tuple_is_a_named_tuple() -> None:
    one, other = Light("a", items=("b", "c")), Heavy("a", items=("b", "c"))
    assert one == other
    assert one.renamed("d") == other.renamed("d")
    assert one.many == other.many == 2
    assert Light.__mro__[1:] == Heavy.__mro__[1:] == (tuple, object)
    assert (Light._fields, Light._field_defaults, Light.__doc__, Light.__module__) == (
        *(Heavy._fields, Heavy._field_defaults, Heavy.__doc__, Heavy.__module__),
    )
    assert repr(one).replace("Light", "Heavy") == repr(other)
    assert one._asdict() == other._asdict()
    with pytest.raises(TypeError, match="name"):
        Light()  # type: ignore[call-arg]
    with pytest.raises(AttributeError):
        one.name = "e"  # type: ignore[misc]


def told(code: str) -> str:
    """What a fresh process prints."""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_the_whole_of_pyyaml_is_there_for_whoever_asks() -> None:
    code = """
import sys
from confguard.document.libyaml import PARSER
before = {"yaml.reader", "yaml.constructor"} & set(sys.modules)
import yaml
print(before or "-", yaml.safe_load("a: [1, 2024-01-02]"), yaml.load("a: 1.5", Loader=yaml.CSafeLoader), yaml.dump({"b": None}).strip())
print(yaml.CSafeLoader.__mro__[1] is PARSER, yaml.__with_libyaml__, yaml.__version__ > "6", yaml.__name__)
"""
    assert told(code).splitlines() == ["- {'a': [1, datetime.date(2024, 1, 2)]} {'a': 1.5} b: null", "True True True yaml"]


@pytest.mark.parametrize(
    ("text", "error"),
    [("a: [1", "yaml.parser.ParserError"), ("a: 'b", "yaml.scanner.ScannerError"), ("a: \\x01", "yaml.reader.ReaderError")],
)
@pytest.mark.parametrize("first", ["import confguard.document.libyaml, yaml", "import yaml, confguard.document.libyaml"])
def test_the_parser_raises_pyyamls_own_errors(first: str, text: str, error: str) -> None:
    code = f"""
{first}
try:
    yaml.load("{text}", Loader=yaml.CSafeLoader)
except yaml.YAMLError as error:
    print(type(error) is {error})
"""
    assert told(code) == "True"


def test_a_pyyaml_without_libyaml_will_do() -> None:
    code = """
import sys
sys.modules["yaml._yaml"] = None
from confguard.document.document import Document
document = Document("a.yaml", b"a: [1, {b: c}]")
print(document.refused, document.root.items[0][1].items[0].value, Document("a.yaml", b"a: [1").refused.code)
"""
    assert told(code) == "None 1 YAML001"


ODD = st.text("0123456789.+-eE_:xob~nyft", max_size=8) | st.sampled_from(SPELLINGS) | st.text(max_size=4)


@given(NUMBERS | WORDS | ODD)
def test_a_scalar_that_is_told_without_pyyaml_is_told_the_same(text: str) -> None:
    try:
        value, agree, alike = read_plain(text)
        old = plain_11(text)
    except BadScalar:
        return
    assert same(value, old)
    try:
        new = plain_12(text)
    except BadScalar:
        return
    assert alike == (same(old, new) or text == "<<")
    assert agree >= alike


SIGNS = "hf_ github_pat_ ghp_ ghs_ gho_ ghu_ ghr_ glpat- sk- sk-proj- AKIA ASIA AIza xoxb- ://user:word@".split()
NAMES = "api_key API-KEY apikey token max_tokens hf-token HUB_TOKEN bearertoken secret passwd password Private_Key access-key \u017fecret".split()
PARTS = st.sampled_from([*SIGNS, *NAMES, "a" * 20, "0" * 36, "A" * 16, ": ", "=", "\n", " ", "#", '"', "${X}", "_", "."])
LOOKED_FOR = re.compile("|".join(f"(?:{part})" for part in (secret._VENDOR, secret._PASSWORD)))
NAMED = re.compile(secret._ASSIGNED + "|" + secret._NAME.replace("(?i)", ""))


@given(st.lists(PARTS, max_size=6).map("".join))
def test_the_cheap_look_overlooks_no_secret(text: str) -> None:
    if LOOKED_FOR.search(text) or NAMED.search(text):
        assert secret.worth_a_look(text)
