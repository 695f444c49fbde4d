"""Every command that the README and the pages of docs/ show prints today what they say it prints."""

from __future__ import annotations

import re
import shutil
from importlib.util import find_spec
from pathlib import Path

import pytest
from shown import BLOCK, HAS_TRL, PAGES, ROOT, run, shown, without_training

WITH_COMMANDS = [page for page in PAGES if shown(page.read_text(encoding="utf-8"))]


@pytest.mark.skipif(shutil.which("sh") is None, reason="the pages show a POSIX shell, and there is none here")
@pytest.mark.parametrize("page", WITH_COMMANDS, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_shown_output_is_real(page: Path) -> None:
    commands = shown(page.read_text(encoding="utf-8"))
    for item, printed in run(commands if HAS_TRL else without_training(commands)):
        assert item.prints(printed), f"$ {item.command}\n{printed}\n(python tests/shown.py {page.relative_to(ROOT)} writes it anew)"
    if not HAS_TRL and without_training(commands) != commands:
        pytest.skip("the rest trains, and TRL is not installed: pip install -e '.[train]'")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_nothing_shown_is_overlooked(page: Path) -> None:
    """A block that a shell could run is ```console, and is run; what is written otherwise says by ```text that it is not."""
    text = page.read_text(encoding="utf-8")
    for block in BLOCK.findall(text):
        assert block.startswith("$ "), block
    if page.name != "README.md":  # whose commands for a start are run by .ci/run
        assert not re.search(r"(?m)^```(?:sh|bash|shell)$", text)


@pytest.mark.skipif(find_spec("pty") is None or find_spec("fcntl") is None, reason="there is no terminal to record here")
def test_the_picture_is_what_a_terminal_shows_today() -> None:
    import record

    drawn = record.PICTURE.read_text(encoding="utf-8")
    assert drawn == record.picture(), "run python docs/record.py"
    assert len(drawn) < 100_000
    assert int(re.findall(r'width="(\d+)"', drawn)[0]) <= 900
    assert re.findall(r"https?://(?!www\.w3\.org/2000/svg)", drawn) == []


def test_the_figures_of_comparisons_are_those_of_the_benchmarks() -> None:
    figures = re.compile(r"(\d[\d.,]*)(?: \w+)? (ms|s|MiB)\b|(\d+\.\d+) of")
    said = [
        next(filter(None, (number, share)))
        for number, _, share in figures.findall((ROOT / "docs" / "comparisons.md").read_text(encoding="utf-8"))
    ]
    measured = (ROOT / "benchmarks" / "README.md").read_text(encoding="utf-8")
    assert len(said) > 30
    assert [number for number in said if not re.search(rf"(?<![\d.,]){re.escape(number)}(?![\d]|[.,]\d)", measured)] == []


def test_what_is_left_out_is_any_number_of_lines_and_nothing_else_is() -> None:
    [item] = shown("```console\n$ try\na\n...\nc\n```\n")
    assert [item.prints(text) for text in ("a\nc\n", "a\nb\nb\nc\n", "a\nb\n", "b\nc\n", "a\nc\nd\n")] == [True, True, False, False, False]
