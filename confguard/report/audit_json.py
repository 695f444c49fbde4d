"""An audit as JSON; the shape is tested and only ever grows. Every key is always there."""

from __future__ import annotations

from confguard.audit.audit import Audit
from confguard.audit.places import Site
from confguard.audit.verdict import Default, Verdict
from confguard.report.audit_words import counts, safe, shown_path, twin_text
from confguard.report.json import to_text
from confguard.words.secret import mask
from confguard.words.typing import Any


def audit_json(found: Audit) -> str:
    """The keys, the defaults, the files that could not be followed, the summary."""
    data = {
        "version": 1,
        "keys": [_key(verdict) for verdict in found.verdicts],
        "defaults": [_default(default) for default in found.defaults],
        "problems": [{"file": mask(shown_path(problem.path)), "why": mask(problem.why)} for problem in found.problems],
        "summary": counts(found),
    }
    return to_text(data)


def _key(verdict: Verdict) -> dict[str, Any]:
    leaf, twin = verdict.leaf, verdict.twin
    return {
        "config": mask(verdict.config.path),
        "key": mask(leaf.key),
        "class": verdict.kind,
        "reads": [_site(site) for site in verdict.reads],
        "into": mask(verdict.into) or None,
        "twin": {**_site(twin.site), "text": twin_text(leaf.path, twin)} if twin else None,
        "note": mask(verdict.note) or None,
        "line": leaf.line,
    }


def _default(default: Default) -> dict[str, Any]:
    return {
        "config": mask(default.config.path),
        "key": mask(default.key),
        "kind": default.kind,
        "values": [safe(default.path, value) for value in default.values],
        "sites": [_site(site) for site in default.sites],
    }


def _site(site: Site) -> dict[str, Any]:
    return {"file": mask(shown_path(site.file)), "line": site.line}
