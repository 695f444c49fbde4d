"""Git, asked about a repository that may not be ours: nothing that its own settings name is run or reached."""

from __future__ import annotations

import os

_HARMLESS = ("-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", "-c", "protocol.allow=never")


class GitFailed(Exception):
    """Git is not there, or said no; the message is the first line of what it said."""


def git(folder: str, *arguments: str, given: bytes = b"") -> bytes:
    """What a git command prints in a folder, with `given` as its standard input; raises `GitFailed`."""
    import subprocess

    try:
        command = ["git", *_HARMLESS, "-C", folder or ".", *arguments]
        done = subprocess.run(command, input=given, capture_output=True, check=False, timeout=60)
    except (OSError, ValueError, subprocess.SubprocessError) as error:
        raise GitFailed(f"git cannot be run ({error})") from None
    if done.returncode != 0:
        said = done.stderr.decode(errors="replace").strip().splitlines()
        raise GitFailed(said[0] if said else "git failed")
    return done.stdout


def repository_above(folder: str) -> str | None:
    """The nearest folder, this one or above it, that holds a `.git`; git itself takes as long to say no as fifty files to be checked."""
    here = os.path.realpath(folder)
    while not os.path.lexists(os.path.join(here, ".git")):
        parent = os.path.dirname(here)
        if parent == here:
            return None
        here = parent
    return here
