import os
import string
from pathlib import Path

import yaml

HERE = Path(__file__).parent


def load_run(name):
    """Substitute $VARS from the environment in the text, then parse."""
    text = (HERE / "configs" / name).read_text()
    env = {"root": os.environ.get("MODEL_ROOT", "/models"), **os.environ}
    return yaml.safe_load(string.Template(text).safe_substitute(env))


def load_cluster(path=HERE / "configs" / "cluster.yaml"):
    merged = {}
    with open(path) as stream:
        for doc in yaml.safe_load_all(os.path.expandvars(stream.read())):
            merged.update(doc or {})
    return merged
