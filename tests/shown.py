"""What pages show of a terminal, run again: each ```console block of the README and of docs/, its commands and all that they print.

A page's commands run one after the other in one folder, as its reader's would: a copy of the examples, so that they may write. `cd FOLDER`
holds for the rest of the page. A line of three dots in an output stands for lines that the page leaves out.

`python tests/shown.py [PAGE]...` writes into the pages what is printed today.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from itertools import takewhile
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
COPIED = ("examples", "tests/mission", "tests/audit/a-workflow-two", "tests/init/hydra-conf")
"""What the pages show commands on."""
BLOCK = re.compile(r"(?m)^```console\n(.*?)^```$", re.DOTALL)
HAS_TRL = find_spec("trl") is not None
_TRAINS = re.compile(r"\bconfguard train\b")
_COMMAND = re.compile(r"\$ ((?:.*\\\n)*.*)\n((?:(?!\$ ).*\n)*)")
_TRANSACTION = re.compile(r"\d{8}-\d{6}-[0-9a-f]{4}")
"""It begins with the time of its making."""


class Shown(NamedTuple):
    """One command on a page, and what the page says that it prints."""

    command: str
    output: str

    def prints(self, printed: str) -> bool:
        """Whether that is what was printed."""
        said, printed = (_TRANSACTION.sub("ID", text) for text in (self.output, printed))
        parts = [re.escape(part) for part in re.split(r"(?m)^\.\.\.\n", said)]
        return re.fullmatch(r"(?:.*\n)*".join(parts), printed) is not None


def shown(text: str) -> list[Shown]:
    """The commands of a page, in their order."""
    return [Shown(*found) for block in BLOCK.findall(text) for found in _COMMAND.findall(block)]


def without_training(commands: list[Shown]) -> list[Shown]:
    """The commands of a page down to the first that trains, on which the others may rest."""
    return list(takewhile(lambda item: not _TRAINS.search(item.command), commands))


def run(commands: list[Shown]) -> Iterator[tuple[Shown, str]]:
    """Run the commands of a page, and say of each what it printed."""
    with TemporaryDirectory() as folder:
        for name in COPIED:
            shutil.copytree(ROOT / name, Path(folder, "work", name), ignore=shutil.ignore_patterns(".confguard", "__pycache__"))
        environment = _environment(Path(folder, "bin"))
        here, code = Path(folder, "work"), 0
        for item in commands:
            if item.command.startswith("cd ") and "&" not in item.command:
                here = here / item.command.removeprefix("cd ")
                yield item, "" if here.is_dir() else f"no folder {here}\n"
                continue
            script = f"(exit {code})\n{item.command}"  # so that `echo $?` tells of the command before
            done = subprocess.run(
                ["sh", "-c", script], cwd=here, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
            )
            code = done.returncode
            yield item, done.stdout


def _environment(programs: Path) -> dict[str, str]:
    """The environment of a command: `confguard` is the one under test, and writes as to a terminal without colours."""
    programs.mkdir()
    program = programs / "confguard"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m confguard "$@"\n')
    program.chmod(0o755)
    return {
        **os.environ,
        "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
        "NO_COLOR": "1",
        "PYTHONUNBUFFERED": "1",
        "LC_ALL": "C.UTF-8",
    }


def written_anew(text: str) -> str:
    """A page with what its commands print today."""
    commands = shown(text)
    if without_training(commands) != commands and not HAS_TRL:
        return text
    printed = [said for _, said in run(commands)]
    told = iter(item if item.prints(said) else item._replace(output=said) for item, said in zip(commands, printed, strict=True))

    def anew(block: re.Match[str]) -> str:
        lines = (f"$ {item.command}\n{item.output}" for item in (next(told) for _ in _COMMAND.findall(block[1])))
        return "```console\n" + "".join(lines) + "```"

    return BLOCK.sub(anew, text)


def main(names: list[str]) -> None:
    """Write the pages that are named, or all, anew."""
    for page in [Path(name).resolve() for name in names] or PAGES:
        text = page.read_text(encoding="utf-8")
        page.write_text(written_anew(text), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
