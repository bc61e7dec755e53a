"""What a publication does inside the database: find what changed, put it in, and keep what people
said.

Each function takes a connection to a database with the tables of `schema.sql`. Readings come as a
relation with the columns `staging.COLUMN_TYPES`: one row a document. All work is set-wise SQL;
nothing loops over cells.

Out of scope: files, locks and the swap (`warehouse`).
"""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from load.database import Con, scalar
from load.staging import LIST_COLUMNS, read_query
from transform.records import UNKNOWN_AGENCY
from transform.temporary_tables import add_table, make_rows, texts

BY_REPORT: Final = (
    "tables",
    "remarks",
    "cells",
    "statements",
    "suspects",
    "deductions",
    "corrections",
)
# A document is loaded again if one of these differs; when it was fetched and how long it took may
# differ.
_DOCUMENT_FACTS: Final = ("file_name", "source_id", "url", "format", "bytes", "title", "vault_path")
_PRESENT: Final = (
    "(document.vault_path IS NOT NULL OR document.document_id IN "
    "(SELECT document_id FROM present_ids))"
)
_OUTCOME_FACTS: Final = ("status", "reason", "detail", "reader", "reader_version")


@dataclass(frozen=True, slots=True)
class RunInfo:
    """The run that publishes.

    `started_at` is taken as UTC if it has no zone; `counts` goes into `runs` with our own.
    """

    run_id: str
    started_at: datetime
    code_version: str
    counts: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Met:
    """What a run found in its input.

    `present` are the ids of all documents of the input, `paths` the files given by hand that could
    be opened, with the document that each is now. With `prune`, files given by hand that are not
    present leave the warehouse; ValueError if it is not known what is present.
    """

    present: Collection[str] | None = None
    paths: Mapping[str, str] = field(default_factory=dict)
    prune: bool = False

    def __post_init__(self) -> None:
        if self.prune and self.present is None:
            raise ValueError("prune needs the ids of the documents that are present")


def offer(con: Con, batches: Sequence[Path], met: Met) -> None:
    """Make the temporary table `offered` (document_id, filename, is_old, and what is kept of a
    document that is read again): the readings in `batches` that differ from what is loaded.

    Of two readings of one document the one in the later batch counts. Where what is gone shall
    leave, a file given by hand that is not in the input is not offered.
    """
    present = ((document_id,) for document_id in sorted(met.present or ()))
    add_table(con, "present_ids", make_rows(texts("document_id"), present))
    add_table(con, "input_paths", make_rows(texts("path", "document_id"), met.paths.items()))
    if not batches:
        con.execute(
            "CREATE TEMP TABLE offered (document_id VARCHAR, filename VARCHAR, is_old BOOLEAN, "
            "first_seen TIMESTAMP, gone_since TIMESTAMP, listed_by VARCHAR)"
        )
        return
    facts = [f"s.document.{c} IS DISTINCT FROM d.{c}" for c in _DOCUMENT_FACTS]
    facts += [f"s.outcome.{c} IS DISTINCT FROM o.{c}" for c in _OUTCOME_FACTS]
    con.execute(
        f"""
        CREATE TEMP TABLE offered AS
        WITH last AS (
            SELECT document, outcome, filename FROM {read_query(batches)} AS s
            WHERE {_PRESENT if met.prune else "true"}
            QUALIFY row_number() OVER (
                PARTITION BY document.document_id ORDER BY list_position($files, filename) DESC
            ) = 1
        )
        SELECT s.document.document_id AS document_id, s.filename AS filename,
            d.document_id IS NOT NULL AS is_old, d.first_seen, d.gone_since, d.listed_by
        FROM last AS s
        LEFT JOIN documents AS d ON d.document_id = s.document.document_id
        LEFT JOIN outcomes AS o ON o.document_id = s.document.document_id
        WHERE (d.document_id IS NULL OR {" OR ".join(facts)})
            -- a file that is gone unmakes no reading of it
            AND NOT coalesce(s.outcome.reason = 'unreadable' AND o.status IN ('extracted',
                'partial'), false)
    """,  # noqa: S608 - constants and quoted paths
        {"files": [str(path) for path in batches]},
    )


def find_leaving(con: Con, met: Met) -> None:
    """Make the temporary table `leaving` (document_id, successor): what is offered anew (its own
    successor), what other bytes stand for now at the same path, and, where what is gone shall
    leave, files given by hand that the input no longer has (no successor).

    What was fetched never leaves.
    """
    con.execute(
        "CREATE TEMP TABLE leaving AS SELECT document_id, document_id AS successor FROM offered "
        "WHERE is_old"
    )
    con.execute("""
        INSERT INTO leaving
        SELECT d.document_id, any_value(p.document_id)
        FROM documents AS d JOIN input_paths AS p ON p.path = d.path
            AND p.document_id <> d.document_id
        WHERE d.vault_path IS NULL
            AND d.document_id NOT IN (SELECT document_id FROM leaving)
            AND d.document_id NOT IN (SELECT document_id FROM present_ids)
        GROUP BY d.document_id
    """)
    if met.prune:
        con.execute("""
            INSERT INTO leaving
            SELECT document_id, NULL FROM documents
            WHERE vault_path IS NULL
                AND document_id NOT IN (SELECT document_id FROM leaving)
                AND document_id NOT IN (SELECT document_id FROM present_ids)
        """)


def count_movements(con: Con) -> tuple[int, int, int]:
    """How many documents are added, replace another reading or file, and are removed."""
    return con.execute("""
        WITH replacing AS (SELECT DISTINCT o.document_id FROM offered AS o JOIN leaving AS l
            ON l.successor = o.document_id)
        SELECT
            (SELECT count(*) FROM offered) - (SELECT count(*) FROM replacing),
            (SELECT count(*) FROM replacing),
            (SELECT count(*) FROM leaving WHERE successor IS NULL
                OR successor NOT IN (SELECT document_id FROM offered))
    """).fetchall()[0]


def remove_leaving(con: Con) -> None:
    """Delete all rows of the documents in `leaving`; their findings go when the rules are
    evaluated.

    Makes the temporary table `touched` (agency_id): whose reports changed.
    """
    con.execute(
        "CREATE TEMP TABLE leaving_reports AS SELECT report_id, agency_id FROM reports WHERE "
        "document_id IN (SELECT document_id FROM leaving)"
    )
    con.execute("CREATE TEMP TABLE touched AS SELECT DISTINCT agency_id FROM leaving_reports")
    for name in BY_REPORT:
        con.execute(f"""
            DELETE FROM {name} WHERE report_id IN (SELECT report_id FROM leaving_reports)
        """)  # noqa: S608
    for name in ("reports", "outcomes", "documents"):
        con.execute(f"""
            DELETE FROM {name} WHERE document_id IN (SELECT document_id FROM leaving)
        """)  # noqa: S608 - constants
    con.execute("DROP TABLE leaving_reports")


def note_where_met(con: Con, now: datetime) -> None:
    """Set when each document just loaded was first met, and where files given by hand lie now."""
    con.execute(
        """
        UPDATE documents SET
            first_seen = coalesce(o.first_seen, h.first_seen, $now), gone_since = o.gone_since,
            listed_by = o.listed_by
        FROM offered AS o LEFT JOIN history_documents AS h USING (document_id)
        WHERE o.document_id = documents.document_id
        """,
        {"now": now},
    )
    con.execute("""
        UPDATE documents SET path = p.path
        FROM (SELECT document_id, min(path) AS path, list(path) AS paths FROM input_paths
            GROUP BY document_id) AS p
        WHERE p.document_id = documents.document_id AND documents.vault_path IS NULL
            AND NOT coalesce(list_contains(p.paths, documents.path), false)
    """)


def insert_offered(con: Con) -> None:
    """Insert the readings in `offered`, from the batches that hold them and from no others."""
    files = [
        Path(name)
        for (name,) in con.execute(
            "SELECT DISTINCT filename FROM offered ORDER BY filename"
        ).fetchall()
    ]
    if files:
        con.execute(f"""
            CREATE TEMP VIEW offered_readings AS
            SELECT * FROM {read_query(files)}
            WHERE (document.document_id, filename) IN (SELECT document_id, filename FROM offered)
        """)  # noqa: S608 - quoted paths
        insert(con, "offered_readings")
        con.execute("DROP VIEW offered_readings")


def to_judge(con: Con, corrected: Sequence[str] = ()) -> list[str]:
    """The reports that must be judged again: those offered or `corrected`, and all of the agencies
    whose reports came, changed or went.
    """
    con.execute("CREATE TEMP TABLE IF NOT EXISTS touched (agency_id VARCHAR)")
    query = """
        WITH direct AS (
            SELECT report_id, agency_id FROM reports
            WHERE document_id IN (SELECT document_id FROM offered)
                OR list_contains($corrected::VARCHAR[], report_id)
        )
        SELECT report_id FROM reports
        WHERE report_id IN (SELECT report_id FROM direct)
            OR agency_id IN (SELECT agency_id FROM touched UNION SELECT agency_id FROM direct)
            AND agency_id <> $unknown
        ORDER BY 1
    """
    asked = {"unknown": UNKNOWN_AGENCY, "corrected": list(corrected)}
    return [report_id for (report_id,) in con.execute(query, asked).fetchall()]


def reports_of(con: Con, agencies: Collection[str]) -> list[str]:
    """The reports of some agencies."""
    query = "SELECT report_id FROM reports WHERE list_contains($agencies::VARCHAR[], agency_id)"
    rows = con.execute(query, {"agencies": sorted(agencies)}).fetchall() if agencies else []
    return [report_id for (report_id,) in rows]


def forget_offer(con: Con) -> None:
    """Drop what `offer`, `find_leaving` and `remove_leaving` made, so that whoever comes next finds
    only the warehouse.
    """
    made = ("offered", "leaving", "touched", "reports_before", "cells_before")
    history = ("history_documents", "history_reports")
    for name in (*made, *history, "present_ids", "input_paths"):
        con.execute(f"DROP TABLE IF EXISTS {name}")


def insert(con: Con, source: str) -> None:
    """Insert all readings of the relation `source`."""
    for table, struct in (
        ("documents", "document"),
        ("outcomes", "outcome"),
        ("reports", "report"),
    ):
        con.execute(f"""
            INSERT INTO {table} BY NAME
            SELECT unnest({struct}) FROM {source} WHERE {struct}.document_id IS NOT NULL
        """)  # noqa: S608 - a relation of ours
    beside = {"cells": "report.agency_id AS agency_id, report.year AS year, "}
    for table, columns in LIST_COLUMNS.items():
        rows = ", ".join(f"unnest({table}.{column}) AS {column}" for column in columns)
        con.execute(f"""
            INSERT INTO {table} BY NAME
            SELECT report.report_id AS report_id, {beside.get(table, "")}{rows} FROM {source}
        """)  # noqa: S608 - a relation of ours


def choose_current(con: Con) -> None:
    """Set `reports.is_current` as its comment says; rows that are right already stay as is."""
    con.execute(
        """
        CREATE TEMP TABLE contested AS
        SELECT report_id, document_id, agency_id, year, published_on FROM reports
        WHERE year IS NOT NULL AND agency_id <> $unknown QUALIFY count(*)
            OVER (PARTITION BY agency_id, year) > 1
        """,
        {"unknown": UNKNOWN_AGENCY},
    )
    con.execute(
        "UPDATE reports SET is_current = true WHERE is_current IS DISTINCT FROM true AND "
        "report_id NOT IN (SELECT report_id FROM contested)"
    )
    if scalar(con, "SELECT count(*) FROM contested"):
        con.execute("""
            WITH held AS (SELECT report_id, count(value) AS n FROM cells
                WHERE report_id IN (SELECT report_id FROM contested) GROUP BY report_id),
            superseded AS (
                SELECT c.report_id FROM contested AS c JOIN documents AS d
                    ON d.document_id = c.document_id WHERE d.url IS NOT NULL
                QUALIFY d.fetched_at < max(d.fetched_at) OVER (PARTITION BY c.agency_id, c.year,
                    d.url)
            ),
            judged AS (
                SELECT c.report_id, row_number() OVER (PARTITION BY c.agency_id, c.year ORDER BY
                    c.report_id IN (SELECT report_id FROM superseded), o.status = 'extracted' DESC,
                    -- to the day: a page and its attachments are fetched one after the other
                    coalesce(date_trunc('day', d.fetched_at), d.first_seen) DESC NULLS LAST,
                    coalesce(h.n, 0) DESC, c.published_on DESC NULLS LAST,
                        d.fetched_at DESC NULLS LAST, c.report_id
                ) = 1 AS best
                FROM contested AS c
                JOIN documents AS d ON d.document_id = c.document_id
                JOIN outcomes AS o ON o.document_id = c.document_id
                LEFT JOIN held AS h ON h.report_id = c.report_id
            )
            UPDATE reports SET is_current = j.best FROM judged AS j
                WHERE j.report_id = reports.report_id AND is_current IS DISTINCT FROM j.best
        """)
    con.execute("DROP TABLE contested")


def write_run(con: Con, run: RunInfo, status: str) -> None:
    """Add the run, which ends now; one of the same id is replaced."""
    con.execute("DELETE FROM runs WHERE run_id = ?", [run.run_id])
    con.execute(
        "INSERT INTO runs (run_id, started_at, finished_at, status, code_version, counts) "
        "VALUES (?, ?, ?, ?, ?, ?)",
        [
            run.run_id,
            run.started_at,
            datetime.now(UTC).replace(tzinfo=None),
            status,
            run.code_version,
            json.dumps(dict(run.counts), sort_keys=True),
        ],
    )
