"""The html reader: each layout that sites, Word and WPS write, wrong spans, hostile pages, and
random merged tables there and back.
"""

import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extract.document import UNREADABLE, Cell, Document, Grid, Paragraph, ReadError, Reason, texts
from extract.html.read import read
from tests.cost import cost
from tests.extract.documents import merged_tables, places_of, rows_of, with_used_columns


def page(body: str, head: str = "") -> bytes:
    return f'<!DOCTYPE html><html><head><meta charset="utf-8">{head}</head><body>{body}</body></html>'.encode()


def grids(body: str) -> list[Grid]:
    return read(page(body)).grids


def only_rows(body: str) -> list[list[str]]:
    found = grids(body)
    assert len(found) == 1
    return rows_of(found[0])


def lines(body: str) -> list[str]:
    """The prose of a page that has a table too, so that it is not judged for want of text."""
    return texts(read(page(body + DATA)).blocks)


def cell(inside: str) -> str:
    """What is read of one cell with such markup in it."""
    return only_rows(f"<table><tr><td>标签</td><td>{inside}</td></tr></table>")[0][1]


def tr(*cells: str) -> str:
    return f"<tr>{''.join(cells)}</tr>"


def td(text: str = "", down: object = None, across: object = None) -> str:
    return f"<td{'' if down is None else f' rowspan={down!r}'}{'' if across is None else f' colspan={across!r}'}>{text}</td>"


DATA = "<table><tr><td>甲</td><td>乙</td></tr><tr><td>1</td><td>2</td></tr></table>"
ROWS = [["甲", "乙"], ["1", "2"]]


# ---- prose


def test_blocks_and_line_breaks_end_a_line() -> None:
    assert lines(
        "<h1>题</h1><p>一<br>二<br/>三</p><div>四<p>五</p>六</div><ul><li>七<li>八</ul>九"
    ) == list("题一二三四五六七八九")


def test_runs_are_joined_with_nothing_between() -> None:
    assert lines("<p><span>政府</span><font>信息</font><b><i>公</i>开</b></p>") == ["政府信息公开"]
    assert lines("<p>a\n   b\t c</p>") == ["a b c"]


def test_what_is_not_shown_is_no_text() -> None:
    body = (
        "<script>var a=1</script><style>p{}</style><!-- c "
        "--><noscript>n</noscript><template><p>t</p></template><p style='DISPLAY : none'>h</p>"
        "<div "
        "hidden>h</div><xml><w:WordDocument><w:View>Normal</w:View></w:WordDocument></xml><select><option>o</select><p>甲</p>"
        "<p>&lt;!--[if !supportLists]--&gt;1、"
        "&lt;!--[endif]--&gt;乙</p><p>丙--&gt;</p><p>丁<o:p>&nbsp;</o:p><w:wrap>w</w:wrap></p>"
    )
    assert lines(body) == ["甲", "1、乙", "丙", "丁"]


def test_preformatted_text_keeps_its_lines() -> None:
    assert lines("<pre>一\n二</pre>") == ["一", "二"]


def test_blocks_come_in_order() -> None:
    blocks = read(page(f"前{DATA}<p>中</p><div><span>{DATA}</span></div>后")).blocks
    assert [b.text if isinstance(b, Paragraph) else rows_of(b) for b in blocks] == [
        "前",
        ROWS,
        "中",
        ROWS,
        "后",
    ]


# ---- cells


@pytest.mark.parametrize(
    ("inside", "text"),
    [
        ("<p align=center><span style='a'>1</span><span>2</span></p>", "12"),
        ("1<p>2</p>", "1\n2"),
        ("<p>商业</p>\n<p>企业</p>", "商业\n企业"),
        ("商业<br/>企业", "商业\n企业"),
        ("<p><span>&nbsp;&nbsp;</span><span>3</span><o:p></o:p></p>", "3"),
        ("&nbsp;", ""),
        ("<p><o:p> </o:p></p>", ""),
        ("<br/>", ""),
        ("　5 ", "5"),
        ("<font><b>7</b></font><script>8</script>", "7"),
        ("<script>8</script>", ""),
        ("<span style='display:none'>9</span>", ""),
        ("<span style='display:none'>9</span>6", "6"),
        ("2<sup>3</sup>", "2³"),
        ("<!--[if !supportMisalignedColumns]-->4<!--[endif]-->", "4"),
        ("&lt;!--[if !supportMisalignedColumns]--&gt;&lt;!--[endif]--&gt;4", "4"),
        ("1\x1f2", "1\x1f2"),
    ],
)
def test_text_of_a_cell(inside: str, text: str) -> None:
    assert cell(inside) == text


def test_every_run_counts_in_a_page_with_hidden_parts() -> None:
    assert only_rows(
        "<p style='display:none'>h</p><table><tr><td><p>1</p></td><td>2<br>3</td></tr></table>"
    ) == [["1", "2\n3"]]


# ---- tables


def test_spans_both_ways() -> None:
    (grid,) = grids(
        "<table>"
        + tr(td("标签", 2, 2), td("甲"), td("乙"))
        + tr(td("1"), td("2"))
        + tr(td("x"), td("y"), td("3", None, 2))
        + "</table>"
    )
    assert places_of(grid) == [
        ("标签", 0, 0, 2, 2),
        ("甲", 0, 2, 1, 1),
        ("乙", 0, 3, 1, 1),
        ("1", 1, 2, 1, 1),
        ("2", 1, 3, 1, 1),
        ("x", 2, 0, 1, 1),
        ("y", 2, 1, 1, 1),
        ("3", 2, 2, 1, 2),
    ]


@pytest.mark.parametrize(
    ("down", "rows"),
    [
        (0, 3),
        (100000, 3),
        ("2;", 2),
        ("-1", 1),
        ("x", 1),
        ("", 1),
        (" +2", 2),
        ("2.9", 2),
        ("9999999999", 3),
    ],
)
def test_what_a_rowspan_may_state(down: object, rows: int) -> None:
    body = tr(td("标签", down), td("a"), td("b")) + "".join(
        tr(*([td()] if r >= rows else []), td("1"), td("2")) for r in (1, 2)
    )
    (grid,) = grids(f"<table>{body}</table>")
    assert grid.cells[0].row_span == rows
    assert (grid.n_rows, grid.n_cols) == (3, 3)


@pytest.mark.parametrize(("across", "columns"), [(0, 1), ("2;", 2), ("-3", 1), (100000, 3)])
def test_what_a_colspan_may_state(across: object, columns: int) -> None:
    (grid,) = grids(
        "<table>" + tr(td("题", None, across)) + tr(td("1"), td("2"), td("3")) + "</table>"
    )
    assert grid.cells[0].col_span == columns
    assert grid.n_cols == 3


def test_a_span_ends_with_its_row_group() -> None:
    (grid,) = grids(
        f"<table><thead>{tr(td('标签', 9), td('a'))}{tr(td('b'))}</thead><tbody>{tr(td('1'), td('2'))}</tbody></table>"
    )
    assert places_of(grid) == [
        ("标签", 0, 0, 2, 1),
        ("a", 0, 1, 1, 1),
        ("b", 1, 1, 1, 1),
        ("1", 2, 0, 1, 1),
        ("2", 2, 1, 1, 1),
    ]


def test_a_foot_written_first_comes_last() -> None:
    assert only_rows(
        f"<table><tfoot>{tr(td('总计'), td('3'))}</tfoot><tbody>{tr(td('a'), td('1'))}{tr(td('b'), td('2'))}</tbody></table>"
    ) == [
        ["a", "1"],
        ["b", "2"],
        ["总计", "3"],
    ]


def test_missing_end_tags_headers_and_a_caption() -> None:
    document = read(page("<table><caption>表一</caption><tr><th>甲<th>乙<tr><td>1<td>2</table>"))
    assert texts(document.blocks) == ["表一"]
    assert rows_of(document.grids[0]) == ROWS


def test_overlapping_cells_hide_no_number() -> None:
    (grid,) = grids(
        "<table>" + tr(td("a"), td("标签", 2), td("b")) + tr(td("1", None, 3), td("2")) + "</table>"
    )
    assert {c.text for row in grid.matrix for c in row if c} == {"a", "标签", "b", "1", "2"}


def test_rows_of_different_length_stay_at_the_left() -> None:
    (grid,) = grids(
        "<table>"
        + tr(td("a"), td("b"), td("c"))
        + tr(td("1"), td("2"))
        + tr()
        + tr(td("3"))
        + "</table>"
    )
    assert places_of(grid)[3:] == [("1", 1, 0, 1, 1), ("2", 1, 1, 1, 1), ("3", 3, 0, 1, 1)]
    assert grid.matrix[1][2] is None


def test_empty_cells_that_fill_for_a_span_stay_where_they_are() -> None:
    rows = (
        tr(td("甲"), td("法人", None, 2), td("总计"))
        + tr(td(), td("企业"), td("其他"), td())
        + tr(*map(td, "1234"))
    )
    assert only_rows(f"<table>{rows}</table>") == [
        ["甲", "法人", "总计"],
        ["", "企业", "其他", ""],
        list("1234"),
    ]


def test_columns_that_no_cell_begins_vanish() -> None:
    (grid,) = grids(
        "<table>"
        + tr(td("a", None, 9), td("b", None, 9))
        + tr(td("1", None, 9), td("2"))
        + "</table>"
    )
    assert grid.n_cols == 2


def test_a_sizing_row_makes_no_columns() -> None:
    sizing = tr(*[td("<br/>")] * 18)
    (grid,) = grids(
        "<table>"
        + tr(td("题", None, 18))
        + tr(td("a", None, 8), td("b", None, 10))
        + tr(td("1", None, 8), td("2", None, 10))
        + sizing
        + "</table>"
    )
    assert (grid.n_rows, grid.n_cols) == (4, 2)
    assert rows_of(grid)[:3] == [["题"], ["a", "b"], ["1", "2"]]


def test_a_row_of_blank_values_stays() -> None:
    assert only_rows(
        "<table>" + tr(*map(td, "甲乙丙")) + tr(td("&nbsp;"), td(), td("<br>")) + "</table>"
    ) == [["甲", "乙", "丙"], ["", "", ""]]


def form(down: int) -> str:
    """Five rows of three values under a vertical label that states `down` rows where four are
    right, and a closing row.
    """
    rows = [
        tr(td("项", None, 3), *map(td, "甲乙丙")),
        tr(td("三", down), td("（一）", None, 2), *map(td, "123")),
        tr(td("（二）", 2), td("a"), *map(td, "456")),
    ]
    rows += [
        tr(td("b"), *map(td, "789")),
        tr(td("（七）", None, 2), *map(td, "345")),
        tr(td("四", None, 3), *map(td, "678")),
    ]
    return f"<table>{''.join(rows)}</table>"


@pytest.mark.parametrize("down", [3, 4, 5])
def test_a_label_one_row_too_long_or_too_short_moves_no_value(down: int) -> None:
    document = read(page(form(down)))
    (grid,) = document.grids
    assert [[c.text if c else None for c in row[-3:]] for row in grid.matrix] == [
        list(t) for t in ("甲乙丙", "123", "456", "789", "345", "678")
    ]
    assert grid.n_cols == 6
    assert [c.row_span for c in grid.cells if c.text == "三"] == [4]
    assert bool(document.remarks) == (down != 4)


def test_a_row_that_lacks_its_last_value_is_not_mended() -> None:
    body = form(4).replace(
        td("四", None, 3) + "".join(map(td, "678")), td("四", None, 3) + "".join(map(td, "67"))
    )
    document = read(page(body))
    assert document.remarks == ()
    assert [c.text if c else None for c in document.grids[0].matrix[5][3:]] == ["6", "7", None]


def test_a_table_in_a_table_of_data_comes_after_it() -> None:
    rows = (
        tr(td("a"), td("b"))
        + tr(td("c"), td("d"))
        + tr(td("e"), td("f"))
        + tr(td("g"), td("h" + DATA))
    )
    assert [rows_of(g) for g in grids(f"<table>{rows}</table>")] == [
        [["a", "b"], ["c", "d"], ["e", "f"], ["g", "h"]],
        ROWS,
    ]


def test_tables_that_arrange_the_page_are_no_grids() -> None:
    body = f"<table><tr><td>导航</td><td><p>一</p>{DATA}<p>二</p><table><tr><td>{DATA}三</td></tr></table></td></tr></table>"
    assert [
        b.text if isinstance(b, Paragraph) else rows_of(b) for b in read(page(body)).blocks
    ] == ["导航", "一", ROWS, "二", ROWS, "三"]


def test_hidden_rows_and_cells_are_left_out() -> None:
    rows = (
        "<tr style='display:none'><td>x</td><td>y</td><td>z</td></tr>"
        + tr(td("甲"), td("乙"), "<td style='display: none'>z</td>")
        + tr(td("1"), td("2"))
    )
    assert only_rows(f"<table>{rows}</table>") == ROWS


def test_tables_that_a_script_would_show_are_read() -> None:
    document = read(
        page(f"<div style='display:none'>{DATA}</div><div style='display:none'>别的</div>")
    )
    assert rows_of(document.grids[0]) == ROWS
    assert texts(document.blocks) == []
    assert any("hidden" in remark for remark in document.remarks)
    assert len(grids(f"{DATA}<div style='display:none'>{DATA}</div>")) == 1


# ---- encodings and strings


def test_gb18030_whatever_is_declared() -> None:
    for declared in ("utf-8", "gb2312", "gbk", "iso-8859-1"):
        meta = f'<meta http-equiv="Content-Type" content="text/html; charset={declared}">'
        body = f"<html><head>{meta}</head><body><p>政府信息公开工作年度报告</p>{DATA}</body></html>"
        for data in (body.encode("gb18030"), body.encode(), b"\xef\xbb\xbf" + body.encode()):
            document = read(data)
            assert texts(document.blocks) == ["政府信息公开工作年度报告"]
            assert rows_of(document.grids[0]) == ROWS


ESCAPED = DATA.replace("<td>", '<td style="a">').replace('"', '\\"').replace("</", "<\\/")


@pytest.mark.parametrize(
    "text",
    [
        f'<p style=\\"b\\">\\u653f\\u5e9c<\\/p>\\n{ESCAPED}',
        f'{{"code":0,"content":"<p>政府<\\/p>{ESCAPED}"}}',
        f'callback({{"content":"\\u003cp>政府\\u003c/p>{ESCAPED}","more":["x"]}});',
        (
            f"<html><body><script>var c = \"<p>政府<\\/p>{ESCAPED}\"; show('c', "
            "c)</script></body></html>"
        ),
        f'{{"content":"<p style=\'a\'>政府</p>{DATA}"}}',
    ],
)
def test_markup_held_in_a_string(text: str) -> None:
    document = read(text.encode())
    assert texts(document.blocks) == ["政府"]
    assert [rows_of(g) for g in document.grids] == [ROWS]


def test_a_table_in_the_open_is_preferred_to_one_in_a_script() -> None:
    body = f'{DATA}<script>document.write("{ESCAPED}{ESCAPED}")</script>'
    assert [rows_of(g) for g in grids(body)] == [ROWS]


# ---- facts


def test_facts_in_order_of_trust() -> None:
    head = (
        '<title>丁_网站</title><meta name="ArticleTitle" content="甲"><meta name="PubDate" '
        'content="2020-01-31 09:00">'
        '<meta name="ContentSource" content="市 民政局">'
    )
    body = (
        "<ucaptitle>乙</ucaptitle><h1>丙</h1><publishtime>2020-02-01</publishtime><p>发布机构："
        f"民政局 发布日期：2020年2月3日</p>{DATA}"
    )
    assert read(page(body, head)).facts == (
        ("title", "甲"),
        ("title", "乙"),
        ("title", "丙"),
        ("title", "丁_网站"),
        ("published_on", "2020-01-31"),
        ("published_on", "2020-02-01"),
        ("published_on", "2020-02-03"),
        ("publisher", "市 民政局"),
        ("publisher", "民政局"),
    )


def test_fields_in_a_small_table_before_the_report() -> None:
    fields = f"<table>{tr(td('发布机构'), td('某局'), td('索引号'), td('1'))}{tr(td('发布时间：'), td('2024-1-7'), td('分类'), td('x'))}</table>"
    assert read(page(fields + DATA)).facts == (
        ("published_on", "2024-01-07"),
        ("publisher", "某局"),
    )


def test_a_date_that_does_not_exist_and_an_empty_field_are_no_facts() -> None:
    assert (
        read(
            page(
                f"<p>发布日期：2020-13-41</p><p>发布机构：1</p>{DATA}",
                '<meta name="PubDate" content="">',
            )
        ).facts
        == ()
    )


# ---- pages that are no document


@pytest.mark.parametrize(
    ("body", "head"),
    [
        (
            "<h1>很抱歉，由于您访问的URL有可能对网站造成安全威胁，您的访问被阻断。</h1>",
            "<title>405</title>",
        ),
        (
            "<div>当前访问疑似黑客攻击，已被创宇盾拦截</div><script>x</script>",
            "<title>访问被拦截</title>",
        ),
        ("<p>Please wait</p><script>c()</script>", "<title>Just a moment...</title>"),
        ("<center><h1>403 Forbidden</h1></center><hr><center>nginx</center>", ""),
        ("<p>您的请求过于频繁，请完成安全验证</p>", ""),
        ("<p>页面不存在</p>", "<title>404</title>"),
        ("<h1>502 Bad Gateway</h1>", ""),
    ],
)
def test_a_page_of_a_firewall_or_an_error_is_no_document(body: str, head: str) -> None:
    with pytest.raises(ReadError) as error:
        read(page(body, head))
    assert error.value.reason is Reason.BLOCKED_PAGE


@pytest.mark.parametrize(
    "body",
    [
        "<div id=app></div><script src=app.js></script>",
        "<div id=app>正在加载</div><script>var x=1</script>",
        (
            "<h1>{{article.title}}</h1><table><tr ng-repeat='r in "
            "rows'><td>{{r.name}}</td><td>{{r.value}}</td></tr></table>"
        ),
        "<noscript>请启用JavaScript</noscript><script>boot()</script>",
    ],
)
def test_a_page_made_by_script_needs_a_browser(body: str) -> None:
    with pytest.raises(ReadError) as error:
        read(page(body))
    assert error.value.reason is Reason.NEEDS_BROWSER


def test_a_report_that_tells_of_firewalls_is_a_report() -> None:
    told = "<p>访问被拦截</p><p>403 Forbidden</p><p>{{x}}</p>"
    numbers = "<table><tr><td>甲</td><td>1</td></tr><tr><td>乙</td><td>2</td></tr><tr><td>丙</td><td>3</td></tr></table>"
    blank = "<table>" + tr(*[td("项")] * 3) * 4 + "</table>"
    for table in (numbers, blank):
        assert len(read(page(told + table + "<script>x</script>")).grids) == 1
    narrative = (
        "<p>一、总体情况</p><p>全年加固网站，解决页面不存在的问题三处，防火墙拦截了攻击，并且"
        + "认真做好公开工作，" * 20
        + "</p>"
    )
    assert len(read(page(narrative)).paragraphs) == 2


# ---- hostile pages


@pytest.mark.parametrize(
    "text",
    [
        "<div>" * 100_000,
        "<div>" * 100_000 + DATA + "</div>" * 100_000,
        "<span>" * 100_000,
        "<table><tr><td>" * 33_000,
        "<ul><li>" * 50_000,
        "<b>" * 100_000,
    ],
    ids=["div", "closed", "span", "table", "list", "bold"],
)
def test_pages_too_deep_are_refused_at_once(text: str) -> None:
    def refused() -> None:
        with pytest.raises(ReadError) as error:
            read(text.encode())
        assert error.value.reason is Reason.XML_GUARD

    assert cost(refused) < 1


def test_depth_beyond_python_s_own_is_walked() -> None:
    assert rows_of(read(page("<div>" * 4_000 + DATA)).grids[0]) == ROWS


def test_many_tags_that_are_not_deep_are_read() -> None:
    assert lines("<p>字<p>号" * 6_000) == ["字", "号"] * 6_000


@pytest.mark.parametrize("rows", [tr(td("1"), td("2")) * 501, tr(*[td("1")] * 61)])
def test_a_table_beyond_the_limits_costs_that_table_alone(rows: str) -> None:
    document = read(page(f"<p>字</p><table>{rows}</table>" + DATA))
    assert document.grids == read(page(DATA)).grids and document.paragraphs[0].text == "字"
    assert document.flaw is not None and document.flaw[0] is Reason.TOO_LARGE


def test_a_cell_beyond_the_limit_is_open_and_its_words_are_prose() -> None:
    document = read(page(f"<table>{tr(td('字' * 4001), td('1'))}</table>"))
    assert [cell.text for cell in document.grids[0].cells] == [UNREADABLE, "1"]
    assert [p.text for p in document.paragraphs] == ["字" * 4001] and document.flaw is None


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("<table><tr><td>" * 40 + DATA, Reason.XML_GUARD),
    ],
)
def test_refusals(body: str, reason: Reason) -> None:
    with pytest.raises(ReadError) as error:
        read(page(body))
    assert error.value.reason is reason


# ---- there and back


def as_html(cells: list[Cell]) -> str:
    rows = range(max(c.row + c.row_span for c in cells))
    return f"<table>{''.join(tr(*(td(c.text, c.row_span, c.col_span) for c in cells if c.row == r)) for r in rows)}</table>"


@given(merged_tables())
@settings(deadline=None)
def test_any_merged_table_comes_back(cells: list[Cell]) -> None:
    document = read(page(as_html(cells)))
    if len(cells) == 1:
        assert texts(document.blocks) == [cells[0].text]
    else:
        assert places_of(document.grids[0]) == [
            (c.text, c.row, c.col, c.row_span, c.col_span) for c in with_used_columns(cells)
        ]
        assert document.remarks == ()


@given(st.integers(0, 2**32))
@settings(deadline=None, max_examples=300)
def test_damaged_bytes_end_in_a_named_refusal_or_a_sound_document(seed: int) -> None:
    chance = random.Random(seed)
    data = bytearray(page(form(4) + f"<p>政府信息公开</p><div style='display:none'>x</div>{DATA}"))
    for _ in range(chance.randint(1, 8)):
        at = chance.randrange(len(data))
        match chance.randrange(3):
            case 0:
                data[at] = chance.randrange(256)
            case 1:
                del data[at : at + chance.randrange(40)]
            case _:
                data[at:at] = chance.choice(
                    [
                        b"<table>",
                        b"<td rowspan=9>",
                        b"</tr>",
                        b'\\"',
                        b"<!--",
                        b"{{",
                        b"\0",
                        b"<script>",
                    ]
                )
    try:
        document = read(bytes(data))
    except ReadError:
        return
    assert isinstance(document, Document)
    for grid in document.grids:
        assert all(
            c.row + c.row_span <= grid.n_rows and c.col + c.col_span <= grid.n_cols
            for c in grid.cells
        )


# ---- real files


@pytest.mark.parametrize(
    ("name", "shapes", "row"),
    [
        (
            "005",
            [(18, 5), (26, 10), (4, 15)],
            ["一、本年新收政府信息公开申请数量", "821", "35", "", "", "2", "1", "859"],
        ),
        (
            "008",
            [(14, 4), (28, 10), (4, 15)],
            ["四、结转下年度继续办理", "783", "6", "0", "2", "25", "3", "819"],
        ),
        ("014", [(6, 4), (14, 4), (28, 10), (4, 15)], None),
        ("80469", [(8, 3)], ["主动公开信息数", "条", "86"]),
        ("80560", [(19, 5), (26, 10), (4, 15)], ["政府集中采购", "2", "832995元"]),
        ("80595", [(18, 4), (26, 10), (5, 15)], ["政府集中采购", "395", "73802895.90元"]),
        ("80613", [(14, 4), (28, 11), (4, 15)], ["行政事业性收费", "24252.311082"]),
        ("86513", [(13, 4), (26, 10), (4, 15)], None),
    ],
)
def test_real_pages(
    shared_dir: Path, name: str, shapes: list[tuple[int, int]], row: list[str] | None
) -> None:
    document = read((shared_dir / "corpus" / "raw" / f"{name}.html").read_bytes())
    assert [(g.n_rows, g.n_cols) for g in document.grids] == shapes
    assert row is None or row in [r for g in document.grids for r in rows_of(g)]
    assert not any(
        mark in line for line in texts(document.blocks) for mark in ("-->", "<!", "{{", "mso-")
    )


@pytest.mark.parametrize(
    ("inside", "text"),
    [
        ("<s>99</s>111", "111"),
        ("<del>9</del>112", "112"),
        ('<span style="text-decoration: line-through">9</span>113', "113"),
        ('<span style="Text-Decoration: Line-Through">9</span>113', "113"),
        ("<S>9</S>113", "113"),
        (
            (
                "<style>td .gone, p.old{color:red;text-decoration:line-through}</style><span "
                "class=gone>9</span>113"
            ),
            "113",
        ),
        (
            (
                "<style>@media all{i{text-decoration:LINE-THROUGH}} "
                "a:hover{text-decoration:line-through}</style><i>9</i><a>1</a>13"
            ),
            "113",
        ),
        (
            "<style>.note{vertical-align:super} {{ .x{line-through</style>114<b class=note>1</b>",
            "114¹",
        ),
        ("114<sup>1</sup>", "114¹"),
        ('114<sup><span style="VERTICAL-ALIGN: SUPER">1</span></sup>', "114¹"),
        ('115<span style="vertical-align: super">2</span>', "115²"),
    ],
)
def test_struck_and_raised_digits_join_no_number(inside: str, text: str) -> None:
    document = read(
        f"<table><tr><td>甲</td><td>{inside}</td></tr><tr><td>乙</td><td>1</td></tr></table>".encode()
    )
    assert [c.text for c in document.grids[0].cells][:2] == ["甲", text]
