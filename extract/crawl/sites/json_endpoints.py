"""Sites whose list a script fills from an endpoint: TRS with fjdzapp (福建), 开普 UCAP, 广东
gkmlpt, the site/label/8888 family, 国泰新点 Epoint.

Each finds the keys of its request in the column's page or its address. What the names of the keys
are is stated where they are read.
"""

import html
import re
from collections.abc import Callable, Sequence
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode, urlsplit

from extract.crawl.http.messages import Request, Response
from extract.crawl.sites.html_page import WebPage, fragment, join, text_of
from extract.crawl.sites.links import Link, count_in_json, links_in, links_of_json, parsed
from extract.crawl.sites.list_plan import Family, ListAnswer, ListPlan, numbered


def _json_list(response: Response) -> tuple[list[Link], int | None]:
    data = parsed(text_of(response))
    return links_of_json(data, response.url), count_in_json(data)


def _query(url: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(url).query, keep_blank_values=True))


def _first(pattern: str, text: str) -> str:
    found = re.search(pattern, text, re.I)
    return found.group(1) if found else ""


# ---- TRS, fjdzapp

_TRS_SIZE: Final = 75


def _trs_json_plans(page: WebPage) -> Sequence[ListPlan]:
    """`channelid` is the site's search (229105 for the sites of 福建 unless the page says another),
    `chnlid` the column.
    """
    column = page.meta("ChnlId") or _first(r"chnlid\s*=\s*(\d+)", page.text)
    search = (
        _first(r"channelid\s*[:=]\s*['\"]?(\d+)", page.text)
        or _first(r"searchId\s*[:=]\s*['\"]?(\d+)", page.text)
        or "229105"
    )
    target = join(
        page.url,
        _first(r"['\"]([^'\"\s]{0,200}/fjdzapp/search)['\"?]", page.text) or "/fjdzapp/search",
    )
    if not column or target is None:
        return ()
    order = _first(r"sortfield\s*:\s*['\"]([^'\"]+)", page.text) or "-docorderpri,-docreltime"

    def ask(number: int) -> Request:
        form = {
            "channelid": search,
            "classsql": f"chnlid={column}",
            "sortfield": order,
            "prepage": str(_TRS_SIZE),
            "page": str(number),
        }
        return Request(target, "POST", data=form, headers={"Referer": page.url})

    return (numbered(ask, _json_list),)


# ---- UCAP


def _ucap_plans(page: WebPage) -> Sequence[ListPlan]:
    """Three addresses are in use for one interface; the page's scripts may name the one."""
    channel = page.meta("channelid") or _first(
        r"(?:channelid|channelguid)\s*[:=]\s*['\"]([0-9a-f]{32})", page.text
    )
    if not channel:
        return ()
    named = _first(rf"(/[\w/-]{{1,80}})/{re.escape(channel)}[?'\"]", page.text)
    plans = []
    for path in dict.fromkeys(p for p in (named, "/common/search", "/searchList", "/search") if p):
        target = join(page.url, f"{path}/{channel}")
        if target is not None:
            plans.append(numbered(_ucap_ask(target, page.url), _json_list))
    return plans


def _ucap_ask(target: str, referer: str) -> Callable[[int], Request]:
    def ask(number: int) -> Request:
        fields = {
            "_isAgg": "true",
            "_isJson": "true",
            "_pageSize": "15",
            "_template": "index",
            "_rangeTimeGte": "",
            "_channelName": "",
        }
        return Request(
            f"{target}?{urlencode({**fields, 'page': str(number)})}", headers={"Referer": referer}
        )

    return ask


def _ucap_fits(page: WebPage) -> bool:
    return bool(page.meta("channelid")) or "_isAgg" in page.text


# ---- gkmlpt

_CATEGORY: Final = re.compile(
    r"[\"']?id[\"']?\s*:\s*[\"']?(\d+)[\"']?\s*,[^{}\[\]]{0,400}?[\"']?name[\"']?\s*:\s*[\"']([^\"']*)[\"']",
    re.I,
)


def _gkmlpt_plans(page: WebPage) -> Sequence[ListPlan]:
    """`SID` is the site's, the category stands behind # in the column's address, or is the one
    named 年报 in the page's tree.

    Numbers begin with 1 on most sites and with 0 on some: 0 is asked last, and only where entries
    are wanting.
    """
    site = _first(r"\bSID['\"]?\s*:\s*['\"]?(\d+)", page.text)
    category = urlsplit(page.url).fragment.strip("/")
    categories = (
        [category]
        if category.isdecimal()
        else [i for i, name in _CATEGORY.findall(page.text) if "年报" in name or "年度报告" in name]
    )
    prefix = urlsplit(page.url).path.split("/gkmlpt/")[0]
    plans = []
    for number_of in (1, 0):
        for chosen in categories:
            target = join(page.url, f"{prefix}/gkmlpt/api/all/{chosen}")
            if target is not None and site:
                plans.append(numbered(_gkmlpt_ask(target, site), _json_list, number_of))
    return plans


def _gkmlpt_ask(target: str, site: str) -> Callable[[int], Request]:
    return lambda number: Request(f"{target}?{urlencode({'page': str(number), 'sid': site})}")


def _gkmlpt_fits(page: WebPage) -> bool:
    return "_CONFIG" in page.text and ("gkmlpt" in page.text or "/gkmlpt/" in page.url)


# ---- site/label/8888

_LABEL: Final = re.compile(r"(/[\w/-]{0,60})?/site/label/8888(?:\?([^'\"\s<>]*))?")
_LABEL_FIELDS: Final = {
    "siteId": r"\d+",
    "organId": r"\d+",
    "catId": r"\d+",
    "catIds": r"[\d,]+",
    "file": r"/[\w/.-]+",
}
_LABEL_SIZE: Final = 15


def _label_plans(page: WebPage) -> Sequence[ListPlan]:
    """The organisation stands in the column's path, type and catalogue in its query; the site's
    number and the template (`file`) in the page.
    """
    found = list(_LABEL.finditer(page.text))
    stated = {
        k: v
        for match in found
        for k, v in parse_qsl(html.unescape(match.group(2) or ""))
        if v and "publicInfoList" in match.group(2)
    }
    for name, value in _LABEL_FIELDS.items():
        stated.setdefault(name, _first(rf"\b{name}['\"]?\s*[:=]\s*['\"]?({value})", page.text))
    asked = _query(page.url)
    organ = _first(r"/public/column/(\d+)", page.url) or asked.get("organId") or stated["organId"]
    target = join(
        page.url, next((m.group(1) for m in found if m.group(1)), "") + "/site/label/8888"
    )
    if not organ or target is None:
        return ()
    catalogue = asked.get("catId") or asked.get("catIds") or stated["catIds"] or stated["catId"]
    fields = {
        **{
            name: value
            for name, value in stated.items()
            if value and name not in ("pageIndex", "_")
        },
        "IsAjax": "1",
        "dataType": "html",
        "labelName": "publicInfoList",
        "siteId": stated["siteId"] or page.meta("SiteId"),
        "pageSize": str(_LABEL_SIZE),
        "action": asked.get("action", "list"),
        "organId": organ,
        "type": asked.get("type") or stated.get("type") or "4",
        "catId": catalogue,  # sites read one or the other
        "catIds": catalogue,
        "dateFormat": "yyyy-MM-dd",
        "length": "80",
    }

    def ask(number: int) -> Request:
        return Request(
            f"{target}?{urlencode({**fields, 'pageIndex': str(number)})}",
            headers={"Referer": page.url},
        )

    def read(response: Response) -> tuple[list[Link], int | None]:
        return list(links_in(fragment(text_of(response)), response.url)), None

    return (numbered(ask, read),)


def _label_fits(page: WebPage) -> bool:
    return (
        "site/label/8888" in page.text
        or "/public/column/" in page.text
        or "/public/column/" in page.url
    )


# ---- Epoint

_EPOINT_SCRIPTS: Final = ("/js/webBuilderCommon.js", "/js/ajaxReq.js")
_EPOINT_SIZE: Final = 20


def _epoint_plans(page: WebPage) -> Sequence[ListPlan]:
    """`siteGuid` and `projectName` stand in a script of the site, `deptcode` and `categorynum` in
    the column's address or page.

    Numbers begin with 0 on some sites and with 1 on others: 0 is asked first, and the answer to 1
    is then new or the same.
    """
    asked = _query(page.url)
    body: dict[str, Any] = {
        name: asked.get(name) or _first(rf"\b{name}['\"]?\s*[:=]\s*['\"]([\w-]*)", page.text)
        for name in ("deptcode", "categorynum")
    }

    def plan(script: str) -> ListPlan | None:
        address = join(page.url, script)
        return ListPlan(Request(address), read_script) if address is not None else None

    def read_script(response: Response) -> ListAnswer:
        text = text_of(response)
        guid = _first(r"siteGuid['\"]?\s*[:=]\s*['\"]([\w-]+)", text)
        project = _first(r"projectName['\"]?\s*[:=]\s*['\"]([\w./:-]+)", text) or "/EWB-FRONT"
        target = join(page.url, f"{project.rstrip('/')}/rest/lightfrontaction/getgovinfolist")
        return ListAnswer(
            None,
            _epoint_list(target, {**body, "siteGuid": guid}, page.url, 0)
            if guid and target is not None
            else None,
        )

    return [made for script in _EPOINT_SCRIPTS if (made := plan(script)) is not None]


def _epoint_list(
    target: str,
    body: dict[str, Any],
    referer: str,
    number: int,
    before: frozenset[str] = frozenset(),
    given: int = 0,
) -> ListPlan:
    def read(response: Response) -> ListAnswer:
        data = parsed(text_of(response))
        # some answer JSON within JSON
        if isinstance(data, dict) and isinstance(data.get("custom"), str):
            data["custom"] = parsed(data["custom"])
        links, total = links_of_json(data, response.url), count_in_json(data)
        shown = frozenset(link.url for link in links)
        so_far = given + len(shown - before)
        more = number == 0 or (
            bool(links) and shown != before and (total is None or so_far < total)
        )
        if number == 0 and links and total is not None and so_far >= total:
            more = False
        # 0 and 1 were one page
        again = bool(
            number == 1 and shown == before and links and (total is None or so_far < total)
        )
        following = (
            _epoint_list(target, body, referer, number + 1, shown, so_far)
            if more or again
            else None
        )
        return ListAnswer(None if again or (number == 0 and not links) else links, following, total)

    return ListPlan(
        Request(
            target,
            "POST",
            json={**body, "pageIndex": number, "pageSize": _EPOINT_SIZE},
            headers={"Referer": referer},
        ),
        read,
    )


def _epoint_fits(page: WebPage) -> bool:
    return (
        "EWB-FRONT" in page.text or "govInfoPub" in page.url or "webBuilderCommon.js" in page.text
    )


TRS_JSON: Final = Family(
    "trs-json", lambda page: "fjdzapp" in page.text or "ms-controller" in page.text, _trs_json_plans
)
UCAP: Final = Family("ucap", _ucap_fits, _ucap_plans)
GKMLPT: Final = Family("gkmlpt", _gkmlpt_fits, _gkmlpt_plans)
LABEL_8888: Final = Family("label-8888", _label_fits, _label_plans)
EPOINT: Final = Family("epoint", _epoint_fits, _epoint_plans)
