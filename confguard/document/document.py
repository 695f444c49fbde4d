"""A document: one YAML file with everything that is asked of it, worked out when it is asked."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator

from confguard.document.nodes import MAPPING, SCALAR, SEQUENCE, Collection, Node, mapping_at, merged_mappings, scalar_at
from confguard.document.scalars import YAML_11, plain_12, read_plain
from confguard.document.source import MAX_BYTES
from confguard.document.tree import MAX_DEPTH, MAX_LINES, Refused, Repeated, Tree, parse
from confguard.words.finding import Position, Span
from confguard.words.recipe import ANCHORED, Place, dotted
from confguard.words.secret import Secret, is_secret, vendor_tokens, worth_a_look
from confguard.words.shape import Fault
from confguard.words.spelling import listed, show
from confguard.words.typing import Any

_MARK = b"\xef\xbb\xbf"
_LINE_END = re.compile(r"\r\n|\n|\r")
_HASH = re.compile("#")
_TAB_OR_MARK = re.compile("[\t\ufeff]")
_EMPTY_TREE = Tree(None, [], [], [], True, [], True)


MAX_REPEATED = 20
"""How often the same fault of the text is told; whoever mends twenty finds the others."""


class Document:
    """One YAML file: its text, its nodes, and why it could not be read where it could not."""

    __slots__ = ("_secrets", "_starts", "is_marked", "path", "refused", "secret_spans", "text", "tree")

    def __init__(self, path: str, data: bytes) -> None:
        self.path = path
        self.is_marked = data.startswith(_MARK)
        self.refused: Refused | None = None
        self.tree = _EMPTY_TREE
        self._starts: list[int] | None = None
        self._secrets: list[Secret] | None = None
        self.secret_spans: list[tuple[int, int]] = []  # what must not be shown, once `secrets` has been asked
        self.text = ""
        try:
            self.text = _decode(data)
            if len(data) > MAX_BYTES:
                raise Refused("YAML007", f"larger than {MAX_BYTES // 1024} KiB: no training config is", 0)
            if len(self.text) > MAX_LINES < max(self.text.count("\n"), self.text.count("\r")):
                raise Refused("YAML007", f"more than {MAX_LINES:,} lines: no training config has", 0)
            self.tree = parse(self.text)
            if "\t" in self.text or "\ufeff" in self.text:
                self._refuse_what_pyyaml_refuses()
        except Refused as refused:
            self.refused = refused
            self.tree = _EMPTY_TREE
            self.text = self.text or data.decode(encoding_of(data), "replace")

    @property
    def root(self) -> Node | None:
        """The root of the tree: None for an empty file, and for one that could not be read."""
        return self.tree.root

    def encoded(self, text: str) -> bytes:
        """The bytes of a text as this file would have them: with a byte order mark if it has one."""
        return _MARK + text.encode() if self.is_marked else text.encode()

    # --- places ---

    def span(self, start: int, end: int) -> Span:
        """Lines and columns (from 1, in characters) of the text between two offsets; editors count lines the same way."""
        return Span(self._position(start), self._position(end))

    def line(self, number: int) -> str:
        """The text of a line, counted from 1, without its end; empty beyond the last."""
        self._position(0)
        starts = self._starts or [0]
        if not 1 <= number <= len(starts):
            return ""
        end = starts[number] if number < len(starts) else len(self.text)
        return self.text[starts[number - 1] : end].rstrip("\r\n")

    def place(self, path: str, key: Node | None, value: Node | None) -> Place:
        """Where a key and its value stand."""
        key_at = (key.start, key.end) if key else None
        if value is None:
            return Place(path, self, key_at)
        start = value.start
        style = ANCHORED if self.text[start : start + 1] in ("&", "!") else value.style
        return Place(path, self, key_at, (start, value.end), style)

    def _position(self, offset: int) -> Position:
        if self._starts is None:
            self._starts = [0, *map(re.Match.end, _LINE_END.finditer(self.text))]
        line = bisect_right(self._starts, offset)
        return Position(line, offset - self._starts[line - 1] + 1, offset)

    def override(self, path: str, text: str) -> None:
        """Put another value at a dotted path, as `--set KEY=VALUE` asks; it stands where the old one stood, or nowhere.

        Raises `Refused` for a value that is no YAML.
        """
        value = parse(text).root or scalar_at("")
        node = self.root
        *sections, name = path.split(".")
        if len(sections) > MAX_DEPTH:
            raise Refused("YAML007", f"nested more than {MAX_DEPTH} levels deep", 0)
        for section in sections:
            below = child(node, section) if node else None
            if node is not None and (below is None or below.resolved().kind != MAPPING):
                below = mapping_at()
                _put(node, section, below)
            node = below.resolved() if below else None
        if node is not None and node.kind == MAPPING:
            _put(node, name, value)

    def _refuse_what_pyyaml_refuses(self) -> None:
        """Raise `Refused` for a tab or a byte order mark that libyaml passes over and `yaml.safe_load`, which is stricter, does not."""
        quoted = [node for node in self.tree.scalars if node.style]
        comments = self.comments()
        for match in _TAB_OR_MARK.finditer(self.text):
            offset = match.start()
            before = bisect_right(quoted, offset, key=lambda node: node.start)
            if before and offset < quoted[before - 1].end:
                continue
            before = bisect_right(comments, (offset, len(self.text)))
            if before and offset < comments[before - 1][1]:
                continue
            if match.group() == "\t":
                raise Refused("YAML001", "a tab stands where PyYAML wants spaces", offset, "write spaces")
            raise Refused("YAML001", "a byte order mark stands inside the text", offset, "remove it")

    def forget_nodes(self) -> None:
        """Let go of the nodes, which take fifty times the room of the text; lines can still be shown."""
        self.secrets()
        self.tree = _EMPTY_TREE

    # --- what is in it ---

    def comments(self) -> list[tuple[int, int]]:
        """Offsets of the comments, each from its `#` to the end of its line."""
        text = self.text
        if "#" not in text:
            return []
        hashed = [node for node in self.tree.scalars if "#" in node.text]
        found: list[tuple[int, int]] = []
        carriages = "\r" in text
        end = 0
        for match in _HASH.finditer(text):
            start = match.start()
            if start < end or (start and text[start - 1] not in " \t\r\n"):
                continue
            if hashed and (inside := _end_around(hashed, start)) and not _is_beside_sign(text, hashed, start):
                end = inside
                continue
            end = text.find("\n", start)
            end = len(text) if end < 0 else end
            if carriages and (carriage := text.find("\r", start, end)) >= 0:
                end = carriage
            found.append((start, end))
        return found

    def scalar_before(self, offset: int) -> Node | None:
        """The last scalar that ends before an offset on the same line."""
        scalars = self.tree.scalars
        index = bisect_right(scalars, offset, key=lambda node: node.start)
        line = max(self.text.rfind("\n", 0, offset), self.text.rfind("\r", 0, offset)) + 1
        return scalars[index - 1] if index and line < scalars[index - 1].end <= offset else None

    def secrets(self) -> list[Secret]:
        """Literal secrets, in values and in comments; found once, since they are to be hidden after the nodes are gone."""
        if self._secrets is None:
            self._secrets = list(self._found_secrets()) if worth_a_look(self.text) else []
        return self._secrets

    def _found_secrets(self) -> Iterator[Secret]:
        for path, name, node in self.leaves():
            target = node.resolved()
            if is_secret(name, target.value):
                yield Secret(path, node.start, node.end)
                self.secret_spans += [(node.start, node.end), (target.start, target.end)]
        for start, end in self.comments():
            for left, right in vendor_tokens(self.text[start:end]):
                yield Secret(None, start + left, start + right)
                self.secret_spans.append((start + left, start + right))

    def faults(self) -> Iterator[Fault]:
        """What is wrong with the text itself, whatever kind of file it is."""
        if self.refused is not None:
            refused = self.refused
            yield Fault(refused.code, refused.message, Place("", self, None, (refused.offset, refused.offset)), refused.help)
        for repeated in self.tree.repeated[:MAX_REPEATED]:
            yield self._repeated(repeated)
        for key, value in self.tree.merges[:MAX_REPEATED]:
            names = [pair[0].resolved().text for source in merged_mappings(value) for pair in source.pairs()]
            message = f"a merge key brings in {listed(names) or 'nothing'}; YAML 1.2 has no merge keys"
            yield Fault("YAML009", message, self.place(self.path_of(key), key, None), "write the keys out")
        if not self.tree.readers_agree:
            yield from self._disagreements()

    def _repeated(self, repeated: Repeated) -> Fault:
        """What is said of a key that is written twice: with one value it is a slip, with two nobody can tell which one is meant."""
        path, line = self.path_of(repeated.key), self._position(repeated.before.start).line
        code, what = ("YAML012", ", with the same value") if repeated.is_same else ("YAML002", "; the last one wins in silence")
        message = f"`{path}` is written twice, here and in line {line}{what}"
        return Fault(code, message, self.place(path, repeated.key, None), "keep one of them", keys=(path,))

    def _disagreements(self) -> Iterator[Fault]:
        told = 0
        for path, _, node in self.leaves():
            if node.style or node.tag is not None or read_plain(node.text)[1] or told == MAX_REPEATED:
                continue
            told += 1
            old, new = show(node.value), show(plain_12(node.text))
            message = f"`{path}: {node.text}` is {old} for YAML 1.1 readers (PyYAML) and {new} for YAML 1.2 readers"
            yield Fault("YAML011", message, self.place(path, None, node), f"write {old} or {new}")

    def path_of(self, key: Node) -> str:
        """The dotted path of a key node."""
        return _path_to(self.root, key, "") or key.text

    def leaves(self) -> Iterator[tuple[str, str, Node]]:
        """The dotted path, the name and the node of every scalar value, aliases opened."""
        if self.root is not None:
            yield from _leaves(self.root, "", "")


def _end_around(nodes: list[Node], offset: int) -> int | None:
    """Where the node ends that an offset lies in; None where it lies in none."""
    index = bisect_right(nodes, offset, key=lambda node: node.start)
    return nodes[index - 1].end if index and offset < nodes[index - 1].end else None


def _is_beside_sign(text: str, nodes: list[Node], offset: int) -> bool:
    """Whether an offset within a block text stands on the line of its sign."""
    node = nodes[bisect_right(nodes, offset, key=lambda node: node.start) - 1]
    return node.style in ("|", ">") and _LINE_END.search(text, node.start, offset) is None


def data(node: Node, reader: str) -> Any:
    """The plain data of a node under a reader: what the training code gets."""
    if reader == YAML_11:
        return _data_11(node)
    node = node.resolved()
    if node.kind == SCALAR:
        return node.reading(reader)
    if node.kind == SEQUENCE:
        return [data(item, reader) for item in node.items]
    return {key.resolved().text: data(value, reader) for key, value in node.pairs()}


def _data_11(node: Node) -> Any:
    """The same for the reader whose values the nodes have with them."""
    if node.kind == SCALAR:
        return node.value
    node = node.resolved()
    if node.kind == SEQUENCE:
        return [item.value if item.kind == SCALAR else _data_11(item) for item in node.items]
    return {key.text or key.resolved().text: value.value if value.kind == SCALAR else _data_11(value) for key, value in node.pairs()}


def child(node: Node, name: str) -> Node | None:
    """The value of a key of a mapping node; None where there is none."""
    node = node.resolved()
    if node.kind != MAPPING:
        return None
    found = None
    for key, value in node.pairs():
        if key.resolved().text == name:
            found = value
    return found


def _put(mapping: Node, name: str, value: Node) -> None:
    """Make a value that of a key, standing where the old one stands; where there was none, at the start of the text."""
    for index, (key, old) in enumerate(mapping.items):
        if key.resolved().text == name:
            _move(value, old)
            mapping.items[index] = (key, value)
            return
    _move(value, scalar_at(""))
    mapping.items.append((scalar_at(name), value))


def _move(node: Node, to: Node) -> None:
    """Let a node, and all in it, stand where another one stands."""
    node.event = _At(node, to)
    if isinstance(node, Collection):
        node.closing = node.event
    for item in node.items:
        for below in item if isinstance(item, tuple) else (item,):
            _move(below, to)


class _At:
    """The event of a node with the marks of another one."""

    def __init__(self, node: Node, to: Node) -> None:
        self.tag = node.tag
        self.style = node.style
        self.flow_style = True
        self.start_mark = to.event.start_mark
        self.end_mark = getattr(to, "closing", to.event).end_mark


def _path_to(node: Node | None, wanted: Node, path: str) -> str | None:
    if node is None or node.resolved() is not node or node.kind == SCALAR:
        return None
    if node.kind == SEQUENCE:
        below = ((f"{path}[{index}]", None, item) for index, item in enumerate(node.items))
    else:
        below = ((dotted(path, key.text) if path else key.text, key, value) for key, value in node.items)
    for item_path, key, value in below:
        found = item_path if key is wanted else _path_to(value, wanted, item_path)
        if found is not None:
            return found
    return None


def _leaves(node: Node, path: str, name: str) -> Iterator[tuple[str, str, Node]]:
    target = node.resolved()
    if target.kind == SCALAR:
        yield path, name, node
    elif target.kind == SEQUENCE:
        for index, item in enumerate(target.items):
            yield from _leaves(item, f"{path}[{index}]", name)
    else:
        for key, value in target.items:
            key_name = key.resolved().text
            yield from _leaves(value, dotted(path, key_name) if path else key_name, key_name)


def _decode(data: bytes) -> str:
    """The text of a file without its byte order mark; raises `Refused` for anything but UTF-8."""
    encoding = encoding_of(data)
    if encoding != "utf-8-sig":
        raise Refused("YAML005", f"the file is {encoding[:6].upper()}, not UTF-8", 0, "save it as UTF-8")
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        # The error counts from after the byte order mark.
        body = data.removeprefix(_MARK)
        if len(data) > MAX_BYTES and error.start >= len(body) - 4:  # cut in the middle of a character
            return body.decode("utf-8", "ignore")
        offset = len(body[: error.start].decode("utf-8", "replace"))
        message = f"the byte 0x{body[error.start]:02X} is no UTF-8"
        raise Refused("YAML005", message, offset, "save the file as UTF-8") from None


def encoding_of(data: bytes) -> str:
    """What a text file is encoded in: by its byte order mark, or by where the NULs of its first, ASCII, characters are."""
    if data[:1] not in (b"\0", b"\xff", b"\xfe") and b"\0" not in data[:4]:
        return "utf-8-sig"
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return encoding
    nuls = tuple(byte == 0 for byte in data[:4])
    return _NULS.get(nuls, "utf-8-sig")


_MARKS = ((b"\xff\xfe\0\0", "utf-32"), (b"\0\0\xfe\xff", "utf-32"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_NULS: dict[tuple[bool, ...], str] = {
    (False, True, True, True): "utf-32-le",
    (True, True, True, False): "utf-32-be",
    (False, True, False, True): "utf-16-le",
    (True, False, True, False): "utf-16-be",
}
