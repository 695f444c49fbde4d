"""Parsers of the command line, and those that fill dataclasses from a config."""

from __future__ import annotations

import ast

from confguard.audit.elements import elements
from confguard.audit.fields import external_names, fields_of, made
from confguard.audit.loading import loaded
from confguard.audit.machine import Arguments, Frame
from confguard.audit.values import (
    ANYTHING,
    LIBRARY,
    UNKNOWN,
    Bound,
    Class,
    External,
    Items,
    Node,
    Parser,
    Table,
    Values,
    join,
)


def argument_parser(frame: Frame, arguments: Arguments, node: ast.AST) -> Values:
    """`argparse.ArgumentParser()`."""
    key = ("parser", node, tuple(frame.machine.stack[-2:]))
    parser = frame.machine.libraries.parsers.setdefault(key, Parser(frame.machine.branches))
    parser.is_sparse = "argument_default" in arguments.keywords
    return (parser,)


def data_parser(frame: Frame, arguments: Arguments, node: ast.AST) -> Values:
    """`HfArgumentParser((A, B))`, `TrlParser((A, B))`: an object that makes one of each."""
    given = arguments.get(0, "dataclass_types")
    classes: list[Values] = []
    for value in given:
        classes += elements(frame, value)[0] or [(value,)]
    return (Bound(External("dataclass parser"), ((Items((), classes),),)),)


def parsed_file(frame: Frame, arguments: Arguments, node: ast.AST) -> Values:
    """`parser.parse_yaml_file(path)`, `parser.parse_args_and_config()`."""
    return _objects(frame, arguments, loaded(frame, arguments.get(1, "yaml_file") or arguments.get(1, "json_file") or ANYTHING, node), node)


def parsed_mapping(frame: Frame, arguments: Arguments, node: ast.AST) -> Values:
    """`parser.parse_dict(section)`."""
    return _objects(frame, arguments, arguments.get(1, "args"), node)


def _objects(frame: Frame, arguments: Arguments, data: Values, node: ast.AST) -> Values:
    """One object of each class; keys of none of the code's classes are for those of libraries."""
    classes = next((value for value in arguments.get(0) if isinstance(value, Items)), Items(()))
    site = frame.site(node)
    own = [value for values in classes.items for value in values if isinstance(value, Class)]
    foreign = [name for values in classes.items for name in external_names(values)]
    foreign += [name for class_ in own for name in class_.foreign()]
    known = {field.name for class_ in own for field in fields_of(class_)}
    for value in data:
        if isinstance(value, Node) and foreign:
            for child in value.children():
                if child.path[-1] not in known:
                    frame.machine.pass_on(child, site, " or ".join(dict.fromkeys(foreign)))
    made_of: list[Values] = []
    for values in classes.items:
        objects = [
            join(*[made(frame, value, one, node) for one in data if isinstance(one, (Node, Table))])
            for value in values
            if isinstance(value, Class)
        ]
        made_of.append(join(*objects) or _library_object(data))
    return (Items(frame.machine.branches, made_of),)


def _library_object(data: Values) -> Values:
    """The object of a library's dataclass: what is read of it by name is read of the config."""
    return (UNKNOWN, *[Node(value.config, value.path, value.copy, LIBRARY) for value in data if isinstance(value, Node)])
