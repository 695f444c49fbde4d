"""One YAML file: its bytes, its nodes with their offsets, what both kinds of YAML reader make of it, its comments and secrets.

Nobody outside this room handles raw YAML.
"""
