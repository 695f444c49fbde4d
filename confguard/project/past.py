"""A checkpoint of PEFT and TRL as a reference: the config that its adapter and its saved arguments amount to.

`training_args.bin` is a pickle, which can run anything when it is loaded as it is meant. Here no class of it is looked up: each is replaced
by one that only keeps what it is given, so that nothing runs and torch is not needed.
"""

from __future__ import annotations

import json
import os
import pickle
import zipfile
from collections.abc import Iterator

from confguard.document.document import Document
from confguard.document.source import Unreadable
from confguard.words.catalogue import Catalogue
from confguard.words.spelling import plain_number
from confguard.words.typing import Any

ADAPTER = "adapter_config.json"
MAX_BYTES = 4 * 2**20
_KINDS = {"GRPOConfig": "trl-grpo", "SFTConfig": "trl-sft", "DPOConfig": "trl-dpo", "RLOOConfig": "trl-rloo", "KTOConfig": "trl-kto"}
_KINDS["RewardConfig"] = "trl-reward"
_BY_LIBRARIES = {
    *("generation_batch_size", "steps_per_generation", "disable_tqdm", "dataloader_pin_memory", "mixed_precision", "model_init_kwargs"),
    *("include_num_input_tokens_seen", "debug", "activation_checkpointing", "optim", "per_device_eval_batch_size"),
}
"""Arguments that the libraries fill in by what else is said and by the machine: they tell nothing of a file."""
_OF_ADAPTER = {"r": "lora_r", "lora_alpha": "lora_alpha", "lora_dropout": "lora_dropout", "target_modules": "lora_target_modules"}
_OF_ADAPTER |= {"use_rslora": "use_rslora", "use_dora": "use_dora", "base_model_name_or_path": "model_name_or_path"}


def checkpoint(folder: str, saved: str, catalogue: Catalogue) -> Document:
    """The config that a checkpoint amounts to, as a document; `saved` are its arguments. Raises `Unreadable`."""
    adapter = os.path.join(folder, ADAPTER)
    arguments = _arguments(saved)
    kind = _KINDS.get(type(arguments).__name__)
    shape = catalogue.shape(kind) if kind else None
    if shape is None or shape.at is None:
        raise Unreadable(f"{saved}: arguments of {type(arguments).__name__}, which is no trainer that confguard knows")
    values: dict[str, Any] = {"use_peft": True, **_adapter(adapter)} if os.path.isfile(adapter) else {}
    known = shape.at(catalogue.newest()).fields
    said = ((name, _plain(value)) for name, value in vars(arguments).items() if name in known and name not in _BY_LIBRARIES)
    values |= {name: value for name, value in said if value is not None and value != []}
    text = "".join(f"{name}: {_spelled(value)}\n" for name, value in values.items())
    return Document(os.path.join(folder, f"{kind}.yaml"), text.encode())


def _adapter(path: str) -> dict[str, Any]:
    try:
        with open(path, encoding="utf-8") as file:
            found = json.loads(file.read(MAX_BYTES))
        return {ours: value for theirs, ours in _OF_ADAPTER.items() if (value := found.get(theirs)) is not None}
    except (OSError, ValueError, AttributeError) as error:
        raise Unreadable(f"{path}: not readable as the configuration of an adapter ({error})") from None


class _Kept:
    """What stands for every object of a pickle: it keeps what it was made with."""

    given: tuple[Any, ...]

    def __new__(cls, *given: Any) -> _Kept:
        made = super().__new__(cls)
        made.given = given
        return made

    def __setstate__(self, state: Any) -> None:
        if isinstance(state, dict):
            vars(self).update({name: value for name, value in state.items() if isinstance(name, str)})


class _Inert(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        return type(name.rpartition(".")[2], (_Kept,), {})

    def persistent_load(self, pid: Any) -> Any:
        return None


def _arguments(path: str) -> Any:
    try:
        with zipfile.ZipFile(path) as archive:
            name = next(name for name in archive.namelist() if name.endswith("/data.pkl"))
            if archive.getinfo(name).file_size > MAX_BYTES:
                raise ValueError("too large")
            with archive.open(name) as file:
                return _Inert(file).load()
    except Exception as error:  # a pickle fails in as many ways as it has bytes
        raise Unreadable(f"{path}: not readable as saved arguments ({type(error).__name__}: {error})") from None


def _plain(value: Any) -> Any:
    """A value that YAML has; None for anything else. An enumeration's member is its value."""
    if isinstance(value, _Kept):
        return value.given[0] if len(value.given) == 1 and isinstance(value.given[0], str) else None
    if isinstance(value, (list, tuple, set)):
        items = [_plain(item) for item in value]
        return None if any(item is None for item in items) else items
    if isinstance(value, dict):
        return {str(name): _plain(item) for name, item in value.items()} or None
    return value if isinstance(value, (str, int, float, bool)) else None


def _spelled(value: Any) -> str:
    """A value as both YAML readers take it."""
    return "".join(_parts(value))


def _parts(value: Any) -> Iterator[str]:
    if isinstance(value, float):
        yield plain_number(repr(value), "float") or f".{repr(value).removeprefix('-')}"
    elif isinstance(value, list):
        yield f"[{', '.join(map(_spelled, value))}]"
    elif isinstance(value, dict):
        yield "{" + ", ".join(f"{json.dumps(name)}: {_spelled(item)}" for name, item in value.items()) + "}"
    else:
        yield json.dumps(value)
