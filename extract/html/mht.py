"""Pages saved as a MIME message (.mht, .mhtml; also what Word and WPS save so under the name .doc):
bytes in, paragraphs and grids out.

The message's page, the first part that is HTML, is read as a page; its pictures, styles and frames
are left alone. The document's `reader` is "mht". Raises `ReadError`: DAMAGED without a page,
ARCHIVE_GUARD for a message that nests too many others, and as the HTML reader does.
"""

import re
from dataclasses import replace
from email import message_from_bytes
from typing import Final

from extract import limits
from extract.document import Document, ReadError, Reason
from extract.html import read as html

READER: Final = "mht"
_NESTING: Final = re.compile(rb"^content-type:\s*(?:multipart|message)/", re.I | re.M)
_MOST_NESTING: Final = 20


def read(data: bytes) -> Document:
    """The document in the bytes of a MIME message that holds a page."""
    if sum(1 for _ in _NESTING.finditer(data)) > _MOST_NESTING:
        raise ReadError(
            Reason.ARCHIVE_GUARD, f"the message holds more than {_MOST_NESTING} messages of parts"
        )
    # as `sniff` does: blank lines before a header would end it
    start = data.lstrip(b" \t\r\n\x0b\x0c\xef\xbb\xbf\0")
    for count, part in enumerate(message_from_bytes(start).walk()):
        if count > limits.ZIP_MEMBERS:
            break
        if part.get_content_type() == "text/html":
            page = part.get_payload(decode=True)
            if isinstance(page, bytes) and page.strip():
                return replace(
                    html.read(_labelled(page, part.get_content_charset())), reader=READER
                )
    raise ReadError(Reason.DAMAGED, "the message holds no page")


def _labelled(page: bytes, charset: str | None) -> bytes:
    """The page in UTF-8 where the message alone names its encoding; a page that names one itself is
    left as it is.
    """
    if charset is None or b"charset" in page[:4096].lower():
        return page
    try:
        return page.decode("gb18030" if charset in ("gb2312", "gbk") else charset).encode()
    except (LookupError, UnicodeError):
        return page
