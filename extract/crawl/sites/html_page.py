"""An answer as a page: its text, its tree, and what is wrong with it; the one place of the crawler
where HTML is parsed.

`open_page(response)` never raises. A firewall's page, a page that scripts would fill, text in no
encoding and markup built to harm are recognised by the reader of HTML reports itself
(`extract.html.read`), whose guards also protect the parser; the reason stands in `Page.reason`.
`Page.document` is what that reader made of the page, `Page.tree` the parsed markup for those who
look for links.

Also here: addresses. `join` makes an address absolute and drops what is no address of a page, `key`
tells whether two addresses mean the same page (`http` and `https`, a default port and a fragment
make no difference).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final
from urllib.parse import urljoin, urlsplit, urlunsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode

from extract import limits
from extract.crawl.http.messages import Response
from extract.document import Document, ReadError, Reason
from extract.encoding import decode_text
from extract.html.read import read

_CHARSET: Final = re.compile(r"charset\s*=\s*[\"']?\s*([A-Za-z0-9_-]{2,20})", re.I)
_NOT_PARSED: Final = frozenset({Reason.XML_GUARD, Reason.BAD_ENCODING, Reason.TOO_LARGE})
_REFRESH: Final = re.compile(r"^\s*[\d.]*\s*[;,]?\s*url\s*=\s*['\"]?([^'\"\s>]+)", re.I)
_SENT_ON: Final = re.compile(
    r"(?:window\.|document\.|self\.|top\.)?location(?:\.href)?\s*(?:=|\.(?:replace|"
    r"assign)\()\s*['\"]([^'\"]+)['\"]"
)
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")
_HARDLY_ANY: Final = 1_000  # characters, scripts included
_STARTS: Final = ("javascript:", "mailto:", "tel:", "data:", "about:", "#")


@dataclass(frozen=True)
class WebPage:
    """One page.

    `url` is where it was found, `text` its source; `reason` is None or why it is no readable
    document.
    """

    url: str
    text: str
    tree: LexborHTMLParser
    document: Document | None
    reason: Reason | None = None
    detail: str = ""

    def nodes(self, selector: str) -> list[LexborNode]:
        """The elements that a CSS selector finds, in order, LIST_LINKS at most."""
        return self.tree.css(selector)[: limits.LIST_LINKS]

    def meta(self, name: str) -> str:
        """The content of the first meta element of that name, whatever its case; "" if there is
        none.
        """
        found = (n.attributes for n in self.tree.css("meta[name][content]"))
        return next(
            (
                (a.get("content") or "").strip()
                for a in found
                if (a.get("name") or "").lower() == name.lower()
            ),
            "",
        )


def open_page(response: Response, url: str | None = None) -> WebPage:
    """The answer as a page.

    `url`: the address as it was asked for, where it bears a fragment that the answer has lost.
    """
    url = url or response.url
    document, reason, detail = None, None, ""
    try:
        if len(response.content) > limits.PAGE_BYTES:
            raise ReadError(
                Reason.TOO_LARGE,
                f"the page has {len(response.content)} bytes, the limit is {limits.PAGE_BYTES}",
            )
        document = read(response.content)
    except ReadError as error:
        reason, detail = error.reason, error.detail
    text = "" if reason in _NOT_PARSED else text_of(response)
    return WebPage(url, text, LexborHTMLParser(text or "<html></html>"), document, reason, detail)


def text_of(response: Response) -> str:
    """The text of an answer, "" if it is in no known encoding or longer than a page may be."""
    if len(response.content) > limits.PAGE_BYTES:
        return ""
    declared = _CHARSET.search(response.headers.get("content-type", "")) or _CHARSET.search(
        response.content[:4096].decode("latin-1")
    )
    try:
        return decode_text(response.content, declared.group(1) if declared else None)
    except ReadError:  # the same bytes gave the page its reason already, or it is no page
        return ""


def fragment(html: str) -> LexborHTMLParser:
    """Markup out of a list's answer, parsed.

    It passed the guards of the fetcher (size) and is one level of list entries deep.
    """
    return LexborHTMLParser(html or "<html></html>")


def join(base: str, address: str | None) -> str | None:
    """`address` made absolute, without fragment; None where it is a script, a mail address, empty
    or no http(s) address.
    """
    # line breaks within an address are dropped, as browsers do
    address = "".join((address or "").split())
    if not address or address.lower().startswith(_STARTS) or _CONTROL.search(address):
        return None
    try:
        parts = urlsplit(urljoin(base, address))
        _ = parts.port
    except ValueError:  # brackets or a port that are none
        return None
    if (
        parts.scheme not in ("http", "https")
        or not parts.hostname
        or parts.username
        or parts.password
    ):
        return None
    return urlunsplit((parts.scheme, parts.netloc.lower(), parts.path or "/", parts.query, ""))


def host_of(url: str) -> str:
    """Host and port of an address, in lower case, without the scheme's own port."""
    parts = urlsplit(url)
    port = (
        f":{parts.port}"
        if parts.port and parts.port != {"http": 80, "https": 443}.get(parts.scheme)
        else ""
    )
    return (parts.hostname or "").lower() + port


def key(url: str) -> str:
    """What two addresses of one page have in common."""
    parts = urlsplit(url)
    return f"{host_of(url)}{parts.path or '/'}?{parts.query}"


def sent_on(page: WebPage) -> str | None:
    """Where a page without content of its own sends the browser, by a meta refresh or by script;
    None for a page with content.

    A page may refresh itself, and pages with content send browsers without scripts elsewhere;
    neither is meant.
    """
    if page.tree.body is not None and len(page.tree.body.text()) > _HARDLY_ANY:
        return None
    for node in page.nodes("meta[http-equiv]"):
        if (node.attributes.get("http-equiv") or "").lower() == "refresh":
            found = _REFRESH.match(node.attributes.get("content") or "")
            if (
                found
                and (target := join(page.url, found.group(1))) is not None
                and key(target) != key(page.url)
            ):
                return target
    if page.tree.css_first("a[href],table,img,iframe") is None and (
        sent := _SENT_ON.search(page.text)
    ):
        target = join(page.url, sent.group(1))
        return target if target is not None and key(target) != key(page.url) else None
    return None


def frames(page: WebPage) -> Iterator[str]:
    """The addresses of the page's frames, in order."""
    for node in page.nodes("iframe[src],frame[src]"):
        target = join(page.url, node.attributes.get("src"))
        if target is not None:
            yield target
