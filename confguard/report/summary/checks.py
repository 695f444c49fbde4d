"""The end of a report: the checklist with its real verdicts, and what to do next."""

from __future__ import annotations

import shlex
from collections.abc import Iterator

from confguard.report.blocks import Block, Bullets, Code, Heading, Paragraph, inline
from confguard.report.paint import Line
from confguard.report.safe import clean
from confguard.report.summary.prose import message
from confguard.report.summary.told import Told, without_unread
from confguard.report.wording import COLON
from confguard.words.finding import INFO, Finding
from confguard.words.language import Said
from confguard.words.recipe import Recipe
from confguard.words.story import Point

CHECKLIST = Said("Checklist", "验证清单")
NEXT = Said("Next", "后续注意事项")
VALIDATE = Said("This validates the config and starts nothing:", "只做验证、不启动训练：")
START = Said(
    "This starts the training; it is your trainer's own command, as the project file names it:", "启动训练（项目文件中写明的训练命令）："
)
NO_COMMAND = Said(
    "The command that starts training is your trainer's own; name it in the project file as `train_command` to have it here.",
    "训练的启动命令由你的训练程序决定；可在项目文件中写 `train_command`，此处便会列出。",
)
_STATES = {"error": "error", "warning": "warning", "info": ""}
_ORDER = ("", "good", "warning", "error")


def checklist(told: Told) -> Iterator[Block]:
    """Every point with the verdict of the rules that decide it."""
    yield Heading(2, CHECKLIST.to(told.lang))
    points = [(point, figures) for point in told.story.checklist if (figures := _figures(point, told)) is not None]
    items: list[tuple[str, int, Line]] = []
    for index, (point, figures) in enumerate(points):
        below = [other for other, _ in points[index + 1 :] if other.depth > point.depth] if not point.codes else []
        findings = [finding for finding in told.sources.now.findings if _decides((point, *below), finding)]
        items.append(
            (
                max(["good", *[_state(finding, point.strict) for finding in findings]], key=_ORDER.index),
                point.depth,
                _line(point, figures, told),
            )
        )
        if point.codes:
            items += [(_state(finding, point.strict), point.depth + 1, _told(finding, told)) for finding in findings]
    yield Bullets(items)


def _figures(point: Point, told: Told) -> str | None:
    """The figures that a point rests on, of the first file that it has to do with; None where it has to do with none."""
    for theirs, ours in told.sources.against.pairs:
        if ours.recipe is None:
            continue
        said = point.figures(ours.recipe, theirs.recipe) if point.figures else None
        if said is not None:
            return said.to(told.lang)
    return None


def _decides(points: tuple[Point, ...], finding: Finding) -> bool:
    return any(finding.code.startswith(point.codes) for point in points if point.codes)


def _state(finding: Finding, strict: bool) -> str:
    """What a finding makes of a point; nothing where it is waived, or only worth knowing."""
    if finding.waiver is not None:
        return ""
    return "warning" if strict and finding.severity == INFO else _STATES[finding.severity]


def _line(point: Point, figures: str, told: Told) -> Line:
    return [("", point.title.to(told.lang)), *inline(f" ({clean(figures)})" if figures else "", "dim")]


def _told(finding: Finding, told: Told) -> Line:
    waiver = finding.waiver
    waived = Said(f" (waived: {waiver.reason})", f"（豁免：{waiver.reason}）").to(told.lang) if waiver else ""
    return [("code", finding.code), *inline(f" {message(finding, told)}{clean(waived)}")]


def next_steps(told: Told) -> Iterator[Block]:
    """The command that only validates, the one that starts the training, and what to watch."""
    lang = told.lang
    yield Heading(2, NEXT.to(lang))
    if told.sources.current.is_on_disk:  # a past revision or a profile is not trained from
        yield from _commands(told)
    items: list[tuple[str, int, Line]] = []
    for step in told.story.steps:
        for recipe in _recipes(told):
            if said := step.tell(recipe):
                items.append(("", 0, [("strong", step.title.to(lang)), *inline(COLON.to(lang) + clean(said.to(lang)))]))
    if items:
        yield Bullets(items)


def _commands(told: Told) -> Iterator[Block]:
    lang = told.lang
    yield Paragraph([("", VALIDATE.to(lang))])
    yield Code("sh", clean(shlex.join(["confguard", "check", told.sources.current.means, "--reference", told.sources.reference.asked])))
    if told.sources.train_command:
        yield Paragraph([("", START.to(lang))])
        yield Code("sh", clean(told.sources.train_command))
    else:
        yield Paragraph(inline(NO_COMMAND.to(lang)))


def _recipes(told: Told) -> list[Recipe]:
    """Those of the current files, without what no code reads: nothing is to be watched or done about that."""
    files = told.sources.current.files
    return [without_unread(file.recipe, told.unread.get(file.document.path, frozenset())) for file in files if file.recipe is not None]
