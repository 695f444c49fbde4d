"""Functions and classes where they are defined, with what decorators make of them."""

from __future__ import annotations

import ast

from confguard.audit.machine import Arguments, Frame
from confguard.audit.statements.assignments import assign_name
from confguard.audit.values import UNKNOWN, Bound, Class, External, Function, Scope, Values


def define_function(frame: Frame, node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """`def name(...)`."""
    function = Function(node, frame.module, frame.enclosing, frame.static)
    for default in (*node.args.defaults, *node.args.kw_defaults):
        if default is not None:
            frame.machine.functions.defaults[default] = frame.eval(default)
    if frame.function is not None:
        frame.machine.functions.defined.setdefault(function, None)
    values = _decorated(frame, node, (function,))
    for decorator in node.decorator_list:
        _register(frame, decorator, function)
    kinds = [decorator.attr for decorator in node.decorator_list if isinstance(decorator, ast.Attribute)]
    if "setter" in kinds or "deleter" in kinds:
        assign_name(frame, f"{node.name}.{kinds[0]}", (function,))
        return True
    assign_name(frame, node.name, values)
    return True


def define_class(frame: Frame, node: ast.ClassDef) -> bool:
    """`class Name(...)`: its body is followed at once."""
    bases = tuple(frame.eval(base) for base in node.bases)
    names = tuple(_decorator_name(decorator) for decorator in node.decorator_list)
    class_ = Class(node, frame.module, frame.enclosing, bases, names)
    inner = Frame(frame.machine, frame.module, Scope(frame.enclosing))
    inner.static = class_
    inner.run(node.body)
    class_.names = inner.scope.names
    for value in [one for held in class_.names.values() for one in held if isinstance(one, Function)]:
        frame.machine.functions.methods.setdefault(value.name, []).append(value)
    assign_name(frame, node.name, _decorated(frame, node, (class_,)))
    _announce(frame, class_, node)
    return True


def _register(frame: Frame, decorator: ast.expr, function: Function) -> None:
    """`@walk.register`: a function that `singledispatch` calls instead of another one."""
    target = decorator.func if isinstance(decorator, ast.Call) else decorator
    if isinstance(target, ast.Attribute) and target.attr == "register":
        for value in frame.eval(target.value):
            if isinstance(value, Function):
                frame.machine.functions.registered.setdefault(value.node, []).append(function)


def _decorated(frame: Frame, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef, values: Values) -> Values:
    """What all decorators, the nearest one first, make of a function or a class."""
    for decorator in reversed(node.decorator_list):
        values = _decorated_by(frame, frame.eval(decorator), values, decorator)
    return values


def _decorated_by(frame: Frame, decorators: Values, values: Values, node: ast.AST) -> Values:
    """What a decorator of the code makes of a function or a class; those of libraries leave them as they are."""
    own = tuple(value for value in decorators if not isinstance(value, External) and value is not UNKNOWN)
    if not own:
        return values
    made = frame.call(own, Arguments([values]), node)
    return tuple(value for value in made if isinstance(value, (Function, Class, Bound))) or values


def _announce(frame: Frame, class_: Class, node: ast.ClassDef) -> None:
    """Tell the classes it is derived from, which may keep a register of them."""
    hook = class_.lookup("__init_subclass__", after=class_)
    if hook is not None:
        frame.call(hook, Arguments([(class_,)]), node)


def _decorator_name(node: ast.expr) -> str:
    return ast.unparse(node.func if isinstance(node, ast.Call) else node)
