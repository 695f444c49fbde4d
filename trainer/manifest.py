"""What a run was made from, beside its checkpoints: enough to compare it, to repeat it, and to refuse to go on with another one."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from importlib import metadata
from typing import Any

from confguard.trainer.checkpoints import last_whole, unsealed
from confguard.trainer.plan import Refused
from confguard.words.secret import is_secret
from confguard.words.spelling import show
from confguard.words.validated import ValidatedRun

NAME = "confguard-run.json"
CONFIG = "confguard-config.yaml"
LIBRARIES = ("confguard", "torch", "transformers", "trl", "peft", "accelerate", "datasets", "tokenizers", "safetensors")

MAY_CHANGE = {
    "logging_steps": "how often is logged",
    "save_steps": "how often is saved",
    "run_name": "a name",
    "wandb_enabled": "tracking",
    "wandb_project": "tracking",
    "wandb_entity": "tracking",
    "wandb_api_key": "tracking",
    "device_mapping": "which devices; their number is compared by itself",
    "physical_gpus": "which devices",
    "execution_timeout": "a limit",
    "buffer_size": "what is kept beside the run",
    "reward_threshold": "what is kept beside the run",
    "buffer_dir": "what is kept beside the run",
    "test_dataset": "what is tested after the run",
    "output_dir": "where the run lies",
    "save_dir": "where the run lies",
}
"""Parameters that a resumed run may have other values of: they change neither what is trained nor in which order."""


def manifest(run: ValidatedRun, *, seed: int, processes: int, device: str, data: Iterable[str], base: str) -> dict[str, Any]:
    """What is written down of a run; secrets are left out."""
    return {
        "version": 1,
        "kind": run.kind,
        "config": run.path,
        "digest": run.digest,
        "values": {name: value for name, value in sorted(run.recipe.values.items()) if not is_secret(name, value)},
        "data": _without_secrets(run.data),
        "executor": {"name": run.executor.name, "entry": _without_secrets(run.executor.entry)} if run.executor else None,
        "waived": [finding._asdict() for finding in run.waived],
        "seed": seed,
        "processes": processes,
        "device": device,
        "python": ".".join(map(str, sys.version_info[:3])),
        "libraries": dict(_versions()),
        "git": _revision(os.path.dirname(run.path)),
        "files": {path: _hash_of(path) for path in data},
        "model": _hash_of(base) if os.path.isdir(base) else None,
    }


def write(folder: str, made: Mapping[str, Any], config: str) -> None:
    """Write the manifest of a run into its folder, and its config as it is trained: each whole or not at all."""
    os.makedirs(folder, exist_ok=True)
    _put(os.path.join(folder, CONFIG), config)
    _put(os.path.join(folder, NAME), json.dumps(made, indent=2, ensure_ascii=False, default=str) + "\n")


def _put(path: str, text: str) -> None:
    draft = f"{path}.{os.getpid()}"
    with open(draft, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    os.replace(draft, path)


def read(folder: str) -> dict[str, Any] | None:
    """The manifest of a folder; None where there is none. Raises `Refused` for one that cannot be read."""
    path = os.path.join(folder, NAME)
    try:
        with open(path, encoding="utf-8") as file:
            found: dict[str, Any] = json.load(file)
        return found if isinstance(found["values"], dict) else None
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise Refused(f"{path}: not readable as the manifest of a run ({type(error).__name__}); take it away to begin anew") from None


def checkpoint_to_go_on(output: str, resume: bool, now: Mapping[str, Any]) -> tuple[int, str] | None:
    """Step and folder of the checkpoint that a run goes on from; None for one that begins.

    Raises `Refused` where the folder holds another run, or checkpoints that nobody sealed, which would be written over.
    """
    if strange := unsealed(output):
        raise Refused(f"{strange[0]} is a checkpoint that confguard did not seal: move it away, or choose another output_dir")
    whole = last_whole(output)
    if whole is None:
        return None
    if not resume:
        raise Refused(f"{output} already holds a run, up to step {whole[0]}: add --resume to go on, or choose another output_dir")
    before = read(output)
    if before is None:
        raise Refused(f"--resume: there is no {NAME} in {output}, so it cannot be told whether that was this run")
    if changes := changes_that_matter(before, now):
        raise Refused(*(f"--resume: {change}, which would be another run" for change in changes))
    return whole


def changes_that_matter(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """Why a run cannot go on from the checkpoints of another one: one sentence for each difference that makes it another run."""
    old, new = before["values"], now["values"]
    found = [
        f"{name} was {_shown(old, name)} and is {_shown(new, name)}"
        for name in sorted({*old, *new})
        if name not in MAY_CHANGE and old.get(name) != new.get(name) and not _goes_on(name, old, new)
    ]
    for key, what in (("kind", "the kind"), ("seed", "the seed"), ("processes", "the number of processes"), ("model", "the model")):
        if before.get(key) != now.get(key):
            found.append(f"{what} was {before.get(key)} and is {now.get(key)}")
    for path, digest in now["files"].items():
        name = os.path.basename(path)
        past = [old_digest for old_path, old_digest in before.get("files", {}).items() if os.path.basename(old_path) == name]
        if past and digest not in past:
            found.append(f"the data of {name} has changed")
    return found


def _goes_on(name: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    """More steps than before: the learning rate is constant after its warm-up, and the order of the rows is the same as far as it goes."""
    return name == "max_steps" and "rollout_batch_size" in new and isinstance(old.get(name), int) and new[name] > old[name]


def _shown(values: Mapping[str, Any], name: str) -> str:
    return show(values[name]) if name in values else "not given"


def _versions() -> Iterator[tuple[str, str]]:
    for name in LIBRARIES:
        try:
            yield name, metadata.version(name)
        except metadata.PackageNotFoundError:
            continue


def _revision(folder: str) -> dict[str, Any] | None:
    """The commit that a folder is at, and whether anything is changed in it; None outside of git."""
    try:
        commit = _git(folder, "rev-parse", "HEAD")
        return {"commit": commit, "dirty": bool(_git(folder, "status", "--porcelain"))}
    except (OSError, subprocess.SubprocessError):
        return None


def _git(folder: str, *arguments: str) -> str:
    done = subprocess.run(["git", "-C", folder, *arguments], capture_output=True, text=True, check=True, timeout=20)
    return done.stdout.strip()


LARGE = 2**28
"""Bytes from which on a file of a folder is told by its size, its first and its last mebibyte: 15 GB of weights would take a minute."""


def _hash_of(path: str) -> str:
    """SHA-256 of a file, or of all files of a folder with their names."""
    digest = hashlib.sha256()
    files = [path] if os.path.isfile(path) else sorted(os.path.join(at, name) for at, _, names in os.walk(path) for name in names)
    for name in files:
        if name != path:
            digest.update(os.path.relpath(name, path).encode() + b"\0")
        size = os.path.getsize(name)
        with open(name, "rb") as file:
            if name != path and size >= LARGE:
                digest.update(str(size).encode() + file.read(1 << 20))
                file.seek(-(1 << 20), os.SEEK_END)
            while block := file.read(1 << 20):
                digest.update(block)
    return digest.hexdigest()


def _without_secrets(value: Any, name: str = "") -> Any:
    if isinstance(value, dict):
        return {key: _without_secrets(item, str(key)) for key, item in value.items()}
    if isinstance(value, list):
        return [_without_secrets(item, name) for item in value]
    return "..." if is_secret(name, value) else value
