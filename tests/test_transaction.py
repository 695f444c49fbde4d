"""Several files written as one: what can stand in the way, and what is there afterwards. `kill -9` has test_kill.py to itself."""

from __future__ import annotations

import errno
import json
import os
import shutil
import socket
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from trials import State, at_calls, calls_of, failing, killed_at, state

from confguard.transaction import commit as transaction
from confguard.transaction import history, recovery
from confguard.transaction.commit import Committed, FileChange, commit
from confguard.transaction.history import history_root, kept
from confguard.transaction.journal import MODE
from confguard.transaction.leftover import JOURNAL
from confguard.transaction.recovery import recover
from confguard.transaction.write import NotWritten

FILES = ("a.yaml", "b/b.yaml", "c/c.yaml")
FOLDERS = ("", "b", "c")
OLD, NEW, THEIRS = b"old\n", b"new bytes\n", b"theirs\n"
CHANGES = [FileChange(path, OLD, NEW) for path in FILES]
MADE = FileChange("b/made.yaml", None, b"made\n")
ALL_KINDS = [*CHANGES, MADE, FileChange("c/gone.yaml", OLD, None)]


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(transaction, "WAIT", 0.1)
    monkeypatch.setattr(recovery, "WAIT", 0.1)
    monkeypatch.setattr(os, "fsync", lambda handle: None)  # nothing here cuts the power, and a busy disk takes its time
    fill()


def fill() -> None:
    for path in FILES:
        os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
        Path(path).write_bytes(OLD)


def write(changes: list[FileChange] | None = None, root: str = ".") -> Committed:
    return commit(changes or CHANGES, root, "test")


def data(*paths: str) -> list[bytes]:
    return [Path(path).read_bytes() for path in paths or FILES]


def refused(changes: list[FileChange] | None = None) -> str:
    """Why the changes are not made; nothing is different afterwards."""
    before = state()
    with pytest.raises(NotWritten) as caught:
        write(changes)
    assert state() == before
    return str(caught.value)


def restored() -> None:
    shutil.rmtree(".confguard", ignore_errors=True)
    for path in FILES:
        Path(path).write_bytes(OLD)


# --- what goes well ---


def test_all_are_new() -> None:
    done = write([*CHANGES, MADE])
    assert data(*FILES, "b/made.yaml") == [NEW, NEW, NEW, b"made\n"]
    assert sorted(state()) == ["a.yaml", "b", "b/b.yaml", "b/made.yaml", "c", "c/c.yaml"]
    (transaction,) = kept(os.path.realpath("."))
    assert (done.history, done.notes) == (transaction.id, [])
    assert transaction.manifest.command == "test"


def test_nothing_to_do_leaves_nothing() -> None:
    assert write([FileChange("a.yaml", OLD, OLD)]) == Committed(None, [])
    assert commit([], ".", "test") == Committed(None, [])
    assert not os.path.exists(".confguard")


def test_what_stays_as_it_is_is_looked_at_all_the_same() -> None:
    assert "a.yaml: somebody changed" in refused([FileChange("a.yaml", THEIRS, THEIRS), *CHANGES[1:]])


def test_a_file_goes() -> None:
    write([CHANGES[0], FileChange("b/b.yaml", OLD, None)])
    assert data("a.yaml") == [NEW]
    assert not os.path.exists("b/b.yaml")


def test_names_are_seen_from_the_working_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir("b")
    write([FileChange("../a.yaml", OLD, NEW), FileChange("b.yaml", OLD, NEW)], "..")
    monkeypatch.chdir("..")
    assert data() == [NEW, NEW, OLD]


def test_the_history_is_for_us_alone_and_nothing_for_git() -> None:
    write()
    modes = {path: stat.S_IMODE(os.stat(path).st_mode) for path in (".confguard", ".confguard/history")}
    assert modes == {".confguard": 0o700, ".confguard/history": MODE}
    assert data(".confguard/.gitignore") == [b"*\n"]


def test_the_history_sorts_by_time_and_keeps_the_last_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    names = []
    for number in range(24):
        if number == 12:  # a clock that goes back
            monkeypatch.setattr(time, "time_ns", lambda: 10**18)
        done = write([FileChange("a.yaml", OLD if number == 0 else b"%d" % (number - 1), b"%d" % number)])
        assert done.history is not None
        names.append(done.history)
    assert names == sorted(set(names))
    assert [transaction.id for transaction in kept(os.path.realpath("."))] == names[:-21:-1]


@pytest.mark.parametrize(
    ("newest", "next_one"),
    [
        ("", "20010909-014640-0000"),
        ("20010909-014639-ffff", "20010909-014640-0000"),
        ("20010909-014640-0000", "20010909-014640-0001"),
        ("20991231-235959-ffff", "20991231-235960-0000"),
    ],
)
def test_names_in_the_history(newest: str, next_one: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "time_ns", lambda: 10**18)
    assert history._next([newest] if newest else []) == next_one


# --- kinds of files ---


def test_links_stay_links() -> None:
    os.symlink("b/b.yaml", "link.yaml")
    os.symlink("c", "folder")
    write([CHANGES[0], FileChange("link.yaml", OLD, NEW), FileChange("folder/c.yaml", OLD, NEW)])
    assert os.readlink("link.yaml") == "b/b.yaml"
    assert data() == [NEW, NEW, NEW]


def test_two_ways_to_the_same_file_are_one() -> None:
    os.symlink("b/b.yaml", "link.yaml")
    write([*CHANGES, FileChange("link.yaml", OLD, NEW)])
    assert data() == [NEW, NEW, NEW]


@pytest.mark.parametrize("other", ["link.yaml", "./b/../b/b.yaml", "folder/b.yaml"])
def test_two_ways_to_the_same_file_that_would_differ(other: str) -> None:
    os.symlink("b/b.yaml", "link.yaml")
    os.symlink("b", "folder")
    assert refused([*CHANGES, FileChange(other, OLD, THEIRS)]) == (
        f"{other}: the same file as b/b.yaml, and would be written in two ways; name one of them"
    )


def test_a_hard_link_keeps_the_old_bytes() -> None:
    os.link("a.yaml", "other name")
    done = write()
    assert data("a.yaml", "other name") == [NEW, OLD]
    assert done.notes == ["a.yaml: the file has other names (hard links), which keep the old bytes"]
    Path("other name").write_bytes(THEIRS)
    (transaction,) = kept(os.path.realpath("."))
    assert data(f"{transaction.folder}/0.old") == [OLD]


def test_hard_links_that_are_all_written() -> None:
    os.link("a.yaml", "other name")
    assert write([*CHANGES, FileChange("other name", OLD, NEW)]).notes == []
    assert data("a.yaml", "other name") == [NEW, NEW]


def test_a_hard_link_is_one_again_where_nothing_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    os.link("a.yaml", "other name")
    failing_from("replace", 2, 1, monkeypatch)
    assert refused() == "c/c.yaml: not written (Input/output error); all 3 files are as they were"
    assert os.path.samefile("a.yaml", "other name")


def test_a_long_name() -> None:
    long = FileChange("b/" + "n" * 250 + ".yaml", OLD, NEW)
    Path(long.path).write_bytes(OLD)
    write([*CHANGES, long])
    assert data(long.path) == [NEW]


def test_a_name_that_is_no_text() -> None:
    path = os.fsdecode(b"b/\xff\xfe.yaml")
    Path(path).write_bytes(OLD)
    write([FileChange(path, OLD, NEW)])
    assert data(path) == [NEW]
    assert len(kept(os.path.realpath("."))) == 1


@pytest.mark.parametrize("mode", [0o600, 0o664, 0o755, 0o4755])
def test_modes_are_kept(mode: int) -> None:
    os.chmod("b/b.yaml", mode)
    write()
    assert stat.S_IMODE(os.stat("b/b.yaml").st_mode) == mode


def test_attributes_are_kept() -> None:
    try:
        os.setxattr("b/b.yaml", "user.note", b"ours")
    except (OSError, AttributeError):
        pytest.skip("no extended attributes on this disk")
    write()
    assert os.getxattr("b/b.yaml", "user.note") == b"ours"


def test_a_group_that_new_files_have_from_their_folder() -> None:
    os.chmod(".", 0o2755)
    os.chmod("b", 0o2755)
    write()
    assert killed_while_live() == [NEW, NEW, NEW]
    recover(FOLDERS)
    assert data() == [OLD, OLD, OLD]


# --- what stands in the way ---


def _socket(path: str) -> None:
    where = os.getcwd()
    os.chdir(os.path.dirname(path))
    with socket.socket(socket.AF_UNIX) as made:
        made.bind(os.path.basename(path))
    os.chdir(where)


def instead(make: Callable[[str], object]) -> Callable[[], object]:
    """Put something else where b/b.yaml is."""

    def arrange() -> None:
        os.remove("b/b.yaml")
        make("b/b.yaml")

    return arrange


IN_THE_WAY: dict[str, tuple[Callable[[], object], str]] = {
    "a file that changed": (
        lambda: Path("b/b.yaml").write_bytes(THEIRS),
        "b/b.yaml: somebody changed the file while it was worked on; run again",
    ),
    "a file that grew": (
        lambda: Path("b/b.yaml").write_bytes(OLD + THEIRS),
        "b/b.yaml: somebody changed the file while it was worked on; run again",
    ),
    "a file that is gone": (lambda: os.remove("b/b.yaml"), "b/b.yaml: not written (No such file or directory); the file is as it was"),
    "a folder that is gone": (lambda: shutil.rmtree("b"), "b/b.yaml: not written (No such file or directory); the file is as it was"),
    "a read-only file": (
        lambda: os.chmod("b/b.yaml", 0o444),
        "b/b.yaml: the file is read-only; make it writable (chmod u+w) and run again",
    ),
    "a folder": (instead(os.mkdir), "b/b.yaml: no regular file"),
    "a pipe": (instead(os.mkfifo), "b/b.yaml: no regular file"),
    "a socket": (instead(_socket), "b/b.yaml: not written (No such device or address); the file is as it was"),
    "a link to nothing": (
        instead(lambda path: os.symlink("nowhere", path)),
        "b/b.yaml: not written (No such file or directory); the file is as it was",
    ),
    "a circle": (
        instead(lambda path: os.symlink("b.yaml", path)),
        "b/b.yaml: not written (Too many levels of symbolic links); the file is as it was",
    ),
    "something where a file is to be made": (
        lambda: Path("b/made.yaml").write_bytes(b""),
        "b/made.yaml: something of that name is there already; look at it and run again",
    ),
    "a link to nothing where a file is to be made": (
        lambda: os.symlink("nowhere", "b/made.yaml"),
        "b/made.yaml: something of that name is there already; look at it and run again",
    ),
}


@pytest.mark.parametrize("name", IN_THE_WAY)
def test_in_the_way(name: str) -> None:
    arrange, says = IN_THE_WAY[name]
    arrange()
    assert refused([*CHANGES, MADE]) == says


def test_a_folder_to_make_a_file_in_is_gone() -> None:
    assert refused([*CHANGES, FileChange("d/made.yaml", None, NEW)]) == (
        "d/made.yaml: not written (No such file or directory); the file is as it was"
    )


MEANWHILE: dict[str, Callable[[], object]] = {
    "other bytes": lambda: Path("b/b.yaml").write_bytes(THEIRS),
    "other bytes, as many": lambda: Path("b/b.yaml").write_bytes(b"OLD\n"),
    "its like": lambda: (Path("b/like").write_bytes(OLD), os.replace("b/like", "b/b.yaml")),
    "nothing": lambda: os.remove("b/b.yaml"),
    "a folder": instead(os.mkdir),
    "a pipe": instead(os.mkfifo),
    "a link to another file": instead(lambda path: os.symlink("../c/c.yaml", path)),
    "a file that was to go": lambda: Path("c/gone.yaml").write_bytes(THEIRS),
    "a file that was to be made": lambda: Path("b/made.yaml").write_bytes(THEIRS),
    "a file of the same bytes that was to be made": lambda: Path("b/made.yaml").write_bytes(b"made\n"),
}


@pytest.mark.parametrize("name", MEANWHILE)
@pytest.mark.parametrize("moment", ["link", "rename", "replace"])
def test_what_changes_meanwhile(name: str, moment: str) -> None:
    """What somebody puts there between the look and the replacing stays, and everything else is as it was."""
    theirs: list[State] = []
    Path("c/gone.yaml").write_bytes(OLD)

    def act(number: int, call: str, returned: bool) -> None:
        if call == moment and returned and not theirs:
            theirs.append({})
            before = {path: held for path, held in state().items() if path in ("a.yaml", "b", "c", "c/c.yaml")}
            MEANWHILE[name]()
            theirs[0] = {**state(), **before, "a.yaml": (before["a.yaml"][0], OLD)}

    with (
        at_calls(act),
        pytest.raises(
            NotWritten, match=r"^(b/b|b/made|c/gone)\.yaml: [^;]*(; look at it and run again|; run again|; all 5 files are as they were)?$"
        ),
    ):
        write(ALL_KINDS)
    found = {path: held for path, held in theirs[0].items() if ".confguard" not in path}
    assert state() == found


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can be somebody else")
class TestAsNobody:
    """root may do nearly all, so another user tries."""

    @pytest.fixture(autouse=True)
    def _open_folder(self, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
        folder = tempfile.mkdtemp()
        monkeypatch.chdir(folder)
        fill()
        for path in (".", *FOLDERS[1:], *FILES):
            os.chown(path, 65534, 65534)
        os.chmod(".", 0o755)
        yield
        shutil.rmtree(folder)

    @staticmethod
    def says(run: Callable[[], object] = write) -> str:
        """What is raised when nobody runs something."""
        read, wrote = os.pipe()
        process = os.fork()
        if not process:
            try:
                os.setgid(65534)
                os.setuid(65534)
                run()
                said = ""
            except NotWritten as error:
                said = str(error)
            except BaseException as error:
                said = repr(error)
            os.write(wrote, said.encode())
            os._exit(0)
        os.close(wrote)
        with os.fdopen(read) as stream:
            said = stream.read()
        os.waitpid(process, 0)
        return said

    def test_all_is_well(self) -> None:
        assert self.says() == ""
        assert data() == [NEW, NEW, NEW]
        assert os.stat("b/b.yaml").st_uid == 65534

    @pytest.mark.parametrize(
        ("path", "mode", "says"),
        [
            ("b", 0o555, "b/b.yaml: not written (Permission denied: a file beside it could not be made); all 3 files are as they were"),
            (".", 0o555, "name them one by one"),
            ("b/b.yaml", 0o444, "b/b.yaml: the file is read-only; make it writable (chmod u+w) and run again"),
            ("b/b.yaml", 0o000, "b/b.yaml: not written (Permission denied: a file beside it could not be made); the file is as it was"),
            ("b", 0o000, "b/b.yaml: not written (Permission denied: a file beside it could not be made); the file is as it was"),
        ],
    )
    def test_what_may_not_be_written(self, path: str, mode: int, says: str) -> None:
        os.chmod(path, mode)
        before = state()
        assert self.says().endswith(says)
        assert state() == before

    def test_a_file_of_somebody_else(self) -> None:
        os.chown("b/b.yaml", 0, 0)
        os.chmod("b/b.yaml", 0o644)
        before = state()
        assert self.says() == "b/b.yaml: the file is read-only; make it writable (chmod u+w) and run again"
        assert state() == before

    def test_a_file_of_somebody_else_that_all_may_write(self) -> None:
        os.chown("b/b.yaml", 0, 0)
        os.chmod("b/b.yaml", 0o666)
        assert self.says() == ""
        assert data() == [NEW, NEW, NEW]

    def test_a_file_alone_in_a_folder_that_may_not_be_written(self) -> None:
        os.chmod("b", 0o555)
        assert self.says(lambda: write(CHANGES[1:2])) == (
            "b/b.yaml: not written (Permission denied: a file beside it could not be made); the file is as it was"
        )

    def test_a_history_that_may_not_be_written(self) -> None:
        os.chown(".", 0, 0)
        assert self.says(lambda: self.notes(CHANGES[1:2])) == (
            "['`confguard undo` cannot take this back, since the history could not be kept: Permission denied']"
        )
        assert data("b/b.yaml") == [NEW]
        assert os.listdir("b") == ["b.yaml"]

    def test_a_history_of_somebody_else(self) -> None:
        os.mkdir(".confguard", 0o755)
        assert "belongs to another user" in self.says(lambda: self.notes(CHANGES))

    @staticmethod
    def notes(changes: list[FileChange]) -> None:
        raise NotWritten(str(write(changes).notes))

    def test_a_journal_of_somebody_else_is_waited_for_and_then_told_of(self) -> None:
        os.mkdir(JOURNAL, MODE)
        assert "another confguard is at work there" in self.says()
        os.utime(JOURNAL, (0, 0))
        assert "left by another user; have them run confguard there, or look at it and remove it" in self.says()
        assert data() == [OLD, OLD, OLD]

    def test_a_journal_that_anybody_can_leave_says_nothing(self) -> None:
        """As in /tmp, where another user could keep everybody from working."""
        os.chmod(".", 0o1777)
        os.mkdir(JOURNAL, MODE)
        assert self.says(lambda: write(CHANGES[1:2])) == ""
        assert data("b/b.yaml") == [NEW]


# --- what goes wrong on the way ---


def failing_from(name: str, which: int, times: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let calls of that name fail, so many of them, after so many that do not."""
    whole = getattr(os, name)
    made: list[str] = []

    def fail(*arguments: Any, **options: Any) -> Any:
        made.append(name)
        if which < len(made) <= which + times:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        return whole(*arguments, **options)

    monkeypatch.setattr(os, name, fail)


def stopped_at_every_call(error: BaseException, step: int = 1) -> Iterator[BaseException | None]:
    """What comes of a transaction that is stopped at one call of the system after the other; each time all is old, or all is new."""
    Path("c/gone.yaml").write_bytes(OLD)
    old = state()
    made = calls_of(lambda: write(ALL_KINDS))
    new = state()
    for number in range(0, len(made), step):
        os.remove("b/made.yaml") if os.path.exists("b/made.yaml") else None
        restored()
        Path("c/gone.yaml").write_bytes(OLD)
        raised: BaseException | None = None
        with failing(number, error):
            try:
                write(ALL_KINDS)
            except BaseException as caught:
                raised = caught
        assert state() in (old, new), f"{number}: {made[max(0, number - 8) : number + 1]}"
        assert isinstance(raised, NotWritten) == (state() == old) or isinstance(raised, KeyboardInterrupt)
        yield raised


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EIO])
def test_an_error_at_every_call(number: int) -> None:
    raised = [error for error in stopped_at_every_call(OSError(number, os.strerror(number))) if error is not None]
    assert len(raised) > 100
    assert all(isinstance(error, NotWritten) for error in raised)


def test_an_interrupt_at_every_call() -> None:
    raised = list(stopped_at_every_call(KeyboardInterrupt()))
    assert all(isinstance(error, KeyboardInterrupt) for error in raised)


def test_what_cannot_be_taken_back_is_said_and_taken_back_by_the_next_one(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patched:
        failing_from("replace", 2, 100, patched)
        with pytest.raises(NotWritten) as caught:
            write()
    assert str(caught.value) == (
        "c/c.yaml: not written (Input/output error); what was begun could not be taken back (Input/output error); run confguard there again"
    )
    assert data() == [NEW, NEW, OLD]
    assert "`test` of " in recover(["c"])[0]
    assert data() == [OLD, OLD, OLD]
    assert sorted(state()) == ["a.yaml", "b", "b/b.yaml", "c", "c/c.yaml"]


def test_a_disk_without_hard_links(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*names: str) -> None:
        raise OSError(errno.EPERM, os.strerror(errno.EPERM))

    monkeypatch.setattr(os, "link", fail)
    assert len(list(stopped_at_every_call(OSError(errno.EIO, ""), 3))) > 50


def test_folders_that_cannot_be_synced(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(handle: int) -> None:
        if stat.S_ISDIR(os.fstat(handle).st_mode):
            raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))

    monkeypatch.setattr(os, "fsync", fail)
    write()
    assert data() == [NEW, NEW, NEW]


def in_another_place(script: str) -> None:
    """Run a script where disks can be mounted; skip where they cannot be."""
    if not hasattr(os, "geteuid") or os.geteuid() != 0 or shutil.which("unshare") is None:
        pytest.skip("only root can mount a disk")
    code = f"from confguard.transaction.commit import *\nfrom confguard.transaction.write import *\nimport os\n{script}"
    os.mkdir("disk")
    mount = 'mount -t tmpfs -o size=64k none disk || exit 77; exec "$@"'
    done = subprocess.run(
        ["unshare", "-m", "sh", "-c", mount, "sh", sys.executable, "-c", code], check=False, capture_output=True, text=True
    )
    if done.returncode == 77 or "unshare" in done.stderr:
        pytest.skip(f"no disk could be mounted: {done.stderr}")
    assert done.returncode == 0, done.stderr


def test_a_disk_that_is_full() -> None:
    in_another_place("""
os.chdir("disk")
before = {"a": b"x" * 20_000, "b": b"y" * 10}
for name, data in before.items(): open(name, "wb").write(data)
try:
    commit([FileChange("b", before["b"], b"z"), FileChange("a", before["a"], b"w" * 60_000)], ".", "test")
except NotWritten as error:
    assert str(error) == "a: not written (No space left on device); all 2 files are as they were", error
else:
    raise AssertionError
assert {name: open(name, "rb").read() for name in os.listdir(".")} == before
""")


def test_a_disk_that_is_too_full_for_a_journal() -> None:
    in_another_place("""
os.chdir("disk")
open("a", "wb").write(b"old")
try:
    with open("rest", "wb") as rest:
        for _ in range(1000): rest.write(b"x" * 1000)
except OSError: pass
try:
    commit([FileChange("a", b"old", b"new")], ".", "test")
except NotWritten as error:
    assert str(error) == "a: not written (No space left on device); the file is as it was", error
else:
    raise AssertionError
assert sorted(os.listdir(".")) == ["a", "rest"] and open("a", "rb").read() == b"old"
""")


@pytest.mark.parametrize("paths", [["disk/a"], ["disk/a", "b/b.yaml"]])
def test_a_history_on_another_disk(paths: list[str]) -> None:
    in_another_place(f"""
from confguard.commands.undo import run
paths = {paths}
open("disk/a", "wb").write({OLD!r})
done = commit([FileChange(path, {OLD!r}, {NEW!r}) for path in paths], ".", "test")
assert done.history and done.notes == [], done
assert all(open(path, "rb").read() == {NEW!r} for path in paths)
assert os.listdir("disk") == ["a"] and sorted(os.listdir(".")) == [".confguard", "a.yaml", "b", "c", "disk"]
assert run() == 0
assert all(open(path, "rb").read() == {OLD!r} for path in paths)
assert os.listdir("disk") == ["a"] and os.listdir(".confguard/history") == []
""")


def test_another_disk_at_every_call(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same where all that goes from folder to folder goes to another disk."""
    for name in ("link", "rename", "replace"):

        def across(old: str, new: str, whole: Callable[[str, str], None] = getattr(os, name)) -> None:
            if os.path.dirname(os.path.realpath(old)) != os.path.dirname(os.path.realpath(new)):
                raise OSError(errno.EXDEV, os.strerror(errno.EXDEV))
            whole(old, new)

        monkeypatch.setattr(os, name, across)
    assert len(list(stopped_at_every_call(OSError(errno.EIO, ""), 3))) > 50


# --- the history cannot be kept ---

UNKEPT: dict[str, tuple[Callable[[], object], str]] = {
    "a file": (lambda: Path(".confguard").write_bytes(b""), ".confguard: not made by confguard as it stands; look at it and remove it"),
    "a link": (lambda: (os.mkdir("real"), os.symlink("real", ".confguard")), ".confguard: not made by confguard as it stands"),
    "a history that came with a repository": (
        lambda: (os.mkdir(".confguard"), os.mkdir(".confguard/history", 0o755)),
        ".confguard/history: not made by confguard as it stands; look at it and remove it",
    ),
    "one that came to a careful user": (
        lambda: (os.mkdir(".confguard"), os.mkdir(".confguard/history", 0o700)),
        ".confguard/history: not made by confguard as it stands; look at it and remove it",
    ),
}


@pytest.mark.parametrize("name", UNKEPT)
def test_a_history_that_cannot_be_kept(name: str) -> None:
    arrange, says = UNKEPT[name]
    arrange()
    done = write()
    assert data() == [NEW, NEW, NEW]
    assert done.history is None
    (note,) = done.notes
    assert note.startswith("`confguard undo` cannot take this back, since the history could not be kept: ")
    assert says in note
    assert not os.path.lexists(JOURNAL)


def test_a_root_that_is_elsewhere() -> None:
    """The history lies above all files, whatever was asked for; else one that somebody plants could reach any file."""
    done = write(CHANGES[:2], "c")
    assert done.history is not None
    assert os.listdir("c") == ["c.yaml"]
    assert os.path.exists(".confguard/history")
    done = write([FileChange("c/c.yaml", OLD, NEW)], "c")
    assert done.notes == ["`confguard undo c` takes this back"]


@pytest.mark.parametrize(
    ("paths", "root", "marked", "found"),
    [
        (["b/b.yaml"], "b", True, "b"),
        (["b/b.yaml"], "b", False, "HERE"),
        (["a.yaml", "b/b.yaml"], "b", True, "HERE"),
        (["../x.yaml", "b/b.yaml"], "b", True, "ABOVE"),
        (["../x.yaml", "b/b.yaml"], "..", True, ".."),
    ],
)
def test_where_the_history_is_kept(paths: list[str], root: str, marked: bool, found: str) -> None:
    here = os.path.realpath(".")
    assert history_root(paths, root, marked) == {"HERE": here, "ABOVE": os.path.dirname(here)}.get(found, found)


# --- another one at work ---


def waiting(run: Callable[[], object], moment: str, seconds: float) -> int:
    """A process that takes its time at its first call of that name; it is there when this returns."""
    read, wrote = os.pipe()
    process = os.fork()
    if process:
        os.close(wrote)
        assert os.read(read, 1) == b"."
        os.close(read)
        return process
    waited: list[str] = []

    def act(number: int, name: str, returned: bool) -> None:
        if name == moment and returned and not waited:
            waited.append(name)
            os.write(wrote, b".")
            time.sleep(seconds)

    try:
        with at_calls(act):
            run()
    finally:
        os._exit(0)


@pytest.mark.parametrize("moment", ["link", "replace"])
@pytest.mark.parametrize(
    ("theirs", "ours"), [(CHANGES, CHANGES), (CHANGES, CHANGES[1:2]), (CHANGES[1:2], CHANGES)], ids=["beside", "above", "below"]
)
def test_another_confguard_is_at_work(
    moment: str, theirs: list[FileChange], ours: list[FileChange], monkeypatch: pytest.MonkeyPatch
) -> None:
    process = waiting(lambda: write(theirs), moment, 0.6)
    with pytest.raises(NotWritten, match=r"^/.*: another confguard is at work there; try again when it is done$|somebody changed"):
        write(ours)
    notes = [note.partition(": ")[2] for note in recover(FOLDERS)]
    assert notes == ["another confguard is at work there; try again when it is done; what is read may be about to change"]
    monkeypatch.setattr(transaction, "WAIT", 10.0)
    with pytest.raises(NotWritten, match="somebody changed the file"):
        write(ours)
    os.waitpid(process, 0)
    assert set(data(*[change.path for change in theirs])) == {NEW}
    assert sorted(state()) == ["a.yaml", "b", "b/b.yaml", "c", "c/c.yaml"]


def test_many_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each adds a line to files of folders that lie within one another; none is lost."""
    monkeypatch.setattr(transaction, "WAIT", 20.0)
    processes = []
    for number in range(6):
        process = os.fork()
        if not process:
            code = 1
            try:
                paths = (FILES, FILES[1:2], FILES[:2])[number % 3]
                for round_ in range(4):
                    while True:
                        try:
                            held = [(path, Path(path).read_bytes()) for path in paths]
                            write([FileChange(path, old, old + b"%d-%d\n" % (number, round_)) for path, old in held])
                            break
                        except NotWritten:
                            continue
                code = 0
            finally:
                os._exit(code)
        processes.append(process)
    assert [os.waitpid(process, 0)[1] for process in processes] == [0] * 6
    lines = [sorted(held.splitlines()) for held in data()]
    assert [len(found) for found in lines] == [1 + 16, 1 + 24, 1 + 8]
    assert all(len(set(found)) == len(found) for found in lines)
    assert sorted(state()) == ["a.yaml", "b", "b/b.yaml", "c", "c/c.yaml"]


def test_without_locks_a_journal_is_left_alone_for_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on Windows, and on some network disks."""
    killed_while_live()
    monkeypatch.setattr("confguard.transaction.journal._lock", lambda handle: False)
    assert "another confguard is at work" in refused()
    os.utime(JOURNAL, (0, 0))
    recover(FOLDERS)
    assert data() == [OLD, OLD, OLD]
    write()
    assert data() == [NEW, NEW, NEW]


# --- what was cut short ---


def killed_while_live() -> list[bytes]:
    """Kill a transaction when all is replaced and it is not done yet; what the files hold then."""
    restored()
    made = calls_of(write)
    last = max(number for number, name in enumerate(made[: made.index("rename", made.index("replace"))]) if name == "replace")
    restored()
    assert killed_at(write, last, True)
    return data()


def test_a_file_that_somebody_changed_since_is_left_alone() -> None:
    assert killed_while_live() == [NEW, NEW, NEW]
    Path("b/b.yaml").write_bytes(THEIRS)
    os.remove("c/c.yaml")
    notes = recover(FOLDERS)
    assert "was cut short and is taken back, as far as nobody has changed the files since" in notes[0]
    olds = [path for path in state() if path.endswith(".old")]
    assert notes[1:] == [
        f"{path}: somebody changed the file since, so it is left alone; what it was before is in {old}"
        for path, old in zip(FILES[1:], olds, strict=True)
    ]
    assert data("a.yaml", "b/b.yaml", *olds) == [OLD, THEIRS, OLD, OLD]
    assert not os.path.lexists(JOURNAL)
    assert recover(FOLDERS) == []


def test_a_folder_that_is_gone_since() -> None:
    killed_while_live()
    shutil.rmtree("b")
    assert len(recover(["c"])) == 2
    assert data("a.yaml", "c/c.yaml") == [OLD, OLD]


def test_the_next_writer_takes_it_back_first() -> None:
    killed_while_live()
    assert "is taken back" in write(CHANGES[1:2]).notes[0]
    assert data() == [OLD, NEW, OLD]


def test_links_lead_to_what_was_cut_short(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    from confguard.transaction.leftover import folders_of, journals

    killed_while_live()
    here = os.getcwd()
    monkeypatch.chdir(tmp_path_factory.mktemp("elsewhere"))
    os.symlink(f"{here}/b/b.yaml", "link.yaml")
    os.symlink(f"{here}/c", "folder")
    found = [os.path.join(os.path.realpath(here), JOURNAL)]
    assert journals(folders_of(["link.yaml"])) == journals(folders_of(["folder/c.yaml"])) == found
    assert journals(folders_of(["other.yaml", "-"])) == []


# --- what somebody has planted ---


def planted(make: Callable[[], object], mode: int | None = None) -> Callable[[], object]:
    def arrange() -> None:
        make()
        if mode is not None:
            os.chmod(JOURNAL, mode)

    return arrange


FOLDERS_PLANTED: dict[str, Callable[[], object]] = {
    "a file": lambda: Path(JOURNAL).write_bytes(b""),
    "a link to a folder": lambda: os.symlink("b", JOURNAL),
    "a link to nothing": lambda: os.symlink("nowhere", JOURNAL),
    "a pipe": lambda: os.mkfifo(JOURNAL),
    "a folder that came with a repository": planted(killed_while_live, 0o755),
    "one that came to a careful user": planted(killed_while_live, 0o700),
    "one that all may write": planted(killed_while_live, 0o1777),
    "one with something else in it": planted(lambda: (killed_while_live(), Path(JOURNAL, "note.txt").write_bytes(b""))),
    "old copies without a manifest": planted(lambda: (killed_while_live(), os.remove(f"{JOURNAL}/live"))),
    "no lock": planted(lambda: (killed_while_live(), os.remove(f"{JOURNAL}/lock"))),
    "two manifests": planted(lambda: (killed_while_live(), shutil.copy(f"{JOURNAL}/live", f"{JOURNAL}/done"))),
    "a manifest that is a link": planted(
        lambda: (killed_while_live(), os.rename(f"{JOURNAL}/live", "m"), os.symlink("../m", f"{JOURNAL}/live"))
    ),
    "a manifest that is a pipe": planted(lambda: (killed_while_live(), os.remove(f"{JOURNAL}/live"), os.mkfifo(f"{JOURNAL}/live"))),
    "a manifest that is a folder": planted(lambda: (killed_while_live(), os.remove(f"{JOURNAL}/live"), os.mkdir(f"{JOURNAL}/live"))),
    "a folder that became a link": planted(lambda: (killed_while_live(), os.rename("b", "d"), os.symlink("d", "b"))),
}


def held_off() -> None:
    """Nobody touches it, and both who reads and who writes says so."""
    before = state()
    for run in (lambda: recover(FOLDERS), lambda: write([FileChange("c/c.yaml", data("c/c.yaml")[0], THEIRS)])):
        with pytest.raises(NotWritten, match=rf"{JOURNAL}: not made by confguard as it stands; look at it and remove it$"):
            run()
        assert state() == before


@pytest.mark.parametrize("name", FOLDERS_PLANTED)
def test_planted_folders(name: str) -> None:
    FOLDERS_PLANTED[name]()
    held_off()


Manifest = dict[str, Any]


def first(manifest: Manifest, *entry: Any) -> Manifest:
    return {**manifest, "files": [list(entry), *manifest["files"][1:]]}


SHA = "0" * 64
MANIFESTS: dict[str, Callable[[Manifest], Any]] = {
    "a list": lambda found: [found],
    "a text": lambda found: "live",
    "nothing": lambda found: None,
    "another version": lambda found: {**found, "version": 2},
    "no version": lambda found: {name: value for name, value in found.items() if name != "version"},
    "a part missing": lambda found: {name: value for name, value in found.items() if name != "token"},
    "a part too many": lambda found: {**found, "more": 1},
    "no files": lambda found: {**found, "files": []},
    "too many files": lambda found: {**found, "files": [[f"{number}", None, [1, SHA]] for number in range(20_001)]},
    "files that are a mapping": lambda found: {**found, "files": {"a": 1}},
    "a file twice": lambda found: {**found, "files": [*found["files"], found["files"][0]]},
    "an absolute path": lambda found: first(found, "/etc/passwd", [1, SHA], [1, SHA]),
    "a path that leads out": lambda found: first(found, "../x.yaml", [1, SHA], [1, SHA]),
    "a path that leads out and in": lambda found: first(found, "b/../../x.yaml", [1, SHA], [1, SHA]),
    "a path that is no shortest one": lambda found: first(found, "b//b.yaml", [1, SHA], [1, SHA]),
    "an empty path": lambda found: first(found, "", [1, SHA], [1, SHA]),
    "the folder itself": lambda found: first(found, ".", [1, SHA], [1, SHA]),
    "a path with a zero": lambda found: first(found, "a\0.yaml", [1, SHA], [1, SHA]),
    "a path that is a number": lambda found: first(found, 1, [1, SHA], [1, SHA]),
    "what git obeys": lambda found: first(found, ".git/config", [1, SHA], [1, SHA]),
    "what git obeys, loudly": lambda found: first(found, "b/.GIT/hooks/x", [1, SHA], [1, SHA]),
    "neither before nor after": lambda found: first(found, "a.yaml", None, None),
    "a digest too short": lambda found: first(found, "a.yaml", [1, "0"], [1, SHA]),
    "a digest that is a path": lambda found: first(found, "a.yaml", [1, "../" * 21 + "x"], [1, SHA]),
    "a negative size": lambda found: first(found, "a.yaml", [-1, SHA], [1, SHA]),
    "a size that is true": lambda found: first(found, "a.yaml", [True, SHA], [1, SHA]),
    "a size with a fraction": lambda found: first(found, "a.yaml", [1.0, SHA], [1, SHA]),
    "a size that is a text": lambda found: first(found, "a.yaml", ["1", SHA], [1, SHA]),
    "a file with a part too many": lambda found: first(found, "a.yaml", [1, SHA], [1, SHA], 1),
    "a name that is a path": lambda found: {**found, "token": "../../../../etc/"},
    "a root elsewhere": lambda found: {**found, "home": "elsewhere"},
    "a root far up": lambda found: {**found, "home": "../../.."},
    "a root anywhere": lambda found: {**found, "home": "/"},
    "a history that leads out": lambda found: {**found, "undone": ["../../x"]},
    "a history that is a text": lambda found: {**found, "undone": "20261125-171343-ab12"},
    "a command that is none": lambda found: {**found, "command": 1},
    "a command without an end": lambda found: {**found, "command": "x" * 5000},
}
TEXTS = {
    "no JSON": b"{",
    "empty": b"",
    "no text": b"\xff\xfe\x00",
    "deep": b"[" * 100_000,
    "a number without an end": b"1" * 10_000,
    "without an end": b" " * (1 << 24) + b"{}",
}


@pytest.mark.parametrize("name", MANIFESTS)
@pytest.mark.parametrize("how_far", ["intent", "live", "done"])
def test_planted_manifests(name: str, how_far: str) -> None:
    killed_while_live()
    live = Path(JOURNAL, "live")
    live.write_text(json.dumps(MANIFESTS[name](json.loads(live.read_text()))))
    live.rename(live.with_name(how_far))
    held_off()


@pytest.mark.parametrize("name", TEXTS)
def test_planted_texts(name: str) -> None:
    killed_while_live()
    Path(JOURNAL, "live").write_bytes(TEXTS[name])
    held_off()


def test_old_copies_that_are_not_what_they_were() -> None:
    """A file is put back only where its old copy is what was to be kept of it."""
    killed_while_live()
    Path(JOURNAL, "0.old").write_bytes(b"evil")
    os.remove(f"{JOURNAL}/1.old")
    os.symlink("/etc/passwd", f"{JOURNAL}/1.old")
    assert len(recover(FOLDERS)) == 3
    assert data() == [NEW, NEW, OLD]
    assert not os.path.lexists(JOURNAL)


def test_names_that_somebody_has_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name beside a file cannot be known before; were it taken all the same, what has it would stay."""
    monkeypatch.setattr(transaction, "new_token", lambda: "0" * 16)
    taken = "b/.confguard-00000000000000000001.tmp"
    os.symlink("../a.yaml", taken)
    with pytest.raises(NotWritten, match=r"^b/b.yaml: not written \(File exists\)"):
        write()
    assert data() == [OLD, OLD, OLD]
