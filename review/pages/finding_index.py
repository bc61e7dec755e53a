"""The findings of a warehouse, arranged once for each file so that pages of them come fast: grouped
by cause, in the order in which they are shown, with all that filters compare.

`arrange_findings(con)` makes the arrangement in memory beside the file (`review.pages.warehouse`).
`Asked` is what the address of a page asks for; `count`, `values_of`, `causes` and `findings_of`
answer from the arrangement.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import duckdb

from review.pages.warehouse import Row, Warehouse

# the filters whose values are offered, in the order in which they are offered
FACETS: Final = ("level", "status", "year", "province", "rule", "slip", "verdict")
EXACT: Final = ("agency", "report", "cause")  # those that an address alone can ask for
TEXT: Final = "text"
_ARRANGE: Final = (
    """
    CREATE TABLE held.single AS
    SELECT
        f.rowid AS id, f.report_id AS report, coalesce(f.cause_id, f.finding_id) AS cause,
        f.agency_id AS agency, f.rule_id AS rule, f.level, f.status,
        coalesce(f.year::VARCHAR, '') AS year, coalesce(f.verdict, '') AS verdict,
        coalesce(a.province, '') AS province, coalesce(s.kind, '') AS slip,
        (CASE f.level WHEN 'error' THEN 0 WHEN 'warning' THEN 1 ELSE 2 END
            + CASE f.status WHEN 'dismissed' THEN 3 ELSE 0 END)::UTINYINT AS rank
    FROM findings f
    LEFT JOIN agencies a ON a.agency_id = f.agency_id
    LEFT JOIN (
        SELECT report_id, cause_id, min(kind) AS kind FROM suspects
        WHERE rank = 1 AND row_id IS NOT NULL GROUP BY ALL
    ) s ON s.report_id = f.report_id AND s.cause_id = f.cause_id
    """,
    # one place a cause: the worst first, of those the latest year
    """
    CREATE TABLE held.findings AS
    WITH placed AS (
        SELECT report, cause, row_number() OVER (
            ORDER BY min(rank), any_value(year) DESC, any_value(agency), report, cause
        ) AS place
        FROM held.single GROUP BY report, cause
    )
    SELECT s.*, p.place::INTEGER AS place FROM held.single s JOIN placed p USING (report, cause)
    ORDER BY place, rank, id
    """,
    "DROP TABLE held.single",
)


def arrange_findings(con: duckdb.DuckDBPyConnection) -> None:
    """Make the arrangement; `con` and its cursors see it as `held.findings`."""
    for statement in _ARRANGE:
        con.execute(statement)


@dataclass(frozen=True)
class Asked:
    """The filters of an address, by name."""

    filters: Mapping[str, str] = field(default_factory=dict)

    def without(self, name: str) -> "Asked":
        """All filters but one."""
        return Asked({n: v for n, v in self.filters.items() if n != name})

    def condition(self) -> tuple[str, list[str]]:
        """The condition on `held.findings` with the values that it binds."""
        parts, values = ["true"], []
        for name, value in self.filters.items():
            if name == TEXT:
                parts.append(
                    "h.id IN (SELECT rowid FROM findings WHERE contains(message_zh, ?) "
                    "OR contains(lower(message_en), lower(?)) OR contains(agency_id, ?))"
                )
                values += [value] * 3
            elif name == "slip":  # several kinds of slips may go by one name
                parts.append("h.slip IN (SELECT unnest(string_split(?, ',')))")
                values.append(value)
            else:
                parts.append(f"h.{name} = ?")
                values.append(value)
        return " AND ".join(parts), values


@dataclass(frozen=True, slots=True)
class Count:
    """How many findings there are, and of how many causes."""

    findings: int
    causes: int


def count(warehouse: Warehouse, asked: Asked) -> Count:
    """How much the filters leave."""
    where, values = asked.condition()
    query = (
        "SELECT count(*) AS n, count(DISTINCT place) AS c "  # noqa: S608 - conditions are ours
        f"FROM held.findings h WHERE {where}"
    )
    found = warehouse.rows(query, values)[0]
    return Count(int(found["n"]), int(found["c"]))


def values_of(warehouse: Warehouse, asked: Asked, name: str, most: int) -> list[tuple[str, int]]:
    """The commonest values of one filter with their findings, as all other filters leave them."""
    where, values = asked.without(name).condition()
    query = (
        f"SELECT h.{name} AS value, count(*) AS n FROM held.findings h WHERE {where} "  # noqa: S608
        f"GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT {most}"
    )
    return [(r["value"], int(r["n"])) for r in warehouse.rows(query, values)]


def causes(warehouse: Warehouse, asked: Asked, most: int, skip: int) -> list[int]:
    """The places of the causes that stand on one page."""
    where, values = asked.condition()
    query = (
        f"SELECT DISTINCT place FROM held.findings h WHERE {where} ORDER BY place "  # noqa: S608
        f"LIMIT {most} OFFSET {skip}"
    )
    return [int(r["place"]) for r in warehouse.rows(query, values)]


def findings_of(
    warehouse: Warehouse, asked: Asked, places: Sequence[int] | None = None
) -> list[Row]:
    """The findings that the filters leave, in their order: all, or those of some causes."""
    where, values = asked.condition()
    bound: list[object] = [*values]
    if places is not None:
        where += " AND h.place IN (SELECT unnest(?))"
        bound.append(list(places))
    query = (
        "SELECT f.*, h.province, h.place, h.slip FROM held.findings h "  # noqa: S608
        f"JOIN findings f ON f.rowid = h.id WHERE {where} ORDER BY h.place, h.rank, h.id"
    )
    return warehouse.rows(query, bound)
