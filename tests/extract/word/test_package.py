"""The package of a docx: names of its parts, refusals, limits, damaged bytes; the blank form."""

import io
import random
import time
from pathlib import Path

import docx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extract.document import UNREADABLE, Document, ReadError, Reason, texts
from extract.word.docx import read
from tests.extract.documents import rows_of
from tests.extract.word.packages import INNER, box, p, package, tbl, tc, tr

STRICT = "http://purl.oclc.org/ooxml/wordprocessingml/main"


def test_strict_namespace_and_another_name_of_the_main_part() -> None:
    document = read(package(p("甲") + INNER, ns=STRICT, main="word/document2.xml"))
    assert texts(document.blocks) == ["甲"]
    assert rows_of(document.grids[0]) == [["甲", "乙"], ["1", "2"]]


def test_title_of_the_properties() -> None:
    core = (
        '<cp:coreProperties xmlns:cp="urn:cp" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title> 年度 '
        "报告</dc:title></cp:coreProperties>"
    )
    assert read(package(p("甲"), core=core)).facts == (("title", "年度 报告"),)
    broken = read(package(p("甲"), core="<broken"))
    assert broken.facts == ()
    assert any("properties" in remark for remark in broken.remarks)


def test_an_embedded_part_is_told() -> None:
    assert read(package("<w:altChunk/>")).instead


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"PK\x03\x04 cut", Reason.DAMAGED),
        (package("<w:p>")[:-40], Reason.DAMAGED),
        (package("<w:p>"), Reason.DAMAGED),
        (package("<w:sdt>" * 120 + "</w:sdt>" * 120), Reason.XML_GUARD),
    ],
)
def test_refusals(data: bytes, reason: Reason) -> None:
    with pytest.raises(ReadError) as error:
        read(data)
    assert error.value.reason is reason


@pytest.mark.parametrize("rows", [[tr(tc("1"), tc("2"))] * 501, [tr(*[tc("1")] * 61)]])
def test_a_table_beyond_the_limits_costs_that_table_alone(rows: list[str]) -> None:
    document = read(package(tbl(*rows) + tbl(tr(tc("甲"), tc("乙")))))
    assert [cell.text for grid in document.grids for cell in grid.cells] == ["甲", "乙"]
    assert document.flaw is not None and document.flaw[0] is Reason.TOO_LARGE


def test_a_cell_beyond_the_limit_is_open_and_its_words_are_prose() -> None:
    document = read(package(tbl(tr(tc("字" * 4001), tc("1")))))
    assert [cell.text for cell in document.grids[0].cells] == [UNREADABLE, "1"]
    assert texts(document.blocks) == ["字" * 4001] and document.flaw is None


def test_prose_in_a_layout_cell_has_no_limit() -> None:
    assert len(texts(read(package(tbl(tr(tc("字" * 5000))))).blocks)[0]) == 5000


@given(st.integers(0, 2**32))
@settings(deadline=None, max_examples=150)
def test_damaged_bytes_end_in_a_named_refusal(seed: int) -> None:
    """The XML itself is damaged here, since a damaged zip ends at its checksum."""
    chance = random.Random(seed)
    body = bytearray(
        (
            p("甲")
            + INNER
            + tbl(tr(tc("a", 2, "restart"), tc("b", width=900)))
            + f"<w:p>{box(p('x'), p('y'))}</w:p>"
        ).encode()
    )
    for _ in range(chance.randint(1, 6)):
        body[chance.randrange(len(body))] = chance.choice(b'<>/:="wtcpr09 -')
    try:
        document = read(package(body.decode("utf-8", "replace")))
    except ReadError:
        return
    assert isinstance(document, Document)
    for grid in document.grids:
        assert all(
            c.row + c.row_span <= grid.n_rows and c.col + c.col_span <= grid.n_cols
            for c in grid.cells
        )


def test_the_blank_form(shared_dir: Path) -> None:
    document = read((shared_dir / "corpus" / "raw" / "template-2021.docx").read_bytes())
    assert [(g.n_rows, g.n_cols, len(g.cells)) for g in document.grids] == [
        (14, 4, 30),
        (28, 10, 215),
        (4, 15, 34),
    ]
    assert rows_of(document.grids[1])[5][:2] == ["三、本年度办理结果", "（一）予以公开"]
    assert all(None not in row for g in document.grids for row in g.matrix)


def test_faster_than_row_cells(shared_dir: Path) -> None:
    """bench/read_docx.py has the figures. On this small file, where deciding what is seen weighs
    most, it is some 2.7 times; 1.5 is held, so that a busy machine does not fail the test.
    """
    data = (shared_dir / "corpus" / "raw" / "template-2021.docx").read_bytes()

    def spent(way: object) -> float:
        times = []
        for _ in range(3):
            start = time.process_time()
            way(data)  # type: ignore[operator]
            times.append(time.process_time() - start)
        return min(times)

    peer = spent(
        lambda d: [
            [c.text for c in row.cells]
            for t in docx.Document(io.BytesIO(d)).tables
            for row in t.rows
        ]
    )
    assert spent(read) * 1.5 < peer
