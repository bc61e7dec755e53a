"""The registry of sources: what it reads, what it refuses, and that the entries shipped are sound
and claim nothing.
"""

from pathlib import Path
from typing import Any

import pytest
import yaml

from data import ConfigError
from extract.crawl.sources import LEVELS, load_sources
from transform.identity.agency_names import level_of

ENTRY: dict[str, Any] = {
    "id": "one",
    "site": "www.example.gov.cn",
    "agency": "云岭市财政局",
    "lists": ["https://www.example.gov.cn/zfxxgknb/"],
}


def _file(tmp_path: Path, *entries: dict[str, Any], name: str = "a.yaml") -> Path:
    path = tmp_path / name
    path.write_text(
        yaml.safe_dump({"sources": list(entries)}, allow_unicode=True, sort_keys=False),
        encoding="utf-8",
    )
    return path


def test_an_entry_with_a_table_gives_a_list_for_each_agency_and_year(tmp_path: Path) -> None:
    entry = {
        "id": "two",
        "site": "www.example.gov.cn",
        "level": "city_department",
        "parent": "云岭市",
        "lists": ["https://www.example.gov.cn/{path}/{year}n/"],
        "years": {"first": 2022, "last": 2023},
        "agencies": [
            {"agency": "云岭市财政局", "path": "czj"},
            {
                "agency": "云岭市东山镇人民政府",
                "path": "dsz",
                "level": "town_government",
                "division_code": "360100101",
            },
            {
                "agency": "云岭市人民政府",
                "lists": ["https://www.example.gov.cn/nb/"],
                "level": "city_government",
            },
        ],
    }
    (source,) = load_sources(_file(tmp_path, entry))
    columns = source.report_lists()
    assert [
        (c.agency, c.url.removeprefix("https://www.example.gov.cn"), c.level) for c in columns
    ] == [
        ("云岭市财政局", "/czj/2022n/", "city_department"),
        ("云岭市财政局", "/czj/2023n/", "city_department"),
        ("云岭市东山镇人民政府", "/dsz/2022n/", "town_government"),
        ("云岭市东山镇人民政府", "/dsz/2023n/", "town_government"),
        ("云岭市人民政府", "/nb/", "city_government"),
    ]
    assert (
        columns[2].division_code == "360100101"
        and columns[0].parent == "云岭市"
        and columns[0].source_id == "two"
    )
    assert source.wants(2022) and not source.wants(2021) and not source.wants(2024)


def test_a_source_allows_its_hosts_alone_and_hands_its_exceptions_to_the_fetcher(
    tmp_path: Path,
) -> None:
    entry = ENTRY | {
        "site": "122.137.242.24:8080",
        "lists": ["http://122.137.242.24:8080/nb/"],
        "hosts": ["file.example.gov.cn"],
        "pace": 5,
        "exceptions": {
            "hosts": {"reason": "the county has no name of its own"},
            "tls": {"verify": False, "reason": "expired since 2023, told to the agency"},
            "robots": {"obey": False, "reason": "allowed in writing by the agency"},
        },
    }
    (source,) = load_sources(_file(tmp_path, entry))
    assert source.allows("http://122.137.242.24:8080/x") and source.allows(
        "https://FILE.example.gov.cn:443/a.pdf"
    )
    assert not source.allows("http://122.137.242.24/x") and not source.allows(
        "http://evil.example.gov.cn/"
    )
    assert not source.allows("http://file.example.gov.cn.evil.com/")
    assert source.terms.hosts == ("122.137.242.24", "file.example.gov.cn")
    assert (
        source.terms.unverified.startswith("expired")
        and source.terms.robots_ignored.startswith("allowed")
        and source.terms.gap == 5
    )


REFUSED: dict[str, tuple[dict[str, Any], str, str]] = {
    "an unknown key": ({"lits": []}, "lits", "unknown key"),
    "an unknown family": ({"family": "trs2"}, "family", "no family of that name"),
    "a family and selectors": ({"family": "trs", "selectors": {"item": "li a"}}, "id", "keep one"),
    "a selector that is none": ({"selectors": {"item": "li["}}, "item", "not a CSS selector"),
    "an address outside": (
        {"lists": ["https://www.other.gov.cn/nb/"]},
        "lists",
        "neither the site nor among hosts",
    ),
    "an address that is none": (
        {"lists": ["ftp://www.example.gov.cn/nb/"]},
        "lists",
        "not an http",
    ),
    "an address with a password": (
        {"lists": ["https://a:b@www.example.gov.cn/nb/"]},
        "lists",
        "not an http",
    ),
    "another port": (
        {"lists": ["https://www.example.gov.cn:8443/nb/"]},
        "lists",
        "neither the site",
    ),
    "no list": ({"lists": []}, "id", "no list"),
    "a slot without a table": (
        {"lists": ["https://www.example.gov.cn/{path}/"]},
        "lists",
        "needs a table",
    ),
    "a year without years": (
        {"lists": ["https://www.example.gov.cn/{year}/"]},
        "lists",
        "needs the years",
    ),
    "an unknown slot": (
        {"lists": ["https://www.example.gov.cn/{dept}/"]},
        "lists",
        "unknown {dept}",
    ),
    "a minimum below 0": ({"minimum": -1}, "minimum", "greater than or equal to 0"),
    "a minimum that no site has": ({"minimum": 10**11}, "minimum", "less than or equal to 1000000"),
    "a level of no kind": ({"level": "state"}, "level", "Input should be"),
    "too fast": ({"pace": 0.1}, "pace", "too fast"),
    "a host that is none": ({"hosts": ["https://x"]}, "hosts", "match pattern"),
    "a foreign host": ({"hosts": ["mirror.example.com"]}, "hosts", "not under gov.cn"),
    "a host that looks like one": (
        {"hosts": ["example.gov.cn.evil.com"]},
        "hosts",
        "not under gov.cn",
    ),
    "TLS without a reason": ({"exceptions": {"tls": {"verify": False}}}, "tls", "missing"),
    "TLS with an empty reason": (
        {"exceptions": {"tls": {"verify": False, "reason": ""}}},
        "reason",
        "at least",
    ),
    "robots without a reason": ({"exceptions": {"robots": {"obey": False}}}, "robots", "missing"),
    "years exchanged": ({"years": {"first": 2023, "last": 2020}}, "years", "exchange them"),
    "two kinds of agencies": ({"agencies": [{"agency": "x", "path": "x"}]}, "id", "keep one"),
    "a bad id": ({"id": "Eins"}, "id", "pattern"),
    "a code that is none": ({"division_code": "36"}, "division_code", "pattern"),
}


@pytest.mark.parametrize("case", REFUSED, ids=str)
def test_refused_with_file_and_line(tmp_path: Path, case: str) -> None:
    change, key, what = REFUSED[case]
    path = _file(tmp_path, ENTRY | {"id": "before"}, ENTRY | change)
    with pytest.raises(ConfigError) as caught:
        load_sources(path)
    (line,) = [m for m in str(caught.value).splitlines() if what in m]
    where = int(line.removeprefix(f"{path}:").split(":")[0])
    lines = path.read_text(encoding="utf-8").splitlines()
    # The line of the key itself, or of the item below it; what concerns the whole entry is said at
    # its first line.
    assert where > 5 and (key in lines[where - 1] or key in lines[where - 2]), (
        line,
        lines[where - 1],
    )


def test_two_sources_of_one_id_are_refused_with_both_places(tmp_path: Path) -> None:
    first, second = (
        _file(tmp_path, ENTRY, name="a.yaml"),
        _file(tmp_path, ENTRY | {"agency": "云岭市教育局"}, name="b.yaml"),
    )
    with pytest.raises(ConfigError) as caught:
        load_sources(tmp_path)
    assert (
        str(caught.value)
        == f"{second}:2: one: this id stands at {first}:2 too: give each source its own"
    )


def test_all_faults_of_all_files_are_said_at_once(tmp_path: Path) -> None:
    _file(tmp_path, ENTRY | {"minimum": -1}, name="a.yaml")
    _file(tmp_path, ENTRY | {"family": "nobody"}, ENTRY | {"pace": 0}, name="b.yaml")
    with pytest.raises(ConfigError) as caught:
        load_sources(tmp_path)
    # the minimum, the family, the pace, the id twice
    assert len(str(caught.value).splitlines()) == 4


def test_a_folder_without_a_registry_is_refused(tmp_path: Path) -> None:
    _file(tmp_path, ENTRY, name="a.yml")
    with pytest.raises(ConfigError, match=r"no file of sources \(\*\.yaml\)"):
        load_sources(tmp_path)


def test_yaml_that_turns_into_something_else_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text("sources:\n  - id: one\n    division_code: 0110\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"a\.yaml:3: 0110"):
        load_sources(path)


def test_the_shipped_entries_are_sound_and_claim_nothing() -> None:
    sources = load_sources()
    assert len(sources) >= 7
    for source in sources:
        assert not source.tested and source.note, source.id
        assert (
            source.exceptions.tls is None
            and source.exceptions.robots is None
            and source.gap_seconds >= 1
        ), source.id
        for column in source.report_lists():
            named = level_of(column.agency) if column.agency else None
            assert named in (None, column.level), column


def test_levels_are_those_of_agencies() -> None:
    names = {
        "国务院",
        "中国气象局",
        "江西省人民政府",
        "江西省财政厅",
        "上饶市人民政府",
        "上饶市民政局",
        "沭阳县人民政府",
        "沭阳县发展和改革局",
    }
    names |= {"平潭综合实验区管委会", "平潭综合实验区财政金融局", "沭阳县庙头镇人民政府"}
    assert {level_of(name) for name in names} <= set(LEVELS)
