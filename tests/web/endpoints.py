"""The sites whose lists come from an endpoint.

Each server caps a page at `CAP` entries, whatever is asked, as some real ones do.
"""

import json
from collections.abc import Sequence
from urllib.parse import quote

from tests.web.pages import Entry, items, page, pages_of
from tests.web.server import Asked, Reply, Site

CAP = 5


def _json(data: object) -> Reply:
    return Reply(json.dumps(data, ensure_ascii=False).encode(), "application/json; charset=utf-8")


def _share(site: Site, path: str) -> dict[str, Sequence[Entry]]:
    """The lists behind one endpoint of the site, by the key that tells them apart."""
    return site.held.setdefault(path, {})


def _turn(entries: Sequence[Entry], number: int) -> list[Entry]:
    parts = pages_of(entries, CAP)
    return parts[number - 1] if 1 <= number <= len(parts) else []


def trs_json(site: Site, k: int, agency: str, entries: Sequence[Entry]) -> None:
    """A page with the first entries in it and a template for the others."""
    held = _share(site, "/fjdzapp/search")
    held[f"chnlid={1800 + k}"] = entries
    rows = "".join(
        f'<dl><dd><a href="{e.path}" title="{e.title}">{e.title}</a></dd><dd>{e.date}</dd></dl>'
        for e in entries[:3]
    )
    template = (
        '<dl ms-repeat="list"><dd><a ms-attr-href="el.chnldocurl" '
        'ms-text="el.doctitle"></a></dd></dl>'
    )
    arguments = f'{{channelid: SiteInfo.searchId, classsql: "chnlid={1800 + k}"}}'
    script = (
        f"<script>var SiteInfo = {{ searchId: 200210 }}; listModel({{listArgs: "
        f"{arguments}}});</script>"
    )
    site.put(
        f"/zwgk/bm{k}/zfxxgknb/",
        page(
            f'<div ms-controller="list">{rows}{template}</div>{script}',
            f'<meta name="ChnlId" content="{1800 + k}">',
        ),
    )

    def answer(asked: Asked) -> Reply:
        fields = asked.fields
        found = (
            held.get(fields.get("classsql", ""), ())
            if fields.get("channelid") == "200210" and asked.method == "POST"
            else ()
        )
        docs = [
            {
                "doctitle": e.title,
                "chnldocurl": site.root + e.path,
                "docreltime": f"{e.date} 09:00:00",
            }
            for e in _turn(found, int(fields["page"]))
        ]
        return _json(
            {"data": docs, "recordCount": str(len(found)), "pageCount": len(pages_of(found, CAP))}
        )

    site.put("/fjdzapp/search", answer)


def _records(entries: Sequence[Entry], total: int) -> str:
    rows = "".join(f"<record><![CDATA[{items([e])}]]></record>\n" for e in entries)
    return (
        f"<datastore><totalrecord>{total}</totalrecord><totalpage>{-(-total // CAP)}</totalpage>"
        f"<recordset>{rows}</recordset></datastore>"
    )


def jpage(site: Site, k: int, agency: str, entries: Sequence[Entry]) -> None:
    """The first entries within a script; the endpoint obeys `page` and ignores `startrecord`."""
    held = _share(site, "jpage")
    held[str(1229000000 + k)] = entries
    fields = (
        f"appid=1&amp;webid=15&amp;path=/&amp;columnid={1229000000 + k}&amp;unitid=54"
        f"&amp;webname={quote('市政府')}&amp;permissiontype=0"
    )
    where = f"/module/web/jpage/dataproxy.jsp?page=1&amp;{fields}"
    following = f'<nextgroup><![CDATA[<a href="{where}"></a>]]></nextgroup>'
    records = _records(entries[:2], len(entries))
    script = f'<script type="text/xml"><datastore>{following}{records}</datastore></script>'
    site.put(f"/col/col{1229000000 + k}/index.html", page(f'<div id="54">{script}</div>'))

    def answer(asked: Asked) -> Reply:
        found = held.get(asked.fields.get("columnid", ""), ())
        return Reply(
            _records(_turn(found, int(asked.fields.get("page", "1"))), len(found)).encode(),
            "text/xml;charset=UTF-8",
        )

    site.put("/module/web/jpage/dataproxy.jsp", answer)


def truecms(site: Site, k: int, agency: str, entries: Sequence[Entry]) -> None:
    """Obeys `startrecord`, wants a Referer, wraps its XML into a callback."""
    held = _share(site, "truecms")
    held[f"1cfdefeb-{k:04d}"] = entries
    arguments = (
        f"proxyUrl:'/truecms/messageController/getMessage.do', perPage:10, ajaxParam:{{ "
        f"columnId:'1cfdefeb-{k:04d}' }}"
    )
    script = f"<script>$('#c').jpage({{ {arguments} }});</script>"
    site.put(f"/bm{k}/zfxxgknb/zfxxgknb.html", page(f'<div id="c"></div>{script}'))

    def answer(asked: Asked) -> Reply:
        fields = asked.fields
        found = held.get(fields.get("columnId", ""), ()) if "referer" in asked.headers else ()
        start = int(fields["startrecord"])
        part = found[start - 1 : min(int(fields["endrecord"]), start - 1 + CAP)]
        said = json.dumps({"result": _records(part, len(found))}, ensure_ascii=False)
        return Reply(f"{fields['callback']}({said})".encode(), "application/javascript")

    site.put("/truecms/messageController/getMessage.do", answer)


def xxgk(site: Site, k: int, agency: str, entries: Sequence[Entry]) -> None:
    """The search gives the papers of all columns of the area."""
    held = _share(site, "xxgk")
    held[str(k)] = entries
    frame = (
        '<script src="/module/xxgk/tree.jsp?area=11330000002482429C"></script><input '
        f'type="hidden" name="divid" value="div{1229000000 + k}">'
    )
    site.put(
        f"/col/col{1229000000 + k}/index.html", page(f'<div id="div{1229000000 + k}"></div>{frame}')
    )

    def answer(asked: Asked) -> Reply:
        fields = asked.fields
        known = asked.method == "POST" and fields.get("area") == "11330000002482429C"
        found = (
            [e for part in held.values() for e in part if fields.get("vc_title", "") in e.title]
            if known
            else []
        )
        parts = pages_of(found, CAP)
        shown = _turn(found, int(fields.get("currpage") or "1"))
        count = f"<div>&nbsp;&nbsp;共{len(parts)}页&nbsp;</div>"
        return Reply(f"<table>{items(shown, 'div')}</table>{count}".encode())

    site.put("/module/xxgk/search.jsp", answer)


def jpaas(site: Site, k: int, agency: str, entries: Sequence[Entry]) -> None:
    """The number counts only within `paramJson`."""
    held = _share(site, "jpaas")
    held[f"p{k}"] = entries
    unit = (
        f"{{'webId':'29e9','pageId':'p{k}','parseType':'bulidstatic','pageType':'column',"
        "'tagId':'当前栏目list','tplSetId':'5c30'}"
    )
    script = (
        '<div id="list"><script url="/api-gateway/jpaas-publish-server/front/page/build/unit" '
        f'queryData="{unit}"></script></div>'
    )
    site.put(f"/col/col{k}/index.html", page(script))

    def answer(asked: Asked) -> Reply:
        fields = asked.fields
        complete = (
            fields.get("webId") == "29e9"
            and fields.get("tplSetId") == "5c30"
            and fields.get("tagId") == "当前栏目list"
        )
        shown = (
            _turn(
                held.get(fields.get("pageId", ""), ()),
                json.loads(fields.get("paramJson", '{"pageNo":1}'))["pageNo"],
            )
            if complete
            else []
        )
        return _json({"success": True, "data": {"html": f"<ul>{items(shown)}</ul>"}})

    site.put("/api-gateway/jpaas-publish-server/front/page/build/unit", answer)


def ucap(site: Site, k: int, agency: str, entries: Sequence[Entry]) -> None:
    """The endpoint lies at the second of the two addresses in use."""
    guid = f"{k:032x}"
    site.put(
        f"/csrc/c{100028 + k}/common_zfxxgknb.shtml",
        page(
            '<div class="list" id="pagination"></div>', f'<meta name="channelid" content="{guid}">'
        ),
    )

    def answer(asked: Asked) -> Reply:
        shown = (
            _turn(entries, int(asked.fields["page"]))
            if asked.fields.get("_isJson") == "true"
            else []
        )
        results = [
            {
                "title": e.title,
                "url": f"//{site.host}{e.path}",
                "publishedTimeStr": f"{e.date} 10:00:00",
                "contentHtml": "<p>…</p>",
            }
            for e in shown
        ]
        return _json({"data": {"total": len(entries), "page": 1, "rows": CAP, "results": results}})

    site.put(f"/searchList/{guid}", answer)


def gkmlpt(site: Site, k: int, agency: str, entries: Sequence[Entry]) -> None:
    """The category stands behind #; everything comes on page 1, and 404 after."""
    tree = (
        f'[{{"id":{700 + k},"name":"机构职能","pid":0}},'
        f'{{"id":{721 + k},"name":"政府信息公开年报","pid":0}}]'
    )
    site.put(
        f"/bm{k}/gkmlpt/index",
        page(
            f"<div id='app'></div><script>window._CONFIG = {{SID:'662021', TREE: {tree}, "
            f"base:'/gkmlpt/'}};</script>"
        ),
    )

    def answer(asked: Asked) -> Reply:
        if asked.fields.get("page") != "1" or asked.fields.get("sid") != "662021":
            return Reply(b"", status=404)
        articles = [
            {
                "id": n,
                "title": e.title,
                "url": site.root + e.path,
                "display_publish_time": 1_704_000_000 + n,
            }
            for n, e in enumerate(entries)
        ]
        return _json({"articles": articles, "categories": [], "total": len(entries)})

    site.put(f"/bm{k}/gkmlpt/api/all/{721 + k}", answer)


def label_8888(site: Site, k: int, agency: str, entries: Sequence[Entry]) -> None:
    """A list of markup by organisation and catalogue."""
    held = _share(site, "label")
    held[f"{2681553 + k}/{6717900 + k}"] = entries
    fields = (
        f"labelName=publicInfoList&siteId=6799&pageIndex=1&organId={2681553 + k}"
        "&file=%2Fxxgk%2FpublicInfoList_new"
    )
    script = f"<script>$.get('/zwgk/site/label/8888?IsAjax=1&dataType=html&{fields}');</script>"
    site.put(f"/public/column/{2681553 + k}", page(f"<div class='xxgk_list'></div>{script}"))

    def answer(asked: Asked) -> Reply:
        fields = asked.fields
        known = (
            fields.get("siteId") == "6799"
            and fields.get("labelName") == "publicInfoList"
            and fields.get("file") == "/xxgk/publicInfoList_new"
        )
        found = held.get(f"{fields.get('organId')}/{fields.get('catId')}", ()) if known else ()
        return Reply(
            f"<ul class='doc_list'>{items(_turn(found, int(fields['pageIndex'])))}</ul>".encode()
        )

    site.put("/zwgk/site/label/8888", answer)


def epoint(site: Site, k: int, agency: str, entries: Sequence[Entry]) -> None:
    """A site's key in a script; numbers of pages begin with 0; placeholders in the page."""
    held = _share(site, "epoint")
    held[f"00{k:02d}/003{k:03d}"] = entries
    info = '{"projectName":"/EWB-FRONT","siteGuid":"7eb5f7f1-9041-43ad-8e13-8fcb82ea831a"}'
    site.put("/js/webBuilderCommon.js", f"var siteInfo={info};", "application/javascript")
    template = (
        '<script type="text/template"><? for(el of list){ ?><a '
        'href="<?=el.link?>"><?=el.title?></a><? } ?></script>'
    )
    site.put(
        "/dynamic/zwgk/govInfoPub.html",
        page(
            f'<div id="EWB-FRONT"></div>{template}<script src="/js/webBuilderCommon.js"></script>'
        ),
    )

    def answer(asked: Asked) -> Reply:
        body = json.loads(asked.body)
        known = body.get("siteGuid", "").startswith("7eb5") and asked.method == "POST"
        found = held.get(f"{body['deptcode']}/{body['categorynum']}", ()) if known else ()
        shown = _turn(found, body["pageIndex"] + 1)
        rows = [
            {"infourl": e.path, "realtitle": e.title, "title": e.shown, "infodate": e.date}
            for e in shown
        ]
        return _json({"custom": {"data": rows, "total": len(found)}, "status": {"code": 1}})

    site.put("/EWB-FRONT/rest/lightfrontaction/getgovinfolist", answer)
