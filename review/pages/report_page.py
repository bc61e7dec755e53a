"""One report: the source on the left, the form on the right, what was found, and what people decide
on it.

A decision goes to the folder of corrections (`decisions`), never into the warehouse; until the next
run has honoured it, the page says who decided what and why.
"""

import datetime
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from extract.document import ReadError
from review.judged import Judged
from review.pages.decisions import AlreadyDecidedError, DecisionsFile, RefusedEntryError
from review.pages.issues import ReportView, view_report
from review.pages.render import language_of, page, problem
from review.pages.security import FIELD, is_own_form
from review.pages.site import ShownSource, Site
from review.pages.uploads import UploadRefusedError, read_upload
from review.pages.warehouse import Row, Warehouse, load_report
from transform.rules.corrections import CellCorrection, Decision

_FORM_BYTES: Final = 64 * 1024
_KINDS: Final = {"misreading": "misreadings", "misprint": "misprints"}


@dataclass(frozen=True, slots=True)
class Box:
    """Where a cell stands on a page, in points."""

    key: str
    left: float
    top: float
    width: float
    height: float


def show_report(request: Request) -> Response:
    """The page of one report."""
    warehouse: Warehouse = request.app.state.warehouse
    judged = load_report(warehouse, request.path_params["report"])
    if judged is None:
        return problem(request, 404, "page.no_report")
    site: Site = request.app.state.site
    view = view_report(judged, language_of(request))
    source = _source(site, warehouse, judged)
    return page(
        request,
        "report.html",
        view=view,
        judged=judged,
        source=source,
        keys_at=_keys_at(judged),
        boxes=_boxes(judged),
        document=_document(warehouse, judged),
        decided=_decided(site, view),
        cells={f"{c.table_id}|{c.row_id}|{c.col_id}": c for c in judged.reading.cells},
        seconds=_seconds(judged),
        versions=_versions(warehouse, judged),
        can_decide=site.corrections is not None,
    )


def show_page_image(request: Request) -> Response:
    """One page of a report's document as a picture."""
    warehouse: Warehouse = request.app.state.warehouse
    site: Site = request.app.state.site
    query = (
        "SELECT d.* FROM reports r JOIN documents d ON d.document_id = r.document_id "
        "WHERE r.report_id = ?"
    )
    found = warehouse.rows(query, [request.path_params["report"]])
    path = _path(site, found[0]) if found else None
    number = int(request.path_params["number"])
    if path is None or site.page_image is None or number < 1:
        return problem(request, 404, "page.not_found")
    try:
        picture = site.page_image(path, number)
    except (ReadError, OSError):
        return problem(request, 404, "page.source_unreadable")
    return Response(
        picture, media_type="image/png", headers={"cache-control": "private, max-age=3600"}
    )


async def decide(request: Request) -> Response:
    """Write what somebody decided, and show the report again."""
    site: Site = request.app.state.site
    if site.corrections is None:
        return problem(request, 404, "page.not_found")
    try:
        fields = (await read_upload(request, _FORM_BYTES)).fields
    except UploadRefusedError as error:
        return problem(request, 413, error.message, error.values)
    if not is_own_form(request, fields.get(FIELD)):
        return problem(request, 403, "page.foreign_form")
    report = request.path_params["report"]
    if not fields.get("reason", "").strip() or not fields.get("by", "").strip():
        return problem(request, 400, "page.say_why")
    try:
        for section, entry in _entries(report, fields):
            DecisionsFile(site.corrections).add(section, entry)
    except AlreadyDecidedError as error:
        return problem(request, 409, "page.already_decided", _describe(error.earlier))
    except RefusedEntryError as error:
        return problem(request, 400, "page.entry_refused", {"error": str(error)})
    back = f"/report/{report}"
    return RedirectResponse(f"{back}#{fields.get('issue', 'main')}", 303)


def _entries(report: str, fields: Mapping[str, str]) -> Iterator[tuple[str, dict[str, str]]]:
    """The entries that a form asks for."""
    said = {
        "reason": " ".join(fields["reason"].split()),
        "date": datetime.datetime.now(tz=datetime.UTC).date().isoformat(),
        "by": " ".join(fields["by"].split()),
    }
    what = fields.get("what", "")
    if what in ("accepted", "dismissed"):
        for finding in fields.get("findings", "").split():
            yield "findings", {"report": report, "finding": finding, "status": what, **said}
        return
    parts = fields.get("cell", "").split("|")
    if what not in _KINDS or len(parts) != 3:
        raise RefusedEntryError(what)
    table, row, col = parts
    meant = fields.get("meant", "").strip()
    entry = {"report": report, "table": table, "row": row, "col": col}
    entry |= {"expect": fields.get(f"expect:{fields['cell']}", "")}
    if what == "misreading":
        entry |= {"meant": meant}
    elif meant:
        entry |= {"correct": meant}
    yield _KINDS[what], entry | said


def _describe(earlier: Decision | CellCorrection) -> dict[str, object]:
    return {
        "by": earlier.decided_by,
        "on": earlier.decided_on,
        "reason": earlier.reason,
        "at": earlier.at.rpartition("/")[2],
    }


def _decided(site: Site, view: ReportView) -> dict[int, Sequence[Row]]:
    """What the files say of each issue, by its number: of its findings and of its cells."""
    report = view.judged.reading.report
    if site.corrections is None or report is None:
        return {}
    corrections = DecisionsFile(site.corrections).read()
    findings = {
        d.finding_id: _describe(d) | {"what": d.status, "meant": ""} for d in corrections.decisions
    }
    cells = {
        f"{c.table_id}|{c.row_id}|{c.col_id}": _describe(c)
        | {"what": c.kind, "meant": c.text or ""}
        for c in corrections.cells
        if c.report_id == report.report_id
    }
    parts = {
        n: [
            *{str(d): d for f in issue.finding_ids if (d := findings.get(f))}.values(),
            *(d for key in issue.keys if (d := cells.get(key))),
        ]
        for n, issue in enumerate(view.issues, 1)
    }
    return {n: said for n, said in parts.items() if said}


def _source(site: Site, warehouse: Warehouse, judged: Judged) -> ShownSource:
    """What is shown of the document."""
    path = _path(site, _document(warehouse, judged))
    if path is None or site.show_source is None:
        return ShownSource(problem="page.source_missing")
    return site.show_source(path, judged.reading.document.document_id)


def _document(warehouse: Warehouse, judged: Judged) -> Row:
    document_id = judged.reading.document.document_id
    return warehouse.rows("SELECT * FROM documents WHERE document_id = ?", [document_id])[0]


def _path(site: Site, document: Row) -> Path | None:
    """Where the file lies: in the vault, or where it was given by hand."""
    if document["vault_path"] and site.vault is not None:
        return site.vault / str(document["vault_path"])
    return Path(document["path"]) if document["path"] else None


def _keys_at(judged: Judged) -> dict[str, str]:
    """The cell of the form at each place of the document, as grid.row.column."""
    return {
        f"{c.grid}.{c.grid_row}.{c.grid_col}": f"{c.table_id}|{c.row_id}|{c.col_id}"
        for c in judged.reading.cells
        if c.grid is not None
    }


def _boxes(judged: Judged) -> dict[int, list[Box]]:
    """Where cells stand on pages, by page."""
    found: dict[int, list[Box]] = {}
    for cell in judged.reading.cells:
        numbers = [float(n) for n in (cell.bbox or "").strip("[]()").replace(",", " ").split()]
        if cell.page is not None and len(numbers) == 4:
            left, top, right, bottom = numbers
            key = f"{cell.table_id}|{cell.row_id}|{cell.col_id}"
            found.setdefault(cell.page, []).append(Box(key, left, top, right - left, bottom - top))
    return found


def _seconds(judged: Judged) -> Sequence[tuple[str, str]]:
    """What the second reader says: of which table, and of each number that differs."""
    return [
        (r.table_id, r.printed or "")
        for r in judged.reading.remarks
        if r.code in ("second.agrees", "second.read")
    ]


def _versions(warehouse: Warehouse, judged: Judged) -> Sequence[Mapping[str, Any]]:
    """The other reports of the same agency and year."""
    report = judged.reading.report
    if report is None or report.agency_id == "unknown" or report.year is None:
        return []
    query = (
        "SELECT r.report_id, r.is_current, d.file_name FROM reports r "
        "JOIN documents d ON d.document_id = r.document_id WHERE r.agency_id = ? AND r.year = ? "
        "ORDER BY r.is_current DESC, d.fetched_at DESC, r.report_id"
    )
    rows = warehouse.rows(query, [report.agency_id, report.year])
    return rows if len(rows) > 1 else []
