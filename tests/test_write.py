"""Writing one file whole or not at all: links, modes, changes by others, a full disk. Several as one: test_transaction.py."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from confguard.transaction import write
from confguard.transaction.commit import FileChange, commit
from confguard.transaction.write import NotWritten


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a.yaml").write_bytes(b"old")


def names(folder: str = ".") -> list[str]:
    return sorted({*os.listdir(folder)} - {".confguard"})


def replace(path: str, before: bytes, after: bytes) -> None:
    commit([FileChange(path, before, after)], ".", "test")


def create(path: str, data: bytes) -> None:
    commit([FileChange(path, None, data)], ".", "test")


def test_replaces() -> None:
    replace("a.yaml", b"old", b"new")
    assert Path("a.yaml").read_bytes() == b"new"
    assert names() == ["a.yaml"]


def test_a_long_name_and_many_bytes() -> None:
    name = "b" * 250 + ".yaml"
    Path(name).write_bytes(b"x" * 3_000_000)
    replace(name, b"x" * 3_000_000, b"y" * 3_000_001)
    assert Path(name).read_bytes() == b"y" * 3_000_001


@pytest.mark.parametrize("mode", [0o600, 0o644, 0o664, 0o755])
def test_the_mode_is_kept(mode: int) -> None:
    os.chmod("a.yaml", mode)
    replace("a.yaml", b"old", b"new")
    assert stat.S_IMODE(os.stat("a.yaml").st_mode) == mode


@pytest.mark.skipif(not hasattr(os, "setxattr"), reason="no extended attributes here")
def test_extended_attributes_are_kept() -> None:
    try:
        os.setxattr("a.yaml", "user.note", b"ours")
    except OSError:
        pytest.skip("no extended attributes on this disk")
    replace("a.yaml", b"old", b"new")
    assert os.getxattr("a.yaml", "user.note") == b"ours"


def test_a_link_stays_a_link() -> None:
    os.mkdir("there")
    Path("there/b.yaml").write_bytes(b"old")
    os.symlink("there/b.yaml", "link.yaml")
    os.symlink("link.yaml", "link to a link.yaml")
    replace("link to a link.yaml", b"old", b"new")
    assert os.readlink("link.yaml") == "there/b.yaml"
    assert Path("there/b.yaml").read_bytes() == b"new"
    assert names("there") == ["b.yaml"]


def cannot(path: str, before: bytes, why: str) -> None:
    found = names()
    with pytest.raises(NotWritten, match=why):
        replace(path, before, b"new")
    assert names() == found


def test_a_file_that_changed_since() -> None:
    cannot("a.yaml", b"older", "a.yaml: somebody changed the file while it was worked on; run again")
    cannot("a.yaml", b"ol", "somebody changed")
    assert Path("a.yaml").read_bytes() == b"old"


def test_a_file_that_changes_while_it_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    dress = write._dress

    def meanwhile(*arguments: Any) -> None:
        dress(*arguments)
        Path("a.yaml").write_bytes(b"theirs")

    monkeypatch.setattr(write, "_dress", meanwhile)
    cannot("a.yaml", b"old", "somebody changed")
    assert Path("a.yaml").read_bytes() == b"theirs"


def test_a_file_that_is_replaced_by_its_like_while_it_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    dress = write._dress

    def meanwhile(*arguments: Any) -> None:
        dress(*arguments)
        Path("other").write_bytes(b"old")
        os.replace("other", "a.yaml")

    monkeypatch.setattr(write, "_dress", meanwhile)
    cannot("a.yaml", b"old", "somebody changed")


def test_a_read_only_file() -> None:
    os.chmod("a.yaml", 0o444)
    cannot("a.yaml", b"old", r"a.yaml: the file is read-only; make it writable \(chmod u\+w\) and run again")
    assert Path("a.yaml").read_bytes() == b"old"


def test_a_folder_that_may_not_be_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "mkdir", fails(errno.EACCES))
    cannot("a.yaml", b"old", r"a.yaml: not written \(Permission denied: a file beside it could not be made\); the file is as it was")


def test_what_is_no_file() -> None:
    os.mkdir("folder")
    os.symlink("circle", "circle")
    cannot("folder", b"", "folder: no regular file|not written")
    cannot("gone", b"", "gone: not written")
    cannot("circle", b"", "circle: not written")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes here")
def test_a_pipe_is_not_waited_for() -> None:
    os.mkfifo("pipe")
    cannot("pipe", b"", "pipe: no regular file")


def fails(number: int) -> Callable[..., Any]:
    def fail(*arguments: Any, **options: Any) -> Any:
        raise OSError(number, os.strerror(number))

    return fail


@pytest.mark.parametrize("step", ["write", "fsync", "replace", "chmod"])
def test_a_full_disk_leaves_the_old_file(step: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(os, step, fails(errno.ENOSPC))
        cannot("a.yaml", b"old", r"a.yaml: not written \(No space left on device\); the file is as it was")
    assert Path("a.yaml").read_bytes() == b"old"


@pytest.mark.parametrize("step", ["write", "fsync", "replace", "chmod"])
def test_an_interrupt_leaves_nothing_behind(step: str, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = getattr(os, step)

    def interrupt(*arguments: Any, **options: Any) -> Any:
        monkeypatch.setattr(os, step, whole)
        raise KeyboardInterrupt

    monkeypatch.setattr(os, step, interrupt)
    with pytest.raises(KeyboardInterrupt):
        replace("a.yaml", b"old", b"new")
    assert Path("a.yaml").read_bytes() == b"old"
    assert names() == ["a.yaml"]


def test_a_disk_that_takes_little_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = os.write
    monkeypatch.setattr(os, "write", lambda handle, data: whole(handle, data[:3]))
    replace("a.yaml", b"old", b"0123456789")
    assert Path("a.yaml").read_bytes() == b"0123456789"


# --- new files ---


def test_creates_with_the_usual_mode() -> None:
    umask = os.umask(0o027)
    try:
        create("new.yaml", b"new")
    finally:
        os.umask(umask)
    assert Path("new.yaml").read_bytes() == b"new"
    assert stat.S_IMODE(os.stat("new.yaml").st_mode) == 0o640
    assert names() == ["a.yaml", "new.yaml"]


def test_never_takes_the_place_of_a_file_or_a_link() -> None:
    os.symlink("nowhere", "link.yaml")
    for path in ("a.yaml", "link.yaml"):
        with pytest.raises(NotWritten, match=f"{path}: something of that name is there already"):
            create(path, b"new")
    assert Path("a.yaml").read_bytes() == b"old"
    assert names() == ["a.yaml", "link.yaml"]


def test_a_disk_without_hard_links(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "link", fails(errno.EPERM))
    create("new.yaml", b"new")
    assert Path("new.yaml").read_bytes() == b"new"
    with pytest.raises(NotWritten, match="something of that name"):
        create("a.yaml", b"new")
    assert names() == ["a.yaml", "new.yaml"]


@pytest.mark.parametrize("step", ["write", "fsync"])
def test_a_full_disk_leaves_no_new_file(step: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(os, step, fails(errno.ENOSPC))
        with pytest.raises(NotWritten, match=r"new.yaml: not written \(No space left on device\)"):
            create("new.yaml", b"new")
    assert names() == ["a.yaml"]


def test_a_folder_that_is_gone() -> None:
    with pytest.raises(NotWritten, match="not written"):
        create("gone/new.yaml", b"new")
