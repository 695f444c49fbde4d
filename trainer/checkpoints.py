"""Checkpoints that are whole or not there: written in a folder of their own, sealed, and only then put in place.

transformers writes a checkpoint file by file into its final folder, and takes the newest folder to resume from, half written or not.
Here a checkpoint is written into a staging folder; when all processes are done, its files are flushed to the disk, a list of their
hashes is written, and the folder is renamed. What was cut short stays in the staging folder, and goes at the next start.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import re
import shutil
import time
from collections.abc import Iterator
from typing import Any

from confguard.words.training import Ended, Step

STAGING = ".unfinished"
SEAL = "confguard-seal.json"
LOCK = ".confguard-lock"
_NAME = re.compile(r"checkpoint-(\d+)")


def seal(folder: str) -> None:
    """Flush every file of a finished checkpoint to the disk and write down their hashes."""
    files = {}
    for path in _files(folder):
        with open(path, "rb") as file:
            files[os.path.relpath(path, folder)] = _digest(file)
            os.fsync(file.fileno())
    with open(os.path.join(folder, SEAL), "w", encoding="utf-8") as file:
        json.dump({"version": 1, "files": files}, file, indent=1)
        file.flush()
        os.fsync(file.fileno())


def put_in_place(staged: str, folder: str) -> None:
    """Let a sealed checkpoint be the one of its step, in one step; an older one of that step, from before a resume, gives way."""
    if os.path.exists(folder):
        shutil.rmtree(folder)
    _flush_folder(staged)
    os.rename(staged, folder)
    _flush_folder(os.path.dirname(folder))


def hold(output: str, patience: float = 5.0) -> int:
    """Keep a run's folder for this process until it ends; raises `BlockingIOError` where another one has it.

    `patience` are the seconds in which a run that was just killed may still be going away.
    """
    os.makedirs(output, exist_ok=True)
    lock = os.open(os.path.join(output, LOCK), os.O_RDWR | os.O_CREAT, 0o666)
    until = time.monotonic() + patience
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return lock
        except BlockingIOError:
            if time.monotonic() >= until:
                os.close(lock)
                raise
        time.sleep(0.1)


def clear_staging(output: str) -> None:
    """Take away what a save that was cut short has left."""
    shutil.rmtree(os.path.join(output, STAGING), ignore_errors=True)


def is_whole(folder: str) -> bool:
    """Whether every file that was sealed is there as it was."""
    try:
        with open(os.path.join(folder, SEAL), encoding="utf-8") as file:
            files = json.load(file)["files"]
        for name, expected in files.items():
            with open(os.path.join(folder, name), "rb") as file:
                if _digest(file) != expected:
                    return False
    except (OSError, ValueError, KeyError, TypeError):
        return False
    return True


def checkpoints(output: str) -> list[tuple[int, str]]:
    """Step and folder of each checkpoint, whole or not, newest first."""
    try:
        names = os.listdir(output)
    except OSError:
        return []
    found = ((int(match[1]), os.path.join(output, name)) for name in names if (match := _NAME.fullmatch(name)))
    return sorted(found, reverse=True)


def last_whole(output: str) -> tuple[int, str] | None:
    """Step and folder of the newest whole checkpoint; None where there is none."""
    return next(((step, folder) for step, folder in checkpoints(output) if is_whole(folder)), None)


def unsealed(output: str) -> list[str]:
    """Checkpoints without a seal: none of ours is ever without one."""
    return [folder for _, folder in checkpoints(output) if not os.path.exists(os.path.join(folder, SEAL))]


def keep_newest(output: str, count: int | None, best: str | None = None) -> None:
    """Take away all but the newest checkpoints, and the best one."""
    for folder in [folder for _, folder in checkpoints(output)[count:] if folder != best] if count else []:
        doomed = os.path.join(output, STAGING, os.path.basename(folder))
        os.makedirs(os.path.dirname(doomed), exist_ok=True)
        os.rename(folder, doomed)  # one that is half removed must not look whole
        shutil.rmtree(doomed)


class Staged:
    """What lets a trainer of transformers save its checkpoints this way: mixed into one of its classes, before it."""

    args: Any
    state: Any
    accelerator: Any
    _is_saving = False

    def _get_output_dir(self, trial: Any) -> str:
        output: str = super()._get_output_dir(trial)  # type: ignore[misc]
        return os.path.join(output, STAGING) if self._is_saving else output

    def _save_checkpoint(self, model: Any, trial: Any) -> None:
        self._is_saving = True
        try:
            super()._save_checkpoint(model, trial)  # type: ignore[misc]
        finally:
            self._is_saving = False
        self.accelerator.wait_for_everyone()  # each process writes the state of its own random numbers
        if self.args.should_save:
            output = self._get_output_dir(trial)
            name = f"checkpoint-{self.state.global_step}"
            staged, final = os.path.join(output, STAGING, name), os.path.join(output, name)
            if self.state.best_model_checkpoint == staged:  # transformers looked for the best one where it was just written
                self.state.best_model_checkpoint = final
                self.state.save_to_json(os.path.join(staged, "trainer_state.json"))
            seal(staged)
            put_in_place(staged, final)
            keep_newest(output, self.args.save_total_limit, self.state.best_model_checkpoint)
        self.accelerator.wait_for_everyone()


def adapter_hash(folder: str) -> str | None:
    """SHA-256 of the weights in a checkpoint: of the adapter, or of the whole model; None where there are none."""
    for name in ("adapter_model.safetensors", "model.safetensors"):
        path = os.path.join(folder, name)
        if os.path.exists(path):
            with open(path, "rb") as file:
                return _digest(file)
    return None


def ended(how: str, step: int, output: str, history: list[Step]) -> Ended:
    """How a run ended, with its last checkpoint."""
    last = last_whole(output)
    return Ended(how, step, output, last[1] if last else None, history, adapter_hash(last[1]) if last else None)


_HAS_DIGEST = hasattr(hashlib, "file_digest")  # Python 3.11


def _digest(file: Any) -> str:
    if _HAS_DIGEST:
        found: str = hashlib.file_digest(file, "sha256").hexdigest()
        return found
    digest = hashlib.sha256()
    while block := file.read(1 << 20):
        digest.update(block)
    return digest.hexdigest()


def _files(folder: str) -> Iterator[str]:
    for place, _, names in sorted(os.walk(folder)):
        yield from (os.path.join(place, name) for name in sorted(names))


def _flush_folder(folder: str) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
