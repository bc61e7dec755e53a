"""One site with one long list, where every n-th paper fails in a way of its own: for what a run
does with many failures.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

from tests.web.pages import page
from tests.web.reports import markup_of
from tests.web.server import FIREWALL, NOT_FOUND, Asked, Reply, Site

FAILURES: dict[
    str, tuple[str, Reply]
] = {  # a failure -> the reason that it must end with, and what the site answers
    "not found": ("not_found", Reply(NOT_FOUND.encode(), status=404)),
    "forbidden": ("status", Reply(b"no", status=403)),
    "firewall": ("blocked_page", Reply(FIREWALL.encode())),
    "empty": ("empty", Reply(b"")),
    "elsewhere": (
        "refused_address",
        Reply(status=302, headers={"Location": "http://169.254.169.254/latest"}),
    ),
    "loop": ("too_many_redirects", Reply(status=302, headers={"Location": "/loop"})),
    "busy": ("status", Reply(status=503)),
}
KINDS = 40  # different reports; the rest repeats their figures under other names


def _always(reply: Reply, asked: Asked) -> Reply:
    return reply


@contextmanager
def many(addresses: int, every: int = 5) -> Iterator[tuple[Site, dict[str, str]]]:
    """The site, and for each failing address the reason that it must end with."""
    site = Site("many", "127.0.0.2")
    failing: dict[str, str] = {}
    try:
        links = []
        kinds = list(FAILURES)
        for n in range(addresses):
            agency = f"云岫市第{n}街道办事处"
            path, title = f"/nb/2023/t{n}.html", f"{agency}2022年政府信息公开工作年度报告"
            links.append(
                f'<li><a href="{path}" title="{title}">{title}</a><span>2023-01-15</span></li>'
            )
            if n % every == every - 1:
                kind = kinds[n // every % len(kinds)]
                failing[site.root + path], reply = FAILURES[kind]
                site.put(path, partial(_always, reply))
            else:
                body = markup_of(f"云岫市第{n % KINDS}局", 2022)
                site.put(path, page(f"<h1>{title}</h1><p>{agency}</p>{body}", title=title))
        site.put("/loop", partial(_always, FAILURES["loop"][1]))
        site.put("/nb/index.html", page(f"<ul>{''.join(links)}</ul>"))
        site.put("/robots.txt", "User-agent: *\nDisallow:\n", "text/plain")
        site.entry = {
            "id": "many",
            "site": site.host,
            "lists": [f"{site.root}/nb/index.html"],
            "family": "static",
            "years": {"first": 2022, "last": 2022},
            "pace": 0,
            "tested": True,
            "exceptions": {"hosts": {"reason": "a site on loopback, for tests"}},
        }
        yield site, failing
    finally:
        site.close()
