"""What the crawl knows beside the documents: the state of each source, and which documents are gone
from their lists.

`merge_crawl(con, crawled)` brings table `sources` and `documents.gone_since` up to date; rows
that are right already are not touched. A source that was not crawled this time keeps its row.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Final

import duckdb

from transform.temporary_tables import (
    COUNT,
    Columns,
    add_table,
    make_named_rows,
    make_rows,
    temporary_table,
    texts,
)


@dataclass(frozen=True, slots=True)
class SourceState:
    """One source after its last crawl, a row of table `sources`; times are UTC in ISO form.

    `minimum` is the fewest documents that were expected.
    """

    source_id: str
    site: str
    state: str
    reason: str | None
    detail: str | None
    minimum: int
    listed: int
    documents: int
    misses: int
    stale_since: str | None


@dataclass(frozen=True, slots=True)
class Crawled:
    """The sources crawled; since when which documents are gone (document_id -> UTC in ISO form);
    and which documents the lists of several agencies name (document_id -> agencies).
    """

    sources: Sequence[SourceState] = ()
    gone: Mapping[str, str] | None = None  # None: the vault was not looked at
    shared: Mapping[str, Sequence[str]] | None = None


_STATES: Final[Columns] = {
    **texts("source_id", "site", "state", "reason", "detail"),
    **dict.fromkeys(("minimum", "listed", "documents", "misses"), COUNT),
    **texts("stale_since"),
}


def merge_crawl(con: duckdb.DuckDBPyConnection, crawled: Crawled) -> bool:
    """Bring the rows up to date; whether the rules must be evaluated again for it."""
    states = make_named_rows(_STATES, (asdict(source) for source in crawled.sources))
    add_table(con, "states", states)
    con.execute(
        """
        CREATE OR REPLACE TEMP TABLE crawled AS
        SELECT * REPLACE (CAST(stale_since AS TIMESTAMP) AS stale_since)
        FROM states
        """
    )
    con.execute(
        "DELETE FROM crawled WHERE source_id IN (SELECT source_id FROM (SELECT * FROM crawled "
        "INTERSECT SELECT * FROM sources))"
    )
    con.execute("DELETE FROM sources WHERE source_id IN (SELECT source_id FROM crawled)")
    con.execute("INSERT INTO sources BY NAME SELECT * FROM crawled ORDER BY source_id")
    con.execute("DROP TABLE crawled")
    con.execute("DROP TABLE temp.states")
    if crawled.gone is not None:
        gone = make_rows(texts("document_id", "since"), crawled.gone.items())
        with temporary_table(con, "gone", gone):
            con.execute("""
                UPDATE documents SET gone_since = g.since
                FROM (
                    SELECT d.document_id, CAST(g.since AS TIMESTAMP) AS since
                    FROM documents d LEFT JOIN gone g USING (document_id)
                    WHERE d.vault_path IS NOT NULL
                ) g
                WHERE g.document_id = documents.document_id AND documents.gone_since IS DISTINCT
                    FROM g.since
            """)
    return crawled.shared is not None and _share(con, crawled.shared)


def _share(con: duckdb.DuckDBPyConnection, shared: Mapping[str, Sequence[str]]) -> bool:
    """Set `documents.listed_by` where several agencies list the document, and clear it elsewhere;
    whether a row changed.
    """
    names = [", ".join(sorted(agencies)) for agencies in shared.values()]
    rows = zip(shared, names, strict=True)
    add_table(con, "shared", make_rows(texts("document_id", "agencies"), rows))
    differs = (
        "FROM documents d LEFT JOIN shared s USING (document_id) WHERE d.vault_path IS NOT NULL "
        "AND d.listed_by IS DISTINCT FROM s.agencies"
    )
    changed = bool(con.execute(f"SELECT EXISTS ({differs})").fetchall()[0][0])
    if changed:
        con.execute(f"""
            UPDATE documents SET listed_by = n.agencies FROM (SELECT d.document_id,
                s.agencies {differs}) n WHERE n.document_id = documents.document_id
        """)  # noqa: S608 - constants
    con.execute("DROP TABLE temp.shared")
    return changed
