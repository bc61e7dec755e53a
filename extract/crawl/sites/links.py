"""Links of a list: address, title and date of each entry, and which of them are annual reports.

`links_in` gives the links of a page or of a piece of one, `links_of_json` those of a JSON answer
whatever its shape. `title=` goes before the text of a link, which lists cut short; a date is looked
for around the link, in the part of the page that has no other.

`verdict` says of a title whether it is a report's (True), another document's (False), or cut short
before it tells (None). Its words are those of `data/identity.yaml`, by which the reports' own
titles are known too; here they need only occur, since a list says less. Out of scope: what stands
behind a link.
"""

import html
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from importlib.resources import files
from itertools import chain
from typing import Any, Final
from urllib.parse import urlsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode

from data import load
from extract import limits
from extract.crawl.sites.html_page import join

_DATE: Final = re.compile(
    r"(?<!\d)((?:19|20)\d\d)\s*[-年./]\s*(\d{1,2})\s*[-月./]\s*(\d{1,2})(?!\d)"
)
# The date of publishing within a link's own text.
_OWN_DATE: Final = re.compile(
    r"^[\[(（【]?20\d\d[-/.]\d{1,2}[-/.]\d{1,2}[\])）】]?\s*(?=\D)|"
    r"\s*[\[(（【]?20\d\d[-/.]\d{1,2}[-/.]\d{1,2}[\])）】]?$"
)
# An address given to window.open or to a function of the site's own.
_CALLED: Final = re.compile(r"['\"]([^'\"\s()]{0,300}[/.][^'\"\s()]{0,300})['\"]")
_CUT: Final = re.compile(r"(?:[…⋯]|\.\.)[….⋯]*\s*$")
_LONGEST: Final = 300  # characters of a title
_BLANK: Final = re.compile("[\\s\u00a0\u200b-\u200f\u2028-\u202f\u2060\u3000\ufeff]+")
_YEAR: Final = re.compile(r"(?<!\d)((?:19|20)\d\d)(?!\d)")
_HAN_YEAR: Final = re.compile(
    "二([〇○零0])([〇○零一二三四五六七八九0-9])([〇○零一二三四五六七八九0-9])(?=年)"
)
_HAN_DIGITS: Final = str.maketrans(
    "〇○零一二三四五六七八九０１２３４５６７８９", "0001234567890123456789"
)
# Other documents that are made once a year and titled alike.
_OTHER_SUBJECT: Final = re.compile(
    "法治|法制建设|依法行政|绩效|预算|决算|政府网站|网站工作|新媒体|行政执法|普法|党建|述职|述法|财务|统计年报|(?:教学|环境|就业|工程|产品)质量|企业年报|社会责任"
)
# The name of a column rather than of a document: nothing before the subject, no year.
_COLUMN_NAME: Final = re.compile(
    "(?:历年|法定主动公开内容|政府|政务)*信息公开(?:工作)?(?:年度|历年)?(?:工作)?(?:报告|年报)(?:专栏|栏目|列表|查询)?|(?:历年)?年度?报告?|年报"
)
# a list of annual reports may say no more
_YEAR_ALONE: Final = re.compile(r"(?:19|20)\d\d(?:年度?)?")
# The part of a path that tells one document from another: dated folders, long numbers, hexadecimal
# names.
_DATED: Final = re.compile(r"(?:19|20)\d\d(?:\d\d){0,2}(?!\d).*", re.S)
_DOCUMENT_NAME: Final = re.compile(r"\d{4,}|[0-9a-f]{16,}|(?<![a-z])[a-z]{0,6}_\d{3,}", re.I)


@dataclass(frozen=True, slots=True)
class Link:
    """One entry of a list.

    `title` as far as it is told, `whole` unless it was cut short; `date` is ISO or "".
    """

    url: str
    title: str
    date: str = ""
    whole: bool = True


# ---- links


def links_in(tree: LexborHTMLParser, base: str, selector: str = "a") -> Iterator[Link]:
    """The links that `selector` finds in `tree`; an element that is no `<a>` stands for the first
    one within it.
    """
    crowded: set[int] = set()
    for node in tree.css(selector)[: limits.LIST_LINKS]:
        anchor = node if node.tag == "a" else node.css_first("a")
        if anchor is None:
            continue
        target = address(anchor, base)
        if target is None:
            continue
        title, whole = _title(anchor)
        if title:
            yield Link(target, title, _date_near(anchor, crowded), whole)


def address(node: LexborNode, base: str) -> str | None:
    """Where a link leads: its href, or the address that its script opens."""
    attributes = node.attributes
    target = join(base, attributes.get("href"))
    if target is None:
        for script in (attributes.get("onclick"), attributes.get("href")):
            found = _CALLED.search(script or "")
            if found:
                return join(base, found.group(1))
    return target


def _title(node: LexborNode) -> tuple[str, bool]:
    """The fullest of title=, and the link's own text; and whether that is all of it."""
    texts = [
        _OWN_DATE.sub("", _folded(t))
        for t in (html.unescape(node.attributes.get("title") or ""), node.text())
    ]
    whole = [t for t in texts if t and not _CUT.search(t)]
    if whole:
        return whole[0], True
    cut = max(texts, key=len)
    return (_CUT.sub("", cut), False) if cut else ("", True)


def _date_near(anchor: LexborNode, crowded: set[int]) -> str:
    """The date in the smallest surrounding part of the page that holds no other link.

    `crowded`: parts known to hold several.
    """
    node: LexborNode | None = anchor
    for _ in range(4):
        node = node.parent if node is not None else None
        if node is None or node.mem_id in crowded:
            return ""
        if len(node.css("a[href]")) > 1:
            crowded.add(node.mem_id)
            return ""
        found = iso_date(node.text(separator=" "))
        if found:
            return found
    return ""


def _folded(text: str | None) -> str:
    return " ".join((text or "").split())[:_LONGEST]


def iso_date(text: str) -> str:
    """The last date in `text` as ISO, or "": a title may name one of its own, the date of
    publication stands behind it.
    """
    for year, month, day in reversed(_DATE.findall(text)):
        try:
            return date(int(year), int(month), int(day)).isoformat()
        except ValueError:
            continue
    return ""


_URL_KEYS: Final = (
    "url",
    "docpuburl",
    "chnldocurl",
    "infourl",
    "link",
    "post_url",
    "href",
    "linkurl",
    "visiturl",
)
_TITLE_KEYS: Final = ("title", "doctitle", "realtitle", "infotitle", "name")
_DATE_KEYS: Final = (
    "publishedtimestr",
    "docreltime",
    "infodate",
    "publish_date",
    "date",
    "publishtime",
    "display_publish_time",
    "publishedtime",
    "createtime",
)
_COUNT_KEYS: Final = ("total", "recordcount", "totalcount", "totalrecord", "count")
_BEIJING: Final = timedelta(hours=8)


def links_of_json(data: Any, base: str) -> list[Link]:
    """The links of the first list in `data` whose items have an address and a title, under whatever
    names sites use for them.
    """
    for items in _lists(data, 0):
        links = [
            link
            for item in items
            if isinstance(item, dict) and (link := _link_of(item, base)) is not None
        ]
        if links:
            return links
    return []


def count_in_json(data: Any) -> int | None:
    """How many entries a JSON answer says that there are in all."""
    if not isinstance(data, dict):
        return None
    folded = {str(k).lower(): v for k, v in data.items()}
    stated = (folded.get(name) for name in _COUNT_KEYS)
    counts = (int(v) for v in stated if isinstance(v, int | str) and str(v).isdecimal())
    within = (count_in_json(value) for value in data.values())
    return next(chain(counts, (count for count in within if count is not None)), None)


def parsed(text: str) -> Any:
    """The JSON in `text`, bare or as the argument of a callback; None if it is none."""
    text = text.strip().removesuffix(";")
    found = re.match(r"[\w.$]{1,60}\s*\((.*)\)\s*\Z", text, re.S)
    try:
        return json.loads(found.group(1) if found else text)
    except (ValueError, RecursionError):
        return None


def _lists(data: Any, depth: int) -> Iterator[list[Any]]:
    if depth > 6:
        return
    if isinstance(data, list):
        yield data
    for value in (
        data.values() if isinstance(data, dict) else data if isinstance(data, list) else ()
    ):
        if isinstance(value, dict | list):
            yield from _lists(value, depth + 1)


def _link_of(item: dict[str, Any], base: str) -> Link | None:
    folded = {str(k).lower(): v for k, v in item.items()}
    target = next(
        (
            t
            for k in _URL_KEYS
            if isinstance(folded.get(k), str) and (t := join(base, folded[k])) is not None
        ),
        None,
    )
    texts = [fragment_text(folded[k]) for k in _TITLE_KEYS if isinstance(folded.get(k), str)]
    title = max((t for t in texts if t), key=lambda t: (_CUT.search(t) is None, len(t)), default="")
    if target is None or not title:
        return None
    stated = next((d for k in _DATE_KEYS if (d := _moment(folded.get(k)))), "")
    return Link(target, _CUT.sub("", title), stated, _CUT.search(title) is None)


def fragment_text(text: str) -> str:
    """The text of a title that may hold markup, such as a search's highlighting."""
    return _folded(LexborHTMLParser(text).text() if "<" in text or "&" in text else text)


def _moment(value: Any) -> str:
    """A date as text, or as seconds or milliseconds since 1970 (in China's time)."""
    if isinstance(value, str) and not value.isdecimal():
        return iso_date(value)
    if isinstance(value, int | str) and str(value).isdecimal() and 9 <= len(str(value)) <= 13:
        seconds = int(value) / (1000 if len(str(value)) > 10 else 1)
        return (datetime.fromtimestamp(seconds, UTC) + _BEIJING).date().isoformat()
    return ""


# ---- titles


@lru_cache(maxsize=1)
def _words() -> tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str]]:
    """Patterns for the subject, the report and what is never a report, from data/identity.yaml."""
    words = load(files("data") / "identity.yaml")["title"]
    made = [
        re.compile("|".join(map(re.escape, sorted(words[name], key=len, reverse=True))))
        for name in ("subjects", "reports", "never")
    ]
    return made[0], made[1], made[2]


def squeezed(title: str) -> str:
    """`title` without blanks, years in plain digits."""
    plain = _BLANK.sub("", title)
    return _HAN_YEAR.sub(
        lambda m: "2" + "".join(m.groups()).translate(_HAN_DIGITS), plain
    ).translate(str.maketrans("０１２３４５６７８９", "0123456789"))


def verdict(title: str, whole: bool = True) -> bool | None:
    """Whether `title` is an annual report's; None where it was cut short before it tells, or is
    nothing but a year.
    """
    plain = squeezed(title)
    subject, report, never = _words()
    if never.search(plain) or _COLUMN_NAME.fullmatch(plain):
        return False
    named, called = subject.search(plain), report.search(plain)
    if called and (
        named
        or (
            years_in(plain)
            and ("年度" in plain or "年报" in plain)
            and not _OTHER_SUBJECT.search(plain)
        )
    ):
        return True
    if _YEAR_ALONE.fullmatch(plain):
        return None
    return False if whole or (_OTHER_SUBJECT.search(plain) and not named) else None


def years_in(title: str) -> tuple[int, ...]:
    """The years that a title names, in order."""
    return tuple(int(y) for y in _YEAR.findall(squeezed(title)))


def is_attachment_text(text: str, years: Iterable[int]) -> bool:
    """Whether a link beside a report may lead to a file of it: not another kind of document, and no
    report of another year.
    """
    plain = squeezed(text)
    named, wanted = set(years_in(plain)), set(years)
    return not _words()[2].search(plain.replace("附件", "")) and (
        not named or not wanted or bool(named & wanted)
    )


# ---- places of documents


def stem(url: str) -> str:
    """The part of an address that the documents of one list share: host and folders up to the first
    dated one; the column's number too where it stands in the name (`art_<column>_<document>.html`).
    """
    parts = urlsplit(url)
    folders = parts.path.split("/")[:-1]
    kept: list[str] = []
    for folder in folders:
        if _DATED.fullmatch(folder):
            break
        kept.append(folder)
    column = re.match(r"(art_\d+_)\d", parts.path.rsplit("/", 1)[-1])
    return "/".join(kept) + "/" + (f":{column.group(1)}" if column else "")


def shared_stem(urls: Iterable[str]) -> str:
    """The longest run of whole folders that the stems of all addresses begin with; "/" at least."""
    stems = list(dict.fromkeys(stem(u) for u in urls))
    if len(stems) == 1:
        return stems[0]
    parts = [s.split(":")[0].split("/") for s in stems]
    kept: list[str] = []
    for level in zip(*parts, strict=False):
        if len(set(level)) > 1:
            break
        kept.append(level[0])
    return "/".join(kept).rstrip("/") + "/"


def is_folder(url: str) -> bool:
    """Whether an address is that of a column rather than of a document."""
    path = urlsplit(url).path
    name = path.rsplit("/", 1)[-1]
    if name and not re.match(
        r"(?:index|default|list|common_list|common_zfxxgknb)(?:_\d+)?\.\w+$", name
    ):
        return False
    return not any(
        re.search(r"\d{5,}", folder) and not _DATED.fullmatch(folder)
        for folder in path.split("/")[-3:-1]
    )


def is_document_name(url: str) -> bool:
    """Whether an address looks like that of one document: a number or a hash in its last parts or
    in its query.
    """
    parts = urlsplit(url)
    return bool(
        _DOCUMENT_NAME.search("/".join(parts.path.split("/")[-2:]))
        or _DOCUMENT_NAME.search(parts.query)
    )
