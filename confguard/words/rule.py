"""A rule: one invariant, its severity and source, and the examples that are both its tests and its page.

A rule is an ordinary function. Its parameters name what it needs:

- a canonical parameter (`lora_alpha`, `max_steps`): its value. Without a default the rule runs only where the value is
  known, so a field that failed by itself silences exactly the rules that rest on it;
- `recipe`: all values of the file; `reference`: those of the reference, only where one was given;
- `comments` and `secrets` of the file; `run_name_template` of the project; `executor`: the `Link` to the file that
  `aflow_config_path` names; the `target` of a native file, and the `world_size` where it is known.

It returns a `Broken`, or None; one that can find several things yields them. In messages a parameter stands in backticks under
its canonical name; the file's own name for it is put in when the finding is made.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from operator import itemgetter
from types import MappingProxyType

from confguard.words.recipe import Comment, Place, Recipe
from confguard.words.typing import Any, NamedTuple

CONTEXT = ("recipe", "reference", "comments", "secrets", "executor", "run_name_template", "target", "world_size")
"""Inputs of a rule that are no parameters."""


class Rewrite(NamedTuple):
    """A proposal to write another string as the value of a parameter, in the file's own quotes."""

    parameter: str
    value: str


class Retelling(NamedTuple):
    """A proposal to let a comment say something else: the offsets within its words that give way to a text."""

    start: int
    end: int
    text: str


class Broken(NamedTuple):
    """What a rule found. It lies at the value of `at`: a parameter, a place, or a comment; by default the rule's first input."""

    message: str
    at: str | Place | Comment | None = None
    keys: tuple[str, ...] = ()
    help: str | None = None
    rewrite: Rewrite | None = None
    retellings: tuple[Retelling, ...] = ()
    """Of the comment that it lies at."""
    fails: str | None = None
    """When the library itself would have failed, where that depends on the value."""


Verdict = Broken | None
Verdicts = Iterator[Broken]
"""What a rule gives: what is broken, or nothing; or an iterator, where more than one thing can be."""

Example = str | Mapping[str, str | bytes]
"""Lines that are laid over one whole config; or files by path, where one does not show it. Bytes are what no text can say."""


class Rule:
    """One invariant with everything there is to know of it."""

    def __init__(
        self,
        code: str,
        name: str,
        severity: str,
        fails: str,
        *,
        text: str,
        zh: str,
        source: str,
        bad: Example = "",
        good: Example = "",
        beside: Mapping[str, str] = MappingProxyType({}),
        flags: str = "",
        about: tuple[str, ...] = (),
        inputs: tuple[str, ...] | None = None,
        function: Callable[..., Verdict | Verdicts] | None = None,
        follows: bool = False,
        kinds: tuple[str, ...] = (),
    ) -> None:
        self.code = code
        self.name = name
        self.severity = severity
        self.fails = fails
        self.text = text
        self.zh = zh
        self.source = source
        self.bad = bad
        self.good = good
        self.beside = beside
        self.flags = flags
        self.follows = follows
        self.kinds = kinds
        self.function = function or _nothing
        self.is_judged = function is not None  # else it is found where a file is read or fitted
        # The function's own signature declares the inputs; the code object has it without importing inspect.
        names = function.__code__.co_varnames[: function.__code__.co_argcount] if function else ()
        optional = len(function.__defaults__ or ()) if function else 0
        self.inputs = names[: len(names) - optional] if inputs is None else inputs
        self.take = _taker(self.inputs)
        self.optional = names[len(names) - optional :] if inputs is None else ()
        self.defaults = (function.__defaults__ or ()) if function else ()
        self.about = about or tuple(input_ for input_ in names if input_ not in CONTEXT)

    @property
    def subject(self) -> str:
        """The parameter that a finding lies at unless the rule says otherwise; empty where it has none."""
        return self.about[0] if self.about else ""


def _taker(names: tuple[str, ...]) -> Callable[[dict[str, Any]], tuple[Any, ...]]:
    """A function that takes the values of names out of a mapping; raises KeyError where one is missing."""
    if len(names) > 1:
        return itemgetter(*names)
    return (lambda known: (known[names[0]],)) if names else (lambda known: ())


def _nothing() -> None:
    return None


def rule(
    code: str,
    severity: str,
    fails: str,
    *,
    source: str,
    zh: str,
    bad: Example,
    good: Example,
    beside: Mapping[str, str] = MappingProxyType({}),
    flags: str = "",
    about: tuple[str, ...] = (),
    follows: bool = False,
    kinds: tuple[str, ...] = (),
) -> Callable[[Callable[..., Verdict | Verdicts]], Rule]:
    """Make the function below a `Rule`; its name, with dashes, is the rule's name, its docstring the rule's text.

    `bad` and `good` are YAML lines laid over the reference profile: the first must break the rule, the second must not. Where it takes
    several files to show it, they are texts by path, and `beside` are those that both have; `flags` are options of the check.
    `about` names the parameters of a rule that takes the whole `recipe`; for others its inputs say it. Where the rule `follows`, it speaks
    of a name or a comment that repeats other values: when a migration changes those, its fix belongs to the plan. A rule with `kinds`
    speaks of files of those kinds alone; any other of every file that has its inputs.
    """

    def declare(function: Callable[..., Verdict | Verdicts]) -> Rule:
        name = function.__name__.replace("_", "-")
        text = function.__doc__ or ""
        return Rule(
            code,
            name,
            severity,
            fails,
            text=text,
            zh=zh,
            source=source,
            bad=bad,
            good=good,
            beside=beside,
            flags=flags,
            about=about,
            function=function,
            follows=follows,
            kinds=kinds,
        )

    return declare


def judge(recipe: Recipe, rules: list[Rule], context: dict[str, Any]) -> Iterator[tuple[Rule, Broken, Recipe]]:
    """What rules have to say of a recipe, and of each of its entries. `context` holds inputs that are no parameters.

    A rule runs where all its inputs are known, and none of its optional ones is written in a way that cannot be used.
    """
    known = {**recipe.defaults, **recipe.values, **context, "recipe": recipe}
    unusable = recipe.unusable()
    for rule_ in rules:
        try:
            inputs = rule_.take(known)
        except KeyError:
            continue
        if not rule_.optional:
            verdict = rule_.function(*inputs)
        elif unusable and not unusable.isdisjoint(rule_.optional):
            continue
        else:
            verdict = rule_.function(*inputs, *map(known.get, rule_.optional, rule_.defaults))
        if verdict is not None:
            for broken in (verdict,) if isinstance(verdict, Broken) else verdict:
                yield rule_, broken, recipe
    for entry in recipe.entries.values():
        yield from judge(entry, rules, {})
