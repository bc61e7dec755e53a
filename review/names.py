"""What reports, tables and cells are called, and why a document is no report, in words.

One name each, wherever it is said: in the verdict of the command line, in comments of a draft and
on the pages.
"""

from typing import Final

from extract.document import Reason
from review.messages import say
from transform.form.forms import Table
from transform.records import UNKNOWN_AGENCY, OutcomeRow, ReportRow
from transform.rules.codebook import name_column, name_row

BETWEEN: Final = {"zh": "、", "en": ", "}  # parts of a list


def name_report(report: ReportRow, lang: str) -> str:
    """The agency and year of a report, and whether one is not known."""
    agency = report.agency_id
    if agency == UNKNOWN_AGENCY:
        agency = (
            say("report.not_in_full", lang, name=report.agency_name)
            if report.agency_name
            else say("report.unknown_agency", lang)
        )
    if report.year is None:
        return say("report.no_year", lang, agency=agency)
    return say("report.year", lang, agency=agency, year=report.year)


def name_table(table: Table, lang: str) -> str:
    """The heading of a table."""
    return table.label if lang == "zh" else table.label_en


def name_cell(table: Table, row_id: str, col_id: str, lang: str) -> str:
    """A cell by its row and column; by the column alone where the row has no label."""
    at = 0 if lang == "zh" else 1
    row = name_row(table, table.row(row_id))
    column = name_column(table, table.column(row_id, col_id))
    return f"{row[at]} / {column[at]}" if row[0] else column[at]


def describe_reason(outcome: OutcomeRow, lang: str) -> str:
    """Why a document is no report; formats that can be read are those of the registry."""
    reason = Reason(outcome.reason or "")
    if reason not in (Reason.UNKNOWN_FORMAT, Reason.READER_MISSING):
        return say(f"reason.{reason}", lang)
    from extract.registry import READERS  # half of the readers' code, for one message

    return say(f"reason.{reason}", lang, formats=BETWEEN[lang].join(READERS))
