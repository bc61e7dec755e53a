"""Annotations and form fields of a PDF page: what a person sees of them becomes a part of the page.

`merge_annotations(page)` puts the appearances of notes, stamps, drawings and fields into the page's
content, where they are read as all else, and gives the boxes of those that are seen and cannot be
read so: strokes of a pen, and text without an appearance, which each viewer draws in its own way.
Comments that only open by a click, links and markings of text change nothing that stands on the
page and are left out. Through pdfium.
"""

import ctypes
from typing import Any, Final

import pypdfium2.raw as pdfium

from extract.document import BBox

_LEFT_OUT: Final = frozenset(
    {
        pdfium.FPDF_ANNOT_TEXT,
        pdfium.FPDF_ANNOT_LINK,
        pdfium.FPDF_ANNOT_POPUP,
        pdfium.FPDF_ANNOT_HIGHLIGHT,
        pdfium.FPDF_ANNOT_UNDERLINE,
        pdfium.FPDF_ANNOT_SQUIGGLY,
        pdfium.FPDF_ANNOT_FILEATTACHMENT,
    }
)
# seen, and no text of the page
_WITHOUT_TEXT: Final = frozenset({pdfium.FPDF_ANNOT_INK, pdfium.FPDF_ANNOT_POLYGON})
_WITH_TEXT: Final = frozenset(
    {pdfium.FPDF_ANNOT_FREETEXT, pdfium.FPDF_ANNOT_WIDGET, pdfium.FPDF_ANNOT_STAMP}
)
_UNSEEN: Final = pdfium.FPDF_ANNOT_FLAG_HIDDEN | pdfium.FPDF_ANNOT_FLAG_NOVIEW
_EMPTY: Final = 2  # bytes of an empty string, its end included


def merge_annotations(page: Any) -> tuple[list[BBox], bool]:
    """The boxes, in the page's own coordinates, of what is seen and not read, and whether the
    page's content was changed: then it must be opened anew.
    """
    boxes: list[BBox] = []
    shown = 0
    for index in reversed(range(max(0, pdfium.FPDFPage_GetAnnotCount(page)))):
        annotation = pdfium.FPDFPage_GetAnnot(page, index)
        if not annotation:
            continue
        try:
            kind = pdfium.FPDFAnnot_GetSubtype(annotation)
            is_left_out = kind in _LEFT_OUT or pdfium.FPDFAnnot_GetFlags(annotation) & _UNSEEN
            if not is_left_out:
                shown += 1
                boxes += _unread_box(annotation, kind)
        finally:
            pdfium.FPDFPage_CloseAnnot(annotation)
        if is_left_out:
            pdfium.FPDFPage_RemoveAnnot(page, index)
    is_changed = shown > 0 and (
        pdfium.FPDFPage_Flatten(page, pdfium.FLAT_NORMALDISPLAY) == pdfium.FLATTEN_SUCCESS
    )
    return boxes, is_changed


def _unread_box(annotation: Any, kind: int) -> list[BBox]:
    """The box of an annotation that is seen and not read, if it is one."""
    has_appearance = pdfium.FPDFAnnot_GetAP(annotation, 0, None, 0) > _EMPTY
    is_unread = kind in _WITHOUT_TEXT or (
        kind in _WITH_TEXT and not has_appearance and _shows_text(annotation, kind)
    )
    if not is_unread:
        return []
    held = pdfium.FS_RECTF()
    if not pdfium.FPDFAnnot_GetRect(annotation, ctypes.byref(held)):
        return []
    return [(held.left, held.bottom, held.right, held.top)]


def _shows_text(annotation: Any, kind: int) -> bool:
    key = b"V" if kind == pdfium.FPDF_ANNOT_WIDGET else b"Contents"
    return (
        kind == pdfium.FPDF_ANNOT_STAMP
        or int(pdfium.FPDFAnnot_GetStringValue(annotation, key, None, 0)) > _EMPTY
    )
