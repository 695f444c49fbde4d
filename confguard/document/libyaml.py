"""libyaml's parser as PyYAML binds it, with as little of PyYAML as that takes.

`import yaml` also loads a reader, a resolver, a constructor and more in pure Python, which hardly a check uses and which would take
a fifth of its time. The binding itself, `yaml._yaml`, wants only the errors, tokens, events and nodes of the package, and the names of
eight errors. So the package begins here as its folder alone, and becomes the whole of PyYAML when anyone asks it for more: to any
other code in the process it looks as it always does, and what the parser raises are PyYAML's own errors.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import suppress
from types import ModuleType, SimpleNamespace

from confguard.words.typing import Any

_NAMED = ("Reader", "Scanner", "Parser", "Composer", "Constructor", "Emitter", "Serializer", "Representer")
"""The errors that the binding asks the package for: `yaml.reader.ReaderError`, and so on."""


class _Folder(ModuleType):
    """The package before its own code has run."""

    def __getattr__(self, name: str) -> Any:
        assert self.__spec__ is not None
        assert self.__spec__.loader is not None
        # A module may be given another class (Python's data model, "Customizing module attribute access"); mypy knows that of no object.
        self.__class__ = ModuleType  # type: ignore[assignment]
        self.__spec__.loader.exec_module(self)
        return getattr(self, name)


def _put_folder() -> None:
    """Put the package `yaml` among the modules, found as any import finds it, but not run."""
    for finder in sys.meta_path:
        if (spec := finder.find_spec("yaml", None)) is not None:
            package = sys.modules["yaml"] = _Folder("yaml")
            package.__spec__, package.__loader__, package.__file__ = spec, spec.loader, spec.origin
            package.__path__, package.__package__ = spec.submodule_search_locations or [], "yaml"
            return


def _bind(package: ModuleType) -> None:
    """Load the binding and what it wants; of the eight errors it gets what makes them when they are raised."""
    for part in ("error", "tokens", "events", "nodes"):
        __import__(f"yaml.{part}")
    for name in _NAMED:
        setattr(package, name.lower(), SimpleNamespace(**{f"{name}Error": _when_raised(f"yaml.{name.lower()}", f"{name}Error")}))
    try:
        __import__("yaml._yaml")
    finally:
        for name in _NAMED:
            delattr(package, name.lower())


def _when_raised(module: str, error: str) -> Callable[..., Exception]:
    def made(*told: Any) -> Exception:
        found: Exception = getattr(__import__(module, fromlist=[error]), error)(*told)
        return found

    return made


if "yaml" not in sys.modules:
    _put_folder()
    with suppress(ImportError):  # where PyYAML was built without libyaml
        _bind(sys.modules["yaml"])

import yaml  # noqa: E402
import yaml.error  # noqa: E402
import yaml.events  # noqa: E402
import yaml.nodes  # noqa: E402

error, events, nodes = yaml.error, yaml.events, yaml.nodes
PARSER: Any = yaml._yaml.CParser if hasattr(yaml, "_yaml") else yaml.SafeLoader
"""Makes of a text what gives its events, one by one: `PARSER(text).get_event()`."""
