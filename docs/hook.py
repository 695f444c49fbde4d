"""What MkDocs asks while it builds the site: the pages that are made, the pages of other folders, the way to each.

A link is written as it works in the repository; here it is turned to the page that the file has become.
"""

from __future__ import annotations

import posixpath
import re
from pathlib import Path
from typing import Any

from mkdocs.structure.files import File, Files
from site_pages import commands, pages, rule_path

from confguard.schemas.catalogue import RULES

ROOT = Path(__file__).parents[1]
BROUGHT = {"README.md": "index.md", "CONTRIBUTING.md": "contributing.md", "benchmarks/README.md": "benchmarks.md"}
"""Files of the repository that are pages of the site, and their paths there."""
REST = "Reference"
"""The section of the navigation that has the pages which no other has."""
_LINK = re.compile(r"(?<=\]\()([^)\s:#?]*)([#?][\w=-]*)?(?=[)\s])")
_FENCED = re.compile(r"(^```[^\n]*\n.*?^```$)", re.MULTILINE | re.DOTALL)
_MADE = re.compile(r"\A<!--.*?-->\n+", re.DOTALL)
"""Who made a page stands above its title, which MkDocs then does not see."""


def on_config(config: Any) -> Any:
    """Add the commands to the navigation, and the pages of `docs/` that it does not name, so that none is lost."""
    sections = {name: entries for section in config["nav"] for name, entries in section.items()}
    sections["Commands"].extend(f"commands/{name}.md" for name in commands())
    named = set(re.findall(r"[\w/.-]+\.md", repr(config["nav"])))
    folder = Path(config["docs_dir"])
    there = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.md"))
    sections[REST].extend(path for path in there if path not in named)
    return config


def on_files(files: Files, config: Any) -> Files:
    """Add what is made and what is brought; an index takes the place of the page that has all rules, or all parameters."""
    brought = {page: (ROOT / path).read_text(encoding="utf-8") for path, page in BROUGHT.items()}
    brought["index.md"] = brought["index.md"].partition("\n## More\n")[0]  # the navigation says it
    for path, content in {**pages(), **brought}.items():
        if old := files.get_file_from_path(path):
            files.remove(old)
        files.append(File.generated(config, path, content=content))
    return files


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    """Turn the links of a page that lies elsewhere in the repository, and those to a rule."""
    here = page.file.src_uri
    source = next((path for path, site in BROUGHT.items() if site == here), f"docs/{here}")

    def turned(link: re.Match[str]) -> str:
        path, anchor = link[1], link[2] or ""
        if not path:
            return anchor
        target = posixpath.normpath(posixpath.join(posixpath.dirname(source), path))
        target = BROUGHT.get(target) or posixpath.relpath(target, "docs")
        if target == "rules.md" and (rule := RULES.get(anchor[1:].upper())):
            target, anchor = rule_path(rule), ""
        return posixpath.relpath(target, posixpath.dirname(here) or ".") + anchor

    words = _MADE.sub("", markdown)
    return "".join(part if part.startswith("```") else _LINK.sub(turned, part) for part in _FENCED.split(words))
