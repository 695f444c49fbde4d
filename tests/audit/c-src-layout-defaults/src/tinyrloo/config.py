import copy

import yaml

from .constants import DEFAULTS


def deep_merge(base, extra):
    for key, value in extra.items():
        if isinstance(value, dict) and isinstance(base.get(key), dict):
            deep_merge(base[key], value)
        else:
            base[key] = value
    return base


def load_recipe(path):
    with open(path) as fh:
        return deep_merge(copy.deepcopy(DEFAULTS), yaml.safe_load(fh))
