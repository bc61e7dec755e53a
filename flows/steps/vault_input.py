"""From the vault to requests: every document that the crawl has kept, with what was found beside
it.

`fetched_input(settings, wanted)` gives what a crawl brings to a run
(`flows.steps.pipeline.FetchedInput`): a `ReadRequest` for each content, without the pages that only
lead to files and without what a source brought that gave too few reports since it last gave enough;
the state of the sources; the agencies that the registry knows. Nothing is hashed: the vault names
its files by their hash.

All of it follows from the vault and the registry, and nothing from what the warehouse holds: one
that is made anew is the same. Where a content was found is what the first fetch of it said.
"""

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from extract.crawl.vault.crawl_record import SourceHistory
from extract.crawl.vault.fetch_log import FetchRecord
from extract.crawl.vault.store import Vault
from flows.steps.crawl import Wanted, chosen
from flows.steps.pipeline import FetchedInput
from flows.steps.request import Provenance, ReadRequest
from flows.steps.settings import Settings
from load.crawl_state import Crawled, SourceState
from load.warehouse import Agency

ROLES: Final = ("page", "attachment", "image")  # of `extract.crawl.sites.results.ReportFile`


def fetched_input(settings: Settings, wanted: Wanted) -> FetchedInput:
    """What the vault holds, and how its log says that the sources stand; the agencies are those of
    the sources `wanted`.
    """
    if not settings.vault.is_dir():
        return FetchedInput((), Crawled((), {}, {}))
    with Vault(settings.vault) as vault:
        # read once: reading them is most of the work
        entries = [entry for entry in vault.as_first_fetched() if entry.role in ROLES]
        histories = vault.histories()
        requests = tuple(_requests(entries, vault, histories))
        return FetchedInput(
            requests,
            Crawled(_states(histories), _gone(entries, vault.gone()), _shared(entries)),
            agencies_of(settings, wanted),
        )


def _states(histories: Mapping[str, SourceHistory]) -> list[SourceState]:
    """How the sources stand that were crawled as a whole, as rows of table `sources`."""
    return [
        SourceState(
            source_id,
            last.site,
            last.state,
            last.reason or None,
            last.detail or None,
            last.expected,
            last.listed,
            last.documents,
            last.misses,
            history.not_good_since.removesuffix("Z") or None,
        )
        for source_id, history in histories.items()
        if (last := history.last) is not None
    ]


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


def _requests(
    entries: Iterable[FetchRecord], vault: Vault, histories: Mapping[str, SourceHistory]
) -> Iterator[ReadRequest]:
    """A request for each content, as it was first met; without what waits."""
    root = os.path.abspath(vault.root)
    first: dict[str, FetchRecord] = {}
    for entry in entries:
        history = histories.get(entry.source)
        if history is None or history.is_released(entry.at):
            known = first.get(entry.sha256)
            if known is None or entry.at < known.at:
                first[entry.sha256] = entry
    for entry in first.values():
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
