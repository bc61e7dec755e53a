"""The markup that the sites share: entries of a list, pages of a paper in all the ways a report is
put into one, and what stands around.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from urllib.parse import urljoin

from tests.web.reports import KINDS, file_of, markup_of
from tests.web.server import Reply, Site, Truth

WAYS = (
    "page",
    "gb",
    "docx",
    "viewer",
    "both",
    "onclick",
    "frame",
    "direct",
    "script",
    "download",
    "ofd",
)


@dataclass(frozen=True)
class Entry:
    """One line of a list. `cut`: its text is cut short; `titled`: and title= tells it whole."""

    path: str
    title: str
    date: str
    cut: bool = False
    titled: bool = True

    @property
    def shown(self) -> str:
        """The text of the link."""
        return self.title[:-7] + "…" if self.cut else self.title


def items(entries: Sequence[Entry], tag: str = "li") -> str:
    """The entries as list items, in the ways that templates write them."""
    lines = []
    for at, entry in enumerate(entries):
        titled = f'title="{escape(entry.title)}"' if entry.titled else ""
        link = (
            f"<a {titled} href='{entry.path}' target='_blank'>{escape(entry.shown)}</a>"
            if at % 2
            else f'<a href="{entry.path}" {titled}>\n  {escape(entry.shown)}\n</a>'
        )
        lines.append(f"<{tag}>{link}<span>{entry.date}</span></{tag}>")
    return "\n".join(lines)


def page(body: str, head: str = "", title: str = "政府信息公开年报", charset: str = "utf-8") -> str:
    """A page with the furniture of a site around it."""
    menu = (
        '<div class="header menu"><ul><li><a href="/">首页</a></li><li><a '
        'href="/zwgk/zfxxgkzn/">政府信息公开指南</a></li>'
        '<li><a href="/zwgk/zfxxgknb/">政府信息公开年报</a></li><li><a '
        'href="/files/guide2023.pdf">办事服务手册</a></li></ul></div>'
    )
    foot = (
        '<div class="footer"><p>主办单位：人民政府办公室　网站地图　联系我们</p><a '
        'href="/files/old.pdf">无障碍说明</a></div>'
    )
    filler = (
        "<p>本栏目依据《中华人民共和国政府信息公开条例》设置，"
        "公开本机关历年的政府信息公开工作年度报告，欢迎社会各界监督，并提出宝贵的意见。</p>"
    )
    return (
        "<!DOCTYPE html>\n<html><head><meta "
        f'charset="{charset}"><title>{title}</title>{head}</head>\n<body>{menu}<div '
        f'class="main">{body}{filler}</div>{foot}'
        "<script>var _hmt = _hmt || [];</script></body></html>\n"
    )


def letter(agency: str, year: int) -> str:
    """The page's own words where the report is attached."""
    return f"<p>现将{agency}{year}年政府信息公开工作年度报告予以公布，请查阅附件。</p>"


def lay_report(
    site: Site, way: str, path: str, agency: str, year: int, title: str, date: str
) -> str:
    """Puts the report at `path` in one of WAYS, adds what must be found to the truth; gives the
    address for the list.
    """
    head = f'<meta name="ArticleTitle" content="{title}"><meta name="PubDate" content="{date}">'
    folder, stem = (
        path.rsplit("/", 1)[0],
        hashlib.sha256(f"{path}{title}".encode()).hexdigest()[:16],
    )

    def file(suffix: str, at: str = "") -> str:
        at = at or f"{folder}/P0{int(stem, 16)}.{suffix}"
        url = urljoin(site.root, site.put(at, Reply(file_of(agency, year, suffix), KINDS[suffix])))
        site.truth.append(
            Truth(
                url,
                hashlib.sha256(file_of(agency, year, suffix)).hexdigest(),
                agency,
                year,
                title,
                "attachment",
            )
        )
        return at

    def whole(body: str, at: str, counted: bool, charset: str = "utf-8") -> None:
        markup = page(
            f'<h1>{title}</h1><div class="TRS_Editor" id="zoom">{body}</div>', head, title, charset
        )
        content = markup.encode("gb18030" if charset == "gb2312" else "utf-8")
        url = site.put(
            at,
            Reply(content, f"text/html; charset={charset}" if charset == "utf-8" else "text/html"),
        )
        if counted:
            site.truth.append(
                Truth(url, hashlib.sha256(content).hexdigest(), agency, year, title, "page")
            )

    if way in ("page", "gb"):
        whole(markup_of(agency, year), path, True, "gb2312" if way == "gb" else "utf-8")
    elif way == "both":
        whole(
            markup_of(agency, year) + f'<p>附件：<a href="{file("docx")}">{title}.docx</a></p>',
            path,
            True,
        )
    elif way == "frame":
        inner = f"{folder}/body_{stem}.html"
        whole(markup_of(agency, year), inner, True)
        site.put(
            path, page(f'<h1>{title}</h1><iframe src="{inner}" width="100%"></iframe>', head, title)
        )
    elif way == "direct":
        return file("pdf", f"{folder}/W0{int(stem, 16)}.pdf")
    else:
        download = (
            f"/system/_content/download.jsp?urltype=news.DownloadAttachUrl&owner=1&wbfileid={stem}"
        )
        links = {
            "docx": lambda: (
                f'<p>附件1：<a href="./{file("docx").rsplit("/", 1)[1]}">{title}</a></p>'
                "<p><a "
                f'href="/files/{year - 1}nb.doc">{year - 1}年政府信息公开工作年度报告</a> <a '
                'href="/files/jd.pdf">一图读懂年度报告</a></p>'
            ),
            "viewer": lambda: f'<iframe src="/pdfjs/web/viewer.html?file={file("pdf")}"></iframe>',
            "onclick": lambda: (
                '<a href="javascript:void(0)" '
                f"onclick=\"window.open('{file('xlsx')}')\">点击下载</a>"
            ),
            "script": lambda: (
                f'<div id="show"></div><script>PDFObject.embed("{file("pdf")}", "#show");</script>'
            ),
            "download": lambda: f'<p>附件【<a href="{file("xls", download)}">{title}.xls</a>】</p>',
            "ofd": lambda: f'<p><a href="{file("ofd")}">下载</a></p>',
        }
        whole(letter(agency, year) + links[way](), path, False)
    return path


def lay_others(site: Site, path: str, title: str, own_title: str = "") -> None:
    """A page that is no report but could be taken for one: it has a table and an attachment."""
    rows = "".join(f"<tr><td>指标{n}</td><td>{n}</td><td>{n * 2}</td></tr>" for n in range(12))
    body = (
        f'<h1>{own_title or title}</h1><div class="TRS_Editor"><table>{rows}</table><a '
        'href="/files/jd.pdf">附件</a></div>'
    )
    site.put(
        path,
        page(
            body, f'<meta name="ArticleTitle" content="{own_title or title}">', own_title or title
        ),
    )


def lay_deleted(site: Site, path: str, column: str) -> None:
    """A deleted paper as some sites answer it: status 200, and back to the column."""
    site.put(
        path,
        (
            '<html><head><meta http-equiv="refresh" '
            f'content="0;url={column}"></head><body></body></html>'
        ),
    )


def pages_of(entries: Sequence[Entry], size: int) -> list[list[Entry]]:
    """The entries in pages."""
    return [list(entries[at : at + size]) for at in range(0, len(entries), size)] or [[]]
