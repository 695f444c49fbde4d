"""`confguard lsp`: the language server, for an editor to start."""

from __future__ import annotations

import gc
import sys
from importlib.util import find_spec

from confguard.checking.setting import BadUsage
from confguard.commands.complain import bug_of_ours


def run() -> int:
    """Serve on standard input and output until the editor is done; raises `BadUsage` without pygls, and where a person sits there."""
    if find_spec("pygls") is None:
        raise BadUsage("the language server needs pygls: pip install 'confguard[lsp]'")
    if sys.stdin is not None and sys.stdin.isatty():
        raise BadUsage("an editor starts this, and speaks to it on standard input: docs/editors.md says how")
    from confguard.server.serve import serve

    gc.enable()  # a server lives long
    return serve(bug_of_ours)
