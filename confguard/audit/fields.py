"""Dataclasses and models: which fields a class has, and how a section fills them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import NamedTuple

from confguard.audit.asked import MISSING, Asked
from confguard.audit.attributes import attribute
from confguard.audit.contents import above, carries_data
from confguard.audit.literals import literal
from confguard.audit.machine import Arguments, Frame
from confguard.audit.places import ABSENT
from confguard.audit.values import ANYTHING, CHOICE, Class, External, Fallback, Function, Instance, Items, Node, Table, Value, Values, join

_FIELDLESS = {"BaseModel", "object", "ABC", "Generic", "Protocol", "NamedTuple", "TypedDict", "Enum", "str", "dict"}
"""What a class is derived from that has no fields of its own."""
_CONVERTING = {"BaseModel", "BaseSettings", "Struct"}


class Field(NamedTuple):
    """One field: its name, the names that a section may have for it, its default, its annotation."""

    name: str
    names: tuple[str, ...]
    default: ast.expr | None
    annotation: ast.expr
    owner: Class


_MAPPINGS = {"dict", "OrderedDict", "UserDict", "defaultdict", "EasyDict", "Munch", "Dict", "Box", "CfgNode", "ConfigDict"}


def is_dict(class_: Class) -> bool:
    """Whether a class is derived from `dict`."""
    return any(name.rpartition(".")[2] in _MAPPINGS for name in class_.foreign())


def has_fields(class_: Class) -> bool:
    """Whether its constructor takes the fields that it annotates."""
    return carries_data(class_)


def converts(class_: Class) -> bool:
    """Whether a section that is given for a field becomes an object of the field's own class."""
    return any(name.rpartition(".")[2] in _CONVERTING for name in class_.foreign())


def fields_of(class_: Class) -> list[Field]:
    """The fields of a class, those of the classes it is derived from first."""
    if class_.fields is None:
        class_.fields = _found_fields(class_)
    known: list[Field] = class_.fields
    return known


def _found_fields(class_: Class) -> list[Field]:
    found: dict[str, Field] = {}
    for one in reversed(list(class_.lineage())):
        for statement in one.node.body:
            name = _field_name(statement)
            if name is not None:
                found[name] = _field(one, statement, name)
    return list(found.values())


def _field_name(statement: ast.stmt) -> str | None:
    """The name of the field that a statement of a class declares; None for any other statement."""
    if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
        is_field = "ClassVar" not in ast.unparse(statement.annotation) and not _is_no_parameter(statement.value)
        return statement.target.id if is_field else None
    if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name) and isinstance(statement.value, ast.Call):
        return statement.targets[0].id if last_name(statement.value.func) in ("ib", "attrib") else None
    return None


def _is_no_parameter(value: ast.expr | None) -> bool:
    """Whether a field is none of the constructor's: `field(init=False)`."""
    keywords = value.keywords if isinstance(value, ast.Call) else []
    return any(keyword.arg == "init" and isinstance(keyword.value, ast.Constant) and keyword.value.value is False for keyword in keywords)


def _field(class_: Class, statement: ast.stmt, name: str) -> Field:
    default: ast.expr | None = getattr(statement, "value", None)
    names = [name]
    if isinstance(default, ast.Call) and last_name(default.func) in ("field", "Field", "ib", "attrib"):
        keywords = {keyword.arg: keyword.value for keyword in default.keywords if keyword.arg}
        if aliases := _aliases(keywords):
            names = [*aliases, *([name] if _populates_by_name(class_) else [])]
        given = keywords.get("default", keywords.get("default_factory", keywords.get("factory")))
        default = given if given is not None else next(iter(default.args), None)
        if isinstance(default, ast.Constant) and default.value is Ellipsis:
            default = None
        elif "default_factory" in keywords or "factory" in keywords:
            default = ast.copy_location(ast.Call(default, [], []), statement) if default is not None else None
    return Field(name, tuple(names), default, getattr(statement, "annotation", ast.Constant(None)), class_)


def _aliases(keywords: dict[str, ast.expr]) -> list[str]:
    found: list[str] = []
    for key in ("alias", "validation_alias"):
        if key in keywords:
            found += [node.value for node in ast.walk(keywords[key]) if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    return found


def _populates_by_name(class_: Class) -> bool:
    return any(
        isinstance(node, ast.keyword) and node.arg in ("populate_by_name", "validate_by_name", "allow_population_by_field_name")
        for one in class_.lineage()
        for node in ast.walk(one.node)
    ) or any("populate_by_name" in ast.unparse(one.node) for one in class_.lineage())


def last_name(node: ast.expr) -> str:
    """The last part of a dotted name."""
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


def fill(frame: Frame, instance: Instance, arguments: Arguments, node: ast.AST, deep: bool = False) -> None:
    """Give the fields of an object what its constructor gets; `deep` where sections become objects all the way down."""
    machine = frame.machine
    deep = deep or converts(instance.class_)
    owner = Frame(machine, instance.class_.module, instance.class_.scope)
    fields = fields_of(instance.class_)
    for section in (*arguments.spread, *arguments.stands_for):
        instance.stands_for[section] = None
    for index, field in enumerate(fields):
        _offer(owner, field, (*arguments.spread, *arguments.stands_for))
        values = _given(frame, field, index, arguments, node)
        if values is None:
            values = _default(owner, field, arguments, deep, node)
        if deep:
            values = join(*[_converted(owner, value, field, node) for value in values])
        machine.store(instance, instance.attributes, field.name, values)
        machine.remember(field.name, values)
    _hand_to_library(frame, instance.class_, {name for field in fields for name in field.names}, arguments, node)
    if deep and _keeps_extras(instance.class_):
        _keep_extras(frame, instance, fields, arguments)
    for name in ("__post_init__", "__attrs_post_init__", "model_post_init"):
        if instance.class_.lookup(name) is not None:
            frame.call(attribute(frame, instance, name, frame.site(node)), Arguments([ANYTHING] if name == "model_post_init" else []), node)
    _validate(frame, instance, node)


def _hand_to_library(frame: Frame, class_: Class, known: set[str], arguments: Arguments, node: ast.AST) -> None:
    """What is in no field of a class that is derived from a library's own dataclass is for a field of that one."""
    foreign = [name for name in class_.foreign() if name.rpartition(".")[2] not in _FIELDLESS]
    for section in arguments.spread if foreign else ():
        for child in section.children():
            if child.path[-1] not in known:
                frame.machine.pass_on(child, frame.site(node), f"{foreign[0]}()")
    for name, values in arguments.keywords.items() if foreign else ():
        if name not in known:
            frame.machine.use_all(values, frame.site(node), f"{foreign[0]}({name}=)")


def _offer(frame: Frame, field: Field, sections: tuple[Node, ...]) -> None:
    """Note the default of a field that a section has a value for."""
    if isinstance(field.default, ast.Constant):
        for section in sections:
            place = section.child(field.names[0])
            if not place.doubt and place.data is not ABSENT:
                frame.machine.trace.offer(place, frame.site(field.default), field.default.value)


def _keeps_extras(class_: Class) -> bool:
    """Whether a model keeps keys that are no fields: `extra="allow"` in its configuration."""
    return any(
        (isinstance(node, ast.keyword) and node.arg == "extra" and getattr(node.value, "value", getattr(node.value, "attr", "")) == "allow")
        or (isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "extra" and "allow" in ast.unparse(node.value))
        for one in class_.lineage()
        for node in ast.walk(one.node)
    )


def _keep_extras(frame: Frame, instance: Instance, fields: list[Field], arguments: Arguments) -> None:
    known = {name for field in fields for name in field.names}
    for section in arguments.spread:
        for key, values in frame.machine.children(section):
            if key.value not in known:
                frame.machine.store(instance, instance.attributes, key.value, values)


def _validate(frame: Frame, instance: Instance, node: ast.AST) -> None:
    """Follow the validators of a model, with the object that they get."""
    for class_ in instance.class_.lineage():
        for values in list(class_.names.values()):
            for value in values:
                kinds = _decorator_names(value) if isinstance(value, Function) else set()
                if isinstance(value, Function) and kinds & {"model_validator", "root_validator", "validator", "field_validator"}:
                    frame.call((value,), Arguments(_validated(instance, value, kinds)), node)


def _validated(instance: Instance, function: Function, kinds: set[str]) -> list[Values]:
    """What a validator of a model gets: the class, where it asks for it, and the value of its field, or the section or the object."""
    spec = function.node.args
    is_early = any("before" in ast.unparse(one) or "pre=True" in ast.unparse(one) for one in getattr(function.node, "decorator_list", ()))
    given: Values = (*instance.stands_for, *(() if is_early else (instance,)))
    if kinds & {"validator", "field_validator"}:
        names = [
            one.value for node in getattr(function.node, "decorator_list", ()) for one in ast.walk(node) if isinstance(one, ast.Constant)
        ]
        given = join(*[instance.attributes.get(str(name), ()) for name in names]) or ANYTHING
    takes_class = len(spec.args) > 1 or bool(spec.args and spec.args[0].arg == "cls")
    return [(instance.class_,), given] if takes_class else [given]


def _decorator_names(function: Function) -> set[str]:
    return {last_name(one.func if isinstance(one, ast.Call) else one) for one in getattr(function.node, "decorator_list", ())}


def _given(frame: Frame, field: Field, index: int, arguments: Arguments, node: ast.AST) -> Values | None:
    if index < len(arguments.positional):
        return arguments.positional[index]
    for name in field.names:
        if name in arguments.keywords:
            for value in arguments.keywords[name] if arguments.stands_for else ():
                if isinstance(value, Node) and above(value) in arguments.stands_for:
                    frame.machine.trace.see(frame.machine.trace.filled, value, frame.site(node))
            return arguments.keywords[name]
    found: list[Values] = []
    for section in arguments.spread:
        known = next((name for name in field.names if isinstance(section.data, dict) and name in section.data), None)
        if known is not None:
            child = section.child(known)
            if child.doubt != CHOICE:
                frame.machine.trace.see(frame.machine.trace.filled, child, frame.site(node))
            found.append(frame.machine.at(child))
    if found:
        return join(*found)
    return ANYTHING if arguments.rest else None


def _default(frame: Frame, field: Field, arguments: Arguments, deep: bool, node: ast.AST) -> Values:
    """The default of a field that is not given; told where the field is used."""
    machine = frame.machine
    sections = dict.fromkeys((*arguments.spread, *arguments.stands_for))
    values = frame.eval(field.default) if field.default is not None else None
    if values and all(isinstance(value, External) and value.name.endswith(".MISSING") for value in values):
        values = None
    site = frame.site(field.default if field.default is not None else field.annotation)
    tags: list[Value] = []
    for section in sections:
        place = section.child(field.names[0])
        machine.trace.lacked.setdefault((place.config, place.copy), set()).add(place.path)
        if values is not None and (inner := [value for value in values if isinstance(value, Instance)]):
            _fill_from_nothing(frame, inner, place, deep, node)
        elif values is None and machine.counts(place) and not arguments.open:
            machine.trace.asked[Asked(place.spot, site, MISSING)] = None
        elif values is not None and machine.counts(place):
            tags.append(Fallback(Asked(place.spot, site, literal(values))))
            machine.trace.offer(place, site, literal(values))
    return (*tags, *(ANYTHING if values is None else values))


def _fill_from_nothing(frame: Frame, instances: list[Instance], place: Node, deep: bool, node: ast.AST) -> None:
    """A section that is not there is an object whose fields all have their defaults."""
    for instance in instances:
        if has_fields(instance.class_) and not instance.stands_for:
            arguments = Arguments()
            arguments.spread = [place]
            fill(frame, instance, arguments, node, deep)


def _converted(frame: Frame, value: Value, field: Field, node: ast.AST) -> Values:
    """What a section becomes in a field that is annotated with a class of the code."""
    classes = list(annotated(frame, field.annotation))
    if not classes:
        return (value,)
    if isinstance(value, Node) and isinstance(value.data, list) and value.is_section:
        return (
            Items(frame.machine.branches, [join(*[made(frame, class_, child, node) for class_ in classes]) for child in value.children()]),
        )
    if isinstance(value, Node) and isinstance(value.data, dict) and "dict" in ast.unparse(field.annotation).lower():
        entries = {child.path[-1]: join(*[made(frame, class_, child, node) for class_ in classes]) for child in value.children()}
        return (Table(frame.machine.branches, dict(entries)),)
    if isinstance(value, (Node, Table)) and (isinstance(value, Table) or isinstance(value.data, dict)):
        return join(*[made(frame, class_, value, node) for class_ in classes])
    return (value,)


def made(frame: Frame, class_: Class, value: Value, node: ast.AST) -> Values:
    """The object that a model, or a loader of dataclasses, makes of a section."""
    machine = frame.machine
    key = (class_.node, node, value, tuple(machine.stack[-3:]))
    instance = machine.instances.get(key)
    if instance is None:
        instance = machine.instances[key] = Instance(class_, machine.branches)
    arguments = Arguments()
    if isinstance(value, Node):
        arguments.spread = [value]
        arguments.keywords = {str(name.value): values for name, values in machine.children(value) if values != (value.child(name.value),)}
    elif isinstance(value, Table):
        arguments.keywords = {str(name): values for name, values in value.entries.items()}
        arguments.stands_for = dict(value.stands_for)
        arguments.open = bool(value.rest)
    fill(frame, instance, arguments, node, deep=True)
    return (instance,)


def annotated(frame: Frame, annotation: ast.expr) -> Iterator[Class]:
    """The classes of the code with fields that an annotation names."""
    for node in ast.walk(annotation):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.isidentifier():
            values = frame.name(node.value) or ()
        elif isinstance(node, (ast.Name, ast.Attribute)):
            values = frame.eval(node)
        else:
            continue
        yield from (value for value in values if isinstance(value, Class) and has_fields(value))


def external_names(values: Values) -> list[str]:
    """The names of the classes among values that are not in the code."""
    return [value.name.rpartition(".")[2] for value in values if isinstance(value, External)]
