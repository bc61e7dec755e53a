"""Time of reading one Word report: our reader beside python-docx's ways into a table and beside the
floor (unzip and parse alone).

    python bench/read_docx.py [FILE.docx …]

Takes docx files; without one, a report that it makes itself: three tables of 18x4, 26x10 and 4x15
with true merged cells. Prints a small Markdown table: processor milliseconds a document, best of
several, and how many times our time that is.
"""

import io
import sys
import time
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from extract.archive import open_archive, parse_xml
from extract.word import docx

SHAPES = ((18, 4), (26, 10), (4, 15))


def sample() -> bytes:
    """A report as Word would hold it; every fourth row of a table spans, and each table has a
    merged label.
    """
    document = import_module("docx").Document()
    for rows, columns in SHAPES:
        document.add_paragraph("二、主动公开政府信息情况")
        table = document.add_table(rows, columns)
        for r in range(rows):
            for c in range(columns):
                table.cell(r, c).text = str(r * columns + c)
        for r in range(0, rows, 4):
            table.cell(r, 1).merge(table.cell(r, columns - 1))
        table.cell(1, 0).merge(table.cell(min(3, rows - 1), 0))
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


def floor(data: bytes) -> object:
    """What no reader of docx can go below."""
    return parse_xml(open_archive(data).read("word/document.xml"))


def row_cells(data: bytes) -> object:
    """python-docx, `row.cells`: exact, merged cells repeated."""
    return [
        [c.text for c in row.cells]
        for table in import_module("docx").Document(io.BytesIO(data)).tables
        for row in table.rows
    ]


def table_cell(data: bytes) -> object:
    """python-docx, `table.cell(r, c)`: what its manual shows first."""
    tables = import_module("docx").Document(io.BytesIO(data)).tables
    return [
        [t.cell(r, c).text for c in range(len(t.columns))]
        for t in tables
        for r in range(len(t.rows))
    ]


WAYS: tuple[tuple[str, Callable[[bytes], object], int], ...] = (
    ("this reader", docx.read, 30),
    ("floor: guarded unzip and parse", floor, 30),
    ("python-docx row.cells", row_cells, 5),
    ("python-docx table.cell(r, c)", table_cell, 2),
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
    documents = [(Path(name).name, Path(name).read_bytes()) for name in sys.argv[1:]] or [
        ("made here", sample())
    ]
    for name, data in documents:
        print(f"\n{name}: {len(data):,} bytes\n\n| way | ms | times ours |\n|---|---|---|")
        ours = best(docx.read, data, 30)
        for label, way, tries in WAYS:
            try:
                spent = best(way, data, tries)
            except ImportError:
                print(f"| {label} | not installed | |")
            else:
                print(f"| {label} | {spent:.2f} | {spent / ours:.1f} |")


if __name__ == "__main__":
    main()
