"""One number: what it is, where it stands, and how to cite it. Its address does not change."""

from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from review.pages.equations import equation_of
from review.pages.issues import title_of, view_report
from review.pages.marks import anchor_of_key
from review.pages.render import language_of, page, problem
from review.pages.warehouse import Row, Warehouse, load_report

_KEY: Final = ("report", "table", "row", "col")  # the parts of its address


def show_cell(request: Request) -> Response:
    """The page of one cell."""
    warehouse: Warehouse = request.app.state.warehouse
    report, *rest = (request.path_params[name] for name in _KEY)
    judged = load_report(warehouse, report)
    key = (rest[0], rest[1], rest[2])
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
        report_id=report,
        anchor=anchor_of_key(joined),
        table=next((t.label for t in view.tables if t.table_id == key[0]), key[0]),
        findings=[(f, equation_of(f, editions, cells, names)) for f in mine],
        document=documents[0],
        citation=_citation(warehouse, report, *key),
    )


def _citation(warehouse: Warehouse, report: str, table: str, row: str, col: str) -> Row | None:
    """What the warehouse gives to cite the cell, in both languages."""
    found = warehouse.rows(
        "SELECT citation_zh, citation_en FROM citations "
        "WHERE report_id = ? AND table_id = ? AND row_id = ? AND col_id = ?",
        [report, table, row, col],
    )
    return found[0] if found else None
