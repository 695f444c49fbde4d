"""The examples of rules, tried: laid over a whole config, and checked where its executor lies beside it.

The tests hold each rule to its examples with this, and the site shows what `confguard check` says of them.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from confguard.checking.pipeline import Report, check
from confguard.checking.setting import Options
from confguard.schemas.catalogue import CATALOGUE
from confguard.words.rule import Rule

PROFILE = Path(CATALOGUE.profiles) / "reference"
NATIVE = Path(__file__).parents[1] / "tests" / "cases" / "native"
FILE = "config/training.yaml"


def base_of(rule: Rule) -> Path:
    """What the examples of a rule are laid over: the reference profile, or the small file of its first kind."""
    native = [kind for kind in rule.kinds if kind.startswith("trl-")]
    return NATIVE / f"{native[0]}.yaml" if native else PROFILE / "training.yaml"


def laid_over(example: str, base: Path = PROFILE / "training.yaml") -> str:
    """The reference profile, or another file, with the top-level blocks of an example in place of its own."""
    text = base.read_text(encoding="utf-8")
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


def checked(text: str, options: Options = Options()) -> Report:
    """What a check says of a config that stands alone, with the reference's executor beside it."""
    with _working_folder() as folder:
        (folder / FILE).parent.mkdir()
        (folder / FILE).write_text(text, encoding="utf-8")
        (folder / FILE).with_name("aflow_llm.yaml").write_bytes((PROFILE / "aflow_llm.yaml").read_bytes())
        return check([FILE], CATALOGUE, options)


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
