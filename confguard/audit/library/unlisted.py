"""Calls of which nothing is known: what they get, they may read; a function that they get, they may call."""

from __future__ import annotations

import ast
from typing import Any

from confguard.audit.contents import above
from confguard.audit.elements import elements
from confguard.audit.machine import Arguments, Frame
from confguard.audit.values import (
    ANYTHING,
    Bound,
    Class,
    Const,
    Dumped,
    External,
    Function,
    Held,
    Instance,
    Items,
    Node,
    Table,
    Values,
    join,
)

_TELLING = (Node, Held, Function, Bound, Dumped, Class)
"""Values of which a call may read something, or which it may call."""


def call(frame: Frame, callee: External, arguments: Arguments, node: ast.AST) -> Values:
    """What it gives is named after it."""
    name = callee.name
    result: Values = (External(f"{name}()" if not name.endswith("()()()") else name),) if not name.startswith("?") else ANYTHING
    _open_elsewhere(frame, arguments, node)
    if not arguments.spread and not any(isinstance(value, _TELLING) for _, values in arguments.each() for value in values):
        return result
    site = frame.site(node)
    functions = [value for _, values in arguments.each() for value in frame.machine.inner(values) if isinstance(value, (Function, Bound))]
    handed = _hand_over(frame, functions, arguments, node)
    shown = _shown(callee, node)
    for keyword, values in arguments.each():
        for value in values if keyword in arguments.listed else ():
            if isinstance(value, Node) and (above(value) in arguments.stands_for or above(value) in arguments.spread):
                frame.machine.pass_on(value, site, f"{shown}(**)")
                values = tuple(one for one in values if one is not value)
        if id(values) not in handed:
            frame.machine.use_all(values, site, f"{shown}({keyword}=)" if keyword else f"{shown}()")
    for section in arguments.spread:
        frame.machine.pass_on(section, site, f"{shown}(**)")
    if name.startswith("?.") and not name.startswith("?.__"):
        _by_name_of_method(frame, name[2:], arguments, node)
    return result


def _open_elsewhere(frame: Frame, arguments: Arguments, node: ast.AST) -> None:
    """A path of a config that is given to something that is not in the code: that may read all of it."""
    for _, values in arguments.each():
        for value in values:
            text = value.value if isinstance(value, Const) else None
            if isinstance(text, str) and text.endswith((".yaml", ".yml")):
                for config in frame.machine.configs.named((value,), frame.module.folder)[0]:
                    frame.machine.trace.given.setdefault(config, {})[frame.site(node)] = f"{_shown(External('?'), node)}()"


def _shown(callee: External, node: ast.AST) -> str:
    if isinstance(node, ast.Call):
        text = ast.unparse(node.func)
        return text if len(text) <= 40 else text[-40:].partition(".")[2]
    return callee.name


def _hand_over(frame: Frame, functions: list[Any], arguments: Arguments, node: ast.AST) -> set[int]:
    """A library that gets a function calls it, with the arguments that it gets for it; which arguments those are."""
    handed: set[int] = set()
    for function in functions:
        given = arguments.keywords.get("args", ())
        options = [list(value.items) for value in given if isinstance(value, Items) and not value.rest]
        more = arguments.keywords.get("kwargs", ())
        keywords = {str(name): values for value in more if isinstance(value, Table) for name, values in value.entries.items()}
        direct = [values for values in arguments.positional if not any(value is function for value in values)]
        if options or keywords:
            handed |= {id(given), id(more)}
            counted = [ANYTHING] if isinstance(node, ast.Call) and "spawn" in ast.unparse(node.func) else []
            rounds = [[*counted, *(options or [[]])[0]]]
        else:
            followed = [values for values in direct if any(isinstance(value, (Node, Table, Instance, Items)) for value in values)]
            handed |= {id(values) for values in followed}
            rounds = (
                [direct, [join(*[elements(frame, value)[1] for value in values]) for values in direct]] if followed else [[ANYTHING] * 3]
            )
        for positional in rounds:
            with frame.machine.branch():
                given_back = frame.machine.call(frame, function, _fitting(function, positional, keywords), node)
                frame.machine.use_all(given_back, frame.site(node))
    return handed


def _fitting(function: Any, positional: list[Values], keywords: dict[str, Values]) -> Arguments:
    """No more arguments than a function takes."""
    taken = len(function.args) if isinstance(function, Bound) else 0
    inner = function.function if isinstance(function, Bound) else function
    if isinstance(inner, Function):
        spec = inner.node.args
        if spec.vararg is None:
            bound = len(function.keywords) if isinstance(function, Bound) else 0
            positional = positional[: max(len(spec.posonlyargs) + len(spec.args) - taken - bound, 0)]
    return Arguments(positional, dict(keywords))


def _by_name_of_method(frame: Frame, name: str, arguments: Arguments, node: ast.AST) -> None:
    """A method of something that is not known may be any of that name in the code."""
    if not any(isinstance(value, (Node, Table)) for _, values in arguments.each() for value in values) and not arguments.spread:
        return
    machine = frame.machine
    for method in list(machine.functions.methods.get(name, ())):
        if not machine.functions.active[method.node]:
            with machine.branch():
                machine.call(frame, Bound(method, (ANYTHING,)), arguments, node)
