"""What a crawl did, or would do, in words: for a terminal, a log and Prefect's table of the run."""

from collections import Counter
from collections.abc import Sequence
from typing import Final

from extract.crawl.outcome import Miss, SourceDone
from extract.crawl.sites.results import Listing
from extract.crawl.sources import Source
from extract.crawl.vault.store import Change

MOST_NAMED: Final = 3  # addresses told of one reason; the rest is counted
MOST_ENTRIES: Final = 10  # of a list, in a trial


def in_words(done: Sequence[SourceDone]) -> str:
    """One line a source, and below it what went wrong."""
    if not done:
        return (
            "no source to crawl: entries that are not marked as tested are crawled only if they "
            "are named"
        )
    lines = []
    for one in done:
        changes = ", ".join(f"{one.changes[kind]} {kind}" for kind in Change)
        lines.append(
            f"{one.source_id}:{_state(one).rstrip()} {one.listed} reports listed, "
            f"{one.documents} documents held ({changes}), {one.gone} gone, "
            f"{len(one.misses)} missed"
        )
        lines += [f"  {line}" for line in _missed(one.misses)]
    return "\n".join(lines)


def rows(done: Sequence[SourceDone]) -> list[dict[str, object]]:
    """The same as rows, for a table."""
    return [
        {
            "source": one.source_id,
            "listed": one.listed,
            "held": one.documents,
            **{str(kind): one.changes[kind] for kind in Change},
            "gone": one.gone,
            "missed": len(one.misses),
            "state": str(one.state),
            "since": one.history.not_good_since if one.history else "",
            "reason": one.detail,
        }
        for one in done
    ]


def trial_in_words(source: Source, listings: Sequence[Listing], misses: Sequence[Miss]) -> str:
    """What a source would give: of every list its family and its entries."""
    entries = sum(len(listing.items) for listing in listings)
    lines = [
        (
            f"{source.id} ({source.site}): {len(listings)} lists, {entries} reports listed"
            f"{'' if source.minimum is None else f', {source.minimum} expected at least'}"
        )
    ]
    for listing in listings:
        owner = listing.report_list.agency or "agencies named in the reports"
        lines.append(
            f"  {listing.report_list.url} ({owner}): family {listing.family or 'not told'}, "
            f"{len(listing.items)} reports, {listing.pages} pages read"
        )
        for item in listing.items[:MOST_ENTRIES]:
            years = ",".join(map(str, item.years)) or "year not named"
            lines.append(f"    {item.date or 'no date'}  {years}  {item.title}  {item.url}")
        if len(listing.items) > MOST_ENTRIES:
            lines.append(f"    and {len(listing.items) - MOST_ENTRIES} more")
        lines += [
            f"    ! {fault.kind}: {fault.url} {fault.detail}".rstrip() for fault in listing.faults
        ]
    return "\n".join([*lines, *(f"  ! {line}" for line in _missed(misses))])


def _state(one: SourceDone) -> str:
    """Why a source is not good, and what follows; nothing for a good one, unless it was not."""
    if one.reason is None:
        recovered = one.history is not None and one.history.recovered
        return " good again;" if recovered else ""
    follows = ""
    if one.too_few:
        follows = "what is new of it waits in the vault; "
    elif one.stale:
        follows = "nothing of it counts as gone; "
    since = one.history.not_good_since if one.history else ""
    return f" {one.state.upper()}{f' since {since[:10]}' if since else ''}: {one.detail}; {follows}"


def _missed(misses: Sequence[Miss]) -> list[str]:
    lines = []
    for reason, count in Counter(miss.reason for miss in misses).items():
        theirs = [miss for miss in misses if miss.reason == reason]
        listed = "; ".join(
            f"{miss.url} ({miss.detail})" if miss.detail else miss.url
            for miss in theirs[:MOST_NAMED]
        )
        lines.append(f"{reason}: {count}: {listed}{'; …' if count > MOST_NAMED else ''}")
    return lines
