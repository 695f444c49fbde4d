"""`references`: what the configs can be compared with.

A reference is proposed only where a name says that it is one and each config has one counterpart in it; what else could be one stands
there as a comment.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Sequence

from confguard.document.document import Document
from confguard.document.fit import Fitted, fitted
from confguard.document.source import Unreadable, read_bytes
from confguard.init.home import REFERENCE_WORDS, Home
from confguard.init.proposal import Entry, Found, told
from confguard.project.git import GitFailed, git
from confguard.project.kind import kind_in
from confguard.project.reference import documents_of
from confguard.words.catalogue import Catalogue
from confguard.words.recipe import Recipe

_BRANCHES = ("main", "master", "origin/main", "origin/master")
_MOST_COMPARED = 20
_MOST_SIBLINGS = 1000
_ENOUGH_IN_COMMON = 8
"""Values that a profile and the configs both have, before it is called near; half of them must be the same."""


def references_of(home: Home, catalogue: Catalogue) -> Found:
    """The line `reference`, with `current` where one folder has all configs; or what could be the reference."""
    if home.project.references or not home.configs:
        return Found()
    folders = [*home.references.items(), *_siblings(home, catalogue)]
    fitting = [(folder, files) for folder, files in folders if _why_not(files, home) is None]
    if len(fitting) == 1:
        return Found((_reference(*fitting[0], home), *_current(home)))
    maybe = [
        _maybe(home.inside(folder), f"by its name it could be this one, but {_why_not(files, home) or 'so could another'}")
        for folder, files in folders
    ]
    if not folders:
        profiles = list(_profiles(home, catalogue))
        maybe = [*_in_git(home), *(profiles if len(profiles) > 1 else (entry._replace(name="reference") for entry in profiles))]
    return Found(tuple(maybe))


def _reference(folder: str, files: Sequence[Fitted], home: Home) -> Entry:
    there = os.path.commonpath([os.path.dirname(os.path.abspath(file.document.path)) for file in files])
    names = told([os.path.basename(file.document.path) for file in files])
    verb = "has" if len(files) == 1 else "have each"
    why = f"the folder is called {os.path.basename(folder)}, and {names} in it {verb} the kind and the name of a config here"
    return Entry("references", "reference", home.inside(there), why)


def _current(home: Home) -> Iterator[Entry]:
    folders = {os.path.dirname(file.document.path) for file in home.configs}
    if len(folders) == 1 and (folder := folders.pop()) not in ("", home.root):
        yield Entry("references", "current", home.inside(folder), "the one folder that has all other configs")
    elif len(home.configs) == 1:
        yield Entry("references", "current", home.inside(home.configs[0].document.path), "the one other config")


def _why_not(files: Sequence[Fitted], home: Home) -> str | None:
    """Why a folder is no reference beyond doubt; None where it is: a check compares with the first file of each kind."""
    for kind, count in Counter(file.kind for file in files).items():
        ours = [file for file in home.configs if file.kind == kind]
        if count > 1:
            return f"it has {count} configs of the kind {kind}, and a check compares with one"
        if len(ours) > 1:
            return f"{len(ours)} configs of the kind {kind} would be compared with one"
    names = {(file.kind, os.path.basename(file.document.path)) for file in home.configs}
    alone = [home.inside(file.document.path) for file in files if (file.kind, os.path.basename(file.document.path)) not in names]
    return f"no config here has the kind and the name of {told(alone)}" if alone else None


def _siblings(home: Home, catalogue: Catalogue) -> Iterator[tuple[str, list[Fitted]]]:
    """Folders beside the project whose name says that they are its reference, or a reference; with the files of the same paths."""
    root = os.path.abspath(home.root)
    own, words = _words(os.path.basename(root)), set(REFERENCE_WORDS)
    try:
        with os.scandir(os.path.dirname(root)) as entries:
            names = sorted(
                entry.name for _, entry in zip(range(_MOST_SIBLINGS), entries, strict=False) if entry.name != os.path.basename(root)
            )
    except OSError:
        return
    for name in names:
        if _words(name) - words not in (set(), own) or not _words(name) & words:
            continue
        folder = os.path.normpath(os.path.join(home.root, os.pardir, name))
        files = list(_counterparts(folder, home, catalogue))
        if files:
            yield folder, files


def _words(name: str) -> set[str]:
    return set("".join(char if char.isalnum() else " " for char in name.lower()).split())


def _counterparts(folder: str, home: Home, catalogue: Catalogue) -> Iterator[Fitted]:
    for file in home.configs[:_MOST_COMPARED]:
        path = os.path.join(folder, os.path.relpath(file.document.path, home.root))
        try:
            document = Document(path, read_bytes(path))
        except Unreadable:
            continue
        shape = kind_in(home.project, document, catalogue) if document.refused is None else None
        if shape is not None:
            yield fitted(document, shape)


def _maybe(value: str, why: str) -> Entry:
    return Entry("references", "reference", value, why, is_sure=False)


# --- what only may be meant ---


def _in_git(home: Home) -> Iterator[Entry]:
    """The main branch, where another one is checked out and configs differ from it; a comment, since CI often has no other branch."""
    try:
        here = git(home.root, "rev-parse", "--abbrev-ref", "HEAD").decode().strip()
        there = git(home.root, "for-each-ref", "--format=%(refname:short)", "refs/heads", "refs/remotes").decode().split()
        main = next((name for name in _BRANCHES if name in there), None)
        if main is None or here == main.rpartition("/")[2]:
            return
        compared = home.configs[:_MOST_COMPARED]
        differing = [file for file in compared if _differs(file, main, home)]
    except (GitFailed, UnicodeDecodeError):
        return
    if differing:
        folder = os.path.commonpath([os.path.dirname(home.inside(file.document.path)) for file in compared])
        path = folder or home.inside(compared[0].document.path)
        if folder or len(compared) == 1:
            which = f"{len(differing)} of {len(compared)} configs differ" if len(compared) > 1 else "the config differs"
            why = f"{which} from the branch {main}; whoever checks needs to have that branch"
            yield _maybe(f"git:{main}:{path}", why)


def _differs(file: Fitted, branch: str, home: Home) -> bool:
    try:
        then = git(home.root, "show", f"{branch}:./{home.inside(file.document.path)}")
    except GitFailed:  # a new file
        return False
    return then != file.document.encoded(file.document.text)


def _profiles(home: Home, catalogue: Catalogue) -> Iterator[Entry]:
    """For each kind the profile that has the most values in common with the project's configs."""
    shown = set()
    for kind in dict.fromkeys(file.kind for file in home.configs):
        ours = [file.recipe for file in home.configs if file.kind == kind and file.recipe is not None]
        scored = [(_alike(ours, recipe, catalogue), name) for name, recipe in _profiles_of(kind, home, catalogue)]
        (same, both), name = max(scored, key=lambda one: (one[0][0] / max(one[0][1], 1), one[1]), default=((0, 0), ""))
        if name in shown or both < _ENOUGH_IN_COMMON or same * 2 < both:
            continue
        shown.add(name)
        nearest = f"the nearest of {len(scored)} profiles" if len(scored) > 1 else "the one profile"
        why = f"{nearest} of the kind {kind}; {same} of the {both} values that both have are the same"
        yield Entry("references", kind or "", f"profile:{name}", why, is_sure=False)


def _profiles_of(kind: str | None, home: Home, catalogue: Catalogue) -> Iterator[tuple[str, Recipe]]:
    names = sorted(entry.name for entry in os.scandir(catalogue.profiles) if entry.is_dir() and entry.name[0].isalpha())
    for name in names:
        for document in documents_of(f"profile:{name}", home.project, catalogue):
            shape = kind_in(home.project._replace(files={}), document, catalogue) if document.refused is None else None
            found = fitted(document, shape)
            if found.kind == kind and found.recipe is not None:
                yield name, found.recipe


def _alike(ours: list[Recipe], other: Recipe, catalogue: Catalogue) -> tuple[int, int]:
    """How many values are the same, and how many both have."""
    same = both = 0
    for recipe in ours:
        for parameter in (recipe.values.keys() & other.values.keys()) - catalogue.identity:
            both += 1
            same += catalogue.means(parameter, recipe.values[parameter]) == catalogue.means(parameter, other.values[parameter])
    return same, both
