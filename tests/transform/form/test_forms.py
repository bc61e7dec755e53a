"""The forms against the facts, and the faults that their files may have."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from data import ConfigError
from transform.form.forms import Forms, load_forms


@pytest.fixture(scope="module")
def forms() -> Forms:
    return load_forms()


@pytest.fixture(scope="module")
def facts(shared_dir: Path) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(
        (shared_dir / "domain" / "forms.yaml").read_text(encoding="utf-8")
    )
    return found


@pytest.mark.parametrize(
    ("edition", "table", "cells", "data_rows"),
    [
        ("2021", "proactive", 10, 6),
        ("2021", "requests", 175, 25),
        ("2021", "disputes", 15, 1),
        ("2021", "fees", 3, 1),
        ("2019", "proactive", 22, 8),
        ("2019", "requests", 161, 23),
        ("2019", "disputes", 15, 1),
        ("2019", "fees", 3, 1),
        ("2014", "statistics", 58, 58),
        ("fj2008", "statistics", 42, 21),
    ],
)
def test_number_of_cells_and_rows(
    forms: Forms, edition: str, table: str, cells: int, data_rows: int
) -> None:
    found = forms.table(edition, table)
    assert len(found.cells) == len(set(found.cells)) == cells
    assert len(found.data_rows) == data_rows


def test_editions_are_in_the_order_of_their_years(forms: Forms) -> None:
    assert list(forms.editions) == ["fj2008", "2014", "2019", "2021"]
    assert [e.edition_id for e in forms.editions.values() if e.covers(2020)] == ["2019"]
    assert [e.edition_id for e in forms.editions.values() if e.covers(2021)] == ["2021"]
    assert forms.editions["2021"].covers(2031)


def test_years_in_which_a_form_is_prescribed(forms: Forms) -> None:
    assert {e.edition_id: e.prescribed_from for e in forms.editions.values()} == {
        "fj2008": None,
        "2014": 2014,
        "2019": 2020,
        "2021": 2021,
    }


def test_every_part_has_an_english_name(forms: Forms) -> None:
    for edition in forms.editions.values():
        assert edition.title_en.isascii()
        for table in edition.tables.values():
            labels = [
                table.label_en,
                *(r.label_en for r in table.rows),
                *(c.label_en for c in table.columns.values()),
            ]
            assert all(label and label.isascii() for label in labels), table
            parts_en = [r.label_en for r in table.data_rows]
            assert len(set(parts_en)) == len(parts_en), "two rows with one English name"
        assert all(s.label_en and s.label_en.isascii() for s in edition.sections)


def test_positions_count_from_zero(forms: Forms) -> None:
    for table in forms.tables:
        assert [r.position for r in table.rows] == list(range(len(table.rows)))
        for block in table.blocks:
            assert [c.position for c in block.columns] == list(range(len(block.columns)))


def test_requests_of_2019_differ_only_in_other_handling(forms: Forms) -> None:
    old, new = forms.table("2019", "requests"), forms.table("2021", "requests")
    assert {r.row_id for r in new.rows} - {r.row_id for r in old.rows} == {
        "other.no_correction",
        "other.no_fee",
        "other.misc",
    }
    assert old.row("other").kind == "data"
    assert new.row("other").kind == "header"
    assert old.children("results") == ("granted", "partial", "other", "result_total")
    assert new.children("other") == ("other.no_correction", "other.no_fee", "other.misc")
    assert [r.label for r in old.data_rows if r.row_id != "other"] == [
        r.label for r in new.data_rows if not r.row_id.startswith("other.")
    ]
    assert old.edition == "2019"
    assert old.fingerprints == ()


def test_children_of_the_groups(forms: Forms) -> None:
    table = forms.table("2021", "requests")
    assert [len(table.children(g)) for g in ("denied", "unable", "not_processed", "other")] == [
        8,
        3,
        5,
        3,
    ]
    assert table.children("new") == ()
    assert forms.table("2014", "statistics").children("c.ans.denied")[0] == "c.ans.denied.secret"


def test_disputes_have_one_row_and_fifteen_columns_under_three_groups(forms: Forms) -> None:
    table = forms.table("2021", "disputes")
    data = [c for c in table.columns.values() if c.kind == "data"]
    assert [c.parent for c in data] == ["review"] * 5 + ["direct"] * 5 + ["after_review"] * 5
    assert table.cells[4] == ("cases", "review.total")
    assert (
        table.column("cases", "direct").parent
        == table.column("cases", "after_review").parent
        == "litigation"
    )


def test_columns_belong_to_their_block(forms: Forms) -> None:
    table = forms.table("2019", "proactive")
    assert table.column("licence", "decisions").label == table.column("art20_6", "decisions").label
    with pytest.raises(KeyError):
        table.column("admin_fee", "decisions")
    assert table.block("penalty").caption == "第二十条第（六）项"
    assert table.block("art20_9").label_columns == (("item", "信息内容"),)


def test_units_and_types(forms: Forms) -> None:
    new, old = forms.editions["2021"].tables, forms.editions["2019"].tables
    assert (
        new["proactive"].unit_of("admin_fee", "fee_amount"),
        new["proactive"].type_of("admin_fee", "fee_amount"),
    ) == ("万元", "decimal")
    assert (
        old["proactive"].unit_of("licence", "change"),
        old["proactive"].type_of("licence", "change"),
    ) == ("项", "signed_int")
    assert old["proactive"].unit_of("procurement", "amount") is None
    assert (new["requests"].unit_of("new", "total"), new["requests"].type_of("new", "total")) == (
        "件",
        "int",
    )
    assert (new["fees"].unit_of("fees", "billed"), new["fees"].optional) == ("元", True)
    statistics = forms.table("2014", "statistics")
    assert (statistics.unit_of("g", "value"), statistics.type_of("g", "value")) == (
        "万元",
        "decimal",
    )
    assert (statistics.unit_of("c.recv", "value"), statistics.type_of("c.recv", "value")) == (
        "件",
        "int",
    )


def _labels(part: Any) -> set[str]:
    return {part.label, *part.aliases}


@pytest.mark.parametrize("edition", ["2021", "2019", "2014"])
def test_labels_ids_and_parents_are_those_of_the_facts(
    forms: Forms, facts: dict[str, Any], edition: str
) -> None:
    for table_id, fact in facts["versions"][f"form_{edition}"]["tables"].items():
        table = forms.table(edition, table_id)
        if "same_as" in fact:
            continue
        blocks = fact.get("blocks") or [fact]
        rows = [r for b in blocks for r in b["rows"]]
        assert [r.row_id for r in table.rows] == [r["id"] for r in rows]
        for known, row in zip(rows, table.rows, strict=True):
            assert row.label == known["label"]
            assert set(known.get("aliases", [])) <= _labels(row)
            assert row.parent == known.get("parent")
            assert row.kind == known.get("kind", "data")
            assert row.basis == known.get("basis")
            if row.kind == "data" and "unit" in known:
                assert row.unit == known["unit"]
        for block, printed in zip(table.blocks, blocks, strict=True):
            columns = [c for c in printed["columns"] if c.get("kind") not in ("label", "unit")]
            assert [c.col_id for c in block.columns] == [c["id"] for c in columns]
            assert [c.label for c in block.columns] == [c["label"] for c in columns]
            assert [c.parent for c in block.columns] == [c.get("parent") for c in columns]
            assert block.label_columns == tuple(
                (c["id"], c["label"])
                for c in printed["columns"]
                if c.get("kind") in ("label", "unit")
            )
            assert block.caption == printed.get("caption")


def test_sections_are_those_of_the_facts(forms: Forms, facts: dict[str, Any]) -> None:
    for edition in ("2019", "2021"):
        sections = forms.editions[edition].sections
        assert [(s.section_id, s.label, s.kind, s.table) for s in sections] == [
            (f["id"], f["label"], f["kind"], f.get("table")) for f in facts["sections"]
        ]
        assert all(
            set(f.get("aliases", [])) <= _labels(s)
            for f, s in zip(facts["sections"], sections, strict=True)
        )


@pytest.mark.parametrize(
    ("edition", "table", "part", "seen"),
    [
        ("2021", "proactive", "normative", "规范性文件"),
        ("2021", "requests", "denied.law_forbids", "2.其他法律行政止公开"),
        ("2021", "requests", "denied.security_stability", "3.危及三安全一稳定"),
        ("2019", "requests", "results", "三三、本年度办理结果"),
        ("2019", "proactive", "disclosed", "本年公开数量"),
        ("2021", "proactive", "in_force", "先行有效件数"),
        ("2021", "proactive", "in_force", "现行有效件"),
        ("fj2008", "statistics", "pub", "主动公开信息数"),
        ("fj2008", "statistics", "pub.web", "其中：1、网站公开"),
        ("fj2008", "statistics", "recv.fax", "2、传真申请数"),
        ("fj2008", "statistics", "recv.email", "3、电子邮件申请数"),
        ("fj2008", "statistics", "ans.denied", "3.否决公开答复总数"),
        ("fj2008", "statistics", "complaint", "接受行政诉讼、举报数"),
        ("fj2008", "statistics", "year", "年末统计"),
    ],
)
def test_variants_seen_in_reports_are_aliases(
    forms: Forms, edition: str, table: str, part: str, seen: str
) -> None:
    found = forms.table(edition, table)
    assert seen in _labels(found.columns.get(part) or found.row(part))


def test_fingerprints_tell_the_editions_apart(forms: Forms) -> None:
    for table in forms.tables:
        for other in forms.tables:
            if (
                other.table_id == table.table_id
                and other.edition != table.edition
                and other.fingerprints != table.fingerprints
            ):
                assert not set(table.fingerprints) & set(other.fingerprints)


def test_loaded_once(forms: Forms) -> None:
    assert load_forms() is forms


GOOD = """
edition: "1"
title: t
title_en: t
first_year: 2000
tables:
  a:
    label: 一
    label_en: one
    blocks:
      - id: b
        columns: [{id: c, label: 列, label_en: column}]
        rows: [{id: r, label: 行, label_en: row}, {id: s, label: 二行, label_en: second, parent: r}]
"""


def load_one(folder: Path, text: str) -> Forms:
    (folder / "one.yaml").write_text(text, encoding="utf-8")
    load_forms.cache_clear()
    return load_forms(folder)


def test_a_new_edition_is_a_file(tmp_path: Path) -> None:
    assert load_one(tmp_path, GOOD).table("1", "a").cells == (("r", "c"), ("s", "c"))


@pytest.mark.parametrize(
    ("old", "new", "line", "word"),
    [
        ("label: 行,", "lable: 行,", 13, "lable"),
        ("parent: r", "parent: q", 7, "parent"),
        ("id: s", "id: r", 7, "twice"),
        ("id: c,", "id: c, type: integer,", 12, "type"),
        ("first_year: 2000", "last_year: 2000", 2, "first_year"),
        ('edition: "1"', "edition: 1", 2, "edition"),
        ("[{id: c,", "[{id: c, label: x, label_en: y}, {id: c,", 7, "twice"),
        ("    label: 一\n", "", 7, "label"),
        ('edition: "1"', 'adds_to: ["1"]', 1, "edition"),
    ],
)
def test_faults_are_named_with_their_line(
    tmp_path: Path, old: str, new: str, line: int, word: str
) -> None:
    assert old in GOOD
    with pytest.raises(ConfigError) as caught:
        load_one(tmp_path, GOOD.replace(old, new, 1))
    assert f":{line}: " in str(caught.value)
    assert word in str(caught.value)


@pytest.mark.parametrize(
    ("table", "word"),
    [
        ('{same_as: "1.z"}', "same_as"),
        ('{same_as: "9.a"}', "same_as"),
        ('{same_as: "1.a", remove: [zz]}', "zz"),
        ('{same_as: "1.a", replace: [{id: zz, label: x, label_en: x}]}', "zz"),
    ],
)
def test_what_is_taken_over_must_be_there(tmp_path: Path, table: str, word: str) -> None:
    with pytest.raises(ConfigError, match=word):
        load_one(tmp_path, f"{GOOD}  b: {table}\n")


def test_taking_over_with_changes(tmp_path: Path) -> None:
    forms = load_one(
        tmp_path,
        (
            f'{GOOD}  b: {{same_as: "1.a", remove: [s], replace: [{{id: r, label: 新, label_en: '
            f"new}}]}}\n"
        ),
    )
    assert [(r.row_id, r.label) for r in forms.table("1", "b").rows] == [("r", "新")]
    assert len(forms.table("1", "a").rows) == 2
