import yaml


class Node:
    """Dotted access to a nested mapping."""

    def __init__(self, mapping):
        for key, value in mapping.items():
            setattr(self, key, Node(value) if isinstance(value, dict) else value)

    def get(self, key, default=None):
        return getattr(self, key, default)


def load(path):
    with open(path, encoding="utf-8") as fh:
        return Node(yaml.safe_load(fh))
