"""Word documents that are one XML file: bytes in, paragraphs and grids out.

Two kinds. A flat package ("flat OPC", Word 2007 and later) holds the parts of a docx as elements,
and its main part is read as that of a docx. The XML of Word 2003 says nearly the same in a
vocabulary of its own; it is renamed to that of docx and then read so. Elements of other
vocabularies (Word's hints, smart tags, a customer's schema) only wrap what they stand around.

The document's `reader` is "word_xml". Raises `ReadError` as `archive.parse_xml` and the docx reader
do. Out of scope: what the docx reader leaves out; pictures.
"""

from dataclasses import replace
from typing import Final

from lxml import etree

from extract.archive import parse_xml
from extract.document import Document, ReadError, Reason
from extract.word import docx

READER: Final = "word_xml"

_DOCX: Final = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_WORD_2003: Final = "http://schemas.microsoft.com/office/word/2003/wordml"
_CHANGES: Final = "http://schemas.microsoft.com/aml/2001/core"
_OFFICE: Final = "urn:schemas-microsoft-com:office:office"
_KEPT: Final = (
    _OFFICE,
    "urn:schemas-microsoft-com:vml",
    "urn:schemas-microsoft-com:office:word",
)  # drawings: the docx reader knows them
_RENAMED: Final = {
    "vmerge": "vMerge",
    "hmerge": "hMerge",
    "hlink": "hyperlink",
    "noBreakHyphen": "noBreakHyphen",
}
_CHANGE: Final = {
    "Word.Insertion": "ins",
    "Word.Deletion": "del",
}  # other annotations (comments, bookmarks, formatting) print nothing
_PACKAGE: Final = "http://schemas.microsoft.com/office/2006/xmlPackage"
_RELATION: Final = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"
_TITLE: Final = "{http://purl.org/dc/elements/1.1/}title"
_SPACE: Final = "{http://www.w3.org/XML/1998/namespace}space"


def read(data: bytes) -> Document:
    """The document in the bytes of a Word XML file of either kind."""
    root = parse_xml(data)
    if root.tag == f"{{{_PACKAGE}}}package":
        document = _flat_package(root)
    elif root.tag == f"{{{_WORD_2003}}}wordDocument":
        title = root.findtext(f"{{{_OFFICE}}}DocumentProperties/{{{_OFFICE}}}Title")
        _rename(root)
        document = docx.document_of(root, "the file", docx.title_facts(title))
    else:
        raise ReadError(
            Reason.DAMAGED,
            f"the XML begins with {etree.QName(root).localname!r}, which is no Word document",
        )
    return replace(document, reader=READER)


def _flat_package(root: etree._Element) -> Document:
    parts = {}
    for part in root:
        content = part.find(f"{{{_PACKAGE}}}xmlData")
        if content is not None and len(content):
            parts[part.get(f"{{{_PACKAGE}}}name", "").lstrip("/")] = content[0]
    relations = parts.get("_rels/.rels")
    found = (
        ()
        if relations is None
        else (
            r.get("Target", "").lstrip("/")
            for r in relations.iter(_RELATION)
            if r.get("Type", "").endswith("/officeDocument")
        )
    )
    main = next((name for name in (*found, "word/document.xml") if name in parts), None)
    if main is None:
        raise ReadError(
            Reason.DAMAGED,
            (
                "the package names no main document; open the file in a word processor and save "
                "it again"
            ),
        )
    properties = parts.get("docProps/core.xml")
    title = None if properties is None else properties.findtext(_TITLE)
    return docx.document_of(
        parts[main], main, docx.title_facts(title), parts.get("word/styles.xml")
    )


def _rename(root: etree._Element) -> None:
    """The vocabulary of Word 2003 to that of docx, in place."""
    for element in root.iter(etree.Element):
        name = etree.QName(element)
        space, local = name.namespace or "", name.localname
        if space == _WORD_2003:
            _rename_to_docx(element, local)
        elif space == _CHANGES:
            change = "ins" if local == "content" else _CHANGE.get(_kind_of_change(element))
            if change is not None:
                element.tag = f"{{{_DOCX}}}{change}"
        elif space not in _KEPT:
            element.tag = f"{{{_DOCX}}}customXml"


def _rename_to_docx(element: etree._Element, local: str) -> None:
    element.tag = f"{{{_DOCX}}}{_RENAMED.get(local, local)}"
    for attribute in ("val", "w", "type", "char", "fldCharType", "styleId", "fill"):
        value = element.get(f"{{{_WORD_2003}}}{attribute}")
        if value is not None:
            element.set(f"{{{_DOCX}}}{attribute}", value)
    if local == "t":
        element.set(_SPACE, "preserve")  # the root says it for all


def _kind_of_change(element: etree._Element) -> str:
    return element.get(f"{{{_WORD_2003}}}type") or element.get(f"{{{_CHANGES}}}type") or ""
