"""MIME messages: a saved page (.mht, `extract.html.mht`), or a mail whose attachment is the report.

The page counts where it holds a table, or where nothing is attached; else the one report among the
attachments does (`extract.attached.files`), and a mail of plain text is read as text. Raises
ReadError: DAMAGED for a message that holds none of these, ARCHIVE_GUARD for one that nests too many
others, and as the readers do.
"""

from collections.abc import Iterator
from email.message import Message

from extract.attached.files import AttachedFile, read_only_report
from extract.document import Document, ReadError, Reason
from extract.html.mht import open_message, parts_of, payload_of, read_page
from extract.text.read import read as read_text


def read(data: bytes) -> Document:
    """The document in the bytes of a MIME message."""
    message = open_message(data)
    attached = list(_attachments(message))
    page = read_page(message)
    if page is not None and (page.grids or not attached):
        return page
    if attached:
        return read_only_report(attached, "the mail")
    for part in parts_of(message):
        if part.get_content_type() == "text/plain" and payload_of(part).strip():
            return read_text(payload_of(part))
    raise ReadError(Reason.DAMAGED, "the message holds no page, no text and no attachment")


def _attachments(message: Message) -> Iterator[AttachedFile]:
    for part in parts_of(message):
        name = part.get_filename() or ""
        is_file = part.get_content_maintype() == "application" and name
        if not part.is_multipart() and (part.get_content_disposition() == "attachment" or is_file):
            yield AttachedFile(name or part.get_content_type(), payload_of(part))
