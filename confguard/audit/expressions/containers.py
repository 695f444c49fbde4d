"""Mappings, lists, tuples and sets that are written out."""

from __future__ import annotations

import ast

from confguard.audit.elements import spread
from confguard.audit.machine import Frame
from confguard.audit.merging import merge_into
from confguard.audit.values import Items, Table, Values, join, several
from confguard.audit.writing import set_item


def mapping(frame: Frame, node: ast.Dict) -> Values:
    """`{key: value, **other}`."""
    table = Table(frame.machine.branches)
    site = frame.site(node)
    for key, value in zip(node.keys, node.values, strict=True):
        if key is None:
            spreads = frame.eval(value)
            with frame.machine.branch(doubtful=several(spreads)):
                for spread in spreads:
                    merge_into(frame, table, spread)
        else:
            set_item(frame, table, frame.eval(key), frame.eval(value), site)
    return (table,)


def sequence(frame: Frame, node: ast.List | ast.Tuple | ast.Set) -> Values:
    """`[item, *others]`; tuples and sets are lists here."""
    made = Items(frame.machine.branches)
    for element in node.elts:
        if isinstance(element, ast.Starred):
            spread(frame, made, frame.eval(element.value))
        elif made.rest:
            made.rest = join(made.rest, frame.eval(element))
        else:
            made.items.append(frame.eval(element))
    return (made,)
