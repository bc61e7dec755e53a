"""Table `agencies`: whose reports there are, and what is known of each.

Rows come from reports and from the registry of sources; a value once set is kept.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from load.database import Con
from transform.identity.divisions import load_places
from transform.records import UNKNOWN_AGENCY
from transform.temporary_tables import make_named_rows, make_rows, temporary_table, texts

AGENCY_COLUMNS: Final = ("agency_id", "name", "level", "division_code", "parent_id", "site")
PLACE_COLUMNS: Final = ("province", "city", "county")


def add_agencies(con: Con) -> None:
    """Add the agencies of reports that are not there yet: what `merge_agencies` comes to where
    nothing is known of them.
    """
    con.execute(
        """
        INSERT INTO agencies (agency_id, name)
        SELECT DISTINCT agency_id, agency_id FROM reports WHERE agency_id <> $unknown
            AND agency_id NOT IN (SELECT agency_id FROM agencies)
        """,
        {"unknown": UNKNOWN_AGENCY},
    )


def merge_agencies(con: Con, given: Sequence[Mapping[str, str | None]]) -> set[str]:
    """Bring `agencies` up to date; the ids of those that changed.

    Agencies of reports and of `given` are added; `given` fills what is empty and never replaces
    what is set (a name that is merely the id counts as empty). An agency that has no report and is
    not given goes, unless it has a name or a site of its own: a level, a division code and a parent
    alone follow from the id, so they do not keep one that was misread.
    """
    rows = ({c: g.get(c) for c in AGENCY_COLUMNS} for g in given)
    with temporary_table(con, "given", make_named_rows(texts(*AGENCY_COLUMNS), rows)):
        con.execute(
            """
            CREATE OR REPLACE TEMP TABLE merged AS
            WITH ids AS (
                SELECT agency_id FROM agencies UNION SELECT agency_id FROM given
                    UNION SELECT agency_id FROM reports WHERE agency_id <> $unknown
            )
            SELECT
                i.agency_id, coalesce(nullif(any_value(a.name), i.agency_id), any_value(g.name),
                    i.agency_id) AS name,
                coalesce(any_value(a.level), any_value(g.level)) AS level,
                coalesce(any_value(a.division_code), any_value(g.division_code)) AS division_code,
                any_value(a.province) AS province, any_value(a.city) AS city,
                any_value(a.county) AS county,
                coalesce(any_value(a.parent_id), any_value(g.parent_id)) AS parent_id,
                coalesce(any_value(a.site), any_value(g.site)) AS site
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
                AND agency_id NOT IN (SELECT agency_id FROM given WHERE agency_id IS NOT NULL)
                    AND name = agency_id AND site IS NULL
        """)
    _name_places(con)
    changed = {
        agency_id
        for (agency_id,) in con.execute("""
            SELECT agency_id FROM (FROM agencies EXCEPT FROM merged)
            UNION SELECT agency_id FROM (FROM merged EXCEPT FROM agencies)
        """).fetchall()
    }
    if changed:
        con.execute("DELETE FROM agencies")
        con.execute("INSERT INTO agencies BY NAME SELECT * FROM merged ORDER BY agency_id")
    con.execute("DROP TABLE merged")
    return changed


def _name_places(con: Con) -> None:
    """Fill province, city and county of temporary table `merged` where they are empty."""
    query = "SELECT DISTINCT division_code FROM merged WHERE division_code IS NOT NULL ORDER BY 1"
    codes = [code for (code,) in con.execute(query).fetchall()]
    rows = [(code, *load_places().around(code)) for code in codes]
    columns = texts("division_code", *PLACE_COLUMNS)
    with temporary_table(con, "places", make_rows(columns, rows)):
        con.execute("""
            UPDATE merged SET
                province = coalesce(merged.province, p.province),
                city = coalesce(merged.city, p.city),
                county = coalesce(merged.county, p.county)
            FROM places AS p WHERE p.division_code = merged.division_code
        """)
