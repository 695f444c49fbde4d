"""What lies in a container, and which of it are keys of a section."""

from __future__ import annotations

from confguard.audit.values import Class, Dumped, Instance, Items, Node, Table, Value


def contents(value: Value) -> list[Value]:
    """What is in a container, or in an object that only carries data."""
    if isinstance(value, Table):
        whole = set(value.stands_for)
        held = [item for values in value.entries.values() for item in values]
        return [item for item in held if not (isinstance(item, Node) and above(item) in whole)] + list(value.rest)
    if isinstance(value, Items):
        return list(value.any_item())
    if isinstance(value, Dumped):
        return list(value.of)
    if isinstance(value, Instance) and (value.stands_for or carries_data(value.class_)):
        return [item for values in value.attributes.values() for item in values]
    return []


def keys_of(table: Table) -> list[Node]:
    """What is in a table of the sections that were merged into it."""
    held = [value for values in table.entries.values() for value in values]
    return [value for value in held if isinstance(value, Node) and above(value) in table.stands_for]


def above(node: Node) -> Node:
    """The section that holds a place."""
    return Node(node.config, node.path[:-1], node.copy, node.doubt)


def carries_data(class_: Class) -> bool:
    """Whether a class is a dataclass or a model, whose fields others read."""
    names = [decorator for one in class_.lineage() for decorator in one.decorators] + class_.foreign()
    return any(name.rpartition(".")[2] in DATA_CLASSES for name in names)


DATA_CLASSES = {"dataclass", "BaseModel", "define", "frozen", "attrs", "attrib", "s", "NamedTuple", "BaseSettings", "Struct", "TypedDict"}
