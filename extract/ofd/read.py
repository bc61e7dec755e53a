"""OFD documents (GB/T 33190-2016, the national format for fixed layouts): a zip of XML with placed
text and paths.

`read(data)` gives the `Document` that `extract.layout.pages` makes of the pages. `pages(data)`
gives a `PageContent` a page: each character with the origin, advance and size that the file states,
each straight piece of a path as a rule. Lengths are millimetres in the file and points here.
Templates lie under the pages that name them. Numbers of the standard's clauses stand beside what
follows them.

Raises ReadError: DAMAGED, ENCRYPTED, TOO_LARGE, ARCHIVE_GUARD, XML_GUARD, and READER_MISSING for
pictures only. Out of scope: annotations, signatures and seals, composite objects from resources,
glyph ids without characters, and pictures (a page of pictures alone is a scan).
"""

import posixpath
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from lxml import etree

from extract import limits
from extract.archive import Archive, open_archive, parse_xml
from extract.document import Document, ReadError, Reason
from extract.layout.pages import FEW_GLYPHS, PageContent, build_document
from extract.layout.ruling_lines import RulingLine
from extract.layout.text_lines import Glyph, glyphs_from
from extract.ofd.visible import SLANTED_REMARK, UNSEEN_REMARK, is_seen, is_slanted

READER: Final = "ofd"
POINT: Final = 72 / 25.4  # points a millimetre
_A4: Final = (0.0, 0.0, 210.0, 297.0)
_THIN_MM: Final = 1.0  # a filled shape no thicker than this is a line
_NUMBER: Final = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")
_OPERANDS: Final = {"S": 2, "M": 2, "L": 2, "Q": 4, "B": 6, "A": 7, "C": 0}  # 9.3, table 35
_WIDE: Final = 0x2E80  # characters from here on are as wide as they are high

Box = tuple[float, float, float, float]
Matrix = tuple[float, float, float, float, float, float]
Point = tuple[float, float]
_PlacedObject = tuple[str, etree._Element, Box]  # its kind, and its boundary
_PLAIN: Final[Matrix] = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)


def read(data: bytes) -> Document:
    """The document as paragraphs and grids in order. Of a package of several documents the first is
    read, and the next is named in the fact `second_document`.
    """
    document = build_document(pages(data), READER)
    bodies = _each(_part(open_archive(data), "OFD.xml"), "DocBody")
    if len(bodies) < 2:
        return document
    title = _text(bodies[1], "DocInfo/Title").strip() or _text(bodies[1], "DocRoot")
    return replace(document, facts=(*document.facts, ("second_document", title)))


def pages(data: bytes) -> Iterator[PageContent]:
    """The pages of the first document in the package, in order."""
    archive = open_archive(data)
    root = _part(archive, "OFD.xml")
    if any("encryp" in name.lower() for name in archive.names):
        raise ReadError(Reason.ENCRYPTED, "the OFD opens with a password only; save it without one")
    place = _text(root, "DocBody/DocRoot")
    document = _part(archive, _path("", place))
    folder = posixpath.dirname(_path("", place))
    area = _box(_text(document, "CommonData/PageArea/PhysicalBox")) or _A4
    templates = {
        _name(t, "ID"): _path(folder, _name(t, "BaseLoc"))
        for t in _each(document, "CommonData/TemplatePage")
    }
    places = [_path(folder, _name(page, "BaseLoc")) for page in _each(document, "Pages/Page")]
    if not places:
        raise ReadError(Reason.DAMAGED, "an OFD without a page")
    if len(places) > limits.PAGES:
        raise ReadError(Reason.TOO_LARGE, f"{len(places)} pages, the limit is {limits.PAGES}")
    for number, where in enumerate(places, 1):
        page = _part(archive, where)
        under = [
            _part(archive, templates[t])
            for t in (_name(e, "TemplateID") for e in _each(page, "Template"))
            if t in templates
        ]
        yield _read_page(number, _box(_text(page, "Area/PhysicalBox")) or area, [*under, page])


# --- XML


def _part(archive: Archive, name: str) -> etree._Element:
    if name not in archive.names:
        raise ReadError(Reason.DAMAGED, f"the OFD lacks its part {name or 'without a name'}")
    return parse_xml(archive.read(name))


def _path(folder: str, place: str) -> str:
    """A place as the package names it: from the root where it begins with /, else from the folder
    of the part that names it.
    """
    return posixpath.normpath(
        place.lstrip("/") if place.startswith("/") else posixpath.join(folder, place)
    ).lstrip("/")


def _local(element: etree._Element) -> str:
    return etree.QName(element).localname if isinstance(element.tag, str) else ""


def _each(element: etree._Element, path: str) -> list[etree._Element]:
    """The elements at a path of local names: files differ in the namespace that they declare."""
    found = [element]
    for step in path.split("/"):
        found = [child for parent in found for child in parent if _local(child) == step]
    return found


def _text(element: etree._Element, path: str) -> str:
    found = _each(element, path)
    return (found[0].text or "").strip() if found else ""


def _name(element: etree._Element, attribute: str) -> str:
    return (element.get(attribute) or "").strip()


def _numbers(text: str) -> list[float]:
    return [float(n) for n in _NUMBER.findall(text)]


def _length(element: etree._Element, attribute: str, default: float) -> float:
    """An attribute's number; the default where there is none."""
    return next(iter(_numbers(_name(element, attribute))), default)


def _box(text: str) -> Box | None:
    numbers = _numbers(text)
    return (numbers[0], numbers[1], numbers[2], numbers[3]) if len(numbers) == 4 else None


def _matrix(element: etree._Element) -> Matrix:
    n = _numbers(_name(element, "CTM"))
    return (n[0], n[1], n[2], n[3], n[4], n[5]) if len(n) == 6 else _PLAIN


# --- a page


def _read_page(number: int, area: Box, parts: list[etree._Element]) -> PageContent:
    left, top, width, height = area
    rules: list[RulingLine] = []
    pictures, drawn = 0.0, 0
    objects = list(_placed_objects(parts))
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
    )


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
            if kind == "ImageObject" or _name(element, "Fill").lower() == "true":
                behind.append(box)
            continue
        if is_seen(element, behind, box):
            held = slanted if is_slanted(_matrix(element)) else glyphs
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
            kind = _local(element)
            if kind in ("TextObject", "PathObject", "ImageObject"):
                box = _box(_name(element, "Boundary"))
                if box is not None:
                    yield kind, element, box


def _read_glyphs(element: etree._Element, origin: Point) -> Iterator[Glyph]:
    """The characters of a text object (11.2, 11.3): the first at X, Y, each next by DeltaX and
    DeltaY.
    """
    matrix = _matrix(element)
    em = _length(element, "Size", 3.5)
    width = em * _length(element, "HScale", 1.0)
    turn = _turn(matrix)
    along = abs(matrix[0]) or abs(matrix[1]) or 1.0
    height = em * (abs(matrix[3]) or abs(matrix[1]) or 1.0)
    x = y = 0.0
    for code in _each(element, "TextCode"):
        x, y = _length(code, "X", x), _length(code, "Y", y)
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
    steps, rises = _deltas(_name(code, "DeltaX")), _deltas(_name(code, "DeltaY"))
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
            count, step = _numbers(words[i + 1]), _numbers(words[i + 2])
            out += step[:1] * min(int(count[0]) if count else 0, limits.CELL_CHARACTERS)
            i += 3
        else:
            out += _numbers(words[i])
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
    data = " ".join((e.text or "") for e in _each(element, "AbbreviatedData"))
    matrix = _matrix(element)
    pieces, points = _pieces(data, matrix)
    stroked = _name(element, "Stroke").lower() != "false"
    if not stroked:
        xs, ys = [p[0] for p in points], [p[1] for p in points]
        if not points or min(max(xs) - min(xs), max(ys) - min(ys)) > _THIN_MM:
            return  # shading
    width = _length(element, "LineWidth", 0.353)
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
    words = re.findall(rf"[SMLQBAC]|{_NUMBER.pattern}", data)
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
