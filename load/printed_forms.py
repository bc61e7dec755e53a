"""What the reports of one year print of the form, for a draft of an edition that nobody told us of.

`read_printed_forms(con, year)` gives one `PrintedForm` a current report of the year: the edition of
each table found, its rows in their places, and headers of no known edition. Reads the warehouse and
writes nothing.
"""

from collections import defaultdict

import duckdb

from transform.form.draft import PrintedForm, PrintedRow

_OF_YEAR = "(SELECT report_id FROM reports WHERE year = $year AND is_current)"
_EDITIONS = f"""
    SELECT report_id, table_id, edition FROM tables
    SEMI JOIN {_OF_YEAR} USING (report_id) WHERE found
"""  # noqa: S608 - words of ours
_ROWS = f"""
    SELECT c.report_id, c.table_id, c.row_id, any_value(m.printed) AS label,
        min(c.grid) AS grid, min(c.grid_row) AS grid_row
    FROM cells c SEMI JOIN {_OF_YEAR} y ON y.report_id = c.report_id
        LEFT JOIN remarks m ON m.report_id = c.report_id AND m.table_id = c.table_id
            AND m.row_id = c.row_id AND m.code = 'row.extra'
    WHERE c.state <> 'absent' AND c.grid IS NOT NULL
    GROUP BY c.report_id, c.table_id, c.row_id
    ORDER BY c.report_id, c.table_id, grid, grid_row, c.row_id
"""  # noqa: S608 - words of ours
_HEADERS = f"""
    SELECT report_id, table_id, meant, printed FROM remarks
    SEMI JOIN {_OF_YEAR} USING (report_id) WHERE code = 'header.unknown'
    ORDER BY report_id, table_id, meant, printed
"""  # noqa: S608 - words of ours


def read_printed_forms(con: duckdb.DuckDBPyConnection, year: int) -> list[PrintedForm]:
    """One a current report of the year, in the order of their ids."""
    asked = {"year": year}
    editions: dict[str, dict[str, str]] = defaultdict(dict)
    for report, table_id, edition in con.execute(_EDITIONS, asked).fetchall():
        editions[report][table_id] = edition
    rows: dict[str, list[PrintedRow]] = defaultdict(list)
    for report, table_id, row_id, label, grid, grid_row in con.execute(_ROWS, asked).fetchall():
        rows[report].append(PrintedRow(table_id, row_id, label, (grid, grid_row)))
    headers: dict[str, dict[tuple[str, str], tuple[str, ...]]] = defaultdict(dict)
    for report, table_id, block_id, printed in con.execute(_HEADERS, asked).fetchall():
        headers[report][table_id, block_id] = tuple(printed.split("、"))
    return [
        PrintedForm(editions[report], rows[report], headers[report]) for report in sorted(editions)
    ]
