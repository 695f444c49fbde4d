"""What a shell offers, as bash asks for it."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

# what is typed | something that is offered | something that is not
OFFERED = """
confguard expl                              | explain                  | check
confguard explain LORA00                    | LORA006                  | BATCH005
confguard explain lora-                     | lora-rank-differs        | run-name-lies
confguard explain learning_r                | learning_rate            | lora_alpha
confguard check --select LORA001,BATC       | LORA001,BATCH005         | LORA006
confguard check --ignore SCHED              | SCHED004                 | BATCH005
confguard check --set lora_al               | lora_alpha=              | lora_alpha
confguard check --reference prof            | profile:reference        | config/
confguard check --format sa                 | sarif                    | json
confguard diff ours                         | ours-of-may              | profile:reference
confguard diff profile:reference con        | config/                  | profile:reference
confguard diff profile:reference config/t   | config/training.yaml     | config/notes.txt
confguard diff profile:reference config/    | config/training.yaml     | config/notes.txt
confguard migrate config --to trl-          | trl-grpo                 | profile:reference
confguard migrate config --to trl=          | trl==                    | trl-grpo
confguard migrate config --to x --keep lora | lora_r=                  | lora_r
confguard waive wandb.                      | wandb.run_name           | lora_rank
confguard train profile:                    | profile:tiny             | config/
confguard check --show-s                    | --show-settings          | --fix
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "config").mkdir()
    for name in ("training.yaml", "notes.txt"):
        (tmp_path / "config" / name).touch()
    (tmp_path / "config" / "loop").symlink_to("loop")
    (tmp_path / "confguard.yaml").write_text('references: {ours-of-may: "profile:reference"}\n')
    return tmp_path


PROGRAM = Path(sys.executable).with_name("confguard")


@pytest.fixture(scope="module")
def script(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `confguard --show-completion` gives to bash."""
    env = {**os.environ, "_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION": "1"}
    shown = subprocess.run([PROGRAM, "--show-completion", "bash"], capture_output=True, text=True, check=True, env=env).stdout
    path = tmp_path_factory.mktemp("bash") / "script"
    path.write_text(shown)
    return path


@pytest.mark.parametrize("row", OFFERED.strip().splitlines(), ids=lambda row: row.split(" |")[0].strip())
def test_offered(row: str, folder: Path, script: Path) -> None:
    """bash takes words apart at colons and equals signs, and puts what is offered in the place of the last part."""
    typed, offered, not_offered = (cell.strip() for cell in row.split("|"))
    words = [part for word in typed.split() for part in re.split("([:=]+)", word) if part]
    before = typed.split()[-1].removesuffix("" if words[-1][0] in ":=" else words[-1])
    quoted = " ".join(map(shlex.quote, words))
    asked = f"source {script}; COMP_WORDS=({quoted}); COMP_CWORD={len(words) - 1}; _confguard_completion confguard; printf '%s\\n' \"${{COMPREPLY[@]}}\""
    env = {**os.environ, "PATH": f"{PROGRAM.parent}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run(["bash", "-c", asked], capture_output=True, text=True, check=False, cwd=folder, env=env)
    found = [before + name if words[-1] != typed.split()[-1] else name for name in done.stdout.splitlines()]
    assert any(name.startswith(offered) for name in found), (found[:20], done.stderr)
    assert not_offered not in found
