"""Upgrades: a native file brought to another release; each row is a file before and after."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from native_rows import NATIVE

from confguard.cli import run_app
from confguard.document.document import Document

ROWS = yaml.safe_load((NATIVE / "upgrade.yaml").read_text(encoding="utf-8"))
FIRST = "# A run.\nmodel_name_or_path: a/b\ndataset_name: c/d\noutput_dir: runs/e\nlearning_rate: 1.0e-5\n"


@pytest.fixture(autouse=True)
def in_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def words(row: dict[str, Any]) -> list[str]:
    found = ["--to", row["to"]]
    if "from" in row:
        found += ["--from", row["from"]]
    for key in row.get("drop", ()):
        found += ["--drop", key]
    return [*found, "--pin-defaults"] if row.get("pin") else found


def file_of(row: dict[str, Any]) -> Path:
    folder = Path(row["kind"].removeprefix("trl-"))
    folder.mkdir(exist_ok=True)
    path = folder / "config.yaml"
    path.write_text(FIRST + row["before"] + "\n", encoding="utf-8")
    return path


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["name"])
def test_row(row: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    path = file_of(row)
    before = path.read_text(encoding="utf-8")
    run_app(["migrate", str(path), *words(row), "--write", "--format", "json"])
    plan = json.loads(capsys.readouterr().out)["files"][0]
    wanted = row["before"] if row["after"] is None else row["after"]
    assert path.read_text(encoding="utf-8") == FIRST + (wanted + "\n" if wanted else "")
    assert [edit["key"] for edit in plan["edits"] if edit["refused"]] == row.get("asks", [])
    assert set(row.get("moves", [])) <= {move["key"] for move in plan["moves"]}
    if before != path.read_text(encoding="utf-8"):
        run_app(["undo", str(path.parent)])
        assert path.read_text(encoding="utf-8") == before


@pytest.mark.parametrize("row", [row for row in ROWS if "origin" in row], ids=lambda row: row["name"])
def test_the_release_that_a_file_was_written_for(row: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    run_app(["migrate", str(file_of(row)), *words(row)])
    assert f"from trl {row['origin']}," in capsys.readouterr().out


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["name"])
def test_a_second_run_plans_nothing(row: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    path = file_of(row)
    run_app(["migrate", str(path), *words(row), "--write"])
    once = path.read_bytes()
    capsys.readouterr()
    run_app(["migrate", str(path), "--to", row["to"], "--format", "json"])
    edits = json.loads(capsys.readouterr().out)["files"][0]["edits"]
    assert [edit["key"] for edit in edits if edit["planned"]] == []
    assert path.read_bytes() == once


def test_no_comment_is_lost() -> None:
    lines = "# above\nmax_seq_length: 2048  # beside\n# between\nwarmup_ratio: 0.1  # a tenth\noverwrite_output_dir: true\n# end"
    path = file_of({"kind": "trl-sft", "before": lines})
    run_app(["migrate", str(path), "--to", "trl==1.16.0", "--write"])
    after = Document(str(path), path.read_bytes())
    comments = [after.text[start:end] for start, end in after.comments()]
    assert comments == ["# A run.", "# above", "# beside", "# between", "# a tenth", "# end"]


def test_a_comment_beside_what_goes_is_left_to_a_person(capsys: pytest.CaptureFixture[str]) -> None:
    path = file_of({"kind": "trl-sft", "before": "overwrite_output_dir: true  # start anew"})
    before = path.read_bytes()
    assert run_app(["migrate", str(path), "--to", "trl==1.16.0", "--write"]) == 1
    assert path.read_bytes() == before
    assert "start anew" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--to", "trl==0.11"], "confguard knows trl from"),
        (["--to", "trl==one"], "write trl==X"),
        (["--to", "trl==1.16.0", "--from", "1.0"], "write trl==X"),
        (["--to", "trl==1.16.0", "--drop", "nothing"], "no such key"),
        (["--to", "trl==1.16.0", "--keep", "seed"], "belongs to a migration to a reference"),
        (["--to", "profile:gspo", "--from", "trl==1.0"], "belong to an upgrade"),
        (["--to", "trl==1.16.0", "--from", "trl==0.14"], "was the file upgraded already"),
        (["--to", "trl==0.24", "--from", "trl==1.0"], "does not go back"),
    ],
)
def test_bad_usage(arguments: list[str], said: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    from confguard.__main__ import main

    path = file_of({"kind": "trl-sft", "before": "max_length: 512"})
    monkeypatch.setattr("sys.argv", ["confguard", "migrate", str(path), *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    assert said in capsys.readouterr().err
