"""What follows from new values: names and comments that repeat them, as the rules that speak of such things would mend them."""

from __future__ import annotations

from collections.abc import Sequence

from confguard.checking.pipeline import Report
from confguard.document.document import Document
from confguard.edit.mend import mended
from confguard.edit.splice import EditRefused, Splice
from confguard.migrate.fixing import splices_of
from confguard.migrate.plan import CHANGE, COMMENT, FOLLOWS, Row
from confguard.words.catalogue import Catalogue
from confguard.words.finding import SAFE, Finding


def following(report: Report, catalogue: Catalogue) -> dict[str, list[Finding]]:
    """What a check found to have fallen behind the values of files, and how it could be brought up to date, by file."""
    found: dict[str, list[Finding]] = {}
    for finding in report.findings:
        rule = catalogue.rules.get(finding.code)
        if rule is not None and rule.follows and finding.fix is not None and finding.waiver is None:
            found.setdefault(finding.file, []).append(finding)
    return found


def followed(document: Document, findings: Sequence[Finding], unsafe: bool, catalogue: Catalogue) -> tuple[Document, list[Row]]:
    """The document with the fixes made that are as safe as was asked for, and a row for each finding."""
    rows = []
    splices: list[Splice] = []
    for finding in findings:
        row = _row(document, finding, catalogue)
        if row.safety == SAFE or unsafe:
            try:
                mended(document, [*splices, *splices_of(finding)])
            except EditRefused as error:
                rows.append(row._replace(refused=str(error)))
                continue
            splices += splices_of(finding)
            row = row._replace(written=True)
        rows.append(row)
    return (mended(document, splices).after if splices else document), rows


def _row(document: Document, finding: Finding, catalogue: Catalogue) -> Row:
    """What a fix changes, as people would say it: a comment from its words to its words, a value from the old to the new one."""
    splices = splices_of(finding)
    safety = finding.fix.safety if finding.fix else SAFE
    start, end = finding.span.start.offset, finding.span.end.offset
    written = document.text[start:end]
    new = written
    for splice in sorted(splices, reverse=True):
        new = new[: splice.start - start] + splice.text + new[splice.end - start :]
    if finding.key is None or written.startswith("#"):
        return Row(COMMENT, "", written, new, FOLLOWS, finding.message, safety, line=finding.span.start.line)
    why = catalogue.rules[finding.code].text.partition("\n")[0].removesuffix(".")
    return Row(CHANGE, finding.key, written.strip("'\""), new.strip("'\""), FOLLOWS, why, safety)
