"""Two warehouses compared: which reports came, went or were restated, which cells differ, and which
findings are new, fixed or still there.

`compare(old, new)` takes two DuckDB files and gives `Difference`. The current reports of each are
held against each other: the same document with itself, whatever its agency is called, and other
ones by agency and year, where both are known. A finding is still there where the same rule says the
same of the same cells of the agency and year, whichever document stands behind it; one that a
person dismissed is never new.

A file of an older schema is carried over into a new file in a temporary folder and compared then;
`Difference.upgraded` says so. Neither file is changed. Raises WarehouseMissing, NotAWarehouse,
WarehouseLocked, and SchemaMismatch for a file of a newer schema.

Out of scope: what a run changed (table `changes`), and the words for people.
"""

import tempfile
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from load.database import (
    Con,
    connect,
    connect_for_writing,
    create_schema,
    schema_number,
    schema_version,
)
from load.upgrade import carry_over
from transform.records import UNKNOWN_AGENCY
from transform.temporary_tables import fetch_rows

Row = Mapping[str, Any]

# a cell in words: its number as printed, or its state
_WORDS: Final = "coalesce(rtrim(rtrim({0}.value::VARCHAR, '0'), '.'), {0}.state)"
_IN_BOTH: Final = """
    CREATE TEMP TABLE in_both AS
    SELECT o.report_id FROM old.main.reports AS o JOIN new.main.reports AS n USING (report_id)
    WHERE o.is_current AND n.is_current
"""
_SIDES: Final = """
    CREATE TEMP TABLE {side}_reports AS
    SELECT CASE WHEN agency_id = $unknown OR year IS NULL OR report_id IN (FROM in_both)
        THEN report_id ELSE agency_id || '|' || year END AS report_key,
        report_id, agency_id, year, title
    FROM {side}.main.reports WHERE is_current
"""
_FINDINGS: Final = """
    CREATE TEMP TABLE {side}_findings AS
    SELECT r.report_key, f.* EXCLUDE (report_id), r.report_id,
        md5(concat_ws('|', r.report_key, f.rule_id, f.instance, array_to_string(f.cells, ','),
            f.expected::VARCHAR, f.actual::VARCHAR)) AS sameness
    FROM {side}.main.findings AS f JOIN {side}_reports AS r ON r.report_id = f.report_id
"""
_REPORTS: Final = """
    SELECT coalesce(n.agency_id, o.agency_id) AS agency_id, coalesce(n.year, o.year) AS year,
        coalesce(n.title, o.title) AS title, o.report_id AS before, n.report_id AS after
    FROM old_reports AS o FULL JOIN new_reports AS n USING (report_key)
    WHERE o.report_id IS DISTINCT FROM n.report_id ORDER BY ALL
"""
_CELLS: Final = f"""
    WITH paired AS (
        SELECT o.report_id AS before_id, n.report_id AS after_id, n.agency_id, n.year
        FROM old_reports AS o JOIN new_reports AS n USING (report_key)
    ),
    earlier AS (
        SELECT p.after_id, c.*
        FROM paired AS p JOIN old.main.cells AS c ON c.report_id = p.before_id
    ),
    later AS (
        SELECT p.after_id, c.* FROM paired AS p JOIN new.main.cells AS c ON c.report_id = p.after_id
    )
    SELECT p.agency_id, p.year, table_id, row_id, col_id,
        CASE WHEN e.state IS NOT NULL THEN {_WORDS.format("e")} END AS before,
        CASE WHEN l.state IS NOT NULL THEN {_WORDS.format("l")} END AS after,
        p.before_id <> p.after_id AS restated
    FROM earlier AS e FULL JOIN later AS l USING (after_id, table_id, row_id, col_id)
    JOIN paired AS p USING (after_id)
    WHERE e.value IS DISTINCT FROM l.value OR e.state IS DISTINCT FROM l.state ORDER BY ALL
"""  # noqa: S608 - constants
_ONLY_ONE_SIDE: Final = """
    SELECT finding_id, agency_id, year, rule_id, level, message_zh, message_en
    FROM {here}_findings
    WHERE sameness NOT IN (SELECT sameness FROM {there}_findings) AND {condition}
    ORDER BY CASE level WHEN 'error' THEN 0 WHEN 'warning' THEN 1 ELSE 2 END, agency_id, year,
        rule_id, finding_id
"""


@dataclass(frozen=True, slots=True)
class Difference:
    """What differs between two warehouses; rows are mappings, in a fixed order.

    Reports have agency_id, year, title, and their report_id `before` and `after`; cells the number
    or state `before` and `after`, None where there is no such cell, and whether another document is
    behind it (`restated`); findings the columns of `findings` that people read. `standing` counts
    findings by level. `upgraded` has the files whose schema was older, with its number.
    """

    old: Path
    new: Path
    upgraded: Mapping[Path, int]
    added: Sequence[Row]
    gone: Sequence[Row]
    restated: Sequence[Row]
    cells: Sequence[Row]
    findings_new: Sequence[Row]
    findings_fixed: Sequence[Row]
    standing: Mapping[str, int]


def compare(old: Path, new: Path) -> Difference:
    """What differs between the warehouse `old` and the later one `new`."""
    upgraded: dict[Path, int] = {}
    with ExitStack() as held:
        con = held.enter_context(connect_for_writing(Path(":memory:")))
        for side, path in (("old", old), ("new", new)):
            number = _check(path)
            if number < schema_version():
                upgraded[path] = number
                folder = Path(held.enter_context(tempfile.TemporaryDirectory()))
                path = _carry_aside(path, folder / "upgraded.duckdb")
            quoted = str(path).replace("'", "''")
            con.execute(f"ATTACH '{quoted}' AS {side} (READ_ONLY)")
        con.execute(_IN_BOTH)
        for side in ("old", "new"):
            con.execute(_SIDES.format(side=side), {"unknown": UNKNOWN_AGENCY})
            con.execute(_FINDINGS.format(side=side))
        reports = _rows(con, _REPORTS)
        found = Difference(
            old,
            new,
            upgraded,
            [r for r in reports if r["before"] is None],
            [r for r in reports if r["after"] is None],
            [r for r in reports if None not in (r["before"], r["after"])],
            _rows(con, _CELLS),
            _rows(
                con,
                _ONLY_ONE_SIDE.format(here="new", there="old", condition="status <> 'dismissed'"),
            ),
            _rows(con, _ONLY_ONE_SIDE.format(here="old", there="new", condition="true")),
            _count_standing(con),
        )
    return found


def _count_standing(con: Con) -> dict[str, int]:
    counts = con.execute("""
        SELECT level, count(*) FROM new_findings
        WHERE sameness IN (SELECT sameness FROM old_findings) AND status <> 'dismissed'
        GROUP BY level
    """).fetchall()
    return {level: dict(counts).get(level, 0) for level in ("error", "warning", "info")}


def _check(path: Path) -> int:
    """The number of the schema of a warehouse that can be compared."""
    with connect(path, older_too=True) as con:
        return schema_number(con) or 0


def _carry_aside(path: Path, target: Path) -> Path:
    with connect_for_writing(target) as con:
        create_schema(con)
        carry_over(con, path)
    return target


def _rows(con: Con, query: str) -> list[Row]:
    return list(fetch_rows(con.sql(query)))
