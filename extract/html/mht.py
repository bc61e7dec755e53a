"""Pages saved as a MIME message (.mht, .mhtml; also what Word and WPS save so under the name .doc):
bytes in, paragraphs and grids out. Mails with attachments: `extract.attached.mail`.

The message's page, the first part that is HTML, is read as a page; its pictures, styles and frames
are left alone. The document's `reader` is "mht". Raises `ReadError`: DAMAGED without a page,
ARCHIVE_GUARD for a message that nests too many others, and as the HTML reader does.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from email import message_from_bytes
from email.message import Message
from itertools import islice
from typing import Final

from extract import limits
from extract.document import Document, ReadError, Reason
from extract.html import read as html

READER: Final = "mht"
_NESTING: Final = re.compile(rb"^content-type:\s*(?:multipart|message)/", re.I | re.M)
_MOST_NESTING: Final = 20


def read(data: bytes) -> Document:
    """The document in the bytes of a MIME message that holds a page."""
    page = read_page(open_message(data))
    if page is None:
        raise ReadError(Reason.DAMAGED, "the message holds no page")
    return page


def open_message(data: bytes) -> Message:
    """The message in these bytes."""
    if sum(1 for _ in _NESTING.finditer(data)) > _MOST_NESTING:
        raise ReadError(
            Reason.ARCHIVE_GUARD, f"the message holds more than {_MOST_NESTING} messages of parts"
        )
    # as `sniff` does: blank lines before a header would end it
    return message_from_bytes(data.lstrip(b" \t\r\n\x0b\x0c\xef\xbb\xbf\0"))


def parts_of(message: Message) -> Iterator[Message]:
    """The parts of a message, those of its parts among them, as many as an archive may have."""
    return islice(message.walk(), limits.ZIP_MEMBERS)


def payload_of(part: Message) -> bytes:
    """What a part holds; nothing for one that holds parts."""
    held = part.get_payload(decode=True)
    return held if isinstance(held, bytes) else b""


def read_page(message: Message) -> Document | None:
    """The page of a message, None if it has none."""
    for part in parts_of(message):
        if part.get_content_type() == "text/html" and (page := payload_of(part)).strip():
            return replace(html.read(_labelled(page, part.get_content_charset())), reader=READER)
    return None


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
