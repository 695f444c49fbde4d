"""`confguard lsp`: the language server, for an editor to start."""

from __future__ import annotations

import gc
from importlib.util import find_spec

from confguard.check.setting import BadUsage
from confguard.commands.complain import bug_of_ours


def run() -> int:
    """Serve on standard input and output until the editor is done; raises `BadUsage` where pygls is missing."""
    if find_spec("pygls") is None:
        raise BadUsage("the language server needs pygls: pip install 'confguard[lsp]'")
    from confguard.server.serve import serve

    gc.enable()  # a server lives long
    return serve(bug_of_ours)
