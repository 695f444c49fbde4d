"""Silent drift: one file under two releases, and each harmful change of a default appears with the release that moved it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from native_rows import NATIVE

from confguard.cli import run_app
from confguard.schemas.releases.table import releases

ROWS = yaml.safe_load((NATIVE / "drift.yaml").read_text(encoding="utf-8"))
SMALL = "model_name_or_path: a/b\ndataset_name: c/d\noutput_dir: runs/e\nlearning_rate: 1.0e-5\n"


def drifts(kind: str, lines: str, before: str, after: str, capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    folder = Path(kind.removeprefix("trl-"))
    folder.mkdir(exist_ok=True)
    file = folder / "config.yaml"
    file.write_text(SMALL + lines + "\n", encoding="utf-8")
    sides = [word for name, side in (("--reference-target", before), ("--current-target", after)) for word in (name, side)]
    run_app(["diff", str(file), str(file), "--format", "json", "--exit-zero", *sides])
    rows: list[dict[str, Any]] = json.loads(capsys.readouterr().out)["rows"]
    return rows


@pytest.fixture(autouse=True)
def in_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row['n']}-{row['kind']}-{row['key']}-{row['to']}")
def test_a_harmful_drift_appears(row: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    found = {item["key"]: item for item in drifts(row["kind"], row.get("lines", ""), row["from"], row["to"], capsys)}
    assert row["key"] in found, list(found)
    item = found[row["key"]]
    assert (item["reference"], item["current"]) == (row["before"], row["after"])
    assert row["says"] in item["note"]


def test_all_fifteen_are_there() -> None:
    assert {row["n"] for row in ROWS} == set(range(1, 16))


@settings(max_examples=25, deadline=None)
@given(st.sampled_from(releases("trl")), st.sampled_from(["trl-grpo", "trl-sft", "trl-dpo", "trl-kto", "trl-reward", "trl-rloo"]))
def test_a_release_does_not_drift_from_itself(release: str, kind: str) -> None:
    from confguard.commands.aiming import parse_targets
    from confguard.diffing.compare import compare
    from confguard.document.document import Document
    from confguard.document.fit import fitted
    from confguard.project.project import Project
    from confguard.project.target import aim_of
    from confguard.schemas.catalogue import CATALOGUE

    light = CATALOGUE.shape(kind)
    assert light is not None
    assert light.at is not None
    shape = light.at(aim_of(Project("", asked_target=dict(parse_targets([f"trl=={release}"]))), CATALOGUE).target)
    side = fitted(Document("config.yaml", SMALL.encode()), shape)
    assert [row for row in compare(side, side, CATALOGUE) if row.status != "same"] == []


@pytest.mark.parametrize(
    ("lines", "told"),
    [("warmup_ratio: 0.1", [(0.1, 0)]), ("warmup_ratio: 0.1\nwarmup_steps: 50", []), ("warmup_steps: 50", [])],
)
def test_a_warm_up_is_the_share_that_an_old_file_gives(lines: str, told: list[Any], capsys: pytest.CaptureFixture[str]) -> None:
    """`warmup_ratio` is gone since transformers 5.15; until then it counts where no steps are given."""
    rows = drifts("trl-grpo", f"max_steps: 100\n{lines}", "trl==0.17", "trl==1.16.0", capsys)
    assert [(row["reference"], row["current"]) for row in rows if (row["kind"], row["key"]) == ("derived", "warmup_ratio")] == told
