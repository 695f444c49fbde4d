"""Parsers of the command line, and those that fill dataclasses from a config."""

from __future__ import annotations

import ast

from confguard.audit.elements import elements
from confguard.audit.fields import external_names, fields_of, made
from confguard.audit.library.names import Handler, named
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


def _argument_parser(frame: Frame, arguments: Arguments, node: ast.AST) -> Values:
    key = ("parser", node, tuple(frame.machine.stack[-2:]))
    parser = frame.machine.libraries.parsers.setdefault(key, Parser(frame.machine.branches))
    parser.is_sparse = "argument_default" in arguments.keywords
    return (parser,)


def _data_parser(frame: Frame, arguments: Arguments, node: ast.AST) -> Values:
    """`HfArgumentParser((A, B))`, `TrlParser((A, B))`: an object that makes one of each."""
    given = arguments.get(0, "dataclass_types")
    classes: list[Values] = []
    for value in given:
        classes += elements(frame, value)[0] or [(value,)]
    return (Bound(External("dataclass parser"), ((Items((), classes),),)),)


def _parsed(kind: str) -> Handler:
    def parse(frame: Frame, arguments: Arguments, node: ast.AST) -> Values:
        classes = next((value for value in arguments.get(0) if isinstance(value, Items)), Items(()))
        if kind == "dict":
            data = arguments.get(1, "args")
        else:
            data = loaded(frame, arguments.get(1, "yaml_file") or arguments.get(1, "json_file") or ANYTHING, node)
        return _objects(frame, classes, data, node)

    return parse


def _objects(frame: Frame, classes: Items, data: Values, node: ast.AST) -> Values:
    """One object of each class; keys of none of the code's classes are for those of libraries."""
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


CALLS: dict[str, Handler] = {
    **named(_argument_parser, "argparse.ArgumentParser ArgumentParser configargparse.ArgumentParser configargparse.ArgParser"),
    **named(_data_parser, "transformers.HfArgumentParser trl.TrlParser TrlParser HfArgumentParser H4ArgumentParser"),
    "dataclass parser.parse_args_and_config": _parsed("load"),
    "dataclass parser.parse_args_into_dataclasses": _parsed("load"),
    "dataclass parser.parse": _parsed("load"),
    "dataclass parser.parse_yaml_file": _parsed("load"),
    "dataclass parser.parse_json_file": _parsed("load"),
    "dataclass parser.parse_dict": _parsed("dict"),
}
