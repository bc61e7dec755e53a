"""The second readers give the same figures as the first, by other libraries and without the first ones' code."""

import ast
from collections import Counter
from pathlib import Path

import pytest

import extract.second
from extract.document import ReadError
from extract.readers import READERS, read
from extract.second import SECOND_READERS, second_reader
from extract.sniff import Format
from tests.build.draw import random_report
from tests.build.registry import LAYOUTS, build, edition_fits
from transform.form import load_forms
from transform.tidy import tidy

TABLE_CODE = {f"extract.readers.{name}" for name in ("docx", "html", "html_spans", "nesting", "sheet", "sheet_blocks")}
# python-docx leaves out what stands in tracked changes and content controls, and breaks on rows in controls
BEYOND_PYTHON_DOCX = {"docx-tracked", "docx-controls"}


@pytest.mark.parametrize("layout", [n for n in LAYOUTS if n.startswith(("docx", "html", "xlsx")) and n not in BEYOND_PYTHON_DOCX])
def test_both_readings_give_the_same_cells(layout: str) -> None:
    count: Counter[bool] = Counter()
    for edition in ("2019", "2021"):
        if not edition_fits(layout, edition):
            continue
        made = build(random_report(11, edition, mean=40.0), layout)
        kind, document = read(made.data)
        reader = second_reader(kind)
        assert reader is not None
        first, second = (tidy(d, load_forms(), 2021).cells for d in (document, reader(made.data)))
        other = {(c.table_id, c.row_id, c.col_id): (c.state, c.value) for c in second}
        for cell in first:
            if other.get((cell.table_id, cell.row_id, cell.col_id), ("absent", None))[0] != "absent":  # what it cannot find it says nothing of
                count[other[cell.table_id, cell.row_id, cell.col_id] == (cell.state, cell.value)] += 1
    assert count[False] == 0
    assert count[True] > 150


def test_second_readers_share_no_table_code() -> None:
    for path in Path(extract.second.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom):
                assert node.module not in TABLE_CODE, f"{path.name} imports {node.module}"


@pytest.mark.parametrize("kind", sorted(SECOND_READERS))
def test_damaged_files_are_refused_by_name(kind: Format) -> None:
    reader = second_reader(kind)
    assert reader is not None and kind in READERS
    made = build(random_report(1, "2021"), {"docx": "docx-raw", "html": "html-clean", "xlsx": "xlsx-sheets"}.get(kind, "docx-raw"))
    for cut in (0, 10, len(made.data) // 2):
        try:
            reader(made.data[:cut])
        except ReadError as error:
            assert error.reason
