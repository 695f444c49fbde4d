"""What an expression can stand for: parts of a config, constants, the code's own classes and containers, and what cannot be known.

An expression has several values at once where ways through the code meet: `Values` is a tuple of them, without order or repetition.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from typing import Any

from confguard.audit.asked import Asked
from confguard.audit.config import Config
from confguard.audit.modules import Module
from confguard.audit.places import Key, Path, holds_keys

Branches = tuple[int, ...]
"""Numbers of branches and loops that are open, of which it is not known whether they run."""


class Value:
    """One thing that an expression can stand for; two are the same where they are equal."""

    __slots__ = ()


Values = tuple[Value, ...]
NOTHING: Values = ()
MOST = 24
MOST_NODES = 4_000
"""Values that an expression keeps; what has more is also unknown."""


class _Unknown(Value):
    """Anything."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "?"


UNKNOWN = _Unknown()
ANYTHING: Values = (UNKNOWN,)


class Const(Value):
    """A literal of the code; `of` is the section whose keys it is one of, where a loop over a config gave it."""

    __slots__ = ("of", "value")

    def __init__(self, value: Any, of: Node | None = None) -> None:
        self.value = value
        self.of = of

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Const) and type(self.value) is type(other.value) and self.value == other.value and self.of == other.of

    def __hash__(self) -> int:
        return hash((type(self.value), self.value))

    def __repr__(self) -> str:
        return f"Const({self.value!r})"


NONE = Const(None)


class Text(Value):
    """A text of which only the beginning and the end are known."""

    __slots__ = ("head", "tail")

    def __init__(self, head: str, tail: str) -> None:
        self.head = head
        self.tail = tail

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Text) and (self.head, self.tail) == (other.head, other.tail)

    def __hash__(self) -> int:
        return hash((self.head, self.tail))

    def __repr__(self) -> str:
        return f"Text({self.head!r}...{self.tail!r})"


BY_NAME, CHOICE, LIBRARY = 1, 2, 3


class Node(Value):
    """A place in a config: a section or a value, or where one would be.

    `copy` tells a copy from what it was copied from, since only one of them is changed. There can be `doubt`: a node that was found
    `BY_NAME` of an attribute alone is read where it is used, but what it lacks does not count; one that is a `CHOICE` by a key that is
    not known may be read, or may not; one that went into an object of a `LIBRARY` is that library's as a whole.
    """

    __slots__ = ("config", "copy", "doubt", "path")

    def __init__(self, config: Config, path: Path = (), copy: int = 0, doubt: int = 0) -> None:
        self.config = config
        self.path = path
        self.copy = copy
        self.doubt = doubt

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Node):
            return False
        return self.config is other.config and (self.path, self.copy, self.doubt) == (other.path, other.copy, other.doubt)

    def __hash__(self) -> int:
        return hash((id(self.config), self.path, self.copy))

    def __repr__(self) -> str:
        return f"Node({self.config.path}:{'.'.join(map(str, self.path))})"

    def child(self, key: Key) -> Node:
        """The place below it."""
        return Node(self.config, (*self.path, key), self.copy, self.doubt)

    @property
    def spot(self) -> tuple[Config, Path]:
        """The place without what is known of how it was come by."""
        return self.config, self.path

    @property
    def data(self) -> Any:
        """What stands there; `ABSENT` where nothing does."""
        return self.config.at(self.path)

    @property
    def is_item(self) -> bool:
        """Whether it is an item of a list."""
        return bool(self.path) and isinstance(self.path[-1], int)

    @property
    def is_section(self) -> bool:
        """Whether other keys stand below it: a mapping, or a list with mappings in it."""
        return holds_keys(self.data)

    def children(self) -> list[Node]:
        """The places below a section."""
        data = self.data
        if isinstance(data, dict):
            return [self.child(key) for key in data]
        return [self.child(index) for index in range(len(data))] if isinstance(data, list) else []


class Fallback(Value):
    """Goes with the default that an absent key was given, so that `or` after it can say what the default is."""

    __slots__ = ("asked",)

    def __init__(self, asked: Asked) -> None:
        self.asked = asked

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Fallback) and self.asked is other.asked

    def __hash__(self) -> int:
        return id(self.asked)


class File(Value):
    """A file that was opened, or its text: the values of its path."""

    __slots__ = ("path",)

    def __init__(self, path: Values) -> None:
        self.path = path

    def __eq__(self, other: object) -> bool:
        return isinstance(other, File) and self.path == other.path

    def __hash__(self) -> int:
        return hash(self.path)


class Dumped(Value):
    """A text made of a whole section, as `json.dumps` makes one: to write it is no read, to load it is a copy."""

    __slots__ = ("of",)

    def __init__(self, of: Values) -> None:
        self.of = of

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Dumped) and self.of == other.of

    def __hash__(self) -> int:
        return hash(self.of)


class External(Value):
    """Something that is not in the code, by the name it is reached by: `torch.optim.AdamW`, `logging.getLogger()`."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name

    def __eq__(self, other: object) -> bool:
        return isinstance(other, External) and self.name == other.name

    def __hash__(self) -> int:
        return hash(self.name)

    def __repr__(self) -> str:
        return f"External({self.name})"


class Held(Value):
    """A value that can change and is one thing wherever it is reached from; `born` are the branches that were open where it was made."""

    __slots__ = ("born", "seen_at")

    def __init__(self, born: Branches) -> None:
        self.born = born
        self.seen_at = 0
        """When it was last looked for parts of a config in it; -1 where there were some."""


class Table(Held):
    """A mapping that the code makes, or a namespace: values by key; `rest` is what stands under keys that are not known.

    `stands_for` are the sections that were merged into it whole: a key that none of them has gets its value from the code.
    """

    __slots__ = ("entries", "is_scope", "maybe", "own", "rest", "stands_for")

    def __init__(self, born: Branches, entries: dict[Any, Values] | None = None, rest: Values = NOTHING, is_scope: bool = False) -> None:
        super().__init__(born)
        self.is_scope = is_scope
        self.maybe: set[Any] = set()
        """Keys that it may have or not."""
        self.own: set[Any] = set()
        """Keys that the code wrote over what was merged."""
        self.entries: dict[Any, Values] = {} if entries is None else entries
        self.rest = rest
        self.stands_for: dict[Node, None] = {}


class Items(Held):
    """A list, tuple or set that the code makes: its items in order, and `rest`, of which neither order nor number is known."""

    __slots__ = ("items", "rest")

    def __init__(self, born: Branches, items: Iterable[Values] = (), rest: Values = NOTHING) -> None:
        super().__init__(born)
        self.items = list(items)
        self.rest = rest

    def any_item(self) -> Values:
        """All that an item of it can be."""
        return join(*self.items, self.rest)


class Scope:
    """The names of a module or a function, and the scope around it."""

    __slots__ = ("names", "outer", "own", "stands_for")

    def __init__(self, outer: Scope | None = None) -> None:
        self.names: dict[str, Values] = {}
        self.outer = outer
        self.own: set[str] = set()
        """The names that were there before."""
        self.stands_for: dict[Node, None] = {}
        """The sections whose keys became names of it, as `globals().update(cfg)` makes them."""


class Function(Value):
    """A function of the code, with the scope it was defined in; a method knows its class."""

    __slots__ = ("module", "node", "owner", "scope")

    def __init__(self, node: FunctionNode, module: Module, scope: Scope, owner: Class | None = None) -> None:
        self.node = node
        self.module = module
        self.scope = scope
        self.owner = owner

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Function) and self.node is other.node and self.scope is other.scope

    def __hash__(self) -> int:
        return id(self.node)

    @property
    def name(self) -> str:
        """What it is called."""
        return "lambda" if isinstance(self.node, ast.Lambda) else self.node.name


FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda


class Bound(Value):
    """A function with arguments that it already has: a method with its instance, a `partial`."""

    __slots__ = ("args", "function", "keywords")

    def __init__(self, function: Value, args: tuple[Values, ...], keywords: tuple[tuple[str, Values], ...] = ()) -> None:
        self.function = function
        self.args = args
        self.keywords = keywords

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Bound) and (self.function, self.args, self.keywords) == (other.function, other.args, other.keywords)

    def __hash__(self) -> int:
        return hash((self.function, self.args))


class Class(Value):
    """A class of the code: its names, what it is derived from, and its fields where it is a dataclass or a model."""

    __slots__ = ("bases", "decorators", "fields", "module", "names", "node", "scope")

    def __init__(self, node: ast.ClassDef, module: Module, scope: Scope, bases: tuple[Values, ...], decorators: tuple[str, ...]) -> None:
        self.node = node
        self.module = module
        self.scope = scope
        self.bases = bases
        self.decorators = decorators
        self.names: dict[str, Values] = {}
        self.fields: Any = None
        """Its fields, once they were asked for."""

    def lineage(self) -> Iterator[Class]:
        """The class and the classes of the code that it is derived from, as Python looks them up, nearly."""
        seen: list[Class] = []
        waiting = [self]
        while waiting:
            here = waiting.pop(0)
            if here not in seen:
                seen.append(here)
                waiting += [base for bases in here.bases for base in bases if isinstance(base, Class)]
        return iter(seen)

    def foreign(self) -> list[str]:
        """The names of the classes it is derived from that are not in the code."""
        return [
            base.name if isinstance(base, External) else "?"
            for class_ in self.lineage()
            for bases in class_.bases
            for base in bases
            if not isinstance(base, Class)
        ]

    def lookup(self, name: str, after: Class | None = None) -> Values | None:
        """What a name of the class is; of the classes after one of its lineage for `super()`."""
        waiting = after is not None
        for class_ in self.lineage():
            if waiting:
                waiting = class_ is not after
            elif name in class_.names:
                return class_.names[name]
        return None


class Instance(Held):
    """An object of a class of the code."""

    __slots__ = ("attributes", "class_", "is_open", "stands_for")

    def __init__(self, class_: Class, born: Branches) -> None:
        super().__init__(born)
        self.class_ = class_
        self.attributes: dict[str, Values] = {}
        self.stands_for: dict[Node, None] = {}
        self.is_open = False
        """Whether attributes were set under names that are not known."""

    def __repr__(self) -> str:
        return f"Instance({self.class_.node.name})"


class ModuleValue(Value):
    """A module of the code."""

    __slots__ = ("module",)

    def __init__(self, module: Module) -> None:
        self.module = module

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ModuleValue) and self.module is other.module

    def __hash__(self) -> int:
        return id(self.module)


class Method(Value):
    """A method of something that is not an object of the code: of a config, a container, a text, a file, a parser."""

    __slots__ = ("name", "of")

    def __init__(self, of: Value, name: str) -> None:
        self.of = of
        self.name = name

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Method) and (self.of, self.name) == (other.of, other.name)

    def __hash__(self) -> int:
        return hash((self.of, self.name))


class Super(Value):
    """`super()` in a method of a class, for an object."""

    __slots__ = ("class_", "instance")

    def __init__(self, class_: Class, instance: Values) -> None:
        self.class_ = class_
        self.instance = instance


class Parser(Held):
    """An `argparse.ArgumentParser`: its options and what each is by default."""

    __slots__ = ("is_sparse", "options", "stands_for")

    def __init__(self, born: Branches) -> None:
        super().__init__(born)
        self.is_sparse = False
        """Whether an option that is not given is no attribute."""
        self.stands_for: dict[Node, None] = {}
        self.options: dict[str, Values] = {}


def join(*groups: Iterable[Value]) -> Values:
    """All values of several expressions, each once."""
    filled = [group for group in groups if group]
    if len(filled) == 1 and isinstance(filled[0], tuple):
        return filled[0]
    found = dict.fromkeys(value for group in filled for value in group)
    return tuple(found) if len(found) <= MOST else _fewer(list(found))


def _fewer(found: list[Value]) -> Values:
    """Of too many values those that are followed, and some of the others; of containers that are left out, what is followed in them."""
    followed = [value for value in found if isinstance(value, (Node, Fallback, Dumped))][:MOST_NODES]
    others = [value for value in found if isinstance(value, (Held, Function, Class, Bound, External, File, ModuleValue))]
    inner = [node for value in others[MOST:] for node in _held_nodes(value)]
    rest = (Items((), rest=tuple(dict.fromkeys(inner))[:MOST_NODES]),) if inner else ()
    return (*followed, *others[:MOST], *rest, UNKNOWN)


def _held_nodes(value: Value) -> list[Node]:
    """The places in configs that a container holds by itself."""
    if isinstance(value, Items):
        return [node for values in (*value.items, value.rest) for node in nodes(values)]
    if isinstance(value, Table):
        return [node for values in (*value.entries.values(), value.rest) for node in nodes(values)]
    return []


def several(values: Values) -> bool:
    """Whether values are several mappings, of which only one is there in a run."""
    return sum(isinstance(value, (Node, Table)) for value in values) > 1


def without_tags(values: Values) -> Values:
    """The values that are something, without what goes with them."""
    return tuple(value for value in values if not isinstance(value, Fallback))


def constants(values: Values) -> list[Any]:
    """The literals among values."""
    return [value.value for value in values if isinstance(value, Const)]


def nodes(values: Values) -> list[Node]:
    """The places in configs among values."""
    return [value for value in values if isinstance(value, Node)]


def text_of(value: Value) -> str | None:
    """The text that a value is, a literal of the code or of the config; None where it is not known."""
    if isinstance(value, Const) and isinstance(value.value, str):
        return value.value
    if isinstance(value, Node) and isinstance(value.data, str):
        return value.data
    return None
