"""Time of reading one PDF: our reader beside pdfium's own loading (the floor), pdfplumber, and memory at the peak.

    python bench/read_pdf.py [FILE.pdf …]

Takes PDF files; without one, a report drawn by the test builders. Prints a small Markdown table for each: processor milliseconds a
document, best of several, and how many times our time that is. The floor opens each page, its text page and lists its objects.
"""

import io
import resource
import sys
import time
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from random import Random

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import pypdfium2.raw as pdfium

from extract.readers import pdf


def sample() -> bytes:
    """A report of five pages with its three tables."""
    drawn, report = import_module("tests.build.pdf_files"), import_module("tests.build.draw").random_report(7, "2021")
    return bytes(drawn.paper(import_module("tests.build.report").flow(report), drawn.STYLES["large"], Random(7)))


def floor(data: bytes) -> object:
    """What no reader that uses pdfium can go below: pages, text pages and the list of objects, without a look at any."""
    document = pdfium.FPDF_LoadMemDocument64(data, len(data), None)
    for index in range(pdfium.FPDF_GetPageCount(document)):
        page = pdfium.FPDF_LoadPage(document, index)
        text = pdfium.FPDFText_LoadPage(page)
        for i in range(pdfium.FPDFPage_CountObjects(page)):
            pdfium.FPDFPageObj_GetType(pdfium.FPDFPage_GetObject(page, i))
        pdfium.FPDFText_ClosePage(text)
        pdfium.FPDF_ClosePage(page)
    pdfium.FPDF_CloseDocument(document)
    return None


def plumbed(data: bytes) -> object:
    """pdfplumber, tables alone."""
    with import_module("pdfplumber").open(io.BytesIO(data)) as document:
        return [page.extract_tables() for page in document.pages]


WAYS: tuple[tuple[str, Callable[[bytes], object], int], ...] = (
    ("this reader", pdf.read, 40),
    ("floor: pdfium's pages, text and objects", floor, 40),
    ("pdfplumber extract_tables", plumbed, 3),
)


def best(way: Callable[[bytes], object], data: bytes, tries: int) -> float:
    """Least processor time of `tries`, in milliseconds."""
    times = []
    for _ in range(tries):
        start = time.process_time()
        way(data)
        times.append(time.process_time() - start)
    return min(times) * 1000


def main() -> None:
    """Print one table for each file."""
    documents = [(Path(name).name, Path(name).read_bytes()) for name in sys.argv[1:]] or [("made here", sample())]
    for name, data in documents:
        print(f"\n{name}: {len(data):,} bytes\n\n| way | ms | times ours |\n|---|---|---|")
        ours = best(pdf.read, data, 40)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        for label, way, tries in WAYS:
            try:
                spent = best(way, data, tries)
            except ImportError:
                print(f"| {label} | not installed | |")
            else:
                print(f"| {label} | {spent:.1f} | {spent / ours:.2f} |")
        print(f"\npeak memory of the process with this reader: {peak:.0f} MiB")


if __name__ == "__main__":
    main()
