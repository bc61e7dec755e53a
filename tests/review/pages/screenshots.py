"""Pictures of every page, to look at after a change, and those in the READMEs.

    python -m tests.review.pages.screenshots [FOLDER]
    python -m tests.review.pages.screenshots --readme

The first writes the pages of `tour` in both languages, at two widths, light and dark; the second
docs/check-page.png and docs/check-page.zh.png, which show the draft in data/drafts.
"""

import argparse
from pathlib import Path
from typing import Final

from playwright.sync_api import Page, sync_playwright

from flows.steps.serve import site_of
from tests.conftest import CHECKOUT
from tests.review.pages import tour
from tests.review.pages.serving import served

DRAFT: Final = CHECKOUT / "data" / "drafts" / "2021-wrong-total.docx"
PICTURES: Final = {"en": "check-page.png", "zh": "check-page.zh.png"}
README_SIZE: Final = {"width": 1280, "height": 900}


def save_for_readme() -> None:
    """Write the pictures of a checked draft, with its wrong cell in view."""
    checked = tour.Stop("draft", "/", (DRAFT,))
    with site_of(None, (), 1) as site, served(site) as address, sync_playwright() as playwright:
        for lang, name in PICTURES.items():
            with tour.chromium(playwright, viewport=README_SIZE, reduced_motion="reduce") as page:
                _show_wrong_cell(page, address, checked, lang)
                page.screenshot(path=CHECKOUT / "docs" / name)


def _show_wrong_cell(page: Page, address: str, checked: tour.Stop, lang: str) -> None:
    tour.visit(page, address, checked, lang)
    page.click("#issue-1 a.go")
    page.wait_for_selector("td.framed")


def main() -> None:
    """Write the pictures."""
    parser = argparse.ArgumentParser(description="Write pictures of the pages.")
    parser.add_argument("folder", type=Path, nargs="?", default=Path("build/screenshots"))
    parser.add_argument("--readme", action="store_true", help="only those in the READMEs")
    chosen = parser.parse_args()
    if chosen.readme:
        save_for_readme()
    else:
        tour.main(chosen.folder)


if __name__ == "__main__":
    main()
