"""The findings page: one cause a row, filters in the address, a CSV of what is shown."""

import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path

import duckdb
import httpx
import pytest

from flows.commands.cli import status
from flows.steps.serve import site_of
from flows.steps.settings import load_settings
from tests.conftest import CHECKOUT
from tests.review.pages.serving import served

SAMPLES = CHECKOUT / "data" / "samples"
FILES = ("2019-html-word.html", "2019-html-clean.html", "2021-txt-tabs.txt", "2019-txt-pipes.txt")


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("findings") / "w.duckdb"
    given = [str(SAMPLES / name) for name in FILES]
    assert status(["run", *given, "--database", str(file)]) == 0
    return file


@pytest.fixture(scope="module")
def by_cause(database: Path) -> dict[tuple[str, str], list[str]]:
    """The findings of each cause; asked before a server opens the database in its own way."""
    with duckdb.connect(database, read_only=True) as con:
        rows = con.execute("SELECT report_id, cause_id, finding_id FROM findings").fetchall()
    causes: dict[tuple[str, str], list[str]] = {}
    for report, cause, finding in rows:
        causes.setdefault((report, cause), []).append(finding)
    return causes


@pytest.fixture(scope="module")
def client(
    database: Path,
    by_cause: dict[tuple[str, str], list[str]],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[httpx.Client]:
    settings = load_settings(database=database, corrections=tmp_path_factory.mktemp("corrections"))
    with (
        site_of(settings, (), 2) as site,
        served(site) as address,
        httpx.Client(base_url=address, timeout=60) as made,
    ):
        yield made


def rows_of(client: httpx.Client, **asked: str) -> list[dict[str, str]]:
    answer = client.get("/findings.csv", params=asked)
    assert answer.status_code == 200
    return list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"))))


def test_a_row_is_a_cause_with_its_findings_inside(
    client: httpx.Client, by_cause: dict[tuple[str, str], list[str]]
) -> None:
    page = client.get("/findings", params={"lang": "en"}).text
    assert page.count('id="finding-') == len(by_cause)
    assert f"{sum(map(len, by_cause.values()))} in all, {len(by_cause)} by cause" in page
    largest = max(by_cause, key=lambda key: len(by_cause[key]))
    count = len(by_cause[largest])
    assert count > 4 and f"{count - 4} more of the same cause" in page
    alone = client.get("/findings", params={"report": largest[0], "cause": largest[1]}).text
    assert alone.count('id="finding-') == 1 and "more of the same cause" not in alone
    (inside,) = re.findall(r'<ul class="inside">(.*?)</ul>', alone, re.DOTALL)
    assert inside.count("<li>") == count


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"level": "error"},
        {"level": "error", "year": "2020"},
        {"rule": "requests.row_total"},
        {"text": "平潭"},
        {"text": "THE TOTAL"},
        {"verdict": ""},
        {"slip": "blank,left_out"},
        {"level": "nonsense"},
        {"text": "'; DROP TABLE findings; --"},
    ],
    ids=str,
)
def test_the_csv_is_what_the_filters_leave(client: httpx.Client, asked: dict[str, str]) -> None:
    rows = rows_of(client, **asked)
    page = client.get("/findings", params={**asked, "lang": "en"}).text
    causes = dict.fromkeys((row["report_id"], row["cause_id"]) for row in rows)
    assert f"{len(rows)} in all, {len(causes)} by cause" in page
    first = [next(r["finding_id"] for r in rows if r["cause_id"] == cause) for _, cause in causes]
    assert re.findall(r'id="finding-(\w+)"', page) == first
    for name, value in asked.items():
        if name not in ("text", "slip"):
            column = {"rule": "rule_id"}.get(name, name)
            assert {row[column] for row in rows} <= {value}


def test_the_counts_beside_a_filter_are_those_that_it_would_leave(client: httpx.Client) -> None:
    page = client.get("/findings", params={"level": "warning", "lang": "en"}).text
    offered = re.findall(
        r'<li><a href="(/findings[^"]*)"(?: aria-current="true")?><span>[^<]*</span>'
        r'<span class="muted">([\d,]+)</span>',
        page,
    )
    assert len(offered) > 8
    for address, count in offered:
        answer = client.get(address.replace("&amp;", "&").replace("/findings", "/findings.csv", 1))
        chosen_again = "level=" not in address  # this one takes the filter away
        lines = len(list(csv.reader(io.StringIO(answer.text)))) - 1
        assert chosen_again or lines == int(count), address


def test_a_rule_is_called_by_its_title_and_has_its_example(client: httpx.Client) -> None:
    for lang, title, sums in (
        ("zh", "办理结果之和等于（七）总计", "不符"),
        ("en", "Results add to the total (7)", "Does not hold"),
    ):
        page = client.get("/rule/requests.result_total", params={"lang": lang}).text
        assert f"<h1>{title}</h1>" in page and sums in page and "{" not in page
        assert page.count('class="equation"') == 2 and "≠" in page
        assert title in client.get("/findings", params={"lang": lang}).text
        assert title in client.get("/board", params={"lang": lang}).text
    page = client.get("/rule/cell.unit_in_cell", params={"lang": "en"}).text
    assert "73802895.90元" in page and "{" not in page


def test_a_cell_is_cited_in_both_languages(client: httpx.Client) -> None:
    row = next(r for r in rows_of(client, rule="requests.result_total") if r["level"] == "error")
    cell = row["cells"].split()[-1].replace("|", "/")
    for lang in ("zh", "en"):
        page = client.get(f"/cell/{row['report_id']}/{cell}", params={"lang": lang}).text
        zh, en = (
            re.findall(rf'<p class="cite" lang="{code}"><bdi>(.*?)</bdi>', page)
            for code in ("zh-CN", "en")
        )
        assert len(zh) == len(en) == 1 and "表三" in zh[0] and "Table III" in en[0]
        assert not set(en[0]) & set("，。；：件")
