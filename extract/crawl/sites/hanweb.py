"""大汉 (Hanweb) sites: the paged lists of jpage, the module of information disclosure (xxgk),
jpaas, and truecms, which borrowed jpage.

jpage and truecms answer records of markup within XML, jpaas markup within JSON, xxgk a page. Quirks
seen: sites that ignore `startrecord` and obey `page`, and others that do not know `page`, so both
are sent and say the same; sites that cut `perpage`, seen by an answer that is shorter than asked
for while the total says that there is more, whereupon the list goes on in pieces of that size.
"""

import html
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode, urlsplit

from extract.crawl.http.messages import Request, Response
from extract.crawl.sites.html_page import WebPage, fragment, join, text_of
from extract.crawl.sites.links import Link, links_in, parsed
from extract.crawl.sites.list_plan import Family, ListAnswer, ListPlan, numbered

_PROXY: Final = re.compile(r"([^'\"\s<>()]{0,200}dataproxy\.jsp)\??([^'\"\s<>()]*)")
_PROXY_URL: Final = re.compile(r"proxyUrl\s*:\s*['\"]([^'\"]+)['\"]")
_TOTAL: Final = re.compile(r"<totalrecord>\s*(\d+)\s*</totalrecord>", re.I)
_JPAGE_FIELDS: Final = (
    "col",
    "appid",
    "webid",
    "path",
    "columnid",
    "sourceContentType",
    "unitid",
    "webname",
    "permissiontype",
)
_JPAGE_WINDOW: Final = ("page", "startrecord", "endrecord", "perpage")
_PIECE: Final = 60  # records asked for at once; sites cut beyond 100 to 300
_TRUECMS_PIECE: Final = 10

# ---- jpage


def _jpage_fits(page: WebPage) -> bool:
    return "dataproxy.jsp" in page.text or (
        "<datastore>" in page.text
        and _PROXY_URL.search(page.text) is not None
        and "getMessage.do" not in page.text
    )


def _jpage_plans(page: WebPage) -> Sequence[ListPlan]:
    renamed = _PROXY_URL.search(page.text)
    plans: dict[tuple[str, ...], ListPlan] = {}
    for found in _PROXY.finditer(page.text):
        fields = dict(parse_qsl(html.unescape(found.group(2)), keep_blank_values=True))
        target = join(page.url, renamed.group(1) if renamed else found.group(1))
        list_of = (str(target), fields.get("columnid", ""), fields.get("unitid", ""))
        if target is not None and fields.get("columnid") and list_of not in plans:
            fixed = {k: v for k, v in fields.items() if k not in _JPAGE_WINDOW}
            plans[list_of] = _piecewise(target, fixed, page.url, _PIECE)
    return list(plans.values()) or _jpage_plan_of_script(page, renamed)


def _jpage_plan_of_script(page: WebPage, renamed: re.Match[str] | None) -> Sequence[ListPlan]:
    """The list of a script that states its fields, not the address."""
    target = join(page.url, renamed.group(1) if renamed else "/module/web/jpage/dataproxy.jsp")
    fields = {
        name: said.group(1)
        for name in _JPAGE_FIELDS
        if (said := re.search(rf"\b{name}['\"]?\s*:\s*['\"]?([^'\",}}\s]+)", page.text))
    }
    if target is None or not fields.get("columnid"):
        return ()
    return (_piecewise(target, fields, page.url, _PIECE),)


def _piecewise(
    target: str, fields: Mapping[str, str], referer: str, piece: int, callback: str = ""
) -> ListPlan:
    """A list asked for in pieces of records."""

    def ask(number: int, size: int) -> Request:
        window = {
            "startrecord": str((number - 1) * size + 1),
            "endrecord": str(number * size),
            "perpage": str(size),
        }
        if callback:
            joint = "&" if urlsplit(target).query else "?"
            return Request(
                target + joint + urlencode({**fields, **window, "callback": callback}),
                headers={"Referer": referer},
            )
        address = (
            target
            + ("&" if urlsplit(target).query else "?")
            + urlencode({**window, "page": str(number)})
        )
        return Request(address, "POST", data=dict(fields), headers={"Referer": referer})

    def plan(number: int, size: int, given: int) -> ListPlan:
        def read(response: Response) -> ListAnswer:
            links, total = _records(response)
            shown, so_far = len(links), given + len(links)
            if not links or total is None or so_far >= total:
                return ListAnswer(
                    links,
                    None if not links or total is not None else plan(number + 1, size, so_far),
                    total,
                )
            cut = number == 1 and shown < size  # the site gives fewer at once than asked for
            return ListAnswer(
                links, plan(2, shown, so_far) if cut else plan(number + 1, size, so_far), total
            )

        return ListPlan(ask(number, size), read)

    return plan(1, piece, 0)


def _records(response: Response) -> tuple[list[Link], int | None]:
    """The links of an answer in records, which may be the argument of a callback, a JSON string or
    the member `result` of one.
    """
    text = text_of(response)
    held: Any = parsed(text) if not text.lstrip().startswith("<") else None
    if isinstance(held, dict):
        held = next((v for v in held.values() if isinstance(v, str) and "<record" in v), None)
    if isinstance(held, str):
        text = held
    markup = _markup(text) or text
    total = _TOTAL.search(text)
    return list(links_in(fragment(markup), response.url)), int(total.group(1)) if total else None


def records_in_page(page: WebPage) -> list[Link]:
    """The records that a column's page brings along within its script."""
    return list(links_in(fragment(_markup(page.text)), page.url)) if "<record>" in page.text else []


def _markup(text: str) -> str:
    """What the records hold, one after the other."""
    held = [part.partition("</record>")[0].strip() for part in text.split("<record>")[1:]]
    return "\n".join(part.removeprefix("<![CDATA[").removesuffix("]]>") for part in held)


# ---- truecms


def _truecms_plans(page: WebPage) -> Sequence[ListPlan]:
    column = re.search(r"columnId['\"]?\s*[:=]\s*['\"]?([\w-]{1,60})", page.text)
    proxy = re.search(r"['\"]([^'\"\s]*messageController/getMessage\.do)[^'\"]*['\"]", page.text)
    target = join(page.url, proxy.group(1)) if proxy else None
    if column is None or target is None:
        return ()
    return (
        _piecewise(target, {"columnId": column.group(1)}, page.url, _TRUECMS_PIECE, callback="cb"),
    )


# ---- xxgk

_SEARCH: Final = re.compile(r"module/xxgk/(?:search|tree)\.jsp\?([^'\"\s<>]*)")
_SEARCH_FIELDS: Final = (
    "infotypeId",
    "jdid",
    "area",
    "divid",
    "vc_title",
    "vc_number",
    "vc_filenumber",
    "vc_all",
    "texttype",
    "fbtime",
    "sortfield",
)
_PAGES: Final = re.compile(r"共(?:\s|&nbsp;|<[^>]{0,80}>)*(\d{1,5})(?:\s|&nbsp;|<[^>]{0,80}>)*页")


def _xxgk_plans(page: WebPage) -> Sequence[ListPlan]:
    stated = _xxgk_fields(page)
    target = join(page.url, "/module/xxgk/search.jsp")
    if target is None or not (stated.get("area") or stated.get("infotypeId") or stated.get("jdid")):
        return ()
    fields = {name: stated.get(name, "") for name in _SEARCH_FIELDS}
    column = re.search(r"/col/col(\d+)/", page.url)
    only = f"art_{column.group(1)}_" if column else ""  # the search covers the whole area
    # Where no catalogue narrows the search, the one character that 报告 and 年报 share does; a
    # server that does not understand it is asked again.
    titles = ("",) if fields["infotypeId"] else ("报", "")
    return [_xxgk_plan(target, {**fields, "vc_title": t}, page.url, only) for t in titles]


def _xxgk_fields(page: WebPage) -> dict[str, str]:
    """The fields of the search, as the page states them."""
    stated: dict[str, str] = {}
    for found in _SEARCH.finditer(page.text):
        fields = parse_qsl(html.unescape(found.group(1)), keep_blank_values=True)
        stated |= {k: v for k, v in fields if v}
    for node in page.nodes("input[name][value]"):
        stated.setdefault(node.attributes.get("name") or "", node.attributes.get("value") or "")
    return stated


def _xxgk_plan(target: str, fields: Mapping[str, str], referer: str, only: str) -> ListPlan:
    """A search asked for page by page; of its links those that hold `only` are the list's."""

    def plan(number: int, before: frozenset[str]) -> ListPlan:
        def read(response: Response) -> ListAnswer:
            text = text_of(response)
            found = list(links_in(fragment(text), response.url))
            shown = frozenset(link.url for link in found)
            pages = _PAGES.search(text)
            more = shown != before and (number < int(pages.group(1)) if pages else bool(found))
            links = [link for link in found if only in link.url]
            # A page of other columns' documents alone is no end of the list.
            nothing = None if more else ()
            return ListAnswer(links or nothing, plan(number + 1, shown) if more else None)

        form = {**fields, "currpage": str(number)}
        return ListPlan(Request(target, "POST", data=form, headers={"Referer": referer}), read)

    return plan(1, frozenset())


# ---- jpaas

_UNIT: Final = re.compile(
    r"['\"]?\b(webId|pageId|tplSetId|tagId|parseType|pageType)['\"]?\s*[:=]\s*['\"]?([^'\"&,}\s]+)"
)
_JPAAS_SIZE: Final = 15


def _jpaas_plans(page: WebPage) -> Sequence[ListPlan]:
    target = join(page.url, "/api-gateway/jpaas-publish-server/front/page/build/unit")
    if target is None:
        return ()
    return [_jpaas_plan(target, unit, page.url) for unit in _jpaas_units(page)]


def _jpaas_units(page: WebPage) -> list[dict[str, str]]:
    """The fields of each unit of the page that can be asked for."""
    stated: dict[str, str] = {}
    units: list[dict[str, str]] = []
    for name, value in _UNIT.findall(html.unescape(page.text)):
        if name in stated:  # the next unit of the page begins
            units.append(stated)
            stated = {k: v for k, v in stated.items() if k == "webId"} if name != "webId" else {}
        stated[name] = value
    return [u for u in [*units, stated] if {"webId", "pageId", "tplSetId"} <= u.keys()]


def _jpaas_plan(target: str, unit: Mapping[str, str], referer: str) -> ListPlan:
    def ask(number: int) -> Request:
        # A bare pageNo is ignored; the number counts only within paramJson.
        turn = json.dumps({"pageNo": number, "pageSize": str(_JPAAS_SIZE)}, separators=(",", ":"))
        fields = {"parseType": "bulidstatic", "pageType": "column", **unit, "paramJson": turn}
        return Request(f"{target}?{urlencode(fields)}", headers={"Referer": referer})

    def read(response: Response) -> tuple[list[Link], int | None]:
        held = parsed(text_of(response))
        data = held.get("data") if isinstance(held, dict) else None
        markup = data.get("html") if isinstance(data, dict) else data
        return list(links_in(fragment(markup), referer)) if isinstance(markup, str) else [], None

    return numbered(ask, read)


JPAGE: Final = Family("jpage", _jpage_fits, _jpage_plans)
XXGK: Final = Family("xxgk", lambda page: "module/xxgk/" in page.text, _xxgk_plans)
JPAAS: Final = Family("jpaas", lambda page: "jpaas-publish-server" in page.text, _jpaas_plans)
TRUECMS: Final = Family("truecms", lambda page: "getMessage.do" in page.text, _truecms_plans)
