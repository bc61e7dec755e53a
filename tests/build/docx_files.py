"""Word files: one through python-docx, and the others as XML in the ways that Word, WPS and
LibreOffice write it.

`clean` and `raw` take a flow and give the bytes of a .docx. `Style` says how untidily `raw` writes;
nothing in it changes what a reader of the page would see. Cells are merged with gridSpan and
vMerge.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from itertools import pairwise
from random import Random
from typing import Final
from xml.sax.saxutils import escape

import docx
from docx.table import _Cell

from tests.build.packing import pack, repack
from tests.build.report import Anchor, Flow, Line, TableLayout

WIDTH: Final = 9000  # twips from margin to margin
_W: Final = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_PACKAGE: Final = "http://schemas.openxmlformats.org/package/2006"
_OFFICE: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def clean(blocks: Flow) -> bytes:
    """As python-docx writes it: true merges, one run a cell, headings as headings."""
    document = docx.Document()
    for block in blocks:
        if isinstance(block, Line):
            if block.role in ("title", "heading"):
                document.add_heading(block.text, 0 if block.role == "title" else 1)
            else:
                document.add_paragraph(block.text)
            continue
        table = document.add_table(block.n_rows, block.n_cols, style="Table Grid")
        # read once: every call of table.cell() walks the whole table
        cells: list[_Cell] = table._cells
        for a in block.anchors:
            cell = cells[a.row * block.n_cols + a.col]
            if a.row_span > 1 or a.col_span > 1:
                cell = cell.merge(
                    cells[(a.row + a.row_span - 1) * block.n_cols + a.col + a.col_span - 1]
                )
            cell.text = a.text
    out = BytesIO()
    document.save(out)
    return repack(out.getvalue())


@dataclass(frozen=True)
class Style:
    """How `raw` writes: `runs` puts every character in a run of its own between marks of the spell
    checker; `slivers` moves column edges by 10 to 40 twips from row to row; `wrap` is "" or "page"
    (all in one cell of a layout table) or "section" (each table in a cell of a table of its own);
    `controls` puts rows and cells into content controls; `tracked` leaves deleted and inserted text
    of an accepted reading behind; `breaks` prints labels over several paragraphs.
    """

    runs: bool = False
    slivers: bool = False
    wrap: str = ""
    controls: bool = False
    tracked: bool = False
    breaks: bool = False


def raw(blocks: Flow, style: Style, rng: Random) -> bytes:
    """The flow as a minimal package with hand-written XML."""
    body = "".join(
        _line(b, style, rng) if isinstance(b, Line) else _wrapped_table(b, style, rng)
        for b in blocks
    )
    if style.wrap == "page":
        grid = f'<w:tblGrid><w:gridCol w:w="{WIDTH}"/></w:tblGrid>'
        body = (
            f"<w:tbl>{_properties()}{grid}<w:tr><w:tc>"
            f"{_width(WIDTH)}{body}<w:p/></w:tc></w:tr></w:tbl><w:p/>"
        )
    document = (
        f'<w:document xmlns:w="{_W}"><w:body>{body}<w:sectPr><w:pgSz w:w="11906" '
        'w:h="16838"/></w:sectPr></w:body></w:document>'
    )
    head = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    types = "".join(
        f'<Override PartName="/{part}" ContentType="application/vnd.openxmlformats-{kind}+xml"/>'
        for part, kind in (
            ("word/document.xml", "officedocument.wordprocessingml.document.main"),
            ("word/styles.xml", "officedocument.wordprocessingml.styles"),
            ("docProps/core.xml", "package.core-properties"),
        )
    )
    rels = (
        '<Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    )
    core = (f"{_PACKAGE}/relationships/metadata/core-properties", "docProps/core.xml")
    members = {
        "[Content_Types].xml": (
            f'<Types xmlns="{_PACKAGE}/content-types">{rels}<Default Extension="xml" '
            f'ContentType="application/xml"/>{types}</Types>'
        ),
        "_rels/.rels": _relations((f"{_OFFICE}/officeDocument", "word/document.xml"), core),
        "word/document.xml": document,
        "word/_rels/document.xml.rels": _relations((f"{_OFFICE}/styles", "styles.xml")),
        "word/styles.xml": (
            f'<w:styles xmlns:w="{_W}"><w:style w:type="paragraph" w:default="1" '
            'w:styleId="a"/></w:styles>'
        ),
        "docProps/core.xml": f'<cp:coreProperties xmlns:cp="{_PACKAGE}/metadata/core-properties"/>',
    }
    return pack({name: (head + text).encode() for name, text in members.items()})


def _relations(*targets: tuple[str, str]) -> str:
    links = "".join(
        f'<Relationship Id="rId{i}" Type="{kind}" Target="{target}"/>'
        for i, (kind, target) in enumerate(targets, 1)
    )
    return f'<Relationships xmlns="{_PACKAGE}/relationships">{links}</Relationships>'


def _properties() -> str:
    borders = "".join(
        f'<w:{side} w:val="single" w:sz="4"/>'
        for side in ("top", "left", "bottom", "right", "insideH", "insideV")
    )
    return (
        f'<w:tblPr><w:tblW w:w="{WIDTH}" '
        f'w:type="dxa"/><w:tblBorders>{borders}</w:tblBorders></w:tblPr>'
    )


def _width(twips: int) -> str:
    return f'<w:tcPr><w:tcW w:w="{twips}" w:type="dxa"/></w:tcPr>'


def _text(text: str) -> str:
    lines = text.split("\n")
    return "<w:br/>".join(
        f'<w:t xml:space="preserve">{escape(line)}</w:t>' if line else "" for line in lines
    )


def _runs(text: str, style: Style, rng: Random) -> str:
    """The runs of one paragraph."""
    if not text:
        return ""
    if not style.runs:
        return f"<w:r>{_text(text)}</w:r>"
    out = []
    font = '<w:rPr><w:rFonts w:hint="eastAsia" w:eastAsia="仿宋_GB2312"/><w:sz w:val="21"/></w:rPr>'
    for char in text:
        mark = rng.random()
        if mark > 0.97:
            out.append('<w:bookmarkStart w:id="0" w:name="_GoBack"/><w:bookmarkEnd w:id="0"/>')
        run = f'<w:r w:rsidRPr="{rng.randrange(16**8):08X}">{font}{_text(char)}</w:r>'
        out.append(
            f'<w:proofErr w:type="spellStart"/>{run}<w:proofErr w:type="spellEnd"/>'
            if mark < 0.2
            else run
        )
    return "".join(out)


def _paragraphs(text: str, style: Style, rng: Random, label: bool) -> str:
    """The content of a cell.

    With `breaks` a label of more than four characters stands on two paragraphs.
    """
    parts = [text]
    if style.breaks and label and len(text) > 4:
        middle = len(text) // 2
        parts = [text[:middle], text[middle:]]
    out = "".join(
        f'<w:p><w:pPr><w:jc w:val="center"/></w:pPr>{_runs(part, style, rng)}</w:p>'
        for part in parts
    )
    if style.tracked and not label and rng.random() < 0.3:
        change = 'w:id="7" w:author="x" w:date="2020-01-01T00:00:00Z"'
        gone = f"<w:del {change}><w:r><w:delText>{rng.randrange(10, 99)}</w:delText></w:r></w:del>"
        runs = _runs(text, style, rng)
        kept = f"<w:ins {change}>{runs}</w:ins>" if runs else ""
        out = f"<w:p>{gone}{kept}</w:p>"
    return out


def _line(line: Line, style: Style, rng: Random) -> str:
    return f"<w:p>{_runs(line.text, style, rng)}</w:p>"


def _wrapped_table(table: TableLayout, style: Style, rng: Random) -> str:
    inner = _table(table, style, rng)
    if style.wrap != "section":
        return inner + "<w:p/>"
    side = 400
    row = (
        f"<w:tr><w:tc>{_width(side)}<w:p/></w:tc><w:tc>"
        f"{_width(WIDTH - side)}{inner}<w:p/></w:tc></w:tr>"
    )
    return (
        f'<w:tbl>{_properties()}<w:tblGrid><w:gridCol w:w="{side}"/><w:gridCol '
        f'w:w="{WIDTH - side}"/></w:tblGrid>{row}</w:tbl><w:p/>'
    )


def _table(table: TableLayout, style: Style, rng: Random) -> str:
    edges = _edges(table, rng if style.slivers else None)
    grid = sorted({edge for row in edges for edge in row})
    at = {edge: i for i, edge in enumerate(grid)}
    columns = "".join(f'<w:gridCol w:w="{b - a}"/>' for a, b in pairwise(grid))
    rows = []
    for r, line in enumerate(table.matrix()):
        cells, c = [], 0
        while c < table.n_cols:
            a = line[c]
            width = a.col_span if a else 1
            left, right = edges[r][c], edges[r][c + width]
            cells.append(_cell(a, r, right - left, at[right] - at[left], style, rng))
            c += width
        row = f'<w:tr w:rsidR="00A77B3E">{"".join(cells)}</w:tr>'
        rows.append(
            f"<w:sdt><w:sdtPr/><w:sdtContent>{row}</w:sdtContent></w:sdt>"
            if style.controls and rng.random() < 0.3
            else row
        )
    return f"<w:tbl>{_properties()}<w:tblGrid>{columns}</w:tblGrid>{''.join(rows)}</w:tbl>"


def _cell(a: Anchor | None, row: int, twips: int, span: int, style: Style, rng: Random) -> str:
    begins = a is not None and a.row == row
    merge = ""
    if a is not None and a.row_span > 1:
        merge = '<w:vMerge w:val="restart"/>' if begins else "<w:vMerge/>"
    grid = f'<w:gridSpan w:val="{span}"/>' if span > 1 else ""
    content = (
        _paragraphs(a.text, style, rng, a.key is None) if a is not None and begins else "<w:p/>"
    )
    if style.controls and begins and rng.random() < 0.3:
        content = f"<w:sdt><w:sdtPr/><w:sdtContent>{content}</w:sdtContent></w:sdt>"
    return (
        f'<w:tc><w:tcPr><w:tcW w:w="{twips}" w:type="dxa"/>{grid}{merge}</w:tcPr>{content}</w:tc>'
    )


def _edges(table: TableLayout, rng: Random | None) -> list[list[int]]:
    """The column edges of each row in twips.

    With `rng` inner edges move a little, but a cell merged over rows keeps its own.
    """
    even = [WIDTH * c // table.n_cols for c in range(table.n_cols + 1)]
    edges = [list(even) for _ in range(table.n_rows)]
    if rng is None:
        return edges
    for row in edges:
        shift: Sequence[int] = (0, 10, 30)
        row[1:-1] = [edge + rng.choice(shift) for edge in row[1:-1]]
    for a in table.anchors:
        for r in range(a.row, a.row + a.row_span):
            if a.row_span > 1:
                edges[r][a.col], edges[r][a.col + a.col_span] = (
                    even[a.col],
                    even[a.col + a.col_span],
                )
    return edges
