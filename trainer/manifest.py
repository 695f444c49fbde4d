"""What a run was made from, beside its checkpoints: enough to compare it, to repeat it, and to refuse to go on with another one."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib import metadata
from typing import Any

from confguard.trainer.checkpoints import checkpoints, clear_staging, hold, last_whole, unsealed
from confguard.trainer.plan import Refused
from confguard.words.secret import is_secret, without_secrets
from confguard.words.spelling import show
from confguard.words.validated import ValidatedRun

NAME = "confguard-run.json"
CONFIG = "confguard-config.yaml"
TEST = "test"
"""What a file is for that may change: the run is over when it is read."""
FINAL = ("adapter_model.safetensors", "model.safetensors", "model.safetensors.index.json")
BESIDE = ("README.md", "adapter_config.json", "tokenizer.json", "tokenizer_config.json", "training_args.bin", "chat_template.jinja")
"""What PEFT and TRL write beside the final weights."""
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


def manifest(
    run: ValidatedRun, *, seed: int, processes: int, device: str, files: Mapping[str, str | None], base: str, output: str
) -> dict[str, Any]:
    """What is written down of a run; secrets are left out. `files` are paths by what they are for, such as `train`."""
    return {
        "version": 1,
        "kind": run.kind,
        "config": run.path,
        "digest": run.digest,
        "values": {name: value for name, value in sorted(run.recipe.values.items()) if not is_secret(name, value)},
        "data": without_secrets(run.data),
        "executor": {"name": run.executor.name, "entry": without_secrets(run.executor.entry)} if run.executor else None,
        "waived": [finding._asdict() for finding in run.waived],
        "seed": seed,
        "processes": processes,
        "device": device,
        "python": ".".join(map(str, sys.version_info[:3])),
        "libraries": dict(_versions()),
        "git": _revision(os.path.dirname(run.path)),
        "files": {role: {"path": path, "sha256": _hash_of(path, output)} for role, path in files.items() if path and os.path.exists(path)},
        "model": _hash_of(base, output) if os.path.isdir(base) else None,
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
        return found if isinstance(found["values"], dict) and isinstance(found["files"], dict) else None
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise Refused(f"{path}: not readable as the manifest of a run ({type(error).__name__}); take it away to begin anew") from None


def checkpoint_to_go_on(output: str, resume: bool, now: Mapping[str, Any]) -> tuple[int, str] | None:
    """Step and folder of the checkpoint that a run goes on from; None for one that begins.

    A run that ended before its first checkpoint goes on from its first step. Raises `Refused` where the folder holds another run, or
    checkpoints that nobody sealed, which would be written over.
    """
    if strange := unsealed(output):
        raise Refused(f"{strange[0]} is a checkpoint that confguard did not seal: move it away, or choose another output_dir")
    whole, before = last_whole(output), read(output)
    if whole is None and checkpoints(output):
        raise Refused(f"none of the checkpoints in {output} is whole, and a run that begins would write over them: move them away")
    if whole is None:
        _refuse_to_begin(output, resume, before)
    elif not resume:
        raise Refused(f"{output} already holds a run, up to step {whole[0]}: add --resume to go on, or choose another output_dir")
    if not resume:
        return None
    if before is None:
        raise Refused(f"--resume: there is no {NAME} in {output}, so it cannot be told whether that was this run")
    if changes := changes_that_matter(before, now):
        raise Refused(*(f"--resume: {change}, which would be another run" for change in changes))
    return whole


def _refuse_to_begin(output: str, resume: bool, before: Mapping[str, Any] | None) -> None:
    """Where there is no checkpoint: raises `Refused` if a run that begins would write over something, or is asked to go on from nothing."""
    if before is None:
        if there := [name for name in (*FINAL, *BESIDE) if os.path.exists(os.path.join(output, name))]:
            raise Refused(f"{output} holds {there[0]}, which the run would write over: choose a folder of its own")
        if resume:
            raise Refused(f"--resume: there is no run in {os.path.abspath(output)}; without --resume, it begins there")
    elif has_final_weights(output):  # the model card is written with the first checkpoint, which may have been cut short
        raise Refused(f"{output} already holds the result of a run: choose another output_dir")


def changes_that_matter(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """Why a run cannot go on from the checkpoints of another one: one sentence for each difference that makes it another run."""
    old, new = before["values"], now["values"]
    found = [
        f"{name} was {_shown(old, name)} and is {_shown(new, name)}"
        for name in sorted({*old, *new})
        if name not in MAY_CHANGE and _meant(name, old) != _meant(name, new) and not _goes_on(name, old, new)
    ]
    for key, what in (("kind", "the kind"), ("seed", "the seed"), ("processes", "the number of processes")):
        if before.get(key) != now.get(key):
            found.append(f"{what} was {before.get(key)} and is {now.get(key)}")
    for key, what in (("model", "the model"), ("executor", "the executor's entry")):
        if before.get(key) != now.get(key):
            found.append(f"{what} has changed")
    for role in sorted({*before["files"], *now["files"]} - {TEST}):
        old_file, new_file = before["files"].get(role), now["files"].get(role)
        if old_file is None or new_file is None or old_file["sha256"] != new_file["sha256"]:
            found.append(f"the content of {(new_file or old_file)['path']} has changed")
    return found


@contextmanager
def held(output: str, is_first: bool) -> Iterator[None]:
    """While this lasts, no other run writes into a folder. The first process of a run holds it; raises `Refused` where it is taken."""
    if not is_first:
        yield
        return
    try:
        lock = hold(output)
    except BlockingIOError:
        raise Refused(f"{output} is in use by another run: choose another output_dir, or wait") from None
    except OSError as error:
        raise Refused(f"{output}: cannot be written to ({error.strerror})") from None
    try:
        clear_staging(output)
        yield
    finally:
        os.close(lock)


def has_final_weights(output: str) -> bool:
    """Whether the weights that a run ends with are there."""
    return any(os.path.exists(os.path.join(output, name)) for name in FINAL)


def _meant(name: str, values: Mapping[str, Any]) -> Any:
    """A value without what is only its spelling: the model is compared by its files, a list of layers has no order."""
    value = values.get(name, _DEFAULTS.get(name))
    if name == "base_model":
        return os.path.basename(str(value).rstrip("/"))
    if name == "lora_target_modules":
        return sorted(part.strip() for part in value.split(",")) if isinstance(value, str) else sorted(value or [])
    return value


_DEFAULTS = {"use_rslora": False, "use_lora": True, "bf16": False, "gradient_checkpointing": False}


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


def _hash_of(path: str, without: str = "") -> str:
    """SHA-256 of a file, or of all files of a folder with their names; `without` is a folder in it that is left out."""
    digest = hashlib.sha256()
    outside = os.path.join(os.path.realpath(without), "") if without else None
    found = (os.path.join(at, name) for at, _, names in os.walk(path) for name in names)
    inside = (name for name in found if not outside or not os.path.realpath(name).startswith(outside))
    files = [path] if os.path.isfile(path) else sorted(inside)
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
