"""The HTML page in a real browser: wide and narrow, light and dark, with and without JavaScript, in both languages; it asks the network for nothing."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
from pages import HOSTILE, example, hostile

from confguard.report.blocks import Block, Heading, Table, TableRow
from confguard.report.html import page

webdriver = pytest.importorskip("selenium.webdriver", reason="selenium is not installed: pip install -e '.[dev]'")
CHROMIUM, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")
pytestmark = pytest.mark.skipif(
    not (CHROMIUM and DRIVER), reason="no chromium and chromedriver here: apt-get install chromium chromium-driver"
)
FLAGS = "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync"


class Browser:
    """A window of Chromium, and what the tests ask of it."""

    def __init__(self, folder: Path) -> None:
        from selenium.webdriver.chrome.service import Service

        options = webdriver.ChromeOptions()
        options.binary_location = str(CHROMIUM)
        for flag in (*FLAGS.split(), f"--user-data-dir={folder / 'profile'}"):
            options.add_argument(flag)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        self.driver: Any = webdriver.Chrome(options=options, service=Service(str(DRIVER)))
        self.file = folder / "page.html"

    def open(self, blocks: list[Block] | str, lang: str = "en", width: int = 1280, scheme: str = "light", scripts: bool = True) -> None:
        self.file.write_text(blocks if isinstance(blocks, str) else page(blocks, lang), encoding="utf-8")
        self.visit(self.file.as_uri(), width, scheme, scripts)

    def visit(self, address: str, width: int = 1280, scheme: str = "light", scripts: bool = True) -> None:
        self.command("Emulation.setScriptExecutionDisabled", value=not scripts)
        self.command("Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=width < 600)
        self.media("", scheme)
        self.logged()
        self.driver.get(address)

    def command(self, name: str, **arguments: Any) -> None:
        self.driver.execute_cdp_cmd(name, arguments)

    def media(self, kind: str, scheme: str) -> None:
        self.command("Emulation.setEmulatedMedia", media=kind, features=[{"name": "prefers-color-scheme", "value": scheme}])

    def ask(self, script: str, *arguments: Any) -> Any:
        return self.driver.execute_script(f"return {script}", *arguments)

    def logged(self) -> tuple[list[str], list[str]]:
        """What was written to the console, and what was asked of the network, since it was last looked at."""
        events = [json.loads(entry["message"])["message"] for entry in self.driver.get_log("performance")]
        asked = [event["params"]["request"]["url"] for event in events if event["method"] == "Network.requestWillBeSent"]
        return [entry["message"] for entry in self.driver.get_log("browser")], asked

    def all(self, selector: str) -> list[Any]:
        return list(self.driver.find_elements("css selector", selector))

    def shown(self, selector: str) -> list[str]:
        """The texts of the elements that are to be seen."""
        return list(
            self.ask(
                "[...document.querySelectorAll(arguments[0])].filter((one) => one.checkVisibility()).map((one) => one.innerText)", selector
            )
        )

    def click(self, selector: str) -> None:
        self.driver.find_element("css selector", selector).click()

    def rows(self) -> list[str]:
        """The keys of the rows that are to be seen."""
        return self.shown("tbody th code")

    def overflow(self) -> int:
        """How far the page is wider than its window."""
        return int(self.ask("document.documentElement.scrollWidth - document.documentElement.clientWidth"))


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    found = Browser(tmp_path_factory.mktemp("chromium"))
    yield found
    found.driver.quit()


PAPER = {"light": "rgb(250, 250, 248)", "dark": "rgb(21, 23, 27)"}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [400, 1600])
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_it_fits_asks_for_nothing_and_complains_of_nothing(browser: Browser, lang: str, width: int, scheme: str) -> None:
    browser.open(example(lang), lang, width, scheme)
    assert browser.ask("getComputedStyle(document.body).backgroundColor") == PAPER[scheme]
    assert browser.overflow() == 0
    browser.ask("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    assert browser.overflow() == 0
    assert browser.logged() == ([], [browser.file.as_uri()])


@lru_cache(maxsize=8)
def printed(command: str, lang: str) -> str:
    """The page that a command prints in the folder of the mission's restored project."""
    words = [sys.executable, "-m", "confguard", *command.split(), "--lang", lang, "--format", "html"]
    done = subprocess.run(words, cwd=Path(__file__).parent / "mission" / "after", capture_output=True, check=False)
    assert done.returncode in (0, 1)
    return done.stdout.decode()


REAL = ("diff before current", "report reference current --before before")


@pytest.mark.parametrize("width", [400, 1280])
@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("command", REAL)
def test_the_real_pages_fit(browser: Browser, command: str, lang: str, width: int) -> None:
    browser.open(printed(command, lang), width=width)
    browser.ask("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    assert browser.overflow() == 0
    assert len(browser.all("svg")) == 2
    assert browser.logged() == ([], [browser.file.as_uri()])


@pytest.mark.parametrize("command", REAL)
def test_every_row_of_the_real_pages_is_there_without_scripts(browser: Browser, command: str) -> None:
    browser.open(printed(command, "en"), scripts=False)
    rows = len(browser.all("tbody tr"))
    browser.command("Emulation.setScriptExecutionDisabled", value=False)
    assert len(browser.shown("tbody tr")) == rows > 40


def test_a_report_hides_nothing_at_first_and_a_diff_what_is_the_same(browser: Browser) -> None:
    browser.open(printed(REAL[1], "en"))
    assert "learning_rate" in browser.rows()
    browser.open(printed("diff reference current", "en"))
    assert "learning_rate" not in browser.rows()
    browser.click("[data-all]")
    assert "learning_rate" in browser.rows()


@pytest.mark.parametrize("width", [400, 700, 1600])
def test_hostile_texts_fit_and_do_nothing(browser: Browser, width: int) -> None:
    browser.open(hostile(), "zh", width)
    browser.click("[data-all]")
    assert browser.overflow() == 0
    assert len(browser.all("main > *")) == len(HOSTILE) * 3 + 4  # headings, paragraphs, code; the bar, a list, a table, a chart
    assert browser.logged() == ([], [browser.file.as_uri()])


def test_the_policy_holds(browser: Browser) -> None:
    browser.open(example())
    browser.ask(
        "(() => { const script = document.createElement('script'); script.textContent = 'window.broken = 1'; document.body.append(script);"
        "document.body.style.cssText; document.body.setAttribute('style', 'color: red'); new Image().src = 'http://127.0.0.1:9/x'; })()"
    )
    assert browser.ask("window.broken || getComputedStyle(document.body).color == 'rgb(255, 0, 0)'") is False
    complaints, _ = browser.logged()
    assert len(complaints) == 3
    assert all("Content Security Policy" in complaint for complaint in complaints)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_colours_can_be_chosen(browser: Browser, scheme: str) -> None:
    browser.open(example(), scheme=scheme)
    for name in ("dark", "light", "auto"):
        browser.click(f"label:has(#theme-{name})")
        assert browser.ask("getComputedStyle(document.body).backgroundColor") == PAPER[scheme if name == "auto" else name]


# Filters

SAME = ["base_model", "max_steps", "output_dir"]


def test_what_is_the_same_is_hidden_at_first(browser: Browser) -> None:
    browser.open(example())
    assert not set(SAME).intersection(browser.rows())
    assert browser.shown("output") == ["17 of 28 rows"]
    assert [chip.get_attribute("aria-pressed") for chip in browser.all(".chip")] == ["false", "true", "true", "true", "true", "false"]
    browser.click("[data-status=same]")
    assert set(SAME) <= set(browser.rows())
    assert browser.shown("output") == ["28 of 28 rows"]
    assert {chip.get_attribute("aria-pressed") for chip in browser.all(".chip")} == {"true"}


def test_a_page_without_differences_shows_its_rows(browser: Browser) -> None:
    browser.open([Heading(1, "a"), Table(["key"], [TableRow([[("code", "seed")]], "same")])])
    assert browser.rows() == ["seed"]


def test_statuses_are_filtered_by_keyboard_too(browser: Browser) -> None:
    from selenium.webdriver.common.keys import Keys

    browser.open(example("zh"), "zh")
    for status in ("drift", "waived"):
        browser.click(f"button[data-status={status}]")
    assert browser.rows() == ["warmup_step", "warmup_steps"]
    assert browser.shown(".none") == ["没有符合条件的行"]  # in the table of derived values
    browser.driver.find_element("css selector", "button[data-status=new]").send_keys(Keys.SPACE)
    assert browser.rows() == ["warmup_steps"]
    browser.driver.switch_to.active_element.send_keys(Keys.SHIFT + Keys.TAB)
    browser.driver.switch_to.active_element.send_keys(Keys.SHIFT + Keys.TAB)
    browser.driver.switch_to.active_element.send_keys(Keys.ENTER)  # "all"
    assert len(browser.rows()) == 25
    assert browser.shown(".none") == []


@pytest.mark.parametrize(
    ("words", "keys"),
    [
        ("LORA_R", ["lora_rank"]),
        ("24 gb cards", ["lora_rank"]),  # what explains it
        ("lora lower", ["lora_rank", "lora_alpha"]),
        ("base_model", []),  # it is the same
        ("nothing like it", []),
    ],
)
def test_search_looks_through_all_tables(browser: Browser, words: str, keys: list[str]) -> None:
    from selenium.webdriver.common.keys import Keys

    browser.open(example())
    search = browser.all("[type=search]")[0]
    search.send_keys(words)
    assert browser.rows() == keys
    assert len(browser.shown(".none")) == (1 if keys else 2)
    search.send_keys(Keys.CONTROL + "a", Keys.BACKSPACE)
    assert len(browser.rows()) == 15


# Details, and where things stand


def test_details_open_by_summary_row_and_keyboard(browser: Browser) -> None:
    from selenium.webdriver.common.keys import Keys

    browser.open(example())
    told = "tr.opens details > div"
    assert browser.shown(told) == []
    browser.click("tr.opens summary")
    assert browser.shown(told) == ["x1.6 the prompts of a step; the learning rate should follow."]
    browser.all("tr.opens:not([hidden]) th")[1].click()
    assert len(browser.shown(told)) == 2
    browser.all("tr.opens:not([hidden]) td.number")[0].click()
    assert len(browser.shown(told)) == 1
    browser.all("tr.opens summary")[1].send_keys(Keys.ENTER)
    assert browser.shown(told) == []


def test_heads_stick_below_the_bar_and_columns_are_aligned(browser: Browser) -> None:
    browser.open(example())
    browser.ask("document.querySelectorAll('tbody tr')[22].scrollIntoView({block: 'center'})")
    head, bar = browser.ask("['thead', '#filter'].map((name) => document.querySelector(name).getBoundingClientRect())")
    assert bar["top"] == 0
    assert abs(head["top"] - bar["bottom"]) < 1
    lefts = browser.ask(
        "[...document.querySelectorAll('table:first-of-type')][0].querySelectorAll('tr:not([hidden])').values()"
        ".map((row) => [...row.children].slice(0, 5).map((cell) => Math.round(cell.getBoundingClientRect().left)).join()).toArray()"
    )
    assert len(set(lefts)) == 1


@pytest.mark.parametrize("width", [400, 1280])
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_texts_of_charts_are_legible_and_within(browser: Browser, lang: str, width: int) -> None:
    browser.open(example(lang), lang, width)
    sizes = browser.ask(
        "[...document.querySelectorAll('svg text')].map((text) => { const box = text.getBoundingClientRect(),"
        "around = text.ownerSVGElement.getBoundingClientRect(); return [parseFloat(getComputedStyle(text).fontSize) * text.getScreenCTM().a,"
        "box.left - around.left, around.right - box.right, around.bottom - box.bottom]; })"
    )
    assert min(size for size, *_ in sizes) >= 9.5
    assert min(min(room) for _, *room in sizes) >= 0


# Without JavaScript, and on paper


@pytest.mark.parametrize("width", [400, 1280])
def test_without_javascript_everything_can_be_read(browser: Browser, width: int) -> None:
    browser.open(example(), width=width, scripts=False)
    assert len(browser.rows()) == 25
    assert len(browser.shown("tbody tr")) == 28
    assert browser.shown("#filter, .none") == []
    for summary in browser.all("summary"):
        summary.click()
    assert len(browser.shown("details > div")) == len(browser.all("details")) > 8
    assert browser.overflow() == 0
    browser.click("label:has(#theme-dark)")
    assert browser.ask("getComputedStyle(document.body).backgroundColor") == PAPER["dark"]


def test_on_paper_all_is_unfolded_and_light(browser: Browser) -> None:
    browser.open(example(), scheme="dark")
    browser.media("print", "dark")
    browser.ask("dispatchEvent(new Event('beforeprint'))")
    assert browser.ask("getComputedStyle(document.querySelector('.table')).backgroundColor") == "rgb(255, 255, 255)"
    assert browser.shown("#filter, .theme, summary") == []
    assert len(browser.shown("details > div")) == len(browser.all("tr.opens:not([hidden])")) > 8
    browser.ask("dispatchEvent(new Event('afterprint'))")
    assert browser.ask("document.querySelectorAll('[open]').length") == 0
