"""A report as one HTML file that loads nothing: light or dark, wide or narrow, on paper, and without JavaScript."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable
from hashlib import sha256
from os.path import dirname, join

from confguard.report.blocks import Block
from confguard.report.html.body import body
from confguard.report.html.text import plain
from confguard.report.labels import label
from confguard.words.language import ZH

_PAGE = """<!DOCTYPE html>
<html lang="{lang}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="generator" content="confguard">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
<header>
<p>confguard</p>
{theme}
</header>
<main{whole}>
{main}
</main>
<script>{script}</script>
</body>
</html>
"""
_POLICY = "default-src 'none'; style-src {style}; script-src {script}; base-uri 'none'; form-action 'none'"


def page(blocks: Iterable[Block], lang: str = "en", title: str = "confguard", hide_same: bool = True) -> str:
    """The blocks as a page, in a language; `title` is what a browser's tab says. Rows that are the same are hidden until asked for."""
    style, script = _beside("page.css"), _beside("page.js")
    return _PAGE.format(
        lang="zh-CN" if lang == ZH else "en",
        policy=_POLICY.format(style=_hash(style), script=_hash(script)),
        title=plain(title),
        style=style,
        theme=_theme(lang),
        whole="" if hide_same else ' class="report"',
        main="\n".join(part for part in body(list(blocks), lang, hide_same) if part),
        script=script,
    )


def _beside(name: str) -> str:
    with open(join(dirname(__file__), name), encoding="utf-8") as file:
        return file.read()


def _hash(text: str) -> str:
    """How a policy names the one style or script that it lets a page use."""
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"


def _theme(lang: str) -> str:
    """Three buttons of which one is pressed; page.css does the rest, and nothing is remembered."""
    options = [
        f'<label><input type="radio" name="theme" id="theme-{name}" autocomplete="off"{" checked" if name == "auto" else ""}>'
        f"<span>{label(name, lang)}</span></label>"
        for name in ("auto", "light", "dark")
    ]
    return f'<fieldset class="theme"><legend class="unseen">{label("theme", lang)}</legend>{"".join(options)}</fieldset>'
