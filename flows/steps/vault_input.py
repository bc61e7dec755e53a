"""From the vault to requests: every document that the crawl has kept, with what was found beside
it.

`fetched_input(settings, wanted, states)` gives what a crawl brings to a run
(`flows.steps.pipeline.FetchedInput`): a `ReadRequest` for each content of each address, without the
pages that only lead to files and without what a source that holds too few reports brought and the
warehouse does not hold yet; the state of the sources; the agencies that the registry knows. Nothing
is hashed: the vault names its files by their hash.
"""

import os
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Final

from extract.crawl.outcome import SourceDone
from extract.crawl.vault.fetch_log import FetchRecord
from extract.crawl.vault.store import Vault
from flows.steps.crawl import Wanted, chosen
from flows.steps.pipeline import FetchedInput
from flows.steps.request import Provenance, ReadRequest
from flows.steps.settings import Settings
from load.crawl_state import Crawled, SourceState
from load.database import connect
from load.warehouse import Agency

ROLES: Final = ("page", "attachment", "image")  # of `extract.crawl.sites.results.ReportFile`


def states_of(done: Sequence[SourceDone]) -> list[SourceState]:
    """How the crawled sources stand."""
    return [
        SourceState(one.source_id, one.site, one.minimum, one.documents, len(one.misses), one.stale)
        for one in done
    ]


def fetched_input(
    settings: Settings, wanted: Wanted, states: Sequence[SourceState]
) -> FetchedInput:
    """What the vault holds after a crawl after which the sources stand as in `states`.

    These are kept where the crawl looked at its sources as a whole.
    """
    kept = states if wanted.all_of_a_source else ()
    if not settings.vault.is_dir():
        return FetchedInput((), Crawled(kept, {}, {}))
    with Vault(settings.vault) as vault:
        # read once: reading them is most of the work
        entries = [entry for entry in vault.entries() if entry.role in ROLES]
        requests = tuple(_requests(entries, vault, *_held_back(settings, wanted, states)))
        return FetchedInput(
            requests,
            Crawled(kept, _gone(entries, vault.gone()), _shared(entries)),
            agencies_of(settings, wanted),
        )


def agencies_of(settings: Settings, wanted: Wanted) -> list[Agency]:
    """The agencies whose reports the chosen sources should hold, as rows of table `agencies`."""
    rows: dict[str, Agency] = {}
    for source in chosen(settings, wanted):
        for column in source.report_lists():
            if column.agency is not None:
                row = {
                    "level": column.level,
                    "division_code": column.division_code,
                    "parent_id": column.parent,
                    "site": source.site,
                }
                rows.setdefault(
                    column.agency, {"agency_id": column.agency, "name": column.agency, **row}
                )
    return list(rows.values())


def _held_back(
    settings: Settings, wanted: Wanted, states: Sequence[SourceState]
) -> tuple[set[str], set[str]]:
    """The sources that hold fewer reports than their minimum, by this crawl or, where it did not
    look at them as a whole, an earlier one; and what is published already.
    """
    too_few = {one.source_id for one in states if one.documents < one.minimum}
    published: set[str] = set()
    if settings.database.exists():
        with connect(settings.database, older_too=True) as con:
            before = {
                row[0]
                for row in con.execute(
                    "SELECT source_id FROM sources WHERE documents < minimum"
                ).fetchall()
            }
            too_few |= before - {one.source_id for one in states if wanted.all_of_a_source}
            published = (
                {row[0] for row in con.execute("SELECT document_id FROM documents").fetchall()}
                if too_few
                else published
            )
    return too_few, published


def _requests(
    entries: Iterable[FetchRecord],
    vault: Vault,
    held_back: Collection[str],
    published: Collection[str],
) -> Iterator[ReadRequest]:
    root = os.path.abspath(vault.root)
    seen: set[str] = set()
    for entry in entries:
        if entry.sha256 not in seen and (
            entry.source not in held_back or entry.sha256 in published
        ):
            seen.add(entry.sha256)
            place = vault.place(entry.sha256)
            yield ReadRequest(
                f"{root}/{place}", entry.sha256, entry.size, provenance=_provenance(entry, place)
            )


def _provenance(entry: FetchRecord, place: str) -> Provenance:
    more = entry.more
    return Provenance(
        entry.name,
        entry.source,
        entry.final or entry.address,
        entry.at.removesuffix("Z"),
        place,
        entry.text,
        more.get("date", ""),
        entry.agency,
        more.get("level", ""),
        more.get("division_code", ""),
        entry.year,
    )


def _gone(entries: Sequence[FetchRecord], gone: Mapping[str, str]) -> dict[str, str]:
    """Since when each content is gone; one that another address still lists is not."""
    since = {
        entry.sha256: gone[entry.address].removesuffix("Z")
        for entry in reversed(entries)
        if entry.address in gone
    }
    present = {entry.sha256 for entry in entries if entry.address not in gone} if since else set()
    return {sha256: at for sha256, at in since.items() if sha256 not in present}


def _shared(entries: Iterable[FetchRecord]) -> dict[str, list[str]]:
    """The contents that the lists of several agencies name, with these."""
    owners: dict[str, set[str]] = {}
    for entry in entries:
        if entry.agency:
            owners.setdefault(entry.sha256, set()).add(entry.agency)
    return {sha256: sorted(agencies) for sha256, agencies in owners.items() if len(agencies) > 1}
