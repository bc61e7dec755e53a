"""What a publication does inside the database: find what changed, put it in, and keep what people
said.

Each function takes a connection to a database with the tables of `schema.sql`. Readings come as a
relation of `shards.SCHEMA`: one row a document. All work is set-wise SQL; nothing loops over cells.

Out of scope: files, locks and the swap (`warehouse`).
"""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import duckdb
import pyarrow as pa

from load.corrections import apply_verdicts
from load.dictionary import Codebook
from transform.records import UNKNOWN_AGENCY

FINDING_COLUMNS: Final = (
    "report_id",
    "agency_id",
    "year",
    "rule_id",
    "instance",
    "level",
    "state",
    "expected",
    "actual",
    "delta",
    "cells",
    "cause_id",
    "verdict",
    "message_zh",
    "message_en",
    "fingerprint",
)
BY_REPORT: Final = ("tables", "cells", "statements", "suspects", "deductions", "corrections")
AGENCY_COLUMNS: Final = ("agency_id", "name", "level", "division_code", "parent_id", "site")
# A document is loaded again if one of these differs; when it was fetched and how long it took may
# differ.
_DOCUMENT_FACTS: Final = ("file_name", "source_id", "url", "format", "bytes", "title", "vault_path")
_OUTCOME_FACTS: Final = ("status", "reason", "detail", "reader", "reader_version")

Con = duckdb.DuckDBPyConnection


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


def scalar(con: Con, query: str, parameters: Sequence[Any] = ()) -> Any:
    """The first column of the first row, None if there is no row."""
    rows = con.execute(
        query, parameters
    ).fetchall()  # not fetchone: a result not read to its end blocks the connection
    return rows[0][0] if rows else None


def offer(con: Con, shards: Sequence[Path], met: Met) -> None:
    """Make the temporary table `offered` (document_id, filename, is_old, and what is kept of a
    document that is read again): the readings in `shards` that differ from what is loaded.

    Of two readings of one document the one in the later shard counts. Where what is gone shall
    leave, a file given by hand that is not in the input is not offered.
    """
    con.register(
        "present_ids", pa.table({"document_id": pa.array(sorted(met.present or ()), pa.string())})
    )
    con.register(
        "input_paths",
        pa.table(
            {
                "path": pa.array(met.paths.keys(), pa.string()),
                "document_id": pa.array(met.paths.values(), pa.string()),
            }
        ),
    )
    if not shards:
        con.execute(
            "CREATE TEMP TABLE offered (document_id VARCHAR, filename VARCHAR, is_old BOOLEAN, "
            "first_seen TIMESTAMP, gone_since TIMESTAMP, listed_by VARCHAR[])"
        )
        return
    con.register(
        "shard_order", pa.table({"file": [str(s) for s in shards], "rank": range(len(shards))})
    )
    facts = [f"s.document.{c} IS DISTINCT FROM d.{c}" for c in _DOCUMENT_FACTS]
    facts += [f"s.outcome.{c} IS DISTINCT FROM o.{c}" for c in _OUTCOME_FACTS]
    con.execute(f"""
        CREATE TEMP TABLE offered AS
        WITH last AS (
            SELECT document, outcome, filename
            FROM {_scan(shards)} AS s JOIN shard_order AS f ON f.file = s.filename
            WHERE {"document.vault_path IS NOT NULL OR document.document_id IN (SELECT document_id FROM present_ids)" if met.prune else "true"}
            QUALIFY row_number() OVER (PARTITION BY document.document_id ORDER BY f.rank DESC) = 1
        )
        SELECT s.document.document_id AS document_id, s.filename AS filename,
            d.document_id IS NOT NULL AS is_old, d.first_seen, d.gone_since, d.listed_by
        FROM last AS s
        LEFT JOIN documents AS d ON d.document_id = s.document.document_id
        LEFT JOIN outcomes AS o ON o.document_id = s.document.document_id
        WHERE (d.document_id IS NULL OR {" OR ".join(facts)})
            -- a file that is gone unmakes no reading of it
            AND NOT coalesce(s.outcome.reason = 'unreadable' AND o.status IN ('extracted', 'partial'), false)
    """)  # noqa: S608 - constants and quoted paths
    con.unregister("shard_order")


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
        FROM documents AS d JOIN input_paths AS p ON p.path = d.path AND p.document_id <> d.document_id
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
        WITH replacing AS (SELECT DISTINCT o.document_id FROM offered AS o JOIN leaving AS l ON l.successor = o.document_id)
        SELECT
            (SELECT count(*) FROM offered) - (SELECT count(*) FROM replacing),
            (SELECT count(*) FROM replacing),
            (SELECT count(*) FROM leaving WHERE successor IS NULL OR successor NOT IN (SELECT document_id FROM offered))
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
        con.execute(
            f"DELETE FROM {name} WHERE report_id IN (SELECT report_id FROM leaving_reports)"  # noqa: S608
        )
    for name in ("reports", "outcomes", "documents"):
        con.execute(f"DELETE FROM {name} WHERE document_id IN (SELECT document_id FROM leaving)")  # noqa: S608 - constants
    con.execute("DROP TABLE leaving_reports")


def note_where_met(con: Con, now: datetime) -> None:
    """Set when each document just loaded was first met, and where files given by hand lie now."""
    con.execute(
        """
        UPDATE documents SET
            first_seen = coalesce(o.first_seen, $now), gone_since = o.gone_since,
            listed_by = o.listed_by
        FROM offered AS o WHERE o.document_id = documents.document_id
        """,
        {"now": now},
    )
    con.execute("""
        UPDATE documents SET path = p.path
        FROM (SELECT document_id, min(path) AS path, list(path) AS paths FROM input_paths GROUP BY document_id) AS p
        WHERE p.document_id = documents.document_id AND documents.vault_path IS NULL
            AND NOT coalesce(list_contains(p.paths, documents.path), false)
    """)


def insert_offered(con: Con) -> None:
    """Insert the readings in `offered`, from the shards that hold them and from no others."""
    files = [
        Path(name)
        for (name,) in con.execute(
            "SELECT DISTINCT filename FROM offered ORDER BY filename"
        ).fetchall()
    ]
    if files:
        con.execute(f"""
            CREATE TEMP VIEW offered_readings AS
            SELECT * FROM {_scan(files)} WHERE (document.document_id, filename) IN (SELECT document_id, filename FROM offered)
        """)  # noqa: S608 - quoted paths
        insert(con, "offered_readings")
        con.execute("DROP VIEW offered_readings")


def to_diagnose(con: Con, everything: bool, corrected: Sequence[str] = ()) -> list[str]:
    """Reports whose wrong cells and blanks must be reasoned on: those offered or `corrected` and
    the other years of their agencies, or all.
    """
    con.execute("CREATE TEMP TABLE IF NOT EXISTS touched (agency_id VARCHAR)")
    if everything:
        query = "SELECT report_id FROM reports ORDER BY 1"
    else:
        query = """
            SELECT report_id FROM reports
            WHERE document_id IN (SELECT document_id FROM offered) OR list_contains($corrected::VARCHAR[], report_id) OR agency_id IN (
                SELECT agency_id FROM touched
                UNION SELECT agency_id FROM reports WHERE document_id IN (SELECT document_id FROM offered) OR list_contains($corrected::VARCHAR[], report_id)
            ) AND agency_id <> $unknown
            ORDER BY 1
        """
    return [
        r
        for (r,) in con.execute(
            query, {} if everything else {"unknown": UNKNOWN_AGENCY, "corrected": list(corrected)}
        ).fetchall()
    ]


def forget_offer(con: Con) -> None:
    """Drop what `offer`, `find_leaving` and `remove_leaving` made, so that whoever comes next finds
    only the warehouse.
    """
    for name in ("offered", "leaving", "touched"):
        con.execute(f"DROP TABLE IF EXISTS {name}")
    for name in ("present_ids", "input_paths"):
        con.unregister(name)


def insert(con: Con, source: str) -> None:
    """Insert all readings of the relation `source`."""
    # fmt: off
    con.execute(f"INSERT INTO documents BY NAME SELECT unnest(document) FROM {source}")  # noqa: S608 - a relation of ours, here and below
    con.execute(f"INSERT INTO outcomes BY NAME SELECT unnest(outcome) FROM {source}")  # noqa: S608
    con.execute(f"INSERT INTO reports BY NAME SELECT unnest(report) FROM {source} WHERE report.report_id "  # noqa: S608
"IS NOT NULL")
    con.execute("INSERT INTO tables BY NAME SELECT report.report_id AS report_id, unnest(tables, "  # noqa: S608
f"recursive := true) FROM {source}")
    con.execute("INSERT INTO statements BY NAME SELECT report.report_id AS report_id, unnest(statements, "  # noqa: S608
f"recursive := true) FROM {source}")
    con.execute(f"""
        INSERT INTO cells BY NAME
        SELECT report.report_id AS report_id, report.agency_id AS agency_id, report.year AS year, unnest(cells, recursive := true) FROM {source}
    """)  # noqa: S608
    # fmt: on


def choose_current(con: Con) -> None:
    """Set `reports.is_current`, as its comment says; rows that are right already are not touched."""
    con.execute(
        """
        CREATE TEMP TABLE contested AS
        SELECT report_id, document_id, agency_id, year, published_on FROM reports
        WHERE year IS NOT NULL AND agency_id <> $unknown QUALIFY count(*) OVER (PARTITION BY agency_id, year) > 1
        """,
        {"unknown": UNKNOWN_AGENCY},
    )
    con.execute(
        "UPDATE reports SET is_current = true WHERE is_current IS DISTINCT FROM true AND "
        "report_id NOT IN (SELECT report_id FROM contested)"
    )
    if scalar(con, "SELECT count(*) FROM contested"):
        con.execute("""
            WITH held AS (SELECT report_id, count(value) AS n FROM cells WHERE report_id IN (SELECT report_id FROM contested) GROUP BY report_id),
            superseded AS (
                SELECT c.report_id FROM contested AS c JOIN documents AS d ON d.document_id = c.document_id WHERE d.url IS NOT NULL
                QUALIFY d.fetched_at < max(d.fetched_at) OVER (PARTITION BY c.agency_id, c.year, d.url)
            ),
            judged AS (
                SELECT c.report_id, row_number() OVER (PARTITION BY c.agency_id, c.year ORDER BY
                    c.report_id IN (SELECT report_id FROM superseded), o.status = 'extracted' DESC,
                    -- a crawl takes hours, and fetches a page and its attachments at different moments of one day
                    coalesce(date_trunc('day', d.fetched_at), d.first_seen) DESC NULLS LAST,
                    coalesce(h.n, 0) DESC, c.published_on DESC NULLS LAST, d.fetched_at DESC NULLS LAST, c.report_id
                ) = 1 AS best
                FROM contested AS c
                JOIN documents AS d ON d.document_id = c.document_id
                JOIN outcomes AS o ON o.document_id = c.document_id
                LEFT JOIN held AS h ON h.report_id = c.report_id
            )
            UPDATE reports SET is_current = j.best FROM judged AS j WHERE j.report_id = reports.report_id AND is_current IS DISTINCT FROM j.best
        """)
    con.execute("DROP TABLE contested")


def add_agencies(con: Con) -> None:
    """Add the agencies of reports that are not there yet: what `merge_agencies` comes to where
    nothing is known of them.
    """
    con.execute(
        """
        INSERT INTO agencies (agency_id, name)
        SELECT DISTINCT agency_id, agency_id FROM reports WHERE agency_id <> $unknown AND agency_id NOT IN (SELECT agency_id FROM agencies)
        """,
        {"unknown": UNKNOWN_AGENCY},
    )


def merge_agencies(con: Con, given: Sequence[Mapping[str, str | None]]) -> bool:
    """Bring `agencies` up to date; whether a row changed.

    Agencies of reports and of `given` are added; `given` fills what is empty and never replaces
    what is set (a name that is merely the id counts as empty). An agency that has no report and is
    not given goes, unless it has a name, a parent or a site of its own: a level and a division code
    alone follow from the id, so they do not keep one that was misread.
    """
    before = con.execute("SELECT * FROM agencies ORDER BY ALL").fetchall()
    con.register(
        "given",
        pa.table(
            {c: [g.get(c) for g in given] for c in AGENCY_COLUMNS},
            pa.schema([(c, pa.string()) for c in AGENCY_COLUMNS]),
        ),
    )
    con.execute(
        """
        CREATE OR REPLACE TEMP TABLE merged AS
        WITH ids AS (
            SELECT agency_id FROM agencies UNION SELECT agency_id FROM given UNION SELECT agency_id FROM reports WHERE agency_id <> $unknown
        )
        SELECT
            i.agency_id, coalesce(nullif(any_value(a.name), i.agency_id), any_value(g.name), i.agency_id) AS name,
            coalesce(any_value(a.level), any_value(g.level)) AS level,
            coalesce(any_value(a.division_code), any_value(g.division_code)) AS division_code,
            coalesce(any_value(a.parent_id), any_value(g.parent_id)) AS parent_id, coalesce(any_value(a.site), any_value(g.site)) AS site
        FROM ids AS i
        LEFT JOIN agencies AS a ON a.agency_id = i.agency_id
        LEFT JOIN given AS g ON g.agency_id = i.agency_id
        WHERE i.agency_id IS NOT NULL
        GROUP BY i.agency_id
        """,
        {"unknown": UNKNOWN_AGENCY},
    )
    con.execute("""
        DELETE FROM merged
        WHERE agency_id NOT IN (SELECT agency_id FROM reports WHERE agency_id IS NOT NULL)
            AND agency_id NOT IN (SELECT agency_id FROM given WHERE agency_id IS NOT NULL) AND name = agency_id AND parent_id IS NULL AND site IS NULL
    """)
    con.unregister("given")
    changed = bool(con.execute("SELECT * FROM merged ORDER BY ALL").fetchall() != before)
    if changed:
        con.execute("DELETE FROM agencies")
        con.execute("INSERT INTO agencies BY NAME SELECT * FROM merged ORDER BY agency_id")
    con.execute("DROP TABLE merged")
    return changed


def refresh_codebook(con: Con, book: Codebook) -> bool:
    """Make the codebook's tables those of `book`; whether one changed."""
    changed = False
    for name, rows in (
        ("form_rows", book.form_rows),
        ("form_columns", book.form_columns),
        ("rules", book.rules),
    ):
        if con.execute(f"FROM {name} ORDER BY rowid").fetchall() == list(rows):
            continue
        changed = True
        columns = [c for (c, *_) in con.execute(f"DESCRIBE {name}").fetchall()]
        kinds = pa.schema([(c, pa.int32() if c == "position" else pa.string()) for c in columns])
        con.register(
            "book", pa.table({c: [row[i] for row in rows] for i, c in enumerate(columns)}, kinds)
        )
        con.execute(f"DELETE FROM {name}")  # noqa: S608 - constants
        con.execute(f"INSERT INTO {name} BY NAME SELECT * FROM book")  # noqa: S608 - constants
        con.unregister("book")
    return changed


def merge_findings(
    con: Con, found: pa.Table, now: datetime, diagnosed: Sequence[str] = ()
) -> tuple[int, int]:
    """Replace the findings by `found`, keeping what is known of those that were there; how many are
    new, and how many went.

    Of reports that were not `diagnosed` now, the cause of a finding that stays is the one found
    before.
    """
    missing = [c for c in FINDING_COLUMNS if c not in found.column_names]
    if missing:
        raise ValueError(f"the check gave no column {', '.join(missing)}")
    con.register("found", found)
    con.register("diagnosed", pa.table({"report_id": pa.array(diagnosed, pa.string())}))
    con.execute(
        """
        CREATE TEMP TABLE merged AS
        SELECT
            f.fingerprint AS finding_id, f.report_id, f.agency_id, f.year, f.rule_id, f.instance, f.level, f.state, f.expected, f.actual, f.delta,
            f.cells, CASE WHEN d.report_id IS NULL THEN coalesce(o.cause_id, f.cause_id) ELSE f.cause_id END AS cause_id, f.verdict,
            f.message_zh, f.message_en,
            CASE WHEN o.finding_id IS NULL THEN 'new' WHEN o.status IN ('accepted', 'dismissed') THEN o.status ELSE 'standing' END AS status,
            coalesce(o.first_seen, $now) AS first_seen,
            greatest(coalesce(o.last_seen, $now), $now) AS last_seen  -- a clock that went back does not turn time around
        FROM found AS f
        LEFT JOIN findings AS o ON o.finding_id = f.fingerprint
        LEFT JOIN diagnosed AS d ON d.report_id = f.report_id
        """,
        {"now": now},
    )
    con.unregister("found")
    con.unregister("diagnosed")
    apply_verdicts(con, now)
    new: int = scalar(con, "SELECT count(*) FROM merged WHERE status = 'new'")
    gone: int = scalar(
        con, "SELECT count(*) FROM findings WHERE finding_id NOT IN (SELECT finding_id FROM merged)"
    )
    con.execute("DELETE FROM findings")
    con.execute("INSERT INTO findings BY NAME SELECT * FROM merged")
    con.execute("DROP TABLE merged")
    return new, gone


def replace_diagnosis(
    con: Con, reports: Sequence[str], suspects: pa.Table, deductions: pa.Table
) -> None:
    """Put the suspects and deductions of `reports` in place of those that were there."""
    con.register("diagnosed", pa.table({"report_id": pa.array(reports, pa.string())}))
    for name, rows in (("suspects", suspects), ("deductions", deductions)):
        con.execute(f"DELETE FROM {name} WHERE report_id IN (SELECT report_id FROM diagnosed)")  # noqa: S608 - constants
        con.register("rows_now", rows)
        con.execute(f"INSERT INTO {name} BY NAME SELECT * FROM rows_now")  # noqa: S608 - constants
        con.unregister("rows_now")
    con.unregister("diagnosed")


def repeated_key(con: Con) -> str | None:
    """Says which key stands twice among reports or findings, None if none does."""
    for name, key in (("reports", "report_id"), ("findings", "finding_id")):
        twice = scalar(con, f"SELECT {key} FROM {name} GROUP BY {key} HAVING count(*) > 1 LIMIT 1")  # noqa: S608 - constants
        if twice is not None:
            return f"{key} {twice} stands twice in {name}"
    return None


def write_run(con: Con, run: RunInfo) -> None:
    """Add the run, which ends now; one of the same id is replaced."""
    con.execute("DELETE FROM runs WHERE run_id = ?", [run.run_id])
    con.execute(
        "INSERT INTO runs (run_id, started_at, finished_at, code_version, counts) "
        "VALUES (?, ?, ?, ?, ?)",
        [
            run.run_id,
            run.started_at,
            datetime.now(UTC).replace(tzinfo=None),
            run.code_version,
            json.dumps(dict(run.counts), sort_keys=True),
        ],
    )


def _scan(shards: Sequence[Path]) -> str:
    """The shards as a relation with the column `filename`."""
    quoted = ", ".join("'" + _literally(str(s)).replace("'", "''") + "'" for s in shards)
    return f"read_parquet([{quoted}], filename = true)"


def _literally(path: str) -> str:
    """The path with the characters of patterns made plain."""
    return "".join(f"[{c}]" if c in "*?[" else c for c in path)
