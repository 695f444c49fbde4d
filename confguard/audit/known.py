"""What is known of what the code calls: one row a function, with its names. What has no row may read all that it is given."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any, TypeVar

from confguard.audit.attributes import DUMPS
from confguard.audit.machine import Arguments, Frame
from confguard.audit.methods import common, files, lists, mappings, objects, parsers, texts, unlisted
from confguard.audit.values import Const, Dumped, File, Instance, Items, Node, Parser, Table, Text, Value, Values

Row = TypeVar("Row")


def _named(row: Row, *names: str) -> dict[str, Row]:
    """A row under each of its names, which have blanks between them."""
    return {name: row for some in names for name in some.split()}


MethodRow = Callable[[Frame, Any, Arguments, ast.AST], Values]
_OF_MAPPINGS: dict[str, MethodRow] = {
    **_named(mappings.get, "get"),
    **_named(mappings.pop, "pop"),
    **_named(mappings.getitem, "__getitem__"),
    **_named(mappings.setitem, "__setitem__"),
    **_named(mappings.setdefault, "setdefault"),
    **_named(mappings.items, "items"),
    **_named(mappings.values, "values"),
    **_named(mappings.keys, "keys __iter__"),
    **_named(mappings.update, "update merge_from_dict"),
    **_named(mappings.merge_from_file, "merge_from_file"),
    **_named(common.copy, "copy clone"),
    **_named(common.itself, "to_dict toDict as_dict dict model_dump"),
    **_named(common.reading, "clear freeze defrost __contains__ __len__ popitem merge_from_list"),
}
METHODS: dict[type[Value], dict[str, MethodRow]] = {
    Node: _OF_MAPPINGS,
    Table: _OF_MAPPINGS,
    Items: {
        **_named(lists.append, "append add appendleft put put_nowait"),
        **_named(lists.extend, "insert extend update"),
        **_named(lists.take, "pop popleft get get_nowait"),
        **_named(common.copy, "copy"),
        **_named(common.itself, "items union intersection difference"),
        **_named(common.reading, "sort reverse index count remove clear task_done join qsize empty"),
    },
    File: {
        **_named(common.itself, "read open read_text read_bytes readlines __enter__"),
        **_named(common.itself_reading, "substitute safe_substitute replace format render strip decode resolve absolute"),
        **_named(files.written, "write writelines write_text write_bytes"),
    },
    Text: {
        **_named(files.opened, "open read_text read_bytes"),
        **_named(files.written, "write_text write_bytes"),
        **_named(common.itself, "resolve absolute expanduser as_posix strip"),
    },
    Dumped: _named(common.itself, "encode decode strip replace"),
    Instance: _named(objects.fields, *DUMPS),
    Parser: {
        **_named(parsers.add, "add_argument add"),
        **_named(parsers.set_defaults, "set_defaults"),
        **_named(parsers.parse, "parse_args parse_intermixed_args"),
        **_named(parsers.parse_known, "parse_known_args"),
        **_named(common.itself, "add_argument_group add_mutually_exclusive_group add_subparsers add_parser"),
    },
}
"""Methods by what they are asked of; the names of a mapping's stand in `keys.MAPPING_METHODS` too."""

TEXTS: dict[str, Callable[[Const, str, Arguments], Values]] = {
    **_named(texts.split, "split rsplit"),
    **_named(texts.parted, "partition rpartition"),
    **_named(texts.joined, "join"),
    **_named(texts.filled, "format"),
    **_named(texts.worked_out, "replace removeprefix removesuffix title"),
    **_named(texts.worked_out_or_itself, "strip lstrip rstrip lower upper casefold"),
    **_named(texts.asked, "startswith endswith isupper islower isidentifier"),
    **_named(texts.itself, "resolve absolute expanduser as_posix __str__ encode decode"),
    **_named(texts.below, "joinpath"),
    **_named(texts.named, "with_name"),
    **_named(texts.ending, "with_suffix"),
    **_named(texts.opened, "open read_text read_bytes read"),
    **_named(texts.globbed, "glob rglob iterdir"),
}
"""Methods of a text that is known, after it was read: what they give."""

UNLISTED: dict[type[Value], MethodRow] = {
    File: unlisted.of_file,
    Instance: unlisted.of_object,
    Parser: unlisted.of_parser,
}
"""What becomes of a method that has no row, where that is not the same as for all."""
