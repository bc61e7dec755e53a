"""How exactly scans are read: drawn reports through a scanner of every kind, each cell held against
the truth.

    python bench/read_scan.py [REPORTS-A-LOOK] [FIRST-SEED] [LOOK …]

Prints a Markdown table: for each look of `tests.build.scan_files` the cells, how many came out
wrong, how many of the wrong ones are not flagged (confidence below `SURE`), how many right ones are
flagged, the reports whose year or agency came out wrong, processor seconds a page. Every wrong cell
is named below. The reports come as TIFF files, JPEG files and PDF files of pictures by turns.
"""

import resource
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from extract.document import Document, ReadError
from extract.pdf.characters import pages
from extract.pdf.scanned_pages import with_scanned_pages
from extract.scan import read as scan
from tests.build.draw import random_report
from tests.build.dress import DRESSINGS
from tests.build.pdf_files import STYLES, paper
from tests.build.report import Report, expected_cells, flow
from tests.build.scan_files import LOOKS, Look, image_pdf, jpeg, pictures, tiff
from transform.form.forms import load_forms
from transform.identity.identify import identify
from transform.tidy import tidy

EDITIONS = ("2021", "2019", "hybrid", "2021")
PAPERS = (
    "line",
    "sides",
    "rects",
    "boxes",
    "double",
    "thick",
    "turned",
    "large",
    "header-again",
    "jitter",
    "open",
    "cut-below",
)
WAYS = ("plain", "plain", "blanks", "plain", "thousands", "units", "markers")


@dataclass
class Tally:
    """Sums over the reports of one look."""

    pages: int = 0
    cells: int = 0
    wrong: int = 0
    silent: int = 0
    doubted: int = 0
    names: int = 0
    seconds: float = 0.0
    notes: list[str] = field(default_factory=list)


def one(n: int, first: int, name: str, look: Look, tally: Tally) -> None:
    """Draw, spoil, read and compare report number `n` of those that begin with seed `first`."""
    edition, style, way, seed = (
        EDITIONS[n % len(EDITIONS)],
        PAPERS[n % len(PAPERS)],
        WAYS[n % len(WAYS)],
        first + n,
    )
    report = (
        DRESSINGS[way](random_report(seed, edition), Random(seed))
        if way in DRESSINGS
        else random_report(seed, edition)
    )
    found = pictures(paper(flow(report, 4 + n % 2), STYLES[style], Random(seed)), look, seed)
    files = (
        [jpeg(p, look.dpi, 90) for p in found]
        if n % 3 == 1
        else [tiff(found, look.dpi) if n % 3 else image_pdf(found, look.dpi)]
    )
    start = time.process_time()
    try:
        read = [scan.read(f) if n % 3 else with_scanned_pages(pages(f), f, "pdf") for f in files]
    except ReadError as error:
        tally.notes.append(f"{name} {n} {edition} {style} {way}: {error}")
        tally.wrong += len(expected_cells(report))
        return
    tally.seconds += time.process_time() - start
    tally.pages += len(found)
    document = (
        read[0] if len(read) == 1 else Document(tuple(b for d in read for b in d.blocks), "scan")
    )
    _compare(document, report, f"{name} {n} {edition} {style} {way}", tally)


def _compare(document: Document, report: Report, title: str, tally: Tally) -> None:
    identity = identify(document)
    if identity.year != report.year or identity.agency_name != report.agency:
        tally.names += 1
        tally.notes.append(
            f"{title}: year {identity.year} for {report.year}, agency {identity.agency_name} "
            f"for {report.agency}"
        )
    made = {
        (c.table_id, c.row_id, c.col_id): c
        for c in tidy(document, load_forms(), identity.year).cells
    }
    for key, truth in expected_cells(report).items():
        tally.cells += 1
        cell = made.get(key)
        right = cell is not None and (cell.state, cell.value) == (truth.state, truth.value)
        flagged = cell is not None and (cell.confidence < scan.SURE or cell.state == "absent")
        tally.wrong += not right
        tally.silent += not right and not flagged
        tally.doubted += right and flagged
        if not right:
            shown = (cell.state, cell.raw_text, cell.confidence) if cell else None
            tally.notes.append(f"{title}: {'|'.join(key)} {shown} for {truth.state} {truth.value}")


def main() -> None:
    """One line a look."""
    count, first = (
        int(sys.argv[k]) if len(sys.argv) > k else default for k, default in ((1, 4), (2, 1000))
    )
    columns = (
        "look",
        "dpi",
        "pages",
        "cells",
        "wrong",
        "of these not flagged",
        "right but flagged",
        "year or agency wrong",
        "CPU s a page",
    )
    print(f"| {' | '.join(columns)} |\n{'|---' * len(columns)}|")
    tallies = []
    for number, name in enumerate(sys.argv[3:] or LOOKS):
        tally = Tally()
        for n in range(count):
            one(n + number * count, first, name, LOOKS[name], tally)
        pace = tally.seconds / max(1, tally.pages)
        numbers = (
            name,
            LOOKS[name].dpi,
            tally.pages,
            tally.cells,
            tally.wrong,
            tally.silent,
            tally.doubted,
            tally.names,
            f"{pace:.1f}",
        )
        print("| " + " | ".join(map(str, numbers)) + " |", flush=True)
        tallies.append(tally)
    print(
        "\nlargest memory of the process: "
        f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MiB\n"
    )
    for note in (note for tally in tallies for note in tally.notes):
        print(note)


if __name__ == "__main__":
    main()
