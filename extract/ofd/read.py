"""OFD documents (GB/T 33190-2016, the national format for fixed layouts): a zip of XML with placed
text and paths.

`read(data)` gives the `Document` that `extract.layout.pages` makes of the pages. `pages(data)`
gives a `PageContent` a page: each character with the origin, advance and size that the file states,
each straight piece of a path as a rule. Lengths are millimetres in the file and points here.
Templates lie under the pages that name them. Numbers of the standard's clauses stand beside what
follows them.

Raises ReadError: DAMAGED, ENCRYPTED, TOO_LARGE, ARCHIVE_GUARD, XML_GUARD, and READER_MISSING for
pictures only. Annotations: see `extract.ofd.annotations`. Pictures and composite objects from the
resources leave a cell open, and so do glyphs without characters; a page of pictures alone is a
scan. Out of scope: signatures and seals.
"""

import posixpath
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from lxml import etree

from extract import limits
from extract.archive import Archive, open_archive
from extract.document import BBox, Document, ReadError, Reason
from extract.layout.pages import FEW_GLYPHS, PageContent, build_document
from extract.layout.ruling_lines import RulingLine
from extract.layout.text_lines import Glyph, glyphs_from
from extract.ofd.annotations import Appearance, read_annotations
from extract.ofd.package import (
    NUMBER,
    Box,
    Matrix,
    attribute_of,
    box_of,
    each,
    length_of,
    local_name,
    matrix_of,
    numbers_in,
    path_of,
    read_part,
    text_at,
)
from extract.ofd.visible import SLANTED_REMARK, UNSEEN_REMARK, is_seen, is_slanted

READER: Final = "ofd"
POINT: Final = 72 / 25.4  # points a millimetre
_A4: Final = (0.0, 0.0, 210.0, 297.0)
_THIN_MM: Final = 1.0  # a filled shape no thicker than this is a line
_OPERANDS: Final = {"S": 2, "M": 2, "L": 2, "Q": 4, "B": 6, "A": 7, "C": 0}  # 9.3, table 35
_WIDE: Final = 0x2E80  # characters from here on are as wide as they are high

Point = tuple[float, float]
# objects made of others, from the resources, are seen as pictures are
_SEEN_AS_PICTURES: Final = frozenset({"ImageObject", "CompositeObject"})
_KINDS: Final = frozenset({"TextObject", "PathObject", *_SEEN_AS_PICTURES})
_PlacedObject = tuple[str, etree._Element, Box]  # its kind, and its boundary


def read(data: bytes) -> Document:
    """The document as paragraphs and grids in order. Of a package of several documents the first is
    read, and the next is named in the fact `second_document`.
    """
    document = build_document(pages(data), READER)
    bodies = each(read_part(open_archive(data), "OFD.xml"), "DocBody")
    if len(bodies) < 2:
        return document
    title = text_at(bodies[1], "DocInfo/Title").strip() or text_at(bodies[1], "DocRoot")
    return replace(document, facts=(*document.facts, ("second_document", title)))


def pages(data: bytes) -> Iterator[PageContent]:
    """The pages of the first document in the package, in order."""
    archive = open_archive(data)
    root = read_part(archive, "OFD.xml")
    if any("encryp" in name.lower() for name in archive.names):
        raise ReadError(Reason.ENCRYPTED, "the OFD opens with a password only; save it without one")
    place = text_at(root, "DocBody/DocRoot")
    document = read_part(archive, path_of("", place))
    folder = posixpath.dirname(path_of("", place))
    area = box_of(text_at(document, "CommonData/PageArea/PhysicalBox")) or _A4
    templates = {
        attribute_of(t, "ID"): path_of(folder, attribute_of(t, "BaseLoc"))
        for t in each(document, "CommonData/TemplatePage")
    }
    listed = each(document, "Pages/Page")
    places = [path_of(folder, attribute_of(page, "BaseLoc")) for page in listed]
    idents = [attribute_of(page, "ID") for page in listed]
    annotations, damage = _annotations(archive, document, folder)
    if not places:
        raise ReadError(Reason.DAMAGED, "an OFD without a page")
    if len(places) > limits.PAGES:
        raise ReadError(Reason.TOO_LARGE, f"{len(places)} pages, the limit is {limits.PAGES}")
    for number, (where, ident) in enumerate(zip(places, idents, strict=True), 1):
        try:
            parts = _page_parts(archive, where, templates)
        except ReadError as error:
            if error.reason is not Reason.DAMAGED:
                raise
            yield _damaged_page(number, area, error.detail)
            continue
        own_area = box_of(text_at(parts[-1], "Area/PhysicalBox")) or area
        content = _read_page(number, own_area, parts, annotations.get(ident, ()))
        yield replace(content, damage=damage)


def _page_parts(archive: Archive, where: str, templates: dict[str, str]) -> list[etree._Element]:
    """A page behind the templates that lie under it."""
    page = _read_page_part(archive, where)
    named = (attribute_of(e, "TemplateID") for e in each(page, "Template"))
    return [*(_read_page_part(archive, templates[t]) for t in named if t in templates), page]


def _annotations(
    archive: Archive, document: etree._Element, folder: str
) -> tuple[dict[str, list[Appearance]], str]:
    """The annotations of each page; none, and why, where their parts are damaged."""
    try:
        return read_annotations(archive, document, folder), ""
    except ReadError as error:
        if error.reason is not Reason.DAMAGED:
            raise
        return {}, f"annotations: {error.detail}"


def _read_page_part(archive: Archive, name: str) -> etree._Element:
    """The root of a page or template; ReadError DAMAGED for any other part in its place."""
    root = read_part(archive, name)
    if local_name(root) != "Page":
        raise ReadError(Reason.DAMAGED, f"{name} is no page")
    return root


def _damaged_page(number: int, area: Box, why: str) -> PageContent:
    width, height = area[2] * POINT, area[3] * POINT
    return PageContent(number, width, height, glyphs_from([]), [], 0.0, 0, 0, damage=why)


def _read_page(
    number: int, area: Box, parts: list[etree._Element], over: Sequence[Appearance]
) -> PageContent:
    left, top, width, height = area
    rules: list[RulingLine] = []
    pictures, drawn = 0.0, 0
    objects = [*_placed_objects(parts), *_annotation_objects(over)]
    for kind, element, box in objects:
        if kind == "PathObject":
            drawn += 1
            rules += _rules(element, (box[0] - left, box[1] - top))
        elif kind == "ImageObject":
            pictures += box[2] * box[3] / max(1.0, width * height)
    glyphs, remarks = _read_seen_glyphs(objects, (left, top))
    return PageContent(
        number,
        width * POINT,
        height * POINT,
        glyphs_from(glyphs),
        rules,
        min(1.0, pictures),
        drawn,
        0,
        remarks=remarks,
        pictures=[
            _in_points(box, (left, top))
            for kind, element, box in objects
            if kind in _SEEN_AS_PICTURES or _has_glyphs_alone(element)
        ],
    )


def _has_glyphs_alone(element: etree._Element) -> bool:
    """Whether a text object shows glyphs by their numbers in the font and says no characters."""
    if local_name(element) != "TextObject" or not each(element, "CGTransform/Glyphs"):
        return False
    return not any((code.text or "").strip() for code in each(element, "TextCode"))


def _in_points(box: Box, corner: Point) -> BBox:
    left, top = (box[0] - corner[0]) * POINT, (box[1] - corner[1]) * POINT
    return left, top, left + box[2] * POINT, top + box[3] * POINT


def _read_seen_glyphs(
    objects: Sequence[_PlacedObject], corner: Point
) -> tuple[list[Glyph], tuple[str, ...]]:
    """The characters that a person sees and reads as text of the page, and remarks on others.

    Where hardly any others stand on the page, it is the page that is slanted.
    """
    glyphs: list[Glyph] = []
    slanted: list[Glyph] = []
    behind: list[Box] = []
    remarks: list[str] = []
    for kind, element, box in objects:
        if kind != "TextObject":
            if kind == "ImageObject" or attribute_of(element, "Fill").lower() == "true":
                behind.append(box)
            continue
        if is_seen(element, behind, box):
            held = slanted if is_slanted(matrix_of(element)) else glyphs
            held += _read_glyphs(element, (box[0] - corner[0], box[1] - corner[1]))
        elif UNSEEN_REMARK not in remarks:
            remarks.append(UNSEEN_REMARK)
    if slanted and len(glyphs) > FEW_GLYPHS:
        return glyphs, (*remarks, SLANTED_REMARK)
    return glyphs + slanted, tuple(remarks)


def _placed_objects(
    parts: list[etree._Element],
) -> Iterator[_PlacedObject]:
    """The texts, paths and pictures of a page with their boundaries, as they are painted."""
    for part in parts:
        for element in part.iter():
            kind = local_name(element)
            if kind in _KINDS:
                box = box_of(attribute_of(element, "Boundary"))
                if box is not None:
                    yield kind, element, box


def _annotation_objects(over: Sequence[Appearance]) -> Iterator[_PlacedObject]:
    """What annotations show, painted over the page."""
    for left, top, appearance in over:
        for kind, element, box in _placed_objects([appearance]):
            yield kind, element, (box[0] + left, box[1] + top, box[2], box[3])


def _read_glyphs(element: etree._Element, origin: Point) -> Iterator[Glyph]:
    """The characters of a text object (11.2, 11.3): the first at X, Y, each next by DeltaX and
    DeltaY.
    """
    matrix = matrix_of(element)
    em = length_of(element, "Size", 3.5)
    width = em * length_of(element, "HScale", 1.0)
    turn = _turn(matrix)
    along = abs(matrix[0]) or abs(matrix[1]) or 1.0
    height = em * (abs(matrix[3]) or abs(matrix[1]) or 1.0)
    x = y = 0.0
    for code in each(element, "TextCode"):
        x, y = length_of(code, "X", x), length_of(code, "Y", y)
        text = code.text or ""
        for i, (place, own, step) in enumerate(_placed(code, text, (x, y), width)):
            if text[i].isspace():
                continue
            at = _moved(place, matrix)
            yield Glyph(
                text[i],
                (origin[0] + at[0]) * POINT,
                (origin[1] + at[1]) * POINT,
                min(own, abs(step) or own) * along * POINT,
                height * POINT,
                turn,
                typed=i > 0 and text[i - 1].isspace(),
            )


def _placed(
    code: etree._Element, text: str, start: Point, width: float
) -> Iterator[tuple[Point, float, float]]:
    """For each character of a TextCode its place, its own width, and the step to the next, before
    the matrix; `width` is that of a Chinese character.
    """
    steps, rises = _deltas(attribute_of(code, "DeltaX")), _deltas(attribute_of(code, "DeltaY"))
    x, y = start
    for i, char in enumerate(text):
        own = width * (1.0 if ord(char) >= _WIDE else 0.5)
        step = steps[i] if i < len(steps) else (own if not rises else 0.0)
        yield (x, y), own, step
        x += step
        y += rises[i] if i < len(rises) else 0.0


def _deltas(text: str) -> list[float]:
    """Distances from character to character; "g n d" stands for n times d (11.3)."""
    out: list[float] = []
    words = text.split()
    i = 0
    while i < len(words):
        if words[i] == "g" and i + 2 < len(words):
            count, step = numbers_in(words[i + 1]), numbers_in(words[i + 2])
            out += step[:1] * min(int(count[0]) if count else 0, limits.CELL_CHARACTERS)
            i += 3
        else:
            out += numbers_in(words[i])
            i += 1
    return out


def _turn(matrix: Matrix) -> int:
    """How many quarter turns counter-clockwise the matrix turns text."""
    a, b = matrix[0], matrix[1]
    if abs(a) >= abs(b):
        return 0 if a >= 0 else 2
    return 3 if b > 0 else 1


def _moved(point: Point, matrix: Matrix) -> Point:
    a, b, c, d, e, f = matrix
    return a * point[0] + c * point[1] + e, b * point[0] + d * point[1] + f


def _rules(element: etree._Element, origin: Point) -> Iterator[RulingLine]:
    """The straight pieces of a path (9.1, 9.3): those that are stroked, and the sides of thin
    filled shapes.
    """
    data = " ".join((e.text or "") for e in each(element, "AbbreviatedData"))
    matrix = matrix_of(element)
    pieces, points = _pieces(data, matrix)
    stroked = attribute_of(element, "Stroke").lower() != "false"
    if not stroked:
        xs, ys = [p[0] for p in points], [p[1] for p in points]
        if not points or min(max(xs) - min(xs), max(ys) - min(ys)) > _THIN_MM:
            return  # shading
    width = length_of(element, "LineWidth", 0.353)
    for (x0, y0), (x1, y1) in pieces:
        ends = (
            (origin[0] + x0) * POINT,
            (origin[1] + y0) * POINT,
            (origin[0] + x1) * POINT,
            (origin[1] + y1) * POINT,
        )
        yield RulingLine(*ends, width=width * POINT)


def _pieces(data: str, matrix: Matrix) -> tuple[list[tuple[Point, Point]], list[Point]]:
    """The straight pieces and all end points of abbreviated path data."""
    pieces: list[tuple[Point, Point]] = []
    points: list[Point] = []
    start = here = (0.0, 0.0)
    words = re.findall(rf"[SMLQBAC]|{NUMBER.pattern}", data)
    i = 0
    while i < len(words):
        operator = words[i]
        count = _OPERANDS.get(operator)
        operands = words[i + 1 : i + 1 + (count or 0)]
        if count is None or len(operands) < count or any(o in _OPERANDS for o in operands):
            i += 1
            continue
        i += 1 + count
        if operator == "C":
            if here != start:
                pieces.append((here, start))
            here = start
            continue
        end = _moved((float(operands[-2]), float(operands[-1])), matrix)
        points.append(end)
        if operator == "L":
            pieces.append((here, end))
        elif operator in "SM":
            start = end
        here = end
    return pieces, points
