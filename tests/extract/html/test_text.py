"""The text of a page and of its cells: line breaks, runs, what is not shown, encodings, struck and
raised digits.
"""

import pytest

from extract.document import Paragraph, texts
from extract.html.read import read
from tests.extract.documents import rows_of
from tests.extract.html.markup import DATA, ROWS, cell, lines, only_rows, page


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


def test_gb18030_whatever_is_declared() -> None:
    for declared in ("utf-8", "gb2312", "gbk", "iso-8859-1"):
        meta = f'<meta http-equiv="Content-Type" content="text/html; charset={declared}">'
        body = f"<html><head>{meta}</head><body><p>政府信息公开工作年度报告</p>{DATA}</body></html>"
        for data in (body.encode("gb18030"), body.encode(), b"\xef\xbb\xbf" + body.encode()):
            document = read(data)
            assert texts(document.blocks) == ["政府信息公开工作年度报告"]
            assert rows_of(document.grids[0]) == ROWS


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
