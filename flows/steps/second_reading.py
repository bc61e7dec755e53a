"""Tables that no sum covers (table 二) read a second time, once they are published.

Nothing in such a table would show that a figure was misread, so another reader looks at each of
them. That takes longer than the first reading; it is therefore work of its own, which nobody's
morning waits for: `find_unconfirmed` gives the documents of the warehouse that are due, the newest
first, `read_again` reads them into staging and publishes. What the second reader says differently
is a finding from then on, as `nianbao check` gives it.

A document is due until it was read so with the present version of its readers
(`FormatVersion.uncovered_too`). A run that is stopped loses nothing: what is staged is not read
again. Left out are documents without a second reader, pages that are pictures (reading these twice
takes minutes), and files given by hand that are no longer where they were.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final, NamedTuple

from extract.registry import CONVERTED, SECOND_READERS
from flows.steps.crawl import Wanted
from flows.steps.pending_run import PendingRun
from flows.steps.pipeline import MapBatches, publish_run, read_plan
from flows.steps.plan import ReadingPlan
from flows.steps.read import PICTURE_READER
from flows.steps.request import ReadRequest, request_of
from flows.steps.settings import Settings
from flows.steps.vault_input import fetched_input
from flows.steps.version import format_versions
from load.database import connect
from load.staging import staged_documents
from review.run_report import Summary
from transform.crosscheck import covered_tables
from transform.form.forms import load_forms
from transform.rules.load import load_rules

AT_MOST: Final = 5_000  # documents in one run: some minutes

_DUE: Final = """
    SELECT d.document_id, d.path
    FROM documents AS d JOIN outcomes AS o USING (document_id)
    WHERE o.status IN ('extracted', 'partial') AND list_contains($versions, o.reader_version)
        AND NOT list_contains(string_split(o.reader, '+'), $pictures)
        AND EXISTS (
            FROM reports AS r JOIN tables AS t USING (report_id)
            WHERE r.document_id = d.document_id AND t.found
                AND NOT list_contains($covered, concat_ws(' ', t.edition, t.table_id))
        )
    ORDER BY d.first_seen DESC, d.document_id
"""


class _Due(NamedTuple):
    """A document that is due, and where it lies if it was given by hand."""

    document_id: str
    path: str | None


def find_unconfirmed(settings: Settings, at_most: int = AT_MOST) -> list[ReadRequest]:
    """The requests for the documents of the warehouse whose tables without sums one reader alone
    has read.
    """
    due = _due(settings)
    fetched = {}
    if any(one.path is None for one in due):
        requests = fetched_input(settings, Wanted()).requests
        fetched = {request.document_id: request for request in requests}
    found: list[ReadRequest] = []
    for one in due:
        request = fetched.get(one.document_id) if one.path is None else _by_hand(one)
        if request is not None:
            found.append(replace(request, versions=format_versions(), uncovered_too=True))
        if len(found) == at_most:
            break
    return found


def read_again(
    settings: Settings, requests: Sequence[ReadRequest], map_batches: MapBatches = map
) -> Summary:
    """Read the documents with a second look at their tables without sums, and publish."""
    batches = tuple(_batches(requests, settings.batch))
    present = frozenset(request.document_id for request in requests)
    read_plan(settings, ReadingPlan(batches, present, {}, 0), map_batches)
    return publish_run(settings, PendingRun(present, to_read=len(requests)))


def _due(settings: Settings) -> list[_Due]:
    """What the warehouse holds and the present readers have read once, less what is staged."""
    if not settings.database.exists():
        return []
    versions = [v for kind, v in format_versions().items() if kind in {*SECOND_READERS, *CONVERTED}]
    covered = covered_tables(load_rules(load_forms()))
    with connect(settings.database, older_too=True) as con:
        rows = con.execute(
            _DUE,
            {
                "versions": [text for v in versions for text in (v.read, v.crosschecked)],
                "pictures": PICTURE_READER,
                "covered": [" ".join(pair) for pair in sorted(covered)],
            },
        ).fetchall()
    staged = staged_documents(settings.staging_folder, {v.uncovered_too for v in versions})
    return [_Due(document_id, path) for document_id, path in rows if document_id not in staged]


def _by_hand(due: _Due) -> ReadRequest | None:
    """The request for a file given by hand; None where other bytes lie there now, or none."""
    request = request_of(Path(due.path or ""))
    same = isinstance(request, ReadRequest) and request.document_id == due.document_id
    return request if isinstance(request, ReadRequest) and same else None


def _batches(requests: Sequence[ReadRequest], size: int) -> Iterator[tuple[ReadRequest, ...]]:
    return (tuple(requests[i : i + size]) for i in range(0, len(requests), size))
