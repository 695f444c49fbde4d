"""Conditions: what they read, and whether the keys and the types of the configs decide them.

The values of a config never decide: a branch that today's value does not take is code that reads. Whether a key is there, and whether it
is a section, does decide; and a name that came out of a loop over a section's keys is that name.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import NamedTuple

from confguard.audit.attributes import field_names
from confguard.audit.config import Config
from confguard.audit.keys import CONTENT
from confguard.audit.machine import Arguments, Frame, Machine
from confguard.audit.places import ABSENT, Path, Site
from confguard.audit.values import (
    ANYTHING,
    Bound,
    Class,
    Const,
    External,
    Fallback,
    Function,
    Instance,
    Items,
    ModuleValue,
    Node,
    Table,
    Value,
    Values,
    without_tags,
)


class Decision(NamedTuple):
    """Whether a condition holds, None where that is not known; whether the other way is left out; what it makes sure is there."""

    holds: bool | None = None
    is_certain: bool = False
    guards: tuple[tuple[Config, Path], ...] = ()

    def inverted(self) -> Decision:
        """The opposite."""
        return Decision(None if self.holds is None else not self.holds, self.is_certain, self.guards)


OPEN = Decision()


def decide(frame: Frame, test: ast.expr) -> Decision:
    """Look at a condition: note what it reads, and say what is known of it."""
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        return decide(frame, test.operand).inverted()
    if isinstance(test, ast.BoolOp):
        return _both(test.op, [decide(frame, value) for value in test.values])
    if isinstance(test, ast.Compare) and len(test.ops) == 1:
        return _compare(frame, test)
    if isinstance(test, ast.Call) and isinstance(test.func, ast.Name) and len(test.args) == 2 and not test.keywords:
        asked = _ASKED.get(test.func.id)
        if asked is not None and frame.name(test.func.id) is None:
            return asked(frame, test)
    values = frame.eval(test)
    frame.machine.use(values, frame.site(test))
    guards = tuple(value.asked.spot for value in values if isinstance(value, Fallback))
    guards += tuple(value.spot for value in values if isinstance(value, Node) and value.data is ABSENT)
    if values and all(isinstance(value, Const) and value.of is not None for value in values):
        known = {bool(value.value) for value in values if isinstance(value, Const)}
        return Decision(known.pop(), True) if len(known) == 1 else OPEN
    if guards or not _is_local(frame, test):
        return Decision(None, False, guards)
    truths = {_truth(value) for value in values}
    return Decision(truths.pop()) if len(truths) == 1 else OPEN


def _is_local(frame: Frame, test: ast.expr) -> bool:
    """Whether a condition is about names of the function alone, so that what they are there decides it."""
    if frame.scope is frame.machine.scope_of(frame.module):
        return False
    methods = {id(node.func) for node in ast.walk(test) if isinstance(node, ast.Call)}
    return all(
        (isinstance(node, ast.Name) and node.id in frame.scope.names)
        or isinstance(node, (ast.Constant, ast.Compare, ast.cmpop, ast.expr_context, ast.Call))
        or id(node) in methods
        for node in ast.walk(test)
    )


def _truth(value: Value) -> bool | None:
    if isinstance(value, Const):
        return bool(value.value)
    return bool(value.items) if isinstance(value, Items) and not value.rest else None


def _both(op: ast.boolop, parts: list[Decision]) -> Decision:
    """`and` and `or`: one part can decide, all parts can."""
    deciding = isinstance(op, ast.Or)
    guards = tuple(guard for part in parts for guard in part.guards)
    for part in parts:
        if part.holds is deciding:
            return Decision(deciding, part.is_certain, guards)
    if all(part.holds is not None for part in parts):
        return Decision(not deciding, all(part.is_certain for part in parts), guards)
    return Decision(None, False, guards)


def _compare(frame: Frame, test: ast.Compare) -> Decision:
    if isinstance(test.left, ast.Name) and test.left.id == "__name__":
        return Decision(True, True)
    left, right = frame.eval(test.left), frame.eval(test.comparators[0])
    op = test.ops[0]
    site = frame.site(test)
    if isinstance(op, (ast.In, ast.NotIn)):
        found = membership(frame, left, right, site)
        return found if isinstance(op, ast.In) else found.inverted()
    frame.machine.use((*left, *right), site)
    if isinstance(op, (ast.Eq, ast.NotEq)):
        frame.machine.use_all(tuple(value for value in (*left, *right) if isinstance(value, Node)), site, "a comparison")
    one, other = without_tags(left), without_tags(right)
    tags = tuple(value.asked.spot for value in (*left, *right) if isinstance(value, Fallback))
    if len(one) == len(other) == 1 and isinstance(one[0], Const) and isinstance(other[0], Const) and not tags:
        listed = one[0].of is not None or other[0].of is not None
        same = one[0].value == other[0].value
        if listed or _is_local(frame, test):
            if isinstance(op, (ast.Eq, ast.Is)):
                return Decision(same, listed)
            if isinstance(op, (ast.NotEq, ast.IsNot)):
                return Decision(not same, listed)
    return Decision(None, False, tags)


def membership(frame: Frame, key: Values, container: Values, site: Site) -> Decision:
    """`key in container`: of a config, it reads the key where it is there."""
    found: list[Decision] = []
    for name in without_tags(key):
        for value in container:
            found.append(_member(frame, name, value, site))
    if not found:
        return OPEN
    guards = tuple(guard for one in found for guard in one.guards)
    holds = {one.holds for one in found}
    return Decision(holds.pop() if len(holds) == 1 else None, all(one.is_certain for one in found), guards)


def _member(frame: Frame, name: Value, container: Value, site: Site) -> Decision:
    if isinstance(container, Instance) and (method := container.class_.lookup("__contains__")) is not None:
        frame.call(tuple(Bound(one, ((container,),)) for one in method), Arguments([(name,)]), ast.Pass(lineno=site.line))
        return OPEN
    if isinstance(container, Instance) and container.attributes.get(CONTENT):
        return membership(frame, (name,), container.attributes[CONTENT], site)
    if isinstance(name, Const) and isinstance(container, Node) and isinstance(name.value, (str, int)):
        return _in_section(frame, container, name, site)
    known = _names_in(container)
    if isinstance(name, Const) and name.of is not None and known is not None:
        if name.value in known and isinstance(container, Items):
            frame.machine.see_named(name.of.child(name.value), site)
        return Decision(name.value in known, True)
    frame.machine.use((name, container, *(container.any_item() if isinstance(container, Items) else ())), site)
    return OPEN


def _in_section(frame: Frame, section: Node, name: Const, site: Site) -> Decision:
    child = section.child(name.value)
    if section.data is not ABSENT and not isinstance(section.data, dict):
        frame.machine.use((section,), site)
        return OPEN
    if child.data is ABSENT:
        written = (child.config, child.path, child.copy) in frame.machine.overlay
        return Decision(None if written else False, name.of is not None, ((child.config, child.path),))
    if name.of is None:
        frame.machine.trace.see(frame.machine.trace.tested, child, site)
    return Decision(True, name.of is not None, ((child.config, child.path),))


def _names_in(container: Value) -> set[object] | None:
    """The names that a container of the code has; None where they are not all known."""
    if isinstance(container, Table) and not container.rest:
        return set(container.entries)
    if isinstance(container, Items) and not container.rest:
        items = [value for values in container.items for value in values]
        if all(isinstance(value, Const) for value in items):
            return {value.value for value in items if isinstance(value, Const)}
    return None


def _has_attribute(frame: Frame, test: ast.Call) -> Decision:
    values, names = frame.eval(test.args[0]), without_tags(frame.eval(test.args[1]))
    site = frame.site(test)
    if len(names) != 1 or not isinstance(names[0], Const):
        return OPEN
    name = names[0]
    found = [_has(frame, value, name, site) for value in values]
    holds = {one.holds for one in found}
    guards = tuple(guard for one in found for guard in one.guards)
    return Decision(holds.pop() if len(holds) == 1 else None, bool(found) and all(one.is_certain for one in found), guards)


def _has(frame: Frame, value: Value, name: Const, site: Site) -> Decision:
    if isinstance(value, Node):
        return _in_section(frame, value, name, site)
    if isinstance(value, Table) and not value.rest:
        there = name.value in value.entries
        if there and name.of is None:
            for one in value.entries[name.value]:
                if isinstance(one, Node):
                    frame.machine.trace.see(frame.machine.trace.tested, one, site)
        guards = tuple((node.config, (*node.path, name.value)) for node in value.stands_for)
        return Decision(there if value.stands_for else None, name.of is not None, guards)
    class_ = value.class_ if isinstance(value, Instance) else value
    if isinstance(class_, Class):
        there = class_.lookup(name.value) is not None or name.value in field_names(class_)
        there = there or (isinstance(value, Instance) and name.value in value.attributes)
        guards = tuple((node.config, (*node.path, name.value)) for node in value.stands_for) if isinstance(value, Instance) else ()
        return Decision(there if name.of is not None or guards else None, name.of is not None, guards)
    return OPEN


def _is_instance(frame: Frame, test: ast.Call) -> Decision:
    values = without_tags(frame.eval(test.args[0]))
    wanted = flat(frame.eval(test.args[1]))
    found = {_is_one_of(value, wanted) for value in values}
    return Decision(found.pop()) if len(found) == 1 else OPEN


def flat(values: Values, depth: int = 0) -> list[Value]:
    """Values, and those in tuples of them."""
    return [one for value in values for one in (flat(value.any_item(), depth + 1) if isinstance(value, Items) and depth < 4 else [value])]


def _is_one_of(value: Value, wanted: list[Value]) -> bool | None:
    if isinstance(value, Instance):
        names = {one for one in wanted if isinstance(one, Class)}
        if names:
            return any(one in names for one in value.class_.lineage())
        if value.attributes.get(CONTENT):
            return _is_one_of(value.attributes[CONTENT][0], wanted)
        return None if value.class_.foreign() else False
    kinds = _kinds_of(value)
    if kinds is None or not all(isinstance(one, (External, Class)) for one in wanted):
        return None
    return any(isinstance(one, External) and one.name.rpartition(".")[2] in kinds for one in wanted)


_MAPPINGS = {
    "dict",
    "Mapping",
    "MutableMapping",
    "DictConfig",
    "OrderedDict",
    "CommentedMap",
    "Namespace",
    "SimpleNamespace",
    "Munch",
    "EasyDict",
    "Box",
}
_SEQUENCES = {"list", "tuple", "Sequence", "ListConfig", "Iterable", "CommentedSeq", "set"}


def _kinds_of(value: Value) -> set[str] | None:
    """The names of the types that a value is an instance of; None where that is not known."""
    if isinstance(value, Table):
        return _MAPPINGS
    if isinstance(value, Items):
        return _SEQUENCES
    if isinstance(value, (Function, Class, Bound, ModuleValue)) or (isinstance(value, External) and "(" not in value.name):
        return {"Callable", "type", "ModuleType"}
    data = value.value if isinstance(value, Const) else value.data if isinstance(value, Node) else ABSENT
    if isinstance(data, dict) or (data is ABSENT and isinstance(value, Node)):
        return _MAPPINGS
    if data is ABSENT:
        return None
    if isinstance(data, list):
        return _SEQUENCES
    return {type(data).__name__, "int", "Number", "Integral"} if isinstance(data, bool) else {type(data).__name__, "Number", "Real"}


_ASKED = {"hasattr": _has_attribute, "isinstance": _is_instance}


def guarded(machine: Machine, decision: Decision) -> AbstractContextManager[None]:
    """Within it, a condition holds that makes sure of some places."""
    return machine.under(guarded=machine.mode.guarded + decision.guards) if decision.guards else nullcontext()


@contextmanager
def ruled_out(frame: Frame, test: ast.expr) -> Iterator[None]:
    """Within it, the way is looked at that a condition rules out; after it, the names are what they were."""
    before = frame.scope.names
    frame.scope.names = {**before, **_forgotten(test)}
    try:
        with frame.machine.under(impossible=True):
            yield
    finally:
        frame.scope.names = before


def _forgotten(test: ast.expr) -> dict[str, Values]:
    """Names whose type a condition asks for: where it does not hold, they are something else."""
    names: dict[str, Values] = {}
    for node in ast.walk(test):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "isinstance" and node.args:
            first = node.args[0]
            if isinstance(first, ast.Name):
                names[first.id] = ANYTHING
    return names
