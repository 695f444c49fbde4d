"""TRL's own configs over the releases: commands, keys, what became of them, what drifts."""
