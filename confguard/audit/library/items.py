"""Calls that go over items, pick some of them, or wait to be called with them."""

from __future__ import annotations

import ast

from confguard.audit.elements import elements
from confguard.audit.keys import item
from confguard.audit.machine import Arguments, Frame
from confguard.audit.values import (
    ANYTHING,
    Bound,
    Class,
    External,
    Function,
    Items,
    Node,
    Values,
    join,
)


def listed(frame: Frame, arguments: Arguments, node: ast.AST) -> Values:
    """`list(x)`, `sorted(x)`, `reversed(x)`: the items of x."""
    made: list[Values] = []
    for name, values in arguments.keywords.items():
        frame.machine.use(values if name != "key" else (), frame.site(node))
    for value in arguments.get(0):
        if isinstance(value, Node) and not value.is_section:
            made.append((value,))
            continue
        items, any_item = elements(frame, value)
        made.append((Items(frame.machine.branches, items or (), any_item if items is None else ()),))
    key = arguments.keywords.get("key", ())
    if key:
        for values in made:
            frame.machine.use(frame.call(key, Arguments([join(*[elements(frame, value)[1] for value in values])]), node), frame.site(node))
    return join(*made) or (Items(frame.machine.branches),)


def enumerated(frame: Frame, arguments: Arguments, node: ast.AST) -> Values:
    """`enumerate(x)`."""
    return _zipped(frame, Arguments([(Items((), rest=ANYTHING),), *arguments.positional[:1]]), node, counted=True)


def zip_(frame: Frame, arguments: Arguments, node: ast.AST) -> Values:
    """`zip(x, y)`."""
    return _zipped(frame, arguments, node)


def _zipped(frame: Frame, arguments: Arguments, node: ast.AST, counted: bool = False) -> Values:
    columns: list[tuple[list[Values] | None, Values]] = []
    for values in arguments.positional:
        frame.machine.use(values, frame.site(node))
        found = [elements(frame, value) for value in values]
        columns.append(found[0] if len(found) == 1 else (None, join(*[any_item for _, any_item in found])))
    born = frame.machine.branches
    known = [items for items, _ in columns if items is not None]
    if known and len(known) + counted >= len(columns):
        length = min(len(items) for items in known)
        return (
            Items(
                born,
                [
                    (Items(born, [items[index] if items is not None else any_item for items, any_item in columns]),)
                    for index in range(length)
                ],
            ),
        )
    return (Items(born, rest=(Items(born, [any_item or ANYTHING for _, any_item in columns]),)),)


def picked(frame: Frame, arguments: Arguments, node: ast.AST) -> Values:
    """`random.choice(x)`: one of the items."""
    for values in (*arguments.positional[1:], *arguments.keywords.values()):
        frame.machine.use_all(values, frame.site(node))
    return join(*[elements(frame, value)[1] for value in arguments.get(0)])


def sampled(frame: Frame, arguments: Arguments, node: ast.AST) -> Values:
    """`random.sample(x, 3)`."""
    return (Items(frame.machine.branches, rest=picked(frame, arguments, node)),)


def map_(frame: Frame, arguments: Arguments, node: ast.AST) -> Values:
    """`map(f, x)`: f gets the items."""
    columns = [join(*[elements(frame, value)[1] for value in values]) for values in arguments.positional[1:]]
    return (Items(frame.machine.branches, rest=frame.call(arguments.get(0), Arguments(columns), node) or ANYTHING),)


def filter_(frame: Frame, arguments: Arguments, node: ast.AST) -> Values:
    """`filter(f, x)`: f gets the items, and some of them are left."""
    items = join(*[elements(frame, value)[1] for value in arguments.get(1)])
    frame.call(arguments.get(0), Arguments([items]), node)
    return (Items(frame.machine.branches, rest=items),)


def reduce(frame: Frame, arguments: Arguments, node: ast.AST) -> Values:
    """`reduce(lambda d, k: d[k], path.split("."), cfg)`."""
    function, values = arguments.get(0), arguments.get(2)
    found = [elements(frame, value) for value in arguments.get(1)]
    if len(found) == 1 and found[0][0] is not None:
        for item in found[0][0]:
            values = frame.call(function, Arguments([values or item, item]), node) if values else item
        return values
    for _ in range(3):
        values = join(values, frame.call(function, Arguments([values or ANYTHING, join(*[any_item for _, any_item in found])]), node))
    return values


def next_(frame: Frame, arguments: Arguments, node: ast.AST) -> Values:
    """`next(x, default)`."""
    return join(*[elements(frame, value)[1] for value in arguments.get(0)], arguments.get(1))


def partial(frame: Frame, arguments: Arguments, node: ast.AST) -> Values:
    """`functools.partial(f, x)`: a class or a function of the code waits for the rest; all else is called."""
    keywords = dict(arguments.keywords)
    for section in arguments.spread:
        keywords |= {str(key.value): values for key, values in frame.machine.children(section)}
    rest = tuple(arguments.positional[1:])
    made: list[Values] = []
    for value in arguments.get(0):
        if isinstance(value, (Function, Bound, Class)):
            made.append((Bound(value, rest, tuple(keywords.items())),))
        else:
            made.append(frame.call((value,), Arguments(list(rest), dict(keywords)), node))
    return join(*made)


def getter(frame: Frame, arguments: Arguments, node: ast.AST) -> Values:
    """`operator.itemgetter("a", "b")`."""
    return (Bound(External("operator.itemgetter()"), tuple(arguments.positional)),)


def got(frame: Frame, arguments: Arguments, node: ast.AST) -> Values:
    """`operator.itemgetter("a", "b")(section)`."""
    *names, of = arguments.positional or [()]
    parts = [join(*[item(frame, value, name, frame.site(node)) for value in of]) for name in names]
    return parts[0] if len(parts) == 1 else (Items(frame.machine.branches, parts),)


def wrapped(frame: Frame, arguments: Arguments, node: ast.AST) -> Values:
    """`DataParallel(model)`, `torch.compile(model)`: what is wrapped is still what is called."""
    for values in (*arguments.positional[1:], *arguments.keywords.values()):
        frame.machine.use_all(values, frame.site(node))
    return join(arguments.get(0, "module"), ANYTHING)


def prepared(frame: Frame, arguments: Arguments, node: ast.AST) -> Values:
    """`accelerator.prepare(model, optimizer)`: the same things again."""
    given = [join(values, ANYTHING) for values in arguments.positional]
    return given[0] if len(given) == 1 else (Items(frame.machine.branches, given),)


def queue(frame: Frame, arguments: Arguments, node: ast.AST) -> Values:
    """`Queue()`: what is put into it comes out elsewhere."""
    for _, values in arguments.each():
        frame.machine.use(values, frame.site(node))
    key = ("queue", node, tuple(frame.machine.stack[-2:]))
    before = frame.machine.before
    kept = before.libraries.tables[key].any_item() if before is not None and key in before.libraries.tables else ()
    return (frame.machine.libraries.tables.setdefault(key, Items(frame.machine.branches, rest=kept)),)


def reduced(frame: Frame, arguments: Arguments, node: ast.AST) -> Values:
    """`max(items, key=...)`, `sum(items)`: each item is looked at, and one of them, or what they come to, is given."""
    every = join(*[elements(frame, value)[1] for values in arguments.positional for value in values])
    key = arguments.keywords.get("key", ())
    frame.machine.use(frame.call(key, Arguments([every]), node) if key else every, frame.site(node))
    frame.machine.use(tuple(value for values in arguments.positional for value in values), frame.site(node))
    return every or ANYTHING


def used(frame: Frame, arguments: Arguments, node: ast.AST) -> Values:
    """`len(x)`: looked at."""
    for _, values in arguments.each():
        frame.machine.use(values, frame.site(node))
    return ANYTHING
