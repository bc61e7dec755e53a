"""A Word draft given back with comments at the cells that findings name.

`annotate(data, judged, lang)` takes the bytes of a docx and gives those of the same file with
comments: each error and warning at the cell that it names last (of a sum the total), what is likely
wrong at its own cell, and at the end of the text a list of everything. What names no cell, or one
that is not found for certain, is a comment at the beginning: a cell counts as found where it stands
at the place that was read and holds the text that was read.

Nothing else changes: the document without its comment marks is the same XML, and of the other parts
only the comments, the relations of the document and the content types are written. Comments that
were there stay.

Raises NoInput where the file has no place for comments. Out of scope: other formats than docx.
"""

import io
import posixpath
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from lxml import etree

from load.errors import NoInput
from review.check_text import as_text
from review.judged import Judged
from review.messages import say

AUTHOR: Final = "nianbao"
INITIALS: Final = "年报"
_COMMENTS_TYPE: Final = (
    "application/vnd.openxmlformats-officedocument.wordprocessingml.comments+xml"
)
_TYPES: Final = "http://schemas.openxmlformats.org/package/2006/content-types"
_RELATIONS: Final = "http://schemas.openxmlformats.org/package/2006/relationships"
_TRANSITIONAL: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_STRICT: Final = "http://purl.oclc.org/ooxml/officeDocument/relationships"
_STRICT_WORD: Final = "http://purl.oclc.org/ooxml/wordprocessingml/main"
_CONTENT_TYPES: Final = "[Content_Types].xml"

Element = etree._Element


@dataclass(frozen=True, slots=True)
class _Comment:
    """What is said, and at which cell (table|row|column); at the beginning where it is None."""

    cell: str | None
    text: str


def annotate(data: bytes, judged: Judged, lang: str) -> bytes:
    """The docx with comments."""
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        parts = {name: package.read(name) for name in package.namelist()}
        members = package.infolist()
    main = _main_part(parts)
    document = _parse(parts[main])
    name = etree.QName(document).namespace or ""
    comments_name, comments = _comments_of(parts, main, name)
    body = document.find(f"{{{name}}}body")
    if body is None:
        raise NoInput(f"{judged.file}: has no text to comment on; check the file")
    marker = _Marker(name, body, comments)
    cells = {f"{c.table_id}|{c.row_id}|{c.col_id}": c for c in judged.reading.cells}
    for comment in _comments(judged, lang):
        found = cells.get(comment.cell or "")
        place = None if found is None else marker.find_cell(found)
        marker.add(comment.text, marker.first_paragraph() if place is None else place)
    marker.add(as_text(judged, lang, None), marker.last_paragraph())
    written = {main: _bytes_of(document), comments_name: _bytes_of(comments)}
    written |= _registered(parts, main, comments_name, name)
    return _packed(members, parts, written)


def _comments(judged: Judged, lang: str) -> Iterator[_Comment]:
    for finding in judged.findings:
        if finding["level"] != "info":
            cells = finding["cells"]
            level = say(f"level.{finding['level']}", lang)
            text = f"{level}：" if lang == "zh" else f"{level}: "
            yield _Comment(cells[-1] if cells else None, text + finding[f"message_{lang}"])
    for suspect in judged.suspects:
        if suspect["confident"] and suspect["rank"] == 1:
            said = say("check.likely_value", lang, implied=f"{suspect['implied'].normalize():f}")
            yield _Comment("|".join(suspect[k] for k in ("table_id", "row_id", "col_id")), said)


class _Marker:
    """Puts comments into a body and into the part that holds their texts."""

    def __init__(self, namespace: str, body: Element, comments: Element) -> None:
        self._name = f"{{{namespace}}}"
        self._body = body
        self._comments = comments
        held = (int(c.get(f"{self._name}id", "0")) for c in comments)
        self._next = max(held, default=-1) + 1
        nested = f"{self._name}tc"
        self._tables = [
            table
            for table in body.iter(f"{self._name}tbl")
            if next(table.iterancestors(nested), None) is None
        ]

    def find_cell(self, cell: Any) -> Element | None:
        """The first paragraph of the cell, None where it is not found for certain."""
        if not cell.grid or cell.grid > len(self._tables):
            return None
        rows = self._tables[cell.grid - 1].findall(f"{self._name}tr")
        if cell.grid_row > len(rows):
            return None
        column = 1
        for box in rows[cell.grid_row - 1].findall(f"{self._name}tc"):
            span = box.find(f"{self._name}tcPr/{self._name}gridSpan")
            width = 1 if span is None else int(span.get(f"{self._name}val", "1"))
            if column <= cell.grid_col < column + width:
                printed = "".join(t.text or "" for t in box.iter(f"{self._name}t"))
                same = "".join(printed.split()) == "".join((cell.raw_text or "").split())
                return box.find(f"{self._name}p") if same else None
            column += width
        return None

    def first_paragraph(self) -> Element:
        """The first paragraph of the text."""
        return next(self._body.iter(f"{self._name}p"))

    def last_paragraph(self) -> Element:
        """The last paragraph of the body itself, or else the last of all."""
        own = self._body.findall(f"{self._name}p")
        return own[-1] if own else [*self._body.iter(f"{self._name}p")][-1]

    def add(self, text: str, paragraph: Element) -> None:
        """A comment on the whole paragraph, which may be empty."""
        number, name = str(self._next), self._name
        self._next += 1
        comment = etree.SubElement(self._comments, f"{name}comment")
        for key, value in (("id", number), ("author", AUTHOR), ("initials", INITIALS)):
            comment.set(f"{name}{key}", value)
        for line in text.splitlines():
            run = etree.SubElement(etree.SubElement(comment, f"{name}p"), f"{name}r")
            said = etree.SubElement(run, f"{name}t")
            said.text = line
            said.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
        start = etree.Element(f"{name}commentRangeStart", {f"{name}id": number})
        has_properties = len(paragraph) > 0 and paragraph[0].tag == f"{name}pPr"
        paragraph.insert(1 if has_properties else 0, start)
        etree.SubElement(paragraph, f"{name}commentRangeEnd", {f"{name}id": number})
        run = etree.SubElement(paragraph, f"{name}r")
        etree.SubElement(run, f"{name}commentReference", {f"{name}id": number})


def _parse(data: bytes) -> Element:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True)
    return etree.fromstring(data, parser)


def _bytes_of(root: Element) -> bytes:
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)


def _relations_name(part: str) -> str:
    folder, name = posixpath.split(part)
    return posixpath.join(folder, "_rels", f"{name}.rels")


def _relation(parts: Mapping[str, bytes], of: str, kind: str) -> str | None:
    """The part to which a part ("" for the package) has a relation of the kind."""
    name = _relations_name(of) if of else "_rels/.rels"
    if name not in parts:
        return None
    for relation in _parse(parts[name]):
        if str(relation.get("Type", "")).endswith(f"/{kind}"):
            target = posixpath.join(posixpath.dirname(of), relation.get("Target", ""))
            return posixpath.normpath(target).lstrip("/")
    return None


def _main_part(parts: Mapping[str, bytes]) -> str:
    return _relation(parts, "", "officeDocument") or "word/document.xml"


def _comments_of(parts: Mapping[str, bytes], main: str, namespace: str) -> tuple[str, Element]:
    """The part of the comments by name, and its root, empty where there were none."""
    name = _relation(parts, main, "comments")
    if name is not None and name in parts:
        return name, _parse(parts[name])
    made = etree.Element(f"{{{namespace}}}comments", nsmap={"w": namespace})
    return posixpath.join(posixpath.dirname(main), "comments.xml"), made


def _registered(
    parts: Mapping[str, bytes], main: str, comments: str, namespace: str
) -> dict[str, bytes]:
    """The relations of the document and the content types, where they do not yet name the part."""
    if comments in parts:
        return {}
    types = _parse(parts[_CONTENT_TYPES])
    named = {"PartName": f"/{comments}", "ContentType": _COMMENTS_TYPE}
    etree.SubElement(types, f"{{{_TYPES}}}Override", named)
    name = _relations_name(main)
    relations = (
        _parse(parts[name])
        if name in parts
        else etree.Element(f"{{{_RELATIONS}}}Relationships", nsmap={None: _RELATIONS})  # type: ignore[dict-item]  # the default namespace
    )
    kind = _STRICT if namespace == _STRICT_WORD else _TRANSITIONAL
    used = {relation.get("Id") for relation in relations}
    free = next(f"rId{n}" for n in range(1, len(used) + 2) if f"rId{n}" not in used)
    target = posixpath.relpath(comments, posixpath.dirname(main))
    facts = {"Id": free, "Type": f"{kind}/comments", "Target": target}
    etree.SubElement(relations, f"{{{_RELATIONS}}}Relationship", facts)
    return {_CONTENT_TYPES: _bytes_of(types), name: _bytes_of(relations)}


def _packed(
    members: Sequence[zipfile.ZipInfo], parts: Mapping[str, bytes], written: Mapping[str, bytes]
) -> bytes:
    """The package with the parts that were written in place of those that were there."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for member in members:
            package.writestr(member, written.get(member.filename, parts[member.filename]))
        for name in written.keys() - parts.keys():
            # no time of its own: the same draft gives the same bytes
            package.writestr(zipfile.ZipInfo(name), written[name], zipfile.ZIP_DEFLATED)
    return out.getvalue()
