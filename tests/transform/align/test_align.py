"""Lines to rows and columns, edition by edition: what is taken, what is told as a doubt, and what
is left alone.
"""

import pytest

from extract.document import UNREADABLE
from tests.build.report import official_tables
from tests.golden.cases import read_flow
from tests.golden.shapes import Matrix, bent, matrix_of, numbered, on_matrix, sparse, table_of, word
from tests.transform.grids import document, grid, grid_from
from transform.align.align import Aligned, align
from transform.align.labels import vocabulary
from transform.align.rows import BY_ORDER
from transform.align.segment import table_copies
from transform.form.forms import load_forms

FORMS = load_forms()
NAMES = ("自然人", "商业企业", "科研机构", "社会公益组织", "法律服务机构", "其他", "总计")


def aligned(
    table_id: str, edition: str, change: object = None, prefer: str | None = None
) -> Aligned:
    (table,) = (t for t in official_tables(numbered(edition)) if t.table_id == table_id)
    made = on_matrix(change)(table) if change else table  # type: ignore[arg-type]
    found = align(
        table_copies(document(grid_from(made)), vocabulary(FORMS))[table_id], FORMS, prefer
    )  # type: ignore[arg-type]
    assert found is not None
    return found


def codes(found: Aligned) -> list[str]:
    return [r.code for r in found.remarks]


@pytest.mark.parametrize(
    ("table_id", "edition"),
    [("proactive", "2019"), ("proactive", "2021"), ("requests", "2019"), ("requests", "2021")],
)
def test_labels_tell_the_edition_not_the_year(table_id: str, edition: str) -> None:
    for prefer in ("2019", "2021", None):
        assert aligned(table_id, edition, prefer=prefer).edition.edition_id == edition


@pytest.mark.parametrize("prefer", ["2019", "2021"])
def test_a_table_that_did_not_change_is_of_the_edition_asked_for(prefer: str) -> None:
    assert aligned("disputes", "2021", prefer=prefer).edition.edition_id == prefer


def test_a_clean_table_gives_no_doubt() -> None:
    found = aligned("requests", "2021")
    assert found.remarks == () and len(found.cells) == 175 and not found.extra
    assert all(p.confidence == 1.0 and not p.shared for p in found.cells.values())


def test_a_row_told_by_its_place_is_less_sure_and_told() -> None:
    found = aligned(
        "requests",
        "2021",
        lambda m: [[r[0], r[1], word(), *r[3:]] if i == 9 else r for i, r in enumerate(m)],
    )
    assert codes(found) == ["row.by_order"]
    assert {
        found.cells[found.remarks[0].row_id or "", c].confidence for c in ("natural", "total")
    } == {BY_ORDER}


def test_a_lone_figure_without_a_label_is_no_row() -> None:
    """A page's number in a line of its own, where a row is missing."""

    def change(m: Matrix) -> Matrix:
        return [
            *m[:12],
            [*(word() for _ in range(4)), word("5"), *(word() for _ in range(5))],
            *m[13:],
        ]

    found = aligned("requests", "2021", change)
    assert codes(found) == ["row.unknown"] and ("denied.process", "natural") not in found.cells


def test_rows_out_of_order_are_taken_by_exact_labels_and_told() -> None:
    found = aligned("requests", "2021", lambda m: [*m[:3], m[4], m[3], *m[5:]])
    assert codes(found) == ["row.out_of_order"]
    assert (found.cells["new", "natural"].text, found.cells["carried_in", "natural"].text) == (
        "111",
        "118",
    )


def test_a_row_of_another_word_is_kept_as_more_and_the_forms_row_stays_empty() -> None:
    found = aligned(
        "proactive",
        "2021",
        lambda m: [[word("行政检查"), *r[1:]] if r[0].text == "行政强制" else r for r in m],
    )
    assert codes(found) == ["row.extra"]
    assert ("coercion", "decisions") not in found.cells and found.extra[
        "extra.行政检查", "extra.1"
    ].text == "109"


def test_a_column_more_is_kept_and_told() -> None:
    found = aligned(
        "requests",
        "2021",
        lambda m: [[*r, word("备注" if i < 3 else str(i))] for i, r in enumerate(m)],
    )
    assert codes(found) == ["column.extra"] and found.extra["new", "extra.备注"].text == "3"
    assert found.cells["new", "total"].text == "117"


def test_a_column_without_a_name_is_kept_and_told() -> None:
    found = aligned(
        "requests", "2021", lambda m: [[*r, word("" if i < 3 else "9")] for i, r in enumerate(m)]
    )
    assert codes(found) == ["column.extra"] and found.cells["new", "total"].text == "117"


def test_a_blank_printing_gives_way_to_a_filled_one() -> None:
    (table,) = (t for t in official_tables(numbered("2021")) if t.table_id == "requests")
    empty = grid_from(
        table_of([[word() if c.key else c for c in row] for row in matrix_of(table)], "requests")
    )
    found = align(
        table_copies(document(empty, "附", grid_from(table)), vocabulary(FORMS))["requests"], FORMS
    )
    assert found is not None and found.cells["new", "natural"].text == "111"
    assert codes(found) == ["table.printed_again"]


def test_the_years_own_printing_goes_before_another_years() -> None:
    (table,) = (t for t in official_tables(numbered("2021")) if t.table_id == "requests")
    other = grid_from(
        table_of(
            [[word(f"9{c.text}") if c.key else c for c in row] for row in matrix_of(table)],
            "requests",
        )
    )
    copies = table_copies(document("2023年", other, "2024年", grid_from(table)), vocabulary(FORMS))[
        "requests"
    ]
    by_year = {year: align(copies, FORMS, year=year) for year in (2023, 2024, None)}
    assert {
        year: found.cells["new", "natural"].text for year, found in by_year.items() if found
    } == {2023: "9111", 2024: "111", None: "9111"}


def test_two_lines_that_could_be_the_one_row_are_neither() -> None:
    (table,) = (t for t in official_tables(numbered("2021")) if t.table_id == "disputes")
    rows = [[c.text for c in row] for row in matrix_of(table)]
    two = table_copies(document(grid(*rows, [f"9{t}" for t in rows[3]])), vocabulary(FORMS))[
        "disputes"
    ]
    assert align(two, FORMS) is None
    same = table_copies(document(grid(*rows, rows[3])), vocabulary(FORMS))["disputes"]
    found = align(same, FORMS)
    assert found is not None and len(found.cells) == 15


def test_numbers_of_the_columns_are_no_figures() -> None:
    (table,) = (t for t in official_tables(numbered("2021")) if t.table_id == "disputes")
    m = matrix_of(table)
    made = grid_from(table_of([*m[:3], [word(str(i + 1)) for i in range(15)], m[3]], "disputes"))
    found = align(table_copies(document(made), vocabulary(FORMS))["disputes"], FORMS)
    assert (
        found is not None
        and found.cells["cases", "review.upheld"].text == "286"
        and found.remarks == ()
    )


def test_a_table_of_the_prose_lends_no_row() -> None:
    """（七）总计 is missing, and a table of other things below has a row 总计."""
    (table,) = (t for t in official_tables(numbered("2021")) if t.table_id == "requests")
    short = grid_from(
        table_of(
            [row for row in matrix_of(table) if not row[2].text.startswith("（七）")], "requests"
        )
    )
    other = grid(
        ["申请方式", *NAMES],
        ["网络申请", *"1234567"],
        ["信函申请", *"2345678"],
        ["总计", *"3456789"],
    )
    found = align(table_copies(document(short, other), vocabulary(FORMS))["requests"], FORMS)
    assert found is not None and ("result_total", "total") not in found.cells


@pytest.mark.parametrize("edition", ["2019", "2021"])
def test_a_figure_over_a_whole_row_is_in_no_cell(edition: str) -> None:
    def change(m: Matrix) -> Matrix:
        zero = word("0")
        return [[*row[:3], *[zero] * 7] if i == 8 else row for i, row in enumerate(m)]

    reading = read_flow(bent(sparse(edition, 4), requests=on_matrix(change)), edition, 2022)
    merged = [r for r in reading.tidied.remarks if r.code == "cell.merged"]
    assert len(merged) == 7 and {r.row_id for r in merged} == {"denied.law_forbids"}
    assert {
        reading.cells["requests", "denied.law_forbids", c].state for c in ("natural", "total")
    } == {"text"}


def proactive_2021(*head: str) -> tuple[list[str | tuple[str, int]], ...]:
    """Blocks of 2021, the first under a head of its own."""
    return (
        [("第二十条第（一）项", 4)],
        ["信息内容", *head],
        ["规章", "1", "2", "3"],
        ["行政规范性文件", "5", "4", "21"],
        [("第二十条第（五）项", 4)],
        ["信息内容", ("本年处理决定数量", 3)],
        ["行政许可", ("2", 3)],
        [("第二十条第（六）项", 4)],
        ["信息内容", ("本年处理决定数量", 3)],
        ["行政处罚", "16", "", ""],
        ["行政强制", "", "", ""],
        [("第二十条第（八）项", 4)],
        ["信息内容", ("本年收费金额（单位：万元）", 3)],
        ["行政事业性收费", ("0", 3)],
    )


def aligned_rows(table_id: str, *rows: list[str | tuple[str, int]], prefer: str) -> Aligned:
    found = align(table_copies(document(grid(*rows)), vocabulary(FORMS))[table_id], FORMS, prefer)
    assert found is not None
    return found


def test_columns_of_another_edition_are_never_taken_by_order() -> None:
    head = ("本年新制作数量", "本年新公开数量", "对外公开总数量")
    found = aligned_rows("proactive", *proactive_2021(*head), prefer="2021")
    assert found.edition.edition_id == "2021"
    assert not any(row in ("regulations", "normative") for row, _ in found.cells)
    kept = {col: text.text for (row, col), text in found.extra.items() if row == "normative"}
    assert kept == dict(zip((f"extra.{label}" for label in head), ("5", "4", "21"), strict=True))
    assert codes(found) == ["header.other_edition"]
    official = ("本年制发件数", "本年废止件数", "现行有效件数")
    read = aligned_rows("proactive", *proactive_2021(*official), prefer="2021")
    assert read.cells["normative", "repealed"].text == "4" and codes(read) == []


def test_one_number_with_empty_cells_beside_it_under_a_head_that_spans_them() -> None:
    official = ("本年制发件数", "本年废止件数", "现行有效件数")
    found = aligned_rows("proactive", *proactive_2021(*official), prefer="2021")
    assert found.cells["penalty", "decisions"].text == "16"
    assert found.cells["coercion", "decisions"].text == ""


@pytest.mark.parametrize("prefer", ["2019", "2021"])
def test_a_table_cut_before_the_rows_that_differ_is_of_the_edition_asked_for(prefer: str) -> None:
    def cut(m: Matrix) -> Matrix:
        return m[:20]

    assert aligned("requests", "2021", cut, prefer).edition.edition_id == prefer


@pytest.mark.parametrize("edition", ["2019", "2021"])
def test_a_table_with_the_rows_that_differ_is_of_its_own_edition(edition: str) -> None:
    def without_a_row(m: Matrix) -> Matrix:
        return [*m[:6], *m[7:]]

    other = "2021" if edition == "2019" else "2019"
    assert aligned("requests", edition, without_a_row, other).edition.edition_id == edition


@pytest.mark.parametrize(("text", "shared"), [("0", False), ("3", True)])
def test_one_cell_over_all_organisations_says_0_for_each_and_no_other_number(
    text: str, shared: bool
) -> None:
    (table,) = (t for t in official_tables(numbered("2021")) if t.table_id == "requests")
    m = matrix_of(table)
    over = word(text)
    rows = [[*row[:4], over, over, over, over, over, *row[9:]] for row in m[3:4]]
    made = table_of([*m[:3], *rows, *m[4:]], "requests")
    found = align(table_copies(document(grid_from(made)), vocabulary(FORMS))["requests"], FORMS)
    assert found is not None
    first = [found.cells["new", c] for c in ("business", "research", "other_org")]
    assert [(p.text, p.shared) for p in first] == [(text, shared)] * 3
    assert not found.cells["new", "natural"].shared and not found.cells["new", "total"].shared


def test_the_row_without_a_label_is_found_though_no_number_can_be_read_in_it() -> None:
    for text in (UNREADABLE, "约 3", "TRUE1"):
        found = aligned(
            "disputes", "2021", lambda m, text=text: [*m[:3], [word(text) for _ in m[3]]]
        )
        assert {p.text for p in found.cells.values()} == {text} and len(found.cells) == 15


def test_words_in_the_first_cells_of_a_row_without_a_label_are_its_values() -> None:
    found = aligned(
        "disputes", "2021", lambda m: [*m[:3], [word(UNREADABLE), word("见注 1"), *m[3][2:]]]
    )
    assert found.cells["cases", "review.upheld"].text == UNREADABLE
    assert found.cells["cases", "review.corrected"].text == "见注 1"
    assert found.cells["cases", "review.other"].text == "288" and not found.remarks


def test_the_mark_of_a_note_behind_a_label_is_no_part_of_it() -> None:
    found = aligned(
        "proactive",
        "2021",
        lambda m: [[word(r[0].text + "①"), *r[1:]] if r[0].text == "规章" else r for r in m],
    )
    assert found.remarks == () and found.cells["regulations", "issued"].text == "101"
