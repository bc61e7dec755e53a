"""What a web page is as a page: its markup taken out of a script string, the facts it states, and
pages that are no document.

- `unwrap` gives the markup itself where a file is a script or JSON string that holds it, quotes
  and line ends escaped.
- `find_facts` gives title, date of publication and publisher: from meta elements and tags that
  sites' software writes, and from lines such as "发布日期：2020-01-31" before the first large
  table. Best first; a page may state several.
- `judge_page` refuses a firewall's or error page and a page whose content scripts would make. Both
  have no table of data and little text, so a report that tells of firewalls is never refused.

Names of meta elements and of visible fields are the furniture of pages, not the form, so they stand
here as data.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from itertools import islice
from typing import Final

from selectolax.lexbor import LexborHTMLParser, LexborNode

from extract.document import Block, Grid, ReadError, Reason
from extract.number_text import is_number

FACT_TAGS: Final = frozenset({"meta", "title", "h1", "ucaptitle", "publishtime"})

# ---- markup in a string

_ESCAPED: Final = re.compile(
    (
        r"<(?:table|tbody|tr|td|th|p|div)\b[^<>]{0,300}?=\\[\"']|<\\/(?:table|tr|td|p|div)>|"
        r"\\u003c(?:table|tr|td|p)\b"
    ),
    re.I,
)
_ESCAPE_SIGNS: Final = ('=\\"', "=\\'", "<\\/", "\\u003")  # cheap to look for
_JSON_START: Final = re.compile(r"\s*(?:[\w$.]{1,60}\s*[=(]\s*)?[\[{]\s*[\"{\[]")
_SCRIPT: Final = re.compile(r"<script\b.*?</script\s*>", re.I | re.S)
_TABLE_TAG: Final = re.compile(r"(?:<|\\u003c)(?:table|td)\b", re.I)
_CLOSING_QUOTE: Final = {
    quote: re.compile(rf"(?:[^{quote}\\]++|\\.)*+{quote}", re.S) for quote in "\"'"
}
_BEFORE_LITERAL: Final = frozenset("=:([,+")
_ESCAPE: Final = re.compile(r"\\(u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|.)", re.S)
_NAMED_ESCAPES: Final = {"n": "\n", "r": "\n", "t": "\t", "b": "", "f": "", "v": "", "0": ""}


def unwrap(text: str) -> str:
    """The markup that a script or JSON string in `text` holds, or `text` itself where its tables
    are not in a string.
    """
    is_json = _JSON_START.match(text) is not None
    if not is_json and not (
        "\\" in text and any(sign in text for sign in _ESCAPE_SIGNS) and _ESCAPED.search(text)
    ):
        return text
    outside = text if is_json else _SCRIPT.sub("", text)
    if not is_json and not _ESCAPED.search(outside) and "<td" in outside.lower():
        return text  # the strings belong to scripts of a page that has its tables in the open
    held = [_unescape(literal) for literal in _find_literals_with_tables(text)]
    if held:  # what the page shows beside them, such as its title, comes first
        return "\n".join([outside, *held] if outside != text else held)
    return _unescape(text) if _ESCAPED.search(outside) else text


def _find_literals_with_tables(text: str) -> list[str]:
    """The string literals in `text` that hold a table's tag, still escaped.

    Each part of the text is searched once only.
    """
    held: list[str] = []
    at = 0
    while tag := _TABLE_TAG.search(text, at):
        openings = [
            i for quote in "\"'" if (i := _find_opening(text, quote, at, tag.start())) is not None
        ]
        if not openings:
            at = tag.end()
            continue
        opening = max(openings)
        closing = _CLOSING_QUOTE[text[opening]].match(text, tag.end())
        end = closing.end() if closing else len(text) + 1  # a literal cut off with the file
        held.append(text[opening + 1 : end - 1])
        at = end
    return held


def _find_opening(text: str, quote: str, start: int, stop: int) -> int | None:
    """The last quote of its kind in `text[start:stop]` that is not escaped, if a literal can begin
    there.
    """
    at = text.rfind(quote, start, stop)
    # a quote within the literal; two backslashes before one do not occur in markup
    while at > 0 and text[at - 1] == "\\":
        at = text.rfind(quote, start, at - 1)
    if at < 0:
        return None
    before = text[max(0, at - 40) : at].rstrip()
    return at if not before or before[-1] in _BEFORE_LITERAL else None


def _unescape(text: str) -> str:
    """A string's content without the escapes of JSON and JavaScript; pairs of surrogates become the
    character that they mean.
    """

    def character(found: re.Match[str]) -> str:
        code = found.group(1)
        if code[0] in "ux" and len(code) > 1:
            return chr(int(code[1:], 16))
        return _NAMED_ESCAPES.get(code, code)

    return (
        _ESCAPE.sub(character, text)
        .encode("utf-16-le", "surrogatepass")
        .decode("utf-16-le", "replace")
    )


# ---- facts

_TITLE_META: Final = "articletitle"
_DATE_META: Final = "pubdate"
_PUBLISHER_META: Final = "contentsource"
_DATE: Final = re.compile(r"(20\d\d)\s*[-年./]\s*(\d{1,2})\s*[-月./]\s*(\d{1,2})")
_DATE_FIELD: Final = re.compile(
    r"(?:发布|公开|公布)(?:时间|日期)[：:]\s*(20\d\d\s*[-年./]\s*\d{1,2}\s*[-月./]\s*\d{1,2})"
)
_PUBLISHER_FIELD: Final = re.compile(r"(?:发布|公开|公布)(?:机构|单位)[：:]\s*([^\s：:]{2,40})")
_TOP_LINES: Final = 150
_FIELD_LINE: Final = 120  # characters; a field stands in a short line
_SMALL_TABLE_ROWS: Final = 8  # a table of fields (index number, publisher, date) is not longer


def find_facts(nodes: Iterable[LexborNode], blocks: Sequence[Block]) -> tuple[tuple[str, str], ...]:
    """The facts that a page states, best first of each kind: ("title", …), ("published_on", ISO
    date), ("publisher", …).
    """
    stated: dict[str, list[str]] = {}
    for node in nodes:
        tag = node.tag or ""
        if tag == "meta":
            attributes = node.attributes
            tag, text = (attributes.get("name") or "").lower(), attributes.get("content") or ""
        else:
            text = node.text()
        text = " ".join(text.split())
        if text:
            stated.setdefault(tag, []).append(text)
    top = "\n".join(_top_lines(blocks))
    titles = [
        text for tag in (_TITLE_META, "ucaptitle", "h1", "title") for text in stated.get(tag, ())
    ]
    dates = [*stated.get(_DATE_META, ()), *stated.get("publishtime", ()), *_DATE_FIELD.findall(top)]
    publishers = [*stated.get(_PUBLISHER_META, ()), *_PUBLISHER_FIELD.findall(top)]
    facts = [("title", t) for t in titles]
    facts += [("published_on", iso) for d in dates if (iso := _read_date(d))]
    # a site's form not filled in gives "1"
    facts += [("publisher", p) for p in publishers if not p.isdecimal()]
    return tuple(dict.fromkeys(facts))


def _top_lines(blocks: Sequence[Block]) -> list[str]:
    """The lines before the first large table; of a small one each cell followed by the next, as a
    field and its value.
    """
    lines: list[str] = []
    for block in blocks:
        is_large_table = isinstance(block, Grid) and block.n_rows > _SMALL_TABLE_ROWS
        if is_large_table or len(lines) > _TOP_LINES:
            break
        lines += _field_lines(block)
    return lines[:_TOP_LINES]


def _field_lines(block: Block) -> list[str]:
    if not isinstance(block, Grid):
        return [block.text] if len(block.text) <= _FIELD_LINE else []
    texts = [cell.text.replace("\n", "").rstrip("：: ") for cell in block.cells]
    return [f"{name}：{value}" for name, value in zip(texts, [*texts[1:], ""], strict=True)]


def _read_date(text: str) -> str | None:
    found = _DATE.search(text)
    if found is None:
        return None
    try:
        return date(*map(int, found.groups())).isoformat()
    except ValueError:
        return None


# ---- pages that are no document

# of visible text; a firewall's page has 50 to 300, the shortest real report 1,500
_FEW_CHARACTERS: Final = 800
_SHORT_LINE: Final = 80  # a refusal is said in a line of its own, not within a paragraph
_HARDLY_ANY: Final = 200
_PLACEHOLDER: Final = re.compile(
    r"\{\{.{0,200}?\}\}|\$\{[^{}]{0,200}\}|<%.{0,200}?%>|#\{[^{}]{0,200}\}", re.S
)
_REFUSAL: Final = re.compile(
    r"(?:访问|请求|操作|连接|IP)(?:已|地址)?\s*(?:被|遭到?|受)[^，。]{0,12}?(?:拦截|阻断|阻止|"
    r"拒绝|禁止|封禁|限制)"
    r"|(?:拦截|阻断|拒绝|禁止)了?(?:您|你|本次|该|此|当前)?的?(?:访问|请求)|(?:访问|请求|"
    r"操作)(?:过于|太过?|太)频繁|(?:访问|请求)(?:异常|受限)"
    r"|(?:可能|存在|含有|疑似|检测到)[^，。]{0,20}?(?:安全威胁|攻击行为|恶意(?:请求|访问|"
    r"攻击)|非法(?:请求|访问|参数))"
    r"|人机(?:验证|识别|校验)|(?:安全|滑动|访问|身份)验证|(?:输入|刷新)[^，。]{0,8}验证码|"
    r"浏览器[^，。]{0,6}(?:安全)?(?:检查|检测|验证)"
    r"|(?:网站|应用|web)\s*应用?防火墙|网站防护|页面(?:不存在|未找到|找不到|没有找到|无法访问|"
    r"已(?:被)?删除|走丢了)|(?:找不到|无法找到|未找到)[^，。]{0,10}(?:页面|网页|文件|资源)"
    r"|服务器?(?:内部)?(?:错误|不可用|繁忙)|系统(?:繁忙|维护|异常|错误)|网站(?:维护|关闭|暂停)"
    r"|access (?:is |was |has been )?(?:denied|forbidden|blocked)|request (?:was |has been |"
    r"is )?(?:blocked|rejected|unsuccessful|denied)"
    r"|\b(?:4\d\d|5\d\d) (?:not found|forbidden|bad |internal|service|gateway|unauthorized|"
    r"error)|(?:page|file|url|resource) (?:was |is )?not found"
    r"|^\s*(?:http\s*)?(?:status\s*)?(?:403|404|405|412|429|500|502|503|504)\s*(?:错误|"
    r"error)?\s*$|not acceptable|bad gateway|service unavailable"
    r"|web application firewall|\bwaf\b|captcha|just a moment|checking your browser|attention "
    r"required|security (?:check|verification)"
    r"|are you (?:a )?(?:human|robot)|unusual traffic|too many requests|(?:event|incident|"
    r"request|ray) id\b",
    re.I,
)


def judge_page(tree: LexborHTMLParser, blocks: Sequence[Block]) -> None:
    """Raise ReadError(BLOCKED_PAGE) or ReadError(NEEDS_BROWSER) for a page that is no document; a
    page with a table of data is one.
    """
    grids = [block for block in blocks if isinstance(block, Grid)]
    if any(_has_data(grid) for grid in grids):
        return
    lines = list(_text_lines(blocks))
    text = "\n".join(lines)
    if _PLACEHOLDER.search(text) and len(_PLACEHOLDER.sub("", text)) <= _FEW_CHARACTERS:
        raise ReadError(
            Reason.NEEDS_BROWSER,
            "the page holds a template's placeholders in place of text; a script fills them",
        )
    if len(text) > (_HARDLY_ANY if grids else _FEW_CHARACTERS):
        return
    titles = [" ".join(node.text().split()) for node in tree.css("title")]
    refusal = _find_refusal([*titles, *lines])
    if refusal is not None:
        raise ReadError(
            Reason.BLOCKED_PAGE,
            f"a firewall's or error page in place of a document, it says: {refusal}",
        )
    if len(text) < _HARDLY_ANY and not grids and tree.css_first("script") is not None:
        raise ReadError(
            Reason.NEEDS_BROWSER,
            (
                f"the page has scripts and only {len(text)} characters of text; save it from a "
                "browser once it is shown"
            ),
        )


def _text_lines(blocks: Sequence[Block]) -> Iterator[str]:
    """The text of each paragraph and cell that has any."""
    for block in blocks:
        texts = [cell.text for cell in block.cells] if isinstance(block, Grid) else [block.text]
        yield from filter(None, texts)


def _find_refusal(lines: Sequence[str]) -> str | None:
    """The first short line that refuses access or names an error."""
    short = (line for line in lines if len(line) <= _SHORT_LINE)
    return next((line for line in short if _REFUSAL.search(line)), None)


def _has_data(grid: Grid) -> bool:
    """Whether a table holds numbers, or is large enough for one that was left blank."""
    if (
        next(islice((cell for cell in grid.cells if is_number(cell.text)), 2, None), None)
        is not None
    ):
        return True
    return (
        grid.n_rows >= 4
        and grid.n_cols >= 3
        and not any(_PLACEHOLDER.search(cell.text) for cell in grid.cells)
    )
