"""Twins: where the code has a value of its own for a key that it does not read."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from confguard.audit import signatures
from confguard.audit.modules import Module
from confguard.audit.places import Path, Site


class Twin(NamedTuple):
    """A literal of the code that stands for a key: where it is, and the text of it."""

    site: Site
    text: str


Meaning = Callable[[str], str | None]
"""The parameter that a name stands for, where one is known."""


def twins_of(paths: Iterable[Path], modules: Iterable[Module], trees: Callable[[Module], ast.Module], meaning: Meaning) -> dict[Path, Twin]:
    """The best twin of each key: an argument of a call before a default, a default before an assignment; the same name first."""
    by_name: dict[str, list[tuple[int, Twin]]] = {}
    for module in modules:
        for rank, name, node, text in _literals(trees(module)):
            by_name.setdefault(name, []).append((rank, Twin(Site(module.path, getattr(node, "lineno", 1)), text)))
    by_meaning: dict[str, list[tuple[int, Twin]]] = {}
    for name, found in by_name.items():
        parameter = meaning(name)
        if parameter is not None:
            by_meaning.setdefault(parameter, []).extend(found)
    twins: dict[Path, Twin] = {}
    for path in paths:
        name = str(path[-1])
        parameter = meaning(name)
        found = by_name.get(name) or by_meaning.get(parameter or "", [])
        if found:
            twins[path] = min(found, key=lambda item: (item[0], item[1].site))[1]
    return twins


def _literals(tree: ast.Module) -> Iterator[tuple[int, str, ast.AST, str]]:
    """Each name that is given a literal: how strong it is as a twin, the name, where, and how it is written."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            for keyword in node.keywords:
                if keyword.arg and _is_literal(keyword.value):
                    yield 0, keyword.arg, keyword.value, f"{keyword.arg}={ast.unparse(keyword.value)}"
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield from _defaults(node)
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value is not None and _is_literal(node.value):
            yield 2, node.target.id, node, f"{node.target.id} = {ast.unparse(node.value)}"
        elif isinstance(node, ast.Assign) and len(node.targets) == 1 and _is_literal(node.value):
            target = node.targets[0]
            name = target.id if isinstance(target, ast.Name) else target.attr if isinstance(target, ast.Attribute) else None
            if name:
                yield 3, name, node, f"{name} = {ast.unparse(node.value)}"


def _defaults(node: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[tuple[int, str, ast.AST, str]]:
    for name, default in signatures.defaults(node.args).items():
        if _is_literal(default):
            yield 1, name, default, f"{name}={ast.unparse(default)} in {node.name}()"


def _is_literal(node: ast.expr) -> bool:
    if isinstance(node, ast.Constant):
        return node.value is not None and node.value is not Ellipsis
    if isinstance(node, ast.UnaryOp):
        return isinstance(node.operand, ast.Constant)
    return isinstance(node, (ast.Tuple, ast.List)) and bool(node.elts) and all(_is_literal(one) for one in node.elts)
