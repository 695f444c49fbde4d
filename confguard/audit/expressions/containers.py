"""Mappings, lists, tuples and sets that are written out."""

from __future__ import annotations

import ast

from confguard.audit.elements import listed
from confguard.audit.machine import Frame
from confguard.audit.merging import merge_one_of
from confguard.audit.values import Table, Values
from confguard.audit.writing import set_item


def mapping(frame: Frame, node: ast.Dict) -> Values:
    """`{key: value, **other}`."""
    table = Table(frame.machine.branches)
    site = frame.site(node)
    for key, value in zip(node.keys, node.values, strict=True):
        if key is None:
            merge_one_of(frame, table, frame.eval(value))
        else:
            set_item(frame, table, frame.eval(key), frame.eval(value), site)
    return (table,)


def sequence(frame: Frame, node: ast.List | ast.Tuple | ast.Set) -> Values:
    """`[item, *others]`; tuples and sets are lists here."""
    return (listed(frame, node.elts),)
