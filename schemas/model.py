"""The base of all config models: Pydantic decides what fits, the rules decide what holds.

`Model.model_validate(data)` raises one `ValidationError` with everything that is wrong at error level: each error's `type` is a
code of confguard's (`LORA001`, `SCHEMA001`, ...), the same that `confguard check` prints. A context adds to it:
`context={"reference": other, "fail_on": "warning"}` compares with a reference (a model or plain data) and raises warnings too.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict, ModelWrapValidatorHandler, ValidationError, ValidationInfo, model_validator
from pydantic_core import InitErrorDetails, PydanticCustomError

from confguard.words.finding import ERROR, at_least
from confguard.words.keys import Missing, Unknown, key_faults
from confguard.words.recipe import Place, Recipe, dotted
from confguard.words.rule import judge
from confguard.words.secret import Secret, is_secret, mask
from confguard.words.shape import Fault, Key, Shape, misfit
from confguard.words.types import is_endless


class Is:
    """Marks a field: this key is that canonical parameter. `unless=(parameter, value)`: needed unless that one has that value."""

    __slots__ = ("parameter", "unless")

    def __init__(self, parameter: str, unless: tuple[str, Any] | None = None) -> None:
        self.parameter = parameter
        self.unless = unless


class Section(BaseModel):
    """A mapping of fixed keys. Types are strict: no string becomes a number, no number a boolean."""

    model_config = ConfigDict(strict=True, extra="allow", allow_inf_nan=False, protected_namespaces=())


class ConfigModel(Section):
    """A whole file of one kind."""

    kind: ClassVar[str]
    title: ClassVar[str]
    reader: ClassVar[str]
    signature: ClassVar[tuple[str, ...]]
    enough: ClassVar[int]
    telltales: ClassVar[tuple[str, ...]]
    links: ClassVar[dict[str, str]] = {}
    synonyms: ClassVar[tuple[tuple[str, str], ...]] = ()

    @model_validator(mode="wrap")
    @classmethod
    def _holds(cls, data: Any, handler: ModelWrapValidatorHandler[ConfigModel], info: ValidationInfo) -> ConfigModel:
        """Raise all that Pydantic and the rules find, at `fail_on` or worse, as one error."""
        if isinstance(data, cls):
            return data
        model, misfits = None, []
        try:
            model = handler(data)
        except ValidationError as error:
            misfits = [_known_part(item["loc"], data) for item in error.errors(include_url=False)]
        if not isinstance(data, dict):
            raise _error(cls, [("YAML004", f"{cls.kind} is a mapping of keys to values", (), data)])
        found = list(_found(cls.kind, data, misfits, info.context or {}))
        if found or model is None:
            raise _error(cls, found)
        return model


def _found(
    kind: str, data: dict[str, Any], misfits: list[tuple[str | int, ...]], context: dict[str, Any]
) -> Iterator[tuple[str, str, tuple[str, ...], Any]]:
    """Code, message, location and input of everything that counts."""
    # The catalogue holds the tables, and the tables are made from the models: it is not there while they are made.
    from confguard.schemas.catalogue import RULES, shape_of

    shape = shape_of(kind)
    level = context.get("fail_on", ERROR)
    reading = _Reading(shape, data, misfits)
    for fault in reading.faults():
        if at_least(RULES[fault.code].severity, level):
            yield fault.code, fault.message, (fault.place.path,), None
    inputs: dict[str, Any] = {"secrets": list(_secrets(data))}
    if context.get("reference") is not None:
        inputs["reference"] = recipe_of(shape, context["reference"])
    rules = [rule for rule in RULES.values() if rule.is_judged and at_least(rule.severity, level) and kind in (rule.kinds or (kind,))]
    for rule, broken, recipe in judge(reading.recipe, rules, inputs):
        path = broken.at.path if isinstance(broken.at, Place) else recipe.name(str(broken.at or rule.subject))
        yield rule.code, recipe.in_its_words(broken.message), (path,), None


def recipe_of(shape: Shape, config: Any) -> Recipe:
    """The recipe of a model or of plain data, as far as it fits."""
    data = config.model_dump(exclude_unset=True) if isinstance(config, BaseModel) else config
    return _Reading(shape, data, []).recipe


def _error(cls: type[ConfigModel], found: list[tuple[str, str, tuple[str, ...], Any]]) -> ValidationError:
    # The message is no template of Pydantic's, so its braces are doubled; the input is left out, it may hold a secret.
    return ValidationError.from_exception_data(
        cls.__name__,
        [
            InitErrorDetails(type=PydanticCustomError(code, _literal(mask(message))), loc=loc, input=given)
            for code, message, loc, given in found
        ],
    )


def _literal(message: str) -> str:
    return message.replace("{", "{{").replace("}", "}}")


def _known_part(loc: tuple[str | int, ...], data: Any) -> tuple[str | int, ...]:
    """The part of a Pydantic location that is a path in the data: names of union members are cut off."""
    known: list[str | int] = []
    for part in loc:
        if isinstance(data, dict):
            if part not in data and part != loc[-1]:
                break
            data = data.get(part)
        elif isinstance(data, list) and isinstance(part, int) and part < len(data):
            data = data[part]
        else:
            break
        known.append(part)
    return tuple(known)


class _Reading:
    """Plain data read by a shape: the recipe of what fits, and the faults of what does not."""

    def __init__(self, shape: Shape, data: dict[str, Any], misfits: list[tuple[str | int, ...]]) -> None:
        self.shape = shape
        self.data = data
        self.misfits = {dotted(*loc) for loc in misfits}
        self.recipe = Recipe(shape.kind, shape.names)
        self.wrong: dict[str, Fault] = {}
        self.unknown: list[Unknown] = []
        self.missing: list[Missing] = []
        self.present: set[str] = set()
        self.section(data, shape.fields, "", self.recipe)

    def faults(self) -> Iterator[Fault]:
        yield from self.wrong.values()
        yield from key_faults(self.shape, self.present, self.unknown, self.missing)

    def section(self, data: dict[str, Any], fields: dict[str, Key], prefix: str, recipe: Recipe) -> None:
        for name, value in data.items():
            path = prefix + str(name)
            key = fields.get(str(name))
            if key is None:
                self.unknown.append(Unknown(prefix[:-1], str(name), Place(path)))
            else:
                self.present.add(path)
                self.value(key, value, path, recipe)
        for name, key in fields.items():
            if name not in data or (key.type == "section" and data[name] is None):
                self.absent(key, prefix + name, recipe)

    def value(self, key: Key, value: Any, path: str, recipe: Recipe) -> None:
        if key.parameter:
            recipe.spots[key.parameter] = (path, None, None)
        if value is None and not key.needed:
            recipe.empty.add(key.parameter or "")
        elif key.type == "section" and key.fields and isinstance(value, dict):
            self.section(value, key.fields, path + ".", recipe)
        elif key.type == "each" and key.fields and isinstance(value, dict):
            self.entries(key.fields, value, path, recipe)
        elif isinstance(value, dict) and key.type.startswith("map["):
            for name, item in value.items():
                self.misfit(Key(key.type[4:-1]), item, dotted(path, str(name)))
            if key.parameter and not any(bad.startswith(path) for bad in (*self.misfits, *self.wrong)):
                recipe.values[key.parameter] = value
        elif self.is_misfit(path) or value is None or is_endless(value):
            self.wrong[path] = misfit(key, value, Place(path))
        elif key.parameter:
            recipe.values[key.parameter] = value

    def entries(self, fields: dict[str, Key], value: dict[str, Any], path: str, recipe: Recipe) -> None:
        for name, item in value.items():
            entry_path = dotted(path, str(name))
            names = {key.parameter: f"{entry_path}.{field}" for field, key in fields.items() if key.parameter}
            entry = recipe.entries[str(name)] = Recipe(recipe.kind, names)
            entry.spots["entry"] = (entry_path, None, None)
            if isinstance(item, dict):
                self.section(item, fields, entry_path + ".", entry)
            else:
                self.wrong[entry_path] = misfit(Key("section"), item, Place(entry_path))

    def misfit(self, key: Key, value: Any, path: str) -> None:
        if path in self.misfits or is_endless(value):
            self.wrong[path] = misfit(key, value, Place(path))

    def is_misfit(self, path: str) -> bool:
        return any(bad == path or bad.startswith((path + ".", path + "[")) for bad in self.misfits)

    def absent(self, key: Key, path: str, recipe: Recipe) -> None:
        if key.default is not None and key.parameter:
            recipe.defaults[key.parameter] = key.default
        if key.needed is True or (key.needed and self.lookup(self.shape.names[key.needed[0]]) != key.needed[1]):
            self.missing.append(Missing(path, Place(path)))
        elif key.type == "section":
            for name, below in (key.fields or {}).items():
                self.absent(below, f"{path}.{name}", recipe)

    def lookup(self, path: str) -> Any:
        value: Any = self.data
        for name in path.split("."):
            value = value.get(name) if isinstance(value, dict) else None
        return value


def _secrets(data: Any, path: str = "", name: str = "") -> Iterator[Secret]:
    if isinstance(data, dict):
        for key, value in data.items():
            yield from _secrets(value, dotted(path, str(key)) if path else str(key), str(key))
    elif isinstance(data, list):
        for index, value in enumerate(data):
            yield from _secrets(value, f"{path}[{index}]", name)
    elif is_secret(name, data):
        yield Secret(path, None, None)
