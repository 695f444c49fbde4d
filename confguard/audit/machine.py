"""The state of following the code: what is in force while one statement after the other is looked at."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import cached_property
from typing import Any

from confguard.audit import signatures
from confguard.audit.asked import MISSING, Asked
from confguard.audit.config import Config
from confguard.audit.contents import contents, keys_of
from confguard.audit.literals import is_empty_table, literal
from confguard.audit.memory import Copies, Functions, Libraries
from confguard.audit.mode import Mode
from confguard.audit.modules import Module, Modules
from confguard.audit.naming import Configs
from confguard.audit.places import ABSENT, Path, Site
from confguard.audit.trace import Trace
from confguard.audit.values import (
    ANYTHING,
    CHOICE,
    LIBRARY,
    Bound,
    Branches,
    Class,
    Const,
    Dumped,
    Fallback,
    Function,
    Held,
    Instance,
    Items,
    Node,
    Scope,
    Table,
    Value,
    Values,
    join,
)

BY_CHOICE = "asked for by a key that is not known"
MOST_STEPS = 500_000
"""Expressions and values that one pass looks at before it gives up; a large trainer takes a tenth."""
MOST_RUNS = 500
"""How often one function is followed, each time for other arguments."""


class Arguments:
    """The arguments of a call. `spread` are sections that are given with `**`; `rest` are those of a `*` of unknown length."""

    __slots__ = ("keywords", "listed", "open", "positional", "rest", "spread", "stands_for")

    def __init__(self, positional: list[Values] | None = None, keywords: dict[str, Values] | None = None) -> None:
        self.positional = positional or []
        self.keywords = keywords or {}
        self.rest: Values = ()
        self.spread: list[Node] = []
        self.stands_for: dict[Node, None] = {}
        """The sections of which keywords are keys."""
        self.listed: set[str] = set()
        """The keywords that `**` gave."""
        self.open = False
        """Whether there may be keywords that are not known."""

    def get(self, index: int, name: str = "") -> Values:
        """An argument by position or by name; nothing where it was not given."""
        if index < len(self.positional):
            return self.positional[index]
        return self.keywords.get(name, ())

    def each(self) -> Iterator[tuple[str, Values]]:
        """All of them by the name of the parameter, empty for positional ones."""
        yield from (("", values) for values in self.positional)
        yield from self.keywords.items()
        if self.rest:
            yield "", self.rest

    def before(self, *positional: Values) -> Arguments:
        """The same with more in front."""
        more = Arguments([*positional, *self.positional], self.keywords)
        more.rest, more.spread, more.open, more.stands_for = self.rest, self.spread, self.open, self.stands_for
        more.listed = self.listed
        return more


class Machine:
    """One pass over the code. The second one knows which attributes hold configs, and which config each load means."""

    def __init__(self, modules: Modules, configs: Configs, before: Machine | None = None) -> None:
        self.modules = modules
        self.configs = configs
        self.trace = Trace()
        self.functions = Functions()
        self.copies: Copies = Copies(before.copies if before else None)
        self.libraries = Libraries()
        self.steps = 0
        self.branches: Branches = ()
        self.neutral: set[int] = set()
        """Those that are open because it is not known who calls, which does not make what is written to a config within doubtful."""
        self.branch_count = 0
        self.mode = Mode()
        self.stack: list[Site] = []
        self.epoch = 0
        """Counts the changes of what is held, so that a call whose arguments are the same can be skipped where nothing changed."""
        self.instances: dict[Any, Instance] = {}
        self.overlay: dict[tuple[Config, Path, int], tuple[Values, bool]] = {}
        self.fields: dict[str, Values] = before.stored if before else {}
        self.stored: dict[str, Values] = {}
        self.fruitful: set[Module] = set()
        """The modules of which something was seen of a config in the run that began there; the second pass leaves the others out."""
        self.root: Module | None = None
        """The module that the run began in."""
        self.named_loads: set[tuple[Config, Module | None]] = set()
        """The configs that some load names, each with the module that the run began in."""
        self.before = before
        self.gave_up = False
        """Whether this pass came to no end; nothing more is followed then."""
        self.built_on_less = before is not None and before.is_incomplete()
        """Whether the pass before it came to no end, so that what this one knows from it is not all."""
        self.scopes: dict[Module, Scope] = {}
        self.executed: dict[Module, None] = {}
        """The modules whose statements were followed, in that order: a set would be gone through by where they lie in memory."""
        self.only_shows: Callable[[str], bool] = _shows_nothing
        self.assign: Callable[[Frame, ast.expr, Values], None] = _no_assignment
        self.execute: Callable[[Module], None] = _no_module
        self.expressions: dict[type[ast.AST], Callable[[Frame, Any], Values]] = {}
        self.statements: dict[type[ast.AST], Callable[[Frame, Any], bool]] = {}
        self.call: Callable[[Frame, Value, Arguments, ast.AST], Values] = _no_call

    # --- what becomes of values ---

    def use(self, values: Values, site: Site, into: str = "") -> None:
        """Something is done with values: what is no section is read."""
        for value in values:
            if isinstance(value, Node) and value.data is not ABSENT and not value.is_section:
                if value.doubt == CHOICE:
                    self.unclear(value, site, BY_CHOICE)
                elif self.mode.unreached:
                    if not value.doubt:
                        self.trace.see(self.trace.logged, value, site, "in code that nothing calls")
                else:
                    self.trace.see(self.trace.logged if self.mode.logging else self.trace.used, value, site, into)

    def use_all(self, values: Values, site: Site, into: str = "") -> None:
        """Something is done with values and with what is in them."""
        for value in self.inner(values):
            if isinstance(value, Table):
                self.steps += len(value.entries)
                for child in keys_of(value):
                    self.pass_on(child, site, into)
            elif isinstance(value, Node) and value.is_section:
                self.pass_on(value, site, into)
            else:
                self.use((value,), site, into)

    def pass_on(self, node: Node, site: Site, to: str) -> None:
        """A section goes whole to something that is not in the code."""
        written = [
            path
            for config, path, copy in self.overlay
            if config is node.config and copy == node.copy and path[: len(node.path)] == node.path
        ]
        if written and node.data == {} and not self.mode.logging:
            self.trace.see(self.trace.passed, node, site, to)
        if written and (node.is_section or node.data == {}):
            for _, values in self.children(node):
                self.use_all(tuple(value for value in values if not isinstance(value, Node)), site, to)
                for child in (value for value in values if isinstance(value, Node)):
                    self.pass_on(child, site, to)
        elif not self.mode.logging and not self.mode.unreached and node.doubt != LIBRARY:
            self.trace.see(self.trace.unclear if node.doubt == CHOICE else self.trace.passed, node, site, to)

    def unclear(self, node: Node, site: Site, why: str) -> None:
        """It cannot be known what is asked of a section."""
        if node.data is not ABSENT:
            self.trace.see(self.trace.unclear, node, site, why)

    def is_followed(self, values: Values, depth: int = 0) -> bool:
        """Whether anything of a config is in values, or will be found through them."""
        for value in values:
            if isinstance(value, (Node, Dumped)):
                return True
            if isinstance(value, Held) and depth < 4 and self._holds_followed(value, depth):
                return True
            if isinstance(value, Bound) and depth < 4 and any(self.is_followed(given, depth + 1) for given in value.args):
                return True
        return False

    def _holds_followed(self, held: Held, depth: int) -> bool:
        if held.seen_at < 0:
            return True
        if held.seen_at == self.epoch and depth:
            return False
        held.seen_at = self.epoch
        if isinstance(held, Instance):
            groups = [*held.attributes.values()]
        else:
            groups = (
                [*held.entries.values(), held.rest] if isinstance(held, Table) else [held.any_item()] if isinstance(held, Items) else []
            )
        if any(self.is_followed(values, depth + 1) for values in groups):
            held.seen_at = -1  # once it holds some, it is taken to do so
            return True
        return False

    def inner(self, values: Values) -> Iterator[Value]:
        """Values, and the values in containers and in objects that only carry data."""
        seen: set[int] = set()
        waiting = list(values)
        while waiting:
            value = waiting.pop()
            self.steps += 1
            yield value
            if isinstance(value, (Table, Items, Instance, Dumped)) and id(value) not in seen:
                seen.add(id(value))
                waiting += contents(value)

    @cached_property
    def met(self) -> set[Config]:
        """The configs of which anything was seen."""
        return {config for config, _ in self.trace.met}

    def fit(self, place: tuple[Site, ...], config: Config) -> tuple[int, int]:
        """How many keys of a config were met after a load, and how many were asked for in vain."""
        copies = [number for number, origin in self.copies.origins.items() if origin == place]
        met = {path for number in copies for path in self.trace.met.get((config, number), ())}
        lacked = {path for number in copies for path in self.trace.lacked.get((config, number), ())}
        return len(met), len(lacked)

    def is_incomplete(self) -> bool:
        """Whether something may have been missed, so that nothing can be called unread."""
        return self.gave_up or self.built_on_less

    def scope_of(self, module: Module) -> Scope:
        """The names of a module."""
        return self.scopes.setdefault(module, Scope())

    def see_named(self, node: Node, site: Site) -> None:
        """A place is obtained by its name; in code that nothing calls, only where that is certain."""
        if not (self.mode.unreached and node.doubt):
            self.trace.see(self.trace.named, node, site)

    # --- places in configs ---

    def at(self, node: Node) -> Values:
        """What stands at a place that is there: what the code wrote over it, or itself."""
        written = self.overlay.get((node.config, node.path, node.copy))
        if written is None:
            return (node,)
        return written[0] if written[1] else join(written[0], (node,))

    def children(self, node: Node) -> list[tuple[Const, Values]]:
        """The keys of a section, with what stands under each; those that the code added too."""
        found = [(Const(child.path[-1], node), self.at(child)) for child in node.children()]
        self.steps += len(found)
        length = len(node.path)
        for (config, path, copy), (values, _) in list(self.overlay.items()):
            below = config is node.config and copy == node.copy and len(path) == length + 1 and path[:length] == node.path
            if below and config.at(path) is ABSENT:
                found.append((Const(path[-1]), values))
        return found

    def absent(self, node: Node, default: Values | None, site: Site) -> Values:
        """What the code gets for a key that is not there; `default` is None where it has none, and would raise."""
        written = self.overlay.get((node.config, node.path, node.copy))
        if written is not None:
            return written[0]
        over = self._laid_over(node)
        if over is not None:
            return self.absent(over, default, site)
        self.trace.count += 1
        if not node.doubt:
            self.trace.lacked.setdefault((node.config, node.copy), set()).add(node.path)
        asked = Asked(node.spot, site, MISSING if default is None else literal(default))
        asked.is_section = default is not None and is_empty_table(default)
        if self.counts(node) and not (default is None and self.mode.several):
            self.trace.asked[asked] = None
        if default is None:
            return ANYTHING
        if asked.is_section:
            return (node,)
        return (Fallback(asked), *default)

    def _laid_over(self, node: Node) -> Node | None:
        """The place in the config that was laid, key by key, over the one that a place is in: the last one, from the top."""
        for length in range(len(node.path)):
            over: list[dict[Node, None]] = [
                sections for (path, _), sections in self.copies.laid.get(node.config, {}).items() if path == node.path[:length]
            ]
            if over:
                section = list(max(over, key=lambda sections: len(list(sections))))[-1]
                below = Node(section.config, (*section.path, *node.path[length:]))
                return below if section.config is not node.config else None
        return None

    def counts(self, node: Node) -> bool:
        """Whether it is to be told that a place is not there."""
        if node.doubt or not self.mode.tells_what_is_lacking(node.config, node.path):
            return False
        return not str(node.path[-1]).startswith("_")

    def write(self, node: Node, values: Values, site: Site) -> None:
        """The code writes over a place in a config."""
        if self.mode.impossible or values == (node,):
            return
        spot = (node.config, node.path, node.copy)
        born = self.copies.births.get(node.copy, ())
        surely = all(one in born or one in self.neutral for one in self.branches)
        old = self.overlay.get(spot)
        self.overlay[spot] = (values, True) if surely else (join(old[0] if old else (), values), bool(old and old[1]))
        self.epoch += 1
        if surely and node.data is not ABSENT:
            other = next((one.config.path for one in values if isinstance(one, Node) and one.config is not node.config), "")
            self.trace.see(self.trace.overwritten, node, site, other)

    # --- what can change ---

    def surely(self, held: Held) -> bool:
        """Whether what happens now happens whenever a thing is made: no branch is open that was not open then."""
        return all(one in held.born for one in self.branches)

    def store(self, held: Held, place: dict[Any, Values], key: Any, values: Values) -> None:
        """Put values into something that is held: over the old ones where that surely happens, else beside them."""
        if self.mode.impossible:
            return
        old = place.get(key, ())
        new = values if self.surely(held) else join(old, values)
        if new != old:
            place[key] = new
            self.epoch += 1

    def remember(self, name: str, values: Values) -> None:
        """An attribute of this name holds these values somewhere."""
        kept = tuple(value for value in values if isinstance(value, Node))
        if kept:
            self.stored[name] = join(self.stored.get(name, ()), kept)

    @contextmanager
    def branch(self, doubtful: bool = True) -> Iterator[None]:
        """Within it, it is not known whether what is looked at runs."""
        before = self.branches
        if doubtful:
            self.branch_count += 1
            self.branches = (*before, self.branch_count)
        try:
            yield
        finally:
            self.branches = before

    @contextmanager
    def under(self, **changes: Any) -> Iterator[None]:
        """Within it, the mode is another one in some points; after it, the one that it was."""
        before = self.mode
        self.mode = before._replace(**changes)
        try:
            yield
        finally:
            self.mode = before

    def log(self) -> AbstractContextManager[None]:
        """Within it, what is done with values only shows them."""
        return self.under(logging=True)

    def compute(self) -> AbstractContextManager[None]:
        """Within it, something is worked out, also where the result is only shown."""
        return self.under(logging=False) if self.mode.logging else nullcontext()

    def forgive(self, is_lacking: bool) -> AbstractContextManager[None]:
        """Within it, it is not told what is lacking, where another way has it or where that is no failure."""
        return self.under(forgiving=True) if is_lacking else nullcontext()


def _shows_nothing(name: str) -> bool:
    return False


def _no_module(module: Module) -> None:
    """Nothing, until who follows modules is known."""


def _no_assignment(frame: Frame, target: ast.expr, values: Values) -> None:
    return None


def _no_call(frame: Frame, callee: Value, arguments: Arguments, node: ast.AST) -> Values:
    return ANYTHING


class Frame:
    """One function, class body or module while it is followed."""

    __slots__ = ("enclosing", "exits", "function", "machine", "may_have_left", "module", "outer", "returns", "scope", "static", "yields")

    def __init__(self, machine: Machine, module: Module, scope: Scope, function: Function | None = None) -> None:
        self.machine = machine
        self.module = module
        self.scope = scope
        self.function = function
        self.returns: Values = ()
        self.yields: Values = ()
        self.enclosing = scope
        """The scope that functions defined here see around them: a class has none for its methods."""
        self.outer: dict[str, Scope] = {}
        """Names that `global` or `nonlocal` put into another scope."""
        self.static: Class | None = function.owner if function else None
        """The class whose body or method this is."""
        self.may_have_left = False
        """Whether the last statement may have left the loop or the function, so that what follows may not run."""
        self.exits: list[tuple[list[dict[str, Values]], list[dict[str, Values]]]] = []
        """For each loop that is open, the names where its next round begins early, and those where it is left."""

    def eval(self, node: ast.AST | None) -> Values:
        """The values of an expression."""
        machine = self.machine
        machine.steps += 1
        if node is None or machine.steps > MOST_STEPS:
            machine.gave_up = machine.gave_up or node is not None
            return ()
        handler = machine.expressions.get(type(node))
        return handler(self, node) if handler else ANYTHING

    def run(self, statements: list[ast.stmt]) -> bool:
        """Follow statements; whether the end of them is reached."""
        for index, statement in enumerate(statements):
            handler = self.machine.statements.get(type(statement))
            if handler is not None and not handler(self, statement):
                return False
            if self.may_have_left:
                self.may_have_left = False
                with self.machine.branch():
                    return self.run(statements[index + 1 :])
        return True

    def site(self, node: ast.AST) -> Site:
        """Where an expression stands."""
        return Site(self.module.path, getattr(node, "lineno", 1))

    def assign(self, target: ast.expr, values: Values) -> None:
        """Give a target its values."""
        self.machine.assign(self, target, values)

    def call(self, callee: Values, arguments: Arguments, node: ast.AST) -> Values:
        """What a call gives."""
        if len(callee) < 2:
            return join(*[self.machine.call(self, value, arguments, node) for value in callee])
        with self.machine.branch(), self.machine.under(several=True):
            return join(*[self.machine.call(self, value, arguments, node) for value in callee])

    def asked_at(self, node: ast.AST, key: ast.AST | None) -> Site:
        """Where a key is asked for: in the call, where it is a parameter of the function that does so."""
        spec = self.function.node.args if self.function is not None else None
        if isinstance(key, ast.Name) and spec is not None and key.id in signatures.names(spec) and self.machine.stack:
            return self.machine.stack[-1]
        return self.site(node)

    def name(self, name: str) -> Values | None:
        """The values of a name; None where no scope has it."""
        scope: Scope | None = self.scope
        while scope is not None:
            if name in scope.names:
                return scope.names[name]
            scope = scope.outer
        return None
