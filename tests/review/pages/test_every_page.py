"""Every page in a browser, in both languages and both themes: nothing that keeps people out by the
rules of axe-core, nothing to hit that is smaller than a thumb, no text too small to read, no page
wider than the screen, no error in the browser.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, sync_playwright

from flows.commands.cli import status
from flows.steps.serve import site_of
from flows.steps.settings import load_settings
from tests.build.browser import find_chromium
from tests.review.pages.serving import served
from tests.review.pages.tour import SAMPLES, Stop, chromium, stops, visit

VIOLATIONS = """axe.run(document, {resultTypes: ["violations"]}).then((found) => found.violations
    .filter((v) => ["serious", "critical"].includes(v.impact))
    .map((v) => [v.id, v.nodes[0].html, v.nodes[0].failureSummary]))"""
# a radio button is hit by its label
SMALL_TARGETS = """() => Array.from(
    document.querySelectorAll("a, button, select, summary, textarea, input:not([type=hidden])"))
    .filter((e) => !e.matches(".skip") && e.checkVisibility({visibilityProperty: true}))
    .map((e) => [e, (e.matches("[type=radio]") ? e.closest("label") : e).getBoundingClientRect()])
    .filter(([e, box]) => box.width < 39.5 || box.height < 39.5)
    .map(([e, box]) => `${box.width} x ${box.height}: ${e.outerHTML.slice(0, 200)}`)"""
SMALL_TEXT = """() => Array.from(document.body.querySelectorAll("*"))
    .filter((e) => e.checkVisibility() && parseFloat(getComputedStyle(e).fontSize) < 13
        && Array.from(e.childNodes).some((n) => n.nodeType === 3 && n.textContent.trim()))
    .map((e) => e.outerHTML.slice(0, 200))"""
OPEN_ALL = "() => document.querySelectorAll('details').forEach((d) => { d.open = true; })"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, list[Stop]]]:
    folder = tmp_path_factory.mktemp("every-page")
    database = folder / "w.duckdb"
    assert status(["run", str(SAMPLES), "--database", str(database)]) == 0
    shown = stops(database)
    settings = load_settings(database=database, corrections=folder / "corrections")
    with site_of(settings, (), 2) as made, served(made) as address:
        yield address, shown


def axe_core() -> str:
    """The script of axe-core."""
    import axe_playwright_python

    return (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text("utf-8")


def faults_of(page: Page, width: int) -> list[object]:
    """What is wrong with the page that is open."""
    page.evaluate(OPEN_ALL)
    page.evaluate(axe_core())
    found = [*page.evaluate(VIOLATIONS), *page.evaluate(SMALL_TARGETS), *page.evaluate(SMALL_TEXT)]
    wide = page.evaluate("document.documentElement.scrollWidth")
    return found if wide == width else [*found, f"{wide} pixels wide"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("lang", "theme", "width"),
    [
        ("zh", "light", 390),
        ("en", "dark", 1280),
        pytest.param("en", "dark", 390, marks=pytest.mark.night),
        pytest.param("zh", "dark", 1280, marks=pytest.mark.night),
        pytest.param("en", "light", 1280, marks=pytest.mark.night),
    ],
)
def test_every_page(site: tuple[str, list[Stop]], lang: str, theme: str, width: int) -> None:
    if find_chromium() is None:
        pytest.skip("chromium is not installed")
    address, shown = site
    size = {"width": width, "height": 900}
    with (
        sync_playwright() as playwright,
        chromium(playwright, viewport=size, color_scheme=theme) as page,
    ):
        errors: list[object] = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        wrong = {}
        for stop in shown:
            visit(page, address, stop, lang)
            if found := [*faults_of(page, width), *errors]:
                wrong[stop.name] = found
            errors.clear()
    assert not wrong
