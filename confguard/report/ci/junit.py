"""A report as JUnit's XML, which Jenkins, GitLab and others show as tests: a case a finding, and one for each clean file."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from confguard.checking.pipeline import Report
from confguard.report.ci.placed import Paths, placed
from confguard.report.safe import clean, visible
from confguard.words.finding import Finding, at_least


def to_junit(report: Report, fail_on: str) -> str:
    """The report: what fails the check fails its case, a waived finding is skipped, a milder one passes and is told."""
    paths = Paths()
    suite = Element("testsuite", name="confguard")
    findings = placed(report)
    found = {finding.file for finding in findings}
    for finding, name in _named(findings):
        _case(suite, finding, name, paths.of(finding.file), fail_on)
    for file in report.files:
        if file.kind and file.path not in found:
            SubElement(suite, "testcase", classname=visible(paths.of(file.path)), name=f"confguard check ({file.kind})")
    for problem in report.problems:
        case = SubElement(suite, "testcase", classname="confguard", name=clean(problem))
        SubElement(case, "error", message="not checked", type="unreadable").text = clean(problem)
    for count, tag in (("tests", "testcase"), ("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        suite.set(count, str(sum(1 for _ in suite.iter(tag))))
    root = Element("testsuites")
    root.append(suite)
    indent(root)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + tostring(root, encoding="unicode")


def _named(findings: list[Finding]) -> Iterator[tuple[Finding, str]]:
    """Each finding with the name of its case: the rule and the key; numbered, for GitLab keeps only the first of one name."""
    seen: dict[tuple[str, str], int] = {}
    for finding in findings:
        name = clean(f"{finding.code} {finding.key or finding.name}")
        seen[finding.file, name] = nth = seen.get((finding.file, name), 0) + 1
        yield finding, name if nth == 1 else f"{name} ({nth})"


def _case(suite: Element, finding: Finding, name: str, path: str, fail_on: str) -> None:
    case = SubElement(suite, "testcase", classname=visible(path), name=name)
    start = finding.span.start
    help_ = f"\nhelp: {finding.help}" if finding.help else ""
    body = "\n".join(
        map(
            visible,
            f"{path}:{start.line}:{start.column}: {finding.severity} {finding.code} {finding.name}\n{finding.message}{help_}".split("\n"),
        )
    )
    if finding.waiver:
        SubElement(case, "skipped", message=clean(f"waived: {finding.waiver.reason}")).text = body
    elif at_least(finding.severity, fail_on):
        SubElement(case, "failure", message=visible(finding.message), type=f"{finding.severity} {finding.code}").text = body
    else:
        SubElement(case, "system-out").text = body
