"""Web pages: clean ones, pastes from Word and WPS, and tables whose spans lie, as browsers forgive
and sites publish.

`page` takes a flow and a `Style` and gives the bytes of an HTML file. The styles that misuse spans
keep the order of the cells of each row, by which a person still reads them.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from html import escape
from random import Random
from typing import Final

from tests.build.report import Anchor, Flow, Line, TableLayout

Decorate = Callable[[str, Random], str]

_WORD_STYLE: Final = (
    "mso-spacerun:'yes';font-family:仿宋_GB2312;mso-bidi-font-family:仿宋_GB2312;color:rgb(0,0,0);"
    "letter-spacing:0.0000pt;text-transform:none;font-style:normal;font-size:10.5000pt;mso-font-kerning:1.0000pt;"
)
_CHROME_TOP: Final = (
    '<div class="nav"><ul><li><a href="/">首页</a></li><li><a '
    'href="/zwgk/">政务公开</a></li></ul></div>'
    '<div class="crumb">当前位置：<a href="/">首页</a> &gt; <a '
    'href="/zfxxgk/">政府信息公开年报</a></div>'
    '<div class="share">分享到：<a>微信</a> <a>微博</a> <a>QQ空间</a> 字号：[大 中 小] '
    "<a>全真版</a> <a>文字版</a></div>"
)
_CHROME_END: Final = (
    '<div class="files">附件下载：<ul><li><a '
    'href="P0202.docx">政府信息公开工作年度报告.docx</a></li></ul></div>'
    '<table class="links"><tr><td><a href="#">上一篇</a></td><td><a '
    'href="#">下一篇</a></td></tr></table>'
    '<div class="foot">主办：办公室 版权所有 <script>var hits = 12345; '
    'document.write("<td>99</td>");</script></div>'
)


@dataclass(frozen=True)
class Style:
    """How a page is written.

    `text` decorates the words of a cell; `blank` stands for an empty cell; `spans` is right, short
    or long (a row span one too small or too large), filler (empty cells in place of row spans) or
    drift (column spans of header and data disagree); `phantom` adds empty cells behind some rows;
    `head` uses thead, th and tbody; `sloppy` leaves tags open and in capitals; `declare` is the
    charset in the meta element and `encode` the one of the bytes; `frame` is plain, chrome, script
    (the content is a string in a script), layout (the page is a layout table) or site (custom
    elements of a site builder).
    """

    text: Decorate = field(
        default=lambda text, rng: escape(text).replace("\n", "<br />").replace("\u00a0", "&nbsp;")
    )
    blank: str = "&nbsp;"
    spans: str = "right"
    phantom: bool = False
    head: bool = False
    sloppy: bool = False
    declare: str = "utf-8"
    encode: str = "utf-8"
    frame: str = "plain"


def word_text(text: str, rng: Random) -> str:
    """A cell's words as Word or WPS pastes them: spans and fonts inside each other, some runs
    split, leftovers of conditions.
    """
    cuts = (
        sorted(rng.sample(range(1, len(text)), min(len(text) - 1, rng.choice((0, 0, 1, 2)))))
        if len(text) > 1
        else []
    )
    runs = [text[a:b] for a, b in zip([0, *cuts], [*cuts, len(text)], strict=True)]
    spans = "".join(
        f'<span style="{_WORD_STYLE}"><font face="仿宋_GB2312">{escape(run)}</font></span>'.replace(
            "\n", "<br>"
        )
        for run in runs
    )
    lead = "<!--[if !supportMisalignedColumns]--><!--[endif]-->" if rng.random() < 0.05 else ""
    paragraph = (
        '<p class="MsoNormal" align="center" style="text-align:center;line-height:24.0000pt;">'
    )
    return f'{paragraph}{lead}{spans}<span style="{_WORD_STYLE}"><o:p></o:p></span></p>'


def page(blocks: Flow, style: Style, rng: Random) -> bytes:
    """The flow as one page. Characters that the encoding lacks become character references."""
    title = next((b.text for b in blocks if isinstance(b, Line) and b.role == "title"), "")
    body = "\n".join(
        _line(b, style) if isinstance(b, Line) else _table(b, style, rng) for b in blocks
    )
    facts = ""
    if style.frame == "chrome":
        body = f'{_CHROME_TOP}<div class="TRS_Editor">{body}</div>{_CHROME_END}'
    elif style.frame == "layout":
        banner = '<tr><td colspan="2" class="banner"><img src="b.jpg"></td></tr>'
        body = (
            f'<table width="1000">{banner}<tr><td width="200"><a '
            f'href="/">首页</a></td><td>{body}</td></tr></table>'
        )
    elif style.frame == "script":
        content = json.dumps(body, ensure_ascii=False).replace("</", "<\\/")
        script = (
            f'var article = {{"id": 1001, "content": '
            f'{content}}};\ndocument.getElementById("content").innerHTML = article.content;'
        )
        body = f'<div id="content"></div><script type="text/javascript">{script}</script>'
    elif style.frame == "site":
        day = next(
            (
                b.text.rpartition("：")[2]
                for b in blocks
                if isinstance(b, Line) and b.text.startswith("发布日期：")
            ),
            "",
        )
        body = (
            f"<ucaptitle><h1>{escape(title)}</h1></ucaptitle><publishtime>"
            f"{day}</publishtime><ucapcontent>{body}</ucapcontent>"
        )
        facts = (
            f'<meta name="ArticleTitle" content="{escape(title)}"><meta name="PubDate" '
            f'content="{day}">'
        )
    charset = f'<meta http-equiv="Content-Type" content="text/html; charset={style.declare}">'
    html = (
        "<!DOCTYPE "
        f"html>\n<html><head>{charset}{facts}<title>{escape(title)}</title></head>\n<body>{body}</body></html>\n"
    )
    return html.encode(style.encode, "xmlcharrefreplace")


def _line(line: Line, style: Style) -> str:
    if line.role == "title":
        return f"<h1>{escape(line.text)}</h1>"
    return (
        f"<p><strong>{escape(line.text)}</strong></p>"
        if line.role == "heading"
        else f"<p>{escape(line.text)}</p>"
    )


def _table(table: TableLayout, style: Style, rng: Random) -> str:
    lines = table.lines()
    row_span = {a: a.row_span for a in table.anchors}
    if style.spans in ("short", "long") and table.table_id:
        tall = [a for a in table.anchors if a.key is None and a.row_span > 4]
        if tall:
            row_span[rng.choice(tall)] += -1 if style.spans == "short" else 1
    if style.spans == "filler":
        lines = _filled(table, row_span, rng)
    col_span = (
        _drifted(table, lines) if style.spans == "drift" and table.table_id == "proactive" else {}
    )
    rows = []
    for r, line in enumerate(lines):
        cells = [
            _cell(
                a,
                row_span.get(a, 1),
                col_span.get(a, a.col_span),
                style,
                rng,
                header=style.head and r < max(1, table.head_rows),
            )
            for a in line
        ]
        if style.phantom and table.table_id and rng.random() < 0.4:
            cells += ["<td></td>"] * rng.randint(1, 8)
        rows.append("<TR>" + "\n".join(cells) if style.sloppy else f"<tr>{''.join(cells)}</tr>")
    if style.head and table.head_rows:
        top, rest = "".join(rows[: table.head_rows]), "".join(rows[table.head_rows :])
        return f'<table border="1"><thead>{top}</thead><tbody>{rest}</tbody></table>'
    if style.sloppy:
        return f"<TABLE border=1 width=100%>{''.join(rows)}</TABLE>"
    return f'<table border="1" cellspacing="0"><tbody>{"".join(rows)}</tbody></table>'


def _cell(a: Anchor, rows: int, columns: int, style: Style, rng: Random, header: bool) -> str:
    quote = "" if style.sloppy else '"'
    spans = "".join(
        f" {name}={quote}{n}{quote}"
        for name, n in (("colspan", columns), ("rowspan", rows))
        if n != 1
    )
    words = style.text(a.text, rng) if a.text.strip() else style.blank
    if style.sloppy:
        return f"<TD{spans} width=89>{words}"
    tag = "th" if header else "td"
    return f"<{tag}{spans}>{words}</{tag}>"


def _filled(table: TableLayout, row_span: dict[Anchor, int], rng: Random) -> list[list[Anchor]]:
    """Rows with an empty cell wherever a merged cell covers them from above, for all merged cells
    but the corner and some others.
    """
    lines = table.lines()
    for a in table.anchors:
        corner = a.row == 0 and a.col == 0
        if a.row_span > 1 and not corner and rng.random() < 0.8:
            row_span[a] = 1
            for r in range(a.row + 1, a.row + a.row_span):
                lines[r].append(Anchor("", r, a.col, 1, a.col_span))
    return [sorted(line, key=lambda a: a.col) for line in lines]


def _drifted(table: TableLayout, lines: list[list[Anchor]]) -> dict[Anchor, int]:
    """Column spans of the headers of 表二 that disagree with the data below: the wide one moved by
    a place, or one too small.
    """
    spans: dict[Anchor, int] = {}
    for line in lines:
        if len(line) < 2 or any(a.key for a in line):
            continue
        wide = [a for a in line if a.col_span > 1]
        if len(wide) == 1 and len(line) > 2:
            other = line[1] if line[1] is not wide[0] else line[2]
            spans |= {wide[0]: 1, other: wide[0].col_span}
        elif wide:
            spans[wide[-1]] = wide[-1].col_span - 1
    return spans
