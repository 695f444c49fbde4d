"""A config that is asked about: its data, its keys, and where each stands."""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import pairwise
from typing import Any, NamedTuple

from confguard.audit.places import ABSENT, Key, Path, holds_keys
from confguard.document.document import Document
from confguard.document.nodes import MAPPING, SCALAR
from confguard.document.nodes import Node as YamlNode
from confguard.words.recipe import dotted

MAX_DEPTH = 40


class Leaf(NamedTuple):
    """One key that holds a value: its path, how it is written, its line, its offsets, and what it holds."""

    path: Path
    key: str
    line: int
    span: tuple[int, int]
    data: Any


class Config:
    """One config file. Those that were not asked about are read too where the code opens them: they take part, and nothing is said."""

    def __init__(self, path: str, document: Document, is_asked: bool) -> None:
        self.path = path
        self.real = os.path.realpath(path)
        self.document = document
        self.is_asked = is_asked
        documents = [document] if document.refused is None else list(_parts(document))
        self.data: Any = _merged([_data(one.root) for one in documents if one.root is not None])
        self.leaves = [self._in_whole(leaf, one) for one in documents for leaf in _leaves(one)] if is_asked else []

    def _in_whole(self, leaf: Leaf, part: Document) -> Leaf:
        """A leaf of one of several documents with its offsets in the whole file: its line is the same."""
        if part is self.document:
            return leaf
        lines = self.document.text.splitlines(keepends=True)
        start = sum(len(line) for line in lines[: leaf.line - 1]) + part.span(*leaf.span).start.column - 1
        return leaf._replace(span=(start, start + leaf.span[1] - leaf.span[0]))

    def at(self, path: Path) -> Any:
        """What stands at a path; `ABSENT` where nothing does."""
        here = self.data
        for key in path:
            here = _below_of(here, key)
            if here is ABSENT:
                return ABSENT
        return here


def _below_of(data: Any, key: Key) -> Any:
    if isinstance(data, dict):
        return data.get(key, ABSENT)
    return data[key] if isinstance(data, list) and isinstance(key, int) and -len(data) <= key < len(data) else ABSENT


def _parts(document: Document) -> Iterator[Document]:
    """The documents of a file that has several, each with the lines of the others empty, so that its own keep their numbers."""
    lines = document.text.splitlines(keepends=True)
    starts = [0, *[index + 1 for index, line in enumerate(lines) if line.startswith("---")], len(lines) + 1]
    for start, end in pairwise(starts):
        own = [line if start <= index < end - 1 else "\n" for index, line in enumerate(lines)]
        one = Document(document.path, "".join(own).encode())
        if len(starts) > 2 and one.refused is None and one.root is not None:
            yield one


def _merged(data: list[Any]) -> Any:
    if len(data) == 1:
        return data[0]
    return {key: value for one in data if isinstance(one, dict) for key, value in one.items()}


def _data(node: YamlNode, depth: int = 0) -> Any:
    node = node.resolved()
    if node.kind == SCALAR:
        return node.value
    if depth > MAX_DEPTH:
        return None
    if node.kind == MAPPING:
        return {_key(key): _data(value, depth + 1) for key, value in node.pairs()}
    return [_data(item, depth + 1) for item in node.items]


def _key(node: YamlNode) -> Key:
    """A key as the code asks for it: a number is one, anything else is its text."""
    value = node.resolved().value
    return value if type(value) is int else node.resolved().text


def _leaves(document: Document) -> Iterator[Leaf]:
    if document.root is not None:
        yield from _below(document, document.root, (), "", None)


def _below(document: Document, node: YamlNode, path: Path, key: str, key_node: YamlNode | None) -> Iterator[Leaf]:
    target = node.resolved()
    if len(path) > MAX_DEPTH:
        return
    if not holds_keys(_data(target)):
        if path:
            stands = key_node or node
            line = document.span(stands.start, stands.start).start.line
            yield Leaf(path, key, line, (stands.start, stands.end), _data(target))
        return
    if target.kind == MAPPING:
        for name, value in target.pairs():
            text = name.resolved().text
            yield from _below(document, value, (*path, _key(name)), dotted(key, text) if key else dotted(text), name)
        return
    for index, item in enumerate(target.items):
        yield from _below(document, item, (*path, index), f"{key}[{index}]", None)
