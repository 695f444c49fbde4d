"""`files`: the kinds of files whose content does not tell which one they are, where the project tells otherwise."""

from __future__ import annotations

import glob
import os
import re
from collections.abc import Iterator
from fnmatch import fnmatch

from confguard.document.document import Document
from confguard.document.fit import family_of, fitted
from confguard.document.source import Unreadable, read_bytes
from confguard.init.home import Home, reference_folder
from confguard.init.proposal import Entry, Found, told
from confguard.project.discover import ENDINGS, is_candidate
from confguard.project.target import aim_of
from confguard.words.catalogue import Catalogue
from confguard.words.shape import Shape
from confguard.words.typing import NamedTuple

_SCRIPTS = (".sh", ".bash", ".zsh", ".mk", ".slurm", ".sbatch", "Makefile", "Dockerfile", "justfile", ".md")
_MOST_SCRIPTS = 200
_ENOUGH_SIBLINGS = 2


class _Told(NamedTuple):
    """The kind of an unclear file, and what tells it."""

    document: Document
    kind: str
    why: str


def kinds_of(home: Home, catalogue: Catalogue) -> tuple[Found, Home]:
    """The lines for the unclear files of a project: by the command that a script starts with them, or by the files beside them.

    And the project as it is with them.
    """
    unclear = {document: _family(document, catalogue) for document in home.unclear}
    nameless = [document for document in unclear if not _other_words(document, unclear[document], home)]
    words = {shape.word for shapes in unclear.values() for shape in shapes}
    lines = [line for line in _lines_of_scripts(home) if line.is_telling(words)] if nameless else []
    found = [told_of for document in nameless if (told_of := _by_script(document, unclear[document], lines, home))]
    left = [document for document in nameless if all(one.document is not document for one in found)]
    fitting = {document: [shape for shape in unclear[document] if _has_all_keys(shape, document, home, catalogue)] for document in left}
    kinds = [(file.document.path, file.kind) for file in home.every] + [(one.document.path, one.kind) for one in found]
    found += [told_of for document in left if (told_of := _by_siblings(document, fitting[document], kinds))]
    unsaid: dict[str, list[str]] = {}
    for document, shapes in unclear.items():
        if all(one.document is not document for one in found):
            unsaid.setdefault(_why_unclear(document, shapes, fitting.get(document, []), home), []).append(home.inside(document.path))
    notes = [f"{told(paths)}: {why}" for why, paths in unsaid.items()]
    return Found(tuple(_entries(found, home)), tuple(notes)), _with(found, home, catalogue)


def _why_unclear(document: Document, shapes: list[Shape], fitting: list[Shape], home: Home) -> str:
    family = shapes[0].family
    if words := _other_words(document, shapes, home):
        return f"`{sorted(words)[0]}` in the path is no command that confguard has a kind for, so this stays unchecked"
    known = f"; all its keys are known to {told([shape.kind for shape in fitting])}" if 0 < len(fitting) < len(shapes) else ""
    return f"{family.why_unclear if family else 'of which kind is not clear'}{known}"


def _other_words(document: Document, shapes: list[Shape], home: Home) -> set[str]:
    """The words of its path that say that a file is of none of the kinds of its family."""
    family = shapes[0].family
    return _words(home.inside(document.path)).intersection(family.other_words if family else ())


def _with(found: list[_Told], home: Home, catalogue: Catalogue) -> Home:
    """The project as its project file would have it."""
    target = aim_of(home.project, catalogue).target
    more = []
    for one in found:
        shape = catalogue.shape(one.kind)
        more.append(fitted(one.document, shape.at(target) if shape is not None and shape.at is not None else shape))
    ours = [file for file in more if reference_folder(home.inside(os.path.dirname(file.document.path))) is None]
    return home._replace(configs=(*home.configs, *ours))


def _family(document: Document, catalogue: Catalogue) -> list[Shape]:
    family = family_of(document, catalogue.shapes)
    return [shape for shape in catalogue.shapes if shape.family is not None and shape.family is family]


def _has_all_keys(shape: Shape, document: Document, home: Home, catalogue: Catalogue) -> bool:
    whole = shape.at(aim_of(home.project, catalogue).target) if shape.at is not None else shape
    return document.root is not None and all(key.resolved().text in whole.fields for key, _ in document.root.pairs())


def _words(text: str) -> set[str]:
    return set(re.split(r"[\W_]+", text.lower()))


class _Line(NamedTuple):
    """A line of a script, with those that go on with it."""

    file: str
    number: int
    text: str

    def is_telling(self, words: set[str]) -> bool:
        """Whether it can tell a kind: it names some YAML file, and one of the words of the kinds."""
        return any(ending in self.text for ending in ENDINGS) and not _words(self.text).isdisjoint(words)


def _lines_of_scripts(home: Home) -> Iterator[_Line]:
    for file in [file for file in home.files if file.endswith(_SCRIPTS)][:_MOST_SCRIPTS]:
        try:
            text = read_bytes(file).decode("utf-8", "replace")
        except Unreadable:
            continue
        for match in re.finditer(r"(?:[^\n\\]|\\.)+", text, re.DOTALL):
            if not match[0].lstrip().startswith("#"):
                yield _Line(home.inside(file), text.count("\n", 0, match.start()) + 1, match[0])


def _by_script(document: Document, shapes: list[Shape], lines: list[_Line], home: Home) -> _Told | None:
    """The kind whose word stands in each line that names the file, beside its path."""
    path = home.inside(document.path)
    name = re.compile(rf"(?<![\w./-])(?:\./)?{re.escape(path)}(?![\w/-])")
    naming = [line for line in lines if name.search(line.text)]
    kinds = {shape.kind: shape.word for line in naming for shape in shapes if shape.word in _words(name.sub(" ", line.text))}
    if len(kinds) != 1:
        return None
    kind, word = kinds.popitem()
    line = next(line for line in naming if word in _words(name.sub(" ", line.text)))
    return _Told(document, kind, f"{line.file}:{line.number} names it with `{word}`")


def _by_siblings(document: Document, fitting: list[Shape], known: list[tuple[str, str | None]]) -> _Told | None:
    """The kind of all other configs of the folder, where that has every key of the file."""
    folder = os.path.dirname(document.path)
    kinds = [kind for path, kind in known if os.path.dirname(path) == folder]
    kind = kinds[0] if kinds else None
    if kind is None or len(kinds) < _ENOUGH_SIBLINGS or len(set(kinds)) != 1 or all(shape.kind != kind for shape in fitting):
        return None
    return _Told(document, kind, f"the other {len(kinds)} configs of its folder are {kind}, and that kind has all its keys")


def _entries(found: list[_Told], home: Home) -> Iterator[Entry]:
    """One line a file, or one for a folder where everything that the glob means is of the kind."""
    kind_of = {file.document.path: file.kind for file in home.every} | {one.document.path: one.kind for one in found}
    candidates = [file for file in home.files if is_candidate(file)]
    by_pattern: dict[str, list[_Told]] = {}
    for one in found:
        by_pattern.setdefault(_glob_around(home.inside(one.document.path)), []).append(one)
    for pattern, ones in by_pattern.items():
        meant = [file for file in candidates if fnmatch(home.inside(file), pattern)] if len(ones) > 1 else []
        if meant and all(kind_of.get(file) == ones[0].kind for file in meant):
            yield Entry("files", pattern, ones[0].kind, _why_all(ones))
        else:
            yield from (Entry("files", glob.escape(home.inside(one.document.path)), one.kind, one.why) for one in ones)


def _why_all(told_of: list[_Told]) -> str:
    by_why: dict[str, list[str]] = {}
    for one in told_of:
        by_why.setdefault(one.why, []).append(os.path.basename(one.document.path))
    return told([f"{told(names)}: {why}" for why, names in by_why.items()], "; ")


def _glob_around(path: str) -> str:
    folder, _, name = path.rpartition("/")
    return f"{glob.escape(folder)}/*{os.path.splitext(name)[1]}" if folder else f"*{os.path.splitext(name)[1]}"
