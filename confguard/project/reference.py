"""What a config is compared with: a path, `profile:NAME`, `git:REV:PATH`, or a name that the project file defines."""

from __future__ import annotations

import os

from confguard.document.document import Document
from confguard.document.source import MAX_BYTES, Reading, Unreadable, read_bytes, read_stdin
from confguard.project.discover import ENDINGS, RUN_CONFIG, files_of
from confguard.project.git import GitFailed, git
from confguard.project.project import Project
from confguard.words.catalogue import Catalogue
from confguard.words.spelling import nearest


def resolved(reference: str, project: Project) -> str:
    """What a name of the project file stands for, as seen from the working folder; anything else as it is."""
    named = project.references.get(reference)
    if named is None:
        return reference
    at_root = os.path.join(project.root, named)
    return named if ":" in named or not os.path.exists(at_root) else os.path.relpath(at_root)


def documents_of(reference: str, project: Project, catalogue: Catalogue, read: Reading = read_bytes) -> list[Document]:
    """The documents that a reference stands for; raises `Unreadable` with what to do."""
    reference = resolved(reference, project)
    if reference.startswith("profile:"):
        folder = _profile(reference.removeprefix("profile:"), catalogue)
        # Not as folders of the user are listed: a virtual environment that holds confguard is ignored by git.
        return [
            Document(f"{reference}/{entry.name}", read_bytes(entry.path))
            for entry in sorted(os.scandir(folder), key=lambda entry: entry.name)
            if entry.is_file()
        ]
    if reference.startswith("git:"):
        return _documents_in_git(reference, project)
    if reference == "-":
        return [Document("<stdin>", read_stdin())]
    if not os.path.exists(reference):
        names = ", ".join(project.references) or "none"
        raise Unreadable(f"{reference}: no such file, and no reference of that name (the project file defines: {names})")
    if os.path.isdir(reference) and (found := _documents_of_run(reference, catalogue, read)):
        return found
    return _documents_below(reference, read)


def _documents_of_run(folder: str, catalogue: Catalogue, read: Reading) -> list[Document]:
    """What a past run was made from: the config beside its checkpoints, or what a checkpoint has saved of its own."""
    config = os.path.join(folder, RUN_CONFIG)
    if os.path.isfile(config):
        return [Document(config, read(config))]
    arguments = os.path.join(folder, "training_args.bin")
    if not os.path.isfile(arguments):
        return []
    from confguard.project.past import checkpoint  # few folders are one

    return [checkpoint(folder, arguments, catalogue)]


def _documents_below(path: str, read: Reading) -> list[Document]:
    return [Document(file, read(file)) for file in files_of([path])]


def _profile(name: str, catalogue: Catalogue) -> str:
    folder = os.path.join(catalogue.profiles, name)
    if os.path.basename(name) == name and name[:1].isalnum() and os.path.isdir(folder):
        return folder
    known = sorted(entry.name for entry in os.scandir(catalogue.profiles) if entry.is_dir() and entry.name[0].isalpha())
    close = nearest(name, known)
    raise Unreadable(f"profile:{name}: no such profile; " + (f"did you mean {close}?" if close else f"there are: {', '.join(known)}"))


def _documents_in_git(reference: str, project: Project) -> list[Document]:
    _, _, rest = reference.partition(":")
    revision, _, path = rest.partition(":")
    if not revision or not path or revision.startswith("-"):
        raise Unreadable(f"{reference}: write git:REVISION:PATH")
    try:
        repository, inside = _repository_of(os.path.join(project.root, path))
        listed = git(repository, "ls-tree", "-r", "-z", "--full-tree", "--name-only", revision, "--", inside)
        names = [os.fsdecode(name) for name in listed.split(b"\0") if name]
        wanted = [name for name in names if name.endswith(ENDINGS) or len(names) == 1]
        shown = "" if _is_below(project.root, repository) else os.path.join(os.path.relpath(repository), "")
        documents = [
            Document(f"git:{revision}:{shown}{name}", git(repository, "show", f"{revision}:{name}")[: MAX_BYTES + 1]) for name in wanted
        ]
    except GitFailed as error:
        raise Unreadable(f"{reference}: {error}") from None
    if not names:
        raise Unreadable(f"{reference}: that revision has no such path")
    return documents


def _repository_of(path: str) -> tuple[str, str]:
    """The root of the repository that a path lies in, and the path from there; the path itself may be gone by now."""
    folder = path = os.path.realpath(path)
    while not os.path.isdir(folder):
        folder = os.path.dirname(folder)
    top = os.fsdecode(git(folder, "rev-parse", "--show-toplevel")).rstrip("\r\n")
    return top, os.path.relpath(path, top).replace(os.sep, "/")


def _is_below(folder: str, above: str) -> bool:
    return os.path.commonpath([os.path.realpath(folder), os.path.realpath(above)]) == os.path.realpath(above)
