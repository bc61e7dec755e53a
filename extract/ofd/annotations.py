"""What annotations show on the pages of an OFD package (GB/T 33190-2016, 15).

`read_annotations(archive, document, folder)` gives for each page, by its ID, the appearances with
the corner that their objects are placed from: text written over a page, stamps, strokes. Markings
of text and links change nothing that stands there and are left out, and so is what is not visible.
"""

import posixpath
from typing import Final

from lxml import etree

from extract.archive import Archive
from extract.ofd.package import attribute_of, box_of, each, path_of, read_part, text_at

Appearance = tuple[float, float, etree._Element]

_LEFT_OUT: Final = frozenset({"highlight", "link"})


def read_annotations(
    archive: Archive, document: etree._Element, folder: str
) -> dict[str, list[Appearance]]:
    """The appearances over each page; raises ReadError DAMAGED for a part that is named and broken
    or not there.
    """
    place = text_at(document, "Annotations")
    if not place:
        return {}
    where = path_of(folder, place)
    found: dict[str, list[Appearance]] = {}
    for page in each(read_part(archive, where), "Page"):
        part = path_of(posixpath.dirname(where), text_at(page, "FileLoc"))
        annotations = each(read_part(archive, part), "Annot")
        shown = [a for annotation in annotations for a in _appearances(annotation)]
        found.setdefault(attribute_of(page, "PageID"), []).extend(shown)
    return found


def _appearances(annotation: etree._Element) -> list[Appearance]:
    is_hidden = attribute_of(annotation, "Visible").lower() == "false"
    if is_hidden or attribute_of(annotation, "Type").lower() in _LEFT_OUT:
        return []
    return [
        (*(box_of(attribute_of(shown, "Boundary")) or (0.0, 0.0))[:2], shown)
        for shown in each(annotation, "Appearance")
    ]
