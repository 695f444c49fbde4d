"""Turn what the rules and the fit found into findings: located, in the file's own names, with an edit where there is one."""

from __future__ import annotations

import re

from confguard.document.document import Document
from confguard.words.finding import SAFE, UNSAFE, Edit, Finding, Fix, Span
from confguard.words.recipe import Comment, Place, Recipe
from confguard.words.rule import Broken, Retelling, Rewrite, Rule
from confguard.words.secret import mask
from confguard.words.shape import Fault
from confguard.words.typing import Any


def finding_of_fault(document: Document, rule: Rule, fault: Fault) -> Finding:
    """The finding of a fault in a document's text, keys or types."""
    place = fault.place
    span = _span(document, place)
    fix = None
    if fault.replace is not None:
        start, end, text = fault.replace
        fix = Fix(UNSAFE if fault.is_guess else SAFE, (Edit(document.span(start, end), text),))
    return Finding(
        rule.code,
        rule.name,
        rule.severity,
        mask(fault.message),
        place.path or None,
        fault.keys or ((place.path,) if place.path else ()),
        document.path,
        span,
        mask(fault.help) if fault.help else None,
        fix,
        fault.fails or rule.fails,
    )


def finding_of_broken(document: Document, rule: Rule, broken: Broken, recipe: Recipe) -> Finding:
    """The finding of a broken rule; it lies where the rule says, by default at the rule's first parameter."""
    at = broken.at
    path: str | None
    if isinstance(at, Comment):
        file, path, span = document.path, None, document.span(at.start, at.end)
        if at.parameter:
            path = recipe.name(at.parameter)
    else:
        place = at if isinstance(at, Place) else _place(recipe, at or rule.subject)
        text = place.text or document
        file, path, span = text.path, place.path or None, _span(text, place)
    keys = tuple(dict.fromkeys([*([path] if path else []), *(recipe.name(name) for name in broken.keys)]))
    return Finding(
        rule.code,
        rule.name,
        rule.severity,
        mask(recipe.in_its_words(broken.message)),
        path,
        keys,
        file,
        span,
        mask(recipe.in_its_words(broken.help)) if broken.help else None,
        _fix(document, recipe, broken.rewrite) if broken.rewrite else _retold(document, at, broken.retellings),
        broken.fails or rule.fails,
    )


def _place(recipe: Recipe, parameter: str) -> Place:
    place = recipe.place(parameter)
    if place is not None:
        return place
    entry = recipe.place("entry")
    path = recipe.name(parameter) if parameter else ""
    return Place(path, entry.text, entry.key) if entry else Place(path)


def _span(text: Any, place: Place) -> Span:
    start, end = place.value or place.key or (0, 0)
    span: Span = text.span(start, end)
    return span


def _fix(document: Document, recipe: Recipe, rewrite: Rewrite) -> Fix | None:
    """The edit that writes another string, in the quotes that stand there; a list is replaced from its key's colon on."""
    place = recipe.place(rewrite.parameter)
    if place is None or place.value is None or place.key is None or place.text is not document:
        return None
    start, end = place.value
    if place.style in ("'", '"') and place.style not in rewrite.value and "\\" not in rewrite.value:
        return Fix(SAFE, (Edit(document.span(start, end), f"{place.style}{rewrite.value}{place.style}"),))
    if place.style == "" and _stays_plain(rewrite.value):
        return Fix(SAFE, (Edit(document.span(start, end), rewrite.value),))
    if place.style in ("[", "-") and (found := re.compile(r"[ \t]*:").match(document.text, place.key[1])):
        colon = found.end()
        safety = UNSAFE if "#" in document.text[colon:end] else SAFE
        return Fix(safety, (Edit(document.span(colon, end), f' "{rewrite.value}"'),))
    return None


def _retold(document: Document, comment: object, retellings: tuple[Retelling, ...]) -> Fix | None:
    """The edit of a comment, which is a person's own words: never safe."""
    if not retellings or not isinstance(comment, Comment):
        return None
    words = document.text.index(comment.words, comment.start)
    return Fix(UNSAFE, tuple(Edit(document.span(words + start, words + end), text) for start, end, text in retellings))


def _stays_plain(text: str) -> bool:
    return re.fullmatch(r"[A-Za-z][\w./-]*(?:,[\w./-]+)*", text) is not None
