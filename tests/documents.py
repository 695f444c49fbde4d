"""Generated files: YAML as people write it, made as text and never dumped, and random edits of whatever a file holds.

Most of a file is plain, as in real configs; one file in three has one kind of oddity, such as anchors or explicit keys. Every comment
is numbered, so that a test can tell whether it is still there.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple, TypeVar

from hypothesis import strategies as st
from words import WORDS

from confguard.document.document import Document, data
from confguard.document.nodes import MAPPING, SCALAR, SEQUENCE, Node
from confguard.document.paths import Path
from confguard.document.scalars import YAML_11, YAML_12, BadScalar, plain_11, plain_12
from confguard.edit.block import source_of
from confguard.edit.operations import Delete, Insert, InsertItem, Operation, Rename, Set, Source

Draw = st.DrawFn
T = TypeVar("T")


def weighted(**weights: int) -> st.SearchStrategy[str]:
    """One of some names, each as often as its weight says."""
    return st.sampled_from([name for name, weight in weights.items() for _ in range(weight)])


# --- what files are made of ---

KEYS = (
    "learning_rate max_steps batch_size seed model name epochs warmup clip_range beta gamma optimizer scheduler dataset path lora_rank "
    "lora_alpha dropout top_k top_p run_name enabled mode device layers tokens reward weights cache a b x1 key-1 k/s"
).split()
ODD_KEYS = (
    r"""two words  a.b  中文键  'single'  "double"  "with: colon"  'it''s'  "no"  1  x#y  yes  on  2027-01-01  2e-5  1.5  ~  '# hash'  """
    r""""esc\u4e2d"  1_000  é  0  'a "b"'  (x)"""
).split("  ")
PLAIN = (
    r"""1  0.05  500  true  adam  false  2.0e-5  cosine with warmup  Qwen/Qwen2.5-7B  -1  0.0  bf16  x  null  True  "Qwen/Qwen2.5-7B"  """
    r"""'q_proj,k_proj'  "no"  ''  ""  'it''s'  "a # b"  'a: b'  "a\tb\n\"c\""  data/mixed/train.jsonl"""
).split("  ")
ODD_SCALARS = (
    r"""2e-5  1e5  ~  yes  no  On  off  0o17  017  1_000  0x1F  2027-01-01  2027-01-01 10:00:00  1:30  .inf  -.inf  .nan  +1  1.  .5  """
    r"""1.0E+3  Null  FALSE  1e-5.5  y  <<  显存 24 GB  😀  '单引号'  "\u4e2d\x41"  "# no comment"  '- x'  a#b  it's  x:y  -x  ?x  a, b  """
    r"""(x  x%  'a '  12e03"""
).split("  ")
IN_BRACKETS = [scalar for scalar in PLAIN + ODD_SCALARS if scalar not in ("a, b", "?x")]
LONG_SCALARS = ["plain words\n{i}that go on", '"double\n{i}that goes on"', "'single\n\n{i}that goes on'", '"ends in a \\\n{i}backslash"']
BLOCKS = [
    *("|\n{i}line one\n{i}line two\n", ">-\n{i}folded\n{i}text\n", "|-\n{i}only\n", "|\n{i}# in text, no comment\n\n{i}  deeper: x\n"),
    *(">\n{i}one\n\n{i}two\n\n", "|+\n{i}kept\n\n", "|2-\n{s}  deep first\n{s}second\n", ">2+\n{s} one\n{s}two\n\n", "|-\n{i}中文: 值\n"),
    *("|\n\n{i}below a blank\n", ">+\n{i}last\n", "|\n"),
]
WORDS_OF_COMMENTS = ["", " of steps", " 中文说明", ": 'x', \"y\" # z", " - a: b", " [1, {2", " | > & * !"]

SCALAR_KINDS = weighted(plain=84, odd=14, long=2)
VALUE_KINDS = weighted(scalar=56, mapping=10, items=9, brackets=6, braces=5, block=5, empty=4, below=1)
DEEP_KINDS = weighted(scalar=70, mapping=3, items=5, brackets=6, braces=4, block=4, empty=4)
ITEM_KINDS = weighted(scalar=70, mapping=14, items=4, brackets=4, braces=5, block=2, empty=2, alone=2)
GAPS = weighted(none=74, comment=9, blank=8, both=3, blanks=1, margin=1, deeper=1, two=1)
AFTER = weighted(none=76, comment=17, blanks=2, close=3)
ODDITIES = weighted(none=65, keys=9, anchors=5, merges=3, tags=4, explicit=2, twice=2, flow=5, stray=5)
STEPS = st.sampled_from([2] * 8 + [4, 4, 3, 1])
DASHES = st.sampled_from(["- "] * 9 + ["-   "])
LINE_ENDS = weighted(lf=89, crlf=9, cr=1, mixed=1)
HEADS = weighted(none=80, dashes=6, comment=6, blank=2, both=3, beside=2, directive=1)
TAILS = weighted(none=70, bare=16, blank=5, comment=4, dots=3, blanks=1)
PLAIN_KEYS, ODD_KEY, PLAIN_SCALARS, ODD_SCALAR, FLOW_SCALARS = map(st.sampled_from, (KEYS, ODD_KEYS, PLAIN, ODD_SCALARS, IN_BRACKETS))
LONG_SCALAR, BLOCK, REMARK = map(st.sampled_from, (LONG_SCALARS, BLOCKS, WORDS_OF_COMMENTS))
FEW, SOME, DIE = st.integers(1, 3), st.integers(2, 5), st.integers(1, 10)


class Pen:
    """Writes a file, and remembers what the rest of it depends on: its comments' numbers, its anchors, its one kind of oddity."""

    def __init__(self, draw: Draw, size: st.SearchStrategy[int]) -> None:
        self.draw = draw
        self.size = size
        self.notes = 0
        self.named = 0
        self.anchors: list[str] = []
        self.mappings: list[str] = []
        self.oddity = draw(ODDITIES)
        self.step = draw(STEPS)
        self.dash = draw(DASHES)
        self.dashes_below_key = draw(st.booleans())
        self.is_in_text = False  # where a line that is indented further would be part of a block text

    def note(self) -> str:
        self.notes += 1
        return f"# note {self.notes}{self.draw(REMARK)}"

    def is_odd(self, oddity: str) -> bool:
        """Whether the file's kind of oddity shows here."""
        return self.oddity == oddity and self.draw(DIE) > 6

    def gap(self, indentation: str) -> str:
        """What stands above a line."""
        kind = self.draw(GAPS)
        if kind == "none":
            return ""
        if kind in ("blank", "blanks"):
            return "\n" if kind == "blank" else "   \n\n"
        where = {"margin": "", "deeper": indentation + ("" if self.is_in_text else "    ")}.get(kind, indentation)
        line = f"{where}{self.note()}\n"
        return {"both": "\n" + line, "two": line + f"{where}#{'-' * 20}\n"}.get(kind, line)

    def after(self) -> str:
        """What stands behind a value, up to the end of its line."""
        kind = self.draw(AFTER)
        return {"none": "", "blanks": "  "}.get(kind) or ("" if kind == "none" else (" " if kind == "close" else "   ") + self.note())

    def key(self, used: set[str]) -> str:
        """A key that is not there yet."""
        key = self.draw(ODD_KEY) if self.is_odd("keys") else self.draw(PLAIN_KEYS)
        while key in used:
            key += "_2" if key[-1] not in "\"'" else f"{key[-1]}"
            if key[-1] in "\"'":
                key = f"k{len(used)}"
        used.add(key)
        return key

    # --- block style ---

    def mapping(self, indent: int, depth: int) -> str:
        """The lines of a block mapping."""
        used: set[str] = set()
        lines, known = [], list(self.mappings)
        if self.oddity == "merges" and not depth:
            lines.append(f"{' ' * indent}base: &base\n{self.mapping(indent + self.step, 1)}")
            self.mappings.append("base")
        for _ in range(self.draw(self.size if not depth else FEW)):
            lines.append(self.gap(" " * indent) + self.entry(self.key(used), indent, depth))
        if (known or not depth) and self.mappings and self.is_odd("merges"):
            place = self.draw(st.sampled_from([0, len(lines)])) if known else len(lines)
            lines.insert(place, f"{' ' * indent}<<: *{_one_of(self.draw, known or self.mappings)}\n")
        if self.is_odd("twice") and not depth:
            lines.append(f"{' ' * indent}{self.draw(st.sampled_from(sorted(used)))}: again\n")
        return "".join(lines)

    def entry(self, key: str, indent: int, depth: int) -> str:
        """The lines of a key and its value."""
        if self.is_odd("explicit"):
            return f"{' ' * indent}? {key}{self.after()}\n{' ' * indent}:{self.value(indent, depth + 2)}"
        colon = " :" if self.is_odd("stray") else ":"
        return f"{' ' * indent}{key}{colon}{self.value(indent, depth)}"

    def value(self, indent: int, depth: int) -> str:
        """What follows a colon, with the end of its line."""
        kind = self.draw(VALUE_KINDS if depth < 2 else DEEP_KINDS) if depth < 4 else "scalar"
        self.is_in_text = kind == "block"
        if kind == "empty":
            return f"{self.after()}\n"
        if kind == "below":
            return f"{self.after()}\n{' ' * (indent + self.step)}{self.scalar(indent)}{self.after()}\n"
        if kind in ("mapping", "items"):
            if self.anchors and self.is_odd("anchors"):
                return f" *{self.draw(st.sampled_from(self.anchors))}{self.after()}\n"
            name = self.anchor(kind)
            head = f" &{name}{self.after()}\n" if name else f"{self.after()}\n"
            if kind == "mapping":
                lines = self.mapping(indent + self.step, depth + 1)
            else:
                lines = self.items(indent + (0 if self.dashes_below_key else self.step), depth + 1)
            if name:
                (self.mappings if kind == "mapping" else self.anchors).append(name)
            return head + lines
        return self.on_line(kind, indent)

    def on_line(self, kind: str, indent: int) -> str:
        """A value that begins on the line of its key or dash."""
        lead = "   " if self.is_odd("stray") else " "
        if kind == "block":
            return lead + self.block(indent)
        if kind in ("brackets", "braces"):
            return f"{lead}{self.flow(kind, indent, 1)}{self.after()}\n"
        if self.anchors and self.is_odd("anchors"):
            return f"{lead}*{_one_of(self.draw, self.anchors)}{self.after()}\n"
        return f"{lead}{self.properties()}{self.scalar(indent)}{self.after()}\n"

    def anchor(self, kind: str) -> str | None:
        """The name of the anchor of a block collection, if it gets one; those above are used below."""
        if not (self.oddity in ("anchors", "merges") and self.draw(st.booleans())):
            return None
        self.named += 1
        return f"a{self.named}"

    def properties(self) -> str:
        """An anchor or a tag before a value that begins on the line of its key."""
        if self.is_odd("anchors"):
            self.named += 1
            self.anchors.append(f"a{self.named}")
            return f"&{self.anchors[-1]} "
        return self.draw(st.sampled_from(["!!str ", "! "])) if self.is_odd("tags") else ""

    def items(self, indent: int, depth: int) -> str:
        """The lines of a block list."""
        return "".join(self.gap(" " * indent) + f"{' ' * indent}-{self.item(indent, depth)}" for _ in range(self.draw(FEW)))

    def item(self, indent: int, depth: int) -> str:
        """What follows a dash, with the end of its line."""
        kind = self.draw(ITEM_KINDS) if depth < 4 else "scalar"
        self.is_in_text = kind == "block"
        if kind == "empty":
            return f"{self.after()}\n"
        if kind == "mapping" and self.draw(DIE) == 1:
            return self.first_gap(indent, depth)
        if kind in ("mapping", "items"):
            lines = (self.mapping if kind == "mapping" else self.items)(indent + len(self.dash), depth + 1)
            return self.dash[1:] + lines.lstrip(" ")
        if kind == "alone":
            return f"{self.after()}\n{' ' * (indent + 2)}{self.scalar(indent)}{self.after()}\n"
        return self.on_line(kind, indent)

    def first_gap(self, indent: int, depth: int) -> str:
        """A mapping that begins below its dash."""
        return f"{self.after()}\n{self.mapping(indent + 2, depth + 1)}"

    def block(self, indent: int) -> str:
        """A block text, with a comment beside its sign now and then."""
        sign, _, lines = self.draw(BLOCK).format(i=" " * (indent + self.step), s=" " * (indent + 2)).partition("\n")
        return f"{sign}{self.after()}\n{lines}"

    def scalar(self, indent: int) -> str:
        """A scalar, which may be of several lines."""
        kind = self.draw(SCALAR_KINDS)
        if kind == "long":
            return self.draw(LONG_SCALAR).format(i=" " * (indent + self.step))
        return self.draw(PLAIN_SCALARS if kind == "plain" else ODD_SCALAR)

    # --- flow style ---

    def flow(self, kind: str, indent: int, depth: int) -> str:
        """A list in brackets or a mapping in braces, on one line or on several."""
        opening, closing = "[]" if kind == "brackets" else "{}"
        used: set[str] = set()
        items = [self.flow_item(kind, indent, depth, used) for _ in range(self.draw(st.integers(0, 4)))]
        form = self.draw(DIE)
        line = "\n" + " " * (indent + self.step)
        if form < 8 or depth > 1 or not items:
            blank = " " if form == 7 else ""
            return opening + blank + {6: ",  ", 5: f",{line}"}.get(form, ", ").join(items) + blank + closing
        lines = [f"{item},{self.after()}" for item in items[:-1]]
        lines.append(items[-1] + ("," if form == 8 else "") + self.after())
        end = "\n" + " " * (indent + (1 if form == 10 else 0)) if form != 9 or indent else "\n "
        return opening + "".join(line + text for text in lines) + end + closing

    def flow_item(self, kind: str, indent: int, depth: int, used: set[str]) -> str:
        """A scalar or, seldom, a list or mapping within another one; with its key."""
        inner = self.draw(DIE) if depth < 3 else 1
        value = self.flow("brackets" if inner == 10 else "braces", indent, depth + 1) if inner > 8 else self.flow_scalar(indent)
        if kind == "brackets":
            return f"k: {value}" if self.is_odd("flow") else value
        key = self.key(used)
        if self.is_odd("flow"):
            return self.draw(st.sampled_from([key, f"{key}: ", f'"{key}":{value}', f"? {key} : {value}"])) if key[0] not in "\"'" else key
        return f"{key}: {value}"

    def flow_scalar(self, indent: int) -> str:
        return self.scalar(indent) if self.oddity == "flow" and self.draw(DIE) == 10 else self.draw(FLOW_SCALARS)

    # --- a whole file ---

    def file(self) -> str:
        """A file, its line ends being line feeds."""
        head, tail = self.draw(HEADS), self.draw(TAILS)
        form = self.draw(st.integers(1, 60))
        if form == 60:
            text = self.items(0, 1)
        elif form > 57:
            text = self.flow("braces", 0, 1) + "\n"
        elif form == 57:
            text = ""
        else:
            text = self.mapping(0 if form < 55 else 2, 0)
        return self.head(head) + self.tail(text, tail)

    def head(self, kind: str) -> str:
        """What stands above it all."""
        comment = f"{self.note()}\n" if kind in ("comment", "both") else ""
        dashes = {"dashes": "---\n", "both": "---\n", "beside": f"---  {self.note()}\n", "directive": "%YAML 1.1\n---\n"}.get(kind, "")
        return ("\n" if kind == "blank" else "") + comment + dashes

    def tail(self, text: str, kind: str) -> str:
        """A file with what stands below it all."""
        if kind == "bare":
            return text.rstrip("\n") if not text.endswith("\n\n") else text
        return text + {"blank": "\n", "blanks": "\n  \n", "comment": f"{self.note()}\n", "dots": "...\n"}.get(kind, "")


@st.composite
def texts(draw: Draw, size: st.SearchStrategy[int] = SOME) -> str:
    """A file as people write it, in any line ends."""
    text = Pen(draw, size).file()
    ends = draw(LINE_ENDS)
    if ends == "mixed":
        first, line_end, rest = text.partition("\n")
        return first + line_end + rest.replace("\n", "\r\n")
    return text.replace("\n", {"lf": "\n", "crlf": "\r\n", "cr": "\r"}[ends])


# --- what is made of them ---

NAMES = [*KEYS, *"new group a.b.c 中文 no 1 2e-5 it's # null".split(), "two words", "x: y", "", '"', "a\nb", "with 'both' \"quotes\""]
STRINGS = (
    "adam  Qwen/Qwen2.5-7B  no  2e-5  1  true  null  ~  a: b  a # b  # a  - a  it's  显存  a,b  [a  {a}  *a  &a  !a  |  >  %a  @a  `a`  é  😀  "
    "2027-01-01  1:30  0x1  ?  -  :  a:  =  <<  yes  y  \\  \u2028"
).split("  ")
STRINGS += ["", " ", '"', "a\nb", "a\nb\n", "\t", "a\tb", "x" * 90, " lead", "trail ", "a\n\nb\n", "word " * 30, "a\r\nb"]
STRINGS += ["line one\nline two\n"]
SCALARS = [1, 0, -3, 0.05, 2e-5, 1e5, 1e300, 3e-05, True, False, None, 500, 10**20, 0.1 + 0.2, datetime.date(2027, 1, 1), *STRINGS]
COLLECTIONS = [[], {}, [1, 2], ["a", "no"], {"a": 1}, {"math": 0.4, "code": 0.6}, [[1], {"b": "x: y"}], {"a": {"b": [None, "中"]}}]
VALUES = st.sampled_from(SCALARS * 3 + COLLECTIONS * 2)
VALUE = st.one_of([VALUES] * 15 + [WORDS])
NAME = st.sampled_from(NAMES)
OPERATIONS = weighted(set=38, change=10, insert=17, item=7, delete=14, rename=9, several=5)


class Held(NamedTuple):
    """A key or an item of a document: its path, what holds it, its place there, and its value."""

    path: Path
    holder: Node
    place: int
    value: Node


def held(document: Document) -> Iterator[Held]:
    """Every key and item that is written in a document, aliases unopened."""
    if document.root is not None:
        yield from _held(document.root, ())


def _held(holder: Node, path: Path) -> Iterator[Held]:
    if holder.kind == SCALAR or holder.style == "*":
        return
    for place, item in enumerate(holder.items):
        value = item[1] if holder.kind == MAPPING else item
        below = (*path, item[0].resolved().text if holder.kind == MAPPING else place)
        yield Held(below, holder, place, value)
        yield from _held(value, below)


OTHER = Document(
    "other.yaml",
    b"""\
# of the whole file

# why it is so
plain: 5  # note 901
odd: 2e-5   # note 902
section:
  # note 903
  first: 'it''s'
  list:
  - a   # note 904
  - {b: yes, c: [1, 2]}

  text: |
    one
    two
items:
    - name: x
      # note 905
      path: "y"
    - 7   # note 906
    -
      z: 1
last: &anchor
  deep: {a: 1}   # note 907
""",
)
"""Where keys and items come from with the way in which they are written there."""
SOURCES: dict[bool, list[tuple[Any, Source]]] = {True: [], False: []}
for _spot in held(OTHER):
    if (_source := source_of(OTHER, _spot.path, _spot.holder, _spot.place)) is not None:
        SOURCES[_spot.holder.kind == MAPPING].append(((_spot.path[-1], data(_spot.value, YAML_11)), _source))
KEY_SOURCES, ITEM_SOURCES = st.sampled_from(SOURCES[True]), st.sampled_from(SOURCES[False])


@st.composite
def operations(draw: Draw, document: Document) -> list[Operation]:
    """An edit of whatever a document holds: mostly one operation, sometimes several at once."""
    spots = list(held(document))
    kind = draw(OPERATIONS)
    if not spots:
        is_list = document.root is not None and document.root.kind == SEQUENCE
        return [InsertItem((), 0, draw(VALUE)) if is_list else Insert((), draw(NAME), draw(VALUE))]
    if kind != "several":
        return [_operation(draw, document, kind, _one_of(draw, spots))]
    chosen = {spot.path: spot for spot in [_one_of(draw, spots) for _ in range(draw(FEW) + 1)]}
    apart = [spot for path, spot in chosen.items() if not any(_is_above(other, path) for other in chosen if other != path)]
    return [_operation(draw, document, draw(weighted(set=2, insert=2, item=1, delete=1, rename=1)), spot, True) for spot in apart]


def _one_of(draw: Draw, choices: Sequence[T]) -> T:
    return choices[draw(st.integers(0, len(choices) - 1))]


def _is_above(one: Path, other: Path) -> bool:
    return other[: len(one)] == one


def _operation(draw: Draw, document: Document, kind: str, spot: Held, is_one_of_several: bool = False) -> Operation:
    if kind == "change":
        collections = [other for other in held(document) if other.value.kind != SCALAR and _read_alike(other.value)]
        if collections and not document.text.startswith("%"):  # below %YAML 1.1, ruamel.yaml takes `y` for true
            spot = _one_of(draw, collections)
            return Set(spot.path, _changed(draw, data(spot.value, YAML_11)))
    if kind == "insert":
        return _insertion(draw, document, spot)
    if kind == "item" and spot.value.kind == SEQUENCE and spot.value.style != "*":
        return _new_item(draw, spot.path, spot.value)
    if kind == "item" and not is_one_of_several:
        lists = [(other.path, other.value) for other in held(document) if other.value.kind == SEQUENCE]
        if lists:
            return _new_item(draw, *_one_of(draw, lists))
    if kind == "delete":
        return Delete(spot.path)
    if kind == "rename" and spot.holder.kind == MAPPING:
        return Rename(spot.path, _fresh(draw, draw(NAME), spot.holder))
    return Set(spot.path, draw(VALUE))


def _insertion(draw: Draw, document: Document, spot: Held) -> Operation:
    """A new key beside one that is there, at the end of its mapping, or in the mapping or the nothing that it holds."""
    where = draw(weighted(after=5, before=3, end=3, within=2))
    name, value, source = draw(NAME), draw(VALUE), None
    if draw(DIE) > 7:
        (name, value), source = draw(KEY_SOURCES)
    if where == "within" and (spot.value.kind == MAPPING or (spot.value.value is None and spot.value.kind == SCALAR)):
        return Insert(spot.path, name if source else _fresh(draw, name, spot.value), value, source=source)
    if spot.holder.kind != MAPPING:
        return _new_item(draw, spot.path[:-1], spot.holder)
    beside = str(spot.path[-1])
    name = name if source else _fresh(draw, name, spot.holder)
    after, before = {"after": (beside, None), "before": (None, beside)}.get(where, (None, None))
    return Insert(spot.path[:-1], name, value, after, before, source)


def _fresh(draw: Draw, name: str, holder: Node) -> str:
    """A name that a mapping does not have yet; seldom, one that it has."""
    taken = {key.resolved().text for key, _ in holder.items} if holder.kind == MAPPING else set()
    while name in taken and (len(name) > 1 or draw(DIE) > 1):
        name += "2"
    return name


def _new_item(draw: Draw, path: Path, holder: Node) -> Operation:
    place = draw(st.integers(0, len(holder.items)))
    if draw(DIE) > 7:
        (_, value), source = draw(ITEM_SOURCES)
        return InsertItem(path, place, value, source)
    return InsertItem(path, place, draw(VALUE))


def _read_alike(node: Node) -> bool:
    """Whether readers of YAML 1.1 and 1.2 find the same in a node, and nothing but texts for keys."""
    if not all(key.style or plain_11(key.text) == plain_12(key.text) == key.text for key in _keys(node)):
        return False
    try:
        return repr(data(node, YAML_11)) == repr(data(node, YAML_12))
    except BadScalar:
        return False


def _keys(node: Node) -> Iterator[Node]:
    for item in node.resolved().items:
        for below in item if isinstance(item, tuple) else (item,):
            yield from _keys(below)
        if isinstance(item, tuple):
            yield item[0].resolved()


def _changed(draw: Draw, value: Any) -> Any:
    """Another mapping or list that is much like one."""
    entries = list(value.items()) if isinstance(value, dict) else list(value)
    for _ in range(draw(FEW)):
        place = draw(st.integers(0, len(entries)))
        fresh = draw(VALUE)
        kind = draw(weighted(set=4, insert=2, delete=1))
        if kind == "insert" or place == len(entries):
            entries.insert(place, (draw(NAME), fresh) if isinstance(value, dict) else fresh)
        elif kind == "delete":
            del entries[place]
        else:
            entries[place] = (entries[place][0], fresh) if isinstance(value, dict) else fresh
    return dict(entries) if isinstance(value, dict) else entries
