from functools import reduce
from pathlib import Path

import yaml

_MISSING = object()


def load(path):
    return yaml.safe_load(Path(path).read_text())


def get(cfg, dotted, default=None):
    node = cfg
    for part in dotted.split("."):
        if not isinstance(node, dict) or part not in node:
            return default
        node = node[part]
    return node


def require(cfg, dotted):
    """Like get() but a KeyError is raised when the key is absent."""
    return reduce(lambda node, part: node[part], dotted.split("."), cfg)


def pick(cfg, prefix, *names):
    return [require(cfg, f"{prefix}.{n}") for n in names]
