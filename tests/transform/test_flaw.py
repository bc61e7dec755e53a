"""A document of which a part cannot be read is partial, and nothing is said of what it lacks."""

from dataclasses import replace

from extract.document import Document, Reason, Status
from extract.registry import read
from tests.build.draw import random_report
from tests.build.registry import build
from transform.form.forms import load_forms
from transform.tidy import UNREAD, tidy

FLAW = (Reason.DAMAGED, "page 2: cut off")


def document() -> Document:
    _, whole = read(build(random_report(4, "2021"), "docx-clean").data)
    last = whole.grids[-1]
    return replace(whole, blocks=tuple(b for b in whole.blocks if b is not last), flaw=FLAW)


def test_what_was_not_found_may_be_there() -> None:
    tidied = tidy(document(), load_forms(), 2022)
    assert (tidied.status, tidied.reason) == (Status.PARTIAL, Reason.DAMAGED)
    assert tidied.detail is not None and tidied.detail.startswith("page 2: cut off")
    absent = [cell for cell in tidied.cells if cell.state == "absent"]
    assert absent and all(cell.raw_text for cell in absent), "open, and not lacking"
    assert [remark.code for remark in tidied.remarks if remark.printed == FLAW[1]] == [UNREAD]


def test_without_a_table_the_flaw_is_the_reason() -> None:
    tidied = tidy(Document((), "pdf", flaw=FLAW), load_forms(), None)
    assert (tidied.status, tidied.reason, tidied.detail) == (Status.REJECTED, *FLAW)


def test_a_table_too_large_beside_a_whole_report_is_no_flaw_of_it() -> None:
    _, whole = read(build(random_report(4, "2021"), "docx-clean").data)
    beside = (Reason.TOO_LARGE, "a table of more than 500 rows")
    tidied = tidy(replace(whole, flaw=beside), load_forms(), 2022)
    assert (tidied.status, tidied.reason) == (Status.EXTRACTED, None)
    lacking = tidy(replace(document(), flaw=beside), load_forms(), 2022)
    assert (lacking.status, lacking.reason) == (Status.PARTIAL, Reason.TOO_LARGE)
