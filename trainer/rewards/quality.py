"""The quality of code, as far as its syntax tree shows it: the share of the checks in `CHECKS` that hold."""

from __future__ import annotations

import ast
import threading
import warnings
from collections.abc import Callable, Iterator
from typing import NamedTuple

LONGEST_FUNCTION = 60

_QUIET = threading.Lock()  # filters of warnings belong to the whole process
_LOOPS = (ast.For, ast.AsyncFor, ast.While)
_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


class Check(NamedTuple):
    """One thing that holds of good code."""

    says: str
    holds: Callable[[ast.Module], bool]


def quality(code: str) -> float:
    """The share of checks that hold; 0 for what is no Python, or does nothing at all."""
    tree = parsed(code)
    if tree is None or all(isinstance(node, (ast.Pass, ast.Expr)) for node in tree.body if not _calls(node)):
        return 0.0
    return sum(check.holds(tree) for check in CHECKS) / len(CHECKS)


def parsed(code: str) -> ast.Module | None:
    """The syntax tree of code; None where it is no Python."""
    try:
        with _QUIET, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(code)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _calls(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and any(isinstance(inner, (ast.Call, ast.Await)) for inner in ast.walk(node))


def _each(tree: ast.AST, *kinds: type[ast.AST]) -> Iterator[ast.AST]:
    return (node for node in ast.walk(tree) if isinstance(node, kinds))


def _names_its_exceptions(tree: ast.Module) -> bool:
    return all(node.type is not None for node in ast.walk(tree) if isinstance(node, ast.ExceptHandler))


def _uses_its_imports(tree: ast.Module) -> bool:
    imported = {
        (alias.asname or alias.name).partition(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import) or (isinstance(node, ast.ImportFrom) and node.module != "__future__")
        for alias in node.names
    }
    used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    return imported - {"*"} <= used | _exported(tree)


def _exported(tree: ast.Module) -> set[str]:
    """The names in `__all__`, which are used by being there."""
    lists = [
        node.value
        for node in tree.body
        if isinstance(node, ast.Assign) and any(isinstance(name, ast.Name) and name.id == "__all__" for name in node.targets)
    ]
    return {str(node.value) for found in lists for node in ast.walk(found) if isinstance(node, ast.Constant)}


def _has_short_functions(tree: ast.Module) -> bool:
    functions = [node for node in ast.walk(tree) if isinstance(node, _FUNCTIONS)]
    return all((node.end_lineno or node.lineno) - node.lineno < LONGEST_FUNCTION for node in functions)


def _makes_no_code(tree: ast.Module) -> bool:
    calls = [node.func for node in ast.walk(tree) if isinstance(node, ast.Call)]
    return not any(isinstance(called, ast.Name) and called.id in ("eval", "exec", "__import__") for called in calls)


def _ends_its_loops(tree: ast.Module) -> bool:
    loops = [node for node in ast.walk(tree) if isinstance(node, ast.While)]
    return all(_leaves(loop) for loop in loops if isinstance(loop.test, ast.Constant) and loop.test.value)


def _leaves(loop: ast.While) -> bool:
    """Whether a loop without a condition has a way out: a break of its own, a return, a raise, a yield."""
    inside = [(node, True) for node in loop.body]
    while inside:
        node, own = inside.pop()
        if isinstance(node, (ast.Return, ast.Raise)) or (own and isinstance(node, ast.Break)):
            return True
        if isinstance(node, ast.Expr) and isinstance(node.value, (ast.Yield, ast.YieldFrom)):
            return True
        if not isinstance(node, _SCOPES):
            own = own and not isinstance(node, _LOOPS)
            inside += [(inner, own) for inner in ast.iter_child_nodes(node)]  # type: ignore[misc]
    return False


def _shares_no_defaults(tree: ast.Module) -> bool:
    functions = [node.args for node in ast.walk(tree) if isinstance(node, (*_FUNCTIONS, ast.Lambda))]
    defaults = [value for found in functions for value in (*found.defaults, *found.kw_defaults)]
    return not any(isinstance(value, (ast.List, ast.Dict, ast.Set)) for value in defaults)


def _names_things(tree: ast.Module) -> bool:
    """No function, class or value has a name of one letter; loop variables, counters and parameters may."""
    loose = [node.target for node in ast.walk(tree) if isinstance(node, (ast.For, ast.AsyncFor, ast.comprehension, ast.AugAssign))]
    free = {inner.id for target in loose for inner in ast.walk(target) if isinstance(inner, ast.Name)}
    stored = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    defined = {node.name for node in ast.walk(tree) if isinstance(node, (*_FUNCTIONS, ast.ClassDef))}
    return all(len(name) > 1 or name == "_" for name in (stored - free) | defined)


CHECKS = (
    Check("it is Python", lambda tree: True),
    Check("each except names what it catches", _names_its_exceptions),
    Check("each import is used", _uses_its_imports),
    Check(f"no function is longer than {LONGEST_FUNCTION} lines", _has_short_functions),
    Check("no eval, exec or __import__", _makes_no_code),
    Check("each `while True` has a way out", _ends_its_loops),
    Check("no default is a list, dict or set that calls share", _shares_no_defaults),
    Check("names have more than one letter", _names_things),
)
