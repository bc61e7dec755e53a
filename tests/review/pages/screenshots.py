"""Pictures of every page, to look at after a change, and those in the READMEs.

    python -m tests.review.pages.screenshots [FOLDER]
    python -m tests.review.pages.screenshots --readme

The first writes every page in both languages, at two widths, light and dark; the second
docs/check-page.png and docs/check-page.zh.png.

The pages show the samples in data/samples and the draft in data/drafts.
"""

import argparse
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

import duckdb
from playwright.sync_api import Browser, Page, sync_playwright

from flows.steps.pipeline import ingest
from flows.steps.serve import site_of
from flows.steps.settings import load_settings
from tests.build.browser import find_chromium
from tests.conftest import CHECKOUT
from tests.review.pages.serving import served

DRAFT: Final = CHECKOUT / "data" / "drafts" / "2021-wrong-total.docx"
LANGUAGES: Final = {"en": "en-GB", "zh": "zh-CN"}
WIDTHS: Final = (1280, 390)
THEMES: Final[tuple[Literal["light", "dark"], ...]] = ("light", "dark")
README_SIZE: Final = (1280, 900)


@dataclass(frozen=True)
class Visit:
    """How a page is looked at."""

    lang: str
    width: int
    theme: Literal["light", "dark"]


def save_all(folder: Path) -> None:
    """Write a picture of each page for each kind of visit."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as made, _browser() as browser:
        database = Path(made) / "w.duckdb"
        settings = load_settings(database=database, corrections=Path(made))
        ingest(settings, [CHECKOUT / "data" / "samples"])
        paths = _paths(database)
        with site_of(settings, (), 2) as site, served(site) as address:
            for lang in LANGUAGES:
                for width in WIDTHS:
                    for theme in THEMES:
                        _save_pages(browser, address, folder, paths, Visit(lang, width, theme))


def save_for_readme() -> None:
    """Write the pictures of a checked draft."""
    with _browser() as browser, site_of(None, (), 1) as site, served(site) as address:
        for lang, name in (("en", "check-page.png"), ("zh", "check-page.zh.png")):
            page = _open(browser, Visit(lang, README_SIZE[0], "light"), README_SIZE[1])
            _check_draft(page, address)
            page.screenshot(path=CHECKOUT / "docs" / name)


@contextmanager
def _browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=find_chromium(), args=["--no-sandbox"])
        yield started
        started.close()


def _open(browser: Browser, visit: Visit, height: int = 900) -> Page:
    return browser.new_page(
        viewport={"width": visit.width, "height": height},
        locale=LANGUAGES[visit.lang],
        color_scheme=visit.theme,
    )


def _paths(database: Path) -> dict[str, str]:
    """The address of one page of each kind, by the kind."""
    with duckdb.connect(database, read_only=True) as con:
        found = con.execute("""
            SELECT report_id, agency_id, rule_id, split_part(cells[-1], '|', 1),
                split_part(cells[-1], '|', 2), split_part(cells[-1], '|', 3)
            FROM findings WHERE level = 'error' AND len(cells) > 1
            ORDER BY agency_id, year, rule_id, instance LIMIT 1
        """).fetchone()
    if found is None:
        raise ValueError("no error in the samples")
    report, agency, rule, *cell = found
    return {
        "check": "/",
        "board": "/board",
        "findings": "/findings",
        "report": f"/report/{report}",
        "agency": f"/agency/{agency}",
        "rule": f"/rule/{rule}",
        "cell": f"/cell/{report}/{'/'.join(cell)}",
    }


def _save_pages(
    browser: Browser, address: str, folder: Path, paths: dict[str, str], visit: Visit
) -> None:
    page = _open(browser, visit)
    ending = f"{visit.lang}-{visit.width}-{visit.theme}.png"
    for name, path in paths.items():
        answer = page.goto(f"{address}{path}")
        if answer is None or not answer.ok:
            raise ValueError(f"{path}: no page")
        page.screenshot(path=folder / f"{name}-{ending}", full_page=True)
    _check_draft(page, address)
    page.screenshot(path=folder / f"draft-{ending}", full_page=True)
    page.close()


def _check_draft(page: Page, address: str) -> None:
    page.goto(address)
    page.set_input_files("input[name=drafts]", str(DRAFT))
    page.click("button[type=submit]")
    page.wait_for_selector("#issue-1")


def main() -> None:
    """Write the pictures."""
    parser = argparse.ArgumentParser(description="Write pictures of the pages.")
    parser.add_argument("folder", type=Path, nargs="?", default=Path("build/screenshots"))
    parser.add_argument("--readme", action="store_true", help="only those in the READMEs")
    chosen = parser.parse_args()
    if chosen.readme:
        save_for_readme()
    else:
        save_all(chosen.folder)


if __name__ == "__main__":
    main()
