"""The parameters of a function, as they are written."""

from __future__ import annotations

import ast


def positional(spec: ast.arguments) -> list[ast.arg]:
    """Those that can be given by position."""
    return [*spec.posonlyargs, *spec.args]


def names(spec: ast.arguments) -> list[str]:
    """The names of all but `*args` and `**kwargs`."""
    return [one.arg for one in (*spec.posonlyargs, *spec.args, *spec.kwonlyargs)]


def defaults(spec: ast.arguments) -> dict[str, ast.expr]:
    """The defaults of those that have one."""
    every = positional(spec)
    last = every[len(every) - len(spec.defaults) :]
    found = {one.arg: default for one, default in zip(last, spec.defaults, strict=True)}
    return found | {one.arg: default for one, default in zip(spec.kwonlyargs, spec.kw_defaults, strict=True) if default is not None}
