"""The hot path and the Pydantic models give the same verdicts, whatever is done to a good config."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from confguard.checking.pipeline import check
from confguard.schemas import AflowLlm, AflowTraining
from confguard.schemas.catalogue import CATALOGUE, RULES
from confguard.words.finding import SEVERITIES, at_least

PROFILE = Path(CATALOGUE.profiles) / "reference"
TRAINING = yaml.safe_load((PROFILE / "training.yaml").read_text(encoding="utf-8"))
EXECUTORS = yaml.safe_load((PROFILE / "aflow_llm.yaml").read_text(encoding="utf-8"))
IN_DATA = {
    code
    for code, rule in RULES.items()
    if not {"executor", "comments"}.intersection(rule.inputs) and not code.startswith("WAIVE") and code not in ("YAML009", "YAML011")
}

VALUES = st.one_of(
    st.sampled_from([None, True, False, 0, 1, -1, 2, 500, 64, 0.4, 1.5, -0.1, 1e-4, "2e-5", "64", "word", "", "${VAR}", "q_proj, k_proj"]),
    st.sampled_from(
        [[], [0], ["q_proj", "v_proj"], {}, {"math": 1}, {"math": 0.5, "qa": "0.5"}, {"enabled": False}, float("inf"), float("nan")]
    ),
    st.integers(-3, 1000),
    st.floats(1e-9, 10, allow_nan=False),
)
NAMES = st.sampled_from(
    ["seed", "learning_rates", "loraRank", "max-steps", "temperature", "top_k", "lora_r", "tmeperature", "learn\u0456ng_rate"]
)


def paths(config: Any, prefix: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    if not isinstance(config, dict):
        return []
    here = [(*prefix, name) for name in config]
    return here + [deep for path in here for deep in paths(config[path[-1]], path)]


@st.composite
def changed(draw: st.DrawFn, config: dict[str, Any]) -> dict[str, Any]:
    """A config after one to four edits: a value set, a key removed, renamed or added."""
    result = copy.deepcopy(config)
    for _ in range(draw(st.integers(1, 4))):
        path = draw(st.sampled_from(paths(result) or [("max_steps",)]))
        section = result
        for name in path[:-1]:
            section = section[name]
        edit = draw(st.sampled_from(["set", "remove", "rename", "add"]))
        if edit == "set":
            section[path[-1]] = copy.deepcopy(draw(VALUES))
        elif edit == "add":
            section[draw(NAMES)] = copy.deepcopy(draw(VALUES))
        else:
            value = section.pop(path[-1], None)
            if edit == "rename":
                section[draw(NAMES)] = value
    return result


def said(config: dict[str, Any], kind: str, folder: Path, level: str) -> list[tuple[str, str | None]]:
    (folder / "confguard.yaml").write_text(f"files: {{c.yaml: {kind}}}\n")
    (folder / "c.yaml").write_text(yaml.safe_dump(config, allow_unicode=True), encoding="utf-8")
    findings = check([str(folder / "c.yaml")], CATALOGUE).findings
    return sorted((f.code, f.key or "") for f in findings if f.code in IN_DATA and at_least(f.severity, level))


def raised(config: dict[str, Any], model: type[AflowTraining | AflowLlm], level: str) -> list[tuple[str, str | None]]:
    try:
        model.model_validate(config, context={"fail_on": level})
    except ValidationError as error:
        return sorted((item["type"], str(item["loc"][0])) for item in error.errors())
    return []


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(st.one_of(st.tuples(st.just(AflowTraining), changed(TRAINING)), st.tuples(st.just(AflowLlm), changed(EXECUTORS))))
def test_check_and_model_agree(tmp_path: Path, case: tuple[type[AflowTraining | AflowLlm], dict[str, Any]]) -> None:
    model, config = case
    # Readers of YAML give back what was dumped, except where a value is no plain data; compare what was read.
    config = yaml.safe_load(yaml.safe_dump(config, allow_unicode=True))
    for level in SEVERITIES:
        assert said(config, model.kind, tmp_path, level) == raised(config, model, level)


@pytest.mark.parametrize("config", [TRAINING, EXECUTORS])
def test_good_configs_make_models(config: dict[str, Any]) -> None:
    model = AflowTraining if "max_steps" in config else AflowLlm
    made = model.model_validate(config, context={"fail_on": "warning"})
    assert model.model_validate(made) is made


def test_a_model_is_used_like_any_other() -> None:
    made = AflowTraining.model_validate(TRAINING)
    assert made.learning_rate == 2.0e-5
    assert made.generation_config is not None
    assert made.generation_config.max_tokens == 4096


def test_reference_may_be_a_model_or_data() -> None:
    drifted = {**TRAINING, "lora_alpha": 32}
    for reference in (TRAINING, AflowTraining.model_validate(TRAINING)):
        with pytest.raises(ValidationError) as caught:
            AflowTraining.model_validate(drifted, context={"reference": reference, "fail_on": "warning"})
        assert [item["type"] for item in caught.value.errors()] == ["LORA006"]
    AflowTraining.model_validate(drifted, context={"reference": TRAINING})


def test_secrets_do_not_show_in_a_validation_error() -> None:
    config = copy.deepcopy(EXECUTORS)
    config["models"]["gpt-4o-mini"]["api_key"] = "sk-proj-4f9aB72kQmZx81LrTn0W"
    with pytest.raises(ValidationError) as caught:
        AflowLlm.model_validate(config)
    assert "4f9aB72k" not in str(caught.value)
    assert "4f9aB72k" not in str(caught.value.errors())
