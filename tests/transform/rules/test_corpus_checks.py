"""Reports across the corpus, and the checks on one report that came with them: each fires where it
should, and nowhere else.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from load.warehouse import load_readings, memory
from tests.build.report import keys
from tests.transform.rules.test_evaluate import FORMS, RULES, Key, clean, reading
from tests.transform.rules.test_years import FEE, GRANTED, IN, NEW, OUT, made, of_kind, with_report
from tests.transform.test_tidy import printed
from transform.identity.agency_names import level_of
from transform.records import Reading, Remark, TableRow
from transform.rules.deadlines import load_deadlines
from transform.rules.evaluate import findings
from transform.temporary_tables import fetch_rows

CITY, BUREAU, OTHER = "云岭市人民政府", "云岭市林业局", "云岭市财政局"
RESULTS, NATURAL = ("requests", "result_total", "total"), ("requests", "new", "natural")
RICH: dict[Key, str | None] = {
    NEW: "31",
    GRANTED: "17",
    FEE: "12.5",
    IN: "1",
    RESULTS: "32",
    NATURAL: "31",
}
# agency_id, level, division_code, parent_id, site
Agency = tuple[str, str | None, str | None, str | None, str | None]


def judged(readings: list[Reading], agencies: list[Agency] | None = None) -> list[dict[str, Any]]:
    """All findings, with what is known of the agencies."""
    with memory(views=False) as con:
        load_readings(con, readings)
        for agency, level, code, parent, site in agencies or []:
            con.execute("DELETE FROM agencies WHERE agency_id = ?", [agency])
            con.execute(
                "INSERT INTO agencies (agency_id, name, level, division_code, parent_id, site) "
                "VALUES (?, ?, ?, ?, ?, ?)",
                [agency, agency, level, code, parent, site],
            )
        found: list[dict[str, Any]] = fetch_rows(findings(con, FORMS, RULES))
    return found


def only(
    rule_id: str, readings: list[Reading], agencies: list[Agency] | None = None
) -> list[dict[str, Any]]:
    return [f for f in judged(readings, agencies) if f["rule_id"] == rule_id]


def of(
    agency: str, year: int, changed: Mapping[Key, str | None] | None = None, **more: Any
) -> Reading:
    number = sum(map(ord, agency)) * 10_000 + year
    return made(year, changed, number=number, agency_id=agency, agency_name=agency, **more)


def test_every_rule_has_a_test_here() -> None:
    text = "".join(p for p in globals() if p.startswith("test_"))
    of_a_crawl = (
        "restated",
        "same_file",
    )  # tested with one, in tests/flows/steps/test_nightly_run.py
    assert [
        r.test
        for r in RULES.of_kind("corpus")
        if f"test_{r.test}" not in text and r.test not in of_a_crawl
    ] == []


def test_year_missing_between_two_that_are_there() -> None:
    found = only("report.year_missing", [of(BUREAU, 2021), of(BUREAU, 2024), of(OTHER, 2022)])
    assert [(f["instance"], f["year"], f["level"]) for f in found] == [
        ("2022", 2024, "warning"),
        ("2023", 2024, "warning"),
    ]
    assert "2023" in found[1]["message_zh"]


def test_year_missing_of_an_agency_whose_site_is_watched() -> None:
    names = [f"云岭市{x}局" for x in "甲乙丙丁"]
    watched: list[Agency] = [
        (n, None, None, None, f"https://{i}.example.gov.cn") for i, n in enumerate(names)
    ]
    reports = [of(n, 2022) for n in names] + [of(n, 2023) for n in names[1:]] + [of(names[3], 2024)]
    found = only("report.year_missing", reports, watched)
    # 2024 has only begun
    assert [(f["agency_id"], f["instance"]) for f in found] == [(names[0], "2023")]
    assert only("report.year_missing", reports) == []


def test_versions_differ_names_the_cells() -> None:
    first, second = of(BUREAU, 2022, {NEW: "5"}), made(2022, {NEW: "6", IN: ""}, number=7)
    found = only("report.versions_differ", [first, second])
    assert (
        len(found) == 1 and found[0]["cells"] == ["requests|new|total"] and found[0]["actual"] == 1
    )
    assert only("report.versions_differ", [first, made(2022, {NEW: "5", IN: ""}, number=7)]) == []


def test_same_report_under_two_agencies_and_same_numbers_with_other_words() -> None:
    one, two = of(BUREAU, 2022, RICH), of(OTHER, 2022, RICH)
    same = [with_report(one, sketch="0f" * 32), with_report(two, sketch="0f" * 32)]
    assert [(f["level"], OTHER in f["message_zh"]) for f in only("report.same_report", same)].count(
        ("error", True)
    ) == 1
    other = [with_report(one, sketch="0f" * 32), with_report(two, sketch="f0" * 32)]
    assert only("report.same_report", other) == [] and len(only("report.same_numbers", other)) == 2
    assert len(only("report.same_numbers", [one, two])) == 2, (
        "without prose it is the numbers that are the same"
    )


def test_same_numbers_in_two_years_that_do_not_follow_each_other() -> None:
    assert len(only("report.same_numbers", [of(BUREAU, 2021, RICH), of(BUREAU, 2023, RICH)])) == 2
    assert only("report.same_numbers", [of(BUREAU, 2022, RICH), of(BUREAU, 2023, RICH)]) == [], (
        "that is for years.same_numbers"
    )


def test_small_numbers_that_are_the_same_are_chance() -> None:
    few: dict[Key, str | None] = {
        NEW: "31",
        GRANTED: "31",
        RESULTS: "31",
        IN: "1",
        OUT: "1",
        FEE: "2",
    }
    assert only("report.same_numbers", [of(BUREAU, 2022, few), of(OTHER, 2022, few)]) == []


FAMILY: list[Agency] = [
    (CITY, None, None, None, None),
    (BUREAU, None, None, CITY, "https://bureau.example"),
    (OTHER, None, None, CITY, "https://other.example"),
]


def test_children_differ_only_where_all_are_there_and_the_parent_sums_up() -> None:
    parent, bodies = (
        of(CITY, 2022, {NEW: "12"}, scope="whole_area"),
        [of(BUREAU, 2022, {NEW: "4"}), of(OTHER, 2022, {NEW: "7"})],
    )
    [found] = only("report.children_differ", [parent, *bodies], FAMILY)
    assert (found["expected"], found["actual"], found["agency_id"]) == (11, 12, CITY)
    assert (
        only(
            "report.children_differ",
            [of(CITY, 2022, {NEW: "11"}, scope="whole_area"), *bodies],
            FAMILY,
        )
        == []
    )
    assert only("report.children_differ", [parent, bodies[0]], FAMILY) == []
    told_by_names: list[Agency] = [
        (name, None, None, above, None) for name, _, _, above, _ in FAMILY
    ]
    assert only("report.children_differ", [parent, *bodies], told_by_names) == []
    assert (
        only(
            "report.children_differ",
            [of(CITY, 2022, {NEW: "12"}, scope="own_level"), *bodies],
            FAMILY,
        )
        == []
    )


def test_peer_outlier_among_twenty() -> None:
    names = [f"{chr(0x5000 + n)}岭县财政局" for n in range(21)]
    known: list[Agency] = [(n, "county_department", "530000", None, None) for n in names]
    reports = [of(n, 2022, {NEW: str(8 + i % 7)}) for i, n in enumerate(names[:-1])] + [
        of(names[-1], 2022, {NEW: "9000"})
    ]
    [found] = only("report.peer_outlier", reports, known)
    assert (found["agency_id"], found["level"], found["actual"]) == (names[-1], "info", 9000)
    assert only("report.peer_outlier", reports[:10] + reports[-1:], known) == []
    many = [of(n, 2022, {NEW: str(800 + i % 7)}) for i, n in enumerate(names[:-1])]
    [found] = only("report.peer_outlier", [*many, of(names[-1], 2022)], known)
    assert (found["agency_id"], found["actual"]) == (names[-1], 0), "nothing at all stands out too"
    few = [of(n, 2022, {NEW: "800"} if i < 6 else {}) for i, n in enumerate(names)]
    assert {f["agency_id"] for f in only("report.peer_outlier", few, known)} == set(names[:6]), (
        "noughts are what is usual there"
    )


def test_zero_years_in_a_row_up_to_the_last() -> None:
    [found] = only("report.zero_years", [of(BUREAU, y) for y in (2021, 2022, 2023)])
    assert (found["year"], found["level"], found["actual"]) == (2023, "info", 3)
    assert (
        only(
            "report.zero_years", [of(BUREAU, 2021), of(BUREAU, 2022, {NEW: "1"}), of(BUREAU, 2023)]
        )
        == []
    )
    assert only("report.zero_years", [of(BUREAU, 2022), of(BUREAU, 2023)]) == []


def test_last_digits_that_are_all_noughts() -> None:
    rows = [
        k
        for k in keys("2021")
        if k[0] == "requests" and k[2] == "total" and k[1] not in ("new", "result_total")
    ]

    def of_numbers(step: int) -> list[Reading]:
        numbers = iter(range(100, 100_000, step))
        return [of(BUREAU, y, {k: str(next(numbers)) for k in rows}) for y in range(2021, 2026)]

    [found] = only("report.last_digits", of_numbers(10))
    assert (found["level"], found["year"]) == ("info", 2025)
    assert only("report.last_digits", of_numbers(7)) == []


@pytest.mark.parametrize(
    ("agency", "year", "published", "level"),
    [
        (BUREAU, 2022, "2023-01-31", None),
        (BUREAU, 2022, "2023-02-01", "warning"),
        (BUREAU, 2022, "2024-03-01", "info"),  # a page that was moved
        (CITY, 2022, "2023-03-31", None),
        (CITY, 2022, "2023-04-01", "warning"),
        ("云岭市人民政府办公室", 2022, "2023-03-31", None),
        ("云岭市石塘镇人民政府", 2022, "2023-06-01", None),  # the law names no day for towns
        (BUREAU, 2017, "2018-03-31", None),  # before the revision it was one day for all
        (BUREAU, 2017, "2018-04-01", "warning"),
        ("测试", 2022, "2023-06-01", None),
    ],
)
def test_late_by_level_and_year(agency: str, year: int, published: str, level: str | None) -> None:
    edition = "2021" if year > 2020 else "2014"
    found = only(
        "report.late",
        [reading(1, edition, clean(edition), agency_id=agency, year=year, published_on=published)],
    )
    assert [f["level"] for f in found] == ([level] if level else [])
    for f in found:
        assert published in f["message_zh"] and published in f["message_en"]


def test_the_first_publication_counts() -> None:
    again = made(2022, {NEW: "5", IN: ""}, number=7, published_on="2023-01-20")
    assert only("report.late", [of(BUREAU, 2022, published_on="2023-06-01"), again]) == []


def test_deadlines_name_levels_that_there_are() -> None:
    told = {
        level_of(n)
        for n in (
            "教育部",
            "江西省人民政府",
            "江西省财政厅",
            "上饶市人民政府",
            "上饶市民政局",
            "沭阳县人民政府",
            "沭阳县教育局",
        )
    }
    assert {d.level for d in load_deadlines() if d.level != "*"} == told


@pytest.mark.parametrize(
    ("agency", "fires"),
    [
        (BUREAU, True),
        (CITY, False),
        ("江西省人民政府", False),
        ("云岭市人民政府办公室", False),
        ("教育部", False),
        ("沭阳县人民政府", True),
        ("测试", False),
    ],
)
def test_regulations_by_power(agency: str, fires: bool) -> None:
    key = ("proactive", "regulations", "issued")
    assert bool(only("proactive.no_power", [made(2022, {key: "2"}, agency_id=agency)])) is fires
    assert only("proactive.no_power", [made(2022, agency_id=agency)]) == []


def test_a_known_level_goes_before_the_name() -> None:
    key = ("proactive", "regulations", "issued")
    assert (
        only(
            "proactive.no_power",
            [made(2022, {key: "2"}, agency_id=BUREAU)],
            [(BUREAU, "central_department", None, None, None)],
        )
        == []
    )


def test_a_year_as_a_value_is_told_by_the_sums() -> None:
    row: dict[Key, str | None] = {NEW: "2022", ("requests", "new", "natural"): "2022"}
    assert (
        only(
            "cell.year",
            [
                made(
                    2022,
                    {
                        **row,
                        ("requests", "result_total", "natural"): "2022",
                        ("requests", "result_total", "total"): "2022",
                        ("requests", "granted", "natural"): "2022",
                        GRANTED: "2022",
                    },
                )
            ],
        )
        == []
    )
    assert {
        f["level"]
        for f in only("cell.year", [made(2022, {("requests", "new", "charity"): "2023"})])
    } == {"warning"}
    assert {
        f["level"]
        for f in only("cell.year", [made(2022, {("proactive", "licence", "decisions"): "2022"})])
    } == {"info"}
    assert only("cell.year", [made(2022, {("requests", "new", "charity"): "2021"})]) == []


def test_split_digits_only_where_one_reading_mends_the_row() -> None:
    row: dict[Key, str | None] = {
        ("requests", "new", "business"): "1",
        ("requests", "new", "research"): "2",
        NEW: "12",
    }
    [found] = only("cell.split_digits", [made(2022, row)])
    assert (
        found["cells"] == ["requests|new|business", "requests|new|research"]
        and found["expected"] == 12
    )
    assert only("cell.split_digits", [made(2022, {**row, NEW: "13"})]) == []
    assert (
        only(
            "cell.split_digits",
            [made(2022, {**row, ("requests", "new", "legal_service"): "1", NEW: "13"})],
        )
        == []
    ), "two ways"


def test_subtotals_and_the_blank_pair() -> None:
    note = {"requests": [Remark("row.subtotal", "denied", printed="（三）不予公开")]}
    parts: dict[Key, str | None] = {
        ("requests", "denied.third_party", "total"): "3",
        ("requests", "denied", "total"): "3",
    }
    assert only("requests.subtotal", [made(2022, parts, notes=note)]) == []
    [found] = only(
        "requests.subtotal",
        [made(2022, {**parts, ("requests", "denied", "total"): "4"}, notes=note)],
    )
    assert (found["expected"], found["actual"], found["level"]) == (3, 4, "error")
    projects, amount = (
        ("proactive", "procurement", "projects"),
        ("proactive", "procurement", "amount"),
    )
    for changed in (
        {projects: "2", amount: "7.5"},
        {projects: "2", amount: ""},
        {projects: "2", amount: None},
    ):
        assert only("proactive.procurement_pair", [made(2020, changed, "2019")]) == []
    assert len(only("proactive.procurement_pair", [made(2020, {projects: "2"}, "2019")])) == 1


def test_a_plus_sign_is_told_where_a_count_belongs() -> None:
    read, codes = printed(NEW, "+1036")
    assert read.value == 1036 and "cell.plus_sign" in codes
    change, codes = printed(("proactive", "licence", "change"), "+1036", "2019")
    assert change.value == 1036 and "cell.plus_sign" not in codes


def test_no_finding_has_the_fingerprint_of_another() -> None:
    """All faults at once: two findings of one id would stop a publication."""
    rows: dict[Key, str | None] = {**RICH, ("proactive", "regulations", "issued"): "2022"}
    names = [BUREAU, OTHER, CITY, "云岭市教育局"]
    readings = [
        of(
            n,
            y,
            rows if y > 2020 else None,
            edition="2021" if y > 2020 else "2019",
            published_on=f"{y + 1}-12-01",
        )
        for n in names
        for y in (2019, 2020, 2021, 2022, 2023, 2025)
    ]
    annex = TableRow("statistics", "2014", True, 1, 1)  # beside 表二
    readings = [replace(r, tables=(*r.tables, annex)) for r in readings]
    known: list[Agency] = [
        (n, None, None, CITY if n != CITY else None, "https://x.example.gov.cn") for n in names
    ]
    found = judged(readings, known)
    assert len({f["fingerprint"] for f in found}) == len(found) > 20


def test_one_report_alone_has_no_finding_across() -> None:
    assert (
        of_kind([of(BUREAU, 2022, RICH)], "corpus")
        == of_kind([of(BUREAU, 2022, RICH)], "years")
        == []
    )


def test_unknown_agencies_are_not_compared() -> None:
    readings = [replace(of(a, 2022, RICH)) for a in (BUREAU, OTHER)]
    assert of_kind([with_report(r, agency_id="unknown") for r in readings], "corpus") == []


def test_new_edition_by_labels_that_no_edition_has() -> None:
    note = {"requests": [Remark("row.extra", "extra.x", printed="（八）转其他机关办理")]}
    agencies = [f"云岭市{x}局" for x in ("林业", "财政", "水利", "民政", "教育", "统计")]
    readings = [of(agency, 2023, notes=note) for agency in agencies]
    (found,) = only("form.new_edition", readings)
    assert (found["actual"], found["year"]) == (6, 2023)
    assert "（八）转其他机关办理" in found["message_zh"]
    of_years = [of(a, 2020 + n, notes=note) for n, a in enumerate(agencies)]
    assert only("form.new_edition", readings[:4]) == only("form.new_edition", of_years) == []
