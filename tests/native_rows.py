"""The cases of native files: lines laid over the small good file of a kind, and what is to be found."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

NATIVE = Path(__file__).parent / "cases" / "native"
TABLES = ("keys", "arguments", "methods", "seen")


def native_rows() -> list[dict[str, Any]]:
    """Every row: `kind`, `lines`, `code` (null where nothing may be found at error or warning level), perhaps `key`, `target`, `world_size`, `never`."""
    rows: list[dict[str, Any]] = []
    for table in TABLES:
        rows += yaml.safe_load((NATIVE / f"{table}.yaml").read_text(encoding="utf-8"))
    return rows
