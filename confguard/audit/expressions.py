"""Expressions: which values each has, and what is read on the way."""

from __future__ import annotations

import ast
import builtins
import operator
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from typing import Any

from confguard.audit.asked import Asked
from confguard.audit.attributes import attribute, attributes_of
from confguard.audit.conditions import decide
from confguard.audit.keys import CONTENT, items_of, last_of
from confguard.audit.machine import Arguments, Frame, is_empty_table, literal
from confguard.audit.places import ABSENT, NOWHERE
from confguard.audit.texts import concatenated
from confguard.audit.values import (
    ANYTHING,
    UNKNOWN,
    Bound,
    Const,
    Dumped,
    External,
    Fallback,
    Function,
    Instance,
    Items,
    Method,
    Node,
    Scope,
    Super,
    Table,
    Value,
    Values,
    join,
    several,
    without_tags,
)
from confguard.audit.writing import overwritten, set_item

_BUILTINS = set(dir(builtins))


# --- names and constants ---


def _constant(frame: Frame, node: ast.Constant) -> Values:
    return (Const(node.value),)


def _name(frame: Frame, node: ast.Name) -> Values:
    found = frame.name(node.id)
    if found is not None:
        _instead_of_key(frame, node, found)
        return found
    return (External(node.id),) if node.id in _BUILTINS else ANYTHING


def _instead_of_key(frame: Frame, node: ast.Name, found: Values) -> None:
    """A name of the module that a config could have set, and does not: what the code says rules."""
    scope = frame.machine.scope_of(frame.module)
    if not scope.stands_for or found is not scope.names.get(node.id) or node.id not in scope.own:
        return
    literals = tuple(value for value in found if isinstance(value, Const))
    for section in last_of(scope.stands_for):
        if literal(literals) is not ABSENT and section.child(node.id).data is ABSENT:
            frame.machine.absent(section.child(node.id), literals, frame.site(node))


def _attribute(frame: Frame, node: ast.Attribute) -> Values:
    site = frame.site(node)
    return attributes_of(frame, frame.eval(node.value), node.attr, site)


def _subscript(frame: Frame, node: ast.Subscript) -> Values:
    values = frame.eval(node.value)
    if isinstance(node.slice, ast.Slice):
        return _sliced(frame, node.slice, values, node)
    key = frame.eval(node.slice)
    site = frame.site(node)
    if not isinstance(node.slice, (ast.Constant, ast.UnaryOp)) and all(isinstance(value, Items) for value in values):
        frame.machine.use(key, site)
        return join(*[value.any_item() for value in values if isinstance(value, Items)])  # an index may be another one later
    if not any(isinstance(value, (Node, Table, Instance)) for value in values):
        frame.machine.use(key, site)
    return items_of(frame, values, key, frame.asked_at(node, node.slice))


def _sliced(frame: Frame, node: ast.Slice, values: Values, at: ast.AST) -> Values:
    for part in (node.lower, node.upper, node.step):
        frame.machine.use(frame.eval(part), frame.site(at))
    lists = tuple(value for value in values if isinstance(value, Items))
    if lists:
        return tuple(Items(frame.machine.branches, rest=value.any_item()) for value in lists)
    frame.machine.use(values, frame.site(at))
    return ANYTHING


# --- containers ---


def _dict(frame: Frame, node: ast.Dict) -> Values:
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


def merge_into(frame: Frame, table: Table, value: Value) -> None:
    """Lay another mapping over one that the code makes."""
    if isinstance(value, Node):
        for key, values in frame.machine.children(value):
            _replace(frame, table, key.value, values)
        if value.is_section or value.data is ABSENT or value.data == {}:
            table.stands_for[value] = None
    elif isinstance(value, Table):
        frame.machine.steps += 5 * len(value.entries)
        for name, values in list(value.entries.items()):
            with frame.machine.branch(doubtful=name in value.maybe):
                _replace(frame, table, name, values)
        table.rest = join(table.rest, value.rest)
        table.stands_for.update(value.stands_for)
    elif isinstance(value, Instance) and value.attributes.get(CONTENT):
        for content in value.attributes[CONTENT]:
            merge_into(frame, table, content)
    elif isinstance(value, Instance):
        merge_into(frame, table, Table((), dict(value.attributes)))
        table.stands_for.update(value.stands_for)
    elif not isinstance(value, (Fallback, Const)):
        table.rest = join(table.rest, ANYTHING)


def _replace(frame: Frame, table: Table, key: Any, values: Values) -> None:
    if not frame.machine.surely(table) and key not in table.entries:
        table.maybe.add(key)
    if frame.machine.surely(table) and not frame.machine.impossible:
        overwritten(frame.machine, table.entries.get(key, ()), values, frame.machine.stack[-1] if frame.machine.stack else NOWHERE)
    frame.machine.store(table, table.entries, key, values)


def _list(frame: Frame, node: ast.List | ast.Tuple | ast.Set) -> Values:
    made = Items(frame.machine.branches)
    for element in node.elts:
        if isinstance(element, ast.Starred):
            _spread(frame, made, frame.eval(element.value))
        elif made.rest:
            made.rest = join(made.rest, frame.eval(element))
        else:
            made.items.append(frame.eval(element))
    return (made,)


def _spread(frame: Frame, made: Items, values: Values) -> None:
    found = [elements(frame, value) for value in values]
    if len(found) == 1 and found[0][0] is not None and not made.rest:
        made.items += found[0][0]
    else:
        made.rest = join(made.rest, *[any_item for _, any_item in found])


def elements(frame: Frame, value: Value) -> tuple[list[Values] | None, Values]:
    """What a loop over a value gives: each item in turn where they are known, and what any of them can be."""
    machine = frame.machine
    if isinstance(value, Node):
        if isinstance(value.data, dict):
            keys: list[Values] = [(key,) for key, _ in machine.children(value)]
            return keys, join(*keys)
        items: list[Values] = [values for _, values in machine.children(value)] if isinstance(value.data, list) else []
        return (items, join(*items)) if isinstance(value.data, list) else (None, ANYTHING)
    if isinstance(value, Items):
        return (None if value.rest else value.items), value.any_item()
    if isinstance(value, Table):
        names: list[Values] = [(_key_of(value, name),) for name in value.entries]
        return (None if value.rest else names), join(*names, ANYTHING if value.rest else ())
    if isinstance(value, Instance) and value.attributes.get(CONTENT):
        return elements(frame, value.attributes[CONTENT][0])
    if isinstance(value, Instance) and (method := value.class_.lookup("__iter__")) is not None:
        given = frame.call(attribute(frame, value, "__iter__", frame.site(method_node(method))), Arguments(), method_node(method))
        others = [elements(frame, one)[1] for one in given if one is not value]
        return None, join(*others, _next_of(frame, value) if value in given else ())
    if isinstance(value, Instance) and (method := value.class_.lookup("__getitem__")) is not None:
        return None, frame.call(tuple(Bound(one, ((value,),)) for one in method), Arguments([ANYTHING]), method_node(method))
    return None, ANYTHING if not isinstance(value, Fallback) else ()


def _next_of(frame: Frame, value: Instance) -> Values:
    """What an iterator gives that is its own."""
    method = value.class_.lookup("__next__") or ()
    return frame.call(tuple(Bound(one, ((value,),)) for one in method), Arguments(), method_node(method)) or ANYTHING


def method_node(method: Values) -> ast.AST:
    """The definition of a method, as a place."""
    return next((value.node for value in method if isinstance(value, Function)), ast.Pass(lineno=1))


def _key_of(table: Table, name: Any) -> Const:
    """A key of a mapping that stands for a section is one of the section's."""
    return Const(name, next(iter(table.stands_for), None))


def unpacked(frame: Frame, value: Value, index: int | None) -> Values:
    """What `a, b = value` gives the name at an index; None for one with a star."""
    items, any_item = elements(frame, value)
    if isinstance(value, Node) and index is not None:
        frame.machine.use((value,), frame.site(ast.Pass(lineno=1)))
    if items is None or index is None:
        return any_item or ANYTHING
    return items[index] if index < len(items) else ()


# --- operators ---


def _operation(frame: Frame, node: ast.BinOp) -> Values:
    if frame.machine.logging and not _makes_a_text(node):
        with frame.machine.compute():
            return _operation(frame, node)
    left, right = frame.eval(node.left), frame.eval(node.right)
    site = frame.site(node)
    tables = [value for value in (*left, *right) if isinstance(value, (Table, Node)) and (isinstance(value, Table) or value.is_section)]
    if isinstance(node.op, ast.BitOr) and tables:
        made = Table(frame.machine.branches)
        for side in (left, right):
            with frame.machine.branch(doubtful=several(side)):
                for value in side:
                    merge_into(frame, made, value)
        return (made,)
    if isinstance(node.op, ast.Add) and any(isinstance(value, Items) for value in (*left, *right)):
        return _lists_joined(frame, left, right)
    frame.machine.use_all(tuple(value for value in (*left, *right) if not isinstance(value, Instance)), site)
    number = _computed(node.op, left, right)
    if number is not None:
        return (Const(number),)
    if isinstance(node.op, (ast.Add, ast.Div)):
        return concatenated([left, (Const("/"),), right] if isinstance(node.op, ast.Div) else [left, right])
    return ANYTHING


_ARITHMETIC: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
}


def _computed(op: ast.operator, left: Values, right: Values) -> float | None:
    """A number that the code works out of two literals, such as `5 * 8`."""
    numbers = [value.value for value in (*left, *right) if isinstance(value, Const) and type(value.value) in (int, float)]
    work_out = _ARITHMETIC.get(type(op))
    if work_out is None or len(numbers) != 2 or len(left) != 1 or len(right) != 1:
        return None
    try:
        result: float = work_out(*numbers)
    except (ArithmeticError, ValueError):
        return None
    return result if abs(result) < 1e15 else None


def _makes_a_text(node: ast.BinOp) -> bool:
    """`"lr " + str(lr)`, `"%s" % lr`: a value that is shown as it is."""
    return any(isinstance(one, ast.JoinedStr) or (isinstance(one, ast.Constant) and isinstance(one.value, str)) for one in ast.walk(node))


def _lists_joined(frame: Frame, left: Values, right: Values) -> Values:
    made = Items(frame.machine.branches)
    _spread(frame, made, left)
    _spread(frame, made, right)
    return (made,)


def _either(frame: Frame, node: ast.BoolOp) -> Values:
    """`a or b`, `a and b`: each part but the last is tested."""
    site = frame.site(node)
    found: list[Values] = []
    guards = 0
    for index, part in enumerate(node.values):
        with frame.machine.branch(doubtful=index > 0):
            values = frame.eval(part)
        if index < len(node.values) - 1:
            frame.machine.use(values, site)
            if isinstance(node.op, ast.And) and isinstance(part, (ast.Compare, ast.Call)):
                decision = decide(frame, part)
                frame.machine.guarded += decision.guards
                guards += len(decision.guards)
        found.append(values)
    if guards:
        del frame.machine.guarded[-guards:]
    return _or(frame, found) if isinstance(node.op, ast.Or) else join(*found)


def _or(frame: Frame, found: list[Values]) -> Values:
    """After `or`, an absent key has the default that comes last."""
    last = found[-1]
    if is_empty_table(last) and any(isinstance(value, Node) and value.is_section for values in found[:-1] for value in values):
        return join(*found[:-1])
    for values in found[:-1]:
        for tag in values:
            if isinstance(tag, Fallback) and not tag.asked.default:
                if is_empty_table(last):
                    frame.machine.trace.asked.pop(tag.asked, None)
                    tag.asked.is_section = True
                    return join(*found[:-1], (Node(*tag.asked.spot),))
                known = literal(last)
                if known is not ABSENT:
                    tag.asked.default = known
                    frame.machine.trace.offer(Node(*tag.asked.spot), tag.asked.site, known)
    return join(*[tuple(value for value in values if not (isinstance(value, Const) and not value.value)) for values in found[:-1]], last)


def _compare(frame: Frame, node: ast.Compare) -> Values:
    if len(node.ops) == 1:
        decide(frame, node)
        return ANYTHING
    for part in (node.left, *node.comparators):
        frame.machine.use(frame.eval(part), frame.site(node))
    return ANYTHING


def _unary(frame: Frame, node: ast.UnaryOp) -> Values:
    values = frame.eval(node.operand)
    if isinstance(node.op, ast.USub) and len(values) == 1 and isinstance(values[0], Const) and isinstance(values[0].value, (int, float)):
        return (Const(-values[0].value),)
    frame.machine.use(values, frame.site(node))
    return ANYTHING


def _conditional(frame: Frame, node: ast.IfExp) -> Values:
    machine = frame.machine
    decision = decide(frame, node.test)
    if decision.is_certain and decision.holds is not None:
        return frame.eval(node.body if decision.holds else node.orelse)
    machine.guarded += decision.guards
    with machine.branch(doubtful=decision.holds is None):
        body = _unless(frame, node, node.body, decision.holds is False)
        del machine.guarded[len(machine.guarded) - len(decision.guards) :]
        otherwise = _unless(frame, node, node.orelse, decision.holds is True)
    if decision.holds is not None:
        if decision.holds is False:
            _instead(frame, node, decision.guards, otherwise)
        return body if decision.holds else otherwise
    return _one_or_other(frame, node, body, otherwise)


def _unless(frame: Frame, node: ast.IfExp, part: ast.expr, is_impossible: bool) -> Values:
    """One of two ways, which may be one that is not taken."""
    if not is_impossible:
        return frame.eval(part)
    before = frame.scope.names
    frame.scope.names = {**before, **forgotten(node.test)}
    frame.machine.impossible += 1
    values = frame.eval(part)
    frame.machine.impossible -= 1
    frame.scope.names = before
    return values


def forgotten(test: ast.expr) -> dict[str, Values]:
    """Names whose type a condition asks for: where it does not hold, they are something else."""
    names: dict[str, Values] = {}
    for node in ast.walk(test):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "isinstance" and node.args:
            first = node.args[0]
            if isinstance(first, ast.Name):
                names[first.id] = ANYTHING
    return names


def _instead(frame: Frame, node: ast.IfExp, guards: tuple[Any, ...], otherwise: Values) -> None:
    """`cfg["k"] if "k" in cfg else 5`: 5 rules where it is not there."""
    known = literal(otherwise)
    if known is ABSENT:
        return
    for config, path in guards:
        place = Node(config, path)
        is_literal = path[-1] in _strings(node.test)
        if place.data is ABSENT and frame.machine.counts(place) and (not is_literal or path[-1] in _strings(node.body)):
            frame.machine.trace.asked[Asked(place.spot, frame.site(node), known)] = None


def _strings(node: ast.AST) -> set[Any]:
    names = {one.value for one in ast.walk(node) if isinstance(one, ast.Constant)}
    return names | {one.attr for one in ast.walk(node) if isinstance(one, ast.Attribute)}


def _one_or_other(frame: Frame, node: ast.IfExp, body: Values, otherwise: Values) -> Values:
    for first, last in ((body, otherwise), (otherwise, body)):
        for tag in first:
            known = literal(last)
            if isinstance(tag, Fallback) and not tag.asked.default and known is not ABSENT and known is not None:
                tag.asked.default = known
    return join(body, otherwise)


def _formatted(frame: Frame, node: ast.JoinedStr) -> Values:
    parts: list[Values] = []
    for part in node.values:
        if isinstance(part, ast.FormattedValue):
            values = frame.eval(part.value)
            with frame.machine.compute():
                frame.eval(part.format_spec)
            frame.machine.use(values, frame.site(node))
            parts.append(values)
        else:
            parts.append(frame.eval(part))
    return concatenated(parts)


# --- comprehensions ---


def _comprehension(frame: Frame, node: ast.ListComp | ast.SetComp | ast.GeneratorExp) -> Values:
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


def _dict_comprehension(frame: Frame, node: ast.DictComp) -> Values:
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


# --- the rest ---


def _lambda(frame: Frame, node: ast.Lambda) -> Values:
    for default in (*node.args.defaults, *node.args.kw_defaults):
        if default is not None:
            frame.machine.defaults[default] = frame.eval(default)
    function = Function(node, frame.module, frame.enclosing if frame.scope is frame.enclosing else frame.scope, None)
    frame.machine.defined.setdefault(function, None)
    return (function,)


def _walrus(frame: Frame, node: ast.NamedExpr) -> Values:
    values = frame.eval(node.value)
    frame.assign(node.target, values)
    return values


def _awaited(frame: Frame, node: ast.Await) -> Values:
    return frame.eval(node.value)


def _yield(frame: Frame, node: ast.Yield) -> Values:
    frame.yields = join(frame.yields, frame.eval(node.value))
    return ANYTHING


def _yield_from(frame: Frame, node: ast.YieldFrom) -> Values:
    frame.yields = join(frame.yields, *[elements(frame, value)[1] for value in frame.eval(node.value)])
    return ANYTHING


def _call(frame: Frame, node: ast.Call) -> Values:
    if isinstance(node.func, ast.Name) and node.func.id == "super" and frame.static is not None:
        instance = next(iter(frame.scope.names.values()), ANYTHING)
        return (Super(frame.static, without_tags(instance)),)
    callee = frame.eval(node.func)
    if isinstance(node.func, ast.Attribute):
        callee = tuple(External(f"?.{node.func.attr}") if value is UNKNOWN else value for value in callee)
    if callee and all(isinstance(value, External) and frame.machine.only_shows(value.name) for value in callee):
        with frame.machine.log():
            return frame.call(callee, arguments_of(frame, node), node)
    with frame.machine.compute() if not _keeps(callee) else nullcontext():
        return frame.call(callee, arguments_of(frame, node), node)


def _keeps(callee: Values) -> bool:
    """Whether a call gives the same value in another form, so that it is only shown where the call is."""
    return all(
        isinstance(value, External) and value.name in ("str", "repr", "int", "float", "getattr", "dict", "list", "vars", "sorted")
        for value in callee
    ) or all(isinstance(value, Method) for value in callee)


def arguments_of(frame: Frame, node: ast.Call) -> Arguments:
    """The arguments of a call, with what `*` and `**` spread."""
    arguments = Arguments()
    for argument in node.args:
        if isinstance(argument, ast.Starred):
            _spread_positional(frame, arguments, frame.eval(argument.value))
        elif arguments.rest:
            arguments.rest = join(arguments.rest, frame.eval(argument))
        else:
            arguments.positional.append(frame.eval(argument))
    for keyword in node.keywords:
        if keyword.arg is not None:
            arguments.keywords[keyword.arg] = frame.eval(keyword.value)
        else:
            for value in frame.eval(keyword.value):
                spread_keywords(frame, arguments, value)
    return arguments


def _spread_positional(frame: Frame, arguments: Arguments, values: Values) -> None:
    found = [elements(frame, value) for value in values]
    if len(found) == 1 and found[0][0] is not None and not arguments.rest:
        arguments.positional += found[0][0]
    else:
        arguments.rest = join(arguments.rest, *[any_item for _, any_item in found], ANYTHING)


def spread_keywords(frame: Frame, arguments: Arguments, value: Value) -> None:
    """`**value`."""
    if isinstance(value, Node) and (value.is_section or value.data is ABSENT or value.data == {}):
        arguments.spread.append(value)
        for key, values in frame.machine.children(value):
            if values != (value.child(key.value),):
                name = str(key.value)
                arguments.keywords[name] = join(arguments.keywords[name], values) if name in arguments.listed else values
                arguments.listed.add(name)
    elif isinstance(value, Table):
        for name, values in value.entries.items():
            arguments.keywords[str(name)] = join(arguments.keywords[str(name)], values) if str(name) in arguments.listed else values
            arguments.listed.add(str(name))
        arguments.stands_for.update(value.stands_for)
        arguments.open = arguments.open or bool(value.rest)
    elif isinstance(value, Instance) and value.attributes.get(CONTENT):
        for content in value.attributes[CONTENT]:
            spread_keywords(frame, arguments, content)
    elif isinstance(value, (Dumped, Instance)):
        frame.machine.use_all((value,), frame.site(ast.Pass(lineno=1)))
        arguments.open = True
    elif not isinstance(value, (Fallback, Const)):
        arguments.open = True


EXPRESSIONS: dict[type[ast.AST], Callable[[Frame, Any], Values]] = {
    ast.Constant: _constant,
    ast.Name: _name,
    ast.Attribute: _attribute,
    ast.Subscript: _subscript,
    ast.Dict: _dict,
    ast.List: _list,
    ast.Tuple: _list,
    ast.Set: _list,
    ast.BinOp: _operation,
    ast.BoolOp: _either,
    ast.Compare: _compare,
    ast.UnaryOp: _unary,
    ast.IfExp: _conditional,
    ast.JoinedStr: _formatted,
    ast.ListComp: _comprehension,
    ast.SetComp: _comprehension,
    ast.GeneratorExp: _comprehension,
    ast.DictComp: _dict_comprehension,
    ast.Lambda: _lambda,
    ast.NamedExpr: _walrus,
    ast.Await: _awaited,
    ast.Yield: _yield,
    ast.YieldFrom: _yield_from,
    ast.Call: _call,
}
