"""The registry of sources: whose reports are listed where, in `data/sources/*.yaml`.

A file holds `sources`, a list. One entry is one site, with one agency or with a table of hundreds:

    - id: pingtan                         # unique over all files
      site: www.pingtan.gov.cn            # the host, with a port where it is not the scheme's own
      agency: 平潭综合实验区                # or `agencies`, a table of `AgencyRow`
      level: zone_government              # one of LEVELS, as for the agencies in the warehouse
      division_code: "350128"
      lists: [https://www.pingtan.gov.cn/zwgk/zfxxgk/zfxxgknb/]
      family: trs-json                    # or `selectors`, or neither: detected
      years: {first: 2015, last: 2025}    # other years are not fetched; both ends are optional
      pace: 2                             # seconds between two requests to one host
      hosts: [file.pingtan.gov.cn]        # allowed beside the site
      exceptions:
        tls: {verify: false, reason: …}
        robots: {obey: false, reason: …}
        hosts: {reason: …}
      minimum: 8                          # with fewer nothing new is published
      tested: false                       # nobody has seen this entry work
      note: …

`lists` may hold `{path}`, filled from each row of `agencies`, and `{year}`, filled with each of
`years`. Hosts outside of gov.cn need `exceptions.hosts` with a reason, since copies of reports lie
on many other sites. Whatever is wrong is refused with file and line.

`load_sources` gives the entries, `Source.columns` the lists of one. Out of scope: fetching, and
whether an address still works.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable
from itertools import chain
from pathlib import Path
from typing import Annotated, Final, Literal, Self, get_args

from pydantic import BaseModel, ConfigDict, Field, model_validator
from selectolax.lexbor import LexborHTMLParser, SelectolaxError

from data import ConfigError, ConfigFile, read, validate_file
from extract.crawl.http.policy import Terms
from extract.crawl.sites.family import BY_NAME
from extract.crawl.sites.html_page import host_of, join, key

SLOWEST_SECONDS: Final = 600.0  # seconds between requests beyond which a site takes days
MOST_REPORTS: Final = 1_000_000  # reports that an entry may expect
FASTEST_SECONDS: Final = 0.5  # for all but loopback
_LOOPBACK: Final = re.compile(r"(?:127(?:\.\d{1,3}){3}|localhost|\[::1\])(?::\d+)?")
_GOVERNMENT_HOST: Final = re.compile(r"(?:^|\.)gov\.cn(?::\d+)?$")
_SLOT: Final = re.compile(r"\{([^{}]*)\}")

Text = Annotated[str, Field(min_length=1)]
Reason = Annotated[str, Field(min_length=8, description="why, in a sentence")]
Host = Annotated[
    str, Field(pattern=r"^(?:[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:]+\])(?::[1-9]\d{0,4})?$")
]
Code = Annotated[str, Field(pattern=r"^\d{6}(?:\d{3}|\d{6})?$")]
Year = Annotated[int, Field(ge=2008, le=2100)]  # the regulation came into force in 2008
Level = Literal[
    "central_government",
    "central_department",
    "province_government",
    "province_department",
    "city_government",
    "city_department",
    "county_government",
    "county_department",
    "town_government",
    "town_department",
    "zone_government",
    "zone_department",
]
LEVELS: Final = get_args(Level)


class _SourcePart(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Selectors(_SourcePart):
    """CSS selectors for a site that no family fits: the entries of the list (links, or what holds
    one), and the link to the next page.
    """

    item: Text
    next: Text | None = None


class Years(_SourcePart):
    """The years reported on that are wanted, both included."""

    first: Year = 2008
    last: Year = 2100


class TlsException(_SourcePart):
    """The site's certificate is not verified."""

    verify: Literal[False]
    reason: Reason


class RobotsException(_SourcePart):
    """The site's robots.txt is not obeyed."""

    obey: Literal[False]
    reason: Reason


class HostsException(_SourcePart):
    """Hosts outside of gov.cn are the agency's own."""

    reason: Reason


class Exceptions(_SourcePart):
    """What is done otherwise than everywhere, and why."""

    tls: TlsException | None = None
    robots: RobotsException | None = None
    hosts: HostsException | None = None


class AgencyRow(_SourcePart):
    """One agency of a site's table.

    `path` fills the `{path}` of the source's lists; or it has `lists` of its own.
    """

    agency: Text
    level: Level | None = None
    division_code: Code | None = None
    parent: Text | None = None
    path: Text | None = None
    lists: tuple[Text, ...] = ()


@dataclass(frozen=True, slots=True)
class ReportList:
    """One list of one agency.

    `agency` is None where a list holds the reports of many; their names stand in the reports.
    """

    source_id: str
    url: str
    agency: str | None
    level: str | None = None
    division_code: str | None = None
    parent: str | None = None


class Source(_SourcePart):
    """One entry; see the module's docstring."""

    id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{1,60}$")]
    site: Host
    agency: Text | None = None
    agencies: tuple[AgencyRow, ...] = ()
    level: Level | None = None
    division_code: Code | None = None
    parent: Text | None = None
    lists: tuple[Text, ...] = ()
    family: Text | None = None
    selectors: Selectors | None = None
    years: Years = Years()
    gap_seconds: Annotated[float, Field(alias="pace", ge=0, le=SLOWEST_SECONDS)] = 1.0
    hosts: tuple[Host, ...] = ()
    exceptions: Exceptions = Exceptions()
    minimum: Annotated[int, Field(ge=0, le=MOST_REPORTS)] | None = None
    tested: bool = False
    note: str = ""

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if self.family and self.selectors:
            raise ValueError("family and selectors are both given, keep one")
        if not self.lists and not any(row.lists for row in self.agencies):
            raise ValueError("no list's address is given, add lists")
        if self.agency and self.agencies:
            raise ValueError("agency and agencies are both given, keep one")
        return self

    @property
    def allowed(self) -> frozenset[str]:
        """The hosts that may be asked, in lower case, with ports that are not the scheme's own."""
        return frozenset({self.site, *self.hosts})

    def allows(self, url: str) -> bool:
        """Whether an address lies on an allowed host."""
        return host_of(url) in self.allowed

    @property
    def terms(self) -> Terms:
        """What the fetcher is told of this source."""
        names = tuple(
            sorted(
                {
                    host.rpartition(":")[0] or host if re.search(r":\d+$", host) else host
                    for host in self.allowed
                }
            )
        )
        tls, robots = self.exceptions.tls, self.exceptions.robots
        return Terms(
            names,
            tls.reason if tls else "",
            gap=self.gap_seconds,
            robots_ignored=robots.reason if robots else "",
        )

    def wants(self, year: int) -> bool:
        """Whether reports of that year are wanted."""
        return self.years.first <= year <= self.years.last

    def report_lists(self) -> tuple[ReportList, ...]:
        """Every list, with the agency it belongs to; each address once."""
        rows: Sequence[AgencyRow] = self.agencies or (
            AgencyRow.model_construct(agency=self.agency, lists=()),
        )
        made: dict[str, ReportList] = {}
        for row in rows:
            for template in row.lists or self.lists:
                for url in self._filled(template, row):
                    level, code, parent = (
                        row.level or self.level,
                        row.division_code or self.division_code,
                        row.parent or self.parent,
                    )
                    made.setdefault(
                        key(url) + "#" + url.partition("#")[2],
                        ReportList(self.id, url, row.agency, level, code, parent),
                    )
        return tuple(made.values())

    def _filled(self, template: str, row: AgencyRow) -> Iterator[str]:
        url = template.replace("{path}", row.path or "")
        if "{year}" in url:
            yield from (
                url.replace("{year}", str(year))
                for year in range(self.years.first, self.years.last + 1)
            )
        else:
            yield url


class _SourcesFile(_SourcePart):
    sources: tuple[Source, ...]


# ---- loading


def load_sources(place: Path | Traversable | None = None) -> tuple[Source, ...]:
    """The entries of one file, or of every *.yaml of a folder in order of name; by default those of
    data/sources.

    Raises ConfigError, with one line for every fault: unknown keys, two entries of one id, an
    unknown family, selectors that are none, an address outside of the allowed hosts, a host outside
    of gov.cn or an exception without a reason, a minimum below 0.
    """
    place = files("data") / "sources" if place is None else place
    paths = (
        sorted((p for p in place.iterdir() if p.name.endswith(".yaml")), key=lambda p: p.name)
        if place.is_dir()
        else [place]
    )
    if not paths:
        raise ConfigError(
            f"{place}: no file of sources (*.yaml) is in this folder: name another with "
            "NIANBAO_SOURCES"
        )
    found: list[Source] = []
    faults: list[str] = []
    ids: dict[str, str] = {}
    for path in paths:
        sheet = read(path)
        try:
            held = validate_file(sheet, _SourcesFile)
        except ConfigError as error:
            faults.append(str(error))
            continue
        for number, source in enumerate(held.sources):
            at = ("sources", number)
            if source.id in ids:
                faults.append(
                    f"{sheet.at((*at, 'id'))}: {source.id}: this id stands at "
                    f"{ids[source.id]} too: give each source its own"
                )
            ids.setdefault(source.id, sheet.at((*at, "id")))
            faults += _faults(sheet, number, source)
            found.append(source)
    if faults:
        raise ConfigError("\n".join(faults))
    return tuple(found)


def _faults(sheet: ConfigFile, number: int, source: Source) -> Iterator[str]:
    """What pydantic cannot see in one entry, each with its line."""
    for where, fault in chain(_walk_faults(source), _host_faults(source), _list_faults(source)):
        yield f"{sheet.at(('sources', number, *where))}: {fault}"


# where in the entry, and what is wrong there
_Fault = tuple[tuple[str | int, ...], str]


def _walk_faults(source: Source) -> Iterator[_Fault]:
    """What is wrong with how the lists are walked."""
    if source.family is not None and source.family not in BY_NAME:
        yield (
            ("family",),
            f"{source.family}: no family of that name: choose one of {', '.join(BY_NAME)}, or "
            "leave it out to have it detected",
        )
    for name in ("item", "next"):
        selector = getattr(source.selectors, name, None)
        if selector is not None and not _is_selector(selector):
            yield ("selectors", name), f"{selector}: not a CSS selector: correct it"
    is_loopback = all(_LOOPBACK.fullmatch(host) for host in source.allowed)
    if source.gap_seconds < FASTEST_SECONDS and not is_loopback:
        what = f"{source.gap_seconds} s: too fast for a public site"
        yield ("pace",), f"{what}: give at least {FASTEST_SECONDS}"
    first, last = source.years.first, source.years.last
    if first > last:
        yield ("years",), f"the first year {first} is after the last {last}: exchange them"


def _host_faults(source: Source) -> Iterator[_Fault]:
    places: list[_Fault] = [
        (("site",), source.site),
        *((("hosts", i), host) for i, host in enumerate(source.hosts)),
    ]
    for where, host in places:
        if not _GOVERNMENT_HOST.search(host) and source.exceptions.hosts is None:
            yield (
                where,
                f"{host}: not under gov.cn: correct it, or say in exceptions.hosts.reason why it "
                "is the agency's own",
            )


def _list_faults(source: Source) -> Iterator[_Fault]:
    lists: list[_Fault] = [(("lists", i), text) for i, text in enumerate(source.lists)]
    for index, row in enumerate(source.agencies):
        if row.path is None and not row.lists:
            yield ("agencies", index), f"{row.agency}: neither path nor lists: add one"
        lists += [(("agencies", index, "lists", i), text) for i, text in enumerate(row.lists)]
    for where, text in lists:
        yield from ((where, f"{text}: {what}") for what in _address_faults(source, text))


def _address_faults(source: Source, text: str) -> Iterator[str]:
    slots = set(_SLOT.findall(text))
    if slots - {"path", "year"}:
        yield (
            f"unknown {{{(slots - {'path', 'year'}).pop()}}}: only {{path}} and {{year}} are "
            "filled in"
        )
    if "year" in slots and source.years.last == Years().last:
        yield "{year} needs the years: add years with first and last"
    if "path" in slots and not source.agencies:
        yield "{path} needs a table: add agencies with a path each"
    url = join("", _SLOT.sub("x", text))
    if url is None:
        yield "not an http or https address (or one with a password in it): correct it"
    elif not source.allows(url):
        yield (
            f"its host {host_of(url)} is neither the site nor among hosts: correct it or add the "
            "host"
        )


def _is_selector(text: str) -> bool:
    try:
        LexborHTMLParser("<p></p>").css(text)
    except SelectolaxError:
        return False
    return True
