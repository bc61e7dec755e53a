"""The sites whose lists lie as pages, and how a site of any family is filled.

A builder says where a column and its papers lie and puts the column's list on the site.
`build_site` makes for each agency the same entries in another way each: reports of the wanted
years, a report of an earlier year that must not be fetched, readings and guides about reports, a
report deleted since, a title cut short that turns out to be another paper's.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tests.web import endpoints
from tests.web.pages import WAYS, Entry, items, lay_deleted, lay_others, lay_report, page, pages_of
from tests.web.reports import agency_of
from tests.web.server import Asked, Reply, Site

PAGE = 4  # entries of a page


@dataclass(frozen=True)
class Builder:
    """One family.

    `column(agency)` and `paper(agency, number, date)` are paths, `lay` puts the list of one agency
    there.
    """

    family: str
    column: Callable[[int], str]
    paper: Callable[[int, int, str], str]
    lay: Callable[[Site, int, str, Sequence[Entry]], None]


def build_site(site: Site, place: int, agencies: int, years: Sequence[int]) -> None:
    """Fills a site: papers, lists, entry and truth."""
    builder = BUILDERS[site.name]
    rows = []
    for k in range(agencies):
        agency = agency_of(place, k)
        column = builder.column(k)
        entries: list[Entry] = []

        def add(
            title: str, way: str, date: str, year: int = 0, cut: bool = False, titled: bool = True
        ) -> None:
            path = builder.paper(k, len(entries) + 1, date)  # noqa: B023
            if way == "other":
                lay_others(
                    site,
                    path,
                    title,
                    title if not cut or titled else f"{agency}政府信息公开指南",  # noqa: B023
                )
            elif way == "deleted":
                lay_deleted(site, path, column.split("#")[0])  # noqa: B023
            elif way != "absent":
                path = lay_report(site, way, path, agency, year, title, date)  # noqa: B023
            entries.append(Entry(path, title, date, cut, titled))  # noqa: B023

        for n, year in enumerate(sorted(years, reverse=True)):
            at = k * len(years) + n + place * 3
            title = (
                f"{agency}{year}年政府信息公开工作年度报告"
                if at % 3
                else f"{agency}关于报送{year}年度政府信息公开工作年度报告的函"
            )
            way = WAYS[at % len(WAYS)]
            # a file's address does not tell whose it is there
            way = "docx" if way == "direct" and site.name == "xxgk" else way
            add(
                title,
                way,
                f"{year + 1}-01-{10 + n:02d}",
                year,
                cut=at % 5 in (1, 3),
                titled=at % 5 != 3,
            )
            add(
                f"《{agency}{year}年政府信息公开工作年度报告》解读",
                "other",
                f"{year + 1}-01-20",
                year,
            )
        first = min(years)
        add(
            f"{agency}{first}年度政府信息公开工作年度报告（图片版）",
            "deleted",
            f"{first + 1}-01-05",
        )
        add(f"{agency}政府信息公开指南", "other", f"{first + 1}-01-04")
        add(f"{agency}{first}年法治政府建设年度报告", "other", f"{first + 1}-01-03")
        add(
            f"{agency}关于{first}年度政府信息公开工作安排的说明",
            "other",
            f"{first + 1}-01-02",
            cut=True,
            titled=False,
        )
        add(f"{agency}{first - 1}年政府信息公开工作年度报告", "absent", f"{first}-01-10")
        builder.lay(site, k, agency, entries)
        rows.append({"agency": agency, "lists": [site.root + column]})
    site.put("/robots.txt", "User-agent: *\nDisallow: /private/\n", "text/plain")
    for path in ("/files/jd.pdf", "/files/guide2023.pdf", "/files/old.pdf"):
        site.put(path, b"%PDF-1.4 not a report", "application/pdf")
    site.entry = {
        "id": f"web-{site.name}",
        "site": site.host,
        "agencies": rows,
        "level": "city_department",
        "years": {"first": min(years), "last": max(years)},
        "pace": 0,
        "minimum": agencies * len(years),
        "exceptions": {"hosts": {"reason": "a site on loopback, for tests"}},
    }


# ---- lists that are pages


def _dated(k: int, n: int, date: str) -> str:
    year, month, day = date.split("-")
    return f"/zwgk/bm{k}/zfxxgknb/{year}{month}/t{year}{month}{day}_{5000 + 100 * k + n}.html"


def _trs(site: Site, k: int, agency: str, entries: Sequence[Entry]) -> None:
    """0-based names, the pager drawn by a script, the pages further on in `index_N.html`; every
    other agency's in GB 2312.
    """
    charset = "gb2312" if k % 2 else "utf-8"
    parts = pages_of(entries, PAGE)
    for at, part in enumerate(parts):
        script = f'<script>createPageHTML({len(parts)}, {at}, "index", "html");</script>'
        markup = page(f'<div class="list"><ul>{items(part)}</ul>{script}</div>', charset=charset)
        for path in (
            f"/zwgk/bm{k}/zfxxgknb/index{f'_{at}' if at else ''}.html",
            *([f"/zwgk/bm{k}/zfxxgknb/"] if at == 0 else []),
        ):
            site.put(path, markup.encode("gb18030" if k % 2 else "utf-8"), "text/html")


def _ucap_static(site: Site, k: int, agency: str, entries: Sequence[Entry]) -> None:
    """Names from 1 on; behind the last page the lists of other bureaus go on."""
    parts = pages_of(entries, PAGE)
    for at in range(len(parts)):
        markup = page(
            f'<ul class="list">{items(parts[at])}</ul><script>var websiteId="ab12"; var '
            f"pageCount = {len(parts) + 3};</script>"
        )
        site.put(f"/bm{k}/xxgk/xxgk{f'_{at + 1}' if at else ''}.shtml", markup)
    for at in range(len(parts), len(parts) + 3):
        leak = []
        for n in range(3):
            name = hashlib.sha256(f"{k}{at}{n}".encode()).hexdigest()[:32]
            leak.append(
                Entry(
                    f"/other/gknb/2024{at:02d}/{name}.shtml",
                    f"他市第{n}局2023年政府信息公开工作年度报告",
                    "2024-01-09",
                )
            )
        site.put(f"/bm{k}/xxgk/xxgk_{at + 1}.shtml", page(f'<ul class="list">{items(leak)}</ul>'))


def _vsb(site: Site, k: int, agency: str, entries: Sequence[Entry]) -> None:
    """Older pages are numbered downwards; the pager is of links."""
    parts = pages_of(entries, PAGE)
    for at, part in enumerate(parts):
        older = (
            f'<a href="/bm{k}/zfxxgknb/{len(parts) - at - 1}.htm" class="Next">下页</a>'
            if at + 1 < len(parts)
            else ""
        )
        body = (
            f'<ul class="list">{items(part)}</ul><div '
            f'class="pages"><span>{at + 1}</span>{older}</div><script '
            'src="/system/resource/vsb_page.js"></script>'
        )
        site.put(f"/bm{k}/zfxxgknb{f'/{len(parts) - at}' if at else ''}.htm", page(body))


def _numbered(site: Site, k: int, agency: str, entries: Sequence[Entry]) -> None:
    """`1.html`, `2.html`, with nineteen-digit names of papers; below folders by year."""
    years = sorted({e.date[:4] for e in entries}, reverse=True)
    links = "".join(f'<li><a href="{int(y) - 1}n/">{int(y) - 1}年</a></li>' for y in years)
    site.put(f"/zfxxgk/bm{k}/zfxxgknb/", page(f"<ul>{links}</ul>"))
    for year in years:
        parts = pages_of([e for e in entries if e.date[:4] == year], 2)
        for at, part in enumerate(parts):
            pager = "".join(f'<a href="{n + 1}.html">{n + 1}</a> ' for n in range(len(parts)))
            markup = page(f'<ul class="list">{items(part)}</ul><div class="pager">{pager}</div>')
            site.put(f"/zfxxgk/bm{k}/zfxxgknb/{int(year) - 1}n/{at + 1}.html", markup)
            if at == 0:
                site.put(f"/zfxxgk/bm{k}/zfxxgknb/{int(year) - 1}n/", markup)


def _query(site: Site, k: int, agency: str, entries: Sequence[Entry]) -> None:
    """A table behind `?page=`, within a frame of a shell page; the last page is given again for
    every number beyond it.
    """
    parts = pages_of(entries, PAGE)

    def answer(asked: Asked) -> Reply:
        number = min(int(asked.fields.get("page", "1")), len(parts))
        rows = items(parts[number - 1], "td")
        rows = rows.replace("<td>", "<tr><td>").replace("</td>", "</td></tr>")
        table = f"<table>{rows}</table>"
        pager = (
            f'<span>共{len(parts)}页</span><a onclick="toPage({len(parts)})">尾页</a><script>var '
            f"totalPage={len(parts)};</script>"
        )
        return Reply(page(table + pager).encode())

    site.put(f"/InfoPublic{k}.aspx", answer)
    site.put(
        f"/bm{k}/nb.html",
        page(f'<iframe src="/InfoPublic{k}.aspx?cid={k}&page=1&kw=" frameborder="0"></iframe>'),
    )


def _by_hash(k: int, n: int, date: str) -> str:
    name = hashlib.sha256(f"{k}-{n}".encode()).hexdigest()[:32]
    return f"/bm{k}/gknb/{date[:4]}{date[5:7]}/{name}.shtml"


def _art(k: int, n: int, date: str) -> str:
    year, month, day = date.split("-")
    return f"/art/{year}/{int(month)}/{int(day)}/art_{1229000000 + k}_{59664000 + 100 * k + n}.html"


def _epoint_paper(k: int, n: int, date: str) -> str:
    name = hashlib.sha256(f"e{k}-{n}".encode()).hexdigest()[:8]
    return f"/zwgk/003{k:03d}/{date.replace('-', '')}/{name}-4f6a-9b1c.html"


def _column(pattern: str, base: int = 0) -> Callable[[int], str]:
    return lambda k: pattern.format(k=k, n=base + k)


def _paper(pattern: str) -> Callable[[int, int, str], str]:
    """`{k}` the agency, `{n}` the paper, `{id}` a number unique to both, `{day}` and `{year}` of
    the date.
    """
    return lambda k, n, date: pattern.format(
        k=k, n=n, id=100 * k + n, day=date.replace("-", ""), year=date[:4]
    )


_COL = "/col/col{n}/index.html"
BUILDERS = {
    "trs": Builder("trs", _column("/zwgk/bm{k}/zfxxgknb/"), _dated, _trs),
    "ucap-static": Builder("static", _column("/bm{k}/xxgk/xxgk.shtml"), _by_hash, _ucap_static),
    "vsb": Builder(
        "vsb", _column("/bm{k}/zfxxgknb.htm"), _paper("/info/10{k}/2{id:04d}.htm"), _vsb
    ),
    "numbered": Builder(
        "static",
        _column("/zfxxgk/bm{k}/zfxxgknb/"),
        _paper("/zfxxgk/bm{k}/zfxxgknb/{year}n/161592477069{id:07d}.html"),
        _numbered,
    ),
    "query": Builder(
        "static", _column("/bm{k}/nb.html"), _paper("/news/show/{day}182933{id:05d}.html"), _query
    ),
    "trs-json": Builder("trs-json", _column("/zwgk/bm{k}/zfxxgknb/"), _dated, endpoints.trs_json),
    "jpage": Builder("jpage", _column(_COL, 1229000000), _art, endpoints.jpage),
    "xxgk": Builder("xxgk", _column(_COL, 1229000000), _art, endpoints.xxgk),
    "jpaas": Builder("jpaas", _column(_COL), _art, endpoints.jpaas),
    "truecms": Builder(
        "truecms",
        _column("/bm{k}/zfxxgknb/zfxxgknb.html"),
        _paper("/bm{k}/zfxxgknb/content/{id:08d}-4f6a.html"),
        endpoints.truecms,
    ),
    "ucap": Builder(
        "ucap", _column("/csrc/c{n}/common_zfxxgknb.shtml", 100028), _by_hash, endpoints.ucap
    ),
    "gkmlpt": Builder(
        "gkmlpt",
        _column("/bm{k}/gkmlpt/index#{n}", 721),
        _paper("/bm{k}/gkmlpt/content/0/{n}/post_96{id:04d}.html"),
        endpoints.gkmlpt,
    ),
    "label-8888": Builder(
        "label-8888",
        lambda k: f"/public/column/{2681553 + k}?type=4&catId={6717900 + k}&action=list",
        _paper("/public/268{k}/11111{id:05d}.html"),
        endpoints.label_8888,
    ),
    "epoint": Builder(
        "epoint",
        lambda k: f"/dynamic/zwgk/govInfoPub.html?deptcode=00{k:02d}&categorynum=003{k:03d}",
        _epoint_paper,
        endpoints.epoint,
    ),
}
