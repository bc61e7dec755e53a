"""Checking drafts: the page that takes them, the page that waits, the verdict on one draft, the
table of many, and what can be downloaded.

Drafts and verdicts are held by `queue.Queue` and nowhere else.
"""

import io
import zipfile
from dataclasses import dataclass
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from extract.detect import Format
from load.csv_text import csv_bytes
from review.drafts import SUMMARY_COLUMNS, summarise, urgency
from review.judged import Judged
from review.messages import say
from review.names import describe_reason
from review.pages.issues import ReportView, view_report
from review.pages.queue import Batch, Queue, QueueFullError
from review.pages.render import language_of, page, problem
from review.pages.security import FIELD, is_own_form
from review.pages.site import Site
from review.pages.uploads import UploadRefusedError, read_upload


@dataclass(frozen=True, slots=True)
class Line:
    """One draft in the table of many. `view` is None for a file that is no report."""

    number: int
    file_name: str
    view: ReportView | None
    reason: str

    @property
    def order(self) -> tuple[tuple[bool, int, int], str]:
        """Files that could not be read first, then by errors."""
        return urgency(None if self.view is None else self.view.judged), self.file_name


async def show_form(request: Request) -> Response:
    """The page that takes drafts."""
    site: Site = request.app.state.site
    return page(
        request,
        "check.html",
        takes_previous=site.takes_previous,
        most=site.upload_bytes // 2**20,
    )


async def take_drafts(request: Request) -> Response:
    """The form's drafts into the queue."""
    site: Site = request.app.state.site
    try:
        upload = await read_upload(request, site.upload_bytes)
    except UploadRefusedError as error:
        return problem(request, 413, error.message, error.values)
    if not is_own_form(request, upload.fields.get(FIELD)):
        return problem(request, 403, "page.foreign_form")
    drafts = upload.files.get("drafts", [])
    if not drafts:
        return problem(request, 400, "page.no_file")
    queue: Queue = request.app.state.queue
    try:
        batch = queue.add(drafts, upload.files.get("previous", []))
    except QueueFullError:
        return problem(request, 503, "page.queue_full")
    return RedirectResponse(f"/check/{batch.name}", 303)


async def show_batch(request: Request) -> Response:
    """The verdict once it is there; until then how far it is."""
    batch = _batch(request)
    if batch is None:
        return problem(request, 404, "page.forgotten")
    if batch.done < len(batch.drafts):
        before = request.app.state.queue.before(batch)
        response = page(request, "waiting.html", batch=batch, before=before)
        response.headers["refresh"] = "2"
        return response
    if len(batch.drafts) == 1:
        return _one(request, batch, 0)
    lines = sorted(_lines(batch, language_of(request)), key=lambda line: line.order)
    return page(
        request,
        "drafts.html",
        batch=batch,
        lines=lines,
        annotates=_is_any_annotated(request, batch),
    )


async def tell_progress(request: Request) -> Response:
    """How far a batch is, for the script of the page that waits."""
    batch = _batch(request)
    if batch is None:
        return JSONResponse({"forgotten": True}, 404)
    before = request.app.state.queue.before(batch)
    return JSONResponse({"done": batch.done, "of": len(batch.drafts), "before": before})


async def show_draft(request: Request) -> Response:
    """The verdict on one of many drafts."""
    found = _draft(request)
    return problem(request, 404, "page.forgotten") if found is None else _one(request, *found)


async def download_table(request: Request) -> Response:
    """The table of many drafts as CSV."""
    batch = _batch(request)
    if batch is None or batch.done < len(batch.drafts):
        return problem(request, 404, "page.forgotten")
    lang = language_of(request)
    results = [_result(batch, number) for number in range(len(batch.drafts))]
    rows = [
        *(
            {"file": draft.name, "most_important": say("page.check_broke", lang)}
            for draft, judged in zip(batch.drafts, results, strict=True)
            if judged is None
        ),
        *summarise([judged for judged in results if judged is not None], lang),
    ]
    heads = [say(f"column.{column}", lang) for column in SUMMARY_COLUMNS]
    data = csv_bytes(heads, ([row.get(column) for column in SUMMARY_COLUMNS] for row in rows))
    return attachment(data, "drafts.csv", "text/csv; charset=utf-8")


async def download_annotated(request: Request) -> Response:
    """One draft back with what was found written at its cells."""
    found = _draft(request)
    site: Site = request.app.state.site
    if found is None or site.annotate is None:
        return problem(request, 404, "page.forgotten")
    batch, number = found
    judged = batch.judged(number)
    if not _is_annotated(request, judged):
        return problem(request, 404, "page.forgotten")
    made = site.annotate(batch.drafts[number], judged, language_of(request))
    return attachment(made.data, made.name)


async def download_all_annotated(request: Request) -> Response:
    """All drafts back, as one zip."""
    batch = _batch(request)
    site: Site = request.app.state.site
    if batch is None or site.annotate is None or batch.done < len(batch.drafts):
        return problem(request, 404, "page.forgotten")
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for number, draft in enumerate(batch.drafts):
            judged = _result(batch, number)
            if judged is None or not _is_annotated(request, judged):
                continue
            made = site.annotate(draft, judged, language_of(request))
            packed.writestr(f"{number + 1:03d}-{made.name}", made.data)
    return attachment(out.getvalue(), "annotated.zip", "application/zip")


def attachment(data: bytes, name: str, media_type: str = "application/octet-stream") -> Response:
    """A file to be saved."""
    headers = {"content-disposition": f"attachment; filename*=UTF-8''{quote(name)}"}
    return Response(data, headers=headers, media_type=media_type)


def _batch(request: Request) -> Batch | None:
    queue: Queue = request.app.state.queue
    return queue.find(request.path_params["batch"])


def _draft(request: Request) -> tuple[Batch, int] | None:
    """One judged draft of a batch, by the number in the address."""
    batch, number = _batch(request), int(request.path_params["number"])
    if batch is None or number >= len(batch.drafts) or not batch.results[number].done():
        return None
    return batch, number


def _result(batch: Batch, number: int) -> Judged | None:
    """The verdict, None where judging itself broke: the server's log has why."""
    return None if batch.results[number].exception() is not None else batch.judged(number)


def _one(request: Request, batch: Batch, number: int) -> Response:
    judged, lang = _result(batch, number), language_of(request)
    name = batch.drafts[number].name
    if judged is None or judged.reading.report is None:
        return page(
            request, "refused.html", 200, name=name, reason=_reason(judged, lang), batch=batch
        )
    return page(
        request,
        "draft.html",
        name=name,
        view=view_report(judged, lang),
        batch=batch,
        number=number,
        annotates=_is_annotated(request, judged),
    )


def _is_annotated(request: Request, judged: Judged) -> bool:
    """Whether the draft can be given back with comments."""
    site: Site = request.app.state.site
    reading = judged.reading
    is_word = reading.report is not None and reading.document.format == Format.DOCX
    return site.annotate is not None and is_word


def _is_any_annotated(request: Request, batch: Batch) -> bool:
    found = (_result(batch, number) for number in range(len(batch.drafts)))
    return any(judged is not None and _is_annotated(request, judged) for judged in found)


def _lines(batch: Batch, lang: str) -> list[Line]:
    lines = []
    for number, draft in enumerate(batch.drafts):
        judged = _result(batch, number)
        if judged is None or judged.reading.report is None:
            lines.append(Line(number, draft.name, None, _reason(judged, lang)))
        else:
            lines.append(Line(number, draft.name, view_report(judged, lang), ""))
    return lines


def _reason(judged: Judged | None, lang: str) -> str:
    """Why a file is no report, in words."""
    if judged is None or judged.reading.outcome.reason is None:
        return say("page.check_broke", lang)
    text = describe_reason(judged.reading.outcome, lang)
    return text[:1].upper() + text[1:]
