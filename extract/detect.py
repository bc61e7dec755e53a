"""The format of a file from its bytes, never from its name: half of the ".doc" and ".xls" files on
agencies' sites are something else.

`sniff(data)` looks at the first bytes, at a zip's member names, at an OLE2 container's stream names
and at markup, in that order, and refuses what needs a password. It opens nothing that the guards
have not passed and builds no tree of a page: 15 to 150 microseconds a file.
`office_main_part(archive)` finds a docx's or xlsx's main part where it has another than the usual
name. `decode_text` is that of `encoding.py`, given here too because a reader of text needs both.

Out of scope: whether the format has a reader, and whether the content is a report.
"""

import posixpath
import re
import struct
from enum import StrEnum
from typing import Final

from extract import limits
from extract.archive import Archive, open_archive, parse_xml
from extract.document import ReadError, Reason
from extract.encoding import decode_text, marked_encoding
from extract.word.ole import Container

__all__ = ["Format", "decode_text", "office_main_part", "sniff"]


class Format(StrEnum):
    """What the bytes are. Some have no reader."""

    DOCX = "docx"
    XLSX = "xlsx"
    XLSB = "xlsb"
    PPTX = "pptx"
    DOC = "doc"  # OLE2 with a Word document; WPS Writer's .wps is this too
    XLS = "xls"  # OLE2 with a workbook (.et is this too), or a bare BIFF stream
    PPT = "ppt"
    ODT = "odt"
    ODS = "ods"
    OFD = "ofd"
    PDF = "pdf"
    RTF = "rtf"
    HTML = "html"  # a page, a fragment, or a script string that holds a table
    MHT = "mht"  # a page saved as a MIME message
    WORD_XML = "word_xml"  # Word 2003 XML and flat OPC
    SHEET_XML = "sheet_xml"  # Excel 2003 XML
    XML = "xml"  # any other
    IMAGE = "image"
    ZIP = "zip"  # a plain archive
    TEXT = "text"


_BLANK: Final = b" \t\r\n\x0b\x0c\xef\xbb\xbf\x00"
_HEAD: Final = 4096
_MARKUP_HEAD: Final = 65_536
_IMAGE_STARTS: Final = (
    b"\x89PNG\r\n\x1a\n",
    b"\xff\xd8\xff",
    b"GIF87a",
    b"GIF89a",
    b"II*\0",
    b"MM\0*",
    b"\0\0\0\x0cjP  ",
)
_BIFF_STARTS: Final = (
    b"\x09\0\x04\0",
    b"\x09\x02\x06\0",
    b"\x09\x04\x06\0",
    b"\x09\x08\x08\0",
    b"\x09\x08\x10\0",
)
_OTHER_ARCHIVES: Final = (
    (b"Rar!\x1a\x07", "RAR"),
    (b"7z\xbc\xaf\x27\x1c", "7-Zip"),
    (b"\x1f\x8b\x08", "gzip"),
    (b"BZh", "bzip2"),
    (b"\xfd7zXZ\0", "xz"),
)
_PDF: Final = re.compile(rb"%PDF-\d\.\d")
_MAIL_HEADER: Final = re.compile(rb"[A-Za-z][A-Za-z0-9-]{1,40}:[ \t]")
_MAIL_HTML: Final = re.compile(rb"^content-type:\s*(?:multipart/|text/html)", re.I | re.M)
_TAGS: Final = (
    rb"(?:html|head|body|title|meta|link|style|script|base|table|tbody|thead|tr|td|th|p|div|"
    rb"span|font|center|br|hr|h[1-6]|a|img|b|strong|ul|ol|li|"
    rb"section|article|main|form|iframe)"
)
_FIRST_TAG: Final = re.compile(rb"<(?:!doctype\s+html|" + _TAGS + rb"(?=[\s/>]))", re.I)
# "\u003c" is how JSON writes "<" where it fears scripts.
_ANY_TABLE: Final = re.compile(rb"(?:<|\\u003c)(?:table|html|body)(?=[\s/>\\])", re.I)
_CLOSING: Final = re.compile(rb"<\\?/(?:p|div|span|td|font|center|h[1-6]|li)>", re.I)
_PROLOG: Final = re.compile(rb"(?:\s+|<\?.*?\?>|<!--.*?-->)+", re.S)
_XML_NAME: Final = re.compile(rb"<([A-Za-z_][\w.:-]*)([^>]*)")
_FILE_PASS: Final = 0x002F
_BEFORE_FILE_PASS: Final = (
    0x0009,
    0x0209,
    0x0409,
    0x0809,
    0x0086,
    0x005B,
)  # BOF of each version, WRITEPROT, FILESHARING
_CONTROLS: Final = bytes(b for b in range(32) if b not in b"\t\n\x0b\x0c\r\x1a\x1b") + b"\x7f"
_ODD_CHARACTERS: Final = re.compile(
    "[\\x00-\\x08\\x0e-\\x19\\x1c-\\x1f\\x7f-\\x9f\ufffd\ufffe\uffff]"
)
_CONTROL_SHARE: Final = 0.005  # random bytes have 0.1


def sniff(data: bytes) -> Format:
    """The format of `data`.

    Raises ReadError: EMPTY_FILE, UNKNOWN_FORMAT, ENCRYPTED (a password is needed), DAMAGED (begins
    as a format that it then breaks), and what `open_archive` raises for a zip built to harm.
    """
    if not data.strip(_BLANK + b"\xff\xfe"):
        raise ReadError(
            Reason.EMPTY_FILE,
            "the file has no bytes"
            if not data
            else "the file holds nothing but blank space or zero bytes",
        )
    for is_it in (_zip, _ole, _binary, _markup):
        found = is_it(data)
        if found is not None:
            return found
    if _looks_like_text(data):
        return Format.TEXT
    raise ReadError(
        Reason.UNKNOWN_FORMAT, f"binary data of an unknown kind, it begins with {data[:8].hex(' ')}"
    )


def _binary(data: bytes) -> Format | None:
    """By the bytes at the start."""
    for start, name in _OTHER_ARCHIVES:
        if data.startswith(start):
            raise ReadError(
                Reason.UNKNOWN_FORMAT,
                f"a {name} archive; unpack it and read the files that it holds",
            )
    if (
        data.startswith(_IMAGE_STARTS)
        or (data.startswith(b"RIFF") and data[8:12] == b"WEBP")
        or (data.startswith(b"BM") and data[6:10] == b"\0\0\0\0")
    ):
        return Format.IMAGE
    head = data[:_HEAD].lstrip(_BLANK)
    if head.startswith(b"{\\rtf"):
        return Format.RTF
    # a PDF may begin up to 1,024 bytes late
    if head.startswith(b"%PDF-") or (not head.startswith(b"<") and _PDF.search(data, 0, 1024)):
        return Format.PDF
    return Format.XLS if data.startswith(_BIFF_STARTS) else None


def _zip(data: bytes) -> Format | None:
    if not data.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return None
    archive = open_archive(data)
    if "word/document.xml" in archive:
        return Format.DOCX
    if "xl/workbook.xml" in archive:
        return Format.XLSX
    if "OFD.xml" in archive:
        return Format.OFD
    if "mimetype" in archive:
        return _open_document(archive)
    main = office_main_part(archive)
    if main is None:
        return Format.ZIP
    kind = _content_type(archive, main)
    for mark, found in (
        ("wordprocessingml", Format.DOCX),
        ("ms-word", Format.DOCX),
        ("sheet.binary", Format.XLSB),
        ("spreadsheetml", Format.XLSX),
        ("ms-excel", Format.XLSX),
        ("presentation", Format.PPTX),
    ):
        if mark in kind:
            return found
    return {"word": Format.DOCX, "xl": Format.XLSX, "ppt": Format.PPTX}.get(
        main.split("/")[0], Format.ZIP
    )


def _open_document(archive: Archive) -> Format:
    kind = archive.read("mimetype", _HEAD)
    found = (
        Format.ODT
        if b"opendocument.text" in kind
        else Format.ODS
        if b"opendocument.spreadsheet" in kind
        else Format.ZIP
    )
    manifest = "META-INF/manifest.xml"
    if (
        found is not Format.ZIP
        and manifest in archive
        and b"encryption-data" in archive.read(manifest)
    ):
        raise ReadError(Reason.ENCRYPTED, "the document needs a password")
    return found


def office_main_part(archive: Archive) -> str | None:
    """The member that is the document or the workbook itself, by the archive's relations
    (transitional or strict), or None.
    """
    if "_rels/.rels" not in archive:
        return None
    for relation in parse_xml(archive.read("_rels/.rels", limits.MIB)):
        if relation.get("Type", "").endswith("/officeDocument"):
            name = posixpath.normpath(relation.get("Target", "")).lstrip("/")
            return name if name in archive else None
    return None


def _content_type(archive: Archive, part: str) -> str:
    if "[Content_Types].xml" not in archive:
        return ""
    for entry in parse_xml(archive.read("[Content_Types].xml", limits.MIB)):
        if entry.get("PartName", "").lstrip("/").lower() == part.lower():
            return entry.get("ContentType", "").lower()
    return ""


def _ole(data: bytes) -> Format | None:
    if not data.startswith(Container.MAGIC):
        return None
    container = Container(data)
    if "encryptedpackage" in container:
        raise ReadError(Reason.ENCRYPTED, "the document needs a password")
    if "worddocument" in container:
        start = container.stream("worddocument")
        if len(start) < 12:
            raise ReadError(Reason.DAMAGED, "the Word document is cut off")
        if struct.unpack_from("<H", start, 10)[0] & 0x0100:  # fEncrypted in the FIB
            raise ReadError(Reason.ENCRYPTED, "the document needs a password")
        return Format.DOC
    for name in ("workbook", "book"):
        if name in container:
            if _has_file_pass(container.stream(name)):
                raise ReadError(Reason.ENCRYPTED, "the workbook needs a password")
            return Format.XLS
    if "powerpoint document" in container:
        return Format.PPT
    raise ReadError(
        Reason.UNKNOWN_FORMAT,
        "an OLE2 container without a document or workbook: "
        + ", ".join(sorted(container.names)[:5]),
    )


def _has_file_pass(start: bytes) -> bool:
    """Whether a BIFF stream has a FILEPASS record, which stands within the first few records."""
    at = 0
    while at + 4 <= len(start):
        kind, length = struct.unpack_from("<HH", start, at)
        if kind == _FILE_PASS:
            return True
        if kind not in _BEFORE_FILE_PASS:
            return False
        at += 4 + length
    return False


def _markup(data: bytes) -> Format | None:
    """HTML, MHTML or XML.

    Tags are ASCII, and in UTF-8 and GB18030 the byte "<" is always the character.
    """
    mark = marked_encoding(data)
    if not _looks_like_text(data[:_MARKUP_HEAD]):
        return None
    if mark is not None and mark[0].startswith(("utf-16", "utf-32")):
        # for looking only
        data = data[mark[1] :].decode(mark[0], errors="replace").encode("utf-8", errors="replace")
    head = data[:_MARKUP_HEAD].lstrip(_BLANK)
    if (
        _MAIL_HEADER.match(head)
        and re.search(rb"^mime-version:", head[:_HEAD], re.I | re.M)
        and _MAIL_HTML.search(head[:_HEAD])
    ):
        return Format.MHT
    after_prolog = _PROLOG.match(head)
    body = head[after_prolog.end() :] if after_prolog else head
    if _FIRST_TAG.match(body):
        return Format.HTML
    if head.startswith(b"<?xml") or body.startswith(
        (b"<w:wordDocument", b"<pkg:package", b"<Workbook")
    ):
        return _xml_kind(body, head)
    if _ANY_TABLE.search(data) or len(_CLOSING.findall(head)) > 3:
        return Format.HTML
    return None


def _xml_kind(body: bytes, head: bytes) -> Format:
    root = _XML_NAME.match(body)
    name = root.group(1).decode("ascii", errors="replace").split(":")[-1].lower() if root else ""
    if name in ("worddocument", "package") or b'progid="Word.Document"' in head[:_HEAD]:
        return Format.WORD_XML
    if name == "workbook" or b'progid="Excel.Sheet"' in head[:_HEAD]:
        return Format.SHEET_XML
    return Format.HTML if name == "html" else Format.XML


def _looks_like_text(data: bytes) -> bool:
    """Few control characters; in UTF-16 and UTF-32, where bytes say nothing, few control and broken
    characters.
    """
    mark = marked_encoding(data)
    if mark is None or mark[0] in ("utf-8", "gb18030"):
        return len(data) - len(data.translate(None, _CONTROLS)) <= _CONTROL_SHARE * len(data)
    text = data[mark[1] :].decode(mark[0], errors="replace")
    # the last one may be cut off
    return len(_ODD_CHARACTERS.findall(text)) <= _CONTROL_SHARE * len(text) + 1
