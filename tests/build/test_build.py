"""The builders themselves: whole tables, sums that hold, every layout carrying every figure, the
same bytes each time.
"""

import csv
import json
import re
from collections.abc import Callable
from decimal import Decimal
from io import BytesIO, StringIO
from pathlib import Path
from random import Random

import docx
import duckdb
import openpyxl
import pytest
from lxml import etree
from lxml import html as lxml_html
from python_calamine import load_workbook

from tests.build.drafts import DRAFTS, drafts
from tests.build.draw import APPLICANTS, ONE, YEARS, draw, printed, random_report, synthetic_cells
from tests.build.dress import BLANKING, DRESSINGS
from tests.build.packing import unpack
from tests.build.registry import CHANGES, LAYOUTS, build, dressing_fits, edition_fits
from tests.build.report import (
    EDITIONS,
    STATUTORY,
    Line,
    Report,
    TableLayout,
    anchors_of,
    expected_cells,
    flow,
    keys,
    official_tables,
    read_printed,
)
from tests.build.samples import FIGURES, PLAN, SAMPLES, collect, report_of, samples
from transform.records import CellRow

COUNTS = {"2019": 198, "2021": 200, "hybrid": 186, "2014": 58, "fj2008": 42}


def squeezed(text: str) -> str:
    """`text` without blank space."""
    return re.sub(r"\s", "", text)


# ---- the model


@pytest.mark.parametrize("edition", EDITIONS)
def test_a_report_has_the_cells_of_its_edition(edition: str) -> None:
    report = random_report(1, edition)
    assert len(expected_cells(report)) == COUNTS[edition]
    assert sorted(a.key for a in anchors_of(flow(report)) if a.key) == sorted(keys(edition))


def test_a_missing_row_is_not_expected() -> None:
    report = random_report(1, "hybrid")
    short = Report(
        report.agency,
        report.year,
        "hybrid",
        report.figures,
        omitted=frozenset({("proactive", "regulations")}),
    )
    assert len(expected_cells(short)) == 183
    assert not any(a.key and a.key[1] == "regulations" for a in anchors_of(flow(short)))


def test_a_table_of_fees_pushes_the_sections_down() -> None:
    report = random_report(1, "2021", fees=True)
    assert len(expected_cells(report)) == 203
    headings = [b.text for b in flow(report) if isinstance(b, Line) and b.role == "heading"]
    assert headings[4:] == [
        "五、信息处理费收取情况",
        "六、存在的主要问题及改进情况",
        "七、其他需要报告的事项",
    ]
    assert official_tables(report)[-1].table_id == "fees"
    assert expected_cells(report)["fees", "fees", "billed"].unit == "元"


def tiles(table: TableLayout) -> bool:
    """Whether the cells cover every position of the table exactly once."""
    area = sum(a.row_span * a.col_span for a in table.anchors)
    return area == table.n_rows * table.n_cols and all(
        cell is not None for row in table.matrix() for cell in row
    )


@pytest.mark.parametrize("edition", EDITIONS)
@pytest.mark.parametrize("change", ["", *CHANGES])
def test_tables_are_covered_exactly_once(edition: str, change: str) -> None:
    report = random_report(3, edition)
    for grid in (4, 5):
        blocks = flow(report, grid)
        if change:
            blocks = CHANGES[change](blocks, report, Random(3))
        assert all(tiles(b) for b in blocks if isinstance(b, TableLayout))
        assert [a.key for a in anchors_of(blocks) if a.key] == list(keys(edition))


def test_spans_are_those_of_the_form() -> None:
    def spans(edition: str) -> dict[str, tuple[int, int]]:
        (table,) = (
            t for t in official_tables(random_report(1, edition)) if t.table_id == "requests"
        )
        return {a.text: (a.row_span, a.col_span) for a in table.anchors if a.key is None}

    new, old = spans("2021"), spans("2019")
    assert (new["三、本年度办理结果"], old["三、本年度办理结果"]) == ((22, 1), (20, 1))
    assert (
        new["（三）不予公开"] == (8, 1)
        and new["（六）其他处理"] == (3, 1)
        and old["（六）其他处理"] == (1, 2)
    )
    assert (
        new["申请人情况"] == (1, 7) and new["法人或其他组织"] == (1, 5) and new["自然人"] == (2, 1)
    )
    assert next(v for k, v in new.items() if k.startswith("（本列数据")) == (3, 3)
    proactive, _, disputes = official_tables(random_report(1, "2021"))
    assert (proactive.n_rows, proactive.n_cols, disputes.n_rows, disputes.n_cols) == (14, 4, 4, 15)


@pytest.mark.parametrize("text", ["1.", "-5-", "1215 1180", "x", "5 / 6", "2023年"])
def test_only_known_ways_of_printing_are_expected(text: str) -> None:
    if text == "1215 1180":  # one space within digits is a dressing, so this is one number
        assert read_printed(text).value == Decimal(12151180)
        return
    with pytest.raises(ValueError, match="no dressing"):
        read_printed(text)


# ---- figures


@pytest.mark.parametrize("edition", STATUTORY)
@pytest.mark.parametrize("seed", range(8))
def test_statutory_sums_hold(edition: str, seed: int) -> None:
    report = random_report(seed, edition, mean=seed * 7.0 if seed % 2 else None)
    n = {(r, c): int(text) for (t, r, c), text in report.figures.items() if t != "proactive"}
    rows = list(dict.fromkeys(r for t, r, _ in report.figures if t == "requests"))
    details = [r for r in rows if r not in ("new", "carried_in", "result_total", "carried_out")]
    for c in (*APPLICANTS, "total"):
        assert sum(n[r, c] for r in details) == n["result_total", c]
        assert n["new", c] + n["carried_in", c] == n["result_total", c] + n["carried_out", c]
    for r in rows:
        assert sum(n[r, c] for c in APPLICANTS) == n[r, "total"]
    for group in ("review", "direct", "after_review"):
        assert (
            sum(
                n["cases", f"{group}.{part}"]
                for part in ("upheld", "corrected", "other", "pending")
            )
            == n["cases", f"{group}.total"]
        )


@pytest.mark.parametrize(
    ("edition", "parents"),
    [
        ("2014", ("c.recv", "c.done", "c.ans", "c.ans.denied", "d", "e", "h.staff")),
        ("fj2008", ("pub", "recv", "ans")),
    ],
)
def test_sums_of_the_annexes_hold(edition: str, parents: tuple[str, ...]) -> None:
    report = random_report(5, edition, mean=30.0)
    columns = {c for _, _, c in report.figures}
    for parent in parents:
        for column in columns:
            parts = sum(
                int(v)
                for (_, r, c), v in report.figures.items()
                if c == column and r.rpartition(".")[0] == parent
            )
            assert parts == int(report.figures["statistics", parent, column]) > 0


@pytest.mark.parametrize("edition", STATUTORY)
def test_years_follow_from_each_other(edition: str) -> None:
    at = {key: i for i, key in enumerate(keys(edition))}
    figures = draw(edition, 50, 3)
    assert figures.shape == (50, len(YEARS[edition]), COUNTS[edition])
    for column in (*APPLICANTS, "total"):
        carried_in, carried_out = (
            at["requests", "carried_in", column],
            at["requests", "carried_out", column],
        )
        assert (figures[:, 1:, carried_in] == figures[:, :-1, carried_out]).all()
    assert (figures[:, :, [i for k, i in at.items() if k[2] != "change"]] >= 0).all()
    if edition == "2019":
        items, change = (
            at["proactive", "licence", "prev_items"],
            at["proactive", "licence", "change"],
        )
        assert (figures[:, 1, items] == figures[:, 0, items] + figures[:, 0, change]).all()
    else:
        issued, repealed, in_force = (
            at["proactive", "normative", c] for c in ("issued", "repealed", "in_force")
        )
        assert (
            figures[:, 1:, in_force]
            == figures[:, :-1, in_force] + figures[:, 1:, issued] - figures[:, 1:, repealed]
        ).all()


def test_figures_are_printed_exactly() -> None:
    assert [printed(n) for n in (0, ONE, -4 * ONE, 1_500_000, 24_252_311_082, 10 * ONE)] == [
        "0",
        "1",
        "-4",
        "1.5",
        "24252.311082",
        "10",
    ]
    assert (printed(0, "元"), printed(251_000 * ONE, "元")) == ("0", "251000元")


@pytest.mark.parametrize("edition", STATUTORY)
def test_synthetic_cells_are_tidy_and_sum_up(edition: str) -> None:
    n = 300
    table = synthetic_cells(n, 7, edition)
    assert table.num_rows == n * COUNTS[edition]
    assert set(CellRow.__dataclass_fields__) | {"report_id", "agency_id", "year", "edition"} == set(
        table.column_names
    )
    con = duckdb.connect()
    con.register("cells", table)
    bad = con.execute("""
        select count(*) from (
            select report_id, row_id, sum(value) filter (col_id <> 'total') as parts,
                any_value(value) filter (col_id = 'total') as total
            from cells where table_id = 'requests' group by all) where parts <> total
    """).fetchall()
    assert bad == [(0,)]
    assert con.execute(
        "select count(*), count(distinct (report_id, table_id, row_id, col_id)) from cells"
    ).fetchall() == [(n * COUNTS[edition],) * 2]
    wrong = con.execute(
        "select count(*) from cells where (state = 'zero') <> (value = 0) or (state <> "
        "'blank') <> (value is not null)"
    ).fetchall()
    assert wrong == [(0,)]
    texts = con.execute(
        "select count(*) from cells where value is distinct from try_cast(replace(raw_text, "
        "'元', '') as decimal(24, 6))"
    ).fetchall()
    assert texts == [(0,)]


def test_synthetic_faults_are_as_many_as_asked() -> None:
    clean, faulty = synthetic_cells(2000, 7), synthetic_cells(2000, 7, wrong=0.1, blank=0.2)
    con = duckdb.connect()
    con.register("clean", clean)
    con.register("faulty", faulty)
    con.execute(
        "create view pairs as select c.value as old, f.* from clean c join faulty f using "
        "(report_id, table_id, row_id, col_id)"
    )
    changed = con.execute(
        "select count(*) from pairs where value <> old group by report_id"
    ).fetchall()
    assert 150 < len(changed) < 250 and set(changed) == {(1,)}
    ((blank, all_zero),) = con.execute(
        "select count(*) filter (state = 'blank'), count(*) from pairs where old = 0"
    ).fetchall()
    assert 0.19 < blank / all_zero < 0.21
    with pytest.raises(ValueError, match="2014"):
        synthetic_cells(10, 1, "2014")


# ---- dressings


@pytest.mark.parametrize("edition", EDITIONS)
@pytest.mark.parametrize("dressing", DRESSINGS)
def test_dressings_never_change_a_value(edition: str, dressing: str) -> None:
    report = random_report(4, edition, mean=3000.0)
    before = expected_cells(report)
    after = expected_cells(DRESSINGS[dressing](report, Random(1)))
    assert before.keys() == after.keys()
    for key, cell in after.items():
        if dressing in BLANKING and before[key].state == "zero":
            assert cell.state in ("zero", "blank", "marker") and not cell.value
        else:
            assert cell[:2] == before[key][:2], key


def test_each_dressing_shows() -> None:
    reports = [random_report(4, edition, mean=3000.0) for edition in EDITIONS] + [
        random_report(seed, "2019") for seed in range(5)
    ]
    for name, dressing in DRESSINGS.items():
        changed = any(
            (r.figures, r.labels) != (d.figures, d.labels)
            for r in reports
            for d in [dressing(r, Random(1))]
        )
        assert changed == (name != "plain"), name


# ---- writers: a crude reader for each format finds every figure, in order


def docx_texts(data: bytes) -> list[str]:
    w = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
    cells = etree.fromstring(unpack(data)["word/document.xml"]).iter(f"{w}tc")
    leaves = (cell for cell in cells if next(cell.iterdescendants(f"{w}tc"), None) is None)
    return ["".join(t.text or "" for t in cell.iter(f"{w}t")) for cell in leaves]


def html_texts(data: bytes) -> list[str]:
    declared = "gbk" if b"charset=gb2312" in data else "utf-8"
    try:
        page = data.decode(declared)
    except UnicodeDecodeError:
        page = data.decode("gbk")
    script = re.search(r'"content": (".*")\};', page)
    if script:
        page = json.loads(script[1])
    cells = lxml_html.fromstring(page).iter("td", "th")
    return [
        "".join(map(str, cell.itertext()))
        for cell in cells
        if next(cell.iterdescendants("td"), None) is None
    ]


def xlsx_texts(data: bytes) -> list[str]:
    book = openpyxl.load_workbook(BytesIO(data))
    return [
        "" if cell is None else str(cell)
        for sheet in book
        for row in sheet.iter_rows(values_only=True)
        for cell in row
    ]


def xls_texts(data: bytes) -> list[str]:
    book = load_workbook(BytesIO(data))
    cells = [
        cell
        for i in range(len(book.sheet_names))
        for row in book.get_sheet_by_index(i).to_python()
        for cell in row
    ]
    return [str(int(c)) if isinstance(c, float) and c.is_integer() else str(c) for c in cells]


def csv_texts(data: bytes) -> list[str]:
    return [cell for row in csv.reader(StringIO(data.decode("utf-8-sig"))) for cell in row]


def txt_texts(data: bytes) -> list[str]:
    """The texts between tabs, bars and wide spaces, without the marks of bold figures."""
    for encoding in ("utf-8-sig", "gb18030") if not data.startswith(b"\xff\xfe") else ("utf-16",):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        plain = re.sub(r"\*\*(\d[^*]*)\*\*", lambda bold: bold[1].replace("\\", ""), text)
        return re.split(r"[\t\n|]| {2,}", plain)
    raise AssertionError("in none of the encodings")


READ: dict[str, Callable[[bytes], list[str]]] = {
    ".docx": docx_texts,
    ".html": html_texts,
    ".xlsx": xlsx_texts,
    ".xls": xls_texts,
    ".txt": txt_texts,
    ".csv": csv_texts,
}


@pytest.mark.parametrize("edition", EDITIONS)
@pytest.mark.parametrize("layout", LAYOUTS)
def test_each_layout_carries_every_figure(layout: str, edition: str) -> None:
    if not edition_fits(layout, edition):
        assert edition not in STATUTORY
        return
    report = random_report(11, edition, mean=40.0)
    made = build(report, layout)
    assert made.expected == expected_cells(report)
    assert made.data == build(report, layout).data, "not the same bytes twice"
    found = iter(squeezed(text) for text in READ[made.suffix](made.data))
    for key in keys(edition):
        wanted = squeezed(report.figures[key])
        assert any(text == wanted for text in found), f"{key} {wanted} is lost or out of order"


@pytest.mark.parametrize("layout", [name for name in LAYOUTS if name.startswith("docx-")])
def test_docx_layouts_open_in_python_docx(layout: str) -> None:
    document = docx.Document(BytesIO(build(random_report(2, "2021"), layout).data))
    assert document.tables
    assert len(document.tables[-1].rows) > 0


def test_docx_merges_are_true() -> None:
    """python-docx reads the same dense table from the clean, the raw and the one with sliver
    columns.
    """
    report = random_report(2, "2021", mean=20.0)
    wanted = [[a.text if a else "" for a in row] for row in official_tables(report)[1].matrix()]
    for layout in ("docx-clean", "docx-raw", "docx-runs"):
        document = docx.Document(BytesIO(build(report, layout).data))
        assert [[c.text for c in row.cells] for row in document.tables[1].rows] == wanted, layout
    slivers = docx.Document(BytesIO(build(report, "docx-slivers").data)).tables[1]
    assert len(slivers.columns) > 10
    assert [list(dict.fromkeys(c.text for c in row.cells)) for row in slivers.rows] == [
        list(dict.fromkeys(row)) for row in wanted
    ]


def test_layouts_do_what_their_names_say() -> None:
    report = random_report(2, "2021", mean=20.0)

    def text(layout: str) -> str:
        return build(report, layout).data.decode("utf-8", "replace")

    assert 'rowspan="22"' in text("html-clean")
    assert re.search('rowspan="(21|7|4)"', text("html-rowspan-short"))
    assert re.search('rowspan="(23|9|6)"', text("html-rowspan-long"))
    assert text("html-fillers").count("<td></td>") > 15
    assert text("html-row-split").count("三、本年度办理结果") == 2
    assert text("html-one-table").count("<table") == 1
    assert text("html-blocks-apart").count("<table") == 6
    assert text("html-cut-header").count("申请人情况") == 2
    assert "�" in text("html-gbk-as-utf8")
    assert "<td>商业</td><td>科研</td>" in text(
        "html-broken-header"
    ) and "<td>企业</td><td>机构</td>" in text("html-broken-header")
    assert not lxml_html.fromstring(text("html-script")).xpath("//td")
    drift = build(random_report(2, "2019"), "html-colspan-drift").data.decode()
    assert '<td>上一年项目数量</td><td colspan="2">本年增/减</td>' in drift


def test_dressed_reports_can_be_written_in_every_layout() -> None:
    report = random_report(6, "2019", mean=200.0)
    for layout in LAYOUTS:
        for dressing in ("blanks", "everything", "label_spaces"):
            if dressing_fits(layout, dressing):
                assert len(build(report, layout, dressing).data) > 1000


# ---- samples


def test_samples_are_what_the_script_makes() -> None:
    made = samples()
    assert {p.name for p in SAMPLES.iterdir()} == set(made), "run: python -m tests.build.samples"
    for name, sample in made.items():
        stored = (SAMPLES / name).read_bytes()
        # compressed bytes may differ between builds of zlib; what is in them may not
        if sample.suffix in (".docx", ".xlsx", ".ofd"):
            assert unpack(stored) == unpack(sample.data), name
        else:
            assert stored == sample.data, name


def test_drafts_are_what_the_script_makes() -> None:
    made = drafts()
    assert {p.name for p in DRAFTS.iterdir()} == set(made), "run: python -m tests.build.drafts"
    for name, data in made.items():
        assert unpack((DRAFTS / name).read_bytes()) == unpack(data), name


def test_every_sample_is_explained() -> None:
    page = (SAMPLES.parents[1] / "docs" / "samples.md").read_text(encoding="utf-8")
    for name, sample in samples().items():
        (line,) = (line for line in page.splitlines() if line.startswith(f"| {name} |"))
        assert sample.report.agency in line
        assert not re.search(r"20\d\d", name.removeprefix(sample.report.edition)), (
            "a file name says nothing about the report"
        )


def test_figures_of_samples_are_the_published_ones(shared_dir: Path) -> None:
    truth = shared_dir / "corpus" / "truth"
    assert json.loads(FIGURES.read_text(encoding="utf-8")) == collect(truth)
    for sample in PLAN:
        if not sample.figures or sample.edition == "fj2008":
            continue
        read = json.loads((truth / f"{sample.figures}.json").read_text(encoding="utf-8"))["cells"]
        got = expected_cells(report_of(sample))
        assert {"|".join(k): (c.state, c.value) for k, c in got.items()} == {
            k: (c["state"], None if c["value"] is None else Decimal(c["value"]))
            for k, c in read.items()
        }, sample.figures
