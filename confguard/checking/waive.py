"""What someone wants although a rule speaks against it: waivers in the project file, ignores in the config's own comments."""

from __future__ import annotations

import datetime
import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator

from confguard.document.document import Document
from confguard.project.project import Project
from confguard.words.catalogue import Catalogue
from confguard.words.finding import ERROR, Finding, Span, Waived
from confguard.words.recipe import Recipe
from confguard.words.rule import Rule
from confguard.words.waiver import Waiver

_IGNORE = re.compile(r"#\s*confguard:\s*ignore(?:\[([^\]]*)\])?[ \t]*(?:--|:)?[ \t]*(.*)")


class Ignore:
    """One `# confguard: ignore[CODE] reason` comment, and which of its codes it has silenced."""

    __slots__ = ("codes", "lines", "reason", "span", "used")

    def __init__(self, codes: tuple[str, ...], reason: str, span: Span, lines: tuple[int, ...]) -> None:
        self.codes = codes
        self.reason = reason
        self.span = span
        self.lines = lines
        self.used: set[str] = set()


def ignores(document: Document) -> list[Ignore]:
    """The ignore comments of a document. One on a line of its own speaks of the next line too."""
    if "confguard:" not in document.text:
        return []
    found = []
    for start, end in document.comments():
        match = _IGNORE.match(document.text[start:end])
        if match:
            span = document.span(start, end)
            line = span.start.line
            alone = not document.line(line)[: span.start.column - 1].strip()
            codes = tuple(code.strip() for code in (match[1] or "").split(",") if code.strip())
            found.append(Ignore(codes, _reason(match[2]), span, (line, line + 1) if alone else (line,)))
    return found


def _reason(words: str) -> str:
    """What was written as a reason; nothing where no letter or digit is in it."""
    return words.strip() if any(char.isalnum() for char in words) else ""


def ignored(finding: Finding, comments: list[Ignore]) -> Finding:
    """The finding, waived where a comment on its line ignores its rule with a reason."""
    line = finding.span.start.line
    for comment in comments[bisect_left(comments, line - 1, key=_last_line) : bisect_right(comments, line, key=_first_line)]:
        if finding.code in comment.codes and line in comment.lines:
            comment.used.add(finding.code)
            if comment.reason:
                return finding._replace(waiver=Waived(comment.reason, None, None))
    return finding


def _first_line(comment: Ignore) -> int:
    return comment.lines[0]


def _last_line(comment: Ignore) -> int:
    return comment.lines[-1]


_NO_CODES = ("an ignore names the rules it means", "write # confguard: ignore[CODE] reason")
_NO_REASON = ("an ignore needs a reason; without one it does nothing", "say why, after the bracket")
"""What an ignore can lack, and what to do about it."""


def ignore_findings(document: Document, comments: list[Ignore], catalogue: Catalogue, could_run: set[str]) -> Iterator[Finding]:
    """Ignores that have no reason or no effect. One whose rule could not run today (no reference, say) is left alone."""
    for comment in comments:
        lacking = _NO_CODES if not comment.codes else _NO_REASON if not comment.reason else None
        if lacking is not None:
            yield _finding(catalogue.rules["WAIVE004"], document, comment.span, *lacking)
        for code in comment.codes:
            if code not in catalogue.rules and not code[:1].isalpha():
                continue
            if code in could_run and code not in comment.used:
                message = f"nothing here breaks {code}; the ignore has no effect"
                yield _finding(catalogue.rules["WAIVE003"], document, comment.span, message, "remove it")
            elif code not in catalogue.rules and code not in could_run:
                message = f"there is no rule {code}; the ignore has no effect"
                yield _finding(catalogue.rules["WAIVE003"], document, comment.span, message, "correct the code")


def codes_of(document: Document) -> Iterator[tuple[str, int, int]]:
    """Each code that an ignore comment of a document names, and its offsets."""
    for start, end in document.comments() if "confguard:" in document.text else ():
        found = _IGNORE.match(document.text[start:end])
        if found and found[1]:
            first = start + found.start(1)
            yield from ((code[0], first + code.start(), first + code.end()) for code in re.finditer(r"[^\s,]+", found[1]))


class Waivers:
    """The project's waivers over one run: which were honoured, which have lapsed, which were not needed."""

    def __init__(self, project: Project, catalogue: Catalogue) -> None:
        self.project = project
        self.catalogue = catalogue
        self.today = datetime.date.today()
        self.held: set[str] = set()
        """Those in force for a file: what has lapsed for another one has not lapsed."""
        self.met: set[str] = set()
        self.needed: set[str] = set()
        self.lapsed: dict[str, str] = {}
        self.as_reference: set[str] = set()
        """Those whose value a file does not have, because it has the reference's."""

    def in_force(self, recipe: Recipe, reference: Recipe | None) -> dict[str, Waiver]:
        """The waivers that hold for a recipe, by the keys that they speak of."""
        in_force = {}
        for waiver in self.project.waivers:
            for owner in waiver.owners(recipe, self.catalogue):
                if self._in_force(waiver, owner, _counterpart(owner, recipe, reference)):
                    in_force.update({owner.name(parameter): waiver for parameter in waiver.covers(self.catalogue)})
        return in_force

    def honour(self, findings: list[Finding], in_force: dict[str, Waiver]) -> list[Finding]:
        """The findings, waived where a waiver in force speaks of a parameter they are about. Errors cannot be waived."""
        return [self._waived(finding, in_force) for finding in findings] if in_force else findings

    def findings(self) -> Iterator[Finding]:
        """Waivers that have lapsed, or that nothing needed although the files they speak of were checked."""
        document = self.project.document
        for waiver in self.project.waivers:
            if document is None:
                return
            place = waiver.entry.place("parameter")
            span = document.span(*((place and place.value) or (0, 0)))
            if waiver.parameter in self.lapsed and waiver.parameter not in self.held:
                yield _finding(
                    self.catalogue.rules["WAIVE001"],
                    document,
                    span,
                    self.lapsed[waiver.parameter],
                    "renew it with today's value and date, or remove it",
                    waiver.parameter,
                )
            elif waiver.parameter in self.met | self.as_reference and waiver.parameter not in self.needed:
                is_met = waiver.parameter in self.met
                why = "nothing differs and no rule is broken" if is_met else "the value is the reference's again"
                message = f"the waiver for `{waiver.parameter}` is not needed: {why}"
                yield _finding(self.catalogue.rules["WAIVE002"], document, span, message, "remove it", waiver.parameter)

    def _in_force(self, waiver: Waiver, owner: Recipe, reference: Recipe | None) -> bool:
        parameters = waiver.covers(self.catalogue)
        if waiver.value is not None and not any(parameter in owner.values for parameter in parameters):
            return False
        differs = reference is not None and any(self._differs(parameter, owner, reference) for parameter in parameters)
        lapse = waiver.lapse(owner, self.catalogue, self.today)
        if lapse is not None:
            if reference is None or differs:
                self.lapsed[waiver.parameter] = lapse.en
            else:
                self.as_reference.add(waiver.parameter)
            return False
        self.held.add(waiver.parameter)
        if reference is not None:
            self.met.add(waiver.parameter)
        if differs:
            self.needed.add(waiver.parameter)
        return True

    def _differs(self, parameter: str, owner: Recipe, reference: Recipe) -> bool:
        means = self.catalogue.means
        return bool(means(parameter, owner.get(parameter)) != means(parameter, reference.get(parameter)))

    def _waived(self, finding: Finding, in_force: dict[str, Waiver]) -> Finding:
        if finding.severity == ERROR or finding.waiver is not None or finding.key not in in_force:
            return finding
        waiver = in_force[finding.key]
        self.needed.add(waiver.parameter)
        return finding._replace(waiver=waiver.waived())


def _counterpart(owner: Recipe, recipe: Recipe, reference: Recipe | None) -> Recipe | None:
    """What the reference has in the place of a recipe, or of one of its entries."""
    if reference is None or owner is recipe:
        return reference
    name = next(name for name, entry in recipe.entries.items() if entry is owner)
    return reference.entries.get(name)


def _finding(rule: Rule, document: Document, span: Span, message: str, help_: str, key: str | None = None) -> Finding:
    keys = (key,) if key else ()
    return Finding(rule.code, rule.name, rule.severity, message, key, keys, document.path, span, help_, None, rule.fails)
