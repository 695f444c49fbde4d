"""The parameters of a function that is followed: what the call gives each, what the sections of a `**` have for it, its default."""

from __future__ import annotations

import ast

from confguard.audit import signatures
from confguard.audit.called.options import option
from confguard.audit.contents import above
from confguard.audit.literals import literal
from confguard.audit.machine import Arguments, Frame
from confguard.audit.merging import merge_into
from confguard.audit.places import ABSENT, Site
from confguard.audit.values import ANYTHING, Function, Items, Node, Table, Values, join

Names = dict[str, Values]


def bind(frame: Frame, callee: Function, arguments: Arguments, node: ast.AST) -> Names:
    """The parameters by name, with their values."""
    spec = callee.node.args
    names, count = signatures.names(spec), len(signatures.positional(spec))
    bound: Names = dict(zip(names[:count], arguments.positional, strict=False))
    left = _by_name(frame, bound, names, count, arguments, node)
    _from_sections(frame, bound, names, arguments, node)
    _by_default(frame, bound, callee, names, arguments)
    if spec.vararg is not None:
        bound[spec.vararg.arg] = (Items(frame.machine.branches, arguments.positional[count:], arguments.rest),)
    if spec.kwarg is not None:
        bound[spec.kwarg.arg] = (_left_over(frame, bound, left, arguments),)
    return bound


def _by_name(frame: Frame, bound: Names, names: list[str], count: int, arguments: Arguments, node: ast.AST) -> Names:
    """Give parameters the keywords of their names, and the first ones what a `*` of unknown length may have; the keywords that are left."""
    left = dict(arguments.keywords)
    for index, name in enumerate(names):
        if name in bound:
            continue
        if name in left:
            bound[name] = left.pop(name)
            for value in bound[name] if arguments.stands_for else ():
                if isinstance(value, Node) and above(value) in arguments.stands_for:
                    frame.machine.see_named(value, frame.site(node))
        elif arguments.rest and index < count:
            bound[name] = arguments.rest
    return left


def _from_sections(frame: Frame, bound: Names, names: list[str], arguments: Arguments, node: ast.AST) -> None:
    given = set(bound)
    for section in arguments.spread:  # several are several configs that it may be
        data = section.data
        for name in names:
            if name not in given and isinstance(data, dict) and name in data:
                child = section.child(name)
                frame.machine.see_named(child, frame.site(node))
                bound[name] = join(bound.get(name, ()), frame.machine.at(child))


def _by_default(frame: Frame, bound: Names, callee: Function, names: list[str], arguments: Arguments) -> None:
    defaults = signatures.defaults(callee.node.args)
    site = frame.site(callee.node)._replace(file=callee.module.path)
    for name in names:
        if name not in bound:
            values = _default(frame, callee, name, defaults.get(name), arguments, site)
            bound[name] = join(values, ANYTHING) if arguments.open or arguments.rest else values
        elif name in arguments.keywords:
            _instead_of_key(frame, name, bound[name], arguments, site)


def _instead_of_key(frame: Frame, name: str, values: Values, arguments: Arguments, site: Site) -> None:
    """A literal that the code gives by a name which the section beside it could have, and has not: the code's own value rules."""
    for section in arguments.stands_for:
        if literal(values) is not ABSENT and section.child(name).data is ABSENT:
            frame.machine.absent(section.child(name), values, site)


def _default(frame: Frame, callee: Function, name: str, default: ast.expr | None, arguments: Arguments, site: Site) -> Values:
    """The default of a parameter, which rules where a section has no such key."""
    machine = frame.machine
    if default is None:
        return join(option(frame, callee, name), ANYTHING)
    values = machine.functions.defaults.get(default, ANYTHING)
    for section in dict.fromkeys((*arguments.spread, *arguments.stands_for)):
        if section.child(name).data is ABSENT:
            values = machine.absent(section.child(name), values, site)
    return values


def _left_over(frame: Frame, bound: Names, left: Names, arguments: Arguments) -> Table:
    """`**kwargs`: the keywords, and the keys of sections, that are no parameters."""
    table = Table(frame.machine.branches, dict(left), ANYTHING if arguments.open else ())
    for section in arguments.spread:
        rest = Table(frame.machine.branches)
        merge_into(frame, rest, section)
        table.entries.update({name: values for name, values in rest.entries.items() if name not in bound and name not in left})
        table.stands_for[section] = None
    table.stands_for.update(arguments.stands_for)
    return table
