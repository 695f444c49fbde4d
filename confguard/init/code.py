"""`code`: the Python that loads the configs, where following it shows which that is."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import cache

from confguard.audit.audit import Audit, audit, config_of
from confguard.audit.modules import Module, Modules
from confguard.audit.places import Site
from confguard.audit.verdict import DEAD, PHANTOM
from confguard.document.fit import Fitted
from confguard.init.home import Home
from confguard.init.proposal import Entry, Found, told
from confguard.words.catalogue import Catalogue
from confguard.words.typing import NamedTuple

_TESTS = re.compile(r"(?:^|/)(?:tests?|testing|docs?|conftest\.py|setup\.py|noxfile\.py|test_[^/]*\.py|[^/]*_test\.py)(?:/|$)")
"""Python that loads configs to try them out; a run does not go through it."""
_MOST_FILES, _MOST_BYTES = 500, 1024 * 1024
"""More than that is not followed unasked: it would take minutes."""
_MOST_CONFIGS = 16
_MOST_SCRIPTS, _ENOUGH_AT_ODDS = 12, 3
"""Scripts that are followed one by one, and those that need be found to be at odds: the others would only make the list longer."""


class Followed(NamedTuple):
    """The code that was followed, and what it came to."""

    code: tuple[str, ...]
    """Files and folders, below the root."""
    audit: Audit
    at_odds: tuple[Site, ...]
    """Where several scripts load whatever config each is started with."""


def follow(home: Home, catalogue: Catalogue, first: Iterable[Fitted]) -> Followed | str:
    """The code that loads the configs, followed with as many of them as tell all; or why none was found. `first` are to be among them."""
    chosen = _chosen(home, first)
    if home.project.code:
        return Followed(home.project.code, _audit(home.project.code, chosen, home, catalogue), ())
    python = [path for file in home.files if file.endswith(".py") and not _TESTS.search(path := home.inside(file)) and os.path.isfile(file)]
    if not python:
        return "there is no Python here that could load the configs"
    size = sum(os.path.getsize(os.path.join(home.root, path)) for path in python)
    if len(python) > _MOST_FILES or size > _MOST_BYTES:
        told_size = f"{len(python):,} Python files of {size // 1024:,} KiB"
        return f"{told_size} are more than is followed unasked; name the folder that loads the configs"
    every = _tops(python)
    found = _audit(every, chosen, home, catalogue)
    if not found.opened:
        return "no Python here was seen to load one of the configs"
    at_odds = tuple(_at_odds(every, chosen, home, catalogue)) if _of_any(found) else ()
    opening = {os.path.realpath(site.file) for site in (*found.opened.values(), *at_odds)}
    code = _tops(sorted(_through(opening, every, home)))
    return Followed(code, found if set(code) == set(every) else _audit(code, chosen, home, catalogue), at_odds)


def code_of(home: Home, followed: Followed | str) -> Found:
    """The line `code`; a comment where a check would say things of the configs that are not so."""
    if isinstance(followed, str):
        return Found(notes=(f"code: {followed}",))
    if home.project.code:
        return Found()
    doubt = _doubt(followed, home)
    names = _names_said(followed, home)
    why = [_loads(path, followed, names, home) or "imports what loads them, or is imported by it" for path in followed.code]
    why[0] += doubt
    return Found(tuple(Entry("code", "", path, reason, is_sure=not doubt) for path, reason in zip(followed.code, why, strict=True)))


def _chosen(home: Home, first: Iterable[Fitted]) -> list[Fitted]:
    """The configs that are followed: the first ones, then one of each kind in each folder; a run makes the same of the others."""
    by_place = {(os.path.dirname(file.document.path), file.kind): file for file in reversed(home.configs)}
    every = {file.document.path: file for file in (*by_place.values(), *first)}
    more = [file for file in home.configs if file.document.path not in every] if len(every) < _MOST_CONFIGS else []
    return [*every.values(), *more][:_MOST_CONFIGS]


def _audit(code: Iterable[str], files: Sequence[Fitted], home: Home, catalogue: Catalogue) -> Audit:
    configs = [config_of(file.document.path, file.document.encoded(file.document.text)) for file in files]
    return audit(configs, [os.path.normpath(os.path.join(home.root, path)) for path in code], (), cache(catalogue.parameter))


def _tops(paths: Iterable[str]) -> tuple[str, ...]:
    """The files and folders of the root that hold some files: what a run goes through is not told apart any finer."""
    return tuple(dict.fromkeys(path.partition("/")[0] for path in paths))


def _through(opening: set[str], code: Sequence[str], home: Home) -> Iterator[str]:
    """The modules that load a config, those that import them, and whatever they import, below the root."""
    modules = Modules(os.path.join(home.root, path) for path in code)
    loading: set[Module] = {module for module in modules.all if module.real in opening}
    for module in modules.with_imported(modules.with_importers(loading)):
        path = home.inside(module.path)
        if not _TESTS.search(path):
            yield path


# --- what stands in the way ---


def _of_any(found: Audit) -> Site | None:
    """A line that loads more than one of the configs: which one, only the command line says."""
    counts = Counter(site for config, site in found.opened.items() if config.is_asked)
    return next((site for site, count in counts.most_common(1) if count > 1), None)


def _at_odds(code: Sequence[str], files: Sequence[Fitted], home: Home, catalogue: Catalogue) -> Iterator[Site]:
    """Where scripts load any config, if more than one script does: what one does with a config that is the other's says nothing."""
    modules = Modules(os.path.normpath(os.path.join(home.root, path)) for path in code)
    starts = [module for module in modules.roots_of_runs() if modules.with_importers({module}) == {module}]
    starts = [module for module in starts if not _TESTS.search(home.inside(module.path))]
    two = [files[0], next((file for file in files if file.kind != files[0].kind), files[-1])]  # who loads these two loads any
    sites = list[Site]()
    for start in starts[:_MOST_SCRIPTS]:
        if len(sites) == _ENOUGH_AT_ODDS:
            break
        site = _of_any(_audit([home.inside(module.path) for module in modules.with_imported({start})], two, home, catalogue))
        if site is not None and site not in sites:
            sites.append(site)
    if len(sites) > 1:
        yield from sites


def _unopened(followed: Followed) -> Iterator[str]:
    """The configs of which a check would say that no code opens them."""
    for config in followed.audit.configs:
        own = [verdict for verdict in followed.audit.verdicts if verdict.config is config]
        if config not in followed.audit.opened and own and all(verdict.kind == PHANTOM for verdict in own):
            yield config.path


def _hardly_read(followed: Followed) -> Iterator[str]:
    """The configs of which the code does something with less than half of the keys: it plots them, say, and another program trains."""
    for config in followed.audit.opened:
        kinds = [verdict.kind for verdict in followed.audit.verdicts if verdict.config is config]
        if config.is_asked and 2 * sum(kind in (PHANTOM, DEAD) for kind in kinds) > len(kinds):
            yield config.path


def _doubt(followed: Followed, home: Home) -> str:
    """Why the code is not to be written down unasked; empty where nothing speaks against it."""
    if followed.at_odds:
        lines = told([f"{home.inside(site.file)}:{site.line}" for site in followed.at_odds])
        return (
            f"; not proposed, since {lines} each load the config that they are started with: a check would hold each config to all of them"
        )
    if missing := told([home.inside(path) for path in _unopened(followed)]):
        return f"; not proposed, since a check would then say that no code opens {missing}"
    if hardly := told([home.inside(path) for path in _hardly_read(followed)]):
        return f"; not proposed, since it does nothing with most keys of {hardly}: another program may train with them"
    return ""


def _names_said(followed: Followed, home: Home) -> set[str]:
    """The names of configs that stand in the code, or in a config: those are loaded for certain."""
    modules = Modules(os.path.join(home.root, path) for path in followed.code)
    texts = [*(module.text for module in modules.all), *(file.document.text for file in home.configs)]
    names = {os.path.basename(file.document.path) for file in home.configs}
    return {name for name in names if any(name in text for text in texts)}


def _loads(path: str, followed: Followed, names: set[str], home: Home) -> str:
    """Which lines of a file or folder load a config, and which one that can be."""
    by_site: dict[Site, list[str]] = {}
    for config, site in followed.audit.opened.items():
        if config.is_asked and _tops([home.inside(site.file)]) == (path,):
            by_site.setdefault(site, []).append(home.inside(config.path))
    return told([f"{home.inside(site.file)}:{site.line} loads {_which(configs, names)}" for site, configs in by_site.items()])


def _which(configs: list[str], names: set[str]) -> str:
    if len(configs) > 1:
        return "a config, which can be one of several"
    return configs[0] if os.path.basename(configs[0]) in names else f"a config, which can be {configs[0]}"
