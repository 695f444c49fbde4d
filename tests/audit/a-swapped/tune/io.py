import pathlib

import yaml

ROOT = pathlib.Path(__file__).parents[1] / "config"


def load(name):
    with open(ROOT / f"{name}.yaml") as handle:
        return yaml.safe_load(handle)
