"""The rooms and their arrows, as docs/architecture.md draws them, read from the imports of the code."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

# A room may import itself and the rooms named here; the rooms below are listed first.
ARROWS = {
    "words": (),
    "document": ("words",),
    "project": ("words", "document"),
    "edit": ("words", "document"),
    "audit": ("words", "document"),
    "checking": ("words", "document", "project", "audit"),
    "diffing": ("words", "document"),
    "init": ("words", "document", "project", "edit", "audit"),
    "transaction": (),
    "migrate": ("words", "document", "project", "edit", "checking", "diffing"),
    "review": ("words", "document", "project", "checking"),
    "report": ("words", "document", "project", "audit", "checking", "diffing", "migrate", "review", "init"),
    "profiles": (),
    "schemas": ("words", "profiles"),
    "server": ("words", "document", "project", "edit", "checking", "diffing", "migrate", "report", "schemas"),
    "commands": (
        "words",
        "document",
        "project",
        "edit",
        "transaction",
        "audit",
        "checking",
        "diffing",
        "migrate",
        "review",
        "init",
        "report",
        "schemas",
        "server",
        "trainer",
    ),
    "api": ("words", "document", "project", "checking", "diffing", "migrate", "edit", "commands", "schemas"),
    "cli": ("words", "checking", "commands"),
    "__main__": ("words", "checking", "commands", "cli"),
    "trainer": ("schemas", "words"),
}
LIBRARIES = {
    "yaml": ("document",),
    "ruamel": ("document",),
    "deepdiff": ("diffing",),
    "rich": ("report",),
    "typer": ("cli",),
    "pygls": ("server",),
    "lsprotocol": ("server",),
    "pydantic": ("schemas",),
    "pydantic_core": ("schemas",),
    **dict.fromkeys(("torch", "transformers", "trl", "peft", "datasets", "accelerate"), ("trainer",)),
}
HEAVY = ("torch", "transformers", "trl", "peft", "pygls", "lsprotocol", "confguard.server")


def room_of(path: Path) -> str:
    parts = path.relative_to(ROOT).parts
    if parts[0] == "confguard":
        return parts[1].removesuffix(".py")
    return parts[0]


def sources() -> list[Path]:
    folders = ("confguard", "schemas", "trainer", "profiles")
    found = [path for folder in folders for path in (ROOT / folder).rglob("*.py")]
    return sorted({path.resolve() for path in found if path.name != "__init__.py" or path.parent.name != "confguard"})


def imports(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: a relative import"
            module = str(node.module)
            found |= {f"confguard.{alias.name}" for alias in node.names} if module == "confguard" else {module}
    return found


@pytest.mark.parametrize("path", sources(), ids=lambda path: str(path.relative_to(ROOT)))
def test_arrows_go_one_way(path: Path) -> None:
    room = room_of(path)
    for module in imports(path):
        parts = module.split(".")
        if parts[0] == "confguard" and len(parts) > 1 and not parts[1].startswith("__version"):
            assert parts[1] == room or parts[1] in ARROWS[room], f"{room} may not import {module}"
        assert room in LIBRARIES.get(parts[0], (room,)), f"{room} may not import {parts[0]}"


def test_every_room_is_on_the_plan() -> None:
    assert {room_of(path) for path in sources()} == set(ARROWS)
    plan = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    for room in ARROWS:
        assert room in plan


def loaded(command: str) -> set[str]:
    """The modules that a command has loaded when it ends."""
    code = f"import sys\nsys.argv = ['confguard', *{command.split()!r}]\nfrom confguard.__main__ import main\ntry:\n    main()\nexcept SystemExit:\n    pass\nprint(*sys.modules, file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    return set(done.stderr.splitlines()[-1].split())


@pytest.mark.parametrize(
    "command",
    [
        "check tests/mission/before",
        "diff profile:reference tests/mission/before/config",
        "report profile:reference tests/mission/before/config --format html",
        "explain LORA001",
        "check --format json tests/mission",
        "check --diff tests/mission/before",
        "migrate tests/mission/before/config --to profile:reference",
        "schema trl-grpo",
    ],
)
def test_commands_load_nothing_heavy(command: str) -> None:
    assert not loaded(command).intersection(HEAVY)


def test_a_diff_that_is_no_terminal_is_light() -> None:
    modules = loaded("diff profile:reference tests/mission/before/config")
    assert "confguard.diffing.comparison" in modules
    assert not modules.intersection(["pydantic", "typer", "rich", "ruamel.yaml", "deepdiff", "dataclasses", "inspect", "json"])


@pytest.mark.parametrize("state", ["before", "after"])
def test_the_hot_path_is_light(state: str) -> None:
    """What a hook runs loads neither Pydantic nor typer, nor anything else that costs more than the check."""
    modules = loaded(
        f"check tests/mission/{state}/config/training.yaml tests/mission/{state}/config/aflow_llm.yaml profiles/grpo-dapo/grpo.yaml"
    )
    assert "confguard.checking.pipeline" in modules
    assert not modules.intersection(
        [
            "pydantic",
            "typer",
            "rich",
            "ruamel.yaml",
            "deepdiff",
            "dataclasses",
            "inspect",
            "argparse",
            "json",
            "difflib",
            "typing",
            "yaml.reader",
            "confguard.schemas.json_schema",
        ]
    )
