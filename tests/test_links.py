"""No link within the repository's pages leads nowhere: the file is there, and so is the place in it."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGES = [*(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "benchmarks/README.md")), *sorted((ROOT / "docs").rglob("*.md"))]
FENCED = re.compile(r"(?ms)^```.*?^```$")
LINK = re.compile(r"\]\(([^)\s]+)(?: \"[^\"]*\")?\)")
ABROAD = re.compile(r"[a-z]+:")


@cache
def words_of(page: Path) -> str:
    """A page without its blocks of code."""
    return FENCED.sub("", page.read_text(encoding="utf-8"))


@cache
def anchors_of(page: Path) -> set[str]:
    """The places of a page that a link can name: its headings as GitHub calls them, and its anchors."""
    found: set[str] = set(re.findall(r'<a id="([^"]+)">', words_of(page)))
    for heading in re.findall(r"(?m)^#+ (.+)$", words_of(page)):
        slug = re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
        found.add(next(name for name in (slug, *(f"{slug}-{number}" for number in range(1, 1000))) if name not in found))
    return found


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_no_link_is_dead(page: Path) -> None:
    for link in LINK.findall(words_of(page)):
        if ABROAD.match(link):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), link
        assert target.is_relative_to(ROOT), link
        assert not anchor or anchor in anchors_of(target), link
