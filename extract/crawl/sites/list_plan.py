"""How a list is walked: the small shapes that the families of sites fill in, and that `listing`
follows.

A `Family` is two pure functions: `fits` knows the family by its marks in a column's page, `plans`
says how to ask for the list. A `Plan` is the first request and a function that reads its answer; an
`Answer` holds the links found and the next request, so that a page number, a next link or a script
that must be read first are all the same to the one who walks. Nothing here touches a network.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from extract.crawl.http.messages import Request, Response
from extract.crawl.sites.html_page import WebPage
from extract.crawl.sites.links import Link


@dataclass(frozen=True, slots=True)
class ListAnswer:
    """What one answer holds.

    `links` is None where it was only asked for on the way (a script with a site's key).
    """

    links: Sequence[Link] | None
    next: "ListPlan | None" = None
    total: int | None = None  # entries of the whole list, where the answer says it


@dataclass(frozen=True, slots=True)
class ListPlan:
    """One request of a list and how its answer is read. `guessed`: the address is a guess, so that
    an answer counts only if it brings new links from where the links of the page before it are.
    """

    request: Request
    read: Callable[[Response], ListAnswer]
    guessed: bool = False


@dataclass(frozen=True, slots=True)
class Family:
    """One way of publishing lists.

    `plans` are tried in turn until one brings the list; none means that the page holds it all.
    """

    name: str
    fits: Callable[[WebPage], bool]
    plans: Callable[[WebPage], Sequence[ListPlan]]


def numbered(
    ask: Callable[[int], Request],
    read: Callable[[Response], tuple[Sequence[Link], int | None]],
    number: int = 1,
) -> ListPlan:
    """A list asked for by page number: ends with the first page that has no links, or when as many
    as are stated were given.
    """

    def plan(page: int, given: int) -> ListPlan:
        def answer(response: Response) -> ListAnswer:
            links, total = read(response)
            so_far = given + len(links)
            more = bool(links) and (total is None or so_far < total)
            return ListAnswer(links, plan(page + 1, so_far) if more else None, total)

        return ListPlan(ask(page), answer)

    return plan(number, 0)
