"""Where a key leads: to the file that its value names, or else to the reference's value."""

from __future__ import annotations

import os
from collections.abc import Iterator

from confguard.checking.links import candidates
from confguard.document.document import Document
from confguard.document.fit import Fitted
from confguard.document.nodes import SCALAR
from confguard.schemas.catalogue import CATALOGUE
from confguard.server.buffers import MARK, Buffers, settled
from confguard.server.look import Look, look_at, reference_of, row_of
from confguard.server.spots import Spot, spot_of
from confguard.server.texts import Lines, Place, Stretch
from confguard.words.typing import NamedTuple

_PROFILE = "profile:"
_START = Stretch(Place(0, 0), Place(0, 0))


class Target(NamedTuple):
    """A stretch of a file."""

    file: str
    at: Stretch


def definition(path: str, place: Place, buffers: Buffers) -> Target | None:
    """Where the key or the value at a place leads."""
    buffers = settled(buffers)
    look = look_at(path, buffers)
    spot = look.spot(place) if look is not None else None
    if look is None or spot is None:
        return None
    is_on_key = look.offset(place) <= spot.key.end
    is_link = look.ours.shape is not None and look.parameter(spot) in look.ours.shape.links
    if is_link or not is_on_key:
        file = next(_named(look, spot), None)
        if file is not None or not is_on_key:
            return Target(os.path.realpath(file), _START) if file is not None else None
    theirs = reference_of(look, buffers.read)
    return _in_reference(look, theirs, spot, buffers) if theirs is not None else None


def _named(look: Look, spot: Spot) -> Iterator[str]:
    """The files that a value names, the one that a check would open first."""
    value = spot.value.resolved()
    if value.kind == SCALAR and isinstance(value.value, str) and value.value.strip():
        yield from (path for path in candidates(value.value, look.document.path, look.project.root) if os.path.isfile(path))


def _in_reference(look: Look, theirs: Fitted, spot: Spot, buffers: Buffers) -> Target | None:
    """The key in the reference's file that a key is compared with; None where it has none, or is no file on the disk."""
    file, row = _file_of(theirs.document), row_of(look, theirs, spot)
    found = spot_of(theirs.document, (row.reference_key or row.key) if row is not None else spot.path)
    if file is None or found is None:
        return None
    buffer = buffers.open_files.get(file)
    lines = Lines(buffer.text if buffer is not None else theirs.document.text)
    mark = int(lines.text.startswith(MARK))
    return Target(file, lines.stretch(found.key.start + mark, found.key.end + mark))


def _file_of(document: Document) -> str | None:
    """The file on the disk that a document of a reference was read from."""
    path = document.path
    if path.startswith(_PROFILE):
        path = os.path.join(CATALOGUE.profiles, *path.removeprefix(_PROFILE).split("/"))
    return os.path.realpath(path) if os.path.isfile(path) else None
