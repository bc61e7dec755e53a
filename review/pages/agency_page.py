"""One agency: its years side by side, and where what was carried over does not meet. Of a single
year the figures alone are shown, for bars would compare it with nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from review.pages.equations import plain
from review.pages.render import page, problem
from review.pages.warehouse import Row, Warehouse

# the figures that are compared, each with its cell; a sum of several cells has none
_FIGURES: Final = {
    "requests_new": "requests/new/total",
    "carried_in": "requests/carried_in/total",
    "granted": "requests/granted/total",
    "denied": "",
    "result_total": "requests/result_total/total",
    "carried_out": "requests/carried_out/total",
    "review_total": "disputes/cases/review.total",
    "direct_total": "disputes/cases/direct.total",
}


@dataclass(frozen=True, slots=True)
class Bar:
    """One figure of one year: as printed, as a share of the largest, where its cell is shown, and
    whether it breaks with what the year before carried over.
    """

    text: str
    share: float
    address: str
    broken: bool


def show_agency(request: Request) -> Response:
    """The page of one agency."""
    warehouse: Warehouse = request.app.state.warehouse
    agency = request.path_params["agency"]
    rows = warehouse.rows(
        "SELECT * FROM report_wide WHERE agency_id = ? AND is_current ORDER BY year", [agency]
    )
    if not rows:
        return problem(request, 404, "page.no_agency")
    figures = {name: _bars(rows, name, cell) for name, cell in _FIGURES.items()}
    return page(request, "agency.html", agency=agency, rows=rows, figures=figures)


def _bars(rows: Sequence[Row], name: str, cell: str) -> list[Bar]:
    most = max((float(r[name]) for r in rows if r[name] is not None), default=0.0) or 1.0
    breaks = _breaks(rows) if name == "carried_in" else frozenset()
    return [
        Bar(
            "" if row[name] is None else plain(row[name]),
            0.0 if row[name] is None else float(row[name]) / most,
            f"/cell/{row['report_id']}/{cell}" if cell and row[name] is not None else "",
            row["year"] in breaks,
        )
        for row in rows
    ]


def _breaks(rows: Sequence[Row]) -> frozenset[int]:
    """The years that do not carry in what the year before carried out."""
    carried_out = {r["year"]: r["carried_out"] for r in rows if r["year"] is not None}
    return frozenset(
        row["year"]
        for row in rows
        if row["year"] is not None
        and None not in (before := carried_out.get(row["year"] - 1), row["carried_in"])
        and before != row["carried_in"]
    )
