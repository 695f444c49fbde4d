"""Native files with anything in any key, for any release: every answer is a finding, and an upgrade changes what it names or nothing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from native_rows import NATIVE

from confguard.checking.pipeline import check
from confguard.checking.setting import Options
from confguard.cli import run_app
from confguard.commands.aiming import parse_targets
from confguard.report.json import to_json
from confguard.schemas.catalogue import CATALOGUE
from confguard.schemas.migrations.table import MEANINGS, REMOVED, RENAMED, VALUES
from confguard.schemas.releases.table import releases

KINDS = ("trl-grpo", "trl-rloo", "trl-sft", "trl-dpo", "trl-kto", "trl-reward")
FIELDS = sorted({name for shape in CATALOGUE.by_release() for name in shape.fields})
OLD = sorted({row.old for row in (*RENAMED, *REMOVED)} | {row.key for row in (*VALUES, *MEANINGS)})
SCALARS = st.one_of(
    st.sampled_from(
        ["0", "-1", "1", "0.5", "1e-5", "2e400", ".inf", ".nan", "true", "no", "null", "~", "''", "none", "a", "'8'", "2024-01-01"]
    ),
    st.integers(-(10**30), 10**30).map(str),
    st.text("abc{}[],:&*!|>'\"%@`# \\-", max_size=8).map(json.dumps),
)
VALUES_OF_KEYS = st.one_of(
    SCALARS,
    st.lists(SCALARS, max_size=3).map(lambda items: f"[{', '.join(items)}]"),
    st.dictionaries(st.sampled_from("abc"), SCALARS, max_size=2).map(
        lambda items: "{" + ", ".join(f"{k}: {v}" for k, v in items.items()) + "}"
    ),
)


@st.composite
def files(draw: Any, keys: list[str]) -> tuple[str, str]:
    kind = draw(st.sampled_from(KINDS))
    lines = (NATIVE / f"{kind}.yaml").read_text(encoding="utf-8").splitlines()
    chosen = draw(st.dictionaries(st.sampled_from(keys), VALUES_OF_KEYS, min_size=1, max_size=6))
    kept = [line for line in lines if line.partition(":")[0] not in chosen]
    return kind, "\n".join([*kept, *(f"{key}: {value}  # {key}" for key, value in chosen.items())]) + "\n"


@pytest.fixture(autouse=True)
def in_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("confguard.yaml").write_text("files: {" + ", ".join(f'"{kind}.yaml": {kind}' for kind in KINDS) + "}\n")


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(files(FIELDS + OLD), st.sampled_from(releases("trl")), st.sampled_from([None, 1, 8]))
def test_every_answer_is_a_finding(file: tuple[str, str], release: str, world_size: int | None) -> None:
    kind, text = file
    Path(f"{kind}.yaml").write_text(text, encoding="utf-8")
    report = check([f"{kind}.yaml"], CATALOGUE, Options(target=parse_targets([f"trl=={release}"]), world_size=world_size))
    assert report.problems == []
    assert [item.kind for item in report.files] == [kind]
    assert json.loads(to_json(report))["targets"]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(files(OLD), st.sampled_from(releases("trl")[:20]), st.booleans())
def test_an_upgrade_keeps_every_comment_and_what_it_does_not_name(file: tuple[str, str], release: str, pin: bool) -> None:
    kind, text = file
    path = Path(f"{kind}.yaml")
    path.write_text(text, encoding="utf-8")
    words = ["migrate", str(path), "--to", "trl==1.16.0", *(["--pin-defaults"] if pin else [])]
    assert run_app([*words, "--write"]) in (0, 1)
    after = path.read_text(encoding="utf-8")
    try:
        before = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError):
        assert after == text
        return
    now = yaml.safe_load(after)
    untouched = {key: value for key, value in before.items() if key not in OLD and key not in ("loss_type", "loss_weights", "debug")}
    assert all(repr(now.get(key)) == repr(value) for key, value in untouched.items() if key in now)
    assert {line for line in text.splitlines() if line.startswith("#")} <= set(after.splitlines())
