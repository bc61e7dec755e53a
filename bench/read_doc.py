"""Time of reading legacy Word files: a batch in one LibreOffice process, one process a file, and
the converter in pure Python.

    python -m bench.read_doc

Makes its reports itself and has LibreOffice save them as .doc, .rtf and .odt; 60 files a format.
Prints a Markdown table: for one document the milliseconds of wall and of processor time, all of a
row's processes counted, and how many documents have the cells of the docx.
"""

import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from extract.document import Document, ReadError
from extract.limits import OFFICE_DOCUMENTS
from extract.word import docx
from extract.word.convert import Converted, convert, find_office, read_converted
from tests.build.draw import random_report
from tests.build.registry import build
from transform.form.forms import load_forms
from transform.tidy import tidy

LAYOUTS = ("docx-raw", "docx-runs", "docx-slivers", "docx-paragraphs", "docx-cut")
FILTERS = {"doc": "doc:MS Word 97", "rtf": "rtf:Rich Text Format", "odt": "odt:writer8"}
ALONE = 6  # files for the ways that start a process for each
Result = Converted | ReadError


def spent() -> tuple[float, float]:
    """Now, and the processor seconds of all children so far."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.perf_counter(), used.ru_utime + used.ru_stime


def cells(document: Document) -> list[tuple[object, ...]]:
    """What must be the same."""
    return [
        (c.table_id, c.row_id, c.col_id, c.value, c.state, c.raw_text)
        for c in tidy(document, load_forms(), None).cells
    ]


def batch(paths: list[Path], into: Path) -> dict[Path, Result]:
    """As a run does it, in one process."""
    return convert(paths, into, processes=1)


def parallel(paths: list[Path], into: Path) -> dict[Path, Result]:
    """As a run does it on this machine."""
    return convert(paths, into)


def one_by_one(paths: list[Path], into: Path) -> dict[Path, Result]:
    """A process for each file."""
    results: dict[Path, Result] = {}
    for path in paths:
        results |= convert([path], into, processes=1)
    return results


def without_office(paths: list[Path], into: Path) -> dict[Path, Result]:
    """msdoc2docx, a process for each file."""
    return convert(paths, into, program="", processes=1)


WAYS: tuple[tuple[str, str, Callable[[list[Path], Path], dict[Path, Result]], int], ...] = (
    ("LibreOffice, one batch", "doc", batch, OFFICE_DOCUMENTS),
    ("LibreOffice, batches in parallel", "doc", parallel, OFFICE_DOCUMENTS),
    ("LibreOffice, one process a file", "doc", one_by_one, ALONE),
    ("msdoc2docx, one process a file", "doc", without_office, ALONE),
    ("LibreOffice, one batch", "rtf", batch, OFFICE_DOCUMENTS),
    ("LibreOffice, one batch", "odt", batch, OFFICE_DOCUMENTS),
)


def legacy(office: str, sources: Iterable[Path], folder: Path, kind: str) -> list[Path]:
    """The files as LibreOffice saves them."""
    profile = (folder / "profile").as_uri()
    command = [
        office,
        f"-env:UserInstallation={profile}",
        "--headless",
        "--convert-to",
        FILTERS[kind],
        "--outdir",
        str(folder / kind),
    ]
    subprocess.run([*command, *map(str, sources)], check=True, capture_output=True)
    return sorted((folder / kind).iterdir())


def main() -> None:
    """Print the table."""
    office = find_office()
    if office is None:
        sys.exit("LibreOffice is not installed")
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        sources = [folder / f"{n:02d}.docx" for n in range(OFFICE_DOCUMENTS)]
        for n, source in enumerate(sources):
            source.write_bytes(
                build(random_report(n, ("2019", "2021")[n % 2]), LAYOUTS[n % len(LAYOUTS)]).data
            )
        wanted = {source.stem: cells(docx.read(source.read_bytes())) for source in sources}
        files = {kind: legacy(office, sources, folder, kind) for kind in FILTERS}
        print(
            "| way | format | files | ms wall | ms processor | exact |\n|---|---|---|---|---|---|"
        )
        for label, kind, way, count in WAYS:
            paths, (wall, processor) = files[kind][:count], spent()
            results = way(paths, folder)
            then, used = spent()
            exact = sum(
                isinstance(r, Converted)
                and cells(read_converted(r.docx.read_bytes(), r.by)) == wanted[p.stem]
                for p, r in results.items()
            )
            print(
                f"| {label} | {kind} | {count} | {(then - wall) / count * 1000:.0f} | "
                f"{(used - processor) / count * 1000:.0f} | {exact} of {count} |"
            )


if __name__ == "__main__":
    main()
