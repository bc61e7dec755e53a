"""Table `changes`: what a run changed, noted while it happens.

`keep_before(con)` is called when it is known which documents leave, before any row goes;
`note_documents(con, run_id)` when the new readings are in and it is chosen which reports are
current; `note_findings(con, run_id)` while temporary tables `merged` and `replaced` hold the
findings to be and those whose place they take.

Documents are `added`, `replaced` (read anew, or other bytes at the same path) or `removed`; a
report is `restated` where another one of its agency and year has become current. For both, each
`cell` that differs in number or state has a row.
"""

from typing import Final

from load.database import Con

# a cell in words: its number as printed, or its state
_WORDS: Final = "coalesce(rtrim(rtrim({0}.value::VARCHAR, '0'), '.'), {0}.state)"


def keep_before(con: Con) -> None:
    """Make the temporary tables `reports_before` (all, also of a warehouse that is gone) and
    `cells_before` (of those that leave).
    """
    con.execute("""
        CREATE TEMP TABLE reports_before AS
        SELECT report_id, document_id, agency_id, year, is_current FROM reports
        UNION ALL SELECT report_id, document_id, agency_id, year, is_current FROM history_reports
    """)
    con.execute("""
        CREATE TEMP TABLE cells_before AS
        SELECT report_id, table_id, row_id, col_id, value, state FROM cells
        WHERE report_id IN (
            SELECT report_id FROM reports WHERE document_id IN (SELECT document_id FROM leaving)
        )
    """)


def note_documents(con: Con, run_id: str, unknown: str) -> None:
    """Write what came, went and was replaced, and the cells that differ for it.

    Reports of the agency `unknown` are nobody's other version.
    """
    con.execute(
        """
        INSERT INTO changes (run_id, kind, document_id, report_id, agency_id, year, before, after)
        WITH moved AS (
            SELECT CASE WHEN l.document_id IS NULL THEN 'added' ELSE 'replaced' END AS kind,
                o.document_id, l.document_id AS before, o.document_id AS after
            FROM offered AS o LEFT JOIN leaving AS l ON l.successor = o.document_id
            WHERE o.document_id NOT IN (SELECT document_id FROM history_documents)
            UNION ALL
            SELECT 'removed', document_id, document_id, NULL FROM history_documents
            WHERE document_id NOT IN (SELECT document_id FROM documents)
            UNION ALL
            SELECT 'removed', document_id, document_id, NULL FROM leaving
            WHERE successor IS NULL OR successor NOT IN (SELECT document_id FROM offered)
        )
        SELECT $run_id, m.kind, m.document_id, r.report_id, r.agency_id, r.year,
            m.before, CASE WHEN m.kind <> 'added' THEN m.after END
        FROM moved AS m
        LEFT JOIN (
            SELECT document_id, report_id, agency_id, year FROM reports
            UNION ALL
            SELECT document_id, report_id, agency_id, year FROM reports_before
            WHERE document_id NOT IN (SELECT document_id FROM documents)
        ) AS r ON r.document_id = m.document_id
        ORDER BY ALL
        """,
        {"run_id": run_id},
    )
    con.execute(
        """
        INSERT INTO changes (run_id, kind, report_id, agency_id, year, before, after)
        SELECT $run_id, 'restated', n.report_id, n.agency_id, n.year, b.report_id, n.report_id
        FROM reports AS n
        JOIN reports_before AS b ON b.agency_id = n.agency_id AND b.year = n.year
            AND b.is_current AND b.report_id <> n.report_id
        WHERE n.is_current AND n.agency_id <> $unknown
        ORDER BY ALL
        """,
        {"run_id": run_id, "unknown": unknown},
    )
    _note_cells(con, run_id)


def _note_cells(con: Con, run_id: str) -> None:
    """The cells that differ between a report that is there now and what it stands for."""
    con.execute(
        f"""
        INSERT INTO changes
            (run_id, kind, report_id, agency_id, year, table_id, row_id, col_id, before, after)
        WITH versions AS (
            SELECT DISTINCT n.report_id, b.report_id AS before_id, n.agency_id, n.year
            FROM changes AS c
            JOIN reports_before AS b ON b.document_id = c.before OR b.report_id = c.before
            JOIN reports AS n ON n.report_id = c.report_id
            WHERE c.run_id = $run_id AND c.kind IN ('replaced', 'restated')
        ),
        earlier AS (
            SELECT v.report_id, c.table_id, c.row_id, c.col_id, c.value, c.state
            FROM versions AS v JOIN cells_before AS c ON c.report_id = v.before_id
            UNION ALL
            SELECT v.report_id, c.table_id, c.row_id, c.col_id, c.value, c.state
            FROM versions AS v JOIN cells AS c ON c.report_id = v.before_id
            WHERE v.before_id NOT IN (SELECT report_id FROM cells_before)
        ),
        later AS (
            SELECT report_id, table_id, row_id, col_id, value, state FROM cells
            WHERE report_id IN (SELECT report_id FROM versions)
        ),
        differing AS (
            SELECT report_id, table_id, row_id, col_id,
                CASE WHEN e.state IS NOT NULL THEN {_WORDS.format("e")} END AS before,
                CASE WHEN l.state IS NOT NULL THEN {_WORDS.format("l")} END AS after
            FROM earlier AS e FULL JOIN later AS l USING (report_id, table_id, row_id, col_id)
            WHERE e.value IS DISTINCT FROM l.value OR e.state IS DISTINCT FROM l.state
        )
        SELECT DISTINCT $run_id, 'cell', d.report_id, r.agency_id, r.year, d.table_id, d.row_id,
            d.col_id, d.before, d.after
        FROM differing AS d JOIN reports AS r USING (report_id)
        ORDER BY ALL
        """,  # noqa: S608 - constants
        {"run_id": run_id},
    )


def note_findings(con: Con, run_id: str) -> None:
    """Write which findings come and go; those of documents that came or went follow from these."""
    con.execute(
        """
        INSERT INTO changes (run_id, kind, report_id, agency_id, year, finding_id, rule_id)
        WITH whole AS (
            SELECT report_id FROM changes
            WHERE run_id = $run_id AND kind IN ('added', 'removed') AND report_id IS NOT NULL
        )
        SELECT $run_id, 'finding_new', report_id, agency_id, year, finding_id, rule_id FROM merged
        WHERE finding_id NOT IN (SELECT finding_id FROM findings)
            AND report_id NOT IN (SELECT report_id FROM whole)
        UNION ALL
        SELECT $run_id, 'finding_gone', report_id, agency_id, year, finding_id, rule_id
        FROM findings SEMI JOIN replaced USING (finding_id)
        WHERE finding_id NOT IN (SELECT finding_id FROM merged)
            AND report_id NOT IN (SELECT report_id FROM whole)
        ORDER BY ALL
        """,
        {"run_id": run_id},
    )
