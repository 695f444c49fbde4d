"""Names and comments that contradict the values beside them."""

from __future__ import annotations

import re
from math import isclose

from confguard.words.finding import INFO, NEVER, WARNING
from confguard.words.recipe import Comment, Recipe
from confguard.words.rule import Broken, Retelling, Rewrite, Verdict, Verdicts, rule
from confguard.words.spelling import number, show
from confguard.words.typing import NamedTuple

# The patterns below are strings: most files need none of them, and `re` keeps those that were needed.
_UNITS = {
    "step": "max_steps",
    "batch": "rollout_batch_size",
    "prompt": "rollout_batch_size",
    "workflow": "num_generations",
    "generation": "num_generations",
    "completion": "num_generations",
    "rollout": "num_generations",
    "group": "num_generations",
}
_BEFORE = {"rank": "lora_r", "alpha": "lora_alpha", "lr": "learning_rate"}

_COUNT = r"(?<![\d.])(\d+)(?=[ _-]?(steps?|batch|prompts?|workflows?|generations?|group)(?![a-z]))"
_VALUE = r"(?<![a-z0-9])(lr|rank|alpha)[-_=]?(\d+(?:\.\d+)?(?:e-?\d+)?)(?![\w.])"


@rule(
    "NAME001",
    WARNING,
    NEVER,
    source="the mission's run names: grpo-500steps-8batch-6workflows",
    bad='wandb:\n  enabled: true\n  project: "aflow-roll-integration"\n  run_name: "grpo-500steps-8batch-6workflows"',
    good='wandb:\n  enabled: true\n  project: "aflow-roll-integration"\n  run_name: "grpo-500steps-5batch-6workflows"',
    zh="运行名中的数字与参数值不符。",
    follows=True,
)
def run_name_lies(run_name: str, recipe: Recipe, run_name_template: str | None = None) -> Verdict:
    """The numbers in the run's name are those of the file: `500steps`, `8batch`, `6workflows`, `rank64`, `lr2e-5`.

    A run is found by its name for years; one with another run's numbers is compared with the wrong ones.
    """
    wrong = _wrong_tokens(run_name, recipe)
    if not wrong:
        return None
    fixed = run_name
    for token in reversed(wrong):
        fixed = fixed[: token.start] + number(recipe.values[token.parameter], 15) + fixed[token.end :]
    told = "; ".join(f"{token.words} where `{token.parameter}` is {show(recipe.values[token.parameter])}" for token in wrong)
    return Broken(
        f"`run_name` says {told}",
        keys=tuple(dict.fromkeys(token.parameter for token in wrong)),
        help=f"write {fixed}",
        rewrite=None if run_name_template else Rewrite("run_name", fixed),  # a template has the better name, or the same lie
    )


class _Token(NamedTuple):
    """A number in a run name: where it stands, the words around it, the parameter it speaks of."""

    start: int
    end: int
    words: str
    parameter: str


def _wrong_tokens(run_name: str, recipe: Recipe) -> list[_Token]:
    """The numbers of a run name that are not those of the file, in order."""
    if run_name.isascii():  # elsewhere the lower case of a letter may be longer
        run_name = run_name.lower()
    wrong = []
    for match in re.finditer(_COUNT, run_name):
        parameter = _UNITS[match[2].rstrip("s")]
        if _differs(recipe, parameter, float(match[1])):
            wrong.append(_Token(*match.span(1), match[1] + match[2], parameter))
    for match in re.finditer(_VALUE, run_name) if any(word in run_name for word in _BEFORE) else ():
        parameter = _BEFORE[match[1]]
        if _differs(recipe, parameter, float(match[2])):
            wrong.append(_Token(*match.span(2), match[0], parameter))
    return sorted(wrong)


def _differs(recipe: Recipe, parameter: str, value: float) -> bool:
    actual = recipe.values.get(parameter)
    return isinstance(actual, (int, float)) and actual >= 0 and not isclose(actual, value)  # no name can tell of fewer than none


@rule(
    "NAME005",
    WARNING,
    NEVER,
    source="run_name in the project file",
    bad='wandb:\n  enabled: true\n  run_name: "grpo-500steps-final"',
    good='wandb:\n  enabled: true\n  run_name: "grpo-500steps-5batch"',
    beside={"confguard.yaml": 'run_name: "grpo-{max_steps}steps-{rollout_batch_size}batch"'},
    zh="运行名与项目文件中的模板不符。",
    follows=True,
)
def run_name_not_by_template(run_name: str, recipe: Recipe, run_name_template: str) -> Verdict:
    """The run's name is the one that the project's template makes of this file's values."""
    wanted = _filled(run_name_template, recipe)
    if wanted is not None and wanted != run_name:
        return Broken(
            f"the project's template makes `run_name` {wanted}; it is {run_name}",
            help=f"write {wanted}",
            rewrite=Rewrite("run_name", wanted),
        )
    return None


def template_of(run_name: str, recipe: Recipe) -> str | None:
    """The template that makes a run's name of the file's values; None where a digit of it is no value of a parameter that it names."""
    lower = run_name.lower() if run_name.isascii() else run_name
    told = [(*match.span(1), _UNITS[match[2].rstrip("s")], float(match[1])) for match in re.finditer(_COUNT, lower)]
    told += [(*match.span(2), _BEFORE[match[1]], float(match[2])) for match in re.finditer(_VALUE, lower)]
    template = run_name
    for start, end, parameter, value in sorted(told, reverse=True):
        if parameter not in recipe.values or _differs(recipe, parameter, value):
            return None
        template = f"{template[:start]}{{{recipe.name(parameter).rpartition('.')[2]}}}{template[end:]}"
    is_whole = bool(told) and not re.search(r"\d", re.sub(r"\{\w+\}", "", template))
    return template if is_whole and _filled(template, recipe) == run_name else None


def _filled(template: str, recipe: Recipe) -> str | None:
    """The template with each `{name}` replaced: a parameter, or its key in this file; None where a value is not known."""
    by_key = {recipe.name(parameter).rpartition(".")[2]: value for parameter, value in recipe.values.items()}
    values = {**by_key, **recipe.values}
    names = re.findall(r"\{(\w+)\}", template)
    if any(not isinstance(values.get(name), (int, float, str)) for name in names):
        return None
    return re.sub(r"\{(\w+)\}", lambda found: _spelled(values[found[1]]), template)


def _spelled(value: object) -> str:
    return number(value, 15) if isinstance(value, float) else str(value)


_WHOLE = r"(\d(?:[\d,]*\d)?)(?![\d,]*\d|\.\d|[ \t]*%|[kKmMbBgGtT]\b)"
"""A whole number as it is: no part of a decimal, no percentage, and no 131K."""
_FACTOR = rf"{_WHOLE}[ \t]*([A-Za-z]+)?"
_BEGINS = r"(?<![\d.,])(?<![xX×*·/+])(?<![xX×*·/+] )"
"""Where a product begins: not in the midst of a longer one, of which a factor could not be read."""
_PRODUCT = rf"{_BEGINS}{_FACTOR}(?:[ \t]*[xX×*·][ \t]*{_FACTOR})+[ \t]*(?:=|->|→)[ \t]*{_WHOLE}"


@rule(
    "NAME002",
    INFO,
    NEVER,
    source="arithmetic on the comment and on the file",
    bad="# Target: 500 steps x 8 prompts x 6 workflows = 24000 workflows\nmax_steps: 500",
    good="# Target: 500 steps x 5 prompts x 6 workflows = 15000 workflows\nmax_steps: 500",
    zh="注释里的算式与参数值不符。",
    about=("max_steps", "rollout_batch_size", "num_generations"),
    follows=True,
)
def comment_product_contradicts(comments: list[Comment], recipe: Recipe) -> Verdicts:
    """A product in a comment, such as `500 steps x 4 prompts x 6 workflows = 12000`, is right and speaks of this file's values."""
    for comment in comments:
        for match in re.finditer(_PRODUCT, comment.words) if "=" in comment.words or "→" in comment.words else ():
            yield from _product(comment, match, recipe)


def _product(comment: Comment, match: re.Match[str], recipe: Recipe) -> Verdicts:
    factors = _factors(match)
    claimed = _int(match[5])
    told, retold, product = [], [], 1
    for factor in factors:
        product *= factor.value
        if factor.word in _UNITS and _differs(recipe, _UNITS[factor.word], factor.value):
            told.append(f"{factor.value} {factor.word}s where `{_UNITS[factor.word]}` is {show(recipe.values[_UNITS[factor.word]])}")
            retold.append(Retelling(factor.start, factor.end, _spelled(recipe.values[_UNITS[factor.word]])))
    if product != claimed:
        told.append(f"{' x '.join(str(factor.value) for factor in factors)} is {product}, not {claimed}")
    if told:
        actual = _actual_product(factors, recipe)
        if actual is not None and actual != claimed:
            retold.append(Retelling(*match.span(5), f"{actual:,}" if "," in match[5] else str(actual)))
        yield Broken(f"the comment says {'; '.join(told)}", at=comment, help="bring the comment up to date", retellings=tuple(retold))


class _Factor(NamedTuple):
    """A number of a product in a comment, where it stands, and the word for what it counts."""

    start: int
    end: int
    value: int
    word: str


def _factors(match: re.Match[str]) -> list[_Factor]:
    left = match[0][: match.start(5) - match.start()]
    at = match.start()
    return [
        _Factor(at + part.start(1), at + part.end(1), _int(part[1]), (part[2] or "").lower().rstrip("s"))
        for part in re.finditer(_FACTOR, left)
    ]


def _actual_product(factors: list[_Factor], recipe: Recipe) -> int | None:
    """What the product comes to with the file's values; None where one of them is no integer."""
    product = 1
    for factor in factors:
        value = recipe.values.get(_UNITS.get(factor.word, ""), factor.value)
        if type(value) is not int:
            return None
        product *= value
    return product


def _int(text: str) -> int:
    return int(text.replace(",", ""))


_PERCENT = r"(?i)(\d+(?:\.\d+)?)[ \t]*%[ \t]*(?:of[ \t]+(?:the[ \t]+)?|/[ \t]*)(max_steps|total[ _]steps|all steps|steps|run)\b"


@rule(
    "NAME003",
    INFO,
    NEVER,
    source="arithmetic on the comment and on the file",
    bad="warmup_steps: 50       # 20% of max_steps",
    good="warmup_steps: 100       # 20% of max_steps",
    zh="注释里的百分比与参数值不符。",
    about=("warmup_steps", "max_steps"),
    follows=True,
)
def comment_percentage_contradicts(comments: list[Comment], recipe: Recipe) -> Verdicts:
    """A share in a comment beside a value, such as `20% of max_steps`, is that value's share."""
    steps = recipe.values.get("max_steps")
    for comment in comments:
        if not isinstance(steps, int) or steps < 1 or "%" not in comment.words:
            continue
        value = recipe.values.get(comment.parameter or "")
        for match in re.finditer(_PERCENT, comment.words):
            if isinstance(value, (int, float)) and abs(value / steps * 100 - float(match[1])) > 0.5:
                yield Broken(
                    f"the comment says {match[1]}% of `max_steps`; {show(value)} of {steps} is {number(100 * value / steps)}%",
                    at=comment,
                    help="bring the comment up to date",
                    retellings=(Retelling(*match.span(1), number(100 * value / steps)),),
                )


def _as_before(value: float, written: str) -> str:
    """A number as another one is written: `2.0` where that was `1.0`."""
    shown = number(value)
    return f"{shown}.0" if "." in written and shown.isdigit() else shown


_SCALE = r"(?i)alpha[ \t]*/[ \t]*(?:rank|r)\b[^=:\d]{0,12}[=:][ \t]*(\d+(?:\.\d+)?)"


@rule(
    "NAME004",
    INFO,
    NEVER,
    source="arithmetic on the comment and on the file",
    bad="lora_alpha: 64   # alpha/rank = 0.5",
    good="lora_alpha: 64   # alpha/rank = 1.0",
    zh="注释里的 alpha/rank 与参数值不符。",
    about=("lora_alpha", "lora_r"),
    follows=True,
)
def comment_scale_contradicts(comments: list[Comment], recipe: Recipe) -> Verdicts:
    """An alpha/rank in a comment is the file's."""
    alpha, rank = recipe.values.get("lora_alpha"), recipe.values.get("lora_r")
    for comment in comments:
        if not isinstance(alpha, (int, float)) or not isinstance(rank, int) or rank < 1 or "alpha" not in comment.words.lower():
            continue
        for match in re.finditer(_SCALE, comment.words):
            if abs(alpha / rank - float(match[1])) > 0.005:
                yield Broken(
                    f"the comment says alpha/rank = {match[1]}; {show(alpha)}/{rank} is {number(alpha / rank)}",
                    at=comment,
                    help="bring the comment up to date",
                    retellings=(Retelling(*match.span(1), _as_before(alpha / rank, match[1])),),
                )
