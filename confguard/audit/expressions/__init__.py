"""Expressions: which values each has, and what is read on the way."""
