"""Findings of all reports, one cause a row with its findings inside: filtered by what the address
says, counted, listed, and as CSV.

Each filter is a name and a value in the address, so that an address can be sent to somebody else.
The counts beside a filter's values are of the findings that all other filters leave. The CSV has
exactly the findings that the filters leave, in the order of the page.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from load.closed_lists import FINDING_STATUSES, LEVELS, SUSPECT_KINDS, VERDICTS
from load.csv_text import csv_bytes
from review.messages import say
from review.names import name_cell
from review.pages.check_page import attachment
from review.pages.finding_index import (
    EXACT,
    FACETS,
    TEXT,
    Asked,
    causes,
    count,
    findings_of,
    values_of,
)
from review.pages.issues import Advice, advice_of
from review.pages.marks import anchor_of_key
from review.pages.render import language_of, number_of_page, page
from review.pages.warehouse import Row, Warehouse
from transform.form.forms import load_forms
from transform.rules.examples import title_of_rule

_PAGE: Final = 50  # causes on a page
_VALUES: Final = 12  # values of one filter that are offered
_INSIDE: Final = 4  # findings of one cause that are shown on a page of many causes
_CLOSED: Final[Mapping[str, Collection[str]]] = {
    "level": LEVELS,
    "status": FINDING_STATUSES,
    "verdict": VERDICTS,
    "slip": SUSPECT_KINDS,
}
_COLUMNS: Final = (
    "finding_id",
    "cause_id",
    "report_id",
    "agency_id",
    "year",
    "province",
    "level",
    "rule_id",
    "rule",
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


@dataclass(frozen=True, slots=True)
class ShownCause:
    """One cause with the findings that the filters leave of it. `culprit` is the explanation that
    is sure; `more` findings are not shown.
    """

    first: Row
    rows: Sequence[Row]
    more: int
    rules: Sequence[tuple[str, str]]  # id, title
    culprit: Advice | None
    address: str  # of the report, at the cell in question
    alone: str  # of the page that shows this cause alone


def show_findings(request: Request) -> Response:
    """One page of causes with the filters beside it."""
    warehouse: Warehouse = request.app.state.warehouse
    asked, lang = _asked(request), language_of(request)
    found = count(warehouse, asked)
    pages = max(1, -(-found.causes // _PAGE))
    number = min(number_of_page(request), pages)
    places = causes(warehouse, asked, _PAGE, (number - 1) * _PAGE)
    filters = asked.filters
    return page(
        request,
        "findings.html",
        facets=[_facet(warehouse, asked, name, lang) for name in FACETS],
        others=[
            (_words(n, v, lang), _address(asked, n, ""))
            for n, v in filters.items()
            if n in (*EXACT, TEXT)
        ],
        text=filters.get(TEXT, ""),
        kept=[(n, v) for n, v in filters.items() if n != TEXT],
        causes=_causes(warehouse, asked, places, lang),
        count=found,
        number=number,
        pages=pages,
        before=f"?{urlencode([*filters.items(), ('page', number - 1)])}",
        after=f"?{urlencode([*filters.items(), ('page', number + 1)])}",
        download=f"/findings.csv?{urlencode(filters)}",
        everything=not filters,
    )


def download_findings(request: Request) -> Response:
    """The findings that the filters leave, as CSV."""
    lang = language_of(request)
    rows = (
        row
        | {
            "message": row[f"message_{lang}"],
            "cells": " ".join(row["cells"] or ()),
            "rule": title_of_rule(row["rule_id"], lang),
        }
        for row in findings_of(request.app.state.warehouse, _asked(request))
    )
    data = csv_bytes(_COLUMNS, ([row[column] for column in _COLUMNS] for row in rows))
    return attachment(data, "findings.csv", "text/csv; charset=utf-8")


def _asked(request: Request) -> Asked:
    """The filters of the address, none that is unknown; the words to search for are not empty."""
    params = request.query_params
    found = {n: params[n][:200] for n in (*FACETS, *EXACT, TEXT) if params.get(n) is not None}
    return Asked({n: v for n, v in found.items() if v or n in FACETS})


def _causes(
    warehouse: Warehouse, asked: Asked, places: Sequence[int], lang: str
) -> list[ShownCause]:
    rows = findings_of(warehouse, asked, places)
    culprits = _culprits(warehouse, rows, lang)
    most = len(rows) if "cause" in asked.filters else _INSIDE
    return [
        _cause(list(together), culprits, most, lang)
        for _, together in groupby(rows, key=lambda row: int(row["place"]))
    ]


def _cause(
    rows: list[Row], culprits: dict[tuple[str, str], Advice], most: int, lang: str
) -> ShownCause:
    first = rows[0]
    rules = dict.fromkeys(row["rule_id"] for row in rows)
    culprit = culprits.get((first["report_id"], first["cause_id"]))
    at_cell = anchor_of_key(first["cells"][-1]) if first["cells"] else ""
    anchor = culprit.anchor if culprit else at_cell
    alone = {"report": first["report_id"], "cause": first["cause_id"]}
    return ShownCause(
        first,
        rows[:most],
        max(0, len(rows) - most),
        [(rule, title_of_rule(rule, lang)) for rule in rules],
        culprit,
        f"/report/{first['report_id']}" + (f"#{anchor}" if anchor else ""),
        f"/findings?{urlencode(alone)}",
    )


def _culprits(
    warehouse: Warehouse, rows: Sequence[Row], lang: str
) -> dict[tuple[str, str], Advice]:
    """The explanation that is sure, by report and cause."""
    suspects = warehouse.rows(
        "SELECT s.*, t.edition FROM suspects s "
        "JOIN tables t ON t.report_id = s.report_id AND t.table_id = s.table_id "
        "WHERE s.rank = 1 AND s.confident AND s.row_id IS NOT NULL "
        "AND s.cause_id IN (SELECT unnest(?)) "
        "ORDER BY s.report_id, s.cause_id, s.row_id, s.col_id",
        [[row["cause_id"] for row in rows]],
    )
    forms = load_forms()
    culprits = {}
    for cause, cells in groupby(suspects, key=lambda s: (s["report_id"], s["cause_id"])):
        named = list(cells)
        names = {
            (s["table_id"], s["row_id"], s["col_id"]): name_cell(
                forms.table(s["edition"], s["table_id"]), s["row_id"], s["col_id"], lang
            )
            for s in named
        }
        culprits[cause] = advice_of(named, names, lang)
    return culprits


def _facet(warehouse: Warehouse, asked: Asked, name: str, lang: str) -> Facet:
    chosen = asked.filters.get(name)
    found = values_of(warehouse, asked, name, _VALUES)
    if name == "slip":
        found = _by_name(found, lang)
    if chosen is not None and chosen not in dict(found):
        found.append((chosen, 0))
    return Facet(
        name,
        [
            (value, _words(name, value, lang), n, _address(asked, name, value), value == chosen)
            for value, n in found
        ],
    )


def _by_name(slips: Sequence[tuple[str, int]], lang: str) -> list[tuple[str, int]]:
    """Kinds of slips that go by one name as one value; findings without any are left out."""
    named: dict[str, tuple[str, int]] = {}
    for slip, n in slips:
        if slip:
            word = _words("slip", slip, lang)
            kinds, before = named.get(word, ("", 0))
            named[word] = (f"{kinds},{slip}" if kinds else slip, before + n)
    return list(named.values())


def _words(name: str, value: str, lang: str) -> str:
    """A value of a filter as a person reads it; one that is none of the closed list as it is."""
    if value == "":
        return say("page.verdict_none" if name == "verdict" else "page.not_told", lang)
    if name == "rule":
        return title_of_rule(value, lang)
    if name in ("report", "cause"):
        return say(f"page.only_{name}", lang)
    first = value.partition(",")[0] if name == "slip" else value
    if first not in _CLOSED.get(name, ()):
        return value
    match name:
        case "level":
            return say(f"level.{value}", lang)
        case "slip":
            return say(f"kind.{first}", lang)
        case "status":
            return say(f"page.status_{value}", lang)
        case _:
            return say(f"page.verdict_{value}", lang)


def _address(asked: Asked, name: str, value: str) -> str:
    """The address with this value chosen, or without the filter where it was chosen already."""
    rest = dict(asked.without(name).filters)
    if value != asked.filters.get(name) and (value or name in FACETS):
        rest[name] = value
    return f"/findings?{urlencode(rest)}" if rest else "/findings"
