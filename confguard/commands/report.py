"""`confguard report`: the whole summary of a config, its reference and its past, as Markdown or as a page."""

from __future__ import annotations

from confguard.checking.pipeline import Report, check_documents
from confguard.checking.setting import Options
from confguard.commands.comparing import Comparing
from confguard.project.side import Side
from confguard.report.summary.page import summary_page
from confguard.report.summary.told import Sources, Told
from confguard.schemas.catalogue import CATALOGUE
from confguard.schemas.story import STORY


def run(reference: str, current: str, before: str | None = None, lang: str = "en", format: str = "markdown") -> int:
    """Print the report; 0 when all is the same or waived and no rule is broken, 1 otherwise."""
    told = told_of(reference, current, before, lang)
    blocks = summary_page(told)
    if format == "html":
        from confguard.report.html import page

        print(page(blocks, lang, hide_same=False), end="")
    else:
        from confguard.report.markdown import markdown

        print(markdown(blocks, lang), end="")
    return 1 if told.sources.against.differs() or told.sources.now.fails("warning") else 0


def told_of(reference: str, current: str, before: str | None, lang: str) -> Told:
    """Everything that is told of a config."""
    comparing = Comparing()
    theirs, ours = comparing.side(reference), comparing.side(current)
    earlier = comparing.side(before) if before else None
    against = comparing.compared(theirs, ours)
    now = _checked(ours, theirs)
    sources = Sources(
        reference=theirs,
        current=ours,
        before=earlier,
        against=against,
        history=comparing.compared(earlier, ours) if earlier else against,
        deviation=comparing.compared(theirs, earlier) if earlier else against,
        now=now,
        earlier=_checked(earlier, theirs) if earlier else now,
        train_command=comparing.project_of(ours.files[0], ours).train_command,
    )
    return Told(sources, STORY, CATALOGUE, lang)


def _checked(files: Side, reference: Side) -> Report:
    return check_documents([file.document for file in files.files], CATALOGUE, Options(reference=reference.means))
