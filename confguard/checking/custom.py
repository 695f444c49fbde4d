"""Rules that a team declares in its project file: `when` is a condition over parameters, in the arithmetic of Python.

    rules:
      custom:
        - {code: TEAM001, when: "rollout_batch_size * num_generations > 64", message: "more than our GPU holds"}

A condition may compare, add, multiply and combine numbers, strings and names of parameters, with `len`, `min`, `max`, `abs` and
`sum`; it cannot call or reach anything else, because it is walked, never run.
"""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable

from confguard.project.project import BadProject, CustomRule, Project
from confguard.words.catalogue import Catalogue
from confguard.words.finding import NEVER
from confguard.words.rule import Broken, Rule, Verdict
from confguard.words.typing import Any

MAX_CONDITION = 1000
_CODE = re.compile(r"[A-Z]+[0-9]+")

_OPERATORS: dict[type, Callable[..., Any]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv, ast.Mod: operator.mod, ast.USub: operator.neg, ast.UAdd: operator.pos, ast.Not: operator.not_,
    ast.Eq: operator.eq, ast.NotEq: operator.ne, ast.Lt: operator.lt, ast.LtE: operator.le, ast.Gt: operator.gt, ast.GtE: operator.ge,
    ast.In: lambda item, items: item in items, ast.NotIn: lambda item, items: item not in items,
    ast.Is: operator.is_, ast.IsNot: operator.is_not,
}  # fmt: skip
_FUNCTIONS: dict[str, Callable[..., Any]] = {"len": len, "min": min, "max": max, "abs": abs, "sum": sum}


def custom_rules(project: Project, catalogue: Catalogue) -> list[Rule]:
    """The rules of a project file; raises `BadProject` for a condition that cannot be understood."""
    return [_rule(project, custom, catalogue) for custom in project.custom]


def _rule(project: Project, custom: CustomRule, catalogue: Catalogue) -> Rule:
    where = f"{project.document.path if project.document else project.root}:{custom.line}"
    tree = _condition(custom, catalogue, where)
    names: dict[str, str] = {}
    for node in ast.walk(tree):
        name = _dotted(node)
        if name is None or name in _FUNCTIONS:
            continue
        parameter = catalogue.parameter(name)
        if parameter is not None:
            names[name] = parameter
        elif isinstance(node, ast.Name) and not any(other.startswith(name + ".") for other in names):
            raise BadProject(f"{where}: the condition of {custom.code} names `{name}`, which is no parameter")
    inputs = tuple(dict.fromkeys(names.values()))

    def verdict(*values: Any) -> Verdict:
        known = dict(zip(inputs, values, strict=True))
        try:
            broken = _value(tree, {name: known[parameter] for name, parameter in names.items()})
        except (ArithmeticError, TypeError, ValueError, LookupError, RecursionError) as error:
            raise BadProject(f"{where}: the condition of {custom.code} cannot be worked out: {error}") from None
        return Broken(custom.message, keys=inputs, help=custom.help) if broken else None

    source = f"{where} of this project"
    name = custom.code.lower()
    return Rule(
        custom.code, name, custom.severity, NEVER, text=custom.message, zh="", source=source, inputs=inputs, about=inputs, function=verdict
    )


def _condition(custom: CustomRule, catalogue: Catalogue, where: str) -> ast.expr:
    if custom.code in catalogue.rules:
        raise BadProject(f"{where}: {custom.code} is a rule of confguard's; choose another code")
    if not _CODE.fullmatch(custom.code):
        raise BadProject(f"{where}: {custom.code} is no code for a rule; write letters and then digits, such as TEAM001")
    if len(custom.when) > MAX_CONDITION:
        raise BadProject(f"{where}: the condition of {custom.code} is longer than {MAX_CONDITION:,} characters")
    try:
        return ast.parse(custom.when, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise BadProject(f"{where}: the condition of {custom.code} is no expression: {custom.when}") from None


def _dotted(node: ast.AST) -> str | None:
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        base = _dotted(node.value)
        return f"{base}.{node.attr}" if base else None
    return None


def _value(node: ast.expr, known: dict[str, Any]) -> Any:
    """The value of an expression; raises TypeError for anything but arithmetic, comparisons and known names."""
    name = _dotted(node)
    if name is not None and name in known:
        return known[name]
    work_out = _NODES.get(type(node))
    if work_out is None:
        raise TypeError(f"{ast.unparse(node)} is more than a condition may hold")
    return work_out(node, known)


def _operation(node: ast.BinOp, known: dict[str, Any]) -> Any:
    left, right = _value(node.left, known), _value(node.right, known)
    if not isinstance(node.op, ast.Add) and not (isinstance(left, (int, float)) and isinstance(right, (int, float))):
        raise TypeError("only numbers can be reckoned with")
    return _operator(node.op)(left, right)


def _combination(node: ast.BoolOp, known: dict[str, Any]) -> bool:
    values = (_value(item, known) for item in node.values)
    return all(values) if isinstance(node.op, ast.And) else any(values)


def _comparison(node: ast.Compare, known: dict[str, Any]) -> bool:
    terms = [_value(item, known) for item in (node.left, *node.comparators)]
    return all(_operator(op)(left, right) for op, left, right in zip(node.ops, terms, terms[1:], strict=False))


def _call(node: ast.Call, known: dict[str, Any]) -> Any:
    if not isinstance(node.func, ast.Name) or node.func.id not in _FUNCTIONS or node.keywords:
        raise TypeError(f"a condition can only call {', '.join(_FUNCTIONS)}")
    return _FUNCTIONS[node.func.id](*[_value(item, known) for item in node.args])


def _operator(op: ast.AST) -> Callable[..., Any]:
    if type(op) not in _OPERATORS:
        raise TypeError(f"{type(op).__name__} is more than a condition may hold")
    return _OPERATORS[type(op)]


_NODES: dict[type, Callable[[Any, dict[str, Any]], Any]] = {
    ast.Constant: lambda node, known: node.value,
    ast.List: lambda node, known: [_value(item, known) for item in node.elts],
    ast.Tuple: lambda node, known: [_value(item, known) for item in node.elts],
    ast.UnaryOp: lambda node, known: _operator(node.op)(_value(node.operand, known)),
    ast.Subscript: lambda node, known: _value(node.value, known)[_value(node.slice, known)],
    ast.BinOp: _operation,
    ast.BoolOp: _combination,
    ast.Compare: _comparison,
    ast.Call: _call,
}
