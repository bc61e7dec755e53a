"""Findings of all reports: filtered by what the address says, counted, listed, and as CSV.

Each filter is a name and a value in the address, so that an address can be sent to somebody else.
The counts beside a filter's values are of the findings that all other filters leave.
"""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from review.pages.check_page import attachment, inert
from review.pages.marks import anchor_of_key
from review.pages.render import language_of, page
from review.pages.warehouse import Row, Warehouse
from review.pages.words import say

_PAGE: Final = 50  # findings on a page
_VALUES: Final = 12  # values of one filter that are offered
_CSV_ROWS: Final = 1_000_000

# the filters, each with the column that it compares
_FACETS: Final = {
    "level": "f.level",
    "year": "f.year::VARCHAR",
    "province": "coalesce(a.province, '')",
    "rule": "f.rule_id",
    "verdict": "coalesce(f.verdict, '')",
    "status": "f.status",
}
_EXACT: Final = {"agency": "f.agency_id", "report": "f.report_id", "cause": "f.cause_id"}
_FROM: Final = "FROM findings f LEFT JOIN agencies a ON a.agency_id = f.agency_id"
_ORDER: Final = (
    "CASE f.level WHEN 'error' THEN 0 WHEN 'warning' THEN 1 ELSE 2 END, f.year DESC NULLS LAST, "
    "f.agency_id, f.cause_id, f.finding_id"
)
_COLUMNS: Final = (
    "finding_id",
    "report_id",
    "agency_id",
    "year",
    "province",
    "level",
    "rule_id",
    "status",
    "verdict",
    "expected",
    "actual",
    "cells",
    "message",
)


@dataclass(frozen=True, slots=True)
class Facet:
    """One filter with the values that can be chosen, and how many findings each leaves."""

    name: str
    values: Sequence[tuple[str, str, int, str, bool]]  # value, words, count, address, chosen


def show_findings(request: Request) -> Response:
    """One page of findings with the filters beside it."""
    warehouse: Warehouse = request.app.state.warehouse
    asked = _asked(request)
    number = max(1, int(p)) if (p := request.query_params.get("page", "1")).isdigit() else 1
    where, values = _where(asked)
    count = int(warehouse.rows(f"SELECT count(*) AS n {_FROM} WHERE {where}", values)[0]["n"])
    number = min(number, max(1, -(-count // _PAGE)))
    rows = _rows(request, asked, _PAGE, (number - 1) * _PAGE)
    for row in rows:
        row["anchor"] = anchor_of_key(row["cells"][-1]) if row["cells"] else ""
    return page(
        request,
        "findings.html",
        facets=[_facet(request, warehouse, asked, name) for name in _FACETS],
        others=[(n, v, _address(asked, n, "")) for n, v in asked.items() if n in (*_EXACT, "text")],
        text=asked.get("text", ""),
        kept=[(n, v) for n, v in asked.items() if n != "text"],
        rows=rows,
        count=count,
        number=number,
        pages=max(1, -(-count // _PAGE)),
        before=f"?{urlencode([*asked.items(), ('page', number - 1)])}",
        after=f"?{urlencode([*asked.items(), ('page', number + 1)])}",
        download=f"/findings.csv?{urlencode(asked)}",
        everything=not asked,
    )


def download_findings(request: Request) -> Response:
    """The findings that the filters leave, as CSV."""
    lang = language_of(request)
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(_COLUMNS)
    for row in _rows(request, _asked(request), _CSV_ROWS, 0):
        shown = row | {"message": row[f"message_{lang}"], "cells": " ".join(row["cells"] or ())}
        writer.writerow(inert("" if shown[c] is None else str(shown[c])) for c in _COLUMNS)
    return attachment(out.getvalue().encode("utf-8-sig"), "findings.csv", "text/csv; charset=utf-8")


def _asked(request: Request) -> dict[str, str]:
    """The filters of the address, none that is empty or unknown."""
    known = (*_FACETS, *_EXACT, "text")
    params = request.query_params
    return {name: params[name][:200] for name in known if params.get(name) is not None}


def _where(asked: Mapping[str, str], without: str = "") -> tuple[str, list[str]]:
    columns = _FACETS | _EXACT
    conditions, values = ["true"], []
    for name, value in asked.items():
        if name == without:
            continue
        if name == "text":
            conditions.append("(contains(f.message_zh, ?) OR contains(f.agency_id, ?))")
            values += [value, value]
        else:
            conditions.append(f"{columns[name]} = ?")
            values.append(value)
    return " AND ".join(conditions), values


def _rows(request: Request, asked: Mapping[str, str], most: int, skip: int) -> list[Row]:
    warehouse: Warehouse = request.app.state.warehouse
    where, values = _where(asked)
    # the ids of the page first: sorting all messages would cost more than the rest of the page
    query = f"""
        WITH shown AS (
            SELECT f.rowid AS id, row_number() OVER (ORDER BY {_ORDER}) AS place {_FROM}
            WHERE {where} ORDER BY {_ORDER} LIMIT {most} OFFSET {skip}
        )
        SELECT f.*, a.province FROM shown
        JOIN findings f ON f.rowid = shown.id LEFT JOIN agencies a ON a.agency_id = f.agency_id
        ORDER BY shown.place
    """  # noqa: S608 - conditions are ours, values are bound
    return warehouse.rows(query, values)


def _facet(request: Request, warehouse: Warehouse, asked: Mapping[str, str], name: str) -> Facet:
    lang = language_of(request)
    where, values = _where(asked, name)
    query = (
        f"SELECT {_FACETS[name]} AS value, count(*) AS n {_FROM} WHERE {where} GROUP BY 1 "
        f"ORDER BY 2 DESC, 1 LIMIT {_VALUES}"
    )
    chosen = asked.get(name)
    found = [(str(r["value"] or ""), int(r["n"])) for r in warehouse.rows(query, values)]
    if chosen is not None and chosen not in dict(found):
        found.append((chosen, 0))
    return Facet(
        name,
        [
            (value, _words(name, value, lang), n, _address(asked, name, value), value == chosen)
            for value, n in found
        ],
    )


def _words(name: str, value: str, lang: str) -> str:
    """A value of a filter as a person reads it."""
    if value == "":
        return say("page.not_told", lang)
    return say(f"page.{name}_{value}", lang) if name in ("level", "status", "verdict") else value


def _address(asked: Mapping[str, str], name: str, value: str) -> str:
    """The address with this value chosen, or without the filter where it was chosen already."""
    rest = {n: v for n, v in asked.items() if n != name}
    if value != asked.get(name) and (value or name in _FACETS):
        rest[name] = value
    return f"/findings?{urlencode(rest)}" if rest else "/findings"
