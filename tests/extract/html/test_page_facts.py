"""What a page says of itself, markup held in a string, and pages that are no document."""

import pytest

from extract.document import ReadError, Reason, texts
from extract.html.read import read
from tests.extract.documents import rows_of
from tests.extract.html.markup import DATA, ROWS, grids, page, td, tr

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
    fields = (
        f"<table>"
        f"{tr(td('发布机构'), td('某局'), td('索引号'), td('1'))}"
        f"{tr(td('发布时间：'), td('2024-1-7'), td('分类'), td('x'))}</table>"
    )
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
    numbers = (
        f"<table>{tr(td('甲'), td('1'))}{tr(td('乙'), td('2'))}{tr(td('丙'), td('3'))}</table>"
    )
    blank = "<table>" + tr(*[td("项")] * 3) * 4 + "</table>"
    for table in (numbers, blank):
        assert len(read(page(told + table + "<script>x</script>")).grids) == 1
    narrative = (
        "<p>一、总体情况</p><p>全年加固网站，解决页面不存在的问题三处，防火墙拦截了攻击，并且"
        + "认真做好公开工作，" * 20
        + "</p>"
    )
    assert len(read(page(narrative)).paragraphs) == 2
