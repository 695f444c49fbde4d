import copy

import yaml


class AttrDict(dict):
    """dict with attribute access; what is not there is None."""

    __getattr__ = dict.get
    __setattr__ = dict.__setitem__

    def clone(self):
        return copy.deepcopy(self)


def wrap(x):
    if isinstance(x, dict):
        return AttrDict({k: wrap(v) for k, v in x.items()})
    return [wrap(v) for v in x] if isinstance(x, list) else x


class Strict(dict):
    def __getattr__(self, name):
        try:
            return self[name]
        except KeyError as e:
            raise AttributeError(name) from e


def load(path):
    return wrap(yaml.safe_load(open(path)))
