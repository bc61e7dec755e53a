"""What explains the warehouse: the data dictionary in Markdown.

`dictionary` takes a connection to a warehouse (or `memory(comments=True)`) and writes down each
table and view with its columns, types and comments, and the closed lists of words that stand in
them. Nothing is said here that is not in
the comments of `schema.sql` and `views.sql`, but for those lists.
"""

from typing import Final

import duckdb

from extract.document import Reason, Status

CELL_STATES: Final = {
    "number": "A number other than zero.",
    "zero": "A printed zero.",
    "blank": "Nothing is printed. Not the same as zero.",
    "marker": "A mark for no data: a slash, a dash, the word for none.",
    "text": "Words, or more than one number: no single value can be read.",
    "absent": "The form has the cell, the document has not.",
}
STATUSES: Final = {
    Status.EXTRACTED: "All tables of the form were found.",
    Status.PARTIAL: "Some tables of the form were found.",
    Status.REJECTED: "The input cannot or must not be read; see the reason.",
    Status.FAILED: "Reading was tried and broke; see the reason.",
}
REASONS: Final = {
    Reason.EMPTY_FILE: "No bytes, or nothing but blank space.",
    Reason.UNKNOWN_FORMAT: "The bytes are of no format that has a reader.",
    Reason.READER_MISSING: "A known format whose reader is not installed or not built yet.",
    Reason.ENCRYPTED: "The file needs a password.",
    Reason.DAMAGED: "Truncated, or breaks its own format.",
    Reason.BAD_ENCODING: "The text is in no known encoding, or is garbled already.",
    Reason.TOO_LARGE: "Beyond a limit of size.",
    Reason.ARCHIVE_GUARD: "An archive built to harm: ratio, number of members, sizes that lie.",
    Reason.XML_GUARD: "Entities, a document type definition, or nesting built to harm.",
    Reason.BLOCKED_PAGE: "A firewall's or an error page in place of a report.",
    Reason.NEEDS_BROWSER: "A page whose content is made by script.",
    Reason.NO_TABLES: "Readable, but holds no table.",
    Reason.NO_CELLS: "The text of the tables is there, run together without a mark between cells.",
    Reason.NOT_A_REPORT: "Tables, but none of the form.",
    Reason.MISSING_TABLES: "At least one table of the form was not found.",
    Reason.TIME_LIMIT: "The reader ran into its limit of time.",
    Reason.MEMORY_LIMIT: "The reader ran into its limit of memory.",
    Reason.READER_CRASHED: (
        "The reader died or broke in a way that it does not name, or its reading could not be "
        "stored."
    ),
    Reason.UNREADABLE: "The file could not be opened: gone, a folder, or no permission.",
}
LEVELS: Final = {
    "error": "Arithmetic or the form is broken.",
    "warning": "A person should look at it.",
    "info": "Good to know.",
}
CHECK_STATES: Final = {
    "holds": "The rule holds for the printed values. Makes no finding.",
    "holds_if_blank_is_zero": "The rule holds if each blank is taken as zero.",
    "fails": "The rule does not hold.",
    "total_blank": "The total is blank while its parts are not zero.",
    "not_assessable": "The rule could not be judged; the message says why.",
    "readings_disagree": "Two independent readings of the cells differ.",
}
FINDING_STATUSES: Final = {
    "new": "First made by the run that last evaluated the rules.",
    "standing": "Made before, too.",
    "accepted": "A person confirmed it.",
    "dismissed": "A person set it aside.",
}
VERDICTS: Final = {
    "source": "A second reading gave the same characters in every cell: the document says so.",
    "extraction": "A second reading gave another value, and ours is wrong.",
    "undecided": "A second reading gave other characters, or none, in some cell.",
}
TABLE_IDS: Final = {
    "proactive": "Section 2, information disclosed without request.",
    "requests": "Section 3, requests for information.",
    "disputes": "Section 4, administrative reconsideration and lawsuits.",
    "statistics": "Annexes before 2019.",
    "fees": "Information processing fees, an extra table of some agencies.",
}
RUN_PUBLISHED: Final = "published"
RUN_UNCHANGED: Final = "unchanged"
RUN_STATUSES: Final = {
    RUN_PUBLISHED: "Something had changed, and the rules were evaluated.",
    RUN_UNCHANGED: "Nothing had changed; only the row in runs is new.",
}
CHANGE_KINDS: Final = {
    "added": "A document that was not here before.",
    "replaced": "A document read anew, or other bytes at the path of a file given by hand.",
    "removed": "A document that is not here any more.",
    "restated": "Another report of the agency and year has become the current one.",
    "cell": "A cell of a replaced or restated report whose number or state differs.",
    "finding_new": "A finding on a report that was here before.",
    "finding_gone": "A finding that the rules no longer make, of a report that is still here.",
}
_LISTS: Final = (
    ("Tables of the form (`table_id`)", TABLE_IDS),
    ("States of a cell (`cells.state`)", CELL_STATES),
    ("Statuses of a document (`outcomes.status`)", STATUSES),
    ("Reasons (`outcomes.reason`)", REASONS),
    ("Levels (`findings.level`, `rules.level`)", LEVELS),
    ("States of a check (`findings.state`)", CHECK_STATES),
    ("Statuses of a finding (`findings.status`)", FINDING_STATUSES),
    ("Verdicts (`findings.verdict`)", VERDICTS),
    ("Kinds of changes (`changes.kind`)", CHANGE_KINDS),
    ("Statuses of a run (`runs.status`)", RUN_STATUSES),
)


def dictionary(con: duckdb.DuckDBPyConnection) -> str:
    """The data dictionary of the warehouse that `con` is connected to, in Markdown.

    Needs the comments of the schema.
    """
    tables = con.execute(
        "SELECT table_name, comment FROM duckdb_tables() WHERE NOT internal AND NOT temporary "
        "ORDER BY table_oid"
    ).fetchall()
    views = con.execute(
        "SELECT view_name, comment FROM duckdb_views() WHERE NOT internal AND NOT temporary "
        "ORDER BY view_oid"
    ).fetchall()
    lines = ["# Data dictionary", ""]
    lines += [
        (
            "Made from the comments of the warehouse by `nianbao dictionary`. “Empty” means "
            "NULL. Times are UTC."
        ),
        "",
    ]
    lines += [
        (
            "Start with the view `tidy`, and write `WHERE is_current` to have each agency and "
            "year once."
        ),
        "",
    ]
    for heading, relations in (("Views", views), ("Tables", tables)):
        lines += [f"## {heading}", ""]
        for name, comment in relations:
            lines += [
                f"### {name}",
                "",
                _cell(comment),
                "",
                "| column | type | meaning |",
                "|---|---|---|",
            ]
            lines += [
                f"| {column} | {kind} | {_cell(text)} |"
                for column, kind, text in _columns(con, name)
            ]
            lines.append("")
    lines += ["## Closed lists", ""]
    for heading, words in _LISTS:
        lines += [f"### {heading}", "", "| word | meaning |", "|---|---|"]
        lines += [f"| {word} | {_cell(meaning)} |" for word, meaning in words.items()]
        lines.append("")
    return "\n".join(lines)


def _columns(con: duckdb.DuckDBPyConnection, relation: str) -> list[tuple[str, str, str | None]]:
    return con.execute(
        (
            "SELECT column_name, data_type, comment FROM duckdb_columns() WHERE table_name = ? "
            "AND NOT internal ORDER BY column_index"
        ),
        [relation],
    ).fetchall()


def _cell(text: str | None) -> str:
    return (text or "").replace("|", "\\|")
