"""Native files: what `trl <command> --config` reads, checked for a target; each row is one fault, or one good config."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from laid_over import laid_over
from native_rows import NATIVE, native_rows

from confguard.checking.pipeline import Report, check
from confguard.checking.setting import Options
from confguard.commands.aiming import parse_targets
from confguard.schemas.catalogue import CATALOGUE, RULES
from confguard.words.finding import Finding

KINDS = ("trl-grpo", "trl-rloo", "trl-sft", "trl-dpo", "trl-kto", "trl-reward")


@pytest.fixture(autouse=True)
def in_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def checked(kind: str, lines: str = "", target: list[str] | None = None, world_size: int | None = None) -> Report:
    text = (NATIVE / f"{kind}.yaml").read_text(encoding="utf-8")
    Path(f"{kind}.yaml").write_text(laid_over(lines, text), encoding="utf-8")
    return check([f"{kind}.yaml"], CATALOGUE, Options(target=parse_targets(target or ()), world_size=world_size))


def bad(report: Report) -> list[Finding]:
    return [finding for finding in report.findings if finding.severity != "info"]


@pytest.mark.parametrize("kind", KINDS)
def test_the_small_good_files_are_clean(kind: str) -> None:
    report = checked(kind)
    assert bad(report) == []
    assert [file.kind for file in report.files] == [kind]


@pytest.mark.parametrize("row", native_rows(), ids=lambda row: f"{row['code']}-{row['kind']}-{row['lines'][:40]}")
def test_row(row: dict[str, Any]) -> None:
    report = checked(row["kind"], row["lines"], row.get("target"), row.get("world_size"))
    assert [file.kind for file in report.files] == [row["kind"]]
    assert {finding.code for finding in report.findings}.isdisjoint(row.get("never", ()))
    if row["code"] is None:
        assert bad(report) == []
        return
    found = [finding for finding in report.findings if finding.code == row["code"]]
    assert found, [finding.code for finding in report.findings]
    if "key" in row:
        assert row["key"] in [finding.key for finding in found]
    if "fails" in row:
        assert found[0].fails == row["fails"]
    if "says" in row:
        assert row["says"] in f"{found[0].message} {found[0].help}"
    if found[0].severity != "info":
        assert {finding.code for finding in bad(report)} <= {row["code"], *row.get("also", ())}


def test_every_rule_of_the_rows_exists() -> None:
    assert {row["code"] for row in native_rows()} - {None} <= set(RULES)
