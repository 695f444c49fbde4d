"""The scripts of `tests/hostile/` as modules, and what the tests that use them share."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path
from types import ModuleType

HERE = Path(__file__).parent / "hostile"


def _module(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"hostile_{name}", HERE / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


make, box = _module("make"), _module("box")


def removed(*paths: Path) -> None:
    """Remove what a case has made: folders without rights, and nested deeper than Python recurses."""
    subprocess.run(["chmod", "-R", "u+rwX", *paths], check=False, capture_output=True)
    subprocess.run(["rm", "-rf", *paths], check=True)
