"""Two documents of one kind as rows, compared by meaning: 5e-5 is 0.00005, modules are a set, an explicit default is no difference."""

from __future__ import annotations

from typing import Any

from confguard.diff.row import DRIFT, GONE, NEW, SAME, Row
from confguard.document.document import Document, data
from confguard.words.shape import Key, Shape, fits


def compare(reference: Document, current: Document, shape: Shape, identity: frozenset[str]) -> list[Row]:
    """The rows of two documents, in the order of the current one, then what only the reference has."""
    theirs, ours = _leaves(reference, shape), _leaves(current, shape)
    parameters = {path: parameter for parameter, path in shape.names.items()}
    defaults = _defaults(shape.fields)
    rows = []
    for key in (*ours, *(key for key in theirs if key not in ours)):
        parameter = parameters.get(key)
        before, now = theirs.get(key, defaults.get(key)), ours.get(key, defaults.get(key))
        if before is None and key not in theirs:
            status = NEW
        elif now is None and key not in ours:
            status = GONE
        else:
            status = SAME if _meaning(before, parameter) == _meaning(now, parameter) else DRIFT
        rows.append(Row(current.path, key, parameter, before, now, status, parameter in identity))
    return rows


def _meaning(value: Any, parameter: str | None) -> Any:
    """A value in a form in which equal means the same."""
    if parameter == "lora_target_modules" and value is not None:
        names = value.split(",") if isinstance(value, str) else value
        return {str(name).strip() for name in names}
    return (type(value), value) if isinstance(value, (bool, str)) else value


def _leaves(document: Document, shape: Shape) -> dict[str, Any]:
    """The values of a document by dotted path; a list is one value."""
    leaves: dict[str, Any] = {}
    if document.root is not None:
        _collect(data(document.root, shape.reader), "", leaves)
    return leaves


def _collect(value: Any, path: str, leaves: dict[str, Any]) -> None:
    if isinstance(value, dict) and value:
        for name, item in value.items():
            _collect(item, f"{path}.{name}" if path else str(name), leaves)
    else:
        leaves[path] = _number(value)


def _number(value: Any) -> Any:
    """A number that a reader took for a string (`2e-5` under YAML 1.1) as the number that was meant."""
    if isinstance(value, str) and value[:1] in "+-.0123456789" and not fits(Key("float"), value):
        from confguard.document.scalars import plain_12

        meant = plain_12(value)
        return meant if isinstance(meant, float) and "e" in value.lower() else value
    return value


def _defaults(fields: dict[str, Key], prefix: str = "") -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, key in fields.items():
        if key.default is not None:
            found[prefix + name] = key.default
        if key.fields and key.type == "section":
            found.update(_defaults(key.fields, f"{prefix}{name}."))
    return found
