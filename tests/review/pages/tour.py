"""Every page of a site with a warehouse, to be visited by a browser: by tests of all pages, and as
pictures for people: `main(folder)` writes one of each page at 1280 and 390 pixels, light and dark,
in both languages (`make screenshots`).
"""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any
from urllib.parse import quote

import duckdb
from playwright.sync_api import Page, Playwright, sync_playwright

from flows.commands.cli import status
from flows.steps.serve import site_of
from flows.steps.settings import load_settings
from tests.build.browser import find_chromium
from tests.conftest import CHECKOUT
from tests.review.pages.serving import served

SAMPLES = CHECKOUT / "data" / "samples"
WIDTHS = (1280, 390)
THEMES = ("light", "dark")
LANGUAGES = ("zh", "en")
READING_MS = 180_000  # four drafts on a machine that has more to do


@dataclass(frozen=True)
class Stop:
    """One page: its name, its address, and the drafts that are sent to reach it."""

    name: str
    path: str
    drafts: tuple[Path, ...] = ()


def stops(database: Path) -> list[Stop]:
    """The pages; asked before a server opens the database in its own way."""
    wrong, clean = SAMPLES / "2019-html-word.html", SAMPLES / "2014-docx-raw.docx"
    with duckdb.connect(database, read_only=True) as con:

        def first(query: str) -> tuple[Any, ...]:
            row = con.execute(query).fetchone()
            assert row, query
            return row

        report, agency, rule, cells = first(
            "SELECT report_id, agency_id, rule_id, cells FROM findings "
            "WHERE level = 'error' AND agency_id <> 'unknown' AND len(cells) > 1 "
            "ORDER BY rule_id DESC, report_id LIMIT 1"
        )
        paged = first(
            "SELECT r.report_id FROM reports r JOIN documents d USING (document_id) "
            "WHERE d.format = 'pdf' ORDER BY d.file_name LIMIT 1"
        )[0]
        other = first("SELECT rule_id FROM findings WHERE len(cells) = 0 ORDER BY rule_id LIMIT 1")[
            0
        ]
    cell = cells[-1].replace("|", "/")
    return [
        Stop("check", "/"),
        Stop("draft", "/", (wrong,)),
        Stop("drafts", "/", (wrong, clean, SAMPLES / "2019-txt-pipes.txt", CHECKOUT / "Makefile")),
        Stop("refused", "/", (CHECKOUT / "Makefile",)),
        Stop("board", "/board"),
        Stop("findings", "/findings"),
        Stop("filtered", "/findings?level=warning&text=" + quote("表")),
        Stop("report", f"/report/{report}"),
        Stop("paged", f"/report/{paged}"),
        Stop("agency", f"/agency/{quote(agency)}"),
        Stop("rule", f"/rule/{rule}"),
        Stop("rule-words", f"/rule/{other}"),
        Stop("cell", f"/cell/{report}/{cell}"),
        Stop("nowhere", "/nowhere"),
    ]


def visit(page: Page, address: str, stop: Stop, lang: str) -> None:
    """Go there as a person does, and wait until it is there."""
    mark = "&" if "?" in stop.path else "?"
    page.goto(f"{address}{stop.path}{mark}lang={lang}")
    if stop.drafts:
        page.set_input_files("input[name=drafts]", [str(path) for path in stop.drafts])
        page.click("button[type=submit]")
        page.wait_for_selector("main:not(:has([data-waiting]))", timeout=READING_MS)
    page.wait_for_load_state()


@contextmanager
def chromium(playwright: Playwright, **options: Any) -> Iterator[Page]:
    """A page of a browser of its own."""
    browser = playwright.chromium.launch(executable_path=find_chromium(), args=["--no-sandbox"])
    try:
        yield browser.new_page(**options)
    finally:
        browser.close()


def main(folder: Path) -> None:
    """All pictures."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as own:
        database = Path(own) / "samples.duckdb"
        if status(["run", str(SAMPLES), "--database", str(database)]) != 0:
            raise SystemExit("the samples could not be read")
        shown = stops(database)
        settings = load_settings(database=database, corrections=Path(own) / "corrections")
        with site_of(settings, (), 2) as site, served(site) as address, sync_playwright() as made:
            for width, theme, lang in product(WIDTHS, THEMES, LANGUAGES):
                size = {"width": width, "height": 900}
                with chromium(made, viewport=size, color_scheme=theme) as page:
                    for stop in shown:
                        visit(page, address, stop, lang)
                        page.wait_for_load_state("networkidle")
                        name = f"{stop.name}-{width}-{theme}-{lang}.png"
                        page.screenshot(path=str(folder / name), full_page=True)
