"""Calls: who follows a call of each kind of value. What is known of libraries' functions and of methods stands in `known.py`."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

from confguard.audit.attributes import attribute
from confguard.audit.called import classes, functions, supers
from confguard.audit.known import CALLS, LAST, METHODS, TEXTS, UNLISTED_METHODS
from confguard.audit.library import shows, unlisted
from confguard.audit.machine import Arguments, Frame
from confguard.audit.methods.unlisted import unlisted as unlisted_method
from confguard.audit.values import UNKNOWN, Bound, Class, Const, External, Function, Instance, Method, Super, Value, Values, text_of


def call(frame: Frame, callee: Value, arguments: Arguments, node: ast.AST) -> Values:
    """What a call of one value gives."""
    follow = _CALLED.get(type(callee))
    return follow(frame, callee, arguments, node) if follow else ()


def only_shows(name: str) -> bool:
    """Whether a call does nothing with its arguments but show them."""
    return CALLS.get(name) is shows.shown or LAST.get(name.rpartition(".")[2]) is shows.shown


def _bound(frame: Frame, callee: Bound, arguments: Arguments, node: ast.AST) -> Values:
    more = arguments.before(*callee.args)
    if callee.keywords:
        more.keywords = {**dict(callee.keywords), **more.keywords}
    return call(frame, callee.function, more, node)


def _object(frame: Frame, callee: Instance, arguments: Arguments, node: ast.AST) -> Values:
    for name in ("__call__", "forward"):
        if callee.class_.lookup(name) is not None:
            return frame.call(attribute(frame, callee, name, frame.site(node)), arguments, node)
    return _unknown(frame, callee, arguments, node)


def _external(frame: Frame, callee: External, arguments: Arguments, node: ast.AST) -> Values:
    """By its whole name, by the last two parts of it, as `OmegaConf.load`, or by the last one, as `print`."""
    name = callee.name
    row = CALLS.get(name) or CALLS.get(".".join(name.split(".")[-2:])) or LAST.get(name.rpartition(".")[2])
    return row(frame, arguments, node) if row else unlisted.call(frame, callee, arguments, node)


def _unknown(frame: Frame, callee: Value, arguments: Arguments, node: ast.AST) -> Values:
    return unlisted.call(frame, External("?"), arguments, node)


def _method(frame: Frame, callee: Method, arguments: Arguments, node: ast.AST) -> Values:
    of = callee.of
    if isinstance(of, Super):
        return supers.call(frame, of, callee.name, arguments, node)
    row = METHODS.get(type(of), {}).get(callee.name)
    if row is not None:
        return row(frame, of, arguments, node)
    given = UNLISTED_METHODS.get(type(of), unlisted_method)(frame, callee, arguments, node)
    text = text_of(of)
    if text is None or callee.name not in TEXTS:
        return given
    return TEXTS[callee.name](of if isinstance(of, Const) else Const(text), callee.name, arguments)


_CALLED: dict[type[Value], Callable[[Frame, Any, Arguments, ast.AST], Values]] = {
    Function: functions.call,
    Class: classes.make,
    Instance: _object,
    Bound: _bound,
    Method: _method,
    External: _external,
    type(UNKNOWN): _unknown,
}
