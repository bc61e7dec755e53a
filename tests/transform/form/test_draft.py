"""A draft of an edition that is hidden: its rows and columns come back from reports that use it."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from extract.detect import sniff
from extract.registry import reader_of
from load.printed_forms import read_printed_forms
from load.warehouse import load_readings, memory
from tests.build.draw import random_report
from tests.build.registry import build
from tests.transform.rules.test_evaluate import check
from transform.align.labels import key
from transform.form.draft import FEWEST, draft_form
from transform.form.forms import Forms, load_forms
from transform.records import DocumentRow, OutcomeRow, Reading, ReportRow
from transform.tidy import tidy

KNOWN = load_forms()
# what the project would know had nobody told it of the edition of 2021
HIDDEN = Forms({e: edition for e, edition in KNOWN.editions.items() if e != "2021"})
LAYOUTS = ("html-clean", "docx-clean", "xlsx-one-sheet", "txt-tabs")


@pytest.fixture(scope="module")
def readings() -> list[Reading]:
    """Reports of the edition of 2021, as they are read by one who does not know it."""
    return list(_read(FEWEST + 2))


def _read(reports: int) -> Iterator[Reading]:
    for n in range(reports):
        report = random_report(n, agency=f"{chr(0x5000 + n)}岭市林业局", mean=20)
        data = build(report, LAYOUTS[n % len(LAYOUTS)]).data
        tidied = tidy(reader_of(sniff(data))(data), HIDDEN, 2022)
        assert tidied.status == "extracted", tidied.detail
        own = ReportRow(
            f"r{n:05}", f"d{n:05}", report.agency, report.agency, 2022, None, None, None
        )
        outcome = OutcomeRow(own.document_id, "extracted", None, None, "made", "1", 0.0)
        yield Reading(
            DocumentRow(own.document_id, "x", "text", 1),
            outcome,
            own,
            tidied.tables,
            tidied.remarks,
            tidied.cells,
        )


def draft_of(readings: list[Reading], tmp_path: Path) -> Forms:
    """The editions with the draft among them, as the loader reads it."""
    with memory() as con:
        load_readings(con, readings)
        text = draft_form(HIDDEN, 2022, read_printed_forms(con, 2022))
    folder = tmp_path / "forms"
    folder.mkdir()
    for path in (Path(__file__).parents[3] / "data" / "forms").glob("*.yaml"):
        (folder / path.name).write_bytes(path.read_bytes())
    (folder / "2022.yaml").write_text(text, encoding="utf-8")
    return load_forms(folder)


def test_the_rows_and_columns_of_a_hidden_edition_come_back(
    readings: list[Reading], tmp_path: Path
) -> None:
    drafted = draft_of(readings, tmp_path)
    for table_id in ("proactive", "requests", "disputes"):
        made, true = drafted.table("2022", table_id), KNOWN.table("2021", table_id)
        assert len(made.data_rows) == len(true.data_rows)
        for ours, theirs in zip(made.data_rows, true.data_rows, strict=True):
            known = {key(label) for label in (ours.label, *ours.aliases)}
            assert key(theirs.label) in known or theirs.label == ours.label == ""
    blocks = {b.block_id: b for b in drafted.table("2022", "proactive").blocks}
    assert [c.label for c in blocks["art20_1"].data_columns] == [
        "本年制发件数",
        "本年废止件数",
        "现行有效件数",
    ]
    other = {r.row_id: r for r in drafted.table("2022", "requests").rows}
    assert other["other"].kind == "header"
    assert sum(r.parent == "other" for r in other.values()) == 3


def test_a_new_edition_is_one_finding_for_all_reports(readings: list[Reading]) -> None:
    (said,) = (f for f in check(readings) if f["rule_id"] == "form.new_edition")
    assert (said["actual"], said["level"]) == (len(readings), "warning")
    assert "form draft 2022" in str(said["message_en"])
    few = readings[: FEWEST - 1]
    assert not [f for f in check(few) if f["rule_id"] == "form.new_edition"]
    one_agency = [
        replace(r, report=replace(r.report, agency_id="云岭市林业局")) if r.report else r
        for r in readings
    ]
    assert not [f for f in check(one_agency) if f["rule_id"] == "form.new_edition"]
