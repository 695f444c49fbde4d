import copy
from pathlib import Path

import yaml


def deep_merge(base, override):
    out = copy.deepcopy(base)
    for key, value in override.items():
        if isinstance(value, dict) and isinstance(out.get(key), dict):
            out[key] = deep_merge(out[key], value)
        else:
            out[key] = value
    return out


def load_config(path):
    path = Path(path)
    with path.open() as f:
        cfg = yaml.safe_load(f)
    if "inherit" in cfg:
        parent = load_config(path.parent / cfg.pop("inherit"))
        cfg = deep_merge(parent, cfg)
    return cfg
