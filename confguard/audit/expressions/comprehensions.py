"""Comprehensions: each round of one is followed where the rounds are known."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from confguard.audit.conditions.decide import decide
from confguard.audit.elements import elements
from confguard.audit.machine import Frame
from confguard.audit.values import ANYTHING, Items, Scope, Table, Values, join
from confguard.audit.writing import set_item


def sequence(frame: Frame, node: ast.ListComp | ast.SetComp | ast.GeneratorExp) -> Values:
    """`[item for ...]`: item by item as long as each round is known to take place."""
    made = Items(frame.machine.branches)
    complete = True
    for is_known in _rounds(frame, node.generators):
        complete = complete and is_known
        with frame.machine.branch(doubtful=not is_known):
            values = frame.eval(node.elt)
        if complete:
            made.items.append(values)
        else:
            made.rest = join(made.rest, values)
    return (made,)


def mapping(frame: Frame, node: ast.DictComp) -> Values:
    """`{key: value for ...}`."""
    table = Table(frame.machine.branches)
    for is_known in _rounds(frame, node.generators):
        with frame.machine.branch(doubtful=not is_known):
            set_item(frame, table, frame.eval(node.key), frame.eval(node.value), frame.site(node))
    return (table,)


def _rounds(frame: Frame, generators: list[ast.comprehension]) -> Iterator[bool]:
    """Go through the rounds of a comprehension, with its names in force; whether each is known to take place."""
    outer = frame.scope
    frame.scope = Scope(outer)
    try:
        yield from _round(frame, generators, True)
    finally:
        frame.scope = outer


def _round(frame: Frame, generators: list[ast.comprehension], is_known: bool) -> Iterator[bool]:
    if not generators:
        yield is_known
        return
    first, *others = generators
    values = frame.eval(first.iter)
    frame.machine.use(values, frame.site(first.iter))
    found = [elements(frame, value) for value in values]
    known = bool(found) and all(each is not None for each, _ in found)
    items = [item for each, _ in found for item in each or ()] if known else [join(*[any_item for _, any_item in found]) or ANYTHING]
    for item in items:
        frame.assign(first.target, item)
        decisions = [decide(frame, test) for test in first.ifs]
        if any(one.holds is False for one in decisions):
            continue
        yield from _round(frame, others, is_known and known and all(one.holds for one in decisions))
