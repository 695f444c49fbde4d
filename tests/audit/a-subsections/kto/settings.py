import functools
from pathlib import Path

import yaml


@functools.lru_cache(maxsize=None)
def _read(path):
    return yaml.safe_load(Path(path).read_text())


def models(path):
    cfg = _read(path)
    return cfg["model"], cfg["reference"], cfg["adapter"]


def data_section(path):
    return _read(path)["data"]


def split_files(section):
    files = section["files"]
    return files["train"], files["dev"]


def training(path):
    cfg = _read(path)
    loss, optim = cfg["loss"], cfg["optim"]
    return loss, (optim, optim["schedule"])


def output(path):
    return {"target": _read(path)["out"], "stamp": Path(path).stem}
