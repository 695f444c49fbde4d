"""Calls that go over items, pick some of them, or wait to be called with them."""

from __future__ import annotations

import ast

from confguard.audit.elements import elements
from confguard.audit.keys import item
from confguard.audit.library.names import Handler, named
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


def _listed(frame: Frame, arguments: Arguments, node: ast.AST) -> Values:
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


def _enumerated(frame: Frame, arguments: Arguments, node: ast.AST) -> Values:
    return _zipped(frame, Arguments([(Items((), rest=ANYTHING),), *arguments.positional[:1]]), node, counted=True)


def _zip(frame: Frame, arguments: Arguments, node: ast.AST) -> Values:
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


def _picked(frame: Frame, arguments: Arguments, node: ast.AST) -> Values:
    """`random.choice(x)`: one of the items."""
    for values in (*arguments.positional[1:], *arguments.keywords.values()):
        frame.machine.use_all(values, frame.site(node))
    return join(*[elements(frame, value)[1] for value in arguments.get(0)])


def _sampled(frame: Frame, arguments: Arguments, node: ast.AST) -> Values:
    return (Items(frame.machine.branches, rest=_picked(frame, arguments, node)),)


def _map(frame: Frame, arguments: Arguments, node: ast.AST) -> Values:
    columns = [join(*[elements(frame, value)[1] for value in values]) for values in arguments.positional[1:]]
    return (Items(frame.machine.branches, rest=frame.call(arguments.get(0), Arguments(columns), node) or ANYTHING),)


def _filter(frame: Frame, arguments: Arguments, node: ast.AST) -> Values:
    items = join(*[elements(frame, value)[1] for value in arguments.get(1)])
    frame.call(arguments.get(0), Arguments([items]), node)
    return (Items(frame.machine.branches, rest=items),)


def _reduce(frame: Frame, arguments: Arguments, node: ast.AST) -> Values:
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


def _next(frame: Frame, arguments: Arguments, node: ast.AST) -> Values:
    return join(*[elements(frame, value)[1] for value in arguments.get(0)], arguments.get(1))


def _partial(frame: Frame, arguments: Arguments, node: ast.AST) -> Values:
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


def _getter(frame: Frame, arguments: Arguments, node: ast.AST) -> Values:
    """`operator.itemgetter("a", "b")`."""
    return (Bound(External("operator.itemgetter()"), tuple(arguments.positional)),)


def _got(frame: Frame, arguments: Arguments, node: ast.AST) -> Values:
    *names, of = arguments.positional or [()]
    parts = [join(*[item(frame, value, name, frame.site(node)) for value in of]) for name in names]
    return parts[0] if len(parts) == 1 else (Items(frame.machine.branches, parts),)


def _wrapped(frame: Frame, arguments: Arguments, node: ast.AST) -> Values:
    """`DataParallel(model)`, `torch.compile(model)`: what is wrapped is still what is called."""
    for values in (*arguments.positional[1:], *arguments.keywords.values()):
        frame.machine.use_all(values, frame.site(node))
    return join(arguments.get(0, "module"), ANYTHING)


def _prepared(frame: Frame, arguments: Arguments, node: ast.AST) -> Values:
    """`accelerator.prepare(model, optimizer)`: the same things again."""
    given = [join(values, ANYTHING) for values in arguments.positional]
    return given[0] if len(given) == 1 else (Items(frame.machine.branches, given),)


def _queue(frame: Frame, arguments: Arguments, node: ast.AST) -> Values:
    for _, values in arguments.each():
        frame.machine.use(values, frame.site(node))
    key = ("queue", node, tuple(frame.machine.stack[-2:]))
    before = frame.machine.before
    kept = before.libraries.tables[key].any_item() if before is not None and key in before.libraries.tables else ()
    return (frame.machine.libraries.tables.setdefault(key, Items(frame.machine.branches, rest=kept)),)


def _reduced(frame: Frame, arguments: Arguments, node: ast.AST) -> Values:
    """`max(items, key=...)`, `sum(items)`: each item is looked at, and one of them, or what they come to, is given."""
    every = join(*[elements(frame, value)[1] for values in arguments.positional for value in values])
    key = arguments.keywords.get("key", ())
    frame.machine.use(frame.call(key, Arguments([every]), node) if key else every, frame.site(node))
    frame.machine.use(tuple(value for values in arguments.positional for value in values), frame.site(node))
    return every or ANYTHING


def _used(frame: Frame, arguments: Arguments, node: ast.AST) -> Values:
    for _, values in arguments.each():
        frame.machine.use(values, frame.site(node))
    return ANYTHING


CALLS: dict[str, Handler] = {
    **named(_listed, "list tuple set frozenset sorted reversed iter collections.deque"),
    **named(_enumerated, "enumerate"),
    **named(_zip, "zip itertools.zip_longest"),
    **named(_picked, "random.choice rng.choice np.random.choice numpy.random.choice"),
    **named(_sampled, "random.choices random.sample"),
    **named(_map, "map"),
    **named(_filter, "filter"),
    **named(_reduce, "functools.reduce reduce"),
    **named(_next, "next"),
    **named(_partial, "functools.partial partial"),
    **named(_getter, "operator.itemgetter operator.attrgetter"),
    **named(_got, "operator.itemgetter()"),
    **named(_used, "random.shuffle"),
    **named(_wrapped, "torch.compile"),
}
LAST: dict[str, Handler] = {
    **named(_wrapped, "DataParallel DistributedDataParallel FullyShardedDataParallel"),
    **named(_prepared, "prepare"),
    **named(_queue, "Queue SimpleQueue JoinableQueue LifoQueue PriorityQueue"),
    **named(_used, "len"),
    **named(_reduced, "min max sum any all"),
}
"""Those that are known by the last part of their names."""
