"""Files that a config names: looked for at the project's root, in the working folder, beside the config and above it."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping

from confguard.document.document import Document
from confguard.document.fit import kind_of, recipe_of
from confguard.document.source import Reading, Unreadable, read_bytes
from confguard.words.recipe import Link
from confguard.words.shape import Shape


def reading_with(files: Mapping[str, bytes], otherwise: Reading = read_bytes) -> Reading:
    """A way to read in which some files, by their real paths, hold other bytes than on the disk, or than another way to read gives."""

    def read(path: str) -> bytes:
        held = files.get(os.path.realpath(path)) if files else None
        return otherwise(path) if held is None else held

    return read


class Links:
    """Follows links, reading each file once in a run."""

    def __init__(self, shapes: tuple[Shape, ...], profiles: str, read_file: Reading) -> None:
        self.shapes = shapes
        self.profiles = os.path.join(os.path.realpath(profiles), "")
        self.read_file = read_file
        self.followed: dict[tuple[str, str, str], Link] = {}
        self.read: dict[str, Link] = {}

    def follow(self, asked: str, config: str, root: str, kind: str) -> Link:
        """The file that `config` calls `asked`, which should be of `kind`."""
        key = (asked, os.path.dirname(config), root)
        if key not in self.followed:
            self.followed[key] = self._follow(asked, config, root, kind)
        return self.followed[key]

    def _follow(self, asked: str, config: str, root: str, kind: str) -> Link:
        if os.path.realpath(config).startswith(self.profiles):
            asked = os.path.basename(asked)  # a profile is the files of a project laid flat
        for candidate in candidates(asked, config, root):
            if os.path.exists(candidate):
                real = os.path.realpath(candidate)
                if real not in self.read:
                    self.read[real] = self._read(asked, candidate, kind)
                return self.read[real]
        example = next((path for path in _examples(asked, config, root) if os.path.exists(path)), None)
        return Link(asked, None, example, None, None)

    def _read(self, asked: str, path: str, kind: str) -> Link:
        shown = os.path.relpath(path) if os.path.isabs(path) and not os.path.isabs(asked) else path
        try:
            document = Document(shown, self.read_file(path))
        except Unreadable as error:
            return Link(asked, path, None, None, str(error).rpartition(": ")[2])
        if document.refused is not None:
            return Link(asked, path, None, None, document.refused.message)
        shape = kind_of(document, self.shapes)
        if shape is None or shape.kind != kind:
            return Link(asked, path, None, None, f"it holds no {kind} config" + (f", but {shape.kind}" if shape else ""))
        return Link(asked, path, None, recipe_of(document, shape), None)


def candidates(asked: str, config: str, root: str) -> Iterator[str]:
    """Where a path inside a config may lead, in order. The working folder comes last for a config that lies outside of it."""
    if os.path.isabs(asked):
        yield asked
        return
    cwd = os.getcwd()
    folder = os.path.dirname(os.path.abspath(config))
    inside = os.path.join(folder, "").startswith(os.path.join(cwd, ""))
    if os.path.abspath(root) != cwd:
        yield os.path.normpath(os.path.join(root, asked))
    if inside:
        yield os.path.normpath(asked)
    while True:
        yield os.path.normpath(os.path.join(folder, asked))
        parent = os.path.dirname(folder)
        if parent == folder:
            break
        folder = parent
    if not inside:
        yield os.path.normpath(asked)


def _examples(asked: str, config: str, root: str) -> Iterator[str]:
    """The committed stand-ins of a file that is kept out of git."""
    stem, ending = os.path.splitext(asked)
    for name in (f"{asked}.example", f"{stem}.example{ending}", f"{asked}.template", f"{stem}.template{ending}"):
        yield from candidates(name, config, root)
