"""The audit against projects whose truth is known: each folder of tests/audit has configs, code, and what is read of them in truth.yaml.

The cases were written against the definitions of docs/audit.md by people who had not seen the code of the audit.
"""

from __future__ import annotations

import importlib.util
import os
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from confguard.audit.audit import Audit, audit, config_of
from confguard.audit.follow import Entry
from confguard.audit.keys import MAPPING_METHODS
from confguard.audit.known import METHODS
from confguard.audit.modules import Module
from confguard.audit.values import Node, Table
from confguard.audit.verdict import ABSENT_KEY, CONFLICT, HIDDEN, PHANTOM, READ

CASES = sorted(path.parent for path in (Path(__file__).parent / "audit").glob("*/truth.yaml"))
NAMES = [case.name for case in CASES]
CAUTIOUS = {
    "c-lightning-callbacks": {"optim.layer_decay", "loss.z_weight"},
    "c-nanogpt-globals": {"dtype"},
    "c-distill-shared-builder": {"train.batch_size"},
}
"""Keys of which the audit says less than the truth: a method that a framework might call, a name that `globals()` might set."""


def truth_of(case: Path) -> dict[str, Any]:
    return yaml.safe_load((case / "truth.yaml").read_text(encoding="utf-8"))


@cache
def audited(case: Path) -> Audit:
    truth = truth_of(case)
    configs = [config_of(str(case / name)) for name in truth["configs"]]
    entries = [Entry(truth["entry"])] if truth.get("entry") else []
    return audit(configs, [os.path.normpath(case / name) for name in truth["code"]], entries, lambda name: None)


@pytest.mark.parametrize("name", NAMES)
def test_where_modules_lie_in_memory_changes_nothing(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """An object hashes by its address, and a set is gone through by hashes: what is found must not rest on either."""
    case = CASES[NAMES.index(name)]

    def said(sign: int) -> list[tuple[Any, ...]]:
        order: dict[str, int] = {}
        monkeypatch.setattr(Module, "__hash__", lambda module: sign * order.setdefault(module.real, len(order) + 1))
        audited.cache_clear()
        return [(verdict.leaf.key, verdict.kind, verdict.reads, verdict.into, verdict.note) for verdict in audited(case).verdicts]

    assert said(1) == said(-1)
    audited.cache_clear()


def classes_in_truth(case: Path) -> dict[tuple[str, str], str]:
    keys = truth_of(case).get("keys") or {}
    return {(config, key): kind for config, by_kind in keys.items() for kind, names in by_kind.items() for key in names or ()}


def classes_said(case: Path) -> dict[tuple[str, str], str]:
    return {
        (os.path.relpath(verdict.config.path, case), verdict.leaf.key): verdict.kind
        for verdict in audited(case).verdicts
        if verdict.kind != READ
    }


def defaults_in_truth(case: Path, kind: str) -> dict[tuple[str, str], Any]:
    told = truth_of(case).get(kind) or {}
    return {(config, key): keys[key] if isinstance(keys, dict) else None for config, keys in told.items() for key in keys or ()}


def defaults_said(case: Path, kind: str) -> dict[tuple[str, str], Any]:
    return {(os.path.relpath(one.config.path, case), one.key): one.values for one in audited(case).defaults if one.kind == kind}


def test_there_are_forty_cases() -> None:
    assert len(CASES) >= 40


@pytest.mark.parametrize("case", CASES, ids=NAMES)
def test_no_key_that_is_read_is_called_a_phantom(case: Path) -> None:
    truth = classes_in_truth(case)
    assert [key for key, kind in classes_said(case).items() if kind == PHANTOM and truth.get(key) != PHANTOM] == []


@pytest.mark.parametrize("case", CASES, ids=NAMES)
def test_every_key_has_its_class(case: Path) -> None:
    cautious = CAUTIOUS.get(case.name, set())
    truth, said = classes_in_truth(case), classes_said(case)
    apart = {key: (said.get(key, READ), truth.get(key, READ)) for key in {*truth, *said} if said.get(key) != truth.get(key)}
    assert {name for _, name in apart} == cautious, apart
    if not cautious:
        assert said == truth


@pytest.mark.parametrize("case", CASES, ids=NAMES)
@pytest.mark.parametrize("kind", [HIDDEN, CONFLICT, ABSENT_KEY])
def test_the_defaults_are_those_of_the_code(case: Path, kind: str) -> None:
    truth, said = defaults_in_truth(case, kind), defaults_said(case, kind)
    assert set(said) == set(truth)
    if kind == HIDDEN:
        assert {key: str(values[0]) for key, values in said.items()} == {key: str(value) for key, value in truth.items()}


def test_nine_of_ten_phantoms_and_hidden_defaults_are_found() -> None:
    phantoms = [(case, key) for case in CASES for key, kind in classes_in_truth(case).items() if kind == PHANTOM]
    hidden = [(case, key) for case in CASES for key in defaults_in_truth(case, HIDDEN)]
    assert sum(classes_said(case).get(key) == PHANTOM for case, key in phantoms) >= 0.9 * len(phantoms)
    assert sum(key in defaults_said(case, HIDDEN) for case, key in hidden) >= 0.9 * len(hidden)
    assert len(phantoms) > 250
    assert len(hidden) > 120


@pytest.mark.parametrize("case", [case for case in CASES if truth_of(case).get("twins")], ids=lambda case: case.name)
def test_twins_stand_where_the_code_has_its_own_value(case: Path) -> None:
    places = {(os.path.relpath(verdict.config.path, case), verdict.leaf.key): verdict.twin for verdict in audited(case).verdicts}
    for config, keys in truth_of(case)["twins"].items():
        for key in keys:
            name = key.rpartition(".")[2]
            twin = places[config, key]
            assert twin is None or name in twin.text, (key, twin)


@pytest.mark.parametrize("case", CASES, ids=NAMES)
def test_the_same_code_says_the_same_twice(case: Path) -> None:
    first = classes_said(case)
    audited.cache_clear()
    assert classes_said(case) == first


# --- what holds for any config and any code ---

NAMES_OF_KEYS = st.sampled_from(["lr", "steps", "model", "seed", "beta", "top_k"])
TREES = st.recursive(
    st.one_of(st.integers(0, 9), st.booleans(), st.lists(st.integers(0, 3), max_size=2)),
    lambda below: st.dictionaries(NAMES_OF_KEYS, below, min_size=1, max_size=4),
    max_leaves=12,
).filter(lambda tree: isinstance(tree, dict))


def leaves(tree: dict[str, Any], path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    return [
        leaf
        for key, value in tree.items()
        for leaf in (leaves(value, (*path, key)) if isinstance(value, dict) and value else [(*path, key)])
    ]


READINGS = {
    "subscripts": lambda path: "use(cfg" + "".join(f"[{key!r}]" for key in path) + ")",
    "get": lambda path: "use(cfg" + "".join(f".get({key!r})" for key in path) + ")",
    "a helper": lambda path: f"use(find(cfg, {'.'.join(path)!r}))",
    "a section first": lambda path: "section = cfg" + "".join(f"[{key!r}]" for key in path[:-1]) + f"\nuse(section[{path[-1]!r}])",
}
CODE = """
import yaml
from library import use

def find(node, dotted):
    for part in dotted.split("."):
        node = node[part]
    return node

cfg = yaml.safe_load(open("config.yaml"))
print(cfg)
"""


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(tree=TREES, data=st.data())
def test_what_is_asked_for_is_read_and_nothing_else(tree: dict[str, Any], data: st.DataObject, tmp_path: Path) -> None:
    asked = data.draw(st.lists(st.sampled_from(leaves(tree)), unique=True))
    lines = [READINGS[data.draw(st.sampled_from(sorted(READINGS)))](path) for path in asked]
    (tmp_path / "config.yaml").write_text(yaml.safe_dump(tree), encoding="utf-8")
    (tmp_path / "train.py").write_text(CODE + "\n".join(lines), encoding="utf-8")
    found = audit([config_of(str(tmp_path / "config.yaml"))], [str(tmp_path)], [], lambda name: None)
    assert {verdict.leaf.path for verdict in found.verdicts if verdict.kind == READ} == set(asked)
    assert {verdict.leaf.path for verdict in found.verdicts if verdict.kind == PHANTOM} == set(leaves(tree)) - set(asked)
    assert found.defaults == []


@pytest.mark.parametrize("module", ["argparse", "json", "logging", "dataclasses", "configparser", "enum", "typing", "functools", "pprint"])
def test_any_python_is_followed(module: str, tmp_path: Path) -> None:
    """Code that was not written to be audited: it is followed to its end, whatever is in it."""
    source = importlib.util.find_spec(module)
    assert source is not None
    assert source.origin is not None
    code = Path(source.origin).parent if source.origin.endswith("__init__.py") else Path(source.origin)
    (tmp_path / "config.yaml").write_text("lr: 1\nsteps: 2\n", encoding="utf-8")
    (tmp_path / "train.py").write_text(f"import yaml\nimport {module}\ncfg = yaml.safe_load(open('config.yaml'))\n", encoding="utf-8")
    found = audit([config_of(str(tmp_path / "config.yaml"))], [str(tmp_path), str(code)], [], lambda name: None)
    assert [verdict.leaf.key for verdict in found.verdicts] == ["lr", "steps"]
    assert found.problems == []


def test_a_method_that_is_known_of_mappings_is_no_key() -> None:
    """`cfg.get` is the method, `cfg.lr` a key: a row more needs its name among those, too."""
    assert set(METHODS[Node]) == set(METHODS[Table]) <= MAPPING_METHODS


# --- what misled it once ---

SNIPPETS = yaml.safe_load((Path(__file__).parent / "audit_snippets.yaml").read_text(encoding="utf-8"))
PREFACE = """import argparse, collections, dataclasses, functools, multiprocessing, os
import torch, yaml
from library import use, BaseModel, TrainingArguments
cfg = yaml.safe_load(open("config.yaml"))
"""


@pytest.mark.parametrize("snippet", SNIPPETS, ids=[snippet["what"] for snippet in SNIPPETS])
def test_what_misled_it_once(snippet: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text(yaml.safe_dump(snippet["config"]), encoding="utf-8")
    (tmp_path / "train.py").write_text(PREFACE + snippet["code"], encoding="utf-8")
    found = audit([config_of(str(tmp_path / "config.yaml"))], [str(tmp_path)], [], lambda name: None)
    said = {verdict.leaf.key: verdict.kind for verdict in found.verdicts if verdict.kind != READ}
    told = {"phantom": PHANTOM, "passed": "passed-on", "unknown": "unknown"}
    assert said == {key: kind for name, kind in told.items() for key in snippet.get(name, ())}


def test_alternative_configs_of_one_load_do_not_shadow_each_other(tmp_path: Path) -> None:
    code = """import sys, yaml
from library import use
def run(lr, bs, **rest): use(lr, bs)
base = {"lr": 1}
base.update(yaml.safe_load(open(sys.argv[1])))
use(base["lr"])
run(**yaml.safe_load(open(sys.argv[1])))
"""
    (tmp_path / "train.py").write_text(code, encoding="utf-8")
    for name in ("one.yaml", "two.yaml"):
        (tmp_path / name).write_text("lr: 2\nbs: 3\n", encoding="utf-8")
    found = audit([config_of(str(tmp_path / name)) for name in ("one.yaml", "two.yaml")], [str(tmp_path)], [], lambda name: None)
    assert {verdict.kind for verdict in found.verdicts} == {READ}


def test_a_file_of_yacs_is_laid_over_the_defaults(tmp_path: Path) -> None:
    code = """import sys
from yacs.config import CfgNode as CN
from library import use
_C = CN()
_C.LR = 0.1
_C.M = CN()
_C.M.N = 3
cfg = _C.clone()
cfg.merge_from_file(sys.argv[1])
use(cfg.LR, cfg.M.N)
"""
    (tmp_path / "train.py").write_text(code, encoding="utf-8")
    (tmp_path / "c.yaml").write_text("LR: 1\nM: {N: 2}\nK: 1\n", encoding="utf-8")
    found = audit([config_of(str(tmp_path / "c.yaml"))], [str(tmp_path)], [], lambda name: None)
    assert {verdict.leaf.key: verdict.kind for verdict in found.verdicts} == {"LR": READ, "M.N": READ, "K": PHANTOM}
