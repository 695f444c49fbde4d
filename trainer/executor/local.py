"""The embedded executor: no model, a few rules. It adds up, repeats and judges, always the same, so that a run works offline."""

from __future__ import annotations

import ast
import operator
import re
from collections import Counter
from collections.abc import Callable
from fractions import Fraction

from confguard.trainer.executor.asking import Answer
from confguard.trainer.executor.sections import section_of

UNKNOWN = "I do not know."

_LONGEST = 200
_DEEPEST = 10**30
_SUM = re.compile(r"[\d .+*/()×÷-]+")
_OPERATES = re.compile(r"[\d)] *[+*/×÷-] *[\d(-]")
_REPEAT = re.compile(r"(?is)\b(?:repeat|say|echo)(?: after me| exactly| this)?\s*:\s*(.+)")
_OPERATIONS: dict[type, Callable[[Fraction, Fraction], Fraction]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}


def answered(prompt: str, max_tokens: int | None, seconds: float) -> Answer:
    """The answer of the first rule that has one, cut to so many words."""
    text = next((said for rule in RULES if (said := rule(prompt)) is not None), UNKNOWN)
    words = text.split(" ")
    if max_tokens is None or len(words) <= max_tokens:
        return Answer(text)
    return Answer(" ".join(words[:max_tokens]), cut=True)


def judged(prompt: str) -> str | None:
    """`score: N` for a prompt that holds a reference and an answer: 10 for the same, otherwise ten times the share of words in common."""
    reference, answer = section_of(prompt, "reference"), section_of(prompt, "answer")
    if reference is None or answer is None or "score:" not in prompt:
        return None
    if _value(reference.strip()) is not None:
        return f"score: {10 * (_value(reference.strip()) == _last_value(answer))}"
    return f"score: {round(10 * _common(reference, answer))}"


def repeated(prompt: str) -> str | None:
    """What the prompt asks to be repeated."""
    found = _REPEAT.search(prompt)
    return found[1].strip() if found else None


def worked_out(prompt: str) -> str | None:
    """The value of the last sum in the prompt."""
    for found in reversed(_SUM.findall(prompt)):
        value = _value(found.strip(" .")) if _OPERATES.search(found) else None
        if value is not None:
            return _written(value)
    return None


RULES: tuple[Callable[[str], str | None], ...] = (judged, repeated, worked_out)


def _common(reference: str, answer: str) -> float:
    theirs, ours = (Counter(re.findall(r"\w+", text.casefold())) for text in (reference, answer))
    same = sum((theirs & ours).values())
    return 2 * same / (theirs.total() + ours.total()) if same else 0.0


def _last_value(text: str) -> Fraction | None:
    numbers = re.findall(r"-?\d[\d,]*(?:\.\d+)?(?:\s*/\s*\d+)?", text[-_LONGEST:])
    return _value(numbers[-1].replace(",", "")) if numbers else None


def _value(text: str) -> Fraction | None:
    """A sum's value, exactly; None where it is none, or too big to be meant."""
    text = text.strip().replace("×", "*").replace("÷", "/")
    if len(text) > _LONGEST:
        return None
    try:
        return _worth(ast.parse(text, mode="eval").body)
    except (SyntaxError, ValueError, ZeroDivisionError, RecursionError, MemoryError):
        return None


def _worth(node: ast.expr) -> Fraction:
    if isinstance(node, ast.Constant) and type(node.value) in (int, float):
        found = Fraction(str(node.value))
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        found = -_worth(node.operand)
    elif isinstance(node, ast.BinOp) and type(node.op) in _OPERATIONS:
        found = _OPERATIONS[type(node.op)](_worth(node.left), _worth(node.right))
    else:
        raise ValueError("no arithmetic")
    if max(abs(found.numerator), found.denominator) > _DEEPEST:
        raise ValueError("too big")
    return found


def _written(value: Fraction) -> str:
    """An integer as such, a finite decimal as such, else a fraction."""
    if value.denominator == 1:
        return str(value.numerator)
    decimal = f"{float(value):.12g}"
    return decimal if Fraction(decimal) == value else f"{value.numerator}/{value.denominator}"
