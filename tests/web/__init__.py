"""A small web of agencies' sites on loopback, for tests of the crawler: every family of sites, each
with what real ones do.

    with web(families=["trs", "jpage"], agencies=5, years=(2021, 2022, 2023)) as sites:
        site = sites["trs"]
        site.entry      # its source, as a dict for data/sources
        site.truth      # every document that a crawl must find, as `Truth`
        site.log        # every request with its time
        site.down = True

Each site is a host of its own (127.0.0.2, 127.0.0.3, … with a port each). `server` serves,
`reports` makes reports, `pages` the markup that all sites share, `sites` and `endpoints` one family
after the other.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import yaml

from tests.web.server import Reply, Site, Truth, Visit
from tests.web.sites import BUILDERS, build_site

__all__ = ["FAMILIES", "Reply", "Site", "Truth", "Visit", "web", "write_sources"]

FAMILIES = tuple(BUILDERS)


@contextmanager
def web(
    families: Sequence[str] = FAMILIES, agencies: int = 3, years: Sequence[int] = (2021, 2022, 2023)
) -> Iterator[dict[str, Site]]:
    """The sites, up and running, by the name of their family."""
    sites: dict[str, Site] = {}
    try:
        for number, name in enumerate(families):
            site = Site(name, f"127.0.0.{2 + number}")
            sites[name] = site
            build_site(site, number, agencies, tuple(years))
        yield sites
    finally:
        for site in sites.values():
            site.close()


def write_sources(sites: dict[str, Site], path: Path) -> Path:
    """The sites' entries as a file of sources."""
    path.write_text(
        yaml.safe_dump(
            {"sources": [site.entry for site in sites.values()]},
            allow_unicode=True,
            sort_keys=False,
        ),
        encoding="utf-8",
    )
    return path
