"""Any edit of any file: 2,000 generated files, 20 edits each. The value is as intended, all other bytes are what they were, or it is refused.

What a reader should find is worked out here, by `told`, and not by what the engine asks itself; the readers are PyYAML and ruamel.yaml.
"""

from __future__ import annotations

import re
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from functools import lru_cache
from itertools import pairwise
from typing import Any, NamedTuple

import pytest
import yaml
from documents import operations, texts
from hypothesis import HealthCheck, assume, given, note, settings
from hypothesis import strategies as st
from hypothesis.internal.conjecture.providers import AVAILABLE_PROVIDERS, HypothesisProvider
from ruamel.yaml import YAML

from confguard.document.document import Document
from confguard.document.opinion import NoOpinion
from confguard.document.paths import Path
from confguard.edit import splice
from confguard.edit.change import Edited, EditRefused, edited, lost_comments
from confguard.edit.operations import Delete, Insert, InsertItem, Operation, Rename, Set
from confguard.edit.splice import Splice

FILES, EDITS = 2_000, 20
MOST_REFUSED = 0.03

# --- readers ---


@lru_cache(200)
def by_pyyaml(text: str) -> Any:
    return yaml.safe_load(text)


@lru_cache(200)
def by_ruamel(text: str) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return YAML(typ="safe", pure=True).load(text)


def opinion(text: str) -> Any:
    """What the engine asks of ruamel.yaml: the same, from the same memory, since that is what takes the time here."""
    try:
        return by_ruamel(text)
    except Exception as error:
        raise NoOpinion(str(error)) from None


READERS = {"PyYAML": by_pyyaml, "ruamel.yaml": by_ruamel}


def alike(one: Any, other: Any) -> bool:
    """Whether two values are the same, with all types, and all keys in the same order."""
    if type(one) is not type(other):
        return False
    if isinstance(one, dict):
        return alike(list(one), list(other)) and alike(list(one.values()), list(other.values()))
    if isinstance(one, list):
        return len(one) == len(other) and all(map(alike, one, other))
    return bool(one == other or (one != one and other != other))


# --- what a reader should find ---


class Cell:
    """A value that can change: pairs of a name and a cell, cells, or a scalar."""

    def __init__(self, value: Any) -> None:
        self.kind = type(value)
        self.last: dict[int, Any] = {}  # what was put below a key last
        self.content: Any = value
        if isinstance(value, dict):
            self.content = [[name, Cell(item)] for name, item in value.items()]
        elif isinstance(value, list):
            self.content = [Cell(item) for item in value]

    def value(self) -> Any:
        if self.kind is dict:
            return {name: cell.value() for name, cell in self.content}
        return [cell.value() for cell in self.content] if self.kind is list else self.content

    def become(self, value: Any) -> None:
        self.kind, self.content = Cell(value).kind, Cell(value).content

    def pair(self, name: str, load: Callable[[str], Any]) -> list[Any]:
        """The key that has a name in the text, and its value: `1: x` is the number 1 to a reader."""
        for read in (str, load, by_pyyaml):  # ruamel.yaml reads as PyYAML does below %YAML 1.1
            if found := [pair for pair in self.content if alike(pair[0], read(name))]:
                return found[0]
        raise LookupError(name)

    def at(self, path: Path, load: Callable[[str], Any]) -> Cell:
        cell = self
        for step in path:
            cell = cell.content[step] if isinstance(step, int) else cell.pair(step, load)[1]
        return cell


def told(found: Any, wanted: list[Operation], load: Callable[[str], Any]) -> Any:
    """The data that is meant: all places are looked up first, then what stands there is changed, and what is to go goes last."""
    root = Cell(found)
    deeds = [_deed(root, operation, load) for operation in wanted]
    for deed in sorted(deeds, key=lambda deed: deed.turn):
        deed.do()
    return root.value()


class Deed(NamedTuple):
    turn: int
    do: Callable[[], None]


def _deed(root: Cell, operation: Operation, load: Callable[[str], Any]) -> Deed:
    path = operation.path
    if isinstance(operation, Set):
        value, cell = operation.value, root.at(path, load)
        return Deed(0, lambda: cell.become(value))
    if isinstance(operation, Insert):
        return Deed(1, _inserting(root.at(path, load), operation, load))
    if isinstance(operation, InsertItem):
        cell, value, place = root.at(path, load), operation.value, operation.place
        neighbours = list(cell.content or [])[place:]
        return Deed(1, lambda: _put(cell, list, Cell(value), neighbours[0] if neighbours else None))
    holder, last = root.at(path[:-1], load), path[-1]
    item = holder.content[last] if isinstance(last, int) else holder.pair(last, load)
    if isinstance(operation, Rename):
        name = operation.name
        return Deed(2, lambda: item.__setitem__(0, name))
    return Deed(3, lambda: holder.content.remove(item))


def _inserting(holder: Cell, operation: Insert, load: Callable[[str], Any]) -> Callable[[], None]:
    pairs = list(holder.content or [])
    there = [pair for pair in pairs if pair[0] == operation.name and type(pair[0]) is str]
    if there:  # a merge key has brought it in
        return lambda: there[0][1].become(operation.value)
    new = [operation.name, Cell(operation.value)]
    if operation.after is None:
        below = holder.pair(operation.before, load) if operation.before is not None else None
        return lambda: _put(holder, dict, new, below)
    above = holder.pair(operation.after, load)

    def put_below() -> None:
        holder.content.insert(_place(holder.content, holder.last.get(id(above), above)) + 1, new)
        holder.last[id(above)] = new

    return put_below


def _put(holder: Cell, kind: type, item: Any, before: Any) -> None:
    if holder.content is None:
        holder.kind, holder.content = kind, []
    holder.content.insert(len(holder.content) if before is None else _place(holder.content, before), item)


def _place(items: list[Any], wanted: Any) -> int:
    return next(place for place, item in enumerate(items) if item is wanted)


# --- where an edit may touch the text ---


class Written:
    """A value as it is written: where it starts and ends, and what it holds. An alias is what it is, not what it stands for."""

    def __init__(self, event: Any, text: str) -> None:
        self.start, self.limit = event.start_mark.index, event.end_mark.index
        self.end = self.start + len(text[self.start : self.limit].rstrip(" \r\n"))  # before the blank lines below a block text
        self.name = getattr(event, "value", None)
        self.is_flow = bool(getattr(event, "flow_style", False))
        self.is_map = isinstance(event, yaml.MappingStartEvent)
        self.is_list = isinstance(event, yaml.SequenceStartEvent)
        self.items: list[tuple[Written | None, Written]] = []

    def close(self, event: Any, nodes: list[Written]) -> None:
        self.items = list(zip(nodes[::2], nodes[1::2], strict=True)) if self.is_map else [(None, node) for node in nodes]
        has_end = event.start_mark.index < event.end_mark.index
        self.end = event.end_mark.index if has_end else max((self.end, *(node.end for node in nodes)))
        self.limit = event.end_mark.index if has_end else max((self.end, *(node.limit for node in nodes)))

    def begin(self, place: int) -> int:
        key, value = self.items[place]
        return (key or value).start

    def at(self, path: Path) -> tuple[Written | None, Written]:
        """The key and the value at a path."""
        key, node = None, self
        for step in path:
            key, node = next(pair for place, pair in enumerate(node.items) if step == (pair[0].name if pair[0] else place))
        return key, node

    def marks(self) -> Iterator[tuple[int, int]]:
        """Where each scalar and alias, each opening and each closing bracket starts and ends."""
        if not self.is_map and not self.is_list:
            yield self.start, self.end
        elif self.is_flow:
            yield self.start, self.start + 1
            yield self.end - 1, self.end
        for pair in self.items:
            for node in pair:
                if node is not None:
                    yield from node.marks()


@lru_cache(50)
def written(text: str) -> Written | None:
    """The root of a text, from the events of a parser."""
    stack: list[list[Written]] = [[]]
    for event in yaml.parse(text, Loader=yaml.CSafeLoader):
        if isinstance(event, yaml.CollectionEndEvent):
            nodes = stack.pop()
            stack[-1][-1].close(event, nodes)
        elif isinstance(event, yaml.NodeEvent):
            stack[-1].append(Written(event, text))
            if isinstance(event, yaml.CollectionStartEvent):
                stack.append([])
    return stack[0][0] if stack[0] else None


class Room(NamedTuple):
    """Where the splices of an operation may lie, and what else may be taken out there than the value."""

    start: int
    end: int
    inner: tuple[int, int]
    """The key or the value itself."""


class Plan:
    """A text and where its parts are written."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.root = written(text)
        self.marks = sorted(self.root.marks()) if self.root else []

    def room(self, operation: Operation) -> Room:
        """The room of an operation: what it is about, and what lies between that and its neighbours."""
        path = operation.path
        if self.root is None:
            return Room(0, len(self.text), (0, 0))
        if isinstance(operation, (Insert, InsertItem)):
            return self.gap(self.root.at(path)[1], path, operation)
        if isinstance(operation, Set):
            return self.value(path)
        key, value = self.root.at(path)
        if isinstance(operation, Rename):
            assert key is not None
            return Room(key.start, key.end, (key.start, key.end))
        if len(self.root.at(path[:-1])[1].items) == 1 and len(path) > 1:
            return self.value(path[:-1])
        inner = ((key or value).start, max(value.limit, key.end if key else 0))
        return Room(self.last_before(inner[0]), self.first_after(inner[1]), inner)

    def value(self, path: Path) -> Room:
        assert self.root is not None
        key, value = self.root.at(path)
        start = key.end if key else self.last_before(value.start)
        end = max(value.limit, start)
        has_lines = value.is_map or value.is_list or value.start == value.end
        return Room(start, self.first_after(end) if has_lines else end, (start, end))

    def gap(self, holder: Written, path: Path, operation: Insert | InsertItem) -> Room:
        """Between the two keys, or items, that a new one comes to stand between."""
        if not holder.items:
            return self.value(path) if path else Room(holder.start, len(self.text), (holder.start, holder.end))
        place = _place_of(holder, operation)
        start = self.last_of(holder.items[place - 1]) if place else self.last_before(holder.begin(0))
        end = holder.begin(place) if place < len(holder.items) else self.first_after(max(start, holder.items[-1][1].start))
        return Room(start, end, (0, 0))

    def last_of(self, pair: tuple[Written | None, Written]) -> int:
        """Where a key with its value ends; at the key if nothing is written of the value."""
        key, value = pair
        return key.end if key and value.start == value.limit else value.end

    def last_before(self, offset: int) -> int:
        return max((end for start, end in self.marks if end <= offset and start < offset), default=0)

    def first_after(self, offset: int) -> int:
        return min((start for start, end in self.marks if start > offset or (start == offset < end)), default=len(self.text))


def _both(one: Room, other: Room) -> Room:
    return Room(one.start, other.end, (one.inner[0], other.inner[1]))


def _place_of(holder: Written, operation: Insert | InsertItem) -> int:
    if isinstance(operation, InsertItem):
        return operation.place
    if operation.after is None and operation.before is None:
        return len(holder.items)
    beside = operation.after if operation.after is not None else operation.before
    return next(place for place, (key, _) in enumerate(holder.items) if key and key.name == beside) + (operation.after is not None)


# --- what must hold ---

MADE: Counter[str] = Counter()
REFUSED: Counter[str] = Counter()
NOTE = re.compile(r"# note \d+[^\r\n]*")
BLOCK_TEXT = re.compile(r"[|>][-+0-9]*[ \t]*(?:#[^\r\n]*)?(?=[\r\n]|\Z)")
LINE_END = re.compile(r"\r\n|\n|\r")


def made(document: Document, wanted: list[Operation]) -> Edited | None:
    """An edit, with all that must hold for it; None where it is refused."""
    note(f"{document.text!r}\n{wanted}")
    try:
        found = edited(document, wanted)
    except EditRefused as error:
        MADE["refused"] += 1
        REFUSED[reason_of(str(error))] += 1
        return None
    note(f"{found.after.text!r}")
    holds_the_data(document.text, found.after.text, wanted)
    holds_the_bytes(document, found)
    touches_no_neighbour(document.text, found.splices, wanted)
    keeps_what_stays(document.text, found.splices, wanted)
    keeps_blank_lines(document.text, found.splices, wanted)
    keeps_comments(document, found, wanted)
    keeps_the_ends(document.text, found.after.text)
    return found


def reason_of(message: str) -> str:
    """A message without the place and the names in it."""
    return re.sub(r"`[^`]*`", "...", re.sub(r"^(?:x|file)\.yaml:(?:\d+:\d+:)? ", "", message))


def holds_the_data(before: str, after: str, wanted: list[Operation]) -> None:
    for reader, load in READERS.items():
        try:
            old = load(before)
        except Exception:  # ruamel.yaml leaks many kinds; who cannot read the old text has no say
            continue
        new, meant = load(after), told(old, wanted, load)
        assert alike(new, meant), f"{reader} finds {new}\n, not {meant}"


def holds_the_bytes(document: Document, found: Edited) -> None:
    """The edited text is the old one with the splices made, and nothing but."""
    text, at = "", 0
    for start, end, new in sorted(found.splices, key=lambda edit: edit[:2]):
        text += document.text[at:start] + new
        at = end
    assert text + document.text[at:] == found.after.text
    assert found.after.is_marked == document.is_marked
    assert Document("again", document.encoded(found.after.text)).text == found.after.text


def touches_no_neighbour(text: str, splices: list[Splice], wanted: list[Operation]) -> None:
    plan = Plan(text)
    places = [plan.room(operation) for operation in wanted]
    if len(wanted) > 1:
        gone = sorted(room for room, one in zip(places, wanted, strict=True) if isinstance(one, Delete))
        places += [_both(one, other) for one, other in pairwise(gone) if other.start <= one.end]
        places += [plan.value(path) for path in {one.path[:-1] for one in wanted if isinstance(one, Delete)} if path]
    for edit in splices:
        inside = [room for room in places if room.start <= edit.start and edit.end <= room.end]
        assert inside, f"{edit} lies outside of {places}"
        assert any(_is_bare(text, edit, room) for room in inside), f"{edit} takes out more than {inside}"


def _is_bare(text: str, edit: Splice, room: Room) -> bool:
    """Whether nothing but blanks, commas, dashes and comments is taken out beside what the edit is about."""
    start, end = room.inner
    beside = text[edit.start : min(edit.end, max(start, edit.start))] + "\n" + text[max(edit.start, min(end, edit.end)) : edit.end]
    if start == end:
        beside = text[edit.start : edit.end]
    return not re.sub(r"(?<!\S)#[^\r\n]*", "", beside).strip(" \t\r\n,-:}]")


def keeps_what_stays(text: str, splices: list[Splice], wanted: list[Operation]) -> None:
    """Of a block mapping that is set to another one much like it, the keys that stay are not written anew."""
    if len(wanted) > 1 or not isinstance(wanted[0], Set) or not isinstance(value := wanted[0].value, dict):
        return
    root = written(text)
    node = root.at(wanted[0].path)[1] if root else None
    names = [key.name for key, _ in node.items if key] if node and node.is_map and not node.is_flow else []
    staying = [name for name in names if name in value]
    if node is None or staying != [name for name in value if name in names]:
        return
    try:
        old = Cell(by_pyyaml(text)).at(wanted[0].path, by_pyyaml).value()
    except yaml.YAMLError:
        return
    for key, item in node.items:
        if key and key.name in old and key.name in staying and alike(old[key.name], value[key.name]):
            touching = [edit for edit in splices if edit.start < item.end and key.start < edit.end]
            assert not touching, f"`{key.name}` stays, and is touched by {touching}"


def keeps_blank_lines(text: str, splices: list[Splice], wanted: list[Operation]) -> None:
    """A key that is deleted goes with the end of its line, and no blank line goes, but where a text or the end of the file is near."""
    if len(wanted) > 1 or not isinstance(wanted[0], Delete) or BLOCK_TEXT.search(text) or not text.endswith(("\n", "\r")):
        return
    start, end = Plan(text).room(wanted[0]).inner
    if re.split(r"[\r\n]", text[:start])[-1].strip(" ") or isinstance(wanted[0].path[-1], int):
        return  # another key comes to stand beside the dash
    for edit in splices:
        assert len(LINE_END.findall(text[max(end, edit.start) : edit.end])) <= 1
        assert not re.search(r"(?m)^[ \t]*$", "#" + LINE_END.sub("\n", text[edit.start : min(start, edit.end)]) + "#")


def keeps_comments(document: Document, found: Edited, wanted: list[Operation]) -> None:
    """Each comment is still there, once, or the edit says that it goes; none goes where no lines go."""
    old, new = (Counter(NOTE.findall(text)) for text in (document.text, found.after.text))
    lost = Counter(match for comment in lost_comments(document, found.splices) for match in NOTE.findall(comment))
    assert not old - new - lost, "a comment is gone"
    assert not lost - (old - new), "a comment is said to be gone, and is there"
    assert not lost or any(map(_takes_lines_out(document.text), wanted)), "a comment goes without need"


def _takes_lines_out(text: str) -> Callable[[Operation], bool]:
    root = written(text)

    def takes(operation: Operation) -> bool:
        if not isinstance(operation, Set) or root is None:
            return isinstance(operation, Delete)
        return bool(root.at(operation.path)[1].items)

    return takes


def keeps_the_ends(before: str, after: str) -> None:
    """Line ends are those of the file, and it has a final one just if it had one."""
    assert set(LINE_END.findall(after)) <= (set(LINE_END.findall(before)) or {"\n"})
    if before and not BLOCK_TEXT.search(before):  # the last line end may be part of a text
        assert after.endswith(("\n", "\r")) == before.endswith(("\n", "\r"))


# --- what must hold of two edits ---


def comes_to_rest(found: Edited, wanted: list[Operation]) -> None:
    """To set what is set changes nothing."""
    if all(isinstance(operation, Set) for operation in wanted):
        assert edited(found.after, wanted).after.text == found.after.text


def goes_there_and_back(document: Document, found: Edited, operation: Operation) -> None:
    """What is inserted and deleted, and what is renamed and renamed back, leaves the file as it was."""
    back: list[Operation] = []
    if getattr(operation, "source", None) is not None and operation.source.text.startswith(("\n", "#")):
        return  # a blank line or a comment above stays
    if isinstance(operation, Insert) and _held_something(document, operation.path):
        back = [Delete((*operation.path, operation.name))]
    if isinstance(operation, InsertItem) and _held_something(document, operation.path):
        back = [Delete((*operation.path, operation.place))]
    if isinstance(operation, Rename) and all(re.fullmatch("[a-z_]{5,}", str(name)) for name in (operation.path[-1], operation.name)):
        back = [Rename((*operation.path[:-1], operation.name), str(operation.path[-1]))]
    if back:
        try:
            again = edited(found.after, back)
        except EditRefused:
            return
        if not lost_comments(found.after, again.splices):
            assert again.after.text == document.text
            MADE["there and back"] += 1


def _held_something(document: Document, path: Path) -> bool:
    """Whether a mapping or a list was not empty: one that was is `{}` again, not what it was."""
    try:
        return bool(Cell(by_pyyaml(document.text)).at(path, by_pyyaml).content)
    except yaml.YAMLError:
        return False


# --- the bar ---


class Even(HypothesisProvider):
    """Generates each file anew, where Hypothesis makes two in three by repeating parts of the last one; and the same ones in each run."""

    def _maybe_draw_constant(self, *args: Any, **options: Any) -> None:
        """No numbers that stand in the code of whatever modules are loaded."""


AVAILABLE_PROVIDERS["even"] = Even


@settings(max_examples=FILES, deadline=None, derandomize=True, database=None, backend="even", suppress_health_check=list(HealthCheck))
@given(st.data(), texts(), st.booleans())
def test_any_edit_of_any_file(data: st.DataObject, text: str, marked: bool) -> None:
    document = Document("x.yaml", b"\xef\xbb\xbf" * marked + text.encode())
    assume(document.refused is None)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(splice, "by_ruamel", opinion)
        for number in range(EDITS):
            wanted = data.draw(operations(document))
            found = made(document, wanted)
            MADE["edits"] += 1
            if found is None:
                continue
            comes_to_rest(found, wanted)
            if len(wanted) == 1:
                goes_there_and_back(document, found, wanted[0])
            if number % 2:
                document = found.after
    MADE["files"] += 1


def test_few_edits_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    if not MADE["edits"]:
        pytest.skip("the edits have not been made")
    share = MADE["refused"] / MADE["edits"]
    with capsys.disabled():
        print(f"\n{MADE['edits']:,} edits of {MADE['files']:,} files, {share:.2%} refused; {MADE['there and back']:,} were undone again")
        for reason, count in REFUSED.most_common():
            print(f"{count:6}  {reason}")
    assert MADE["files"] >= FILES
    assert MADE["edits"] >= FILES * EDITS
    assert share < MOST_REFUSED
