"""Which configs a path in the code can mean."""

from __future__ import annotations

import os
import re

from confguard.audit.config import Config
from confguard.audit.values import Const, Text, Values, text_of
from confguard.document.document import Document
from confguard.document.source import Unreadable, read_bytes

_EXAMPLE = re.compile(r"[._-]?(example|sample|template|dist|default)s?(?=\.|$)")


class Configs:
    """The configs that were asked about, and those that the code opens beside them."""

    def __init__(self, asked: list[Config], roots: list[str]) -> None:
        self.asked = asked
        self.roots = roots
        self.others: dict[str, Config | None] = {}

    def named(self, path: Values, folder: str) -> tuple[list[Config], bool]:
        """The configs that a path can mean, and whether it can also mean one that nothing of is known."""
        found: dict[Config, None] = {}
        open_ = False
        for value in path:
            text = text_of(value)
            if isinstance(value, Text) and (value.tail or value.head):
                named = [config for config in self.asked if _between(config.real, value)]
                found.update(dict.fromkeys(named))
                open_ = open_ or (not named and (not value.tail or _could_be_config(value.tail)))
                continue
            if text is None:
                open_ = open_ or not isinstance(value, Const)
                continue
            named = self._by_name(text, folder)
            found.update(dict.fromkeys(named))
            open_ = open_ or (not named and _could_be_config(text))
        return list(found), open_

    def _by_name(self, text: str, folder: str) -> list[Config]:
        parts = [part for part in text.replace("\\", "/").split("/") if part not in ("", ".", "..")]
        if not parts:
            return []
        for form in (_same, _undressed):
            found = [config for config in self.asked if form(config.real.replace("\\", "/").split("/")[-len(parts) :]) == form(parts)]
            if found:
                return found
        other = self._on_disk(text, folder)
        return [other] if other is not None else []

    def _on_disk(self, text: str, folder: str) -> Config | None:
        """A config that was not asked about and that the code opens."""
        if not text.endswith((".yaml", ".yml", ".json")):
            return None
        for root in dict.fromkeys((*self.roots, folder, *(os.path.dirname(config.real) for config in self.asked))):
            path = os.path.realpath(os.path.join(root, text))
            if path in self.others or os.path.isfile(path):
                return self.other(path)
        return None

    def other(self, path: str) -> Config | None:
        """The config of a file that was not asked about; None where it cannot be read."""
        for config in self.asked:
            if config.real == path:
                return config
        if path not in self.others:
            try:
                document = Document(path, read_bytes(path))
                self.others[path] = Config(path, document, is_asked=False) if document.refused is None else None
            except Unreadable:
                self.others[path] = None
        return self.others[path]


def _between(path: str, text: Text) -> bool:
    """Whether a path can be one of which the beginning and the end are known."""
    head, _, start = text.head.replace("\\", "/").rpartition("/")
    tail = text.tail.lstrip("/") if text.tail.startswith("/") else text.tail
    folders = [part for part in head.split("/") if part not in ("", ".", "..")]
    parts = path.replace("\\", "/").split("/")
    if not path.endswith(tail) or (text.tail.startswith("/") and not path.endswith("/" + tail)):
        return False
    if not folders:
        return bool(tail) and tail not in (".yaml", ".yml", ".json")
    return any(
        parts[index : index + len(folders)] == folders and parts[index + len(folders)].startswith(start)
        for index in range(len(parts) - len(folders))
    )


def _could_be_config(text: str) -> bool:
    return "." not in text.rpartition("/")[2] or text.endswith((".yaml", ".yml", ".json", ".example", ".sample", ".template", ".dist"))


def _same(parts: list[str]) -> list[str]:
    return parts


def _undressed(parts: list[str]) -> list[str]:
    """The name without what says that it is an example to be copied."""
    return [*parts[:-1], _EXAMPLE.sub("", parts[-1])]
