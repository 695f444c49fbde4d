"""What an editor shows of a key, or of a rule that a comment ignores, as Markdown."""

from __future__ import annotations

from collections.abc import Iterator

from confguard.checking.waive import codes_of
from confguard.report.explain import rule_markdown
from confguard.report.markdown import inline
from confguard.report.wording import cells, change_word, notes, waiver_text
from confguard.schemas.catalogue import RULES
from confguard.schemas.facts import LABELS, facts_of, former_of, published
from confguard.schemas.norms import SOURCE
from confguard.schemas.rules.batch import METHODS
from confguard.schemas.trl.defaults import Defaults, defaults_of
from confguard.server.buffers import Buffers, settled
from confguard.server.look import REFERENCE_WORD, Look, look_at, reference_of, row_of, waiver_of
from confguard.server.spots import Spot
from confguard.server.texts import Place, Stretch
from confguard.words.change import ADDED, SAME, UNCHANGED, Change
from confguard.words.language import Said
from confguard.words.typing import NamedTuple

_HERE = Said("here", "此处")


class Hover(NamedTuple):
    """A text in Markdown, and the stretch that it is about."""

    markdown: str
    at: Stretch


def hover(path: str, place: Place, buffers: Buffers, lang: str) -> Hover | None:
    """What is known of the key, or of the code in an ignore comment, at a place."""
    buffers = settled(buffers)
    look = look_at(path, buffers)
    if look is None:
        return None
    return _of_code(look, place, lang) or _of_key(look, place, buffers, lang)


def _hover(look: Look, paragraphs: Iterator[str], start: int, end: int) -> Hover | None:
    text = "\n\n".join(part for part in paragraphs if part)
    return Hover(text, look.lines.stretch(start + look.mark, end + look.mark)) if text else None


def _of_code(look: Look, place: Place, lang: str) -> Hover | None:
    """The rule of a code that an ignore comment names."""
    offset = look.offset(place)
    for code, start, end in codes_of(look.document):
        if start <= offset <= end and code in RULES:
            return _hover(look, rule_markdown(RULES[code], lang), start, end)
    return None


def _of_key(look: Look, place: Place, buffers: Buffers, lang: str) -> Hover | None:
    spot = look.spot(place)
    if spot is None or look.offset(place) > spot.key.end:
        return None
    parameter = look.parameter(spot)
    paragraphs = [*_standing(look, spot, buffers, lang), *(_known(look, parameter, lang) if parameter else _former(look, spot, lang))]
    return _hover(look, iter(paragraphs), spot.key.start, spot.key.end)


def _standing(look: Look, spot: Spot, buffers: Buffers, lang: str) -> Iterator[str]:
    """How a key stands to the reference, and who wants it so."""
    theirs = reference_of(look, buffers.read)
    row = row_of(look, theirs, spot) if theirs is not None else None
    if row is not None and row.status != SAME and row.kind != ADDED:
        there, here = cells(row, lang)
        more = [word for word in (change_word(row, lang), *notes(row, lang)) if word]
        told = f"{REFERENCE_WORD.to(lang)}: {there}, {_HERE.to(lang)}: {here}"
        yield inline([("", told + (f" ({', '.join(more)})" if more else ""))])
    waiver = waiver_of(look, theirs, spot)
    if waiver is not None:
        row = Change(UNCHANGED, SAME, look.path, spot.path, None, None, waiver=waiver.waived())
        yield inline([("", waiver_text(row, lang))])


def _known(look: Look, parameter: str, lang: str) -> Iterator[str]:
    """The page of a parameter, as far as it is about this kind of file."""
    facts, labels = facts_of(parameter), LABELS[lang]
    kind = look.ours.kind
    meaning = facts.parameter.en if lang == "en" else facts.parameter.zh
    yield inline([("strong", parameter), ("", f": {meaning}" if meaning else "")])
    yield _listed([inline([("", f"{label}: "), ("code", value)]) for label, value in facts.labelled(lang)])
    yield from _by_release([row for row in facts.defaults if kind in row.kinds], kind, lang)
    loss = [term.said.to(lang) for term in facts.loss if kind in term.kinds]
    yield _listed([inline([("", f"{labels['loss']} {kind}: {said}")]) for said in loss])
    rows = [inline([("", ": ".join(published(row, lang)))]) for row in facts.published if row.method == METHODS.get(kind or "")]
    yield _listed([*rows, inline([("", SOURCE)])] if rows else [])
    if facts.rules:
        yield inline([("", f"{labels['rules']}: " + ", ".join(f"{rule.code} {rule.name}" for rule in facts.rules))])


def _former(look: Look, spot: Spot, lang: str) -> Iterator[str]:
    """What became of a key that this kind no longer has."""
    kind = look.ours.kind
    told = [former for former in former_of(spot.path) if kind in former.kinds]
    for former in told:
        yield inline([("strong", spot.path), ("", f" {former.message}; {former.help}")])
    if told:
        yield from _by_release([row for row in defaults_of(spot.path) if kind in row.kinds], kind, lang)


def _by_release(rows: list[Defaults], kind: str | None, lang: str) -> Iterator[str]:
    yield _listed([inline([("", f"{LABELS[lang]['by release']}: {row.said.to(lang)}")]) for row in rows])


def _listed(items: list[str]) -> str:
    return "\n".join(f"- {item}" for item in items)
