"""`confguard lsp`: the language server, for an editor to start."""

from __future__ import annotations

import gc
import sys
from importlib.util import find_spec

from confguard.checking.setting import BadUsage
from confguard.commands.complain import bug_of_ours


def run() -> int:
    """Serve on standard input and output until the editor is done; raises `BadUsage` without pygls, and where a person sits there."""
    if not _has_pygls():
        raise BadUsage("the language server needs pygls 2 or later: pip install 'pygls>=2'")
    if sys.stdin is not None and sys.stdin.isatty():
        raise BadUsage("an editor starts this, and speaks to it on standard input: docs/editors.md says how")
    from confguard.server.serve import serve

    gc.enable()  # a server lives long
    return serve(bug_of_ours)


def _has_pygls() -> bool:
    """Whether pygls is there, in a release that has what is used of it."""
    try:
        return find_spec("pygls.lsp.server") is not None
    except ModuleNotFoundError:
        return False
