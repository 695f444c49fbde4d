"""Writes `tables/`: each model as a plain shape, so that a check needs no Pydantic.

Run it when a model changes:

    python -m confguard.schemas.generate

A test fails while a table is not what its model says.
"""

from __future__ import annotations

import os
import types
from typing import Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from confguard.schemas.aflow import MODELS
from confguard.schemas.model import ConfigModel, Is, Section

HEADER = '''"""The shape of {kind}, made from `{model}` by `python -m confguard.schemas.generate`. Do not edit."""

from confguard.words.shape import Key, Shape

'''


def table(model: type[ConfigModel]) -> str:
    """The source text of a model's shape."""
    names: dict[str, str] = {}
    fields = _fields(model, "", names, 2)
    lines = [
        HEADER.format(kind=model.kind, model=f"{model.__module__}.{model.__qualname__}").rstrip() + "\n\n",
        "SHAPE = Shape(\n",
        f"    kind={model.kind!r},\n    title={model.title!r},\n    reader={model.reader!r},\n",
        f"    fields={fields},\n",
        f"    signature={model.signature!r},\n    enough={model.enough!r},\n    telltales={model.telltales!r},\n",
        f"    links={model.links!r},\n    names={names!r},\n    synonyms={model.synonyms!r},\n)\n",
    ]
    return "".join(lines)


def _fields(model: type[BaseModel], prefix: str, names: dict[str, str], depth: int) -> str:
    indent = "    " * depth
    rows = [f"{indent}{name!r}: {_key(field, prefix + name, names, depth)},\n" for name, field in model.model_fields.items()]
    return "{\n" + "".join(rows) + "    " * (depth - 1) + "}"


def _key(field: FieldInfo, path: str, names: dict[str, str], depth: int) -> str:
    mark = next((item for item in field.metadata if isinstance(item, Is)), None)
    if mark:
        names[mark.parameter] = path
    type_, section = _type(field.annotation)
    needed: Any = True if field.is_required() else (mark.unless if mark and mark.unless else False)
    arguments = [repr(type_)]
    if mark:
        arguments.append(f"parameter={mark.parameter!r}")
    if needed:
        arguments.append(f"needed={needed!r}")
    if section:
        below = path + (".*." if type_ == "each" else ".")
        arguments.append(f"fields={_fields(section, below, names, depth + 1)}")
    if not field.is_required() and field.default is not None:
        arguments.append(f"default={field.default!r}")
    return f"Key({', '.join(arguments)})"


def _type(annotation: Any) -> tuple[str, type[Section] | None]:
    """The shape's name for a field's type, and the section it holds."""
    members = [item for item in get_args(annotation) if item is not type(None)]
    if get_origin(annotation) in (Union, types.UnionType):
        if len(members) == 1:
            return _type(members[0])
        return " | ".join(_type(member)[0] for member in members), None
    if annotation is Any:
        return "any", None
    if get_origin(annotation) is Literal:
        return "one of " + "|".join(members), None
    if get_origin(annotation) is list:
        return f"list[{members[0].__name__}]", None
    if get_origin(annotation) is dict:
        inner, section = _type(members[1])
        return ("each", section) if section else (f"map[{inner}]", None)
    if isinstance(annotation, type) and issubclass(annotation, Section):
        return "section", annotation
    assert isinstance(annotation, type)
    return annotation.__name__, None


def path_of(model: type[ConfigModel]) -> str:
    """Where a model's table lies."""
    return os.path.join(os.path.dirname(os.path.abspath(__file__)), "tables", model.kind.replace("-", "_") + ".py")


def main() -> None:
    """Write every table."""
    for model in MODELS:
        with open(path_of(model), "w", encoding="utf-8") as file:
            file.write(table(model))


if __name__ == "__main__":
    main()
