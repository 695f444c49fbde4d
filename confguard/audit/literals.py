"""The literal that values are, where they are one."""

from __future__ import annotations

from typing import Any

from confguard.audit.places import ABSENT
from confguard.audit.values import Const, Fallback, Items, Table, Values


def is_empty_table(values: Values) -> bool:
    """Whether a default is an empty mapping, and nothing else."""
    return bool(values) and all(isinstance(value, Table) and not value.entries and not value.rest for value in values)


MOST_NESTED = 6
"""Levels of a literal; a container that is in itself has no end."""


def literal(values: Values, depth: int = 0) -> Any:
    """The literal that values are; `ABSENT` where they are none, or several."""
    plain = [value for value in values if not isinstance(value, Fallback)]
    if len(plain) != 1 or depth > MOST_NESTED:
        return ABSENT
    value = plain[0]
    if isinstance(value, Const):
        return value.value
    if isinstance(value, Items) and not value.rest:
        items = [literal(item, depth + 1) for item in value.items]
        return ABSENT if any(item is ABSENT for item in items) else items
    if isinstance(value, Table) and not value.rest:
        entries = {key: literal(item, depth + 1) for key, item in value.entries.items()}
        return ABSENT if any(item is ABSENT for item in entries.values()) else entries
    return ABSENT
