"""The second reading of pages keeps all that a page shows, and its order."""

from extract.document import Grid, Paragraph
from extract.html import crosscheck


def test_what_stands_behind_a_comment_is_read() -> None:
    page = (
        "<p>本年<!-- 草稿 -->新收</p>"
        "<table><tr><td>12<!--[if !supportEmptyParas]-->34</td><td><!-- -->5</td></tr></table>"
    )
    paragraph, table = crosscheck.read(page.encode()).blocks
    assert isinstance(paragraph, Paragraph)
    assert paragraph.text == "本年新收"
    assert isinstance(table, Grid)
    assert [cell.text for cell in table.cells] == ["1234", "5"]


def test_the_innermost_tables_of_a_page_come_in_order_between_its_lines() -> None:
    page = (
        "前<div>上<table><tr><td><table><tr><td>甲</td></tr></table></td>"
        "<td><table><tr><td>乙<br>丙</td></tr></table></td></tr></table>下</div>后"
    )
    blocks = crosscheck.read(page.encode()).blocks
    assert [b.cells[0].text if isinstance(b, Grid) else b.text for b in blocks] == [
        *("前", "上", "甲", "乙\n丙", "下", "后")
    ]
