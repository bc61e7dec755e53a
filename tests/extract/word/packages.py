"""Word packages of a few lines of WordprocessingML, and what the reader gives of them."""

import io
import zipfile

from extract.document import Grid
from extract.word.docx import read

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"

OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def package(
    body: str, ns: str = W, main: str = "word/document.xml", core: str | None = None
) -> bytes:
    """A docx whose body is `body`."""
    document = (
        f'<?xml version="1.0" encoding="UTF-8"?><w:document xmlns:w="{ns}" '
        'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
        'xmlns:wps="urn:wps" '
        f'xmlns:v="urn:schemas-microsoft-com:vml"><w:body>{body}<w:sectPr/></w:body></w:document>'
    )
    relations = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        f'<Relationship Id="rId1" Type="{OFFICE}/officeDocument" Target="{main}"/></Relationships>'
    )
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("_rels/.rels", relations)
        archive.writestr(main, document)
        if core is not None:
            archive.writestr("docProps/core.xml", core)
    return stream.getvalue()


def p(text: str) -> str:
    return f'<w:p><w:r><w:t xml:space="preserve">{text}</w:t></w:r></w:p>'


def tc(
    text: str = "",
    span: int = 1,
    merge: str = "",
    width: int | None = None,
    inner: str | None = None,
) -> str:
    """A cell; `merge` is "restart" or "continue"."""
    properties = f'<w:tcW w:w="{width}" w:type="dxa"/>' if width is not None else ""
    properties += f'<w:gridSpan w:val="{span}"/>' if span > 1 else ""
    properties += {"restart": '<w:vMerge w:val="restart"/>', "continue": "<w:vMerge/>"}.get(
        merge, ""
    )
    return f"<w:tc><w:tcPr>{properties}</w:tcPr>{p(text) if inner is None else inner}</w:tc>"


def tr(*cells: str, properties: str = "") -> str:
    return f"<w:tr><w:trPr>{properties}</w:trPr>{''.join(cells)}</w:tr>"


def tbl(*rows: str, grid: list[int] | None = None) -> str:
    columns = "".join(f'<w:gridCol w:w="{w}"/>' for w in grid or [])
    return f"<w:tbl><w:tblPr/><w:tblGrid>{columns}</w:tblGrid>{''.join(rows)}</w:tbl>"


def only_grid(body: str) -> Grid:
    grids = read(package(body)).grids
    assert len(grids) == 1
    return grids[0]


def box(inner: str, alternative: str) -> str:
    return (
        "<w:r><mc:AlternateContent><mc:Choice "
        f"Requires='wps'><w:drawing><wps:wsp><wps:txbx><w:txbxContent>{inner}</w:txbxContent></wps:txbx></wps:wsp>"
        f"</w:drawing></mc:Choice><mc:Fallback><w:pict><v:shape><v:textbox><w:txbxContent>{alternative}</w:txbxContent></v:textbox></v:shape></w:pict>"
        "</mc:Fallback></mc:AlternateContent></w:r>"
    )


INNER = tbl(tr(tc("甲"), tc("乙")), tr(tc("1"), tc("2")))

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
