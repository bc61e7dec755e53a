"""OFD pages written by hand to GB/T 33190-2016: the same cells as the report that was drawn,
whatever way of writing.
"""

from collections import Counter

import pytest

from extract.detect import Format
from extract.document import ReadError, Reason
from extract.ofd.read import pages
from extract.registry import read
from tests.build.draw import random_report
from tests.build.ofd_files import paper
from tests.build.packing import pack, unpack
from tests.build.report import expected_cells, flow
from transform.form.forms import load_forms
from transform.identity.identify import identify
from transform.tidy import tidy

WAYS = {
    "plain": {},
    "distances written out": {"compressed": False},
    "rules as thin filled shapes": {"stroked": False},
    "one boundary for all": {"offset": False},
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("edition", ["2019", "2021", "hybrid", "2014", "fj2008"])
def test_every_cell_comes_back(way: str, edition: str) -> None:
    count: Counter[bool] = Counter()
    for seed in (1, 2):
        report = random_report(seed, edition, mean=40.0)
        kind, document = read(paper(flow(report), **WAYS[way]))
        assert kind is Format.OFD
        found = identify(document)
        assert (found.agency_name, found.year) == (report.agency, report.year)
        cells = {
            (c.table_id, c.row_id, c.col_id): c
            for c in tidy(document, load_forms(), found.year).cells
        }
        for key, wanted in expected_cells(report).items():
            count[
                key in cells
                and (cells[key].state, cells[key].value) == (wanted.state, wanted.value)
            ] += 1
            assert cells[key].page is not None and cells[key].bbox is not None
    assert count[False] == 0 and count[True] > 50


def test_a_template_lies_under_the_page() -> None:
    members = unpack(paper(flow(random_report(1, "2021"))))
    page = members["Doc_0/Pages/Page_0/Content.xml"].decode()
    head = page[: page.index("<ofd:Content>")]
    members["Doc_0/Tpls/Tpl_0/Content.xml"] = page.encode()
    members["Doc_0/Pages/Page_0/Content.xml"] = (
        f'{head}<ofd:Template TemplateID="3"/></ofd:Page>'.encode()
    )
    document = members["Doc_0/Document.xml"].decode()
    template = '<ofd:TemplatePage ID="3" BaseLoc="Tpls/Tpl_0/Content.xml"/>'
    members["Doc_0/Document.xml"] = document.replace(
        "</ofd:CommonData>", f"{template}</ofd:CommonData>"
    ).encode()
    whole = [
        (s.number, len(s.glyphs), len(s.rules))
        for s in pages(paper(flow(random_report(1, "2021"))))
    ]
    assert [(s.number, len(s.glyphs), len(s.rules)) for s in pages(pack(members))] == whole


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"Doc_0/Document.xml": None}, Reason.DAMAGED),
        ({"Doc_0/Document.xml": b"<a><Pages/></a>"}, Reason.DAMAGED),
        ({"OFD.xml": b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>"}, Reason.XML_GUARD),
        ({"Encryptions.xml": b"<a/>"}, Reason.ENCRYPTED),
    ],
)
def test_broken_packages_are_refused_with_a_reason(
    change: dict[str, bytes | None], reason: Reason
) -> None:
    members = {**unpack(paper(flow(random_report(1, "2021")))), **change}
    with pytest.raises(ReadError) as refused:
        list(pages(pack({name: data for name, data in members.items() if data is not None})))
    assert refused.value.reason is reason


@pytest.mark.parametrize("content", [None, b"<ofd:Other xmlns:ofd='urn:o'/>", b"<ofd:Page", b""])
def test_a_page_that_cannot_be_read_is_named(content: bytes | None) -> None:
    members = unpack(paper(flow(random_report(1, "2021"))))
    changed = {**members, "Doc_0/Pages/Page_1/Content.xml": content}
    data = pack({name: part for name, part in changed.items() if part is not None})
    _, document = read(data)
    assert document.flaw is not None and document.flaw[0] is Reason.DAMAGED
    assert document.flaw[1].startswith("page 2: ")
    assert document.grids[0] == read(pack(members))[1].grids[0]
