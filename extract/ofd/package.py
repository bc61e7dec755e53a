"""The parts of an OFD package and what their elements state (GB/T 33190-2016, 6 and 7)."""

import posixpath
import re
from typing import Final

from lxml import etree

from extract.archive import Archive, parse_xml
from extract.document import ReadError, Reason

NUMBER: Final = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")

Box = tuple[float, float, float, float]  # left, top, width, height in millimetres
Matrix = tuple[float, float, float, float, float, float]
_PLAIN: Final[Matrix] = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)


def read_part(archive: Archive, name: str) -> etree._Element:
    if name not in archive.names:
        raise ReadError(Reason.DAMAGED, f"the OFD lacks its part {name or 'without a name'}")
    return parse_xml(archive.read(name))


def path_of(folder: str, place: str) -> str:
    """A place as the package names it: from the root where it begins with /, else from the folder
    of the part that names it.
    """
    return posixpath.normpath(
        place.lstrip("/") if place.startswith("/") else posixpath.join(folder, place)
    ).lstrip("/")


def local_name(element: etree._Element) -> str:
    return etree.QName(element).localname if isinstance(element.tag, str) else ""


def each(element: etree._Element, path: str) -> list[etree._Element]:
    """The elements at a path of local names: files differ in the namespace that they declare."""
    found = [element]
    for step in path.split("/"):
        found = [child for parent in found for child in parent if local_name(child) == step]
    return found


def text_at(element: etree._Element, path: str) -> str:
    found = each(element, path)
    return (found[0].text or "").strip() if found else ""


def attribute_of(element: etree._Element, attribute: str) -> str:
    return (element.get(attribute) or "").strip()


def numbers_in(text: str) -> list[float]:
    return [float(n) for n in NUMBER.findall(text)]


def length_of(element: etree._Element, attribute: str, default: float) -> float:
    """An attribute's number; the default where there is none."""
    return next(iter(numbers_in(attribute_of(element, attribute))), default)


def box_of(text: str) -> Box | None:
    numbers = numbers_in(text)
    return (numbers[0], numbers[1], numbers[2], numbers[3]) if len(numbers) == 4 else None


def matrix_of(element: etree._Element) -> Matrix:
    n = numbers_in(attribute_of(element, "CTM"))
    return (n[0], n[1], n[2], n[3], n[4], n[5]) if len(n) == 6 else _PLAIN
