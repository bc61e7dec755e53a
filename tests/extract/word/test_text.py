"""The text of paragraphs, cells and boxes as a person sees it: runs, signs, what is hidden."""

import io

import docx
import pytest
from docx.enum.style import WD_STYLE_TYPE
from lxml import etree

from extract.document import texts
from extract.word.docx import document_of, read
from tests.extract.documents import rows_of
from tests.extract.word.packages import W, box, only_grid, p, package, tbl, tc, tr


def only_line(runs: str) -> str:
    lines = texts(read(package(f"<w:p>{runs}</w:p>")).blocks)
    assert len(lines) == 1
    return lines[0]


def test_runs_are_joined_with_nothing_between() -> None:
    assert (
        only_line(
            "<w:r><w:t>政府信</w:t></w:r><w:proofErr "
            'w:type="spellStart"/><w:r><w:t>息公</w:t></w:r><w:r><w:t>开</w:t></w:r>'
        )
        == "政府信息公开"
    )


def test_deleted_hidden_and_instructions_are_no_text() -> None:
    runs = (
        "<w:r><w:t>a</w:t></w:r><w:del><w:r><w:delText>gone</w:delText></w:r></w:del><w:moveFrom><w:r><w:t>gone</w:t></w:r></w:moveFrom>"
        "<w:ins><w:r><w:t>b</w:t></w:r></w:ins><w:r><w:rPr><w:vanish/></w:rPr><w:t>gone</w:t></w:r>"
        '<w:r><w:rPr><w:vanish w:val="0"/></w:rPr><w:t>c</w:t></w:r>'
        "<w:r><w:fldChar "
        'w:fldCharType="begin"/></w:r><w:r><w:instrText>PAGE</w:instrText></w:r><w:r><w:fldChar '
        'w:fldCharType="separate"/></w:r>'
        '<w:r><w:t>7</w:t></w:r><w:r><w:fldChar w:fldCharType="end"/></w:r><w:fldSimple '
        'w:instr="DATE"><w:r><w:t>8</w:t></w:r></w:fldSimple>'
        "<w:r><w:footnoteReference/></w:r>"
    )
    assert only_line(runs) == "abc78"


def test_signs_within_a_run() -> None:
    assert (
        only_line(
            "<w:r><w:t>1</w:t><w:noBreakHyphen/><w:t>2</w:t><w:tab/><w:t>3</w:t><w:sym "
            'w:font="Symbol" w:char="00B1"/></w:r>'
        )
        == "1-2\t3±"
    )
    assert texts(
        read(package("<w:p><w:r><w:t>上</w:t><w:br/><w:t>下</w:t></w:r></w:p>")).blocks
    ) == ["上", "下"]


def test_blanks_count_only_where_they_are_preserved() -> None:
    assert only_line("<w:r><w:t>1 </w:t></w:r><w:r><w:t>2</w:t></w:r>") == "12"
    assert (
        only_line('<w:r><w:t xml:space="preserve">1 </w:t></w:r><w:r><w:t>2</w:t></w:r>') == "1 2"
    )


def test_wrappers_are_looked_through() -> None:
    body = (
        f"<w:sdt><w:sdtPr><w:alias/></w:sdtPr><w:sdtContent>{p('一')}</w:sdtContent></w:sdt>"
        "<w:p><w:hyperlink><w:r><w:t>二</w:t></w:r></w:hyperlink><w:smartTag><w:r><w:t>三</w:t></w:r></w:smartTag></w:p>"
        f"<w:customXml>{p('四')}</w:customXml>"
    )
    assert texts(read(package(body)).blocks) == ["一", "二三", "四"]


def test_a_text_box_is_read_once_and_before_its_anchor() -> None:
    assert texts(
        read(package(f"<w:p>{box(p('标题'), p('标题'))}<w:r><w:t>正文</w:t></w:r></w:p>")).blocks
    ) == ["标题", "正文"]
    assert texts(read(package(f"<w:p>{box('<w:p/>', p('旧标题'))}</w:p>")).blocks) == ["旧标题"]


def test_a_table_in_a_text_box_is_a_grid() -> None:
    grid = only_grid(f"<w:p>{box(tbl(tr(tc('a'), tc('1'))), tbl(tr(tc('a'), tc('1'))))}</w:p>")
    assert rows_of(grid) == [["a", "1"]]


@pytest.mark.parametrize(
    ("marks", "text"),
    [
        ("<w:strike/>", "111"),
        ("<w:dstrike/>", "111"),
        ('<w:strike w:val="0"/>', "99111"),
        ('<w:vertAlign w:val="superscript"/>', "⁹⁹111"),
    ],
)
def test_struck_and_raised_digits_join_no_number(marks: str, text: str) -> None:
    def cell(runs: str) -> str:
        return f"<w:tc><w:tcPr/><w:p>{runs}</w:p></w:tc>"

    plain = "<w:r><w:t>1</w:t></w:r>"
    marked = f"<w:r><w:rPr>{marks}</w:rPr><w:t>99</w:t></w:r><w:r><w:t>111</w:t></w:r>"
    rows = f"<w:tr>{cell(marked)}{cell(plain)}</w:tr><w:tr>{cell(plain)}{cell(plain)}</w:tr>"
    namespace = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    root = etree.fromstring(
        (
            f'<w:document xmlns:w="{namespace}"><w:body><w:tbl>{rows}</w:tbl></w:body></w:document>'
        ).encode()
    )
    assert document_of(root, "word/document.xml", ()).grids[0].cells[0].text == text


@pytest.mark.parametrize(
    ("mark", "text"),
    [("strike", "111"), ("superscript", "⁹⁹111"), ("hidden", "111"), ("bold", "99111")],
)
def test_what_a_character_style_strikes_through_joins_no_number(mark: str, text: str) -> None:
    document = docx.Document()
    style = document.styles.add_style("Own", WD_STYLE_TYPE.CHARACTER)
    setattr(style.font, mark, True)
    table = document.add_table(2, 2)
    for cell in (c for row in table.rows for c in row.cells):
        cell.text = "1"
    paragraph = table.cell(0, 0).paragraphs[0]
    paragraph.text = ""
    paragraph.add_run("99", style="Own")
    paragraph.add_run("111")
    stream = io.BytesIO()
    document.save(stream)
    assert read(stream.getvalue()).grids[0].cells[0].text == text


def _cell_text(content: str, styles: str = "") -> str:
    """What the first of two by two cells reads; `content` is that cell's paragraphs."""
    plain = "<w:tc><w:tcPr/><w:p><w:r><w:t>1</w:t></w:r></w:p></w:tc>"
    rows = f"<w:tr><w:tc><w:tcPr/>{content}</w:tc>{plain}</w:tr><w:tr>{plain}{plain}</w:tr>"
    root = etree.fromstring(
        f'<w:document xmlns:w="{W}"><w:body><w:tbl>{rows}</w:tbl></w:body></w:document>'.encode()
    )
    sheet = etree.fromstring(f'<w:styles xmlns:w="{W}">{styles}</w:styles>'.encode())
    return document_of(root, "word/document.xml", (), sheet).grids[0].cells[0].text


def _run(text: str, marks: str = "") -> str:
    return f"<w:r><w:rPr>{marks}</w:rPr><w:t>{text}</w:t></w:r>"


HIDDEN_STYLES = (
    '<w:style w:type="character" w:styleId="h"><w:rPr><w:vanish/></w:rPr></w:style>'
    '<w:style w:type="character" w:styleId="b"><w:basedOn w:val="h"/></w:style>'
    '<w:style w:type="character" w:styleId="s"><w:basedOn w:val="h"/><w:rPr>'
    '<w:vanish w:val="0"/></w:rPr></w:style>'
    '<w:style w:type="paragraph" w:styleId="p"><w:rPr><w:vanish/></w:rPr></w:style>'
)

BEGIN, SEPARATE, END = (
    f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>' for kind in ("begin", "separate", "end")
)

LIST = (
    '<w:r><w:fldChar w:fldCharType="begin"><w:ffData><w:ddList><w:result w:val="1"/>'
    '<w:listEntry w:val="3"/><w:listEntry w:val="1576"/></w:ddList></w:ffData></w:fldChar></w:r>'
)

SEEN = {
    "hidden by a style": (_run("9", '<w:rStyle w:val="h"/>') + _run("1576"), "1576"),
    "by the style that it is based on": (_run("9", '<w:rStyle w:val="b"/>') + _run("1576"), "1576"),
    "shown by a style based on it": (_run("9", '<w:rStyle w:val="s"/>') + _run("1576"), "91576"),
    "hidden by a paragraph style": ('<w:pPr><w:pStyle w:val="p"/></w:pPr>' + _run("9"), ""),
    "two switches turn each other off": (
        '<w:pPr><w:pStyle w:val="p"/></w:pPr>' + _run("9", '<w:rStyle w:val="h"/>'),
        "9",
    ),
    "shown by hand": (
        '<w:pPr><w:pStyle w:val="p"/></w:pPr>' + _run("9", '<w:vanish w:val="0"/>'),
        "9",
    ),
    "special vanish": (_run("9", "<w:specVanish/>") + _run("1576"), "1576"),
    "white": (_run("9", '<w:color w:val="FFFFFF"/>') + _run("1576"), "1576"),
    "white on a colour": (
        _run("9", '<w:color w:val="FFFFFF"/><w:shd w:val="clear" w:fill="1F4E79"/>') + _run("15"),
        "915",
    ),
    "half a point high": (_run("9", '<w:sz w:val="1"/>') + _run("1576"), "1576"),
    "lowered": (_run("1576") + _run("1", '<w:vertAlign w:val="subscript"/>'), "1576₁"),
    "moved up": (_run("1576") + _run("1", '<w:position w:val="8"/>'), "1576¹"),
    "moved up as a whole": (_run("1576", '<w:position w:val="8"/>'), "1576"),
    "a field": (BEGIN + _run("3") + SEPARATE + _run("1576") + END, "1576"),
    "a field in a field's instruction": (
        BEGIN + BEGIN + SEPARATE + _run("3") + END + SEPARATE + _run("1576") + END,
        "1576",
    ),
    "a field without an end": (BEGIN + _run("1576"), "1576"),
    "a drop-down field": (LIST + END, "1576"),
    "an object": ("<w:r><w:object><w:control/></w:object></w:r>", "\ufffc"),
    "a number beside an object": (
        _run("157") + "<w:r><w:object><w:control/></w:object></w:r>",
        "157\ufffc",
    ),
    "words beside an object": (
        _run("总计") + "<w:r><w:object><w:control/></w:object></w:r>",
        "总计",
    ),
    "an automatic number": ('<w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr>', "\ufffc"),
    "no automatic number": ('<w:pPr><w:numPr><w:numId w:val="0"/></w:numPr></w:pPr>', ""),
}


@pytest.mark.parametrize("name", SEEN)
def test_a_cell_reads_as_a_person_sees_it(name: str) -> None:
    content, text = SEEN[name]
    assert _cell_text(f"<w:p>{content}</w:p>", HIDDEN_STYLES) == text


def test_a_paragraph_whose_mark_is_deleted_is_one_with_the_next() -> None:
    first = f"<w:p><w:pPr><w:rPr><w:del/></w:rPr></w:pPr>{_run('15')}</w:p>"
    assert _cell_text(f"{first}<w:p>{_run('76')}</w:p>") == "1576"


def test_a_table_of_one_cell_is_what_its_cell_shows() -> None:
    frame = f"<w:tbl><w:tr><w:tc><w:tcPr/><w:p>{_run('1576')}</w:p></w:tc></w:tr></w:tbl>"
    assert _cell_text(f"{frame}<w:p/>") == "1576"
