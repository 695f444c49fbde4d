"""Calls: a function of the code is followed with the arguments it gets, a class makes an object, all else is for the tables."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

from confguard.audit import hydra
from confguard.audit.attributes import attribute, decorators, obtained
from confguard.audit.contents import above
from confguard.audit.fields import fill, has_fields, is_dict
from confguard.audit.keys import CONTENT
from confguard.audit.known import METHODS, TEXTS, UNLISTED
from confguard.audit.library import calling
from confguard.audit.literals import literal
from confguard.audit.machine import MOST_RUNS, Arguments, Frame, Machine
from confguard.audit.merging import merge_into
from confguard.audit.methods.unlisted import unlisted
from confguard.audit.places import ABSENT
from confguard.audit.values import (
    ANYTHING,
    UNKNOWN,
    Bound,
    Class,
    Const,
    External,
    File,
    Function,
    Held,
    Instance,
    Items,
    Method,
    Node,
    Scope,
    Super,
    Table,
    Value,
    Values,
    join,
    text_of,
)

DEEPEST = 60
"""Calls within calls that are followed."""
MOST_RECURSION = 12
MOST_VARIANTS = 3
"""Different arguments, with nothing of a config among them, for which a function is followed that has not come upon one so far."""
MOST_IN_DOUBT = 2
"""Calls of a function within itself that are followed where it is not known whether they take place."""


def call(frame: Frame, callee: Value, arguments: Arguments, node: ast.AST) -> Values:
    """What a call of one value gives."""
    handler = _CALLED.get(type(callee))
    return handler(frame, callee, arguments, node) if handler else ()


def _bound(frame: Frame, callee: Bound, arguments: Arguments, node: ast.AST) -> Values:
    more = arguments.before(*callee.args)
    if callee.keywords:
        more.keywords = {**dict(callee.keywords), **more.keywords}
    return call(frame, callee.function, more, node)


def _external(frame: Frame, callee: External, arguments: Arguments, node: ast.AST) -> Values:
    return calling.call(frame, callee, arguments, node)


def _unknown(frame: Frame, callee: Value, arguments: Arguments, node: ast.AST) -> Values:
    return calling.call(frame, External("?"), arguments, node)


def _method(frame: Frame, callee: Method, arguments: Arguments, node: ast.AST) -> Values:
    if isinstance(callee.of, Super):
        return _foreign_method(frame, callee.of, callee.name, arguments, node)
    row = METHODS.get(type(callee.of), {}).get(callee.name)
    if row is not None:
        return row(frame, callee.of, arguments, node)
    given = UNLISTED.get(type(callee.of), unlisted)(frame, callee, arguments, node)
    text = text_of(callee.of)
    of_text = TEXTS.get(callee.name) if text is not None else None
    return of_text(callee.of if isinstance(callee.of, Const) else Const(text), callee.name, arguments) if of_text else given


def _instance(frame: Frame, callee: Instance, arguments: Arguments, node: ast.AST) -> Values:
    for name in ("__call__", "forward"):
        if callee.class_.lookup(name) is not None:
            return frame.call(attribute(frame, callee, name, frame.site(node)), arguments, node)
    return calling.call(frame, External("?"), arguments, node)


# --- functions of the code ---


def _function(frame: Frame, callee: Function, arguments: Arguments, node: ast.AST) -> Values:
    machine, functions = frame.machine, frame.machine.functions
    given = hydra.composed(frame, callee, arguments)
    arguments = given if given is not None else arguments
    key, rounds = _signature(machine, callee, arguments, node)
    known = functions.results.get(key)
    if known is not None and (known[0] >= rounds or known[1] == machine.epoch):
        return known[2]
    if not _may_follow(frame, callee):
        _give_up(frame, callee, arguments, node)
        return known[2] if known is not None else ANYTHING
    seen = machine.trace.count
    result = _followed(frame, callee, arguments, node)
    for other in functions.registered.get(callee.node, ()):
        if _may_follow(frame, other):
            result = join(result, _followed(frame, other, arguments, node))
    if machine.trace.count > seen or machine.is_followed(result):
        functions.telling.add(callee.node)
    functions.results[key] = ((known[0] if known is not None else 0) + 1, machine.epoch, result)
    return result


def _signature(machine: Machine, callee: Function, arguments: Arguments, node: ast.AST) -> tuple[Any, int]:
    """What makes two calls the same one, and how often such a call is followed: once, where nothing of a config is in it."""
    place = (node, tuple(machine.stack[-2:])) if callee.module.loads else ()
    state = (callee.node, place, machine.mode.impossible, machine.mode.unreached)
    given = tuple((name, _told_apart(machine, values)) for name, values in arguments.each())
    if arguments.spread or arguments.stands_for or any(machine.is_followed(values) for _, values in arguments.each()):
        return (state, callee.scope, given, tuple(arguments.spread), arguments.open, machine.mode.guarded), 2
    key: Any = (state, given, arguments.open)
    functions = machine.functions
    if key not in functions.results:
        functions.variants[callee.node] += 1
        if functions.variants[callee.node] > MOST_VARIANTS and callee.node not in functions.telling:
            key = (callee.node, "any more")
    return key, 1


def _told_apart(machine: Machine, values: Values) -> Any:
    """Arguments as they are told apart: what is followed, objects and texts by themselves; of functions the definition."""
    return tuple(_plain(machine, value) for value in values)


def _plain(machine: Machine, value: Value) -> Any:
    if isinstance(value, Instance) or (isinstance(value, (Held, Bound)) and machine.is_followed((value,))) or isinstance(value, Node):
        return value
    if isinstance(value, Function):
        return value.node
    if isinstance(value, (Class, File, Const)):
        return value if not isinstance(value, Const) or text_of(value) is not None or value.value is None else UNKNOWN
    return UNKNOWN


def _may_follow(frame: Frame, callee: Function) -> bool:
    machine, functions = frame.machine, frame.machine.functions
    active = functions.active[callee.node]
    if active and (machine.mode.impossible or active > MOST_RECURSION):
        return False
    if active >= MOST_IN_DOUBT and len(machine.branches) >= functions.entered[callee.node] + MOST_IN_DOUBT:
        return False
    if functions.runs[callee.node] >= MOST_RUNS:
        machine.gave_up = machine.gave_up or callee.node in functions.telling
        return False
    return len(machine.stack) < DEEPEST and not machine.gave_up


def _give_up(frame: Frame, callee: Function, arguments: Arguments, node: ast.AST) -> None:
    """What goes into a call that is not followed may be read there."""
    if frame.machine.mode.impossible and frame.machine.functions.active[callee.node]:
        return
    for _, values in arguments.each():
        for value in frame.machine.inner(values):
            if isinstance(value, Node):
                frame.machine.unclear(value, frame.site(node), f"{callee.name}() calls itself too often to be followed")


def _followed(frame: Frame, callee: Function, arguments: Arguments, node: ast.AST) -> Values:
    machine, functions = frame.machine, frame.machine.functions
    inner = Frame(machine, callee.module, Scope(callee.scope), callee)
    _bind(frame, inner, callee, arguments, node)
    functions.called.add(callee.node)
    if not functions.active[callee.node]:
        functions.entered[callee.node] = len(machine.branches)
    functions.active[callee.node] += 1
    functions.runs[callee.node] += 1
    machine.stack.append(frame.site(node))
    try:
        with machine.compute():
            if isinstance(callee.node, ast.Lambda):
                return inner.eval(callee.node.body)
            inner.run(callee.node.body)
    finally:
        machine.stack.pop()
        functions.active[callee.node] -= 1
    if inner.yields:
        return (Items(machine.branches, rest=inner.yields),)
    return inner.returns


def _bind(frame: Frame, inner: Frame, callee: Function, arguments: Arguments, node: ast.AST) -> None:
    """Give the parameters their values."""
    names = inner.scope.names
    spec = callee.node.args
    positional = [*spec.posonlyargs, *spec.args]
    for parameter, values in zip(positional, arguments.positional, strict=False):
        names[parameter.arg] = values
    extra = arguments.positional[len(positional) :]
    left = dict(arguments.keywords)
    for parameter in (*positional, *spec.kwonlyargs):
        if parameter.arg in left and parameter.arg not in names:
            names[parameter.arg] = left.pop(parameter.arg)
            for value in names[parameter.arg] if arguments.stands_for else ():
                if isinstance(value, Node) and above(value) in arguments.stands_for:
                    frame.machine.see_named(value, frame.site(node))
        elif parameter.arg not in names and arguments.rest and parameter in positional:
            names[parameter.arg] = arguments.rest
    _bind_spread(frame, names, [one.arg for one in (*positional, *spec.kwonlyargs)], arguments, node)
    _bind_defaults(frame, names, callee, arguments)
    if spec.vararg is not None:
        names[spec.vararg.arg] = (Items(frame.machine.branches, extra, arguments.rest),)
    if spec.kwarg is not None:
        names[spec.kwarg.arg] = (_left_over(frame, names, left, arguments),)


def _bind_spread(frame: Frame, names: dict[str, Values], parameters: list[str], arguments: Arguments, node: ast.AST) -> None:
    given = set(names)
    for section in arguments.spread:  # several are several configs that it may be
        data = section.data
        for parameter in parameters:
            if parameter not in given and isinstance(data, dict) and parameter in data:
                child = section.child(parameter)
                frame.machine.see_named(child, frame.site(node))
                names[parameter] = join(names.get(parameter, ()), frame.machine.at(child))


def _bind_defaults(frame: Frame, names: dict[str, Values], callee: Function, arguments: Arguments) -> None:
    machine = frame.machine
    spec = callee.node.args
    positional = [*spec.posonlyargs, *spec.args]
    defaults = dict(zip([one.arg for one in positional][len(positional) - len(spec.defaults) :], spec.defaults, strict=True))
    defaults |= {one.arg: default for one, default in zip(spec.kwonlyargs, spec.kw_defaults, strict=True) if default is not None}
    site = frame.site(callee.node)._replace(file=callee.module.path)
    for parameter in (*positional, *spec.kwonlyargs):
        name = parameter.arg
        if name in names:
            for section in arguments.stands_for if name in arguments.keywords else ():
                if literal(names[name]) is not ABSENT and section.child(name).data is ABSENT:
                    machine.absent(section.child(name), names[name], site)
            continue
        default = defaults.get(name)
        values = machine.functions.defaults.get(default, ANYTHING) if default is not None else join(_option(frame, callee, name), ANYTHING)
        for section in dict.fromkeys((*arguments.spread, *arguments.stands_for)):
            if default is not None and section.child(name).data is ABSENT:
                values = machine.absent(section.child(name), values, site)
        names[name] = join(values, ANYTHING) if arguments.open or arguments.rest else values


def _left_over(frame: Frame, names: dict[str, Values], left: dict[str, Values], arguments: Arguments) -> Table:
    table = Table(frame.machine.branches, dict(left), ANYTHING if arguments.open else ())
    for section in arguments.spread:
        rest = Table(frame.machine.branches)
        merge_into(frame, rest, section)
        table.entries.update({name: values for name, values in rest.entries.items() if name not in names and name not in left})
        table.stands_for[section] = None
    table.stands_for.update(arguments.stands_for)
    return table


# --- classes of the code ---


def _class(frame: Frame, callee: Class, arguments: Arguments, node: ast.AST) -> Values:
    machine = frame.machine
    if any(
        name.rpartition(".")[2] in ("Enum", "IntEnum", "StrEnum", "Exception", "ValueError", "RuntimeError") for name in callee.foreign()
    ):
        with machine.log():
            return ANYTHING
    made = callee.lookup("__new__")
    instance = _made(frame, callee, arguments, node)
    initialise = callee.lookup("__init__")
    if made is not None and initialise is None:
        return frame.call(tuple(Bound(one, ((callee,),)) for one in made if isinstance(one, Function)), arguments, node) or (instance,)
    if initialise is not None:
        frame.call(tuple(Bound(one, ((instance,),)) for one in initialise if isinstance(one, Function)), arguments, node)
    elif has_fields(callee):
        fill(frame, instance, arguments, node)
    elif is_dict(callee):
        _fill_dict(frame, instance, arguments)
    elif callee.foreign():
        calling.call(frame, External(callee.foreign()[0]), arguments, node)
    return (instance,)


def _made(frame: Frame, class_: Class, arguments: Arguments, node: ast.AST) -> Instance:
    """The object of a class that is made at a place, from where it was reached: the same whenever it is made there."""
    machine = frame.machine
    key: Any = (class_.node, node)
    if arguments.spread or any(machine.is_followed(values) for _, values in arguments.each()):
        given = (tuple(arguments.positional), tuple(arguments.keywords.items()), tuple(arguments.spread))
        key = (class_.node, node, tuple(machine.stack[-3:]), given)
    elif class_.module.loads:
        key = (class_.node, node, tuple(machine.stack[-3:]), tuple(_told_apart(machine, values) for _, values in arguments.each()))
    instance = machine.instances.get(key)
    if instance is None:
        instance = machine.instances[key] = Instance(class_, machine.branches)
    return instance


def _fill_dict(frame: Frame, instance: Instance, arguments: Arguments) -> None:
    """`dict.__init__`: what it is made of is what is in it."""
    content: list[Values] = []
    for values in arguments.positional[:1]:
        content += [(value,) for value in values if isinstance(value, (Node, Table))]
        content += [one.attributes.get(CONTENT, ()) for one in values if isinstance(one, Instance)]
    content += [(section,) for section in arguments.spread]
    if arguments.keywords or not content:
        content.append((Table(instance.born, dict(arguments.keywords), ANYTHING if arguments.open else ()),))
    frame.machine.store(instance, instance.attributes, CONTENT, join(*content))


def _foreign_method(frame: Frame, callee: Super, name: str, arguments: Arguments, node: ast.AST) -> Values:
    """`super().name(...)` where no class of the code has it."""
    for instance in callee.instance:
        if isinstance(instance, Class) and name == "__new__":
            return (_made(frame, instance, Arguments(), node),)
        if not isinstance(instance, Instance):
            continue
        if is_dict(instance.class_):
            return _dict_method(frame, instance, name, arguments, node)
        if name == "__init__" and has_fields(instance.class_):
            fill(frame, instance, arguments, node)
            return ()
        if name in ("__setattr__", "__getattribute__", "__getattr__"):
            return _object_method(frame, instance, name, arguments, node)
    foreign = [one for instance in callee.instance if isinstance(instance, Instance) for one in instance.class_.foreign()]
    return calling.call(frame, External(f"{foreign[0] if foreign else '?'}.{name}"), arguments, node)


def _dict_method(frame: Frame, instance: Instance, name: str, arguments: Arguments, node: ast.AST) -> Values:
    if name == "__init__":
        _fill_dict(frame, instance, arguments)
        return ()
    content = instance.attributes.get(CONTENT, ())
    return join(*[frame.machine.call(frame, Method(value, name), arguments, node) for value in content])


def _object_method(frame: Frame, instance: Instance, name: str, arguments: Arguments, node: ast.AST) -> Values:
    names = [value.value for value in arguments.get(0) if isinstance(value, Const) and isinstance(value.value, str)]
    if name == "__setattr__":
        for one in names:
            frame.machine.store(instance, instance.attributes, one, arguments.get(1))
        return ()
    return join(*[obtained(frame.machine, instance, one, instance.attributes.get(one, ()), frame.site(node)) for one in names])


# --- what nobody calls ---


def call_unreached(frame: Frame, function: Function, instances: list[Instance]) -> None:
    """Follow a function that nothing was seen to call: a library may, or the command line."""
    spec = function.node.args
    arguments = Arguments()
    is_method = function.owner is not None and not decorators(function) & {"staticmethod"}
    parameters = [*spec.posonlyargs, *spec.args]
    first: list[Values] = [tuple(instances)] if is_method and instances else []
    if "pass_obj" in decorators(function):
        first = [frame.machine.fields.get("obj", ANYTHING)]  # click's `ctx.obj`
    for parameter in parameters[len(first) :]:
        arguments.keywords[parameter.arg] = join(_option(frame, function, parameter.arg), ANYTHING)
    for parameter in spec.kwonlyargs:
        arguments.keywords[parameter.arg] = join(_option(frame, function, parameter.arg), ANYTHING)
    arguments.positional = first
    machine = frame.machine
    overlay = dict(machine.overlay)
    with machine.branch():
        machine.neutral.add(machine.branches[-1])
        given_back = call(frame, function, arguments, function.node)
        machine.use(tuple(given_back), frame.site(function.node))
    machine.overlay = overlay


def _option(frame: Frame, function: Function, name: str) -> Values:
    """What a parameter is by default: in its definition, or in that of the command-line option that gives it."""
    spec = function.node.args
    positional = [*spec.posonlyargs, *spec.args]
    defaults = dict(zip([one.arg for one in positional][len(positional) - len(spec.defaults) :], spec.defaults, strict=True))
    defaults |= {one.arg: default for one, default in zip(spec.kwonlyargs, spec.kw_defaults, strict=True) if default is not None}
    given = defaults.get(name)
    if isinstance(given, ast.Call) and given.args:  # typer.Option("config.yaml")
        return frame.eval(given.args[0])
    for decorator in getattr(function.node, "decorator_list", ()):
        if isinstance(decorator, ast.Call) and any(_spells(one, name) for one in decorator.args):
            return join(*[frame.eval(keyword.value) for keyword in decorator.keywords if keyword.arg == "default"])
    return frame.machine.functions.defaults.get(given, ()) if given is not None else ()


def _spells(node: ast.expr, name: str) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.lstrip("-").replace("-", "_") == name


_CALLED: dict[type[Value], Callable[[Frame, Any, Arguments, ast.AST], Values]] = {
    Function: _function,
    Bound: _bound,
    Class: _class,
    External: _external,
    Method: _method,
    Instance: _instance,
    type(UNKNOWN): _unknown,
}
