"""The dataclasses of a wheel, read from its source text. Nothing of it is installed or imported.

What cannot be known from the text alone, such as a default that depends on the version of torch, is kept as its expression.
"""

from __future__ import annotations

import ast
import posixpath
from collections.abc import Callable, Iterator
from functools import cached_property
from zipfile import ZipFile

from confguard.words.typing import Any, NamedTuple

_PLAIN = {"int": "int", "float": "float", "str": "str", "bool": "bool", "dict": "dict", "list": "list[any]", "tuple": "list[any]"}
_SAME = {"Dict": "dict", "Mapping": "dict", "List": "list", "Sequence": "list", "Iterable": "list", "Tuple": "tuple"}
_ORDER = ("bool", "int", "float", "str", "dict")


class Class(NamedTuple):
    """A class, and the file that it stands in: the name alone does not tell it, for TRL has classes of the same name."""

    file: str
    node: ast.ClassDef


class Found(NamedTuple):
    """A field as the source text has it: its type in the words of `table.Field`, and its default as JSON holds it.

    The default of a field that has none is `{"expr": ""}`, of one whose default is no literal `{"expr": "the expression"}`.
    """

    type: str
    default: Any


class Wheel:
    """One wheel, whose files are parsed when they are asked for."""

    def __init__(self, archive: ZipFile) -> None:
        self._archive = archive
        self._trees: dict[str, ast.Module] = {}

    @cached_property
    def _files(self) -> frozenset[str]:
        return frozenset(self._archive.namelist())

    def _tree(self, file: str) -> ast.Module:
        if file not in self._trees:
            self._trees[file] = ast.parse(self._archive.read(file))
        return self._trees[file]

    def find(self, file: str, name: str, seen: frozenset[tuple[str, str]] = frozenset()) -> Class | None:
        """The class that a name stands for in a file, followed through the imports; None where the wheel has none."""
        if file not in self._files or (file, name) in seen:
            return None
        tree = self._tree(file)
        for item in tree.body:
            if isinstance(item, ast.ClassDef) and item.name == name:
                return Class(file, item)
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom):
                original = next((alias.name for alias in node.names if (alias.asname or alias.name) == name), None)
                for module in _files_of(node, file) if original else ():
                    found = self.find(module, str(original), seen | {(file, name)})
                    if found:
                        return found
        return None

    def fields(self, owner: Class) -> dict[str, Found]:
        """The fields that a file can set, those of the bases in this wheel first, as `dataclasses` orders them."""
        found = self._declared(owner)
        for name, (enum, _) in self._conversions(owner).items():
            if name in found:
                null = " | null" if found[name].type.endswith("null") else ""
                found[name] = found[name]._replace(type=f"enum {enum}{null}")
        return found

    def enums(self, owner: Class) -> dict[str, list[str]]:
        """The values of each enum that the constructor of the class converts fields into."""
        return dict(self._conversions(owner).values())

    def _declared(self, owner: Class) -> dict[str, Found]:
        found: dict[str, Found] = {}
        for base in reversed(self._bases(owner)):
            found.update(self._declared(base))
        for node in owner.node.body:
            if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and not _is_no_argument(node):
                found[node.target.id] = self._field(owner, node)
        return found

    def _bases(self, owner: Class) -> list[Class]:
        names = [base.id for base in owner.node.bases if isinstance(base, ast.Name)]
        return [base for name in names if (base := self.find(owner.file, name))]

    def _field(self, owner: Class, node: ast.AnnAssign) -> Found:
        arguments = _arguments(node.value)
        default = self._default(owner, arguments)
        words = set(_words(node.annotation, lambda name: "str" if self.members(owner.file, name) else "any"))
        return Found(_type(words | ({"null"} if default is None else set()), _choices(arguments.get("metadata"))), default)

    def _default(self, owner: Class, arguments: dict[str, ast.expr]) -> Any:
        if "default" in arguments:
            return self._value(owner, arguments["default"])
        factory = arguments.get("default_factory")
        if factory is None:
            return {"expr": ""}
        if isinstance(factory, ast.Lambda):
            return self._value(owner, factory.body)
        empty: dict[str, Any] = {"list": [], "dict": {}}
        name = ast.unparse(factory)
        return empty.get(name, {"expr": f"{name}()"})

    def _value(self, owner: Class, node: ast.expr) -> Any:
        try:
            return _plain(ast.literal_eval(node))
        except ValueError:
            pass
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            members = self.members(owner.file, node.value.id)
            if node.attr in members:
                return members[node.attr]
        if isinstance(node, ast.Name):
            values = [item.value for item in ast.walk(owner.node) if isinstance(item, ast.Assign) and _assigns(item, node.id)]
            if len(values) == 1:
                return self._value(owner, values[0])
        return {"expr": ast.unparse(node)}

    def members(self, file: str, name: str) -> dict[str, str]:
        """The members of the enum that a name stands for in a file, with their values; empty where it is no enum of strings."""
        found = self.find(file, name)
        if not found or not any("Enum" in ast.unparse(base) for base in found.node.bases):
            return {}
        return {
            item.targets[0].id: item.value.value
            for item in found.node.body
            if isinstance(item, ast.Assign)
            and isinstance(item.targets[0], ast.Name)
            and isinstance(item.value, ast.Constant)
            and isinstance(item.value.value, str)
        }

    def _conversions(self, owner: Class) -> dict[str, tuple[str, list[str]]]:
        """The fields that the constructor turns into an enum, or refuses what is none of it: the enum's name and its values."""
        method = next((item for item in owner.node.body if isinstance(item, ast.FunctionDef) and item.name == "__post_init__"), None)
        found: dict[str, tuple[str, list[str]]] = {}
        if method is None or "super().__post_init__" in ast.unparse(method):
            for base in reversed(self._bases(owner)):
                found.update(self._conversions(base))
        body = method.body if method else []
        enums = {name: enum for item in body for name, enum in (*_conversion(item), *_test(item))}
        for old, new in (pair for item in body for pair in _copies(item)):
            if new in enums:
                enums.setdefault(old, enums[new])
        for name, enum in enums.items():
            values = list(self.members(owner.file, enum).values())
            if values:
                found[name] = (enum, values)
        return found


def _files_of(node: ast.ImportFrom, file: str) -> tuple[str, ...]:
    """The files that an import may mean, in a wheel."""
    if node.level:
        folder = file
        for _ in range(node.level):
            folder = posixpath.dirname(folder)
        module = posixpath.join(folder, *(node.module or "").split("."))
    else:
        module = (node.module or "").replace(".", "/")
    return f"{module.rstrip('/')}.py", f"{module.rstrip('/')}/__init__.py"


def _arguments(value: ast.expr | None) -> dict[str, ast.expr]:
    """What is said after the `=` of a field, as the arguments of `dataclasses.field`."""
    if value is None:
        return {}
    if isinstance(value, ast.Call) and ast.unparse(value.func) in ("field", "dataclasses.field"):
        return {str(keyword.arg): keyword.value for keyword in value.keywords}
    return {"default": value}


def _is_no_argument(node: ast.AnnAssign) -> bool:
    """Whether the constructor takes no such argument: `ClassVar`, or `field(init=False)`."""
    init = _arguments(node.value).get("init")
    return "ClassVar" in ast.unparse(node.annotation) or (isinstance(init, ast.Constant) and init.value is False)


def _choices(metadata: ast.expr | None) -> list[str]:
    """The `choices` in a field's metadata, where they are a literal list of strings."""
    if not isinstance(metadata, ast.Dict):
        return []
    for key, value in zip(metadata.keys, metadata.values, strict=True):
        if isinstance(key, ast.Constant) and key.value == "choices" and isinstance(value, ast.List | ast.Tuple):
            return [item.value for item in value.elts if isinstance(item, ast.Constant) and isinstance(item.value, str)]
    return []


def _type(words: set[str], choices: list[str]) -> str:
    """A type in words. A union is sorted, so that another order of the same types is no change.

    >>> _type({"null", "str", "int"}, []), _type({"null", "str"}, ["fp4", "nf4"]), _type({"one of gaussian|eva", "bool"}, [])
    ('int | str | null', 'one of fp4|nf4 | null', 'bool | str')
    """
    if "any" in words:
        return "any"
    null = words & {"null"}
    words = words - null
    literal = next((word for word in words if word.startswith("one of ")), None)
    if choices and words == {"str"}:
        words = {"one of " + "|".join(choices)}
    elif literal and len(words) > 1:  # what else is accepted makes the list an open one
        words = {word for word in words if not word.startswith("one of ")} | {"str"}
    rank = {word: place for place, word in enumerate(_ORDER)}
    return " | ".join([*sorted(words, key=lambda word: (rank.get(word, len(rank)), word)), *null])


def _words(node: ast.expr, of_class: Callable[[str], str]) -> Iterator[str]:
    """The words of each type in an annotation; `of_class` has the word of a class of the wheel."""
    if isinstance(node, ast.BinOp):
        yield from (*_words(node.left, of_class), *_words(node.right, of_class))
    elif isinstance(node, ast.Constant):
        yield from ["null"] if node.value is None else _words(ast.parse(str(node.value), mode="eval").body, of_class)
    elif isinstance(node, ast.Subscript):
        inner = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        yield from _subscript(_name(node.value), inner, of_class)
    else:
        name = _SAME.get(_name(node), _name(node))
        yield _PLAIN[name] if name in _PLAIN else of_class(name)


def _subscript(name: str, inner: list[ast.expr], of_class: Callable[[str], str]) -> Iterator[str]:
    name = _SAME.get(name, name)
    if name in ("Optional", "Union"):
        yield from ["null"] if name == "Optional" else []
        for item in inner:
            yield from _words(item, of_class)
    elif name == "Literal":
        values = [item.value for item in inner if isinstance(item, ast.Constant)]
        texts = [value for value in values if isinstance(value, str)]
        yield from ["one of " + "|".join(texts)] if texts else []
        yield from {"null" if value is None else type(value).__name__ for value in values if not isinstance(value, str)}
    elif name in ("list", "tuple"):
        items = set(_words(inner[0], of_class))
        yield f"list[{items.pop()}]" if len(items) == 1 and items <= set(_ORDER) else "list[any]"
    else:
        yield "dict" if name == "dict" else "any"


def _name(node: ast.expr) -> str:
    return ast.unparse(node).rpartition(".")[2]


def _plain(value: Any) -> Any:
    return [_plain(item) for item in value] if isinstance(value, tuple | list) else value


def _assigns(node: ast.Assign, name: str) -> bool:
    return any(isinstance(target, ast.Name) and target.id == name for target in node.targets)


def _own(node: ast.expr) -> str | None:
    """The name in `self.name`."""
    return node.attr if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "self" else None


def _conversion(item: ast.stmt) -> Iterator[tuple[str, str]]:
    """The field and the enum of `self.name = Enum(self.name)`."""
    if isinstance(item, ast.Assign) and isinstance(item.value, ast.Call) and isinstance(item.value.func, ast.Name) and item.value.args:
        name = _own(item.targets[0])
        if name and name == _own(item.value.args[0]):
            yield name, item.value.func.id


def _test(item: ast.stmt) -> Iterator[tuple[str, str]]:
    """The field and the enum of `if ... self.name not in list(Enum): raise ...`."""
    if isinstance(item, ast.If) and isinstance(item.body[0], ast.Raise):
        for test in ast.walk(item.test):
            if isinstance(test, ast.Compare) and isinstance(test.ops[0], ast.NotIn) and (name := _own(test.left)):
                right = test.comparators[0]
                if isinstance(right, ast.Call) and ast.unparse(right.func) == "list":
                    yield name, ast.unparse(right.args[0])


def _copies(item: ast.stmt) -> Iterator[tuple[str, str]]:
    """The names in `self.new = self.old`, old first: a field of the old name ends where the new one does."""
    for inner in ast.walk(item):
        if isinstance(inner, ast.Assign) and (new := _own(inner.targets[0])) and (old := _own(inner.value)):
            yield old, new
