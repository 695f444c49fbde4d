"""The examples of rules, tried: each laid over whole configs, and checked as the command line would.

The tests hold each rule to its examples with this, and the site shows what `confguard check` says of them.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from typer.main import get_command

from confguard.checking.pipeline import Report, check
from confguard.checking.setting import Options
from confguard.cli import app
from confguard.commands.aiming import parse_targets
from confguard.schemas.catalogue import CATALOGUE
from confguard.words.rule import Example, Rule

PROFILE = Path(CATALOGUE.profiles) / "reference"
NATIVE = Path(__file__).parents[1] / "tests" / "cases" / "native"
TRAINING, EXECUTOR = "config/training.yaml", "config/aflow_llm.yaml"
WHOLE = {
    TRAINING: PROFILE / "training.yaml",
    EXECUTOR: PROFILE / "aflow_llm.yaml",
    **{path.name.removeprefix("trl-"): path for path in NATIVE.glob("trl-*.yaml")},
}
"""The whole configs that examples are laid over, by the paths that these have; a file of any other path stands as it is."""
_CHECK: Any = getattr(get_command(app), "commands", {})["check"]


def file_of(rule: Rule) -> str:
    """The path of an example that is lines of one config: the reference profile's, or that of the rule's first kind."""
    native = [kind.removeprefix("trl-") for kind in rule.kinds if kind.startswith("trl-")]
    return f"{native[0]}.yaml" if native else TRAINING


def asked(rule: Rule) -> list[str]:
    """What a check of a rule's examples is asked: its flags, and the config where that is one; else the whole folder is checked."""
    return [*rule.flags.split(), *([file_of(rule)] if isinstance(rule.bad, str) else [])]


def checked(rule: Rule, example: Example, select: tuple[str, ...] = ()) -> Report:
    """What a check says of an example of a rule."""
    words = _CHECK.make_context("check", asked(rule)).params
    paths = words["paths"] or ["."]
    options = Options(
        select=select, reference=words["reference"], target=parse_targets(words["target"] or ()), world_size=words["world_size"]
    )
    with _working_folder() as folder:
        for path, text in _files(rule, example).items():
            (folder / path).parent.mkdir(exist_ok=True)
            (folder / path).write_bytes(text)
        return check(paths, CATALOGUE, options.for_paths(paths))


def _files(rule: Rule, example: Example) -> dict[str, bytes]:
    """The files that an example comes to; a training and its executor are always both there."""
    said: dict[str, str | bytes] = {**rule.beside, **({file_of(rule): example} if isinstance(example, str) else example)}
    pair = {TRAINING: "", EXECUTOR: ""} if {TRAINING, EXECUTOR} & said.keys() else {}
    return {path: text if isinstance(text, bytes) else _whole(path, text).encode() for path, text in {**pair, **said}.items()}


def _whole(path: str, lines: str) -> str:
    return laid_over(lines, WHOLE[path].read_text(encoding="utf-8")) if path in WHOLE else lines + "\n"


def laid_over(example: str, text: str) -> str:
    """A config with the top-level blocks of an example in place of its own."""
    blocks = re.split(r"^(?=[^\s#-])", example, flags=re.MULTILINE)
    rest = [block for block in blocks[1:] if not block.startswith("---")]
    first = blocks[0]  # comments before the first key
    for block in rest:
        key = re.escape(re.split(r":|\s", block, maxsplit=1)[0])
        found = re.search(rf"^{key}:.*\n(?:[ ]+.*\n)*", text, flags=re.MULTILINE)
        whole = first + block.rstrip("\n") + "\n"
        first = ""
        if found and found.group().rstrip("\n") not in example.replace(block, ""):
            text = text[: found.start()] + whole + text[found.end() :]
        else:
            text += whole
    return text + example[example.index("---") :] if "\n---" in example else text


@contextmanager
def _working_folder() -> Iterator[Path]:
    """A new folder that is the working folder meanwhile: a message names its files as seen from there."""
    before = os.getcwd()
    with TemporaryDirectory() as folder:
        os.chdir(folder)
        try:
            yield Path(folder)
        finally:
            os.chdir(before)
