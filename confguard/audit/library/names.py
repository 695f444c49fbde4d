"""Tables of calls: which handler a name has."""

from __future__ import annotations

import ast
from collections.abc import Callable

from confguard.audit.machine import Arguments, Frame
from confguard.audit.values import Values

Handler = Callable[[Frame, Arguments, ast.AST], Values]
"""What a call gives, and what it does with what it is given."""


def named(handler: Handler, *names: str) -> dict[str, Handler]:
    """The names of a handler, with blanks between them."""
    return {name: handler for some in names for name in some.split()}
