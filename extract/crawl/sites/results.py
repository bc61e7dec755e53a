"""What the crawler's pure part gives back: the entries of a list, the files of an entry, and
troubles by name.

Frozen dataclasses and one closed list. `Steps` is the type of what drives them: a generator that
yields each `Request` and is sent the `Response`, or None where none was had (refused by robots.txt,
no connection, given up), and that returns its result at the end.
"""

from collections.abc import Callable, Generator
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from extract.crawl.http.messages import Request, Response
from extract.crawl.sources import ReportList

Result = TypeVar("Result")
Steps = Generator[Request, Response | None, Result]


class FaultKind(StrEnum):
    """What can go wrong with a list or a report's file, for the summary of a run."""

    NOT_FETCHED = "not_fetched"  # no answer was had
    STATUS = "status"  # an answer, but not 200
    BLOCKED_PAGE = "blocked_page"  # a firewall's or error page with status 200
    NEEDS_BROWSER = "needs_browser"  # a script would make the content, by no endpoint that is known
    UNREADABLE = "unreadable"  # an answer that is no page: encoding, size, nesting
    NO_LIST = "no_list"  # a readable page without any report
    INCOMPLETE = "incomplete"  # the list says that it has more entries than were given
    PAGE_CAP = "page_cap"  # the list is longer than limits.LIST_PAGES
    OUTSIDE = "outside"  # an address of a report on a host that the source does not allow
    EMPTY = "empty"  # a file of no bytes


@dataclass(frozen=True, slots=True)
class Fault:
    """What went wrong, where, and what a person should know."""

    kind: FaultKind
    url: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Item:
    """One entry of a list that is a report, or may be one (`sure` is False where the title was cut
    short; its page will tell).
    """

    url: str
    title: str
    date: str  # ISO, or ""
    years: tuple[int, ...]  # that the title names
    sure: bool
    report_list: ReportList
    found_on: str  # the list's page, to be sent as Referer


@dataclass(frozen=True, slots=True)
class Listing:
    """What one column's list holds.

    `family` is the name of the family that was used, "selectors", or "" where no page was had.
    """

    report_list: ReportList
    family: str
    items: tuple[Item, ...]
    pages: int  # answers read
    faults: tuple[Fault, ...]

    @property
    def whole(self) -> bool:
        """Whether the list was read to its end; else last year's documents of the source are not to
        be taken for deleted.
        """
        return bool(self.items) and not any(f.kind is not FaultKind.OUTSIDE for f in self.faults)


class State(StrEnum):
    """What stands behind an entry."""

    DOCUMENTS = "documents"
    GONE = "gone"  # deleted: 404, 410, or a page that only sends back to its column
    NOT_A_REPORT = "not_a_report"  # a title cut short turned out to be another document's
    FAULT = "fault"


@dataclass(frozen=True, slots=True)
class ReportFile:
    """One document of an entry.

    `response` is there for the page itself; an attachment is still to be asked for by `request`.
    """

    request: Request
    role: str  # page, attachment or image
    name: str  # the link's text, or the entry's title
    response: Response | None = None


@dataclass(frozen=True, slots=True)
class Opened:
    """An entry, opened. `title` and `date` as the page states them, else as the list did."""

    item: Item
    state: State
    files: tuple[ReportFile, ...] = ()
    title: str = ""
    date: str = ""
    faults: tuple[Fault, ...] = ()


def drive(steps: Steps[Result], ask: Callable[[Request], Response | None]) -> Result:
    """Runs `steps` to the end; `ask` fetches one request."""
    answer: Response | None = None
    started = False
    while True:
        try:
            request = steps.send(answer) if started else next(steps)
        except StopIteration as end:
            result: Result = end.value
            return result
        started = True
        answer = ask(request)
