"""Statements: what each does to the names that are in force, and where the ways through them meet."""

from __future__ import annotations

import ast
from collections.abc import Callable
from functools import partial
from typing import Any

from confguard.audit.asked import MISSING, Asked
from confguard.audit.attributes import attribute
from confguard.audit.conditions import Decision, decide
from confguard.audit.expressions import elements, forgotten, merge_into, unpacked
from confguard.audit.keys import item
from confguard.audit.machine import Arguments, Frame, Machine, literal
from confguard.audit.modules import Module
from confguard.audit.places import ABSENT, Site
from confguard.audit.values import (
    ANYTHING,
    UNKNOWN,
    Bound,
    Class,
    Const,
    External,
    Fallback,
    File,
    Function,
    Instance,
    Items,
    ModuleValue,
    Node,
    Scope,
    Table,
    Value,
    Values,
    constants,
    join,
)
from confguard.audit.writing import set_attribute, set_item

Names = dict[str, Values]


# --- names ---


def assign(frame: Frame, target: ast.expr, values: Values) -> None:
    """Give a target its values."""
    if isinstance(target, ast.Name):
        assign_name(frame, target.id, values)
    elif isinstance(target, (ast.Tuple, ast.List)):
        _assign_each(frame, target.elts, values)
    elif isinstance(target, ast.Attribute):
        for value in frame.eval(target.value):
            set_attribute(frame, value, target.attr, values, frame.site(target))
    elif isinstance(target, ast.Subscript):
        key, containers = frame.eval(target.slice), frame.eval(target.value)
        known = tuple(value for value in containers if value is not UNKNOWN)
        for value in known or containers:
            set_item(frame, value, key, values, frame.site(target))
    elif isinstance(target, ast.Starred):
        assign(frame, target.value, values)


def assign_name(frame: Frame, name: str, values: Values) -> None:
    """Give a name its values, in the scope that it belongs to."""
    scope = _declared(frame, name)
    if scope is frame.scope:
        scope.names[name] = values
    else:
        scope.names[name] = join(scope.names.get(name, ()), values)


def _declared(frame: Frame, name: str) -> Scope:
    """The scope of a name: the function's own, unless `global` or `nonlocal` says otherwise."""
    outer = frame.outer.get(name)
    return outer if outer is not None else frame.scope


def _assign_each(frame: Frame, targets: list[ast.expr], values: Values) -> None:
    for index, target in enumerate(targets):
        if isinstance(target, ast.Starred):
            assign(frame, target.value, (Items(frame.machine.branches, rest=join(*[unpacked(frame, value, None) for value in values])),))
        else:
            assign(frame, target, join(*[unpacked(frame, value, index) for value in values]))


def merged(first: Names, second: Names) -> Names:
    """The names where two ways meet."""
    if first is second:
        return first
    both = dict(first)
    for name, values in second.items():
        old = both.get(name)
        both[name] = values if old is None or old == values else join(old, values)
    return both


# --- simple statements ---


def _assign(frame: Frame, node: ast.Assign) -> bool:
    values = frame.eval(node.value)
    for target in node.targets:
        assign(frame, target, values)
    return True


def _annotated(frame: Frame, node: ast.AnnAssign) -> bool:
    if node.value is not None:
        assign(frame, node.target, frame.eval(node.value))
    return True


def _augmented(frame: Frame, node: ast.AugAssign) -> bool:
    old, added = frame.eval(_as_loaded(node.target)), frame.eval(node.value)
    site = frame.site(node)
    frame.machine.use(old, site)
    frame.machine.use(added, site)
    for value in old:
        if isinstance(value, Items):
            value.rest = join(value.rest, *[elements(frame, one)[1] for one in added])
            frame.machine.epoch += 1
        elif isinstance(value, Table) and isinstance(node.op, ast.BitOr):
            frame.call(attribute(frame, value, "update", site), Arguments([added]), node)
    sections = [value for value in old if isinstance(value, Node) and value.is_section]
    if sections and isinstance(node.op, ast.BitOr):
        made = Table(frame.machine.branches)
        for value in (*sections, *added):
            merge_into(frame, made, value)
        assign(frame, node.target, (made,))
    elif not any(isinstance(value, (Items, Table)) for value in old):
        assign(frame, node.target, ANYTHING)
    return True


def _as_loaded(target: ast.expr) -> ast.expr:
    """The target of `x += 1`, to be read."""
    if isinstance(target, ast.Name):
        return ast.copy_location(ast.Name(target.id, ast.Load()), target)
    if isinstance(target, ast.Attribute):
        return ast.copy_location(ast.Attribute(target.value, target.attr, ast.Load()), target)
    if isinstance(target, ast.Subscript):
        return ast.copy_location(ast.Subscript(target.value, target.slice, ast.Load()), target)
    return target


def _expression(frame: Frame, node: ast.Expr) -> bool:
    frame.eval(node.value)
    return not _ends_the_run(node.value)


def _ends_the_run(node: ast.expr) -> bool:
    if not isinstance(node, ast.Call):
        return False
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    return name in ("exit", "quit", "_exit")


def _return(frame: Frame, node: ast.Return) -> bool:
    frame.returns = join(frame.returns, frame.eval(node.value))
    return False


def _raise(frame: Frame, node: ast.Raise) -> bool:
    with frame.machine.log():
        frame.eval(node.exc)
    return False


def _assert(frame: Frame, node: ast.Assert) -> bool:
    decide(frame, node.test)
    return True


def _leave(frame: Frame, node: ast.Break | ast.Continue) -> bool:
    if frame.exits:
        frame.exits[-1][isinstance(node, ast.Break)].append(frame.scope.names)
    return False


def _global(frame: Frame, node: ast.Global) -> bool:
    frame.outer.update(dict.fromkeys(node.names, frame.machine.scope_of(frame.module)))
    return True


def _nonlocal(frame: Frame, node: ast.Nonlocal) -> bool:
    for name in node.names:
        scope = frame.scope.outer
        while scope is not None and name not in scope.names:
            scope = scope.outer
        if scope is not None:
            frame.outer[name] = scope
    return True


# --- branches ---


def _if(frame: Frame, node: ast.If) -> bool:
    decision = decide(frame, node.test)
    if decision.is_certain and decision.holds is not None:
        return frame.run(node.body if decision.holds else node.orelse)
    if decision.holds is not None:
        _tell_default(frame, node, decision)
        return _decided(frame, node, decision)
    before = frame.scope.names
    frame.scope.names = dict(before)
    with frame.machine.branch():
        reached = _guarded(frame, node.body, decision)
        after = frame.scope.names
        _name_default(frame, node, before, after)
        frame.scope.names = dict(before)
        otherwise = frame.run(node.orelse)
    frame.may_have_left = reached != otherwise and any(_leaves(one) for one in (node.orelse if reached else node.body))
    if reached and otherwise:
        frame.scope.names = merged(after, frame.scope.names)
    elif reached:
        frame.scope.names = after
    return reached or otherwise


def _leaves(statement: ast.stmt) -> bool:
    return any(isinstance(node, (ast.Return, ast.Continue, ast.Break)) for node in ast.walk(statement))


def _guarded(frame: Frame, body: list[ast.stmt], decision: Decision) -> bool:
    machine = frame.machine
    machine.guarded += decision.guards
    reached = frame.run(body)
    del machine.guarded[len(machine.guarded) - len(decision.guards) :]
    return reached


def _decided(frame: Frame, node: ast.If, decision: Decision) -> bool:
    """One way is the one; the other is looked at for what it would read."""
    machine = frame.machine
    taken, other = (node.body, node.orelse) if decision.holds else (node.orelse, node.body)
    before = frame.scope.names
    frame.scope.names = {**before, **forgotten(node.test)}
    returns, yields = frame.returns, frame.yields
    machine.impossible += 1
    frame.exits.append(([], []))
    frame.run(other)
    frame.exits.pop()
    machine.impossible -= 1
    frame.returns, frame.yields = returns, yields
    frame.scope.names = before
    if frame.run(taken):
        return True
    if not isinstance(taken[-1], ast.Raise):
        return False
    frame.scope.names = before  # another config gets past it
    return True


def _tell_default(frame: Frame, node: ast.If, decision: Decision) -> None:
    """`if "k" in cfg: x = cfg["k"]`, `else: x = 5`: the code's own value rules where the key is not there."""
    if not decision.guards or frame.machine.impossible:
        return
    guards = [Node(config, path) for config, path in decision.guards]
    absent = [place for place in guards if place.data is ABSENT]
    there = [place for place in guards if place.data is not ABSENT]
    targets = _assigned(node.body)
    instead = [value for target, value in _assigned(node.orelse).items() if target in targets]
    instead += [one.value for one in (node.body if _is_negated(node.test) else node.orelse) if isinstance(one, ast.Return) and one.value]
    for value in instead:
        known = literal(frame.eval(value))
        for place in absent if known is not ABSENT else ():
            frame.machine.trace.asked[Asked(place.spot, _asking(frame, value), known)] = None
        for place in there:
            frame.machine.trace.offer(place, _asking(frame, value), known)


def _asking(frame: Frame, value: ast.expr) -> Site:
    """Where a default is given: in the call, where it is a parameter."""
    return frame.machine.stack[-1] if isinstance(value, ast.Name) and frame.machine.stack else frame.site(value)


def _is_negated(test: ast.expr) -> bool:
    return any(isinstance(node, ast.NotIn) for node in ast.walk(test))


def _assigned(body: list[ast.stmt]) -> dict[str, ast.expr]:
    """What is assigned in a few statements, by how the target is written."""
    return {ast.unparse(one.targets[0]): one.value for one in body if isinstance(one, ast.Assign)}


def _name_default(frame: Frame, node: ast.If, before: Names, after: Names) -> None:
    """`if x is None: x = 5` after `x = cfg.get("k")`: the default is 5."""
    for name, old in before.items():
        tags = [value for value in old if isinstance(value, Fallback) and not value.asked.default]
        if tags and after.get(name) is not old and any(isinstance(one, ast.Name) and one.id == name for one in ast.walk(node.test)):
            known = literal(after[name])
            for tag in tags:
                if known is not ABSENT:
                    tag.asked.default = known


def _match(frame: Frame, node: ast.Match) -> bool:
    subject = frame.eval(node.subject)
    frame.machine.use(subject, frame.site(node))
    before = frame.scope.names
    ends: list[Names] = [before]
    with frame.machine.branch():
        for case in node.cases:
            frame.scope.names = dict(before)
            _matched(frame, case.pattern, subject)
            frame.eval(case.guard)
            if frame.run(case.body):
                ends.append(frame.scope.names)
    frame.scope.names = ends[0]
    for names in ends[1:]:
        frame.scope.names = merged(frame.scope.names, names)
    return True


def _may_have(value: Value, key: Values) -> bool:
    """Whether a mapping can match a pattern that has a key: one that has no such key does not, and nothing asks it."""
    if isinstance(value, Node):
        return all(value.child(name).data is not ABSENT for name in constants(key))
    return isinstance(value, (Table, Instance))


def _matched(frame: Frame, pattern: ast.pattern, values: Values) -> None:
    """Give the names of a pattern what they capture; a pattern of a mapping reads its keys."""
    if isinstance(pattern, ast.MatchMapping):
        for key, below in zip(pattern.keys, pattern.patterns, strict=True):
            site = frame.site(key)
            known = [value for value in values if _may_have(value, frame.eval(key))]
            _matched(frame, below, join(*[item(frame, value, frame.eval(key), site, ()) for value in known]) or ANYTHING)
        if pattern.rest:
            frame.scope.names[pattern.rest] = values
    elif isinstance(pattern, ast.MatchAs):
        if pattern.pattern is not None:
            _matched(frame, pattern.pattern, values)
        if pattern.name:
            frame.scope.names[pattern.name] = values
    elif isinstance(pattern, ast.MatchStar):
        if pattern.name:
            frame.scope.names[pattern.name] = ANYTHING
    else:
        frame.machine.use(values, frame.site(pattern))
        for below in getattr(pattern, "patterns", ()) or ():
            _matched(frame, below, values if isinstance(pattern, ast.MatchOr) else ANYTHING)


def _try(frame: Frame, node: ast.Try) -> bool:
    machine = frame.machine
    known = set(machine.trace.asked)
    before = dict(frame.scope.names)
    with machine.branch(doubtful=bool(node.handlers)):
        reached = frame.run(node.body) and frame.run(node.orelse)
    names = frame.scope.names
    if any(_catches(handler) for handler in node.handlers):
        _caught(frame, node, [asked for asked in machine.trace.asked if asked not in known and asked.default is MISSING])
    ends = [names] if reached else []
    with machine.branch():
        for handler in node.handlers:
            frame.scope.names = merged(before, names)
            if handler.name:
                frame.scope.names[handler.name] = ANYTHING
            if frame.run(handler.body):
                ends.append(frame.scope.names)
    frame.scope.names = ends[0] if ends else names
    for end in ends[1:]:
        frame.scope.names = merged(frame.scope.names, end)
    return frame.run(node.finalbody) and bool(ends)


def _catches(handler: ast.ExceptHandler) -> bool:
    names = (
        {node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "") for node in ast.walk(handler.type)}
        if handler.type
        else set()
    )
    return not names or bool(
        names & {"KeyError", "AttributeError", "Exception", "LookupError", "BaseException", "TypeError", "ConfigAttributeError"}
    )


def _caught(frame: Frame, node: ast.Try, asked: list[Asked]) -> None:
    """What a `try` asks for and does not get raises nothing; where the handler assigns the same name, that is the default."""
    targets = _assigned(node.body)
    instead = {name: value for handler in node.handlers for name, value in _assigned(handler.body).items() if name in targets}
    for one in asked:
        del frame.machine.trace.asked[one]
        for name, value in instead.items():
            known = literal(frame.eval(value))
            if one.site.line == targets[name].lineno and known is not ABSENT:
                one.default = known
                frame.machine.trace.asked[one] = None


def _with(frame: Frame, node: ast.With | ast.AsyncWith) -> bool:
    for part in node.items:
        values = frame.eval(part.context_expr)
        if part.optional_vars is not None:
            assign(frame, part.optional_vars, join(*[_entered(frame, value, node) for value in values]) or ANYTHING)
    forgives = any(_name_of_call(part.context_expr) in ("suppress", "raises") for part in node.items)
    frame.machine.forgiving += forgives
    with frame.machine.branch(doubtful=forgives):
        reached = frame.run(node.body)
    frame.machine.forgiving -= forgives
    return reached or forgives


def _name_of_call(node: ast.expr) -> str:
    function = node.func if isinstance(node, ast.Call) else node
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def _entered(frame: Frame, value: Value, node: ast.AST) -> Values:
    if isinstance(value, Instance):
        method = value.class_.lookup("__enter__")
        return frame.call(attribute(frame, value, "__enter__", frame.site(node)), Arguments(), node) if method else (value,)
    if isinstance(value, Items):
        return value.any_item()
    return (value,) if isinstance(value, (File, External)) else ANYTHING


# --- loops ---


def _for(frame: Frame, node: ast.For | ast.AsyncFor) -> bool:
    values = frame.eval(node.iter)
    frame.machine.use(values, frame.site(node))
    found = [elements(frame, value) for value in values]
    if found and all(items is not None for items, _ in found):
        with frame.machine.branch(doubtful=len(found) > 1):
            return _unrolled(frame, node, [item for items, _ in found for item in items or ()])
    any_item = join(*[every for _, every in found]) or ANYTHING
    _again(frame, node.body, lambda: assign(frame, node.target, any_item))
    frame.run(node.orelse)
    return True


def _unrolled(frame: Frame, node: ast.For | ast.AsyncFor, items: list[Values]) -> bool:
    """A loop of which each round is known; whether its end is reached."""
    left: list[Names] = []
    reached = True
    for values in items:
        reached, breaks = _once(frame, node.body, partial(assign, frame, node.target, values))
        left += breaks
        if not reached:
            break
    if reached:
        reached = frame.run(node.orelse)
    ends = ([frame.scope.names] if reached else []) + left
    _meet(frame, ends)
    return bool(ends)


def _meet(frame: Frame, ends: list[Names]) -> None:
    if ends:
        frame.scope.names = ends[0]
        for names in ends[1:]:
            frame.scope.names = merged(frame.scope.names, names)


def _while(frame: Frame, node: ast.While) -> bool:
    def look() -> None:
        decide(frame, node.test)

    look()
    _again(frame, node.body, look)
    frame.run(node.orelse)
    return True


def _once(frame: Frame, body: list[ast.stmt], begin: Callable[[], None]) -> tuple[bool, list[Names]]:
    """One round of a loop: whether there is a next one, which has the names of each way to it, and the names where it is left."""
    frame.exits.append(([], []))
    begin()
    reached = frame.run(body)
    goes_on, breaks = frame.exits.pop()
    ends = ([frame.scope.names] if reached else []) + goes_on
    _meet(frame, ends)
    return bool(ends), breaks


def _again(frame: Frame, body: list[ast.stmt], begin: Callable[[], None]) -> None:
    """A loop of which the rounds are not known: what one round leaves is there in the next."""
    with frame.machine.branch():
        for _ in range(3):
            before, epoch = frame.scope.names, frame.machine.epoch
            frame.scope.names = dict(before)
            reached, breaks = _once(frame, body, begin)
            _meet(frame, [before, *([frame.scope.names] if reached else []), *breaks])
            if frame.scope.names == before and frame.machine.epoch == epoch:
                break


# --- definitions ---


def _function(frame: Frame, node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    function = Function(node, frame.module, frame.enclosing, frame.static)
    for default in (*node.args.defaults, *node.args.kw_defaults):
        if default is not None:
            frame.machine.defaults[default] = frame.eval(default)
    if frame.function is not None:
        frame.machine.defined.setdefault(function, None)
    values: Values = (function,)
    for decorator in reversed(node.decorator_list):
        values = _decorated(frame, values, frame.eval(decorator), decorator)
    for decorator in node.decorator_list:
        _register(frame, decorator, function)
    kinds = [decorator.attr for decorator in node.decorator_list if isinstance(decorator, ast.Attribute)]
    if "setter" in kinds or "deleter" in kinds:
        assign_name(frame, f"{node.name}.{kinds[0]}", (function,))
        return True
    assign_name(frame, node.name, values)
    return True


def _register(frame: Frame, decorator: ast.expr, function: Function) -> None:
    """`@walk.register`: a function that `singledispatch` calls instead of another one."""
    target = decorator.func if isinstance(decorator, ast.Call) else decorator
    if isinstance(target, ast.Attribute) and target.attr == "register":
        for value in frame.eval(target.value):
            if isinstance(value, Function):
                frame.machine.registered.setdefault(value.node, []).append(function)


def _decorated(frame: Frame, values: Values, decorators: Values, node: ast.AST) -> Values:
    """What decorators of the code make of a function or a class; those of libraries leave them as they are."""
    own = tuple(value for value in decorators if not isinstance(value, External) and value is not UNKNOWN)
    if not own:
        return values
    made = frame.call(own, Arguments([values]), node)
    return tuple(value for value in made if isinstance(value, (Function, Class, Bound))) or values


def _class(frame: Frame, node: ast.ClassDef) -> bool:
    bases = tuple(frame.eval(base) for base in node.bases)
    names = tuple(_decorator_name(decorator) for decorator in node.decorator_list)
    class_ = Class(node, frame.module, frame.enclosing, bases, names)
    inner = Frame(frame.machine, frame.module, Scope(frame.enclosing))
    inner.static = class_
    inner.run(node.body)
    class_.names = inner.scope.names
    for value in [one for held in class_.names.values() for one in held if isinstance(one, Function)]:
        frame.machine.methods.setdefault(value.name, []).append(value)
    values: Values = (class_,)
    for decorator in reversed(node.decorator_list):
        values = _decorated(frame, values, frame.eval(decorator), decorator)
    assign_name(frame, node.name, values)
    _announce(frame, class_, node)
    return True


def _announce(frame: Frame, class_: Class, node: ast.ClassDef) -> None:
    """Tell the classes it is derived from, which may keep a register of them."""
    hook = class_.lookup("__init_subclass__", after=class_)
    if hook is not None:
        frame.call(hook, Arguments([(class_,)]), node)


def _decorator_name(node: ast.expr) -> str:
    return ast.unparse(node.func if isinstance(node, ast.Call) else node)


# --- imports ---


def _import(frame: Frame, node: ast.Import) -> bool:
    for alias in node.names:
        module = frame.machine.modules.find(alias.name, frame.module)
        if module is not None:
            execute(frame.machine, module)
        top = alias.name.partition(".")[0]
        if alias.asname or module is None or "." not in alias.name:
            name = alias.asname or top
            assign_name(frame, name, (ModuleValue(module),) if module else (External(alias.name if alias.asname else top),))
        else:
            assign_name(frame, top, _package(frame, alias.name.split(".")[:-1], module, alias.name))
    return True


def _package(frame: Frame, parts: list[str], module: Module, name: str) -> Values:
    """The first package of `import a.b.c`, in which `b.c` can be found."""
    values: Values = (ModuleValue(module),)
    for index in range(len(parts), 0, -1):
        package = frame.machine.modules.find(".".join(parts[:index]), frame.module)
        if package is not None:
            execute(frame.machine, package)
            frame.machine.scope_of(package).names.setdefault(name.split(".")[index], values)
            values = (ModuleValue(package),)
        else:
            values = (Table((), {name.split(".")[index]: values}),)
    return values


def _import_from(frame: Frame, node: ast.ImportFrom) -> bool:
    modules = frame.machine.modules
    name = node.module or ""
    module = modules.relative(node.level, name, frame.module) if node.level else modules.find(name, frame.module)
    if module is not None:
        execute(frame.machine, module)
    for alias in node.names:
        if alias.name == "*":
            if module is not None:
                for one, values in frame.machine.scope_of(module).names.items():
                    frame.scope.names.setdefault(one, values)
            continue
        assign_name(frame, alias.asname or alias.name, _imported(frame, node, module, name, alias.name))
    return True


def _imported(frame: Frame, node: ast.ImportFrom, module: Module | None, name: str, wanted: str) -> Values:
    modules = frame.machine.modules
    if module is not None and wanted in frame.machine.scope_of(module).names:
        return frame.machine.scope_of(module).names[wanted]
    dotted = f"{name}.{wanted}" if name else wanted
    below = modules.relative(node.level, dotted, frame.module) if node.level else modules.find(dotted, frame.module) if name else None
    if below is not None and (module is None or below.name.rpartition(".")[2] == wanted):
        execute(frame.machine, below)
        return (ModuleValue(below),)
    return (External(dotted),) if module is None else ANYTHING


def execute(machine: Machine, module: Module) -> None:
    """Follow the statements of a module, once."""
    if module in machine.executed:
        return
    machine.executed.add(module)
    machine.scope_of(module).names = {"__name__": ANYTHING, "__file__": (File((Const(module.real),)),)}
    frame = Frame(machine, module, machine.scope_of(module))
    frame.enclosing = machine.scope_of(module)
    branches, machine.branches = machine.branches, ()
    frame.run(machine.modules.tree(module).body)
    machine.branches = branches


STATEMENTS: dict[type[ast.AST], Callable[[Frame, Any], bool]] = {
    ast.Assign: _assign,
    ast.AnnAssign: _annotated,
    ast.AugAssign: _augmented,
    ast.Expr: _expression,
    ast.Return: _return,
    ast.Raise: _raise,
    ast.Assert: _assert,
    ast.Break: _leave,
    ast.Continue: _leave,
    ast.Global: _global,
    ast.Nonlocal: _nonlocal,
    ast.If: _if,
    ast.Match: _match,
    ast.Try: _try,
    ast.With: _with,
    ast.AsyncWith: _with,
    ast.For: _for,
    ast.AsyncFor: _for,
    ast.While: _while,
    ast.FunctionDef: _function,
    ast.AsyncFunctionDef: _function,
    ast.ClassDef: _class,
    ast.Import: _import,
    ast.ImportFrom: _import_from,
}
