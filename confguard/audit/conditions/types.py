"""`isinstance(value, types)`: which types the values of the code and of the configs have."""

from __future__ import annotations

import ast

from confguard.audit.conditions.decision import OPEN, Decision
from confguard.audit.keys import CONTENT
from confguard.audit.machine import Frame
from confguard.audit.places import ABSENT
from confguard.audit.values import (
    Bound,
    Class,
    Const,
    External,
    Function,
    Instance,
    Items,
    ModuleValue,
    Node,
    Table,
    Value,
    Values,
    without_tags,
)

MOST_NESTED = 4
"""Tuples of types within tuples."""


def is_instance(frame: Frame, test: ast.Call) -> Decision:
    """Whether something is of any of some types."""
    values = without_tags(frame.eval(test.args[0]))
    wanted = _flat(frame.eval(test.args[1]))
    found = {_is_one_of(one, wanted) for one in values}
    return Decision(found.pop()) if len(found) == 1 else OPEN


def _flat(values: Values, depth: int = 0) -> list[Value]:
    """Values, and those in tuples of them."""
    found: list[Value] = []
    for value in values:
        found += _flat(value.any_item(), depth + 1) if isinstance(value, Items) and depth < MOST_NESTED else [value]
    return found


def _is_one_of(value: Value, wanted: list[Value]) -> bool | None:
    if isinstance(value, Instance):
        return _is_object_of(value, wanted)
    names = _names_of(value)
    if names is None or not all(isinstance(one, (External, Class)) for one in wanted):
        return None
    return any(isinstance(one, External) and one.name.rpartition(".")[2] in names for one in wanted)


def _is_object_of(instance: Instance, wanted: list[Value]) -> bool | None:
    """Whether an object of the code is of a class of the code; one that is a mapping, whether what is in it is of a type."""
    classes = {one for one in wanted if isinstance(one, Class)}
    if classes:
        return any(one in classes for one in instance.class_.lineage())
    content = instance.attributes.get(CONTENT)
    if content:
        return _is_one_of(content[0], wanted)
    return None if instance.class_.foreign() else False


_MAPPING = {
    "dict",
    "Mapping",
    "MutableMapping",
    "DictConfig",
    "OrderedDict",
    "CommentedMap",
    "Namespace",
    "SimpleNamespace",
    "Munch",
    "EasyDict",
    "Box",
}
_SEQUENCE = {"list", "tuple", "Sequence", "ListConfig", "Iterable", "CommentedSeq", "set"}
_CALLABLE = {"Callable", "type", "ModuleType"}
_BOOL = {"bool", "int", "Number", "Integral"}


_NAMES: dict[type[Value], set[str]] = {
    Table: _MAPPING,
    Items: _SEQUENCE,
    Function: _CALLABLE,
    Class: _CALLABLE,
    Bound: _CALLABLE,
    ModuleValue: _CALLABLE,
}


def _names_of(value: Value) -> set[str] | None:
    """The names of the types that a value is an instance of; None where that is not known."""
    if isinstance(value, Const):
        return _names_of_data(value.value)
    if isinstance(value, Node):
        return _MAPPING if value.data is ABSENT else _names_of_data(value.data)
    if isinstance(value, External):
        return None if "(" in value.name else _CALLABLE  # what a call gives can be anything
    return _NAMES.get(type(value))


def _names_of_data(data: object) -> set[str]:
    if isinstance(data, dict):
        return _MAPPING
    if isinstance(data, list):
        return _SEQUENCE
    return _BOOL if isinstance(data, bool) else {type(data).__name__, "Number", "Real"}
