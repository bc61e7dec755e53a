"""The closed lists: every word that may stand in a column of the warehouse, with its meaning.

`CLOSED_LISTS` has them in the order of the dictionary, each with the columns that it is for.
"""

from typing import Final

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
AGENCY_LEVELS: Final = {
    "central_government": "The State Council.",
    "central_department": "A ministry or another body of the State Council.",
    "province_government": "The government of a province, autonomous region or municipality.",
    "province_department": "A department of it.",
    "city_government": "The government of a city or another prefecture.",
    "city_department": "A department of it.",
    "county_government": "The government of a county, district or county-level city.",
    "county_department": "A department of it.",
    "town_government": "The government of a town or township, or the office of a subdistrict.",
    "town_department": "A department of it.",
    "zone_government": "The committee of a development zone or another area of its own.",
    "zone_department": "A department of it.",
}
EDITIONS: Final = {
    "2014": "Statistics of the reports before 2019.",
    "2019": "The form for the reports on 2019 and 2020.",
    "2021": "The form in force since the reports on 2021.",
    "fj2008": "Annex that agencies of Fujian used before 2014.",
}
SUSPECT_KINDS: Final = {
    "blank": "A blank that should hold a number, as others around it are filled in.",
    "left_out": "A blank, or a total left at 0, that should hold a number.",
    "sign": "The sign is wrong.",
    "digit": "One digit is wrong.",
    "transposed": "Two digits are exchanged.",
    "digit_lost": "A digit is lost.",
    "digit_added": "A digit too many.",
    "near_total": "A total that is off by little: not brought up to date.",
    "omitted": "0 in place of a number.",
    "stray": "A number where none belongs.",
    "other": "Another number.",
    "moved_column": "A number in the wrong column.",
    "moved_row": "A number in the wrong row.",
    "swapped": "Two cells are exchanged.",
    "shifted_row": "A whole row is shifted.",
    "split_number": "One number stands in two cells.",
    "rows_exchanged": "Two rows are exchanged.",
    "late_change": "Changed here and not in the other cells of its sums.",
    "totals_left": "Totals left at 0 over parts that are not.",
    "carried_twice": "New requests that hold those carried in as well.",
    "carry_forgotten": "Carried forward left at 0.",
    "line_repeated": "A line that repeats another.",
    "stale_sums": "A detail came in last; the totals over it were not brought up to date.",
    "not_located": "The search ended without a result; printed says why.",
}
RELATIONS: Final = {
    "=": "The cell should be implied.",
    "<=": "The cell should be at most implied.",
    ">=": "The cell should be at least implied.",
}
BASES: Final = {
    "deduced": "The rules prove the value.",
    "assumed": "A blank taken as 0, not proved.",
}
CORRECTION_KINDS: Final = {
    "misreading": "The cell was read wrongly: cells has the corrected value.",
    "misprint": "The document is wrong: cells has what is printed.",
    "accepted": "A person confirmed the finding.",
    "dismissed": "A person set the finding aside.",
}
COVERAGE_STATES: Final = {
    "not_found": "The warehouse has no report of the agency on the year.",
    "image_only": "Pictures in place of tables.",
    "wrong_form": "An edition of another year, or two editions.",
    "restated": "Another document of the agency and year, or an earlier one of the same address, "
    "gives other numbers.",
    "late": "Published after the day that the law states.",
    "clean": "Extracted, and nobody need look at it.",
    "extracted": "All others.",
}
RULE_KINDS: Final = {
    "sum": "An equation over cells of a table.",
    "cell": "What may stand in a cell.",
    "structure": "Tables, rows, sections and dates that a report must have.",
    "remark": "Doubts met while reading.",
    "statement": "Figures that the prose states, against the tables.",
    "years": "A report against that of the year before.",
    "corpus": "A report against all others.",
}
RULE_SOURCES: Final = {
    "official": "The form itself prints the rule.",
    "derived": "The rule follows from the meaning of the labels.",
}
FORM_KINDS: Final = {
    "data": "Has cells with values.",
    "header": "Only groups others.",
}
VALUE_TYPES: Final = {
    "int": "A count.",
    "signed_int": "A change: a count that may be negative.",
    "decimal": "An amount.",
}
SOURCE_STATES: Final = {
    "good": "Read whole, with as many documents as were expected.",
    "stale": "Not read whole, or too few: what is missing is not taken for deleted.",
    "failing": "Its lists are good; what they name cannot be fetched.",
}
SOURCE_REASONS: Final = {
    "not_whole": ("A dead site, a firewall's page, an empty list, or a list that broke off."),
    "too_few": (
        "Fewer documents than the minimum: the lists were probably misread, so that what is new "
        "waits in the vault."
    ),
    "most_failed": "Of most of the reports listed something could not be fetched.",
    "failed_for_days": "Something that is listed has given nothing for days.",
}
CLOSED_LISTS: Final = (
    ("Tables of the form (`table_id`)", TABLE_IDS),
    ("Editions of the form (`edition`)", EDITIONS),
    ("States of a cell (`cells.state`)", CELL_STATES),
    ("Statuses of a document (`outcomes.status`)", STATUSES),
    ("Reasons (`outcomes.reason`)", REASONS),
    ("Levels (`findings.level`, `rules.level`, `tidy.flag`)", LEVELS),
    ("States of a check (`findings.state`)", CHECK_STATES),
    ("Statuses of a finding (`findings.status`)", FINDING_STATUSES),
    ("Verdicts (`findings.verdict`)", VERDICTS),
    ("Kinds of suspects (`suspects.kind`)", SUSPECT_KINDS),
    ("Relations (`suspects.relation`)", RELATIONS),
    ("Bases of a deduction (`deductions.basis`)", BASES),
    ("Kinds of corrections (`corrections.kind`)", CORRECTION_KINDS),
    ("Levels of an agency (`agencies.level`)", AGENCY_LEVELS),
    ("States of a report (`coverage.state`)", COVERAGE_STATES),
    ("Kinds of rules (`rules.kind`)", RULE_KINDS),
    ("Sources of rules (`rules.source`)", RULE_SOURCES),
    ("Kinds of rows and columns (`form_rows.kind`, `form_columns.kind`)", FORM_KINDS),
    ("Types of values (`form_columns.type`)", VALUE_TYPES),
    ("Kinds of changes (`changes.kind`)", CHANGE_KINDS),
    ("States of a source (`sources.state`)", SOURCE_STATES),
    ("Reasons of a source (`sources.reason`)", SOURCE_REASONS),
    ("Statuses of a run (`runs.status`)", RUN_STATUSES),
)
