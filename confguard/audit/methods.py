"""Methods of what is no object of the code: of a config, a container, a text, a file, a parser of the command line."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from typing import Any

from confguard.audit import hydra
from confguard.audit.attributes import DUMPS
from confguard.audit.elements import elements
from confguard.audit.keys import item
from confguard.audit.literals import is_empty_table
from confguard.audit.loading import loaded
from confguard.audit.machine import Arguments, Frame
from confguard.audit.merging import merge_into, merge_one_of
from confguard.audit.parsing import parser_method
from confguard.audit.places import Site
from confguard.audit.texts import concatenated
from confguard.audit.values import (
    ANYTHING,
    CHOICE,
    NONE,
    Const,
    Dumped,
    File,
    Instance,
    Items,
    Method,
    Node,
    Parser,
    Table,
    Text,
    Value,
    Values,
    join,
    several,
    text_of,
)
from confguard.audit.writing import set_item

_Method = Callable[[Frame, Any, Arguments, ast.AST], Values]


def call(frame: Frame, method: Method, arguments: Arguments, node: ast.AST) -> Values:
    """What a method gives."""
    for kind, table in _METHODS:
        if isinstance(method.of, kind):
            handler = table.get(method.name)
            if handler is not None:
                return handler(frame, method.of, arguments, node)
            break
    if isinstance(method.of, Instance) and method.name in DUMPS:
        dumped = Table(frame.machine.branches, dict(method.of.attributes))
        dumped.stands_for = dict(method.of.stands_for)
        return (dumped,)
    if isinstance(method.of, Instance):
        for _, values in arguments.each():
            frame.machine.use_all(values, frame.site(node), f".{method.name}()")
        return (method.of,)
    if isinstance(method.of, Parser):
        return parser_method(frame, method.of, method.name, arguments, node)
    return _unnamed(frame, method, arguments, node)


def _unnamed(frame: Frame, method: Method, arguments: Arguments, node: ast.AST) -> Values:
    """A method that nothing is known of, of a value that it reads."""
    site = frame.site(node)
    of = method.of
    if isinstance(of, Node) and of.is_section:
        frame.machine.unclear(of, site, f".{method.name}() is asked of it")
    else:
        frame.machine.use((of,), site)
    for _, values in arguments.each():
        frame.machine.use_all(values, site, f".{method.name}()")
    if method.name == "format":
        _fill_text(frame, of, arguments, site)
    if isinstance(of, Const) and isinstance(of.value, str):
        return _of_text(of, method.name, arguments)
    if isinstance(of, Node) and isinstance(of.data, str):
        return _of_text(Const(of.data), method.name, arguments)
    return (of,) if isinstance(of, File) else ANYTHING


def _fill_text(frame: Frame, of: Value, arguments: Arguments, site: Site) -> None:
    """`"{user}@{host}".format(**section)`: the names in the text are read."""
    names = set(re.findall(r"\{(\w+)", text_of(of) or ""))
    for section in arguments.spread:
        for child in section.children():
            if not names or child.path[-1] in names:
                frame.machine.see_named(child, site)
                frame.machine.use_all((child,), site)


# --- mappings: sections of a config, and those that the code makes ---


def _get(frame: Frame, of: Value, arguments: Arguments, node: ast.AST) -> Values:
    default = arguments.get(1, "default") or (NONE,)
    first = node.args[0] if isinstance(node, ast.Call) and node.args else None
    return item(frame, of, arguments.get(0, "key"), frame.asked_at(node, first), default)


def _pop(frame: Frame, of: Value, arguments: Arguments, node: ast.AST) -> Values:
    default = arguments.get(1, "default") or None
    found = item(frame, of, arguments.get(0), frame.site(node), default)
    if isinstance(of, Table) and frame.machine.surely(of) and not frame.machine.mode.impossible:
        for key in arguments.get(0):
            if isinstance(key, Const) and isinstance(key.value, str) and of.entries.pop(key.value, None) is not None:
                frame.machine.epoch += 1
    return found


def _getitem(frame: Frame, of: Value, arguments: Arguments, node: ast.AST) -> Values:
    return item(frame, of, arguments.get(0), frame.site(node))


def _setitem(frame: Frame, of: Value, arguments: Arguments, node: ast.AST) -> Values:
    set_item(frame, of, arguments.get(0), arguments.get(1), frame.site(node))
    return ()


def _setdefault(frame: Frame, of: Value, arguments: Arguments, node: ast.AST) -> Values:
    key, default = arguments.get(0), arguments.get(1) or (NONE,)
    if is_empty_table(default) and isinstance(of, Node) and any(not isinstance(one, (Const, Node)) for one in key):
        below = [Node(child.config, child.path, child.copy, CHOICE) for child in of.children() if child.is_section]
        return (*below, Table(frame.machine.branches))  # a way down to where something is written
    found = item(frame, of, key, frame.site(node), default)
    for one in key:
        if not _has(of, one.value) if isinstance(one, Const) else isinstance(of, Table):
            set_item(frame, of, (one,), found or default, frame.site(node))
    return found


def _has(of: Value, name: Any) -> bool:
    if isinstance(of, Node):
        return isinstance(of.data, dict) and name in of.data
    return isinstance(of, Table) and name in of.entries


def pairs(frame: Frame, of: Value) -> list[tuple[Values, Values]] | None:
    """The keys and values of a mapping; None where they are not all known."""
    if isinstance(of, Node):
        return [((key,), values) for key, values in frame.machine.children(of)]
    if isinstance(of, Table) and not of.rest:
        section = next(iter(of.stands_for), None)
        return [((Const(name, section),), values) for name, values in list(of.entries.items())]
    return None


def _items(frame: Frame, of: Value, arguments: Arguments, node: ast.AST) -> Values:
    born = frame.machine.branches
    found = pairs(frame, of)
    if found is None:
        every = join(*of.entries.values(), of.rest) if isinstance(of, Table) else ANYTHING
        return (Items(born, rest=(Items(born, [ANYTHING, every]),)),)
    return (Items(born, [(Items(born, [key, values]),) for key, values in found]),)


def _values(frame: Frame, of: Value, arguments: Arguments, node: ast.AST) -> Values:
    found = pairs(frame, of)
    if found is None:
        return (Items(frame.machine.branches, rest=join(*of.entries.values(), of.rest) if isinstance(of, Table) else ANYTHING),)
    return (Items(frame.machine.branches, [values for _, values in found]),)


def _keys(frame: Frame, of: Value, arguments: Arguments, node: ast.AST) -> Values:
    items, any_item = elements(frame, of)
    return (Items(frame.machine.branches, items or (), any_item if items is None else ()),)


def _update(frame: Frame, of: Value, arguments: Arguments, node: ast.AST) -> Values:
    given = Table(frame.machine.branches)
    for values in arguments.positional:
        merge_one_of(frame, given, values)
    more = Table(frame.machine.branches, dict(arguments.keywords))
    for section in arguments.spread:
        merge_into(frame, more, section)
    merge_into(frame, given, more)
    with frame.machine.branch(doubtful=any(several(values) for values in arguments.positional)):
        _lay(frame, of, given, node)
    return ()


def _lay(frame: Frame, of: Value, given: Table, node: ast.AST) -> None:
    if isinstance(of, Table):
        merge_into(frame, of, given)
    elif isinstance(of, Node):
        for name, values in given.entries.items():
            with frame.machine.branch(doubtful=name in given.maybe):
                set_item(frame, of, (Const(name),), values, frame.site(node))


def _merge_from_file(frame: Frame, of: Value, arguments: Arguments, node: ast.AST) -> Values:
    """yacs: a file is laid over the defaults of the code."""
    for section in loaded(frame, arguments.get(0), node):
        if isinstance(of, Table):
            hydra.lay_over(frame, of, section, is_alternative=True)
    return ()


def copied(frame: Frame, of: Value, node: ast.AST) -> Values:
    """A copy: what is written into it does not change what it was copied from."""
    machine = frame.machine
    if isinstance(of, Node) and of.is_section:
        key = ("copy", node, of.copy, tuple(machine.stack[-3:]))
        number = machine.copies.number(key)
        machine.copies.origins.setdefault(number, machine.copies.origins.get(of.copy, ()))
        machine.copies.births.setdefault(number, machine.branches)
        laid = machine.copies.laid.get(of.config, {})
        for (path, copy), over in list(laid.items()):
            if copy == of.copy:
                laid.setdefault((path, number), dict(over))
        for (config, path, copy), written in list(machine.overlay.items()):
            if config is of.config and copy == of.copy:
                machine.overlay.setdefault((config, path, number), written)
        return (Node(of.config, of.path, number, of.doubt),)
    if isinstance(of, Table):
        made = Table(machine.branches, dict(of.entries), of.rest)
        made.stands_for = dict(of.stands_for)
        return (made,)
    return (Items(machine.branches, of.items, of.rest),) if isinstance(of, Items) else (of,)


def _copy(frame: Frame, of: Value, arguments: Arguments, node: ast.AST) -> Values:
    return copied(frame, of, node)


def _same(frame: Frame, of: Value, arguments: Arguments, node: ast.AST) -> Values:
    return (of,)


def _nothing(frame: Frame, of: Value, arguments: Arguments, node: ast.AST) -> Values:
    for _, values in arguments.each():
        frame.machine.use(values, frame.site(node))
    return ANYTHING


_MAPPING: dict[str, _Method] = {
    "get": _get,
    "pop": _pop,
    "__getitem__": _getitem,
    "__setitem__": _setitem,
    "setdefault": _setdefault,
    "items": _items,
    "values": _values,
    "keys": _keys,
    "__iter__": _keys,
    "update": _update,
    "merge_from_dict": _update,
    "merge_from_file": _merge_from_file,
    "copy": _copy,
    "clone": _copy,
    **dict.fromkeys(("to_dict", "toDict", "as_dict", "dict", "model_dump"), _same),
    **dict.fromkeys(("clear", "freeze", "defrost", "__contains__", "__len__", "popitem", "merge_from_list"), _nothing),
}


# --- lists ---


def _append(frame: Frame, of: Items, arguments: Arguments, node: ast.AST) -> Values:
    machine = frame.machine
    if machine.mode.impossible:
        return ()
    values = arguments.get(0)
    if machine.surely(of) and not of.rest and len(of.items) < MOST_PARTS:
        of.items.append(values)
        machine.epoch += 1
    elif join(of.rest, values) != of.rest:
        of.rest = join(of.rest, values)
        machine.epoch += 1
    return ()


def _extend(frame: Frame, of: Items, arguments: Arguments, node: ast.AST) -> Values:
    added = join(*[elements(frame, value)[1] for value in arguments.get(0)])
    of.rest = join(of.rest, added)
    frame.machine.epoch += 1
    return ()


def _take(frame: Frame, of: Items, arguments: Arguments, node: ast.AST) -> Values:
    return of.any_item()


_LIST: dict[str, _Method] = {
    "append": _append,
    "add": _append,
    "appendleft": _append,
    "put": _append,
    "put_nowait": _append,
    "insert": _extend,
    "extend": _extend,
    "update": _extend,
    "pop": _take,
    "popleft": _take,
    "get": _take,
    "get_nowait": _take,
    "copy": _copy,
    "items": _same,
    **dict.fromkeys(("sort", "reverse", "index", "count", "remove", "clear", "task_done", "join", "qsize", "empty"), _nothing),
    **dict.fromkeys(("union", "intersection", "difference"), _same),
}


# --- texts, files, what was dumped ---

_KEEPS_THE_TEXT = frozenset(
    [
        "strip",
        "rstrip",
        "lstrip",
        "lower",
        "upper",
        "resolve",
        "absolute",
        "expanduser",
        "as_posix",
        "__str__",
        "format",
        "decode",
        "encode",
        "casefold",
    ]
)
MOST_PARTS = 40


def _of_text(of: Const, name: str, arguments: Arguments) -> Values:
    text = str(of.value)
    given = [text_of(values[0]) if len(values) == 1 else None for values in arguments.positional]
    plain = [one for one in given if one is not None]
    if name in ("split", "rsplit", "partition", "rpartition") and len(plain) == len(given) <= 1:
        if name == "split" or name == "rsplit":
            parts = getattr(text, name)(*plain)[:MOST_PARTS]
        elif plain:
            parts = list(getattr(text, name)(*plain))
        else:
            return ANYTHING
        return (Items((), [(Const(part),) for part in parts]),)
    if name in ("replace", "removeprefix", "removesuffix", "lower", "upper", "strip", "lstrip", "rstrip", "title", "casefold") and len(
        plain
    ) == len(given):
        try:
            return (Const(getattr(text, name)(*plain), of.of),)
        except TypeError:
            return ANYTHING
    if name == "join":
        return _text_joined(text, arguments.get(0))
    if name in ("startswith", "endswith", "isupper", "islower", "isidentifier") and len(plain) == len(given):
        return (Const(bool(getattr(text, name)(*plain)), of.of),)
    if name == "format":
        return ANYTHING if "{" in text else (of,)
    return (of,) if name in _KEEPS_THE_TEXT else _of_path(text, name, given)


def _text_joined(text: str, values: Values) -> Values:
    if len(values) == 1 and isinstance(values[0], Items) and not values[0].rest and values[0].items:
        parts: list[Values] = []
        for item in values[0].items:
            parts += [item, (Const(text),)]
        return concatenated(parts[:-1])
    return ANYTHING


def _of_path(text: str, name: str, given: list[str | None]) -> Values:
    """Methods of a path, which is a text here."""
    if name == "joinpath":
        return concatenated([(Const(text),), *[part for one in given for part in ((Const("/"),), (Const(one),) if one else ANYTHING)]])
    if name == "with_name" and given and given[0]:
        return (Const(text.rpartition("/")[0] + "/" + given[0]),)
    if name == "with_suffix" and given and given[0] is not None:
        return (Const(text.rpartition(".")[0] + given[0]),)
    if name in ("open", "read_text", "read_bytes", "read"):
        return (File((Const(text),)),)
    if name in ("glob", "rglob", "iterdir"):
        return (Items((), rest=(Text(text + "/", (given[0] or "").rpartition("*")[2] if given else ""),)),)
    return ANYTHING


def _opened(frame: Frame, of: Value, arguments: Arguments, node: ast.AST) -> Values:
    return (of,) if isinstance(of, File) else (File((of,)),)


def _written(frame: Frame, of: Value, arguments: Arguments, node: ast.AST) -> Values:
    with frame.machine.log():
        for _, values in arguments.each():
            frame.machine.use_all(values, frame.site(node))
    return ANYTHING


def _file_as_path(frame: Frame, of: File, arguments: Arguments, node: ast.AST) -> Values:
    for _, values in arguments.each():
        frame.machine.use(values, frame.site(node))
    return (of,)


_FILE: dict[str, _Method] = {
    **dict.fromkeys(("read", "open", "read_text", "read_bytes", "readlines", "__enter__"), _opened),
    **dict.fromkeys(("write", "writelines", "write_text", "write_bytes"), _written),
    **dict.fromkeys(
        ("substitute", "safe_substitute", "replace", "format", "render", "strip", "decode", "resolve", "absolute"), _file_as_path
    ),
}
_TEXT: dict[str, _Method] = {
    **dict.fromkeys(("open", "read_text", "read_bytes"), _opened),
    **dict.fromkeys(("write_text", "write_bytes"), _written),
    **dict.fromkeys(("resolve", "absolute", "expanduser", "as_posix", "strip"), _same),
}


def _dumped(frame: Frame, of: Any, arguments: Arguments, node: ast.AST) -> Values:
    return (of,)


_DUMPED: dict[str, _Method] = dict.fromkeys(("encode", "decode", "strip", "replace"), _dumped)
_METHODS: list[tuple[Any, dict[str, _Method]]] = [
    (Node, _MAPPING),
    (Table, _MAPPING),
    (Items, _LIST),
    (File, _FILE),
    (Text, _TEXT),
    (Dumped, _DUMPED),
]
