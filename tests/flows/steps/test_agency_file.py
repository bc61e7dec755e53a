"""`agency.yaml` beside files given by hand."""

from pathlib import Path

import pytest

from data import ConfigError
from extract.document import Document, Paragraph
from flows.steps.plan import find_files
from flows.steps.read import _identity
from flows.steps.request import Provenance, ReadRequest, request_of


def provenance(folder: Path, said: str) -> Provenance:
    (folder / "agency.yaml").write_text(said, encoding="utf-8")
    (folder / "draft.txt").write_text("甲", encoding="utf-8")
    request = request_of(folder / "draft.txt")
    assert isinstance(request, ReadRequest)
    assert ReadRequest.from_bytes(request.to_bytes()) == request
    return request.provenance


def whose(found: Provenance, *lines: str) -> tuple[str, int | None]:
    identity = _identity(Document(tuple(map(Paragraph, lines)), "test"), found)
    return identity.agency_id, identity.year


def test_it_completes_what_the_report_leaves_out(tmp_path: Path) -> None:
    title = "市民政局政府信息公开工作年度报告"
    assert whose(Provenance(), title) == ("unknown", None)
    assert whose(provenance(tmp_path, "place: 上饶市\nyear: 2022\n"), title) == (
        "上饶市民政局",
        2022,
    )
    assert whose(provenance(tmp_path, "agency: 上饶市民政局\n"), "2022年年报") == (
        "上饶市民政局",
        None,
    )


def test_what_the_report_says_counts_first(tmp_path: Path) -> None:
    found = provenance(tmp_path, "agency: 上饶市民政局\nyear: 2022\n")
    title = "鄱阳县水利局2021年政府信息公开工作年度报告"
    assert whose(found, title) == ("鄱阳县水利局", 2021)


def test_it_is_no_report_itself_and_faults_have_a_line(tmp_path: Path) -> None:
    provenance(tmp_path, "year: 2022\n")
    assert [path.name for path in find_files([tmp_path])] == ["draft.txt"]
    with pytest.raises(ConfigError, match=r"agency\.yaml:2: "):
        provenance(tmp_path, "year: 2022\nbody: 甲\n")
