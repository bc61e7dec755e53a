"""The PDF reader: reports drawn in every style come back exact, cut rows whole, hostile files with
the right outcome.
"""

import json
import resource
import sys
import zlib
from collections.abc import Callable, Iterator
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from random import Random

import pytest
from reportlab.lib.pagesizes import A4
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfgen.canvas import Canvas

import extract.registry
import extract.scan
from extract import limits
from extract.detect import Format
from extract.document import Cell, Document, Grid, Paragraph, ReadError, Reason, grid_of
from extract.layout.page_breaks import MOVED, PageLine, PageTable, mend_cut_rows
from extract.layout.text_lines import TextLine
from extract.number_text import is_value
from extract.pdf.read import READER
from extract.pdf.read import read as read_pdf
from extract.registry import read
from tests.build.draw import random_report
from tests.build.dress import DRESSINGS
from tests.build.pdf_files import FONT, STYLES, Style, paper
from tests.build.report import EDITIONS, Anchor, Flow, TableLayout, expected_cells, flow
from tests.build.report import Line as Words
from transform.form.forms import load_forms
from transform.identity.identify import identify
from transform.tidy import tidy

# ---- reports


def cases() -> Iterator[tuple[str, str, str]]:
    """Every style with two editions, one of them dressed; over all styles every edition comes
    several times.
    """
    for i, style in enumerate(STYLES):
        yield style, EDITIONS[i % 5], "plain"
        yield style, EDITIONS[(i + 2) % 5], "everything"


@pytest.mark.parametrize(("style", "edition", "dressing"), list(cases()))
def test_a_report_drawn_in_any_style_is_exact(style: str, edition: str, dressing: str) -> None:
    rng = Random(f"{style} {edition}")
    report = DRESSINGS[dressing](random_report(11, edition), rng)
    kind, document = read(paper(flow(report, rng.choice((4, 5))), STYLES[style], rng))
    identity = identify(document)
    result = tidy(document, load_forms(), identity.year)
    assert kind is Format.PDF
    assert document.reader == READER
    assert identity.year == report.year
    got = {(c.table_id, c.row_id, c.col_id): (c.state, c.value, c.unit) for c in result.cells}
    assert {k: got.get(k) for k in expected_cells(report)} == {
        k: tuple(v) for k, v in expected_cells(report).items()
    }
    assert all(c.page is not None and c.bbox for c in result.cells if c.state != "absent")


@pytest.mark.parametrize(("name", "count"), [("001", 186), ("003", 200)])
def test_real_reports_are_exact(shared_dir: Path, name: str, count: int) -> None:
    truth = json.loads(
        (shared_dir / "corpus" / "truth" / f"{name}.json").read_text(encoding="utf-8")
    )
    document = read_pdf((shared_dir / "corpus" / "raw" / f"{name}.pdf").read_bytes())
    got = {
        f"{c.table_id}|{c.row_id}|{c.col_id}": (c.state, c.value)
        for c in tidy(document, load_forms(), truth["year"]).cells
    }
    want = {
        k: (v["state"], None if v["value"] is None else Decimal(v["value"]))
        for k, v in truth["cells"].items()
    }
    assert len(want) == count
    assert {k: got.get(k) for k in want} == want


# ---- one page


PAIR = TableLayout(
    "",
    tuple(
        Anchor(t, r, c)
        for r, row in enumerate((("甲项", "12"), ("乙项", "34")))
        for c, t in enumerate(row)
    ),
    2,
    2,
)


def drawn(blocks: Flow, **style: object) -> Document:
    return read_pdf(paper(blocks, Style(**style), Random(1)))  # type: ignore[arg-type]


def canvas(draw: Callable[[Canvas], None], **options: object) -> bytes:
    stream = BytesIO()
    page = Canvas(stream, A4, invariant=1, **options)
    draw(page)
    page.showPage()
    page.save()
    return stream.getvalue()


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


# ---- rows cut by a page


WIDE = (50.0, 200.0, 300.0, 400.0, 500.0)


def piece(
    rows: list[list[str]],
    page: int,
    room: dict[int, float] | None = None,
    spans: dict[tuple[int, int], int] | None = None,
) -> PageTable:
    """A table of one page, its columns where `WIDE` says; "^" goes on from the cell above."""
    cells = []
    for r, row in enumerate(rows):
        for c, text in enumerate(row):
            if text != "^":
                span = next(
                    (
                        k
                        for k in range(1, len(rows) - r + 1)
                        if r + k == len(rows) or rows[r + k][c] != "^"
                    ),
                    1,
                )
                cells.append(
                    Cell(text, r, c, span, 1, (WIDE[c], 20.0 * r, WIDE[c + 1], 20.0 * (r + span)))
                )
    return PageTable(grid_of(cells, page), page, room or {})


def rows_of(pieces: list[PageTable | PageLine]) -> list[list[list[str]]]:
    return [
        [[c.text for c in p.grid.cells if c.row == r] for r in range(p.grid.n_rows)]
        for p in pieces
        if isinstance(p, PageTable)
    ]


def test_the_tail_of_a_label_goes_to_its_row() -> None:
    upper = piece([["1.重复", "1", "2"], ["2.要求行政机关确认", "5", "6"]], 1, {0: 0.8})
    lower = piece([["或重新出具", "", ""], ["3.其他", "7", "8"]], 2)
    assert rows_of(mend_cut_rows([upper, lower])) == [
        [["1.重复", "1", "2"], ["2.要求行政机关确认\n或重新出具", "5", "6"]],
        [["3.其他", "7", "8"]],
    ]


def test_the_head_of_a_label_goes_to_the_values() -> None:
    upper = piece([["1.重复", "1", "2"], ["2.要求（仅限", "", ""]], 1)
    lower = piece([["本年）", "5", "6"], ["3.其他", "7", "8"]], 2)
    pieces = mend_cut_rows([upper, lower])
    assert rows_of(pieces) == [
        [["1.重复", "1", "2"]],
        [["2.要求（仅限\n本年）", "5", "6"], ["3.其他", "7", "8"]],
    ]
    assert isinstance(pieces[1], PageTable)
    assert {c.confidence for c in pieces[1].grid.cells} == {1.0}


def test_values_without_a_label_belong_to_the_label_without_values() -> None:
    upper, lower = piece([["1.重复", "1", "2"], ["2.其他", "", ""]], 1), piece([["", "5", "6"]], 2)
    assert rows_of(mend_cut_rows([upper, lower])) == [
        [["1.重复", "1", "2"]],
        [["2.其他", "5", "6"]],
    ]


def test_a_row_with_values_on_both_pages() -> None:
    upper, lower = piece([["2.要求（仅限", "5", ""]], 1), piece([["本年）", "", "6件"]], 2)
    (whole,) = mend_cut_rows([upper, lower])
    assert isinstance(whole, PageTable)
    assert [(c.text, c.confidence) for c in whole.grid.cells] == [
        ("2.要求（仅限\n本年）", 1.0),
        ("5", 1.0),
        ("6件", MOVED),
    ]


def test_a_row_without_a_label_whose_values_stand_on_both_pages() -> None:
    (whole,) = mend_cut_rows([piece([["3", "", "12"]], 1), piece([["", "4", ""]], 2)])
    assert isinstance(whole, PageTable)
    assert [(c.text, c.confidence) for c in whole.grid.cells] == [
        ("3", 1.0),
        ("4", MOVED),
        ("12", 1.0),
    ]


def test_a_label_that_the_break_put_behind_its_values() -> None:
    upper, lower = (
        piece([["1.重复", "1", "2"], ["", "5", "6"]], 1),
        piece([["2.要求行政机关\n确认", "", ""], ["3.其他", "7", "8"]], 2),
    )
    assert rows_of(mend_cut_rows([upper, lower])) == [
        [["1.重复", "1", "2"], ["2.要求行政机关\n确认", "5", "6"]],
        [["3.其他", "7", "8"]],
    ]
    upper, lower = (
        piece([["", "件", "5"]], 1),
        piece([["受理总数", "", ""], ["其他", "件", "8"]], 2),
    )  # a column of units is no label
    assert rows_of(mend_cut_rows([upper, lower]))[0] == [["受理总数", "件", "5"]]


def test_units_behind_the_break_belong_to_the_values_before_it() -> None:
    upper, lower = (
        piece([["（七）总计", "45", ""]], 1),
        piece([["", "件", "1"], ["四、结转", "5", "0"]], 2),
    )
    assert rows_of(mend_cut_rows([upper, lower])) == [
        [["（七）总计", "45件", "1"]],
        [["四、结转", "5", "0"]],
    ]


def test_words_between_two_items_of_a_list_go_on_from_the_first() -> None:
    upper, lower = (
        piece([["3.政策解", "篇", "0"]], 1),
        piece([["读稿件数", "", ""], ["4.微博回应", "次", "1"]], 2),
    )
    assert rows_of(mend_cut_rows([upper, lower])) == [
        [["3.政策解\n读稿件数", "篇", "0"]],
        [["4.微博回应", "次", "1"]],
    ]
    lower = piece([["读稿件数", "", ""], ["5.其他", "次", "1"]], 2)
    assert len(rows_of(mend_cut_rows([upper, lower]))[1]) == 2


def test_a_header_printed_again_is_stepped_over() -> None:
    head = ["信息内容", "本年", "总数"]
    upper, lower = (
        piece([head, ["1.重复", "1", "2"], ["2.要求（仅限", "5", "6"]], 1),
        piece([head, ["本年）", "", ""], ["3.其他", "7", "8"]], 2),
    )
    assert rows_of(mend_cut_rows([upper, lower])) == [
        [head, ["1.重复", "1", "2"], ["2.要求（仅限\n本年）", "5", "6"]],
        [head, ["3.其他", "7", "8"]],
    ]
    line = TextLine(
        -1, 0, "统计指标 单位 统计数", 50.0, 80.0, 400.0, 10.0
    )  # the same without rules
    upper, lower = piece([["1.重复", "1", "2"], ["2.其他", "", ""]], 1), piece([["", "5", "6"]], 2)
    assert (
        len(
            rows_of(
                mend_cut_rows(
                    [PageLine(line, 1, 50, 500), upper, PageLine(line, 2, 50, 500), lower]
                )
            )[0]
        )
        == 1
    )


def test_merged_labels_over_the_break() -> None:
    upper = piece([["（五）", "1.重复", "1"], ["^", "2.要求（仅", "2"]], 1)
    lower = piece([["不予处理", "限本年）", ""], ["^", "3.其他", "7"]], 2)
    assert rows_of(mend_cut_rows([upper, lower])) == [
        [["（五）", "1.重复", "1"], ["2.要求（仅\n限本年）", "2"]],
        [["不予处理", "3.其他", "7"]],
    ]
    single = piece([["（五）", "2.要求（仅", ""]], 1)
    below = piece([["不予处理", "限本年）", "2"], ["^", "3.其他", "7"]], 2)
    assert rows_of(mend_cut_rows([single, below])) == [
        [["（五）\n不予处理", "2.要求（仅\n限本年）", "2"], ["3.其他", "7"]]
    ]


@pytest.mark.parametrize(
    ("above", "below"),
    [
        (["2.其他", "1", "2"], ["3.重复", "", ""]),  # a row whose zeros are blank
        (["行政许可", "1", "2"], ["行政强制", "", ""]),
        (["2.要求（仅限", "1", "2"], ["本年）", "5", "6"]),  # values in both
        (["结果维持", "结果纠正", "总计"], ["3", "0", "1"]),  # a header and the row below it
        (["信息内容", "本年", "总数"], ["行政许可", "1", "2"]),
        (["", "1", "2"], ["", "5", "6"]),
    ],
)
def test_two_rows_stay_two(above: list[str], below: list[str]) -> None:
    assert rows_of(mend_cut_rows([piece([above], 1, {0: 0.5}), piece([below], 2)])) == [
        [above],
        [below],
    ]


def test_a_number_cut_by_the_break_is_words_of_both_parts() -> None:
    upper, lower = piece([["行政许可", "1", "14"]], 1), piece([["", "08", ""]], 2)
    assert rows_of(mend_cut_rows([upper, lower])) == [[["行政许可", "1\n08", "14"]]]
    upper, lower = piece([["行政许可", "1"]], 1), piece([["", "08件"], ["行政处罚", "3"]], 2)
    assert rows_of(mend_cut_rows([upper, lower])) == [
        [["行政许可", "1\n08件"]],
        [["行政处罚", "3"]],
    ]
    upper = piece([["（一）予以公", "1", "0", "128"]], 1, {0: 1.4})
    lower = piece([["开", "08件", "件", ""], ["（二）部分公开", "15", "3", "18"]], 2)
    assert rows_of(mend_cut_rows([upper, lower])) == [
        [["（一）予以公\n开", "1\n08件", "0件", "128"]],
        [["（二）部分公开", "15", "3", "18"]],
    ]


@pytest.mark.parametrize(
    ("above", "below"),
    [
        (["行政许可", "/", "2"], ["", "/", ""]),  # no digits on both sides
        (["1.重复", "1", "2"], ["2.其他", "5", ""]),  # a label of its own
        (["1.重复", "总计", "2"], ["", "5", "3"]),  # a header above a row
    ],
)
def test_rows_with_values_on_both_sides_that_are_two(above: list[str], below: list[str]) -> None:
    assert rows_of(mend_cut_rows([piece([above], 1), piece([below], 2)])) == [[above], [below]]


def test_prose_between_or_other_columns_part_tables() -> None:
    upper, lower = piece([["2.要求（仅限", "1", "2"]], 1), piece([["本年）", "", ""]], 2)
    line = TextLine(-1, 0, "续表", 50.0, 80.0, 400.0, 10.0)
    assert len(rows_of(mend_cut_rows([upper, PageLine(line, 1, 50, 500), lower]))) == 2
    assert (
        len(rows_of(mend_cut_rows([upper, PageLine(line, 1, 50, 500, at_edge=True), lower]))) == 1
    )
    assert len(rows_of(mend_cut_rows([upper, PageTable(lower.grid, 3, {})]))) == 2
    moved = grid_of(c._replace(bbox=(0.0, 0.0, 9.0, 9.0)) for c in lower.grid.cells)
    assert len(rows_of(mend_cut_rows([upper, PageTable(moved, 2, {})]))) == 2


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("12", True),
        ("1,234.5", True),
        ("２８件", True),
        ("3（其中\n1件）", True),
        ("/", True),
        ("1.属于", False),
        ("2、其他", False),
        ("", False),
    ],
)
def test_what_a_value_is(text: str, value: bool) -> None:
    assert is_value(text) is value


# ---- files built to harm


def written(*objects: bytes, trailer: bytes = b"") -> bytes:
    """A file of these objects, numbered from 1; the first is the catalogue."""
    out, at = bytearray(b"%PDF-1.7\n"), []
    for i, body in enumerate(objects, 1):
        at.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (i, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1) + b"".join(
        b"%010d 00000 n \n" % a for a in at
    )
    return bytes(
        out
        + b"trailer\n<</Size %d/Root 1 0 R%s>>\nstartxref\n%d\n%%%%EOF"
        % (len(objects) + 1, trailer.replace(b"START", b"%d" % start), start)
    )


CATALOGUE, PAGES = b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[3 0 R]/Count 1>>"
HELVETICA = b"<</Font<</F 5 0 R>>>>"
FONT_OBJECT = b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"
SHOW = b"BT /F 12 Tf 72 700 Td (report 1) Tj ET "


def stream(content: bytes, more: bytes = b"", packed: bool = False) -> bytes:
    body = zlib.compress(content, 9) if packed else content
    return b"<<%s%s/Length %d>>\nstream\n%s\nendstream" % (
        more,
        b"/Filter/FlateDecode" if packed else b"",
        len(body),
        body,
    )


def page(resources: bytes = HELVETICA, more: bytes = b"") -> bytes:
    return b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources %s%s>>" % (
        resources,
        more,
    )


def one_page(
    content: bytes,
    *others: bytes,
    resources: bytes = HELVETICA,
    catalogue: bytes = CATALOGUE,
    more: bytes = b"",
    packed: bool = False,
) -> bytes:
    return written(
        catalogue,
        PAGES,
        page(resources, more),
        stream(content, packed=packed),
        FONT_OBJECT,
        *others,
    )


def refused(data: bytes) -> Reason:
    with pytest.raises(ReadError) as refusal:
        read(data)
    assert refusal.value.detail
    return refusal.value.reason


def words(data: bytes) -> list[str]:
    return [p.text for p in read(data)[1].paragraphs]


def test_a_plain_page_is_read() -> None:
    assert words(one_page(SHOW)) == ["report 1"]


def test_a_loop_of_pages() -> None:
    assert refused(written(CATALOGUE, b"<</Type/Pages/Kids[2 0 R]/Count 1>>")) is Reason.DAMAGED


def test_an_object_that_draws_itself() -> None:
    form = stream(
        b"/X Do " + SHOW,
        (
            b"/Type/XObject/Subtype/Form/BBox[0 0 595 842]/Resources<</XObject<</X 6 0 "
            b"R>>/Font<</F 5 0 R>>>>"
        ),
    )
    assert words(one_page(b"/X Do", form, resources=b"<</XObject<</X 6 0 R>>>>"))[0].startswith(
        "report 1"
    )


def test_a_cross_reference_that_points_to_itself() -> None:
    data = written(CATALOGUE, PAGES, page(), stream(SHOW), FONT_OBJECT, trailer=b"/Prev START")
    try:
        assert words(data) == ["report 1"]
    except ReadError as refusal:
        assert refusal.reason is Reason.DAMAGED


def test_forty_thousand_rules() -> None:
    rules = b"".join(
        b"%d %d m %d %d l S " % (x, y, x + 4, y) for x in range(0, 500, 10) for y in range(0, 800)
    )
    assert refused(one_page(rules + SHOW, packed=True)) is Reason.TOO_LARGE


@pytest.mark.parametrize("content", [b" ", b"0 0 m "])
def test_a_stream_that_unpacks_to_a_hundred_mebibytes(content: bytes) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    packer = zlib.compressobj(9)
    block = content * (limits.MIB // len(content))
    body = b"".join(packer.compress(block) for _ in range(100)) + packer.flush()
    contents = b"<</Filter/FlateDecode/Length %d>>\nstream\n%s\nendstream" % (len(body), body)
    assert refused(written(CATALOGUE, PAGES, page(), contents, FONT_OBJECT)) is Reason.TOO_LARGE
    twice = zlib.compress(zlib.compress(content * (50 * limits.MIB // len(content)), 9), 9)
    contents = b"<</Filter[/FlateDecode/FlateDecode]/Length %d>>\nstream\n%s\nendstream" % (
        len(twice),
        twice,
    )
    assert refused(written(CATALOGUE, PAGES, page(), contents, FONT_OBJECT)) is Reason.TOO_LARGE
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 200 * 1024


def test_a_long_honest_stream_is_read() -> None:
    digits = "".join(Random(5).choice("0123456789") for _ in range(200_000)).encode()
    assert words(one_page(b"%" + digits + b"\n" + SHOW, packed=True)) == ["report 1"]


def test_five_thousand_pages() -> None:
    leaf = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>"
    kids = b" ".join(b"%d 0 R" % (3 + i) for i in range(5000))
    assert (
        refused(written(CATALOGUE, b"<</Type/Pages/Kids[%s]/Count 5000>>" % kids, *[leaf] * 5000))
        is Reason.TOO_LARGE
    )


def text_page(page: Canvas) -> None:
    page.drawString(100, 700, "report 1")


def test_encrypted_files() -> None:
    assert (
        refused(canvas(text_page, encrypt=StandardEncryption("secret", "owner")))
        is Reason.ENCRYPTED
    )
    # opens without a password
    assert words(canvas(text_page, encrypt=StandardEncryption("", "owner", canCopy=0))) == [
        "report 1"
    ]


def test_no_pages() -> None:
    assert refused(written(CATALOGUE, b"<</Type/Pages/Kids[]/Count 0>>")) is Reason.DAMAGED


@pytest.fixture
def without_scans(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if the extra "scan" were not installed."""
    monkeypatch.setitem(sys.modules, "cv2", None)
    monkeypatch.delitem(sys.modules, "extract.scan.read", raising=False)
    monkeypatch.delattr(extract.scan, "read", raising=False)
    monkeypatch.delattr(extract.registry, "scan", raising=False)


@pytest.mark.usefixtures("without_scans")
def test_a_picture_alone_is_a_scan() -> None:
    facts = (
        b"/Type/XObject/Subtype/Image/Width 1240/Height 1754/BitsPerComponent "
        b"1/ColorSpace/DeviceGray/Filter/JBIG2Decode"
    )
    picture = stream(b"\x97JB2\r\n\x1a\n" + bytes(100), facts)
    data = one_page(b"q 595 0 0 842 0 0 cm /I Do Q", picture, resources=b"<</XObject<</I 6 0 R>>>>")
    assert refused(data) is Reason.READER_MISSING


@pytest.mark.usefixtures("without_scans")
def test_text_drawn_as_outlines_is_a_scan() -> None:
    assert (
        refused(
            one_page(
                b"".join(b"%d %d m %d 300 400 %d 20 20 c f " % (x, x, x, x) for x in range(300))
            )
        )
        is Reason.READER_MISSING
    )


def test_scripts_and_actions_are_not_run() -> None:
    script = b"<</S/JavaScript/JS(app.launchURL\\('http://127.0.0.1:9'\\))/Next<</S/Launch/F(/bin/true)>>>>"
    catalogue = (
        b"<</Type/Catalog/Pages 2 0 R/OpenAction 6 0 R/Names<</JavaScript<</Names[(a) 6 0 R]>>>>>>"
    )
    assert words(one_page(SHOW, script, catalogue=catalogue, more=b"/AA<</O 6 0 R>>")) == [
        "report 1"
    ]


@pytest.mark.parametrize("keep", [0.3, 0.6, 0.9])
def test_cut_files_are_damaged_or_read(keep: float) -> None:
    data = paper([Words("一、概述", "heading"), PAIR], Style(), Random(1))
    try:
        _, document = read(data[: int(keep * len(data))])
        assert not document.grids or [c.text for c in document.grids[0].cells] == [
            "甲项",
            "12",
            "乙项",
            "34",
        ]
    except ReadError as refusal:
        assert refusal.reason is Reason.DAMAGED


def test_nothing_but_the_name_of_a_pdf() -> None:
    assert refused(b"%PDF-1.7\n" + bytes(500)) is Reason.DAMAGED


def test_a_blank_page_holds_nothing() -> None:
    document = read_pdf(one_page(b""))
    assert document.blocks == ()
    assert tidy(document, load_forms(), 2023).reason is Reason.NO_TABLES


def test_characters_of_unknown_meaning_are_never_digits() -> None:
    """A font with codes of its own and no map to Unicode: the codes look like digits and mean
    something else.
    """
    font = b"<</Type/Font/Subtype/Type0/BaseFont/X/Encoding/Identity-H/DescendantFonts[7 0 R]>>"
    descendant = (
        b"<</Type/Font/Subtype/CIDFontType2/BaseFont/X/CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)/Supplement "
        b"0>>/FontDescriptor 8 0 R/DW 600>>"
    )
    descriptor = (
        b"<</Type/FontDescriptor/FontName/X/Flags 4/FontBBox[0 -200 1000 900]/Ascent 900/Descent "
        b"-200/CapHeight 700/ItalicAngle 0/StemV 80>>"
    )
    odd = b"BT /G 12 Tf 72 600 Td <00310032> Tj ET "
    resources = b"<</Font<</F 5 0 R/G 6 0 R>>>>"
    assert (
        refused(one_page(odd, font, descendant, descriptor, resources=resources))
        is Reason.BAD_ENCODING
    )
    document = read_pdf(
        one_page(
            SHOW + SHOW.replace(b"700", b"680") + odd,
            font,
            descendant,
            descriptor,
            resources=resources,
        )
    )
    assert not any(
        "1" in p.text or "2" in p.text for p in document.paragraphs if "report" not in p.text
    )
    assert document.remarks


def test_reading_again_and_again_keeps_no_memory() -> None:
    data = paper([PAIR] * 30, Style(height=420.0), Random(1))
    for _ in range(3):
        read_pdf(data)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for _ in range(60):
        read_pdf(data)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 10 * 1024


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
