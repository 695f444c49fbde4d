"""What is made by a script is fresh, and what is said twice is the same."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from typing import Any

import pytest

import confguard
from confguard.document.document import Document
from confguard.project.reading import SHAPE as PROJECT
from confguard.schemas.aflow import MODELS
from confguard.schemas.catalogue import SHAPES
from confguard.schemas.generate import path_of, table
from confguard.schemas.model import ConfigModel

ROOT = Path(__file__).parents[1]
PYPROJECT = (ROOT / "pyproject.toml").read_text(encoding="utf-8")


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.kind)
def test_tables_are_what_their_models_say(model: type[ConfigModel]) -> None:
    assert Path(path_of(model)).read_text(encoding="utf-8") == table(model), "run python -m confguard.schemas.generate"


def test_every_model_is_in_the_catalogue() -> None:
    assert [model.kind for model in MODELS] == [shape.kind for shape in SHAPES if shape.at is None]


def pages() -> dict[str, Any]:
    spec = importlib.util.spec_from_file_location("docs_make", ROOT / "docs" / "make.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    found: dict[str, Any] = module.PAGES
    return found


@pytest.mark.parametrize("name", ["rules.md", "parameters.md", "norms.md", "derived.md"])
def test_pages_are_what_the_code_says(name: str) -> None:
    assert (ROOT / "docs" / name).read_text(encoding="utf-8") == pages()[name](), "run python docs/make.py"


def test_the_wheel_has_every_package() -> None:
    """An editable install hides a package that pyproject.toml does not list; a wheel does not."""
    listed = set(re.findall(r'^    "(confguard[\w.]*)",$', PYPROJECT, re.MULTILINE))
    there = {"confguard", "confguard.schemas", "confguard.trainer", "confguard.profiles"}
    for top, name in (("confguard", "confguard"), ("schemas", "confguard.schemas"), ("trainer", "confguard.trainer")):
        for init in (ROOT / top).rglob("__init__.py"):
            if not any(part.is_symlink() for part in init.parents if part != ROOT and ROOT in part.parents):
                there.add(".".join([name, *init.parent.relative_to(ROOT / top).parts]))
    assert listed == there


def test_one_version() -> None:
    """It stands in `confguard/words/version.py`; the change log and every page that names a revision of the hooks or the action say the same."""
    assert f"\n## {confguard.__version__}" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    pages_ = [(ROOT / "README.md"), *(ROOT / "docs").glob("*.md")]
    named = {found for page in pages_ for found in re.findall(r"(?:rev: |confguard@)v([\d.]+)", page.read_text(encoding="utf-8"))}
    assert named == {confguard.__version__}


def test_the_documented_project_file_is_one() -> None:
    """Every part of the project file is in docs/project-file.md, and its example is read without a word."""
    page = (ROOT / "docs" / "project-file.md").read_text(encoding="utf-8")
    for key in PROJECT.fields:
        assert f"`{key}`" in page
    example = re.search(r"```yaml\n(.*?)```", page, re.DOTALL)
    assert example is not None
    assert list(Document("confguard.yaml", example[1].encode()).faults()) == []
