"""Good configs, as real projects write them: no error, no warning, whatever their bytes look like."""

from __future__ import annotations

from pathlib import Path

import pytest

from confguard.checking.pipeline import check
from confguard.schemas.catalogue import CATALOGUE

HERE = Path(__file__).parent
GOOD = sorted((HERE / "cases" / "good").glob("*.yaml"))
MISSION = sorted((HERE / "mission").glob("[ar]*/config/*.yaml"))

DRESSES = {
    "as it is": lambda text: text.encode(),
    "byte order mark": lambda text: b"\xef\xbb\xbf" + text.encode(),
    "CRLF": lambda text: text.replace("\n", "\r\n").encode(),
    "no final newline": lambda text: text.rstrip("\n").encode(),
    "document markers": lambda text: b"---\n" + text.encode(),
    "trailing blanks": lambda text: text.replace("\n", "  \n").encode(),
    "Chinese comments": lambda text: text.replace("#", "# 配置：").encode(),
}


@pytest.mark.parametrize("dress", DRESSES)
@pytest.mark.parametrize("path", [*GOOD, *MISSION], ids=lambda path: f"{path.parents[1].name}/{path.name}")
def test_good_config_is_clean(path: Path, dress: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "config").mkdir()
    executor = HERE / "mission" / "after" / "config" / "aflow_llm.yaml"
    (tmp_path / "config" / "aflow_llm.yaml").write_bytes(executor.read_bytes())
    (tmp_path / "any name.yaml").write_bytes(DRESSES[dress](path.read_text(encoding="utf-8")))
    report = check(["any name.yaml"], CATALOGUE)
    assert report.files[0].kind is not None
    assert [(finding.code, finding.message) for finding in report.findings if finding.severity != "info"] == []


@pytest.mark.parametrize("path", GOOD, ids=lambda path: path.name)
def test_our_own_good_configs_give_no_info_either(path: Path) -> None:
    assert [(finding.code, finding.message) for finding in check([str(path)], CATALOGUE).findings] == []
