"""Methods of an `argparse.ArgumentParser`: its options and their defaults."""

from __future__ import annotations

import ast

from confguard.audit.machine import Arguments, Frame
from confguard.audit.values import ANYTHING, NONE, Const, Fallback, Items, Parser, Table, Values, join


def add(frame: Frame, parser: Parser, arguments: Arguments, node: ast.AST) -> Values:
    """`parser.add_argument("--name", default=...)`."""
    names = [
        value.value for values in arguments.positional for value in values if isinstance(value, Const) and isinstance(value.value, str)
    ]
    given = arguments.keywords.get("dest", ())
    name = next((value.value for value in given if isinstance(value, Const)), None) or _destination(names)
    if name is None:
        return ANYTHING
    action = next((value.value for value in arguments.keywords.get("action", ()) if isinstance(value, Const)), None)
    default = arguments.keywords.get("default", (Const(action == "store_false"),) if str(action).startswith("store_") else (NONE,))
    required = any(isinstance(value, Const) and value.value for value in arguments.keywords.get("required", ()))
    old = parser.options.get(name, ()) if not frame.machine.surely(parser) else ()
    parser.options[name] = join(old, ANYTHING, () if required or not (names and names[0].startswith("-")) else default)
    frame.machine.epoch += 1
    return ANYTHING


def _destination(names: list[str]) -> str | None:
    long = next((name for name in names if name.startswith("--")), names[0] if names else None)
    return long.lstrip("-").replace("-", "_") if long else None


def set_defaults(frame: Frame, parser: Parser, arguments: Arguments, node: ast.AST) -> Values:
    """`parser.set_defaults(**section)`."""
    for name, values in arguments.keywords.items():
        parser.options[name] = join(ANYTHING, values)
    for section in (*arguments.spread, *arguments.stands_for):
        parser.stands_for[section] = None
        for key, values in frame.machine.children(section):
            parser.options[str(key.value)] = join(ANYTHING, values)
    frame.machine.epoch += 1
    return ANYTHING


def parse(frame: Frame, parser: Parser, arguments: Arguments, node: ast.AST) -> Values:
    """`parser.parse_args()`."""
    return (_namespace(frame, parser),)


def parse_known(frame: Frame, parser: Parser, arguments: Arguments, node: ast.AST) -> Values:
    """`parser.parse_known_args()`: with a list of what is left."""
    return (Items((), [(_namespace(frame, parser),), ANYTHING]),)


def _namespace(frame: Frame, parser: Parser) -> Table:
    key = ("namespace", id(parser))
    table: Table = frame.machine.libraries.tables.setdefault(key, Table(frame.machine.branches))
    table.stands_for.update(parser.stands_for)
    for name, values in parser.options.items():
        if parser.is_sparse:
            table.maybe.add(name)
        table.entries[name] = tuple(value for value in values if not isinstance(value, Fallback))
    return table
