"""The site: it is built without a warning and without a network, no page is lost, no link is dead, and its pages fit and load nothing from elsewhere."""

from __future__ import annotations

import os
import posixpath
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from html import unescape
from html.parser import HTMLParser
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import unquote, urlsplit

import pytest

pytest.importorskip("material", reason="the site is built with MkDocs and its Material: pip install -e '.[docs]'")

from test_page_in_chromium import CHROMIUM, DRIVER, Browser
from typer.main import get_command

from confguard.cli import app
from confguard.schemas.catalogue import RULES
from confguard.schemas.parameters import PARAMETERS
from confguard.words.rule import Rule

ROOT = Path(__file__).parents[1]
NOWHERE = dict.fromkeys(("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"), "http://127.0.0.1:9")


class Page(HTMLParser):
    """What a page of the site has: its places, where its links lead, and what it loads."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.ids: set[str] = set()
        self.links: set[str] = set()
        self.loads: set[str] = set()
        self.text = path.read_text(encoding="utf-8")
        self.feed(self.text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        has = dict(attrs)
        self.ids |= {name for name in (has.get("id"), has.get("name")) if name}
        if tag == "a" and has.get("href"):
            self.links.add(str(has["href"]))
        elif address := has.get("src") or (has.get("href") if tag == "link" else None):
            self.loads.add(address)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site as anybody builds it, where no network can be reached."""
    folder = tmp_path_factory.mktemp("site")
    alone = ["unshare", "--net"] if shutil.which("unshare") and hasattr(os, "geteuid") and os.geteuid() == 0 else []
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(folder)]
    environment = {**os.environ, **NOWHERE, "NO_MKDOCS_2_WARNING": "1"}
    done = subprocess.run(alone + command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    if alone and "unshare failed" in done.stderr:  # in a container that may not
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "WARNING" not in done.stderr
    return folder


@pytest.fixture(scope="module")
def pages(site: Path) -> dict[str, Page]:
    """The pages of the site by their paths."""
    return {path.relative_to(site).as_posix(): Page(path) for path in site.rglob("*.html")}


def test_no_page_is_lost(pages: dict[str, Page]) -> None:
    """Each page of docs/ is in the navigation, and each rule and parameter has one that its index leads to."""
    written = {path.relative_to(ROOT / "docs").with_suffix(".html").as_posix() for path in (ROOT / "docs").rglob("*.md")}
    assert written <= pages["index.html"].links | {"index.html"}
    assert {f"rules/{code.lower()}.html" for code in RULES} <= pages["rules.html"].links
    assert {f"parameters/{name}.html" for name in PARAMETERS} <= pages["parameters.html"].links


def test_no_link_is_dead(site: Path, pages: dict[str, Page]) -> None:
    dead = []
    for path, page in pages.items():
        for link in page.links | page.loads:
            address = urlsplit(link)
            if address.scheme or path == "404.html":  # which stands for any address, and so has absolute ones
                continue
            target = posixpath.normpath(posixpath.join(posixpath.dirname(path), unquote(address.path))) if address.path else path
            found = (site / target).is_file() or target == "."
            anchor = unquote(address.fragment)
            if not found or (anchor and target in pages and anchor not in pages[target].ids):
                dead.append((path, link))
    assert dead == []


def test_nothing_is_loaded_from_elsewhere(site: Path, pages: dict[str, Page]) -> None:
    assert {address for page in pages.values() for address in page.loads if urlsplit(address).netloc} == set()
    for sheet in site.rglob("*.css"):
        assert re.findall(r"(?:url\(|@import\s*)[\"']?(?:https?:)?//", sheet.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.code)
def test_the_page_of_a_rule(rule: Rule, pages: dict[str, Page]) -> None:
    """It shows what a check says of the bad example, and leads to its parameters, which lead back."""
    page = pages[f"rules/{rule.code.lower()}.html"]
    assert rule.zh.split("`")[0] in unescape(page.text)
    assert re.search(rf"(?:error|warning|info) {rule.code} {rule.name}", page.text)
    for name in rule.about:
        if name in PARAMETERS:
            assert f"../parameters/{name}.html" in page.links
            assert f"../rules/{rule.code.lower()}.html" in pages[f"parameters/{name}.html"].links


@pytest.mark.parametrize("name", getattr(get_command(app), "commands", {}))
def test_the_page_of_a_command_has_what_its_help_has(name: str, pages: dict[str, Page]) -> None:
    environment = {**os.environ, "COLUMNS": "200", "PYTHONIOENCODING": "utf-8"}
    command = [sys.executable, "-m", "confguard", name, "--help"]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=True, env=environment)
    options = set(re.findall(r"(?m)^│[* ]+(--[a-z][\w-]*)", done.stdout)) - {"--help"}
    assert options or name == "lsp"  # which has none
    assert {option for option in options if f"<code>{option}</code>" not in pages[f"commands/{name}.html"].text} == set()


# In a browser

in_a_browser = pytest.mark.skipif(
    not (CHROMIUM and DRIVER), reason="no chromium and chromedriver here: apt-get install chromium chromium-driver"
)


class Quiet(SimpleHTTPRequestHandler):
    """Serves a folder, and does not talk about it."""

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture(scope="module")
def address(site: Path) -> Iterator[str]:
    """Where the site is served."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(site))) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    found = Browser(tmp_path_factory.mktemp("chromium"))
    yield found
    found.driver.quit()


PAPER = {"light": "rgb(255, 255, 255)", "dark": "rgb(21, 23, 27)"}


@in_a_browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [400, 1400])
@pytest.mark.parametrize(
    "path",
    [
        "index",
        "rules",
        "rules/batch005",
        "parameters",
        "parameters/beta",
        "commands/check",
        "tutorials/restore",
        "comparisons",
        "agreement",
    ],
)
def test_a_page_fits_and_asks_for_nothing_from_elsewhere(browser: Browser, address: str, path: str, width: int, scheme: str) -> None:
    browser.visit(f"{address}/{path}.html", width, scheme)
    browser.ask("localStorage.clear()")  # where the theme keeps the colours of the last visit
    browser.visit(f"{address}/{path}.html", width, scheme)
    assert browser.ask("getComputedStyle(document.body).backgroundColor") == PAPER[scheme]
    assert browser.overflow() == 0
    complaints, asked = browser.logged()
    assert complaints == []
    assert {one for one in asked if not one.startswith((address, "data:", "blob:"))} == set()


@in_a_browser
def test_rules_are_chosen_by_topic_severity_and_words(browser: Browser, address: str) -> None:
    shown = ".filtered tbody tr"
    browser.visit(f"{address}/rules.html")
    assert len(browser.shown(shown)) == len(RULES)
    browser.visit(f"{address}/rules.html?topic=SCHED")
    assert {row.split()[2] for row in browser.shown(shown)} == {"SCHED"}
    for label, value in (("topic", "LORA"), ("severity", "error")):
        browser.ask(
            "((choice, value) => { choice.value = value; choice.dispatchEvent(new Event('input', {bubbles: true})); })"
            "(document.querySelector(`[aria-label=${arguments[0]}]`), arguments[1])",
            label,
            value,
        )
    wanted = [rule.code for rule in RULES.values() if rule.code.startswith("LORA") and rule.severity == "error"]
    assert [row.split()[0] for row in browser.shown(shown)] == wanted
    browser.all(".filter [type=search]")[0].send_keys("rank")
    assert [row.split()[0] for row in browser.shown(shown)] == [code for code in wanted if "rank" in RULES[code].name]


@in_a_browser
@pytest.mark.parametrize(("words", "title"), [("LORA001", "LORA001"), ("warmup", "warmup"), ("学习率", "learning-rate")])
def test_search_finds_in_both_languages(browser: Browser, address: str, words: str, title: str) -> None:
    from selenium.webdriver.support.wait import WebDriverWait

    browser.visit(f"{address}/index.html")
    browser.ask("document.querySelector('.md-search__input').focus()")
    browser.all(".md-search__input")[0].send_keys(words)
    WebDriverWait(browser.driver, 20).until(lambda _: any(title in found for found in browser.shown(".md-search-result__item")))
