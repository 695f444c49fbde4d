"""All rows, by their kind: read off the tables, in which they stand by library and topic."""

from __future__ import annotations

from confguard.schemas.migrations import transformers, trl_grpo, trl_preference, trl_rloo, trl_script, trl_sft, trl_trainers
from confguard.schemas.migrations.row import MeaningChanged, Removed, Renamed, Row, ValueRenamed

TABLES = (trl_trainers, trl_grpo, trl_rloo, trl_sft, trl_preference, trl_script, transformers)
"""Of PEFT there is none: no field of its LoraConfig has vanished."""
_FOUND: list[Row] = [row for table in TABLES for row in table.ROWS]

RENAMED = tuple(row for row in _FOUND if isinstance(row, Renamed))
REMOVED = tuple(row for row in _FOUND if isinstance(row, Removed))
VALUES = tuple(row for row in _FOUND if isinstance(row, ValueRenamed))
MEANINGS = tuple(row for row in _FOUND if isinstance(row, MeaningChanged))
ROWS: tuple[Row, ...] = (*RENAMED, *REMOVED, *VALUES, *MEANINGS)
"""In the order in which an upgrade goes through the rows of one release."""
