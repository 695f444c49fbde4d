"""One file a command: from plain arguments to an exit code."""
