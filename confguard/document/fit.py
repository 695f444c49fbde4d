"""Fit a document to the shape of its kind: the recipe it holds, and the faults of its keys and values.

This is the fast twin of the Pydantic models in `confguard.schemas`; a test shows that both give the same verdicts.
"""

from __future__ import annotations

from confguard.document.document import Document, child, data
from confguard.document.nodes import MAPPING, SCALAR, Node
from confguard.document.scalars import YAML_11, YAML_12, BadScalar
from confguard.words.recipe import Place, Recipe, dotted
from confguard.words.shape import Family, Fault, Key, Shape, fits, misfit
from confguard.words.types import TESTS, converted, is_endless, loosely, refused_at, test_of
from confguard.words.typing import NamedTuple


class Fitted(NamedTuple):
    """A document and what was made of it; no shape and no recipe where it is of no known kind, or no mapping."""

    document: Document
    shape: Shape | None
    recipe: Recipe | None

    @property
    def kind(self) -> str | None:
        """The name of its kind."""
        return self.shape.kind if self.shape else None


def fitted(document: Document, shape: Shape | None) -> Fitted:
    """A document with its recipe, whatever may be wrong with its keys and values."""
    if shape is None or document.root is None or document.root.kind != MAPPING:
        return Fitted(document, None, None)
    return Fitted(document, shape, recipe_of(document, shape))


MAX_FAULTS = 100
"""Faults of one kind that are told of one file; a config of this kind has not that many keys."""


def kind_of(document: Document, shapes: tuple[Shape, ...]) -> Shape | None:
    """The kind whose signature keys the document holds; None where no kind's are there."""
    root = document.root
    if root is None or root.kind != MAPPING:
        return None
    names = {key.text for key, _ in root.items}
    for shape in shapes:
        if shape.family is not None:
            if is_of_family(names, shape.family):
                said = names | {f"{key.text}={value.text}" for key, value in root.items if value.kind == SCALAR}
                return _of_family(document.path, said, [other for other in shapes if other.family is shape.family])
            continue
        here = names.intersection(shape.signature)
        deeper = sum(_holds(root, names, path) for path in shape.signature if "." in path) if len(here) < shape.enough else 0
        if len(here) + deeper >= shape.enough:
            return shape
    return None


def is_of_family(names: set[str], family: Family) -> bool:
    """Whether keys are those of a family's files."""
    return len(names.intersection(family.common)) >= family.enough and names.isdisjoint(family.never)


def family_of(document: Document, shapes: tuple[Shape, ...]) -> Family | None:
    """The family that a document is of, whichever of its kinds it may be."""
    names = {key.text for key, _ in document.root.items} if document.root is not None and document.root.kind == MAPPING else set()
    families = (shape.family for shape in shapes if shape.family is not None)
    return next((family for family in families if is_of_family(names, family)), None)


def _of_family(path: str, names: set[str], shapes: list[Shape]) -> Shape | None:
    """The kind with the most of its own keys, or else the one whose word the path has; None where neither tells one from the others."""
    parts = set("".join(char if char.isalnum() else " " for char in path.lower()).split())
    if not parts.isdisjoint(shapes[0].family.other_words if shapes[0].family else ()):
        return None
    hits = [len(names.intersection(shape.signature)) for shape in shapes]
    best = [shape for shape, count in zip(shapes, hits, strict=True) if count == max(hits)]
    if len(best) == 1:
        return best[0]
    named = [shape for shape in best if shape.word in parts]
    return named[0] if named else best[0] if max(hits) else None


def _holds(root: Node, names: set[str], path: str) -> bool:
    head, _, rest = path.partition(".")
    if head not in names:
        return False
    section = child(root, head)
    section = section.resolved() if section else None
    name = rest.removeprefix("*.")
    if section is None or section.kind != MAPPING:
        return False
    return any(child(value, name) is not None for _, value in section.pairs())


def fit(document: Document, shape: Shape, extension_keys: tuple[str, ...] = ()) -> tuple[Recipe, list[Fault]]:
    """The recipe of a document, and what is wrong with its keys and types. The root must be a mapping."""
    assert document.root is not None
    fitting = _fitting(document, shape, extension_keys, is_judged=True)
    faults = fitting.faults
    if fitting.unknown or fitting.missing:
        from confguard.words.keys import Missing, Unknown, key_faults  # a good file has no such keys

        unknown, missing = [Unknown(*item) for item in fitting.unknown], [Missing(*item) for item in fitting.missing]
        faults.extend(key_faults(shape, _present(document.root, shape.fields), unknown, missing))
    return fitting.recipe, faults


def recipe_of(document: Document, shape: Shape) -> Recipe:
    """The recipe alone: to tell which name an unknown key was meant to have takes longer than all the rest."""
    return _fitting(document, shape, ()).recipe


def _fitting(document: Document, shape: Shape, extension_keys: tuple[str, ...], is_judged: bool = False) -> _Fitting:
    fitting = _Fitting(document, shape, extension_keys, is_judged)
    assert document.root is not None
    fitting.section(document.root, shape.fields, "", fitting.recipe, None)
    return fitting


class _Fitting:
    def __init__(self, document: Document, shape: Shape, extension_keys: tuple[str, ...], is_judged: bool) -> None:
        self.document = document
        self.shape = shape
        self.today = shape.today if is_judged else None
        self.plain = shape.reader == YAML_11  # a node has that reading with it
        self.extension_keys = extension_keys
        self.recipe = Recipe(shape.kind, shape.names, document.place)
        self.faults: list[Fault] = []
        self.unknown: list[tuple[str, str, Place]] = []
        self.missing: list[tuple[str, Place]] = []

    def section(self, node: Node, fields: dict[str, Key], prefix: str, recipe: Recipe, key_node: Node | None) -> None:
        """Fit each key of a mapping, then look for the keys that should be there."""
        seen = set()
        for key, value in node.pairs():
            name = key.text or key.resolved().text
            field = fields.get(name)
            path = prefix + name if prefix else name
            if field is None:
                if self.is_extension(path):
                    continue
                if len(self.unknown) < MAX_FAULTS:
                    self.unknown.append((prefix[:-1], name, self.document.place(path, key, None)))
                today = self.name_today(name, node, value) if self.today is not None and not prefix else None
                if today is None:
                    continue
                name, field = today, fields[today]
            seen.add(name)
            parameter = field.parameter
            if parameter is not None:
                recipe.spots[parameter] = (path, key, value)
            if value.kind != SCALAR:
                self.collection(field, key, value, path, recipe)
                continue
            found = value.value if self.plain else _read_12(value)
            if (found is None and not field.needed) or not (TESTS.get(field.type) or test_of(field.type))(found):
                self.odd_scalar(field, key, value, path, recipe, found)
            elif parameter is not None:
                recipe.values[parameter] = found
        self.look_for(fields, seen, prefix, recipe, key_node)

    def name_today(self, name: str, root: Node, value: Node) -> str | None:
        """The key that an old one is judged as: the one that says the same by the same value, where the file does not have it."""
        assert self.today is not None
        today = self.today(name, data(value, self.shape.reader))
        return today if today is not None and child(root, today) is None else None

    def add(self, fault: Fault) -> None:
        if len(self.faults) < MAX_FAULTS:
            self.faults.append(fault)

    def odd_scalar(self, field: Key, key: Node, value: Node, path: str, recipe: Recipe, found: object) -> None:
        """A scalar that does not fit, or is empty. An empty optional key is an absent one."""
        if self.shape.converts:
            self.to_convert(field, key, value, path, recipe, found)
        elif found is None and not field.needed:
            recipe.empty.add(field.parameter or "")
            if field.type == "section" and field.fields:
                self.look_for(field.fields, set(), path + ".", recipe, key)
        else:
            self.add(misfit(field, found, self.document.place(path, key, value)))

    def to_convert(self, field: Key, key: Node, value: Node, path: str, recipe: Recipe, found: object) -> None:
        """A scalar that the reader converts, or takes as it is although it does not fit: a null is a value to it, not an absent key."""
        parameter = field.parameter or ""
        if found is None and fits(field, None):
            recipe.empty.add(parameter)
            return
        try:
            meant = converted(field.type, found) if isinstance(found, str) else found
        except ValueError:
            meant = found
        if meant is not found and is_endless(meant):
            self.add(misfit(field, meant, self.document.place(path, key, value)))
        elif meant is None and found is not None:
            recipe.empty.add(parameter)
        elif meant is not found and fits(field, meant):
            recipe.values[parameter] = meant
        else:
            if (meant := loosely(field.type, found)) is not None and parameter:
                recipe.values[parameter] = meant
            fails = refused_at(field.type, found)
            self.add(misfit(field, found, self.document.place(path, key, value), loose=True)._replace(fails=fails))

    def collection(self, field: Key, key: Node, value: Node, path: str, recipe: Recipe) -> None:
        """Fit a section, named sections, a list of sections, an open mapping, or a list of plain values."""
        target = value.resolved()
        mapping = target.kind == MAPPING
        if field.type == "section" and mapping:
            self.section(target, field.fields or {}, path + ".", recipe, key)
        elif field.type == "each" and mapping:
            self.entries(target, field.fields or {}, path, recipe)
        elif field.type == "records" and not mapping:
            self.records(target, field.fields or {}, path, recipe)
        elif field.type.startswith("map[") and mapping:
            self.open_mapping(field.type[4:-1], target, field.parameter, path, recipe)
        else:
            found = data(target, self.shape.reader)
            if not fits(field, found):
                self.add(misfit(field, found, self.document.place(path, key, value)))
            elif field.parameter is not None:
                recipe.values[field.parameter] = found

    def entries(self, node: Node, fields: dict[str, Key], path: str, recipe: Recipe) -> None:
        """Fit the sections of a keyed list; each is a recipe of its own."""
        for key, value in node.pairs():
            name = key.resolved().text
            recipe.entries[name] = self.entry(recipe.kind, dotted(path, name), key, value, fields)

    def records(self, node: Node, fields: dict[str, Key], path: str, recipe: Recipe) -> None:
        """Fit a list of sections; each is a recipe of its own, under its index."""
        for index, value in enumerate(node.items):
            entry_path = dotted(path, index)
            recipe.entries[entry_path] = self.entry(recipe.kind, entry_path, None, value, fields)

    def entry(self, kind: str, path: str, key: Node | None, value: Node, fields: dict[str, Key]) -> Recipe:
        """The recipe of one section of several; an item of a list has no key, and is told at its own place."""
        entry = Recipe(kind, _names_below(fields, path), self.document.place)
        entry.spots["entry"] = (path, key, value)
        if value.resolved().kind == MAPPING:
            self.section(value.resolved(), fields, path + ".", entry, key or value)
        else:
            self.add(misfit(Key("section"), data(value, self.shape.reader), self.document.place(path, key, value)))
        return entry

    def open_mapping(self, type_: str, node: Node, parameter: str | None, path: str, recipe: Recipe) -> None:
        """Fit a mapping of free names; its value is known when every item fits."""
        fit_item = TESTS.get(type_) or test_of(type_)
        values = {}
        whole = True
        for key, value in node.pairs():
            name = key.resolved().text
            found = value.value if self.plain and value.kind == SCALAR else data(value, self.shape.reader)
            if fit_item(found):
                values[name] = found
            else:
                whole = False
                self.add(misfit(Key(type_), found, self.document.place(dotted(path, name), key, value)))
        if whole and parameter is not None:
            recipe.values[parameter] = values

    def look_for(self, fields: dict[str, Key], seen: set[str], prefix: str, recipe: Recipe, key: Node | None) -> None:
        """Note the needed keys that are absent; a section that is absent as a whole is searched for its needed keys."""
        if len(seen) == len(fields):
            return
        for name, field in fields.items():
            if name in seen:
                continue
            path = prefix + name
            if field.default is not None and field.parameter:
                recipe.defaults[field.parameter] = field.default
            if field.needed is True or (field.needed and self.is_needed(field.needed)):
                self.missing.append((path, self.document.place(path, key, None)))
            elif field.type == "section" and field.fields:
                self.look_for(field.fields, set(), path + ".", recipe, key)

    def is_needed(self, unless: tuple[str, object]) -> bool:
        """Whether a conditional key is needed. Its condition may stand further down, so the whole document is asked."""
        parameter, value = unless
        node: Node | None = self.document.root
        for name in self.shape.names[parameter].split("."):
            node = child(node, name) if node else None
        node = node.resolved() if node else None
        return not (node is not None and node.kind == SCALAR and node.reading(self.shape.reader) == value)

    def is_extension(self, path: str) -> bool:
        if not self.extension_keys:
            return False
        from fnmatch import fnmatchcase

        return any(fnmatchcase(path, pattern) or pattern == f"{path}.*" for pattern in self.extension_keys)


def _read_12(node: Node) -> object:
    try:
        return node.resolved().reading(YAML_12)
    except BadScalar:  # YAML 1.2 stumbles where 1.1 did not
        return node.resolved().text


def _present(node: Node, fields: dict[str, Key], prefix: str = "") -> set[str]:
    """The paths of the known keys that a mapping holds."""
    found = set()
    for key, value in node.pairs():
        name = key.resolved().text
        if name in fields:
            found.add(prefix + name)
            if fields[name].type == "section" and value.kind == MAPPING:
                found |= _present(value.resolved(), fields[name].fields or {}, f"{prefix}{name}.")
    return found


def _names_below(fields: dict[str, Key], prefix: str) -> dict[str, str]:
    return {field.parameter: f"{prefix}.{name}" for name, field in fields.items() if field.parameter}
