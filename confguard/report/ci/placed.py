"""Where findings lie for a machine: paths from the repository's root, and identities that outlive a moved line."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator

from confguard.checking.pipeline import Report
from confguard.project.git import repository_above
from confguard.project.project import IN_PYPROJECT
from confguard.words.finding import Finding, Position, Span
from confguard.words.secret import mask

_FIRST = Span(Position(1, 1, 0), Position(1, 1, 0))


def placed(report: Report) -> list[Finding]:
    """The findings; of a table in pyproject.toml nobody knows the lines, so what is wrong in it is told of the file's first one."""
    return [
        finding._replace(file=finding.file.removesuffix(IN_PYPROJECT), span=_FIRST) if finding.file.endswith(IN_PYPROJECT) else finding
        for finding in report.findings
    ]


class Paths:
    """Paths as a forge wants them: from the root of the repository that a file lies in, with slashes."""

    def __init__(self) -> None:
        self.roots: dict[str, str] = {}

    def of(self, file: str) -> str:
        """The path of a file; from the working folder where there is no repository, and as it is where that is not above the file."""
        if file.startswith("<"):
            return file
        path = os.path.join(os.path.realpath(os.path.dirname(file)), os.path.basename(file))
        root = os.path.join(self._root(os.path.dirname(path)), "")
        return path.removeprefix(root).replace(os.sep, "/") if path.startswith(root) else file

    def _root(self, folder: str) -> str:
        if folder not in self.roots:
            self.roots[folder] = repository_above(folder) or os.path.realpath(os.curdir)
        return self.roots[folder]


def identified(findings: Iterable[Finding], paths: Paths) -> Iterator[tuple[str, Finding]]:
    """Each finding with its fingerprint: of the rule, the file and the key, so that lines above may come and go.

    Findings that have all three in common are told apart by their order.
    """
    from hashlib import sha256

    seen: dict[str, int] = {}
    for finding in findings:
        identity = "\0".join((finding.code, paths.of(finding.file), mask(finding.key or "")))
        seen[identity] = seen.get(identity, 0) + 1
        yield f"{sha256(identity.encode(errors='replace')).hexdigest()[:16]}:{seen[identity]}", finding
