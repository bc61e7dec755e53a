"""What is judged again is what changed, and the whole comes out as if all were judged anew."""

import shutil
from dataclasses import replace
from pathlib import Path
from random import Random

import duckdb
import pytest

from load import judge
from load.codebook import codebook
from tests.build.draw import random_report
from tests.build.report import Report, expected_cells
from tests.load.made import cell, dump, put, reading, rows, run, sha
from transform.form.forms import load_forms
from transform.localize.diagnose import diagnose
from transform.records import Reading
from transform.rules.evaluate import ACROSS_KIND, findings, findings_across, findings_of_reports
from transform.rules.load import load_rules

FORMS = load_forms()
RULES = load_rules(FORMS)
AGENCIES = ("建湖县人民政府", "射阳县人民政府", "建湖县财政局", "unknown")
YEARS = (2021, 2022, 2023, 2024)
URLS = (None, "http://a.gov.cn/1", "http://a.gov.cn/2")
# when a finding was met, and what a run did, differ by the way; what is said of reports may not
BY_THE_WAY = (
    "runs",
    "changes",
    "documents.first_seen",
    "documents.path",
    "findings.status",
    "findings.first_seen",
    "findings.last_seen",
)


def judging(judged: list[int] | None = None) -> dict[str, object]:
    """The rules as a run applies them; how many reports each part showed is added to `judged`."""

    def check(con: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyRelation:
        if judged is not None:
            judged.append(con.execute("SELECT count(*) FROM reports").fetchall()[0][0])
        return findings_of_reports(con, FORMS, RULES)

    return {
        "check": check,
        "diagnose": lambda con, found, reports: diagnose(con, FORMS, RULES, found, reports),
        "check_across": lambda con: findings_across(con, FORMS, RULES),
        "across": {rule.rule_id for rule in RULES.of_kind(ACROSS_KIND)},
        "codebook": codebook(FORMS, RULES.rules),
    }


def with_a_fault(report: Report, random: Random) -> Report:
    """The report, often with one figure changed."""
    figures = dict(report.figures)
    if random.random() < 0.5:
        figures[random.choice([key for key in figures if key[0] != "proactive"])] = "7"
    if random.random() < 0.3:
        figures[random.choice(list(figures))] = ""
    return replace(report, figures=figures)


def a_reading(name: str, random: Random) -> Reading:
    """A document with a report; few agencies, years and seeds, so that reports meet."""
    report = with_a_fault(random_report(random.randrange(4), "2021", mean=20.0), random)
    cells = [cell(*key, e.value, e.state, unit=e.unit) for key, e in expected_cells(report).items()]
    url = random.choice(URLS)
    return reading(
        name,
        random.choice(AGENCIES),
        random.choice(YEARS),
        version=str(random.random()),
        cells=cells,
        published_on=random.choice((None, "2023-05-01", "2024-01-20")),
        url=url,
        vault_path=None if url is None else f"raw/{sha(name)}",
        fetched_at=None if url is None else f"2026-01-{random.randrange(1, 28):02}T00:00:00",
    )


@pytest.mark.parametrize("seed", range(3))
def test_a_part_at_a_time_comes_to_the_same_as_all_at_once(
    seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(judge, "REPORTS_AT_ONCE", 3)
    random = Random(seed)
    database, names = tmp_path / "w.duckdb", [f"d{n}" for n in range(9)]
    for step in range(1, 7):
        chosen = random.sample(names, random.randrange(1, 4))
        given = [a_reading(name, random) for name in chosen]
        present = {sha(name) for name in random.sample(names, 7)} | {sha(n) for n in chosen}
        prune = random.random() < 0.4
        put(database, given, run(step), present=present, prune=prune, **judging())
        anew = tmp_path / "anew" / "w.duckdb"
        anew.parent.mkdir(exist_ok=True)
        shutil.copy(database, anew)
        put(anew, [], run(step + 100, code="b"), **judging())
        assert dump(database, BY_THE_WAY) == dump(anew, BY_THE_WAY), f"step {step}"
    at_once = rows_of_all_rules(database)
    assert at_once == rows(database, "SELECT finding_id FROM findings ORDER BY 1")
    assert at_once


def rows_of_all_rules(database: Path) -> list[tuple[str]]:
    """The findings of one judgement of everything."""
    with duckdb.connect(str(database)) as con:
        return findings(con, FORMS, RULES).project("fingerprint").order("fingerprint").fetchall()


def test_only_the_agency_that_changed_is_judged_again(tmp_path: Path) -> None:
    database, judged = tmp_path / "w.duckdb", []
    several = [
        reading(f"{agency}-{year}", agency, year) for agency in AGENCIES[:3] for year in YEARS
    ]
    put(database, several, run(1), **judging(judged))
    assert judged == [12]
    judged.clear()
    changed = reading("建湖县财政局-2022", "建湖县财政局", 2022, version="2")
    put(database, [changed], run(2), **judging(judged))
    assert judged == [4]
    judged.clear()
    put(database, [], run(3), **judging(judged))
    assert judged == []


def test_findings_of_other_reports_stand(tmp_path: Path) -> None:
    """What was new is standing after the next judgement, whoever it is about."""
    database = tmp_path / "w.duckdb"
    put(
        database,
        [reading("a", "建湖县人民政府"), reading("b", "射阳县人民政府")],
        run(1),
        **judging(),
    )
    put(database, [reading("c", "建湖县财政局")], run(2), **judging())
    statuses = "SELECT agency_id, list(DISTINCT status), max(last_seen) FROM findings GROUP BY 1"
    found = {agency: (statuses, seen) for agency, statuses, seen in rows(database, statuses)}
    newest = run(2).started_at.replace(tzinfo=None)
    assert found == {
        "建湖县人民政府": (["standing"], newest),
        "射阳县人民政府": (["standing"], newest),
        "建湖县财政局": (["new"], newest),
    }


def test_findings_of_reports_that_went_go(tmp_path: Path) -> None:
    database = tmp_path / "w.duckdb"
    put(
        database,
        [reading("a", "建湖县人民政府"), reading("b", "射阳县人民政府")],
        run(1),
        **judging(),
    )
    put(database, [], run(2), present={sha("b")}, prune=True, **judging())
    assert rows(database, "SELECT DISTINCT agency_id FROM findings") == [("射阳县人民政府",)]
