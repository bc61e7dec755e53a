"""One page: order, page marks, paragraphs, boxes, and tables set with blank space."""

from random import Random

import pytest
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

from extract.document import Document, Grid, Paragraph
from extract.pdf.read import read as read_pdf
from extract.registry import read
from tests.build.pdf_files import FONT, Style, paper
from tests.build.report import Flow
from tests.build.report import Line as Words
from tests.extract.pdf.pages import PAIR, canvas, one_page


def drawn(blocks: Flow, **style: object) -> Document:
    return read_pdf(paper(blocks, Style(**style), Random(1)))  # type: ignore[arg-type]


def test_blocks_come_in_reading_order() -> None:
    document = drawn([Words("一、概述", "heading"), PAIR, Words("二、说明", "heading"), PAIR])
    kinds = [
        b.text if isinstance(b, Paragraph) else [c.text for c in b.cells] for b in document.blocks
    ]
    assert kinds == [
        "一、概述",
        ["甲项", "12", "乙项", "34"],
        "二、说明",
        ["甲项", "12", "乙项", "34"],
    ]
    assert all(b.page == 1 for b in document.blocks)


@pytest.mark.parametrize(
    "mark", ["- {} -", "—{}—", "{}", "第 {} 页", "第{}页 共9页", "{} / 9", "－ {} －"]
)
def test_page_marks_are_left_out(mark: str) -> None:
    assert [p.text for p in drawn([Words("正文")], mark=mark).paragraphs] == ["正文"]


def test_a_number_that_is_no_page_mark_stays() -> None:
    assert [p.text for p in drawn([Words("2023", "title"), PAIR], mark="编号 {}").paragraphs] == [
        "2023",
        "编号1",
    ]


def test_wrapped_lines_are_one_paragraph_and_items_of_a_list_are_not() -> None:
    long = (
        "依申请公开方面，本年新收政府信息公开申请二十一件，均在法定期限内答复，"
        "未发生因公开引起的行政复议和行政诉讼案件。"
    ) * 2
    document = drawn(
        [Words(long), Words("（一）" + long), Words("短句。"), Words("二、" + long)], mark=""
    )
    assert [p.text for p in document.paragraphs] == [long, "（一）" + long, "短句。", "二、" + long]


def boxes(document: Document) -> list[tuple[float, ...]]:
    return [c.bbox for g in document.grids for c in g.cells if c.bbox]


@pytest.mark.parametrize("turn", [1, 2, 3])
def test_boxes_are_on_the_page_as_it_is_shown(turn: int) -> None:
    upright = boxes(drawn([PAIR]))
    assert boxes(drawn([PAIR], turn=turn)) == [pytest.approx(b, abs=0.1) for b in upright]
    width, height = A4
    for (left, top, right, bottom), got in zip(
        upright, boxes(drawn([PAIR], sideways=turn)), strict=True
    ):
        # drawn turned counter-clockwise: once, what was the right edge is at the top
        want = {
            1: (top, width - right, bottom, width - left),
            2: (width - right, height - bottom, width - left, height - top),
            3: (height - bottom, left, height - top, right),
        }[turn]
        assert got == pytest.approx(want, abs=0.1)


def test_tables_set_with_blank_space() -> None:
    rows = [("行政许可", "7848", "12"), ("行政处罚", "2417", "3"), ("行政强制", "58", "0")]

    def draw(page: Canvas) -> None:
        page.setFont(FONT, 12)
        for i, row in enumerate(rows):
            for x, text in zip((80, 240, 360), row, strict=True):
                page.drawString(x, 700 - 20 * i, text)

    (grid,) = read_pdf(canvas(draw)).grids
    assert [[c.text for c in grid.cells if c.row == r] for r in range(3)] == [
        list(row) for row in rows
    ]
    assert grid.page == 1


def test_texts_over_each_other_are_no_table() -> None:
    def draw(page: Canvas) -> None:
        page.setFont(FONT, 12)
        for i in range(3):
            page.drawString(80, 700 - 20 * i, "行政规范性文件制发的数量")
            page.drawString(140, 700 - 20 * i, "47")
            for k in range(4):
                page.drawString(300 + 50 * k, 700 - 20 * i, f"{k}5")

    document = read_pdf(canvas(draw))
    assert document.grids == []
    assert document.text_without_cells


def test_grids_say_their_page() -> None:
    document = drawn([PAIR] * 12, height=420.0)
    assert [g.page for g in document.grids] == sorted(g.page or 0 for g in document.grids)
    assert {g.page for g in document.grids} == {1, 2, 3}
    assert all(isinstance(g, Grid) for g in document.grids)


@pytest.mark.parametrize("scale", [0.05, 0.1, 0.5, 3.0])
def test_a_page_drawn_in_small_is_read_as_the_page_itself(scale: float) -> None:
    rules = b"1 w 50 50 m 150 50 l S 50 70 m 150 70 l S 50 90 m 150 90 l S " + b"".join(
        b"%d 50 m %d 90 l S " % (x, x) for x in (50, 100, 150)
    )
    figures = b"".join(
        b"BT /F 9 Tf %d %d Td (%s) Tj ET " % (x, y, text)
        for x, y, text in ((60, 77, b"1576"), (110, 77, b"1"), (60, 57, b"20"), (110, 57, b"3"))
    )
    _, document = read(one_page(b"%f 0 0 %f 0 0 cm " % (scale, scale) + rules + figures))
    (grid,) = document.grids
    assert [[cell.text for cell in row if cell] for row in grid.matrix] == [
        ["1576", "1"],
        ["20", "3"],
    ]
    first = grid.cells[0].bbox
    assert first is not None
    shown = [50 * scale, 842 - 90 * scale, 100 * scale, 842 - 70 * scale]
    assert list(first) == pytest.approx(shown, abs=scale)
