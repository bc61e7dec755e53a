"""The prose of a document: characters, lines that belong together, headings."""

from dataclasses import replace
from decimal import Decimal

from extract.document import Cell, Document, Paragraph, grid_of
from tests.transform.narrative.reports import FORMS, REST, TITLE, document
from transform.narrative.claims import read_statements
from transform.narrative.normalize import normalize_text
from transform.narrative.patterns import load_phrases
from transform.narrative.sentences import read_prose


def test_blank_space_goes_but_never_joins_two_numbers() -> None:
    assert (
        normalize_text("收到 申请 3,119 件，其中 1 2 件(含３件)")
        == "收到申请3119件，其中1_2件（含3件）"
    )


def test_lines_cut_by_a_page_join_and_keep_their_paragraph() -> None:
    rows = read_statements(
        document("2022年，我局共收到政府信息公开申请1", "2件，上年结转", "3件。"), FORMS, 2022
    )
    # 1|2 may be 12 or two numbers
    assert [(r.metric, r.value, r.paragraph) for r in rows] == [
        ("requests.carried_in", Decimal(3), 4)
    ]


def test_a_table_parts_the_prose() -> None:
    blocks = (
        Paragraph("全年共收到政府信息公开申请"),
        grid_of([Cell("数", 0, 0)]),
        Paragraph("12件。"),
    )
    assert [s.text for s in read_prose(Document(blocks, "made"), FORMS, {}).sentences] == [
        "全年共收到政府信息公开申请",
        "12件。",
    ]


def test_headings_in_cells_and_within_paragraphs_are_found() -> None:
    cells = grid_of([Cell("一、总体情况", 0, 0), Cell("二、主动公开政府信息情况", 1, 0)])
    made = Document(
        (
            cells,
            Paragraph("结束。 三、收到和处理政府信息公开申请情况"),
            Paragraph("五、存在的主要问题及改进情况：有一些不足。"),
        ),
        "made",
    )
    found = read_prose(made, FORMS, load_phrases().sections)
    assert [(h.section, h.number) for h in found.headings] == [
        ("s1", 1),
        ("s2", 2),
        ("s3", 3),
        ("s5", 5),
    ]
    assert found.bodies["s5"] == "有一些不足。"


def test_a_list_of_contents_is_not_the_headings() -> None:
    lines = [x for x in (TITLE[1], *REST) if x[1] == "、"]
    found = read_prose(document(*lines, "正文", *lines, title=()), FORMS, load_phrases().sections)
    assert [h.paragraph for h in found.headings] == [7, 8, 9, 10, 11, 12]


def test_a_template_is_not_judged_by_its_words() -> None:
    for text, counted in (
        ("（文字描述）", False),
        ("［…］", False),
        ("略", False),
        ("围绕发展战略还要加强公开", True),
    ):
        rows = read_statements(document(rest=(*REST[:4], text, *REST[5:])), FORMS, 2022)
        assert any(r.metric == "words.s5" for r in rows) is counted


def test_a_text_without_headings_is_not_said_to_lack_them() -> None:
    made = replace(document(*REST), text_without_cells=True)
    assert not [s for s in read_statements(made, FORMS, 2022) if s.metric.startswith("section.")]
    assert not [
        s
        for s in read_statements(document("一段文字。", title=TITLE[:2]), FORMS, 2022)
        if s.metric.startswith("section.")
    ]
