"""What is known of what the code calls and does not have itself: one row a function, with its names.

What has no row, such as `os.environ.get`, may read all that it is given: `library/unlisted.py`, and `methods/unlisted.py` for methods.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any, TypeVar

from confguard.audit.attributes import DUMPS
from confguard.audit.library import command_line, forms, inspection, items, loads, paths, shows
from confguard.audit.machine import Arguments, Frame
from confguard.audit.methods import common, files, lists, mappings, objects, parsers, texts, unlisted
from confguard.audit.values import Const, Dumped, File, Instance, Items, Node, Parser, Table, Text, Value, Values

Row = TypeVar("Row")


def _named(row: Row, *names: str) -> dict[str, Row]:
    """A row under each of its names, which have blanks between them."""
    return {name: row for some in names for name in some.split()}


Call = Callable[[Frame, Arguments, ast.AST], Values]
"""What a call gives, and what it does with what it is given."""

CALLS: dict[str, Call] = {
    # configs that are read
    **_named(
        loads.load,
        "yaml.safe_load yaml.load yaml.full_load yaml.unsafe_load yaml.round_trip_load oyaml.load oyaml.safe_load ruamel_yaml.load",
        "YAML().load yaml.YAML().load round_trip_load toml.load tomli.load tomllib.load tomllib.loads hjson.load json5.load pyjson5.load",
        "anyconfig.load srsly.read_yaml yamlargparse.load munch.fromYAML Box.from_yaml",
    ),
    **_named(loads.load_json, "json.load json.loads orjson.loads ujson.load"),
    **_named(loads.load_omega, "OmegaConf.load mmcv.Config.fromfile Config.fromfile"),
    **_named(loads.load_all, "yaml.safe_load_all yaml.load_all yaml.full_load_all YAML().load_all"),
    **_named(loads.compose, "hydra.compose compose"),
    **_named(loads.hydra_folder, "hydra.initialize hydra.initialize_config_dir initialize initialize_config_dir"),
    **_named(loads.open_, "open io.open codecs.open gzip.open fsspec.open gfile.GFile gfile.Open"),
    # the same config in another form
    **_named(
        forms.same,
        "OmegaConf.create OmegaConf.to_container OmegaConf.to_object OmegaConf.resolve EasyDict easydict.EasyDict edict",
        "Munch munch.Munch munch.munchify munchify munch.Munch.fromDict Munch.fromDict Box box.Box DotMap dotmap.DotMap addict.Dict",
        "AttrDict attrdict.AttrDict ConfigDict ml_collections.ConfigDict config_dict.ConfigDict DotDict CfgNode config.CfgNode CN",
        "MappingProxyType types.MappingProxyType contextlib.nullcontext to_absolute_path hydra.utils.to_absolute_path",
    ),
    **_named(forms.namespace, "SimpleNamespace types.SimpleNamespace Namespace argparse.Namespace"),
    **_named(forms.copy, "copy.copy copy.deepcopy deepcopy"),
    **_named(forms.dict_, "dict OrderedDict collections.OrderedDict"),
    **_named(forms.defaultdict, "defaultdict collections.defaultdict"),
    **_named(forms.merge, "OmegaConf.merge OmegaConf.unsafe_merge"),
    **_named(forms.structured, "OmegaConf.structured"),
    **_named(forms.select, "OmegaConf.select"),
    **_named(forms.from_dict, "model.make dacite.from_dict from_dict cattrs.structure cattr.structure converter.structure"),
    **_named(forms.asdict, "dataclasses.asdict asdict attr.asdict attrs.asdict"),
    **_named(forms.vars_, "vars"),
    **_named(forms.convert, "int float bool complex abs round Decimal decimal.Decimal"),
    **_named(forms.as_text, "str repr"),
    # items
    **_named(items.listed, "list tuple set frozenset sorted reversed iter collections.deque"),
    **_named(items.enumerated, "enumerate"),
    **_named(items.zip_, "zip itertools.zip_longest"),
    **_named(items.picked, "random.choice rng.choice np.random.choice numpy.random.choice"),
    **_named(items.sampled, "random.choices random.sample"),
    **_named(items.map_, "map"),
    **_named(items.filter_, "filter"),
    **_named(items.reduce, "functools.reduce reduce"),
    **_named(items.next_, "next"),
    **_named(items.partial, "functools.partial partial"),
    **_named(items.getter, "operator.itemgetter operator.attrgetter"),
    **_named(items.got, "operator.itemgetter()"),
    **_named(items.used, "random.shuffle"),
    **_named(items.wrapped, "torch.compile"),
    # objects, classes, modules, scopes
    **_named(inspection.getattr_, "getattr"),
    **_named(inspection.setattr_, "setattr object.__setattr__"),
    **_named(inspection.asked, "isinstance hasattr callable"),
    **_named(inspection.type_, "type"),
    **_named(inspection.globals_, "globals"),
    **_named(inspection.locals_, "locals"),
    **_named(inspection.fields, "dataclasses.fields attr.fields attrs.fields"),
    **_named(inspection.hints, "typing.get_type_hints"),
    **_named(inspection.signature, "inspect.signature"),
    **_named(inspection.import_module, "importlib.import_module __import__ import_module"),
    **_named(inspection.evaluated, "eval exec"),
    # paths
    **_named(paths.path, "Path pathlib.Path PurePath pathlib.PurePath os.path.join path.join osp.join"),
    **_named(paths.folder, "os.path.dirname path.dirname"),
    **_named(
        paths.text_kept,
        "os.path.expandvars os.path.expanduser os.path.abspath os.path.realpath os.fspath string.Template Template re.sub textwrap.dedent",
        "io.StringIO",
    ),
    **_named(paths.globbed, "glob.glob glob.iglob"),
    # what is shown, logged, saved
    **_named(
        shows.shown,
        "wandb.log logger.log logging.log wandb.summary.update wandb.config.update wandb.save ?.log mlflow.log_params mlflow.log_dict",
    ),
    **_named(shows.saved, "hash().update"),
    **_named(shows.wandb_init, "wandb.init"),
    **_named(shows.restored, "torch.load pickle.load dill.load cloudpickle.load joblib.load"),
    # the command line
    **_named(command_line.argument_parser, "argparse.ArgumentParser ArgumentParser configargparse.ArgumentParser configargparse.ArgParser"),
    **_named(command_line.data_parser, "transformers.HfArgumentParser trl.TrlParser TrlParser HfArgumentParser H4ArgumentParser"),
    **{
        f"dataclass parser.{name}": command_line.parsed_file
        for name in ("parse", "parse_args_and_config", "parse_args_into_dataclasses", "parse_yaml_file", "parse_json_file")
    },
    "dataclass parser.parse_dict": command_line.parsed_mapping,
}
"""Calls of what is not in the code, by the name that it is reached by, or by the last two parts of it."""

LAST: dict[str, Call] = {
    **_named(items.wrapped, "DataParallel DistributedDataParallel FullyShardedDataParallel"),
    **_named(items.prepared, "prepare"),
    **_named(items.queue, "Queue SimpleQueue JoinableQueue LifoQueue PriorityQueue"),
    **_named(items.used, "len"),
    **_named(items.reduced, "min max sum any all"),
    **_named(
        shows.shown,
        "print pprint pp debug info warning warn error critical exception fatal echo secho rule log_params log_hyperparams log_param",
        "add_text add_hparams log_metrics log_metric add_scalar add_scalars hparams init_trackers print_config print_once rank_zero_info",
        "log_table",
    ),
    **_named(shows.saved, "dump dumps safe_dump dump_all save to_yaml pformat write_text model_dump_json savez"),
    **_named(shows.hashed, "md5 sha1 sha224 sha256 sha512 blake2b hash crc32 xxh64"),
    **_named(shows.hyperparameters, "save_hyperparameters"),
}
"""Those that are known by the last part of their names."""

MethodCall = Callable[[Frame, Any, Arguments, ast.AST], Values]
"""The same for a method; it gets what it is asked of, too."""

_OF_MAPPINGS: dict[str, MethodCall] = {
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
METHODS: dict[type[Value], dict[str, MethodCall]] = {
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
    **_named(texts.changed, "replace removeprefix removesuffix title startswith endswith isupper islower isidentifier"),
    **_named(texts.changed_or_itself, "strip lstrip rstrip lower upper casefold"),
    **_named(texts.itself, "resolve absolute expanduser as_posix __str__ encode decode"),
    **_named(texts.below, "joinpath"),
    **_named(texts.named, "with_name"),
    **_named(texts.ending, "with_suffix"),
    **_named(texts.opened, "open read_text read_bytes read"),
    **_named(texts.globbed, "glob rglob iterdir"),
}
"""Methods of a text that is known, after it was read: what they give."""

UNLISTED_METHODS: dict[type[Value], MethodCall] = {
    File: unlisted.of_file,
    Instance: unlisted.of_object,
    Parser: unlisted.of_parser,
}
"""What becomes of a method that has no row, where that is not the same as for all."""
