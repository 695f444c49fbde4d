import os

import yaml


class Conf:
    """Thin wrapper: cfg.a.b, cfg["a"]["b"] and cfg["a.b"] all work."""

    def __init__(self, data, name="root"):
        self._data = data
        self._name = name

    @classmethod
    def from_file(cls, path):
        with open(os.path.expanduser(path)) as f:
            return cls(yaml.safe_load(f))

    def _wrap(self, key):
        value = self._data[key]
        return Conf(value, key) if isinstance(value, dict) else value

    def __getattr__(self, key):
        if key.startswith("_"):
            raise AttributeError(key)
        try:
            return self._wrap(key)
        except KeyError:
            raise AttributeError(f"{self._name} has no {key!r}") from None

    def __getitem__(self, key):
        head, _, rest = key.partition(".")
        node = self._wrap(head)
        return node[rest] if rest else node

    def __contains__(self, key):
        return key in self._data

    def get(self, key, default=None):
        return self._wrap(key) if key in self._data else default

    @property
    def soften(self):
        return self.loss.tau

    @property
    def peak_lr(self):
        return float(self["optim"]["lr"])

    @property
    def data_seed(self):
        return self._data["data"]["seed"]

    def __str__(self):
        return yaml.safe_dump(self._data)
