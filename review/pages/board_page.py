"""The board: how many reports there are and how they stand, by agency and year, by rule, by source;
what the last run changed.

`arrange_coverage(con)` keeps the view `coverage` in memory, each agency that has a report with its
place on the map.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

import duckdb
from starlette.requests import Request
from starlette.responses import Response

from review.messages import say
from review.pages.render import language_of, number_of_page, page
from review.pages.warehouse import Row, Warehouse
from transform.rules.examples import title_of_rule

_AGENCIES: Final = 100  # lines of the heat map on a page
_YEARS: Final = 3  # of which a sentence tells
_RULES: Final = 15
_UNREAD: Final = 50
_ARRANGE: Final = """
    CREATE TABLE held.coverage AS
    WITH placed AS (
        SELECT agency_id, row_number() OVER (
            ORDER BY any_value(province) NULLS LAST, any_value(city) NULLS FIRST,
                any_value(county) NULLS FIRST, agency_id
        ) AS place
        FROM coverage GROUP BY agency_id HAVING count(report_id) > 0
    )
    SELECT c.*, p.place FROM coverage c LEFT JOIN placed p ON p.agency_id = c.agency_id
"""


@dataclass(frozen=True, slots=True)
class Square:
    """One agency in one year on the heat map."""

    year: int
    state: str  # error, warning, clean, missing, none
    report_id: str
    words: str
    count: int


@dataclass(frozen=True, slots=True)
class MapLine:
    """One agency on the heat map; `place` is empty where it is that of the line before."""

    place: str
    agency: str
    squares: Sequence[Square]


def arrange_coverage(con: duckdb.DuckDBPyConnection) -> None:
    """Make `held.coverage`."""
    con.execute(_ARRANGE)


def show_board(request: Request) -> Response:
    """The first page of the warehouse."""
    warehouse: Warehouse = request.app.state.warehouse
    lang = language_of(request)
    agencies = int(warehouse.rows("SELECT max(place) AS n FROM held.coverage")[0]["n"] or 0)
    pages = max(1, -(-agencies // _AGENCIES))
    number = min(number_of_page(request), pages)
    return page(
        request,
        "board.html",
        years=[r["year"] for r in _years(warehouse)],
        sentences=_sentences(warehouse, lang),
        lines=_heat_map(warehouse, number, lang),
        agencies=agencies,
        number=number,
        pages=pages,
        rules=[r | {"title": title_of_rule(r["rule_id"], lang)} for r in _failing(warehouse)],
        runs=warehouse.rows("SELECT * FROM runs ORDER BY rowid DESC LIMIT 1"),
        changes=warehouse.rows(
            "SELECT kind, count(*) AS n FROM changes WHERE run_id = "
            "(SELECT run_id FROM runs ORDER BY rowid DESC LIMIT 1) "
            "GROUP BY kind ORDER BY n DESC, kind"
        ),
        sources=warehouse.rows("SELECT * FROM sources ORDER BY stale_since NULLS LAST, source_id"),
        unread=warehouse.rows(
            "SELECT d.file_name, o.reason, o.status FROM outcomes o "
            "JOIN documents d ON d.document_id = o.document_id "
            "WHERE o.status IN ('rejected', 'failed') ORDER BY d.file_name LIMIT ?",
            [_UNREAD],
        ),
    )


def _years(warehouse: Warehouse) -> list[Row]:
    return warehouse.rows("SELECT DISTINCT year FROM held.coverage ORDER BY year")


def _failing(warehouse: Warehouse) -> list[Row]:
    """The rules that fail most."""
    return warehouse.rows(
        "SELECT rule AS rule_id, level, count(*) AS n FROM held.findings "
        "WHERE level <> 'info' AND status <> 'dismissed' GROUP BY ALL "
        "ORDER BY n DESC, rule_id LIMIT ?",
        [_RULES],
    )


def _sentences(warehouse: Warehouse, lang: str) -> list[str]:
    """What there is of each of the last years."""
    rows = warehouse.rows(
        "SELECT year, count(*) FILTER (expected) AS expected, count(report_id) AS found, "
        "count(*) FILTER (errors > 0) AS bad FROM held.coverage GROUP BY year "
        "ORDER BY year DESC LIMIT ?",
        [_YEARS],
    )
    names = ("expected", "found", "bad")
    return [
        say("page.year_sentence", lang, year=r["year"], **{n: f"{r[n]:,}" for n in names})
        for r in rows
    ]


def _heat_map(warehouse: Warehouse, number: int, lang: str) -> list[MapLine]:
    """One page of agencies; those without any report are left out."""
    first = (number - 1) * _AGENCIES
    rows = warehouse.rows(
        "SELECT * FROM held.coverage WHERE place > ? AND place <= ? ORDER BY place, year",
        [first, first + _AGENCIES],
    )
    lines: list[MapLine] = []
    before = None
    for agency, together in groupby(rows, key=lambda r: str(r["agency_id"])):
        of_agency = list(together)
        names = (of_agency[0][n] for n in ("province", "city", "county"))
        place = " ".join(name for name in names if name) or say("page.place_unknown", lang)
        squares = [_square(row, lang) for row in of_agency]
        lines.append(MapLine("" if place == before else place, agency, squares))
        before = place
    return lines


def _square(row: Row, lang: str) -> Square:
    errors, warnings = int(row["errors"] or 0), int(row["warnings"] or 0)
    if row["report_id"] is None:
        state = "missing" if row["expected"] else "none"
    else:
        state = "error" if errors else "warning" if warnings else "clean"
    words = say(f"page.square_{state}", lang, count=errors or warnings)
    return Square(
        row["year"],
        state,
        row["report_id"] or "",
        f"{row['agency_id']} {row['year']}: {words}",
        errors or warnings,
    )
