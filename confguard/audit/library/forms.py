"""The same config in another form: wrappers, copies, merges, objects."""

from __future__ import annotations

import ast
from typing import Any

from confguard.audit import hydra
from confguard.audit.attributes import attribute
from confguard.audit.copying import copied
from confguard.audit.elements import elements
from confguard.audit.fields import has_fields, made
from confguard.audit.keys import CONTENT, item
from confguard.audit.machine import Arguments, Frame
from confguard.audit.merging import merge_into, merge_one_of
from confguard.audit.methods.objects import as_table
from confguard.audit.values import (
    ANYTHING,
    NONE,
    Class,
    Const,
    Dumped,
    Instance,
    Items,
    Node,
    Table,
    Values,
    join,
    several,
    text_of,
)
from confguard.audit.writing import set_item


def same(frame: Frame, arguments: Arguments, node: ast.AST) -> Values:
    """Wrappers that leave a config what it is."""
    if arguments.spread or arguments.keywords:
        return namespace(frame, arguments, node)
    given = arguments.get(0) or (Table(frame.machine.branches),)
    return join(*[_as_dict(frame, value, node) if isinstance(value, Items) else (value,) for value in given])


def namespace(frame: Frame, arguments: Arguments, node: ast.AST) -> Values:
    """`SimpleNamespace(**section)`, `argparse.Namespace(key=value)`."""
    table = Table(frame.machine.branches)
    for values in arguments.positional:
        merge_one_of(frame, table, values)
    for name, values in arguments.keywords.items():
        table.entries[name] = values
    for section in arguments.spread:
        merge_into(frame, table, section)
    table.stands_for.update(arguments.stands_for)
    if arguments.open:
        table.rest = ANYTHING
    return (table,)


def copy(frame: Frame, arguments: Arguments, node: ast.AST) -> Values:
    """`copy.deepcopy(section)`."""
    return join(*[copied(frame, value, node) for value in arguments.get(0)])


def dict_(frame: Frame, arguments: Arguments, node: ast.AST) -> Values:
    """`dict(section, key=value)`."""
    if not arguments.positional:
        return namespace(frame, arguments, node)
    made: list[Values] = []
    for value in arguments.get(0):
        content = value.attributes.get(CONTENT, ()) if isinstance(value, Instance) else (value,)
        made += [_as_dict(frame, one, node) for one in content]
    for table in (one for values in made for one in values):
        for name, values in arguments.keywords.items():
            set_item(frame, table, (Const(name),), values, frame.site(node))
        for section in arguments.spread:
            if isinstance(table, Table):
                merge_into(frame, table, section)
    return join(*made)


def defaultdict(frame: Frame, arguments: Arguments, node: ast.AST) -> Values:
    """`defaultdict(list, section)`."""
    rest = Arguments(arguments.positional[1:], arguments.keywords)
    rest.spread, rest.stands_for, rest.open = arguments.spread, arguments.stands_for, arguments.open
    return dict_(frame, rest, node)


def _as_dict(frame: Frame, value: Any, node: ast.AST) -> Values:
    if isinstance(value, (Node, Table)):
        return copied(frame, value, node)
    table = Table(frame.machine.branches)
    items, every = elements(frame, value)
    for pair in every if items is None else (pair for values in items for pair in values):
        if isinstance(pair, Items) and len(pair.items) == 2:
            set_item(frame, table, pair.items[0], pair.items[1], frame.site(node))
    if items is None:
        table.rest = join(table.rest, ANYTHING)
    return (table,)


def merge(frame: Frame, arguments: Arguments, node: ast.AST) -> Values:
    """`OmegaConf.merge`: later ones lie over earlier ones; over a structured one they fill its fields."""
    first = arguments.get(0)
    structured = [value for value in first if isinstance(value, Instance) and has_fields(value.class_)]
    table = Table(frame.machine.branches)
    for values in arguments.positional:
        for value in values:
            hydra.lay_over(frame, table, value, is_alternative=several(values))
    if structured:
        return join(*[made(frame, value.class_, table, node) for value in structured])
    return (table,)


def structured(frame: Frame, arguments: Arguments, node: ast.AST) -> Values:
    """`OmegaConf.structured(C)`: an object of the class, with its defaults."""
    return join(*[frame.call((value,), Arguments(), node) if isinstance(value, Class) else (value,) for value in arguments.get(0)])


def select(frame: Frame, arguments: Arguments, node: ast.AST) -> Values:
    """`OmegaConf.select(cfg, "a.b", default=...)`."""
    site = frame.site(node)
    default = arguments.get(3, "default") or (NONE,)
    found: list[Values] = []
    for name in arguments.get(1, "key"):
        parts = (text_of(name) or "").split(".")
        values = arguments.get(0)
        for index, part in enumerate(parts):
            rules = default if index == len(parts) - 1 else (Table(()),)
            values = join(*[item(frame, value, (Const(part),), site, rules) for value in values])
        found.append(values)
    return join(*found) or ANYTHING


def from_dict(frame: Frame, arguments: Arguments, node: ast.AST) -> Values:
    """`dacite.from_dict(C, data)`, `cattrs.structure(data, C)`."""
    given = [value for _, values in arguments.each() for value in values]
    classes = [value for value in given if isinstance(value, Class)]
    data = [value for value in given if isinstance(value, (Node, Table))]
    return join(*[made(frame, class_, one, node) for class_ in classes for one in data]) or ANYTHING


def asdict(frame: Frame, arguments: Arguments, node: ast.AST) -> Values:
    """`dataclasses.asdict(object)`."""
    return join([as_table(frame, value) if isinstance(value, Instance) else value for value in arguments.get(0)])


def vars_(frame: Frame, arguments: Arguments, node: ast.AST) -> Values:
    """`vars(object)`: what its `__dict__` is."""
    if not arguments.positional:
        return ANYTHING
    return join(*[attribute(frame, value, "__dict__", frame.site(node)) for value in arguments.get(0)])


def convert(frame: Frame, arguments: Arguments, node: ast.AST) -> Values:
    """`int(x)`, `float(x)`: the same value in another type."""
    values = arguments.get(0)
    for value in values:
        if isinstance(value, Node) and value.is_section:
            return (Dumped((value,)),)
    return values or ANYTHING


def as_text(frame: Frame, arguments: Arguments, node: ast.AST) -> Values:
    """`str(x)`: of a section, a text of all of it."""
    return join(
        *[
            (Dumped((value,)),) if isinstance(value, (Table, Instance)) or (isinstance(value, Node) and value.is_section) else (value,)
            for value in arguments.get(0)
        ]
    )
