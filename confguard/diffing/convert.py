"""A file as one of another kind, so that files of two kinds can be compared, or one be made from the other."""

from __future__ import annotations

import json

from confguard.document.document import Document
from confguard.document.fit import Fitted, fitted
from confguard.words.catalogue import Catalogue
from confguard.words.conversion import Conversion, Left
from confguard.words.shape import Shape
from confguard.words.typing import Any


def conversion_of(source: str | None, target: str | None, catalogue: Catalogue) -> Conversion | None:
    """The conversion from one kind to another; None where there is none."""
    return next((found for found in catalogue.conversions() if (found.source, found.target) == (source, target)), None)


def as_kind(side: Fitted, shape: Shape, catalogue: Catalogue) -> tuple[Fitted, list[Left]] | None:
    """A file as one of another kind, and what has no place there; None where it cannot be converted."""
    found = conversion_of(side.kind, shape.kind, catalogue)
    if found is None or side.recipe is None:
        return None
    keys, left = found.convert(side.recipe)
    return fitted(Document(side.document.path, _text(keys).encode()), shape), left


def _text(keys: dict[str, Any]) -> str:
    """Keys and values as YAML that no person reads: JSON is YAML."""
    return "".join(f"{key}: {json.dumps(value, ensure_ascii=False)}\n" for key, value in keys.items())
