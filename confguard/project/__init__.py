"""The project that configs belong to: its file, its references, the files below it, and git."""
