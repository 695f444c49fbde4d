"""What a parameter is that nobody gives: its default, or that of the command-line option that gives it."""

from __future__ import annotations

import ast

from confguard.audit import signatures
from confguard.audit.machine import Frame
from confguard.audit.values import Function, Values, join


def option(frame: Frame, function: Function, name: str) -> Values:
    """Nothing, where neither the definition nor an option of it says so."""
    given = signatures.defaults(function.node.args).get(name)
    if isinstance(given, ast.Call) and given.args:  # typer.Option("config.yaml")
        return frame.eval(given.args[0])
    for decorator in getattr(function.node, "decorator_list", ()):
        if isinstance(decorator, ast.Call) and any(_spells(one, name) for one in decorator.args):
            return join(*[frame.eval(keyword.value) for keyword in decorator.keywords if keyword.arg == "default"])
    return frame.machine.functions.defaults.get(given, ()) if given is not None else ()


def _spells(node: ast.expr, name: str) -> bool:
    """Whether an option is that of a parameter: `--learning-rate`."""
    return isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.lstrip("-").replace("-", "_") == name
