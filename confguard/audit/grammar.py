"""Python's grammar: who follows each kind of statement and of expression. What is not listed here does nothing, and can be anything."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

from confguard.audit.expressions import access, arguments, choices, comprehensions, containers, functions, operators
from confguard.audit.machine import Frame
from confguard.audit.statements import assignments, blocks, branches, definitions, endings, imports, loops, patterns
from confguard.audit.values import Values

EXPRESSIONS: dict[type[ast.AST], Callable[[Frame, Any], Values]] = {
    ast.Constant: access.constant,
    ast.Name: access.name,
    ast.NamedExpr: access.walrus,
    ast.Attribute: access.attribute,
    ast.Subscript: access.subscript,
    ast.Dict: containers.mapping,
    ast.List: containers.sequence,
    ast.Tuple: containers.sequence,
    ast.Set: containers.sequence,
    ast.ListComp: comprehensions.sequence,
    ast.SetComp: comprehensions.sequence,
    ast.GeneratorExp: comprehensions.sequence,
    ast.DictComp: comprehensions.mapping,
    ast.BinOp: operators.binary,
    ast.UnaryOp: operators.unary,
    ast.Compare: operators.comparison,
    ast.JoinedStr: operators.formatted,
    ast.BoolOp: choices.either,
    ast.IfExp: choices.conditional,
    ast.Call: arguments.call,
    ast.Lambda: functions.lambda_,
    ast.Await: functions.awaited,
    ast.Yield: functions.yielded,
    ast.YieldFrom: functions.yielded_from,
}
"""The values that an expression can have."""

STATEMENTS: dict[type[ast.AST], Callable[[Frame, Any], bool]] = {
    ast.Assign: assignments.plain,
    ast.AnnAssign: assignments.annotated,
    ast.AugAssign: assignments.augmented,
    ast.Global: assignments.global_,
    ast.Nonlocal: assignments.nonlocal_,
    ast.Expr: endings.expression,
    ast.Return: endings.return_,
    ast.Raise: endings.raise_,
    ast.Assert: branches.assert_,
    ast.If: branches.if_,
    ast.Match: patterns.match_,
    ast.Try: blocks.try_,
    ast.With: blocks.with_,
    ast.AsyncWith: blocks.with_,
    ast.For: loops.for_,
    ast.AsyncFor: loops.for_,
    ast.While: loops.while_,
    ast.Break: loops.leave,
    ast.Continue: loops.leave,
    ast.FunctionDef: definitions.define_function,
    ast.AsyncFunctionDef: definitions.define_function,
    ast.ClassDef: definitions.define_class,
    ast.Import: imports.import_,
    ast.ImportFrom: imports.import_from,
}
"""Whether the end of a statement is reached."""
