"""Methods that nothing is known of: what they are asked of is read, what they get they may read."""

from __future__ import annotations

import ast
import re

from confguard.audit.machine import Arguments, Frame
from confguard.audit.places import Site
from confguard.audit.values import ANYTHING, Method, Node, Value, Values, text_of


def unlisted(frame: Frame, method: Method, arguments: Arguments, node: ast.AST) -> Values:
    """Of anything but what is listed beside it."""
    site, of = frame.site(node), method.of
    if isinstance(of, Node) and of.is_section:
        frame.machine.unclear(of, site, f".{method.name}() is asked of it")
    else:
        frame.machine.use((of,), site)
    for _, values in arguments.each():
        frame.machine.use_all(values, site, f".{method.name}()")
    if method.name == "format":
        _fill(frame, of, arguments, site)
    return ANYTHING


def _fill(frame: Frame, of: Value, arguments: Arguments, site: Site) -> None:
    """`"{user}@{host}".format(**section)`: the names in the text are read."""
    names = set(re.findall(r"\{(\w+)", text_of(of) or ""))
    for section in arguments.spread:
        for child in section.children():
            if not names or child.path[-1] in names:
                frame.machine.see_named(child, site)
                frame.machine.use_all((child,), site)


def of_file(frame: Frame, method: Method, arguments: Arguments, node: ast.AST) -> Values:
    """Of a file: what it gives is still the text of the file."""
    unlisted(frame, method, arguments, node)
    return (method.of,)


def of_object(frame: Frame, method: Method, arguments: Arguments, node: ast.AST) -> Values:
    """Of an object of the code, as `model.to(device)`: it gives the object."""
    for _, values in arguments.each():
        frame.machine.use_all(values, frame.site(node), f".{method.name}()")
    return (method.of,)


def of_parser(frame: Frame, method: Method, arguments: Arguments, node: ast.AST) -> Values:
    """Of a parser of the command line."""
    for _, values in arguments.each():
        frame.machine.use(values, frame.site(node))
    return ANYTHING
