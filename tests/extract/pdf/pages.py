"""PDF pages drawn or written byte by byte for the tests."""

import zlib
from collections.abc import Callable
from io import BytesIO

from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

from tests.build.report import Anchor, TableLayout

PAIR = TableLayout(
    "",
    tuple(
        Anchor(t, r, c)
        for r, row in enumerate((("甲项", "12"), ("乙项", "34")))
        for c, t in enumerate(row)
    ),
    2,
    2,
)


def canvas(draw: Callable[[Canvas], None], **options: object) -> bytes:
    stream = BytesIO()
    page = Canvas(stream, A4, invariant=1, **options)
    draw(page)
    page.showPage()
    page.save()
    return stream.getvalue()


def written(*objects: bytes, trailer: bytes = b"") -> bytes:
    """A file of these objects, numbered from 1; the first is the catalogue."""
    out, at = bytearray(b"%PDF-1.7\n"), []
    for i, body in enumerate(objects, 1):
        at.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (i, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1) + b"".join(
        b"%010d 00000 n \n" % a for a in at
    )
    return bytes(
        out
        + b"trailer\n<</Size %d/Root 1 0 R%s>>\nstartxref\n%d\n%%%%EOF"
        % (len(objects) + 1, trailer.replace(b"START", b"%d" % start), start)
    )


CATALOGUE, PAGES = b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[3 0 R]/Count 1>>"

HELVETICA = b"<</Font<</F 5 0 R>>>>"

FONT_OBJECT = b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"

SHOW = b"BT /F 12 Tf 72 700 Td (report 1) Tj ET "


def stream(content: bytes, more: bytes = b"", packed: bool = False) -> bytes:
    body = zlib.compress(content, 9) if packed else content
    return b"<<%s%s/Length %d>>\nstream\n%s\nendstream" % (
        more,
        b"/Filter/FlateDecode" if packed else b"",
        len(body),
        body,
    )


def page(resources: bytes = HELVETICA, more: bytes = b"") -> bytes:
    return b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources %s%s>>" % (
        resources,
        more,
    )


def one_page(
    content: bytes,
    *others: bytes,
    resources: bytes = HELVETICA,
    catalogue: bytes = CATALOGUE,
    more: bytes = b"",
    packed: bool = False,
) -> bytes:
    return written(
        catalogue,
        PAGES,
        page(resources, more),
        stream(content, packed=packed),
        FONT_OBJECT,
        *others,
    )
