"""The schemas of `confguard schema` beside `confguard check`: what one refuses, the other has something to say of."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from configs import configs
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from laid_over import laid_over
from native_rows import NATIVE, native_rows

from confguard.__main__ import main
from confguard.checking.pipeline import check, check_documents
from confguard.checking.setting import Options
from confguard.commands.aiming import parse_targets
from confguard.document.document import Document
from confguard.report.json import to_text
from confguard.schemas.bounds import Limits, bounds_of, interval
from confguard.schemas.catalogue import CATALOGUE, RULES, newest
from confguard.schemas.json_schema import json_schema
from confguard.schemas.parameters import PARAMETERS
from confguard.schemas.releases.table import of_its_time
from confguard.words.finding import ERROR, Finding
from confguard.words.rule import Broken, Verdict, rule
from confguard.words.shape import Key, Shape
from confguard.words.target import PACKAGES, Target
from confguard.words.types import is_endless

HERE = Path(__file__).parent
KINDS = [shape.kind for shape in CATALOGUE.shapes]
BY_RELEASE = [shape.kind for shape in CATALOGUE.shapes if shape.at is not None]
AFTER = HERE / "mission" / "after" / "config"
SMALL = {
    "aflow-training": (AFTER / "training.yaml").read_text(encoding="utf-8"),
    "aflow-llm": (AFTER / "aflow_llm.yaml").read_text(encoding="utf-8"),
    **{kind: (NATIVE / f"{kind}.yaml").read_text(encoding="utf-8") for kind in BY_RELEASE},
}
"""A small good file of each kind."""

OF_ONE_KEY = {
    "SCHEMA001",
    "SCHEMA002",
    "SCHEMA003",
    "SCHEMA004",
    "SCHEMA005",
    "SCHEMA007",
    "RELEASE001",
    "RELEASE002",
    "YAML006",
    "YAML010",
}
"""What is wrong with one key by itself, which the schema must find as well; all are errors but `SCHEMA002`, an unknown key."""
UNKNOWN_KEY = "SCHEMA002"


def at(*asked: str) -> Target:
    """A target, with the libraries that it does not name as they were at the time."""
    said = dict(parse_targets(asked))
    return (
        Target(*(said.get(package) or of_its_time(package, "trl", said["trl"]) for package in PACKAGES))
        if "trl" in said
        else Target(*(said.get(package, newest().version(package)) for package in PACKAGES))
    )


@cache
def validator(kind: str, target: Target | None = None) -> Draft202012Validator:
    return Draft202012Validator(json_schema(kind, target))


def shape_of(kind: str) -> Shape:
    shape = CATALOGUE.shape(kind)
    assert shape is not None
    return shape.at(newest()) if shape.at is not None else shape


def found_in(kind: str, text: str, target: list[str] | None = None) -> list[Finding]:
    """What check has to say of a file that is known to be of a kind: errors, and unknown keys."""
    shape = CATALOGUE.shape(kind)
    assert shape is not None
    catalogue = CATALOGUE._replace(shapes=(shape._replace(family=None, signature=("",), enough=0),))
    options = Options(target=parse_targets(target or ()))
    report = check_documents([Document("/nowhere/a.yaml", text.encode())], catalogue, options)
    assert [file.kind for file in report.files] == [kind]
    return [finding for finding in report.findings if finding.severity == ERROR or finding.code == UNKNOWN_KEY]


def agree(kind: str, text: str, target: list[str] | None = None, beyond: bool = False) -> None:
    """The schema refuses nothing but what check finds, and lets no key or value pass that check finds fault with by itself.

    `beyond`: the value is one of those that JSON Schema cannot tell from a good one.
    """
    findings = found_in(kind, text, target)
    keys = {path.partition(".")[0].partition("[")[0] for finding in findings for path in (finding.key, *finding.keys) if path}
    refused = list(validator(kind, at(*target) if target else None).iter_errors(yaml.safe_load(text)))
    for error in refused:
        assert findings, error.message
        assert not error.absolute_path or error.absolute_path[0] in keys, error.message
    if not refused and not beyond:
        assert [finding.message for finding in findings if finding.code in OF_ONE_KEY] == []


# --- the schemas themselves ---


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("kind", KINDS)
def test_it_is_a_schema(kind: str, lang: str) -> None:
    schema = json_schema(kind, lang=lang)
    Draft202012Validator.check_schema(schema)
    assert json.loads(to_text(schema)) == schema


@pytest.mark.parametrize("release", ["0.12", "0.17", "0.29", "1.0"])
@pytest.mark.parametrize("kind", BY_RELEASE)
def test_it_is_a_schema_at_other_releases(kind: str, release: str) -> None:
    schema = json_schema(kind, at(f"trl=={release}"))
    Draft202012Validator.check_schema(schema)
    assert f"trl-{release}" in schema["$id"]


def properties(schema: dict[str, Any], path: str = "") -> list[tuple[str, dict[str, Any]]]:
    found = []
    for name, below in schema.get("properties", {}).items():
        found += [(path + name, below), *properties(below, f"{path}{name}.")]
    entry = schema.get("additionalProperties")
    return found + ([(f"{path}*", entry), *properties(entry, f"{path}*.")] if isinstance(entry, dict) else [])


@pytest.mark.parametrize("kind", KINDS)
def test_what_it_proposes_it_accepts(kind: str) -> None:
    for path, schema in properties(json_schema(kind)):
        for value in [*schema.get("examples", []), *([schema["default"]] if "default" in schema else [])]:
            assert Draft202012Validator(schema).is_valid(value), (path, value)


@pytest.mark.parametrize("kind", KINDS)
def test_every_type_is_told_in_words(kind: str) -> None:
    for path, schema in properties(json_schema(kind)):
        if "title" in schema:
            assert not re.search(r"[\[|]|\b(?:any|str|int|bool|dict)\b", schema["title"].removeprefix(path)), schema["title"]


@pytest.mark.parametrize("kind", ["aflow-training", "aflow-llm"])
def test_every_key_has_a_meaning_in_both_languages(kind: str) -> None:
    for lang in ("en", "zh"):
        for path, schema in properties(json_schema(kind, lang=lang)):
            if not path.startswith(("domain_ratios.", "reward_weights.")):
                assert schema["description"], path
                assert not schema["markdownDescription"].isascii(), path


def test_the_text_is_the_same_in_every_process() -> None:
    said = set()
    for seed in ("1", "2"):
        command = [sys.executable, "-m", "confguard", "schema", "trl-grpo"]
        said.add(subprocess.run(command, capture_output=True, check=True, env={**os.environ, "PYTHONHASHSEED": seed}).stdout)
    assert len(said) == 1


def test_former_keys_say_what_to_write() -> None:
    gone = json_schema("trl-grpo")["properties"]["max_prompt_length"]
    assert gone["deprecated"]
    assert "gone since trl 0.28" in gone["errorMessage"]
    assert "vllm_max_model_length" in gone["errorMessage"]
    there = json_schema("trl-grpo", at("trl==0.17"))["properties"]["max_prompt_length"]
    assert "deprecated" not in there


def test_keys_that_are_still_taken_say_it_too() -> None:
    old = json_schema("trl-grpo")["properties"]["gradient_checkpointing"]
    assert old["deprecated"]
    assert "Write `activation_checkpointing`" in old["description"]
    assert Draft202012Validator(old).is_valid(True)


# --- beside the check ---

ALL_GOOD = [
    *((path, None) for path in sorted((HERE / "cases" / "good").glob("*.yaml"))),
    *((path, None) for path in sorted((HERE / "mission").glob("*/config/*.yaml"))),
    *((path, kind) for kind in BY_RELEASE for path in [NATIVE / f"{kind}.yaml"]),
    *((path, None) for path in sorted(Path(CATALOGUE.profiles).glob("*/*.yaml"))),
]


@pytest.mark.parametrize(
    ("path", "kind"), ALL_GOOD, ids=lambda value: f"{value.parent.name}/{value.name}" if isinstance(value, Path) else ""
)
def test_good_files_are_good(path: Path, kind: str | None) -> None:
    (file,) = check([str(path)], CATALOGUE).files
    if file.kind is None:
        pytest.skip(str(file.why_skipped))
    assert file.kind == (kind or file.kind)
    assert list(validator(file.kind).iter_errors(yaml.safe_load(path.read_text(encoding="utf-8")))) == []


MUTANTS = yaml.safe_load((HERE / "cases" / "mutants.yaml").read_text(encoding="utf-8"))
IN_DATA = [mutant for mutant in MUTANTS if mutant.get("data", True) or mutant["code"] == "YAML010"]


@pytest.mark.parametrize("mutant", IN_DATA, ids=lambda mutant: mutant["name"])
def test_mutants(mutant: dict[str, Any]) -> None:
    kind = f"aflow-{mutant.get('file', 'training')}"
    old, new = mutant["replace"]
    agree(kind, SMALL[kind].replace(old, new), beyond=mutant["name"] == "whole float for an integer")


@pytest.mark.parametrize("row", native_rows(), ids=lambda row: f"{row['code']}-{row['kind']}-{row['lines'][:40]}")
def test_native_rows(row: dict[str, Any]) -> None:
    beyond = any(map(_is_beyond, yaml.safe_load(row["lines"]).values()))
    agree(row["kind"], laid_over(row["lines"], SMALL[row["kind"]]), row.get("target"), beyond)


VALUES = [
    *("0", "1", "2", "-1", "8.0", "8.5", "0.0", "1.0", "1e3", "2e-5", "1.0e-3", "true", "false", "yes", "null", "~", ".5", "1_000"),
    *('"8"', '" 8 "', '"2e-5"', '"true"', '"No"', '"none"', '"null"', '"maybe"', '""', "auto", "some words", "x"),
    *("[]", "[1, 2]", "[a, b]", "[[1], [2]]", "[{a: 1}]", "[1, a]", "{}", "{a: 1}", "{a: b}", "[null]"),
]
"""One of everything that a key may be given."""


def typed(shape: Shape, fields: dict[str, Key], prefix: str = "") -> Iterator[tuple[tuple[Any, ...], tuple[str, str]]]:
    """Each kind of key, as the schema tells them apart, and where one stands."""
    for name, key in fields.items():
        yield (shape.converts, key.type, bool(key.needed)), (shape.kind, prefix + name)
        if key.type == "section":
            yield from typed(shape, key.fields or {}, f"{prefix}{name}.")


PLACES = sorted(dict(item for kind in KINDS for item in typed(shape_of(kind), shape_of(kind).fields)).values())


@pytest.mark.parametrize(("kind", "path"), PLACES)
def test_every_type_with_every_value(kind: str, path: str) -> None:
    section, _, name = path.rpartition(".")
    for value in VALUES:
        text = laid_over(f"{section}:\n  {name}: {value}" if section else f"{name}: {value}", SMALL[kind])
        agree(kind, text, beyond=_is_beyond(yaml.safe_load(value)))


def _is_beyond(value: Any) -> bool:
    """To JSON Schema 8.0 is an integer; what is too large for any library is a number as well."""
    return isinstance(value, float) and (value.is_integer() or is_endless(value))


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(configs())
def test_generated_configs(text: str) -> None:
    agree("aflow-training", text, beyond=any(_is_beyond(value) for value in yaml.safe_load(text).values()))


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from(BY_RELEASE).flatmap(lambda kind: st.tuples(st.just(kind), st.sampled_from(sorted(shape_of(kind).fields)))), st.data()
)
def test_generated_values(place: tuple[str, str], data: st.DataObject) -> None:
    """Any key with any value, and any switch beside it."""
    kind, key = place
    switches = sorted(name for name, other in shape_of(kind).fields.items() if other.type.startswith(("bool", "enum")))
    value = data.draw(st.one_of(st.sampled_from(VALUES), st.integers(-3, 2000).map(str), st.floats(-2, 3, width=16).map(str)))
    lines = [f"{key}: {value}"]
    for switch in data.draw(st.lists(st.sampled_from(switches), max_size=3, unique=True)):
        if switch != key:
            lines.append(f"{switch}: {data.draw(st.sampled_from(['true', 'false', '0', '1']))}")
    agree(kind, laid_over("\n".join(lines), SMALL[kind]), beyond=_is_beyond(yaml.safe_load(value)))


# --- bounds ---


def outside(limits: Limits) -> list[float]:
    found: list[float] = [limits["minimum"] - 1] if "minimum" in limits else []
    found += [limits["exclusiveMinimum"]] if "exclusiveMinimum" in limits else []
    found += [limits["maximum"] + 1] if "maximum" in limits else []
    return found + ([limits["exclusiveMaximum"]] if "exclusiveMaximum" in limits else [])


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_out_of_bounds_is_an_error(kind: str) -> None:
    shape = shape_of(kind)
    bounds = bounds_of(shape, RULES.of(kind))
    assert bounds.always
    for parameter, limits in bounds.always.items():
        section, _, name = shape.names[parameter].rpartition(".")
        if "*" in section:
            continue
        for value in outside(limits):
            text = laid_over(f"{section}:\n  {name}: {value}" if section else f"{name}: {value}", SMALL[kind])
            assert [finding for finding in found_in(kind, text) if finding.code not in OF_ONE_KEY], f"{name}: {value}"


@pytest.mark.parametrize("kind", ["aflow-training", "aflow-llm"])
def test_the_bounds_are_the_ranges_of_the_parameters(kind: str) -> None:
    shape = shape_of(kind)
    bounds = bounds_of(shape, RULES.of(kind))
    assert {name: interval(bounds.of(name)) for name in shape.names} == {name: PARAMETERS[name].range for name in shape.names}


def test_a_bound_that_depends_on_another_key_is_none() -> None:
    """Adam's betas are read by Adam only; -1 steps are as many as the epochs take."""
    bounds = bounds_of(shape_of("trl-sft"), RULES.of("trl-sft"))
    assert {"adam_beta1", "adam_epsilon", "max_steps", "lora_r"}.isdisjoint(bounds.always)


def always(size: int) -> Verdict:
    return Broken("size") if size < 1 else None


def while_on(size: int, on: bool = True) -> Verdict:
    return Broken("size") if on and size < 1 else None


def while_off(size: int, on: bool = False) -> Verdict:
    return Broken("size") if not on and size < 1 else None


def with_a_choice(size: int, how: str = "fast") -> Verdict:
    return Broken("size") if how == "fast" and size < 1 else None


def beside_another_number(size: int, most: int = 1) -> Verdict:
    return Broken("size") if size < most else None


def beside_a_default(size: int, text: str) -> Verdict:
    return Broken("size") if size < 1 and text == "" else None


@pytest.mark.parametrize(
    ("function", "expected"),
    [(always, "[1, inf)"), (while_on, ""), (while_off, ""), (with_a_choice, ""), (beside_another_number, ""), (beside_a_default, "")],
)
def test_a_rule_that_speaks_in_some_company_gives_no_bound(function: Callable[..., Verdict], expected: str) -> None:
    fields = {
        "size": Key("int", "size"),
        "on": Key("bool", "on"),
        "how": Key("one of fast|slow", "how"),
        "most": Key("int", "most", default=0),
        "text": Key("str", "text", default=""),
    }
    shape = shape_of("aflow-llm")._replace(fields=fields, names={name: name for name in fields})
    declared = rule("LORA001", ERROR, "start", source="", zh="", bad="", good="")(function)
    assert interval(bounds_of(shape, {"LORA001": declared}).of("size")) == expected


# --- the command ---

Run = Callable[[str], tuple[int, str, str]]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    monkeypatch.chdir(tmp_path)

    def run_command(arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["confguard", *arguments.split()])
        with pytest.raises(SystemExit) as ended:
            main()
        out, err = capsys.readouterr()
        return int(ended.value.code or 0), out, err

    return run_command


def test_kinds_are_listed(run: Run) -> None:
    code, out, _ = run("schema")
    assert code == 0
    assert [line.split()[0] for line in out.splitlines()] == KINDS
    assert f"$ confguard schema\n{out}" in (HERE.parent / "docs" / "editors.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ("schema trl-gropo", "there is no kind trl-gropo; did you mean trl-grpo?"),
        ("schema nothing", "there are: aflow-training"),
        ("schema trl-grpo --target trl==0.1", "confguard knows trl from 0.12"),
        ("schema trl-grpo --target torch==2", "write trl==X"),
        ("schema trl-grpo --lang de", "de"),
    ],
)
def test_bad_usage_is_one_clear_line(run: Run, arguments: str, said: str) -> None:
    code, out, err = run(arguments)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert said in err


def test_the_project_says_the_target_and_its_own_keys(run: Run, tmp_path: Path) -> None:
    Path("confguard.yaml").write_text("target: {trl: '0.17'}\nextension_keys: [my_*, max_prompt_length, wandb.group]\n", encoding="utf-8")
    schema = json.loads(run("schema trl-grpo")[1])
    assert "trl-0.17" in schema["$id"]
    assert Draft202012Validator(schema).is_valid({"my_key": 1, "max_prompt_length": 512})
    assert not Draft202012Validator(schema).is_valid({"your_key": 1})
    assert "trl-1.16" in json.loads(run("schema trl-grpo --target trl==1.16.0")[1])["$id"]
    assert Draft202012Validator(json.loads(run("schema trl-grpo --target trl==1.16.0")[1])).is_valid({"max_prompt_length": 512})


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_languages(run: Run, lang: str) -> None:
    schema = json.loads(run(f"schema aflow-training --lang {lang}")[1])["properties"]["warmup_steps"]
    assert schema["description"].isascii() == (lang == "en")
    assert "Steps over which the learning rate rises" in schema["markdownDescription"]
    assert "学习率从 0 升到峰值所用的步数" in schema["markdownDescription"]


OWN = [
    ("my_key", {"my_key": 1}, True),
    ("my_*", {"my_key": {"a": 1}}, True),
    ("my_[ab]", {"my_b": 1}, True),
    ("my_[!ab]", {"my_b": 1}, False),
    ("wandb.group", {"wandb": {"group": "a"}}, True),
    ("wandb.group", {"group": "a"}, False),
    ("group", {"wandb": {"group": "a"}}, False),
    ("wandb.*", {"wandb": {"group": "a"}}, True),
    ("*", {"wandb": {"group": "a"}, "b": 1}, True),
    ("*.group", {"wandb": {"group": "a"}}, True),
]


@pytest.mark.parametrize("pattern", ["max_prompt_length", "max_prompt_*", "*"])
def test_a_key_of_another_release_that_is_the_project_s_own(pattern: str, tmp_path: Path) -> None:
    text = SMALL["trl-grpo"] + "max_prompt_length: 512\n"
    (tmp_path / "confguard.yaml").write_text(f"extension_keys: ['{pattern}']\n", encoding="utf-8")
    (tmp_path / "grpo.yaml").write_text(text, encoding="utf-8")
    assert "RELEASE001" not in {finding.code for finding in check([str(tmp_path / "grpo.yaml")], CATALOGUE).findings}
    assert Draft202012Validator(json_schema("trl-grpo", extension_keys=[pattern])).is_valid(yaml.safe_load(text))


@pytest.mark.parametrize(("pattern", "data", "passes"), OWN)
def test_keys_of_the_project(pattern: str, data: dict[str, Any], passes: bool, tmp_path: Path) -> None:
    """As the check has it: a key that is declared is none that it speaks of."""
    whole = {**yaml.safe_load(SMALL["aflow-training"]), **data}
    schema = json_schema("aflow-training", extension_keys=[pattern])
    (tmp_path / "confguard.yaml").write_text(f"extension_keys: ['{pattern}']\n", encoding="utf-8")
    (tmp_path / "training.yaml").write_text(yaml.safe_dump(whole), encoding="utf-8")
    found = check([str(tmp_path / "training.yaml")], CATALOGUE).findings
    assert Draft202012Validator(schema).is_valid(whole) == passes
    assert (UNKNOWN_KEY not in {finding.code for finding in found}) == passes
