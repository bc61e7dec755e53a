"""The board: how many reports there are and how they stand, by agency and year, by rule, by source;
what the last run changed. Pages of one agency, one rule, one cell.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from review.pages.equations import equation_of, plain
from review.pages.issues import title_of, view_report
from review.pages.marks import anchor_of_key
from review.pages.render import language_of, page, problem
from review.pages.warehouse import Row, Warehouse, load_report
from review.pages.words import say
from transform.form.forms import load_forms
from transform.rules.load import load_rules

_AGENCIES: Final = 400  # rows of the heat map on a page
_FIGURES: Final = (
    "requests_new",
    "carried_in",
    "granted",
    "denied",
    "result_total",
    "carried_out",
    "review_total",
    "direct_total",
)
_EXAMPLES: Final = 20


@dataclass(frozen=True, slots=True)
class Square:
    """One agency in one year on the heat map."""

    state: str  # error, warning, clean, missing, none
    report_id: str
    words: str
    count: int


def show_board(request: Request) -> Response:
    """The first page of the warehouse."""
    warehouse: Warehouse = request.app.state.warehouse
    lang = language_of(request)
    years = [
        int(r["year"])
        for r in warehouse.rows(
            "SELECT DISTINCT year FROM reports WHERE year IS NOT NULL ORDER BY year"
        )
    ]
    coverage = warehouse.rows(
        "SELECT * FROM coverage ORDER BY province NULLS LAST, city NULLS FIRST, "
        "county NULLS FIRST, agency_id, year"
    )
    return page(
        request,
        "board.html",
        years=years,
        sentences=_sentences(coverage, years, lang),
        lines=_heat_map(coverage, lang)[:_AGENCIES],
        agencies=len({r["agency_id"] for r in coverage}),
        shown=_AGENCIES,
        rules=warehouse.rows(
            "SELECT rule_id, level, count(*) AS n FROM findings "
            "WHERE level <> 'info' AND status <> 'dismissed' GROUP BY ALL "
            "ORDER BY n DESC, rule_id LIMIT 15"
        ),
        runs=warehouse.rows(
            "SELECT run_id, started_at, finished_at, status FROM runs ORDER BY rowid DESC LIMIT 1"
        ),
        changes=warehouse.rows(
            "SELECT kind, count(*) AS n FROM changes WHERE run_id = "
            "(SELECT run_id FROM runs ORDER BY rowid DESC LIMIT 1) "
            "GROUP BY kind ORDER BY n DESC, kind"
        ),
        sources=warehouse.rows("SELECT * FROM sources ORDER BY stale_since NULLS LAST, source_id"),
        unread=warehouse.rows(
            "SELECT d.file_name, o.reason, o.status FROM outcomes o "
            "JOIN documents d ON d.document_id = o.document_id "
            "WHERE o.status IN ('rejected', 'failed') "
            "ORDER BY d.file_name LIMIT 50"
        ),
    )


def _sentences(coverage: Sequence[Row], years: Sequence[int], lang: str) -> list[str]:
    """What there is of each of the last three years."""
    said = []
    for year in reversed(years[-3:]):
        here = [r for r in coverage if r["year"] == year]
        said.append(
            say(
                "page.year_sentence",
                lang,
                year=year,
                expected=sum(bool(r["expected"]) for r in here),
                found=sum(r["report_id"] is not None for r in here),
                bad=sum(bool(r["errors"]) for r in here),
            )
        )
    return said


def _heat_map(coverage: Sequence[Row], lang: str) -> list[tuple[str, str, list[Square]]]:
    """Place, agency and squares; agencies without any report are left out."""
    lines: dict[tuple[str, str], list[Square]] = {}
    for row in coverage:
        place = " ".join(row[n] for n in ("province", "city", "county") if row[n])
        lines.setdefault((place, row["agency_id"]), []).append(_square(row, lang))
    return [
        (place, agency, squares)
        for (place, agency), squares in lines.items()
        if any(s.report_id for s in squares)
    ]


def _square(row: Row, lang: str) -> Square:
    errors, warnings = int(row["errors"] or 0), int(row["warnings"] or 0)
    if row["report_id"] is None:
        state = "missing" if row["expected"] else "none"
    else:
        state = "error" if errors else "warning" if warnings else "clean"
    words = say(f"page.square_{state}", lang, count=errors or warnings)
    return Square(
        state,
        row["report_id"] or "",
        f"{row['agency_id']} {row['year']}: {words}",
        errors or warnings,
    )


def show_agency(request: Request) -> Response:
    """One agency: its years side by side, and where what was carried over does not meet."""
    warehouse: Warehouse = request.app.state.warehouse
    agency = request.path_params["agency"]
    rows = warehouse.rows(
        "SELECT * FROM report_wide WHERE agency_id = ? AND is_current ORDER BY year", [agency]
    )
    if not rows:
        return problem(request, 404, "page.no_agency")
    by_year = {r["year"]: r for r in rows}
    breaks = {
        year
        for year, row in by_year.items()
        if year is not None
        and (before := by_year.get(year - 1)) is not None
        and None not in (row["carried_in"], before["carried_out"])
        and row["carried_in"] != before["carried_out"]
    }
    figures = {name: _bars([r[name] for r in rows]) for name in _FIGURES}
    return page(request, "agency.html", agency=agency, rows=rows, figures=figures, breaks=breaks)


def _bars(values: Sequence[Any]) -> list[tuple[str, float]]:
    """Each value as printed, and as a share of the largest."""
    most = max((float(v) for v in values if v is not None), default=0.0) or 1.0
    return [("" if v is None else plain(v), 0.0 if v is None else float(v) / most) for v in values]


def show_rule(request: Request) -> Response:
    """One rule: its words, where it comes from, and how it does."""
    warehouse: Warehouse = request.app.state.warehouse
    rule_id = request.path_params["rule"]
    rule = next((r for r in load_rules(load_forms()).rules if r.rule_id == rule_id), None)
    cards = warehouse.rows("SELECT * FROM rule_card WHERE rule_id = ?", [rule_id])
    if rule is None or not cards:
        return problem(request, 404, "page.no_rule")
    lang = language_of(request)
    examples = warehouse.rows(
        "SELECT * FROM findings WHERE rule_id = ? ORDER BY year DESC NULLS LAST, finding_id "
        "LIMIT ?",
        [rule_id, _EXAMPLES],
    )
    for row in examples:
        row["anchor"] = anchor_of_key(row["cells"][-1]) if row["cells"] else ""
    return page(
        request,
        "rule.html",
        rule=rule,
        message=rule.message_zh if lang == "zh" else rule.message_en,
        card=cards[0],
        examples=examples,
    )


def show_cell(request: Request) -> Response:
    """One number: what it is, where it stands, and how to cite it."""
    warehouse: Warehouse = request.app.state.warehouse
    p: Mapping[str, str] = request.path_params
    judged = load_report(warehouse, p["report"])
    key = (p["table"], p["row"], p["col"])
    cells = (
        {}
        if judged is None
        else {(c.table_id, c.row_id, c.col_id): c for c in judged.reading.cells}
    )
    if judged is None or key not in cells:
        return problem(request, 404, "page.no_cell")
    lang = language_of(request)
    view = view_report(judged, lang)
    editions = {t.table_id: t.edition for t in judged.reading.tables}
    joined = "|".join(key)
    mine = [f for f in judged.findings if joined in (f["cells"] or ())]
    names = {
        (k[0], k[1], k[2]): v for k, v in ((tuple(n.split("|")), v) for n, v in view.names.items())
    }
    documents = warehouse.rows(
        "SELECT * FROM documents WHERE document_id = ?", [judged.reading.document.document_id]
    )
    return page(
        request,
        "cell.html",
        cell=cells[key],
        name=view.names.get(joined, " · ".join(key[1:])),
        title=title_of(judged, lang),
        report_id=p["report"],
        anchor=anchor_of_key(joined),
        table=next((t.label for t in view.tables if t.table_id == key[0]), key[0]),
        findings=[(f, equation_of(f, editions, cells, names)) for f in mine],
        document=documents[0],
        address=str(request.url.replace(query="")),
    )
