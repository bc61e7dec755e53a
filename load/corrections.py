"""What people know better, in the warehouse: misread cells corrected, and taken back when an entry
goes; verdicts on findings.

`apply_corrections(con, corrections)` makes table `corrections` what `transform.rules.corrections`
read from the files, and the cells what follows from it. A corrected cell keeps its `raw_text`;
`value`, `state` and `unit` become those of what is meant, `reader` gets `MARK` behind it, and what
was read before goes into table `corrections`, from where it comes back: the warehouse is carried on
from run to run, so that nothing else remembers it. Shards hold what was read.

`apply_verdicts(con, now)` lays the verdicts over the findings while these are merged. Verdicts from
files win over those in the database; one whose entry goes is undone.

Out of scope: the findings on corrected cells, which `transform/rules/corrections.sql` makes from
table `corrections`.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, Final

import duckdb

from transform.rules.corrections import MISREADING, CellCorrection, Corrections
from transform.temporary_tables import (
    TRUTH,
    VALUE,
    Columns,
    make_named_rows,
    make_rows,
    temporary_table,
    texts,
)

MARK: Final = "+correction"
_KEY: Final = ("report_id", "table_id", "row_id", "col_id")
_ENTRY: Final[Columns] = {
    **texts(*_KEY, "finding_id", "kind", "text_read"),
    "value_read": VALUE,
    **texts("state_read", "unit_read", "text_meant"),
    "value_meant": VALUE,
    **texts("reason", "decided_on", "decided_by"),
    "is_stale": TRUTH,
}
_SETTING: Final[Columns] = {**texts(*_KEY), "value": VALUE, **texts("state", "unit", "mark")}

Con = duckdb.DuckDBPyConnection
Row = dict[str, Any]


def apply_corrections(con: Con, corrections: Corrections) -> list[str]:
    """Bring cells and table `corrections` in line with the entries; the reports for which something
    changed.

    Entries for reports that the warehouse does not hold are left out
    (`transform.rules.corrections.require_reports` names them).
    """
    before = _rows(con, "SELECT * REPLACE (decided_on::VARCHAR AS decided_on) FROM corrections")
    if not (before or corrections.cells or corrections.decisions):
        return []
    wanted = make_rows(texts("report_id"), ((report,) for report in sorted(corrections.reports)))
    with temporary_table(con, "wanted", wanted):
        found = _rows(con, "SELECT report_id FROM reports SEMI JOIN wanted USING (report_id)")
    held = {row["report_id"] for row in found}
    of_cells = list(_of_cells(con, corrections, held, before))
    now = [row for row, _ in of_cells] + list(_of_findings(corrections, held, before))
    changed = {row["report_id"] for row in before if row not in now} | {
        row["report_id"] for row in now if row not in before
    }
    if changed:
        _set_cells(
            con,
            [_as_read(row) for row in before if row["kind"] == MISREADING and not row["is_stale"]],
        )
        _set_cells(con, [setting for _, setting in of_cells if setting is not None])
        undone = {row["finding_id"] for row in before if row["finding_id"]} - {
            row["finding_id"] for row in now
        }
        con.execute(
            (
                "UPDATE findings SET status = 'standing' WHERE finding_id IN (SELECT "
                "unnest(?::VARCHAR[]))"
            ),
            [sorted(undone)],
        )
        with temporary_table(con, "entries", make_named_rows(_ENTRY, now)):
            con.execute("DELETE FROM corrections")
            con.execute(
                "INSERT INTO corrections BY NAME SELECT * REPLACE (decided_on::DATE AS "
                "decided_on) FROM entries ORDER BY ALL"
            )
    return sorted(changed)


def _of_cells(
    con: Con, corrections: Corrections, held: set[str], before: Sequence[Row]
) -> Iterator[tuple[Row, Row | None]]:
    """For each entry on a cell its row of table `corrections`, and what the cell becomes, None if
    it stays.
    """
    keys = ([getattr(c, name) for name in _KEY] for c in corrections.cells)
    query = """
        SELECT report_id, table_id, row_id, col_id, edition, raw_text, value, state, unit
        FROM cells SEMI JOIN wanted USING (report_id, table_id, row_id, col_id)
    """
    with temporary_table(con, "wanted", make_rows(texts(*_KEY), keys)):
        cells = {_key(row): row for row in _rows(con, query)}
    as_read = {
        _key(row): _as_read(row)
        for row in before
        if row["kind"] == MISREADING and not row["is_stale"]
    }
    for entry in corrections.cells:
        if entry.report_id in held:
            key = (entry.report_id, entry.table_id, entry.row_id, entry.col_id)
            cell = cells.get(key)
            yield _correct(entry, None if cell is None else cell | as_read.get(key, {}))


def _correct(entry: CellCorrection, read: Row | None) -> tuple[Row, Row | None]:
    """The row of table `corrections` of an entry whose cell was `read` so (None: there is no such
    cell), and what the cell becomes, None if it stays.
    """
    key = (entry.report_id, entry.table_id, entry.row_id, entry.col_id)
    named = dict(zip(_KEY, key, strict=True))
    stale = read is None or entry.stale(read["raw_text"])
    meant = entry.meant
    before = read or {}
    row = named | {
        "finding_id": None,
        "kind": entry.kind,
        "text_read": before.get("raw_text"),
        "value_read": before.get("value"),
        "state_read": before.get("state"),
        "unit_read": before.get("unit"),
        "text_meant": entry.text,
        "value_meant": meant.value,
        "reason": entry.reason,
        "decided_on": entry.decided_on,
        "decided_by": entry.decided_by,
        "is_stale": stale,
    }
    if stale or entry.kind != MISREADING or read is None:
        return row, None
    unit = entry.unit(read["raw_text"], read["unit"], read["edition"])
    return row, named | {"value": meant.value, "state": meant.state, "unit": unit, "mark": MARK}


def _of_findings(corrections: Corrections, held: set[str], before: Sequence[Row]) -> Iterator[Row]:
    stale = {row["finding_id"]: row["is_stale"] for row in before}
    for entry in corrections.decisions:
        if entry.report_id in held:
            yield dict.fromkeys(_ENTRY) | {
                "report_id": entry.report_id,
                "finding_id": entry.finding_id,
                "kind": entry.status,
                "reason": entry.reason,
                "decided_on": entry.decided_on,
                "decided_by": entry.decided_by,
                "is_stale": stale.get(entry.finding_id, False),
            }


def _as_read(row: Row) -> Row:
    """What the cell of a row of table `corrections` was before it was corrected."""
    return {name: row[name] for name in _KEY} | {
        "value": row["value_read"],
        "state": row["state_read"],
        "unit": row["unit_read"],
        "mark": "",
    }


def _set_cells(con: Con, settings: Sequence[Row]) -> None:
    if not settings:
        return
    with temporary_table(con, "settings_now", make_named_rows(_SETTING, settings)):
        con.execute(
            """
            UPDATE cells SET value = s.value, state = s.state, unit = s.unit,
                reader = replace(cells.reader, $mark, '') || s.mark
            FROM settings_now AS s
            WHERE cells.report_id = s.report_id AND cells.table_id = s.table_id
                AND cells.row_id = s.row_id AND cells.col_id = s.col_id
            """,
            {"mark": MARK},
        )


def apply_verdicts(con: Con, now: datetime) -> None:
    """Lay the verdicts over temporary table `merged`, the findings to be in place of those in
    `replaced`, and add a finding for each verdict whose finding is not there.
    """
    con.execute("""
        UPDATE corrections SET is_stale = finding_id NOT IN (
            SELECT finding_id FROM merged
            UNION ALL FROM (SELECT finding_id FROM findings) ANTI JOIN replaced USING (finding_id)
        )
        WHERE finding_id IS NOT NULL
    """)
    con.execute(
        "UPDATE merged SET status = c.kind FROM corrections AS c WHERE c.finding_id = "
        "merged.finding_id"
    )
    con.execute(
        """
        INSERT INTO merged BY NAME
        WITH orphans AS (
            SELECT substr(md5(r.rule_id || c.finding_id), 1, 20) AS finding_id, c.report_id,
                p.agency_id, p.year, r.rule_id, c.finding_id AS instance,
                r.level, replace(r.message_zh, '{printed}', c.finding_id) AS message_zh,
                    replace(r.message_en, '{printed}', c.finding_id) AS message_en
            FROM corrections AS c JOIN reports AS p USING (report_id) JOIN rules AS r
                ON r.rule_id = 'correction.no_finding'
            WHERE c.finding_id IS NOT NULL AND c.is_stale
        )
        SELECT n.*, 'fails' AS state, []::VARCHAR[] AS cells, n.finding_id AS cause_id,
            CASE WHEN o.finding_id IS NULL THEN 'new' ELSE 'standing' END AS status,
            coalesce(o.first_seen, $now) AS first_seen, greatest(coalesce(o.last_seen, $now),
                $now) AS last_seen
        FROM orphans AS n LEFT JOIN findings AS o ON o.finding_id = n.finding_id
        """,
        {"now": now},
    )


def _key(row: Row) -> tuple[str, str, str, str]:
    return row["report_id"], row["table_id"], row["row_id"], row["col_id"]


def _rows(con: Con, query: str) -> list[Row]:
    result = con.execute(query)
    names = [d[0] for d in result.description or []]
    return [dict(zip(names, values, strict=True)) for values in result.fetchall()]
