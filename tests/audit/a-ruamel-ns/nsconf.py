from types import SimpleNamespace

from ruamel.yaml import YAML


def to_namespace(node):
    if isinstance(node, dict):
        return SimpleNamespace(**{key: to_namespace(value) for key, value in node.items()})
    if isinstance(node, list):
        return [to_namespace(item) for item in node]
    return node


def read_config(path):
    yaml = YAML(typ="safe")
    with open(path, encoding="utf-8") as stream:
        return to_namespace(yaml.load(stream))
