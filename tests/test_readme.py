"""What the README says is so; what it shows is run in test_shown.py."""

from __future__ import annotations

import re
from pathlib import Path

import yaml
from shown import shown

from confguard.schemas.catalogue import RULES

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_there_is_something_shown() -> None:
    assert len(shown(README)) == 5
    for text in (README, (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")):
        assert re.findall(r"(\d+) rules", text) == [str(len(RULES))]


def test_pages_it_links_to_are_there() -> None:
    for link in re.findall(r"\]\(([\w./-]+)\)", README):
        assert (ROOT / link).is_file(), link


def test_the_two_commands_are_what_ci_runs() -> None:
    commands = re.findall(r"^python3 -m venv .*$", README, re.MULTILINE)
    ci = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert len(commands) == 2
    for command in commands:
        assert command in ci


def test_the_hook_is_the_one_that_is_there() -> None:
    hooks = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    assert [hook["id"] for hook in hooks] == re.findall(r"- id: ([\w-]+)", README)
