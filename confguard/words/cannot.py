"""What keeps a command from doing its work: bad usage, a file that cannot be read, a project file that cannot be used."""

from __future__ import annotations


class CannotRun(Exception):
    """Nothing could be done; the message says why, where, and what to do. On the command line it is exit code 2."""
