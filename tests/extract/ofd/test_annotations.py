"""What annotations and pictures show on an OFD page."""

import pytest

from extract.document import UNREADABLE
from extract.ofd.read import read
from tests.build.packing import pack
from tests.extract.documents import rows_of

PAGE = """<Page><Content><Layer>
<PathObject Boundary="10 10 80 20"><AbbreviatedData>M 0 0 L 80 0 M 0 10 L 80 10 M 0 20 L 80 20
 M 0 0 L 0 20 M 40 0 L 40 20 M 80 0 L 80 20</AbbreviatedData></PathObject>
<TextObject Boundary="12 13 20 4" Size="4"><TextCode X="0" Y="4" DeltaX="g 3 2">1576</TextCode>
</TextObject><TextObject Boundary="12 23 20 4" Size="4"><TextCode X="0" Y="4">3</TextCode>
</TextObject><TextObject Boundary="52 23 20 4" Size="4"><TextCode X="0" Y="4">4</TextCode>
</TextObject>{}</Layer></Content></Page>"""
TWENTY = (
    '<TextObject Boundary="2 3 20 4" Size="4"><TextCode X="0" Y="4" DeltaX="2">20</TextCode>'
    "</TextObject>"
)
PICTURE = '<ImageObject Boundary="2 1 30 8" ResourceID="5"/>'
COMPOSITE = '<CompositeObject Boundary="52 11 30 8" ResourceID="5"/>'


def package(annotation: str = "", on_page: str = "") -> bytes:
    return pack(
        {
            "OFD.xml": b"<OFD><DocBody><DocRoot>Doc_0/Document.xml</DocRoot></DocBody></OFD>",
            "Doc_0/Document.xml": (
                b'<Document><Pages><Page ID="1" BaseLoc="Page.xml"/></Pages>'
                b"<Annotations>Annots/Annotations.xml</Annotations></Document>"
            ),
            "Doc_0/Page.xml": PAGE.format(on_page).encode(),
            "Doc_0/Annots/Annotations.xml": (
                b'<Annotations><Page PageID="1"><FileLoc>a.xml</FileLoc></Page></Annotations>'
            ),
            "Doc_0/Annots/a.xml": f"<PageAnnot>{annotation}</PageAnnot>".encode(),
        }
    )


@pytest.mark.parametrize(
    ("attributes", "shown", "text"),
    [
        ('Type="Stamp"', TWENTY, "20"),
        ('Type="Stamp" Visible="false"', TWENTY, ""),
        ('Type="Highlight"', TWENTY, ""),
        ('Type="Stamp"', PICTURE, UNREADABLE),
    ],
)
def test_annotations_are_painted_over_the_page(attributes: str, shown: str, text: str) -> None:
    appearance = f'<Appearance Boundary="50 10 40 10">{shown}</Appearance>'
    (grid,) = read(package(f"<Annot {attributes}>{appearance}</Annot>")).grids
    assert rows_of(grid) == [["1576", text], ["3", "4"]]


def test_an_object_made_of_others_leaves_its_cell_open() -> None:
    (grid,) = read(package(on_page=COMPOSITE)).grids
    assert rows_of(grid) == [["1576", UNREADABLE], ["3", "4"]]


def test_glyphs_without_characters_leave_their_cell_open() -> None:
    text = (
        '<TextObject Boundary="52 13 20 4" Size="4"><CGTransform><Glyphs>12 13</Glyphs>'
        '</CGTransform><TextCode X="0" Y="4">{}</TextCode></TextObject>'
    )
    (grid,) = read(package(on_page=text.format(" "))).grids
    assert rows_of(grid) == [["1576", UNREADABLE], ["3", "4"]]
    (grid,) = read(package(on_page=text.format("7"))).grids
    assert rows_of(grid) == [["1576", "7"], ["3", "4"]]
