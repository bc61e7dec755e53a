"""The tables are those of the contract, and everything in them is explained."""

from dataclasses import fields

import pytest

from extract.crawl.sources import LEVELS
from extract.document import Reason, Status
from load.closed_lists import (
    AGENCY_LEVELS,
    CELL_STATES,
    EDITIONS,
    REASONS,
    RULE_KINDS,
    RULE_SOURCES,
    STATUSES,
    SUSPECT_KINDS,
    TABLE_IDS,
    VALUE_TYPES,
)
from load.codebook import codebook
from load.database import schema_version
from load.dictionary import dictionary
from load.warehouse import memory
from tests.conftest import CHECKOUT
from tests.load.made import KEYS, a_rule, book
from transform import records as rows
from transform.form.forms import load_forms
from transform.localize.cost import KINDS
from transform.localize.diagnose import NOT_LOCATED
from transform.rules.load import load_rules

CONTRACT = {
    "agencies": "agency_id name level division_code province city county parent_id site",
    "documents": (
        "document_id file_name path source_id url format bytes title fetched_at first_seen "
        "vault_path gone_since listed_by"
    ),
    "outcomes": "document_id status reason detail reader reader_version seconds",
    "reports": (
        "report_id document_id agency_id agency_name year title published_on scope sketch "
        "is_current"
    ),
    "tables": "report_id table_id edition found rows_matched rows_expected",
    "remarks": "report_id table_id row_id col_id code printed meant",
    "cells": (
        "report_id table_id row_id col_id agency_id year edition value state raw_text unit "
        "page grid grid_row grid_col bbox reader confidence"
    ),
    "statements": "report_id statement_id metric value sentence paragraph",
    "findings": (
        "finding_id report_id agency_id year rule_id instance level state expected actual "
        "delta cells cause_id verdict message_zh message_en status first_seen last_seen"
    ),
    "suspects": (
        "report_id cause_id rank table_id row_id col_id printed implied relation kind margin "
        "confident"
    ),
    "deductions": "report_id table_id row_id col_id low high value basis rules",
    "corrections": (
        "report_id table_id row_id col_id finding_id kind text_read value_read state_read "
        "unit_read text_meant value_meant reason decided_on decided_by is_stale"
    ),
    "sources": ("source_id site state reason detail minimum listed documents misses stale_since"),
    "changes": (
        "run_id kind document_id report_id agency_id year table_id row_id col_id finding_id "
        "rule_id before after"
    ),
    "runs": "run_id started_at finished_at status code_version counts",
    "form_rows": (
        "edition table_id row_id position block_id label_zh label_en parent_id kind unit "
        "basis comparable_id"
    ),
    "form_columns": (
        "edition table_id block_id col_id position label_zh label_en parent_id kind unit type"
    ),
    "rules": "rule_id edition kind level source quote expression message_zh message_en",
}
VIEWS = {
    "tidy",
    "coverage",
    "quality",
    "report_wide",
    "finding_cells",
    "rule_card",
    "requests_wide",
    "disputes_wide",
    "proactive_wide",
    "citations",
}
TYPES = {
    ("cells", "value"): "DECIMAL(24,6)",
    ("cells", "confidence"): "DOUBLE",
    ("cells", "year"): "INTEGER",
    ("cells", "bbox"): "VARCHAR",
    ("findings", "cells"): "VARCHAR[]",
    ("findings", "delta"): "DECIMAL(24,6)",
    ("findings", "last_seen"): "TIMESTAMP",
    ("deductions", "rules"): "VARCHAR[]",
    ("tables", "found"): "BOOLEAN",
    ("reports", "is_current"): "BOOLEAN",
    ("reports", "published_on"): "DATE",
    ("documents", "fetched_at"): "TIMESTAMP",
    ("outcomes", "seconds"): "DOUBLE",
    ("suspects", "margin"): "DOUBLE",
    ("suspects", "implied"): "DECIMAL(24,6)",
    ("runs", "counts"): "VARCHAR",
    ("tidy", "value_in_form_unit"): "DECIMAL(38,10)",
}


def test_tables_and_columns_are_those_of_the_contract() -> None:
    con = memory()
    found = dict(
        con.execute(
            "SELECT table_name, string_agg(column_name, ' ' ORDER BY column_index) FROM "
            "duckdb_columns() WHERE NOT internal GROUP BY ALL"
        ).fetchall()
    )
    assert {t: c for t, c in found.items() if t not in VIEWS} == CONTRACT
    assert set(found) == set(CONTRACT) | VIEWS
    types = {
        (t, c): k
        for t, c, k in con.execute(
            "SELECT table_name, column_name, data_type FROM duckdb_columns() WHERE NOT internal"
        ).fetchall()
    }
    assert {key: types[key] for key in TYPES} == TYPES
    assert con.execute(
        "SELECT count(*) FROM duckdb_constraints() WHERE constraint_type <> 'NOT NULL'"
    ).fetchall() == [(0,)]


def test_everything_has_a_comment() -> None:
    con = memory(comments=True)
    assert (
        con.execute(
            "SELECT table_name FROM duckdb_tables() WHERE NOT internal AND coalesce(comment, "
            "'') = ''"
        ).fetchall()
        == []
    )
    assert (
        con.execute(
            "SELECT view_name FROM duckdb_views() WHERE NOT internal AND coalesce(comment, '') = ''"
        ).fetchall()
        == []
    )
    assert (
        con.execute(
            "SELECT table_name, column_name FROM duckdb_columns() WHERE NOT internal AND "
            "coalesce(comment, '') = ''"
        ).fetchall()
        == []
    )
    loose = con.execute(
        "SELECT table_name, comment FROM duckdb_columns() WHERE NOT internal AND NOT "
        "regexp_matches(comment, '[.)]$')"
    ).fetchall()
    assert loose == []


def test_memory_without_comments_has_the_same_columns_as_with_them() -> None:
    query = (
        "SELECT table_name, column_name, data_type FROM duckdb_columns() WHERE NOT internal ORDER "
        "BY ALL"
    )
    assert memory().execute(query).fetchall() == memory(comments=True).execute(query).fetchall()
    bare = (
        memory(views=False)
        .execute("SELECT DISTINCT table_name FROM duckdb_columns() WHERE NOT internal")
        .fetchall()
    )
    assert {t for (t,) in bare} == set(CONTRACT)


@pytest.mark.parametrize(
    ("table", "row", "added"),
    [
        ("documents", rows.DocumentRow, {"first_seen", "gone_since", "listed_by"}),
        ("outcomes", rows.OutcomeRow, set()),
        ("reports", rows.ReportRow, {"is_current"}),
        ("tables", rows.TableRow, {"report_id"}),
        ("remarks", rows.RemarkRow, {"report_id"}),
        ("cells", rows.CellRow, {"report_id", "agency_id", "year", "edition"}),
        ("statements", rows.StatementRow, {"report_id"}),
    ],
)
def test_rows_have_the_columns_of_their_tables(table: str, row: type, added: set[str]) -> None:
    assert {f.name for f in fields(row)} | added == set(CONTRACT[table].split())


def test_the_schema_number_stands_in_the_comment_of_runs() -> None:
    comment = (
        memory(comments=True)
        .execute("SELECT comment FROM duckdb_tables() WHERE table_name = 'runs'")
        .fetchall()[0][0]
    )
    assert comment.endswith(f"Made with schema {schema_version()}.")


def test_the_codebook_has_every_row_and_column_of_the_forms_once() -> None:
    con = memory(book())
    for table in ("form_rows", "form_columns", "rules"):
        key = ", ".join(KEYS[table])
        assert (
            con.execute(f"SELECT {key} FROM {table} GROUP BY {key} HAVING count(*) > 1").fetchall()
            == []
        )
    expected = sum(len(t.rows) for t in load_forms().tables)
    assert con.execute(
        "SELECT count(*), count(label_zh), count(label_en) FROM form_rows"
    ).fetchall() == [(expected,) * 3]
    assert con.execute("SELECT DISTINCT edition FROM rules ORDER BY 1").fetchall() == [
        ("2019",),
        ("2021",),
    ]
    assert (
        con.execute(
            "SELECT label_zh, unit FROM form_columns WHERE edition = '2021' AND col_id = "
            "'fee_amount'"
        ).fetchall()[0][1]
        == "万元"
    )


def test_a_rule_without_editions_holds_for_all() -> None:
    assert [r[:2] for r in codebook(load_forms(), [a_rule("cell.count", ())]).rules] == [
        ("cell.count", None)
    ]


def test_the_dictionary_names_every_column_and_word() -> None:
    con = memory(comments=True)
    text = dictionary(con)
    for table, columns in CONTRACT.items():
        part = text.partition(f"### {table}\n")[2].partition("### ")[0]
        assert [
            line.split(" | ")[0].removeprefix("| ")
            for line in part.splitlines()
            if line.startswith("| ")
        ][1:] == columns.split()
    assert set(REASONS) == set(Reason) and set(STATUSES) == set(Status)
    assert all(
        f"| {word} |" in text for words in (REASONS, STATUSES, CELL_STATES) for word in words
    )
    assert "None" not in text


def test_closed_lists_are_those_of_the_code() -> None:
    kinds, sources = (
        {
            x
            for (x,) in memory(codebook(load_forms(), load_rules(load_forms()).rules))
            .execute(q)
            .fetchall()
        }
        for q in ("SELECT kind FROM rules", "SELECT source FROM rules")
    )
    assert (set(RULE_KINDS), set(RULE_SOURCES)) == (kinds, sources)
    assert set(AGENCY_LEVELS) == set(LEVELS)
    assert set(EDITIONS) == set(load_forms().editions)
    assert set(SUSPECT_KINDS) == {*KINDS, NOT_LOCATED}
    tables = load_forms().tables
    assert set(TABLE_IDS) == {t.table_id for t in tables}
    assert set(VALUE_TYPES) == {c.type for t in tables for b in t.blocks for c in b.data_columns}


def test_the_dictionary_in_docs_agrees() -> None:
    written = (CHECKOUT / "docs" / "dictionary.md").read_text(encoding="utf-8")
    assert written == dictionary(memory(comments=True)), (
        "write docs/dictionary.md anew: nianbao dictionary > docs/dictionary.md"
    )
