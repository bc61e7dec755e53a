"""The small web does what it says, and the real fetcher gets through it."""

import hashlib

import httpx
import pytest

from extract.crawl.http.client import Fetcher
from extract.crawl.http.messages import FetchError, Request, Response
from extract.crawl.http.policy import FetchPolicy
from extract.crawl.sites.detail_page import open_item
from extract.crawl.sites.listing import list_reports
from extract.crawl.sites.results import State, drive
from extract.crawl.sources import load_sources
from tests.web import Reply, web, write_sources


def test_replies_conditions_faults_and_the_log() -> None:
    with web(["trs"], agencies=1, years=(2023,)) as sites, httpx.Client(trust_env=False) as http:
        site = sites["trs"]
        url = site.truth[0].url
        answer = http.get(url)
        assert hashlib.sha256(answer.content).hexdigest() == site.truth[0].sha256
        assert http.get(url, headers={"If-None-Match": answer.headers["etag"]}).status_code == 304
        assert (
            http.get(
                url, headers={"If-Modified-Since": answer.headers["last-modified"]}
            ).status_code
            == 304
        )
        site.put(url.removeprefix(site.root), b"changed")
        assert (
            http.get(url, headers={"If-None-Match": answer.headers["etag"]}).content == b"changed"
        )
        site.fail("/x", Reply(status=503), Reply(status=429, headers={"Retry-After": "1"}))
        site.put("/x", "ok")
        assert [http.get(site.root + "/x").status_code for _ in range(3)] == [503, 429, 200]
        assert http.get(site.root + "/none").status_code == 404
        site.firewall = True
        assert "拦截" in http.get(url).text
        site.down = True
        with pytest.raises(httpx.HTTPError):
            http.get(url)
        assert [v.status for v in site.log] == [200, 304, 304, 200, 503, 429, 200, 404, 200, 0]
        assert [v.at for v in site.log] == sorted(v.at for v in site.log)


def test_sites_are_hosts_of_their_own_and_alike_each_time() -> None:
    truths = []
    for _ in range(2):
        with web(["vsb", "epoint"], agencies=2, years=(2020, 2022)) as sites:
            assert len({site.host.split(":")[0] for site in sites.values()}) == 2
            assert all(
                site.entry["minimum"] == len({(t.agency, t.year) for t in site.truth}) == 4
                for site in sites.values()
            )
            truths.append(
                [
                    (t.sha256, t.agency, t.year, t.title)
                    for site in sites.values()
                    for t in site.truth
                    if t.role == "attachment"
                ]
            )
    assert truths[0] == truths[1] and truths[0]


@pytest.mark.parametrize("name", ["trs", "truecms", "epoint"])
def test_the_fetcher_brings_home_what_the_families_find(
    name: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    with (
        web([name], agencies=1) as sites,
        Fetcher(FetchPolicy("tests@example.org", gap=0.0, backoff=0.0, loopback=True)) as fetcher,
    ):
        site = sites[name]
        (source,) = load_sources(write_sources(sites, tmp_path_factory.mktemp("web") / "web.yaml"))

        def ask(request: Request) -> Response | None:
            try:
                return fetcher.fetch(request, source.terms)
            except FetchError as error:
                return None if error.status is None else Response(error.url, error.status, {}, b"")

        home = set()
        for column in source.report_lists():
            for item in drive(list_reports(source, column), ask).items:
                found = drive(open_item(source, item), ask)
                assert found.state is not State.FAULT
                home |= {
                    hashlib.sha256(r.content).hexdigest()
                    for p in found.files
                    if (r := p.response or ask(p.request)) is not None
                }
        assert home == {t.sha256 for t in site.truth}
        assert site.paths()[0] == "/robots.txt"
