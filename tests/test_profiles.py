"""The profiles: each checks clean, says where it is from, can be named as a reference, and is taken by the library that it is for."""

from __future__ import annotations

import importlib
import os
import re
from itertools import takewhile
from pathlib import Path
from typing import Any

import pytest
import yaml

from confguard.checking.pipeline import check
from confguard.checking.setting import Options
from confguard.project.project import Project
from confguard.project.reference import documents_of
from confguard.schemas.catalogue import CATALOGUE

ROOT = Path(__file__).parents[1]
FOLDERS = sorted(path for path in Path(CATALOGUE.profiles).iterdir() if path.is_dir() and path.name[0].isalpha())
FILES = {folder: sorted(path for path in folder.iterdir() if path.is_file()) for folder in FOLDERS}  # tiny has folders beside them
NATIVE = [file for folder in FOLDERS for file in FILES[folder] if folder.name not in ("reference", "tiny")]


def named(path: Path) -> str:
    return path.name if path in FOLDERS else f"{path.parent.name}/{path.name}"


def header(file: Path) -> str:
    """The comment that a file begins with."""
    lines = takewhile(lambda line: line.startswith("#"), file.read_text(encoding="utf-8").splitlines())
    return "\n".join(line.lstrip("# ") for line in lines)


@pytest.mark.parametrize("world_size", [None, 1])
@pytest.mark.parametrize("folder", FOLDERS, ids=named)
def test_clean(folder: Path, world_size: int | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    report = check([str(folder)], CATALOGUE, Options(world_size=world_size))
    assert report.problems == []
    assert [file.path for file in report.files if file.kind is None] == []
    assert len(report.files) == len(FILES[folder])
    assert [(finding.code, finding.message) for finding in report.findings if finding.severity != "info"] == []


@pytest.mark.parametrize("file", NATIVE, ids=named)
def test_kind_is_told_by_the_content(file: Path) -> None:
    assert [found.kind for found in check([str(file)], CATALOGUE).files] == [f"trl-{file.stem}"]


@pytest.mark.parametrize("folder", FOLDERS, ids=named)
def test_header_gives_source_and_date(folder: Path) -> None:
    headers = [header(file) for file in FILES[folder]]
    assert all("Source: " in text for text in headers)
    assert re.search(r"\b20\d\d-\d\d-\d\d\b", "\n".join(headers))


@pytest.mark.parametrize("file", NATIVE, ids=named)
def test_what_no_source_gives_is_marked(file: Path) -> None:
    assert '"Ours" is from no source.' in header(file)
    lines = file.read_text(encoding="utf-8").splitlines()
    assert all("# ours" in line for line in lines if line.startswith("output_dir:"))


@pytest.mark.parametrize("file", NATIVE, ids=named)
def test_completions_fill_groups_on_one_device(file: Path) -> None:
    values: dict[str, Any] = yaml.safe_load(file.read_text(encoding="utf-8"))
    if "num_generations" in values:
        size, steps = values["per_device_train_batch_size"], values.get("steps_per_generation", values["gradient_accumulation_steps"])
        generated = values.get("generation_batch_size", size * steps)
        assert generated % values["num_generations"] == 0
        assert generated % (size * values["gradient_accumulation_steps"]) == 0


@pytest.mark.parametrize("folder", FOLDERS, ids=named)
def test_is_a_reference(folder: Path) -> None:
    documents = documents_of(f"profile:{folder.name}", Project(root=str(ROOT)), CATALOGUE)
    assert [document.path for document in documents] == [f"profile:{named(file)}" for file in FILES[folder]]


def test_page_lists_each_profile_once() -> None:
    rows = re.findall(r"^\| `profile:([\w-]+)` \|", (ROOT / "docs" / "profiles.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert sorted(rows) == [folder.name for folder in FOLDERS]


@pytest.mark.parametrize("file", NATIVE, ids=named)
def test_trl_takes_it(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(os.environ, "HF_HUB_OFFLINE", "1")
    pytest.importorskip("peft")
    trl = pytest.importorskip("trl")
    release = tuple(map(int, trl.__version__.split(".")[:2]))
    if release < (1, 16):
        pytest.skip(f"the profiles are for TRL 1.16; this is {trl.__version__}")
    values = yaml.safe_load(file.read_text(encoding="utf-8"))
    parser = importlib.import_module(f"trl.scripts.{file.stem}").make_parser()
    _, training, model, _ = parser.parse_args_and_config(["--config", str(file), "--use_cpu"], fail_with_unknown_args=True)
    for key in values.keys() & vars(training).keys():
        assert getattr(training, key) == values[key], key
    adapter = trl.get_peft_config(model)
    assert (adapter is not None) == values.get("use_peft", False)
    if adapter is not None:
        assert (adapter.r, adapter.lora_alpha, adapter.lora_dropout) == (values["lora_r"], values["lora_alpha"], values["lora_dropout"])
        assert adapter.target_modules == "all-linear" or set(values["lora_target_modules"]) == adapter.target_modules
