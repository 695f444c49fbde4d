"""Statements: what each does to the names that are in force, and where the ways through them meet."""
