import csv
import json
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parent.parent
CONF = ROOT / "configs"


def read_config(name):
    with (CONF / f"{name}.yaml").open(encoding="utf-8") as fh:
        return yaml.load(fh, Loader=yaml.SafeLoader)


def read_tasks():
    found = []
    for p in sorted((CONF / "tasks").glob("*.yaml")):
        found.append(yaml.load(p.read_text(), Loader=yaml.FullLoader))
    return found


def read_tokenizer_spec(path):
    return json.loads((ROOT / path).read_text())


def load_rows(task):
    index = {label: i for i, label in enumerate(task["labels"])}
    with open(task["train_file"], newline="") as fh:
        rows = [(r[0], index[r[1]]) for r in csv.reader(fh, delimiter="\t")]
    limit = task.get("max_rows")
    return rows[:limit] if limit else rows
