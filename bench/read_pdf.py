"""Time of reading one PDF, and what is read right in PDF files of many producers.

    python -m bench.read_pdf [FILE.pdf …]
        time: our reader beside pdfium's own loading (the floor), pdfplumber, and memory at the peak
    python -m bench.read_pdf --cells
        cells right, wrong and lost: drawn with reportlab, printed by Chromium, exported by
        LibreOffice, and these rewritten by Ghostscript, qpdf and pdftocairo, as far as the programs
        are here
    python -m bench.read_pdf --crosscheck
        the same of the independent second reader, one file of eight

Without a file, a report drawn by the test builders. Prints small Markdown tables: processor
milliseconds a document, best of several runs taken by turns, and how many times our time that is.
The floor opens each page, its text page and lists its objects.
"""

import io
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from importlib import import_module
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any

import pypdfium2.raw as pdfium

from extract.document import Document, ReadError
from extract.pdf import crosscheck
from extract.pdf import read as pdf
from extract.word.convert import find_office
from transform.form.forms import load_forms
from transform.identity.identify import identify
from transform.tidy import tidy

Expected = dict[Any, Any]
EDITIONS = ("2019", "2021", "hybrid", "2014", "fj2008")
CLIPPED = "docx-nested"  # LibreOffice lets these tables run out of the page and leaves cells out


def sample() -> bytes:
    """A report of five pages with its three tables."""
    drawn, report = (
        import_module("tests.build.pdf_files"),
        import_module("tests.build.draw").random_report(7, "2021"),
    )
    return bytes(
        drawn.paper(
            import_module("tests.build.report").flow(report), drawn.STYLES["large"], Random(7)
        )
    )


def floor(data: bytes) -> object:
    """What no reader that uses pdfium can go below: pages, text pages and the list of objects,
    without a look at any.
    """
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


def best(data: bytes) -> list[float]:
    """Least processor time of each way in milliseconds; the ways take turns, so that a busy machine
    slows all of them.
    """
    times: list[list[float]] = [[] for _ in WAYS]
    for turn in range(max(tries for *_, tries in WAYS)):
        for found, (_, way, tries) in zip(times, WAYS, strict=True):
            if turn < tries:
                start = time.process_time()
                way(data)
                found.append(time.process_time() - start)
    return [min(found) * 1000 for found in times]


# --- cells


def drawn(folder: Path) -> Iterator[tuple[bytes, Expected]]:
    """Every style of the test builders, every edition, plain and dressed."""
    files, report = import_module("tests.build.pdf_files"), import_module("tests.build.report")
    dressings, draw = (
        import_module("tests.build.dress").DRESSINGS,
        import_module("tests.build.draw"),
    )
    for style in files.STYLES:
        for edition in EDITIONS:
            for dressing in ("plain", "everything"):
                rng = Random(f"{style} {edition} {dressing}")
                made = dressings[dressing](draw.random_report(11, edition), rng)
                yield (
                    files.paper(report.flow(made, rng.choice((4, 5))), files.STYLES[style], rng),
                    report.expected_cells(made),
                )


def printed(folder: Path) -> Iterator[tuple[bytes, Expected]]:
    """Pages with every style sheet of the tests, every edition."""
    prints, browser = (
        import_module("tests.extract.pdf.test_printed").PRINTS,
        import_module("tests.build.browser").browser,
    )
    registry, draw = import_module("tests.build.registry"), import_module("tests.build.draw")
    with browser(folder) as printer:
        for n, (style, options, layout, _) in enumerate(prints.values()):
            for edition in EDITIONS:
                if registry.edition_fits(layout, edition):
                    made = registry.build(draw.random_report(60 + n, edition, mean=30.0), layout)
                    page = made.data.replace(b"</head>", f"<style>{style}</style></head>".encode())
                    yield printer.print_page(page, **options), made.expected


def exported(folder: Path) -> Iterator[tuple[bytes, Expected]]:
    """Every layout of Word, four editions and two dressings, saved by LibreOffice."""
    registry, draw = import_module("tests.build.registry"), import_module("tests.build.draw")
    expected: dict[str, Expected] = {}
    for n, layout in enumerate(
        name for name in registry.LAYOUTS if name.startswith("docx") and name != CLIPPED
    ):
        for k in range(4):
            edition = (
                EDITIONS[(n + k) % 5]
                if registry.edition_fits(layout, EDITIONS[(n + k) % 5])
                else "2021"
            )
            made = registry.build(
                draw.random_report(300 + 4 * n + k, edition),
                layout,
                ("plain", "everything")[k % 2],
                seed=n,
            )
            (folder / f"{n}-{k}.docx").write_bytes(made.data)
            expected[f"{n}-{k}"] = made.expected
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    sources = sorted(map(str, folder.glob("*.docx")))
    subprocess.run(
        [
            find_office() or "",
            profile,
            "--headless",
            "--convert-to",
            "pdf",
            "--outdir",
            str(folder),
            *sources,
        ],
        check=True,
        capture_output=True,
    )
    yield from (((folder / f"{name}.pdf").read_bytes(), found) for name, found in expected.items())


def rewritten(
    files: Sequence[tuple[bytes, Expected]], command: Sequence[str], folder: Path
) -> Iterator[tuple[bytes, Expected]]:
    """The files through another program; `IN` and `OUT` in its command stand for the two files."""
    before, after = folder / "in.pdf", folder / "out.pdf"
    for data, expected in files:
        before.write_bytes(data)
        subprocess.run(
            [part.replace("IN", str(before)).replace("OUT", str(after)) for part in command],
            check=True,
            capture_output=True,
        )
        yield after.read_bytes(), expected


def count(
    files: Sequence[tuple[bytes, Expected]], read: Callable[[bytes], Document]
) -> Counter[str]:
    """Cells by what became of them."""
    found: Counter[str] = Counter(files=len(files))
    for data, expected in files:
        try:
            document = read(data)
            got = {
                (c.table_id, c.row_id, c.col_id): (c.state, c.value, c.unit)
                for c in tidy(document, load_forms(), identify(document).year).cells
            }
        except ReadError:
            got = {}
        for key, wanted in expected.items():
            state = got.get(key, ("absent",))[0]
            found[
                "right"
                if got.get(key) == tuple(wanted)
                else "lost"
                if state in ("absent", "text")
                else "wrong"
            ] += 1
    return found


def producers(folder: Path, every: int) -> Iterator[tuple[str, list[tuple[bytes, Expected]]]]:
    """The files of each producer whose program is here, one of so many."""
    ours = list(islice(drawn(folder), 0, None, every))
    yield "reportlab", ours
    has_browser = import_module("tests.build.browser").find_chromium()
    pages = list(islice(printed(folder), 0, None, every)) if has_browser else []
    yield "Chromium", pages
    office = list(islice(exported(folder), 0, None, every)) if find_office() else []
    yield "LibreOffice", office
    for program, name, command in REWRITERS:
        if shutil.which(program):
            mixed = [*office[::3], *ours[::12]]
            yield f"{name}, from LibreOffice and reportlab", list(rewritten(mixed, command, folder))
            yield f"{name}, from Chromium", list(rewritten(pages[::4], command, folder))


REWRITERS: tuple[tuple[str, str, list[str]], ...] = (
    (
        "gs",
        "Ghostscript",
        [
            "gs",
            "-q",
            "-dNOPAUSE",
            "-dBATCH",
            "-dSAFER",
            "-sDEVICE=pdfwrite",
            "-sOutputFile=OUT",
            "IN",
        ],
    ),
    ("qpdf", "qpdf", ["qpdf", "--object-streams=generate", "--linearize", "IN", "OUT"]),
    ("pdftocairo", "pdftocairo", ["pdftocairo", "-pdf", "IN", "OUT"]),
)


def cells(read: Callable[[bytes], Document], every: int) -> None:
    """Print the table of producers."""
    print("| producer | files | cells | right | wrong | lost |\n|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as made:
        for name, files in producers(Path(made), every):
            found = count(files, read)
            total = found["right"] + found["wrong"] + found["lost"]
            print(
                f"| {name} | {found['files']} | {total} "
                f"| {found['right']} | {found['wrong']} | {found['lost']} |"
            )


def main() -> None:
    """Print one table for each file, or that of producers."""
    if sys.argv[1:] == ["--cells"]:
        cells(pdf.read, every=1)
        return
    if sys.argv[1:] == ["--crosscheck"]:
        cells(crosscheck.read, every=8)
        return
    documents = [(Path(name).name, Path(name).read_bytes()) for name in sys.argv[1:]] or [
        ("made here", sample())
    ]
    for name, data in documents:
        print(f"\n{name}: {len(data):,} bytes\n\n| way | ms | times ours |\n|---|---|---|")
        for _ in range(3):
            pdf.read(data)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        spent = best(data)
        for (label, *_), milliseconds in zip(WAYS, spent, strict=True):
            print(f"| {label} | {milliseconds:.1f} | {milliseconds / spent[0]:.2f} |")
        print(
            f"\nthis reader takes {spent[0] / spent[1]:.2f} times the floor; peak memory of "
            f"the process with it: {peak:.0f} MiB"
        )


if __name__ == "__main__":
    main()
