"""A function that nothing was seen to call: a library may call it, or the command line."""

from __future__ import annotations

from confguard.audit import signatures
from confguard.audit.attributes import decorators
from confguard.audit.called.options import option
from confguard.audit.machine import Arguments, Frame
from confguard.audit.values import ANYTHING, Function, Instance, Values, join


def call_unreached(frame: Frame, function: Function, instances: list[Instance]) -> None:
    """Follow it, with any arguments; what it writes over a config holds within it alone."""
    machine = frame.machine
    arguments = _any_arguments(frame, function, instances)
    overlay = dict(machine.overlay)
    with machine.branch():
        machine.neutral.add(machine.branches[-1])
        given_back = machine.call(frame, function, arguments, function.node)
        machine.use(given_back, frame.site(function.node))
    machine.overlay = overlay


def _any_arguments(frame: Frame, function: Function, instances: list[Instance]) -> Arguments:
    """The object, for a method, and for each parameter what its option is by default, or anything."""
    first: list[Values] = []
    if "pass_obj" in decorators(function):
        first = [frame.machine.fields.get("obj", ANYTHING)]  # click's `ctx.obj`
    elif function.owner is not None and instances and "staticmethod" not in decorators(function):
        first = [tuple(instances)]
    spec = function.node.args
    parameters = [*signatures.positional(spec)[len(first) :], *spec.kwonlyargs]
    return Arguments(first, {one.arg: join(option(frame, function, one.arg), ANYTHING) for one in parameters})
