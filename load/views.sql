-- The views: what an analyst starts from. Each view and each column has a comment. Split as schema.sql is.

CREATE VIEW tidy AS
SELECT
    c.agency_id, r.agency_name, c.year, r.is_current, c.table_id, c.edition,
    c.row_id, w.label_zh AS row_label_zh, w.label_en AS row_label_en,
    c.col_id, k.label_zh AS col_label_zh, k.label_en AS col_label_en,
    c.value, c.unit,
    CASE
        WHEN c.unit IS NULL OR coalesce(w.unit, k.unit) IS NULL OR c.unit = coalesce(w.unit, k.unit) THEN c.value::DECIMAL(38,10)
        WHEN c.unit IN ('元', '千元', '万元', '亿元') OR coalesce(w.unit, k.unit) IN ('元', '千元', '万元', '亿元') THEN c.value * (
            CASE c.unit || '>' || coalesce(w.unit, k.unit)
                WHEN '元>千元' THEN 0.001 WHEN '元>万元' THEN 0.0001
                WHEN '千元>元' THEN 1000 WHEN '千元>万元' THEN 0.1
                WHEN '万元>元' THEN 10000 WHEN '万元>千元' THEN 10 WHEN '万元>亿元' THEN 0.0001
                WHEN '亿元>元' THEN 100000000 WHEN '亿元>千元' THEN 100000 WHEN '亿元>万元' THEN 10000
            END)::DECIMAL(14,4)
        ELSE c.value::DECIMAL(38,10)
    END AS value_in_form_unit,
    coalesce(w.unit, k.unit) AS form_unit,
    c.state, c.raw_text, r.report_id, r.title AS report_title, r.published_on, r.document_id, d.file_name, d.url,
    c.page, c.grid, c.grid_row, c.grid_col, c.bbox, c.reader, c.confidence,
    w.position AS row_position, k.position AS col_position
FROM cells AS c
JOIN reports AS r ON r.report_id = c.report_id
JOIN documents AS d ON d.document_id = r.document_id
LEFT JOIN form_rows AS w ON w.edition = c.edition AND w.table_id = c.table_id AND w.row_id = c.row_id
LEFT JOIN form_columns AS k
    ON k.edition = w.edition AND k.table_id = w.table_id AND k.block_id IS NOT DISTINCT FROM w.block_id AND k.col_id = c.col_id;
COMMENT ON VIEW tidy IS 'Start here. Every cell of every report with its labels, its unit and its place: one row a cell. Write WHERE is_current to have each agency and year once.';
COMMENT ON COLUMN tidy.agency_id IS 'The agency, or unknown where the document does not tell.';
COMMENT ON COLUMN tidy.agency_name IS 'The agency as the report names itself.';
COMMENT ON COLUMN tidy.year IS 'Year that is reported on, not the year of publication.';
COMMENT ON COLUMN tidy.is_current IS 'True for the one report of an agency and year to use. Without WHERE is_current a report published twice counts twice.';
COMMENT ON COLUMN tidy.table_id IS 'One of: proactive (section 2), requests (section 3), disputes (section 4), statistics (annexes before 2019), fees (processing fees).';
COMMENT ON COLUMN tidy.edition IS 'Edition of the form that the table follows: 2014, 2019, 2021, fj2008. One report may mix editions.';
COMMENT ON COLUMN tidy.row_id IS 'Row of the form. A row that the form does not have keeps an id of its own and has no label.';
COMMENT ON COLUMN tidy.row_label_zh IS 'Label of the row as the form prints it.';
COMMENT ON COLUMN tidy.row_label_en IS 'Label of the row in English.';
COMMENT ON COLUMN tidy.col_id IS 'Column of the form.';
COMMENT ON COLUMN tidy.col_label_zh IS 'Label of the column as the form prints it.';
COMMENT ON COLUMN tidy.col_label_en IS 'Label of the column in English.';
COMMENT ON COLUMN tidy.value IS 'The number as printed, exact, in the unit of column unit. Empty unless state is number or zero: a blank is not 0.';
COMMENT ON COLUMN tidy.unit IS 'Unit printed in the cell or its header, or else the unit of the form.';
COMMENT ON COLUMN tidy.value_in_form_unit IS 'value in the unit of form_unit, exact: money is converted (1 万元 = 10,000 元). Equals value where the cell or the form has no unit, and where both units count things. Empty where only one of the two units is of money.';
COMMENT ON COLUMN tidy.form_unit IS 'Unit that the form asks for. Empty where it states none.';
COMMENT ON COLUMN tidy.state IS 'What stands in the cell, one of: number, zero, blank, marker, text, absent.';
COMMENT ON COLUMN tidy.raw_text IS 'Text of the cell as printed.';
COMMENT ON COLUMN tidy.report_id IS 'The report (reports.report_id).';
COMMENT ON COLUMN tidy.report_title IS 'Title of the report as printed.';
COMMENT ON COLUMN tidy.published_on IS 'Day of publication as the document states it.';
COMMENT ON COLUMN tidy.document_id IS 'The document (documents.document_id).';
COMMENT ON COLUMN tidy.file_name IS 'Name of the file.';
COMMENT ON COLUMN tidy.url IS 'Address of the file. Empty for a file given by hand.';
COMMENT ON COLUMN tidy.page IS 'Page of the document, counted from 1. Empty where the format has no pages.';
COMMENT ON COLUMN tidy.grid IS 'Number of the table within the document, counted from 1.';
COMMENT ON COLUMN tidy.grid_row IS 'Row within that table as printed, counted from 1.';
COMMENT ON COLUMN tidy.grid_col IS 'Column within that table as printed, counted from 1.';
COMMENT ON COLUMN tidy.bbox IS 'Box on the page: left, top, right, bottom in points from the top left corner.';
COMMENT ON COLUMN tidy.reader IS 'Reader that gave the text of the cell.';
COMMENT ON COLUMN tidy.confidence IS 'How sure the reader is of the text, 0 to 1.';
COMMENT ON COLUMN tidy.row_position IS 'Order of the row within its table of the form, counted from 0: sort by it.';
COMMENT ON COLUMN tidy.col_position IS 'Order of the column within its block of the form, counted from 0: sort by it.';

CREATE VIEW coverage AS
WITH years AS (SELECT DISTINCT year FROM reports WHERE year IS NOT NULL),
doubts AS (
    SELECT
        report_id, count(*) FILTER (level = 'error') AS errors, count(*) FILTER (level = 'warning') AS warnings, count(*) FILTER (level = 'info') AS infos,
        bool_or(rule_id = 'report.late' AND level = 'warning') AS is_late, bool_or(rule_id = 'report.late' AND level = 'info') AS day_unsure,
        bool_or(rule_id IN ('form.wrong_year', 'form.hybrid')) AS wrong_form, bool_or(rule_id IN ('report.versions_differ', 'report.restated')) AS restated
    FROM findings WHERE status <> 'dismissed' GROUP BY report_id
),
versions AS (
    SELECT agency_id, year, count(*) AS n, min(min(year)) OVER (PARTITION BY agency_id) AS first_year, max(max(year)) OVER (PARTITION BY agency_id) AS last_year
    FROM reports WHERE year IS NOT NULL GROUP BY agency_id, year
),
spans AS (SELECT DISTINCT agency_id, first_year, last_year FROM versions),
sites AS (  -- a site as in the registry, a host, or as an address; one that many agencies share does not tell whose a document is
    SELECT agency_id, name, regexp_extract(site, '^(?:https?://)?([^/]+)', 1) AS host, count(*) OVER (PARTITION BY host) AS sharing
    FROM agencies WHERE site IS NOT NULL
),
pictures AS (
    SELECT DISTINCT a.agency_id, y.year
    FROM sites AS a
    JOIN documents AS d
        ON regexp_extract(d.url, '^https?://([^/]+)', 1) = a.host AND (a.sharing = 1 OR contains(coalesce(d.title, d.file_name), a.name))
    JOIN outcomes AS o ON o.document_id = d.document_id AND o.reason = 'reader_missing' AND contains(o.detail, 'pictures')
    JOIN years AS y ON contains(coalesce(d.title, d.file_name), CAST(y.year AS VARCHAR))
)
SELECT
    a.agency_id, a.name AS agency_name, y.year,
    CASE
        WHEN r.report_id IS NULL THEN CASE WHEN p.agency_id IS NULL THEN 'not_found' ELSE 'image_only' END
        WHEN o.status = 'partial' AND contains(o.detail, 'pictures only') THEN 'image_only'
        WHEN f.wrong_form THEN 'wrong_form'
        WHEN f.restated THEN 'restated'
        WHEN f.is_late THEN 'late'
        WHEN o.status = 'extracted' AND coalesce(f.errors + f.warnings, 0) = 0 THEN 'clean'
        ELSE 'extracted'
    END AS state,
    coalesce(o.status, 'missing') AS status, o.reason, r.report_id, r.document_id, r.published_on,
    CASE
        WHEN f.is_late THEN true
        WHEN f.day_unsure THEN NULL
        WHEN r.published_on <= make_date(y.year + 1, 1, 31) THEN false
        WHEN r.published_on IS NOT NULL AND regexp_matches(a.level, '^(central|province|city|county)_') THEN false
    END AS late,
    CASE WHEN r.report_id IS NOT NULL THEN coalesce(f.restated, false) END AS restated, coalesce(v.n, 0) AS versions,
    r.report_id IS NOT NULL OR a.site IS NOT NULL OR coalesce(y.year BETWEEN s.first_year AND s.last_year, false) AS expected,
    CASE WHEN r.report_id IS NOT NULL THEN coalesce(f.errors, 0) END AS errors,
    CASE WHEN r.report_id IS NOT NULL THEN coalesce(f.warnings, 0) END AS warnings,
    CASE WHEN r.report_id IS NOT NULL THEN coalesce(f.infos, 0) END AS infos
FROM agencies AS a
CROSS JOIN years AS y
LEFT JOIN reports AS r ON r.agency_id = a.agency_id AND r.year = y.year AND r.is_current
LEFT JOIN outcomes AS o ON o.document_id = r.document_id
LEFT JOIN doubts AS f ON f.report_id = r.report_id
LEFT JOIN versions AS v ON v.agency_id = a.agency_id AND v.year = y.year
LEFT JOIN spans AS s ON s.agency_id = a.agency_id
LEFT JOIN pictures AS p ON p.agency_id = a.agency_id AND p.year = y.year;
COMMENT ON VIEW coverage IS 'Which agency has a report on which year: one row for each agency and each year that any report is on. Reports of an unknown agency or year are not here; see quality.';
COMMENT ON COLUMN coverage.agency_id IS 'The agency (agencies.agency_id).';
COMMENT ON COLUMN coverage.agency_name IS 'Name of the agency (agencies.name).';
COMMENT ON COLUMN coverage.year IS 'Year that is reported on.';
COMMENT ON COLUMN coverage.state IS 'One word for the state, the first that fits: not_found, image_only (pictures in place of tables), wrong_form (an edition of another year, or two editions), restated (another document of the same agency and year, or an earlier one of the same address, gives other numbers), late, clean (extracted, and nobody need look at it), extracted (all others). late and restated have columns of their own.';
COMMENT ON COLUMN coverage.status IS 'extracted or partial as in outcomes, or missing where the warehouse has no report.';
COMMENT ON COLUMN coverage.reason IS 'Why the status is partial. Empty otherwise.';
COMMENT ON COLUMN coverage.report_id IS 'The current report. Empty where it is missing.';
COMMENT ON COLUMN coverage.document_id IS 'The document that holds it.';
COMMENT ON COLUMN coverage.published_on IS 'Day of publication as the document states it.';
COMMENT ON COLUMN coverage.late IS 'Whether the report was published after the day that the law states for the level of its agency (rule report.late). Empty where the day or the level is not known, where the law states none, and where the day is more than a year late, as of a page that was moved.';
COMMENT ON COLUMN coverage.restated IS 'Whether another document of the same agency and year gives other numbers (rule report.versions_differ), or the same address gave other ones before (report.restated). Empty where the report is missing.';
COMMENT ON COLUMN coverage.versions IS 'Documents of this agency and year that were read as reports. 0 where the report is missing.';
COMMENT ON COLUMN coverage.expected IS 'Whether a report must be there: one is, or the agency has a site in agencies, or it has reports on years before and after.';
COMMENT ON COLUMN coverage.errors IS 'Findings of level error that nobody dismissed. Empty where the report is missing.';
COMMENT ON COLUMN coverage.warnings IS 'Findings of level warning that nobody dismissed. Empty where the report is missing.';
COMMENT ON COLUMN coverage.infos IS 'Findings of level info that nobody dismissed. Empty where the report is missing.';

CREATE VIEW rule_card AS
WITH known AS (
    SELECT
        rule_id, any_value(kind) AS kind, any_value(level) AS level, any_value(message_zh) AS message_zh, any_value(message_en) AS message_en
    FROM rules GROUP BY rule_id
),
counted AS (
    SELECT
        (SELECT count(*) FROM reports) AS reports,
        (SELECT count(DISTINCT report_id) FROM tables WHERE found) AS with_tables,
        (SELECT count(*) FROM reports WHERE is_current AND agency_id <> 'unknown' AND year IS NOT NULL) AS named,
        (SELECT count(*) FROM reports AS n JOIN reports AS p ON p.agency_id = n.agency_id AND p.year = n.year - 1 WHERE n.is_current AND p.is_current AND n.agency_id <> 'unknown') AS followed
),
sums AS (
    SELECT u.rule_id, count(DISTINCT t.report_id) AS reports
    FROM rules AS u
    JOIN tables AS t ON t.found AND t.edition = u.edition AND t.table_id = regexp_extract(u.expression, '([a-z_]+)\[', 1)
    WHERE u.kind = 'sum'
    GROUP BY u.rule_id
),
made AS (
    SELECT
        rule_id, count(*) FILTER (state IN ('fails', 'total_blank', 'readings_disagree')) AS fired,
        count(DISTINCT report_id) FILTER (state IN ('fails', 'total_blank', 'readings_disagree')) AS reports_fired,
        count(DISTINCT report_id) FILTER (state = 'not_assessable') AS hindered,
        count(*) FILTER (status = 'accepted') AS confirmed, count(*) FILTER (status = 'dismissed') AS dismissed
    FROM findings GROUP BY rule_id
)
SELECT
    k.rule_id, k.kind, k.level,
    greatest(CASE k.kind WHEN 'sum' THEN coalesce(s.reports, 0) WHEN 'cell' THEN c.with_tables WHEN 'remark' THEN c.with_tables
        WHEN 'years' THEN c.followed WHEN 'corpus' THEN c.named ELSE c.reports END - coalesce(m.hindered, 0), 0) AS assessable,
    coalesce(m.hindered, 0) AS not_assessable, coalesce(m.fired, 0) AS fired, coalesce(m.reports_fired, 0) AS reports_fired,
    coalesce(m.confirmed, 0) AS confirmed, coalesce(m.dismissed, 0) AS dismissed,
    round(m.confirmed / nullif(m.confirmed + m.dismissed, 0), 3) AS precision_judged,
    k.message_zh, k.message_en
FROM known AS k
CROSS JOIN counted AS c
LEFT JOIN sums AS s ON s.rule_id = k.rule_id
LEFT JOIN made AS m ON m.rule_id = k.rule_id;
COMMENT ON VIEW rule_card IS 'How each rule does: one row a rule, also those that found nothing.';
COMMENT ON COLUMN rule_card.rule_id IS 'The rule (rules.rule_id), all its editions together.';
COMMENT ON COLUMN rule_card.kind IS 'How the rule is evaluated (rules.kind).';
COMMENT ON COLUMN rule_card.level IS 'Level of the rule. A finding of it may have a lower one.';
COMMENT ON COLUMN rule_card.assessable IS 'Reports that the rule applies to (with its table in its edition; with a report of the year before; of known agency and year), less not_assessable.';
COMMENT ON COLUMN rule_card.not_assessable IS 'Reports where a cell or a year that the rule needs kept it from being judged, in full or in part.';
COMMENT ON COLUMN rule_card.fired IS 'Findings of the rule that say that something does not hold.';
COMMENT ON COLUMN rule_card.reports_fired IS 'Reports that have such a finding.';
COMMENT ON COLUMN rule_card.confirmed IS 'Findings that a person accepted.';
COMMENT ON COLUMN rule_card.dismissed IS 'Findings that a person dismissed.';
COMMENT ON COLUMN rule_card.precision_judged IS 'confirmed / (confirmed + dismissed), 0 to 1. Empty where nobody has judged one.';
COMMENT ON COLUMN rule_card.message_zh IS 'Text of a finding of the rule, in Chinese.';
COMMENT ON COLUMN rule_card.message_en IS 'Text of a finding of the rule, in English.';

CREATE VIEW quality AS
WITH held AS (
    SELECT
        report_id, count(*) AS cells, count(*) FILTER (state = 'number') AS numbers, count(*) FILTER (state = 'zero') AS zeros,
        count(*) FILTER (state = 'blank') AS blanks, count(*) FILTER (state = 'marker') AS markers, count(*) FILTER (state = 'text') AS texts,
        count(*) FILTER (state = 'absent') AS absents, min(confidence) AS least_confidence
    FROM cells GROUP BY report_id
),
parts AS (
    SELECT
        report_id, count(*) FILTER (found) AS tables_found, count(*) AS tables_expected,
        sum(rows_matched)::BIGINT AS rows_matched, sum(rows_expected)::BIGINT AS rows_expected
    FROM tables GROUP BY report_id
),
doubts AS (
    SELECT report_id, count(*) FILTER (level = 'error') AS errors, count(*) FILTER (level = 'warning') AS warnings, count(*) FILTER (level = 'info') AS infos
    FROM findings WHERE status <> 'dismissed' GROUP BY report_id
)
SELECT
    r.report_id, r.agency_id, r.agency_name, r.year, r.is_current, o.status, o.reason, d.format, d.file_name,
    coalesce(p.tables_found, 0) AS tables_found, coalesce(p.tables_expected, 0) AS tables_expected,
    coalesce(p.rows_matched, 0) AS rows_matched, coalesce(p.rows_expected, 0) AS rows_expected,
    coalesce(h.cells, 0) AS cells, coalesce(h.numbers, 0) AS numbers, coalesce(h.zeros, 0) AS zeros, coalesce(h.blanks, 0) AS blanks,
    coalesce(h.markers, 0) AS markers, coalesce(h.texts, 0) AS texts, coalesce(h.absents, 0) AS absents, h.least_confidence,
    coalesce(f.errors, 0) AS errors, coalesce(f.warnings, 0) AS warnings, coalesce(f.infos, 0) AS infos
FROM reports AS r
JOIN documents AS d ON d.document_id = r.document_id
JOIN outcomes AS o ON o.document_id = r.document_id
LEFT JOIN held AS h ON h.report_id = r.report_id
LEFT JOIN parts AS p ON p.report_id = r.report_id
LEFT JOIN doubts AS f ON f.report_id = r.report_id;
COMMENT ON VIEW quality IS 'How well each report was read and how sound it is: one row a report.';
COMMENT ON COLUMN quality.report_id IS 'The report (reports.report_id).';
COMMENT ON COLUMN quality.agency_id IS 'The agency, or unknown where the document does not tell.';
COMMENT ON COLUMN quality.agency_name IS 'The agency as the report names itself.';
COMMENT ON COLUMN quality.year IS 'Year that is reported on. Empty where the document does not tell.';
COMMENT ON COLUMN quality.is_current IS 'True for the one report of an agency and year to use.';
COMMENT ON COLUMN quality.status IS 'extracted or partial, as in outcomes.';
COMMENT ON COLUMN quality.reason IS 'Why the status is not extracted. Empty otherwise.';
COMMENT ON COLUMN quality.format IS 'Format of the document.';
COMMENT ON COLUMN quality.file_name IS 'Name of the file.';
COMMENT ON COLUMN quality.tables_found IS 'Tables of the form that were found.';
COMMENT ON COLUMN quality.tables_expected IS 'Tables of the form that were looked for.';
COMMENT ON COLUMN quality.rows_matched IS 'Rows of the form that were found, over all tables.';
COMMENT ON COLUMN quality.rows_expected IS 'Rows of the form that were looked for, over all tables.';
COMMENT ON COLUMN quality.cells IS 'Cells of all tables.';
COMMENT ON COLUMN quality.numbers IS 'Cells with a number other than zero.';
COMMENT ON COLUMN quality.zeros IS 'Cells with a printed zero.';
COMMENT ON COLUMN quality.blanks IS 'Cells that are blank.';
COMMENT ON COLUMN quality.markers IS 'Cells with a marker for no data, such as a dash.';
COMMENT ON COLUMN quality.texts IS 'Cells with words that hold no single number.';
COMMENT ON COLUMN quality.absents IS 'Cells of the form that the document does not have.';
COMMENT ON COLUMN quality.least_confidence IS 'Least confidence of all cells, 0 to 1.';
COMMENT ON COLUMN quality.errors IS 'Findings of level error that nobody dismissed.';
COMMENT ON COLUMN quality.warnings IS 'Findings of level warning that nobody dismissed.';
COMMENT ON COLUMN quality.infos IS 'Findings of level info that nobody dismissed.';

CREATE VIEW requests_wide AS
SELECT
    r.report_id, r.agency_id, r.agency_name, r.year, r.is_current,
    c.edition, c.row_id, w.label_zh AS row_label_zh, w.label_en AS row_label_en, w.position AS row_position,
    max(c.value) FILTER (c.col_id = 'natural') AS natural_person,
    max(c.value) FILTER (c.col_id = 'business') AS business,
    max(c.value) FILTER (c.col_id = 'research') AS research,
    max(c.value) FILTER (c.col_id = 'charity') AS charity,
    max(c.value) FILTER (c.col_id = 'legal_service') AS legal_service,
    max(c.value) FILTER (c.col_id = 'other_org') AS other_org,
    max(c.value) FILTER (c.col_id = 'total') AS total
FROM cells AS c
JOIN reports AS r ON r.report_id = c.report_id
LEFT JOIN form_rows AS w ON w.edition = c.edition AND w.table_id = c.table_id AND w.row_id = c.row_id
WHERE c.table_id = 'requests'
GROUP BY ALL;
COMMENT ON VIEW requests_wide IS 'Section 3, requests for information, as printed: one row for each report and row of the table, one column an applicant.';
COMMENT ON COLUMN requests_wide.report_id IS 'The report (reports.report_id).';
COMMENT ON COLUMN requests_wide.agency_id IS 'The agency, or unknown where the document does not tell.';
COMMENT ON COLUMN requests_wide.agency_name IS 'The agency as the report names itself.';
COMMENT ON COLUMN requests_wide.year IS 'Year that is reported on.';
COMMENT ON COLUMN requests_wide.is_current IS 'True for the one report of an agency and year to use.';
COMMENT ON COLUMN requests_wide.edition IS 'Edition of the form that the table follows.';
COMMENT ON COLUMN requests_wide.row_id IS 'Row of the form (form_rows.row_id).';
COMMENT ON COLUMN requests_wide.row_label_zh IS 'Label of the row as the form prints it.';
COMMENT ON COLUMN requests_wide.row_label_en IS 'Label of the row in English.';
COMMENT ON COLUMN requests_wide.row_position IS 'Order of the row within its table of the form, counted from 0.';
COMMENT ON COLUMN requests_wide.natural_person IS 'Requests by natural persons, a count as printed. Empty where the cell holds no number.';
COMMENT ON COLUMN requests_wide.business IS 'Requests by business enterprises, a count as printed. Empty where the cell holds no number.';
COMMENT ON COLUMN requests_wide.research IS 'Requests by research institutions, a count as printed. Empty where the cell holds no number.';
COMMENT ON COLUMN requests_wide.charity IS 'Requests by social welfare organisations, a count as printed. Empty where the cell holds no number.';
COMMENT ON COLUMN requests_wide.legal_service IS 'Requests by legal service institutions, a count as printed. Empty where the cell holds no number.';
COMMENT ON COLUMN requests_wide.other_org IS 'Requests by other organisations, a count as printed. Empty where the cell holds no number.';
COMMENT ON COLUMN requests_wide.total IS 'Requests in all, as printed, a count as printed. Empty where the cell holds no number.';

CREATE VIEW disputes_wide AS
SELECT
    r.report_id, r.agency_id, r.agency_name, r.year, r.is_current,
    c.edition,
    max(c.value) FILTER (c.col_id = 'review.upheld') AS review_upheld,
    max(c.value) FILTER (c.col_id = 'review.corrected') AS review_corrected,
    max(c.value) FILTER (c.col_id = 'review.other') AS review_other,
    max(c.value) FILTER (c.col_id = 'review.pending') AS review_pending,
    max(c.value) FILTER (c.col_id = 'review.total') AS review_total,
    max(c.value) FILTER (c.col_id = 'direct.upheld') AS direct_upheld,
    max(c.value) FILTER (c.col_id = 'direct.corrected') AS direct_corrected,
    max(c.value) FILTER (c.col_id = 'direct.other') AS direct_other,
    max(c.value) FILTER (c.col_id = 'direct.pending') AS direct_pending,
    max(c.value) FILTER (c.col_id = 'direct.total') AS direct_total,
    max(c.value) FILTER (c.col_id = 'after_review.upheld') AS after_review_upheld,
    max(c.value) FILTER (c.col_id = 'after_review.corrected') AS after_review_corrected,
    max(c.value) FILTER (c.col_id = 'after_review.other') AS after_review_other,
    max(c.value) FILTER (c.col_id = 'after_review.pending') AS after_review_pending,
    max(c.value) FILTER (c.col_id = 'after_review.total') AS after_review_total
FROM cells AS c
JOIN reports AS r ON r.report_id = c.report_id
WHERE c.table_id = 'disputes'
GROUP BY ALL;
COMMENT ON VIEW disputes_wide IS 'Section 4, administrative reconsideration and lawsuits over information disclosure, as printed: one row a report.';
COMMENT ON COLUMN disputes_wide.report_id IS 'The report (reports.report_id).';
COMMENT ON COLUMN disputes_wide.agency_id IS 'The agency, or unknown where the document does not tell.';
COMMENT ON COLUMN disputes_wide.agency_name IS 'The agency as the report names itself.';
COMMENT ON COLUMN disputes_wide.year IS 'Year that is reported on.';
COMMENT ON COLUMN disputes_wide.is_current IS 'True for the one report of an agency and year to use.';
COMMENT ON COLUMN disputes_wide.edition IS 'Edition of the form that the table follows.';
COMMENT ON COLUMN disputes_wide.review_upheld IS 'Administrative reconsideration, result upheld: cases as printed. Empty where the cell holds no number.';
COMMENT ON COLUMN disputes_wide.review_corrected IS 'Administrative reconsideration, result corrected: cases as printed. Empty where the cell holds no number.';
COMMENT ON COLUMN disputes_wide.review_other IS 'Administrative reconsideration, other result: cases as printed. Empty where the cell holds no number.';
COMMENT ON COLUMN disputes_wide.review_pending IS 'Administrative reconsideration, not yet concluded: cases as printed. Empty where the cell holds no number.';
COMMENT ON COLUMN disputes_wide.review_total IS 'Administrative reconsideration, in all: cases as printed. Empty where the cell holds no number.';
COMMENT ON COLUMN disputes_wide.direct_upheld IS 'Lawsuit without reconsideration, result upheld: cases as printed. Empty where the cell holds no number.';
COMMENT ON COLUMN disputes_wide.direct_corrected IS 'Lawsuit without reconsideration, result corrected: cases as printed. Empty where the cell holds no number.';
COMMENT ON COLUMN disputes_wide.direct_other IS 'Lawsuit without reconsideration, other result: cases as printed. Empty where the cell holds no number.';
COMMENT ON COLUMN disputes_wide.direct_pending IS 'Lawsuit without reconsideration, not yet concluded: cases as printed. Empty where the cell holds no number.';
COMMENT ON COLUMN disputes_wide.direct_total IS 'Lawsuit without reconsideration, in all: cases as printed. Empty where the cell holds no number.';
COMMENT ON COLUMN disputes_wide.after_review_upheld IS 'Lawsuit after reconsideration, result upheld: cases as printed. Empty where the cell holds no number.';
COMMENT ON COLUMN disputes_wide.after_review_corrected IS 'Lawsuit after reconsideration, result corrected: cases as printed. Empty where the cell holds no number.';
COMMENT ON COLUMN disputes_wide.after_review_other IS 'Lawsuit after reconsideration, other result: cases as printed. Empty where the cell holds no number.';
COMMENT ON COLUMN disputes_wide.after_review_pending IS 'Lawsuit after reconsideration, not yet concluded: cases as printed. Empty where the cell holds no number.';
COMMENT ON COLUMN disputes_wide.after_review_total IS 'Lawsuit after reconsideration, in all: cases as printed. Empty where the cell holds no number.';

CREATE VIEW proactive_wide AS
SELECT
    r.report_id, r.agency_id, r.agency_name, r.year, r.is_current,
    c.edition, c.row_id, w.label_zh AS row_label_zh, w.label_en AS row_label_en, w.position AS row_position,
    max(c.value) FILTER (c.col_id = 'issued') AS issued,
    max(c.value) FILTER (c.col_id = 'repealed') AS repealed,
    max(c.value) FILTER (c.col_id = 'in_force') AS in_force,
    max(c.value) FILTER (c.col_id = 'made') AS made,
    max(c.value) FILTER (c.col_id = 'disclosed') AS disclosed,
    max(c.value) FILTER (c.col_id = 'public_total') AS public_total,
    max(c.value) FILTER (c.col_id = 'prev_items') AS prev_items,
    max(c.value) FILTER (c.col_id = 'change') AS change,
    max(c.value) FILTER (c.col_id = 'decisions') AS decisions,
    max(c.value) FILTER (c.col_id = 'fee_amount') AS fee_amount,
    max(c.value) FILTER (c.col_id = 'projects') AS projects,
    max(c.value) FILTER (c.col_id = 'amount') AS amount,
    max(c.unit) FILTER (c.col_id = 'fee_amount') AS fee_amount_unit,
    max(c.unit) FILTER (c.col_id = 'amount') AS amount_unit
FROM cells AS c
JOIN reports AS r ON r.report_id = c.report_id
LEFT JOIN form_rows AS w ON w.edition = c.edition AND w.table_id = c.table_id AND w.row_id = c.row_id
WHERE c.table_id = 'proactive'
GROUP BY ALL;
COMMENT ON VIEW proactive_wide IS 'Section 2, information disclosed without request, as printed: one row for each report and row of the table, the columns of all editions side by side.';
COMMENT ON COLUMN proactive_wide.report_id IS 'The report (reports.report_id).';
COMMENT ON COLUMN proactive_wide.agency_id IS 'The agency, or unknown where the document does not tell.';
COMMENT ON COLUMN proactive_wide.agency_name IS 'The agency as the report names itself.';
COMMENT ON COLUMN proactive_wide.year IS 'Year that is reported on.';
COMMENT ON COLUMN proactive_wide.is_current IS 'True for the one report of an agency and year to use.';
COMMENT ON COLUMN proactive_wide.edition IS 'Edition of the form that the table follows.';
COMMENT ON COLUMN proactive_wide.row_id IS 'Row of the form (form_rows.row_id).';
COMMENT ON COLUMN proactive_wide.row_label_zh IS 'Label of the row as the form prints it.';
COMMENT ON COLUMN proactive_wide.row_label_en IS 'Label of the row in English.';
COMMENT ON COLUMN proactive_wide.row_position IS 'Order of the row within its table of the form, counted from 0.';
COMMENT ON COLUMN proactive_wide.issued IS 'Documents issued this year (edition 2021), as printed. Empty where the cell holds no number or the row has no such column.';
COMMENT ON COLUMN proactive_wide.repealed IS 'Documents repealed this year (edition 2021), as printed. Empty where the cell holds no number or the row has no such column.';
COMMENT ON COLUMN proactive_wide.in_force IS 'Documents in force (edition 2021), as printed. Empty where the cell holds no number or the row has no such column.';
COMMENT ON COLUMN proactive_wide.made IS 'Documents newly made this year (edition 2019), as printed. Empty where the cell holds no number or the row has no such column.';
COMMENT ON COLUMN proactive_wide.disclosed IS 'Documents newly disclosed this year (edition 2019), as printed. Empty where the cell holds no number or the row has no such column.';
COMMENT ON COLUMN proactive_wide.public_total IS 'Documents disclosed in all (edition 2019), as printed. Empty where the cell holds no number or the row has no such column.';
COMMENT ON COLUMN proactive_wide.prev_items IS 'Items of the year before (edition 2019), as printed. Empty where the cell holds no number or the row has no such column.';
COMMENT ON COLUMN proactive_wide.change IS 'Items more or fewer than the year before (edition 2019), as printed. Empty where the cell holds no number or the row has no such column.';
COMMENT ON COLUMN proactive_wide.decisions IS 'Decisions made this year, as printed. Empty where the cell holds no number or the row has no such column.';
COMMENT ON COLUMN proactive_wide.fee_amount IS 'Fees collected this year, in the unit of fee_amount_unit (edition 2021), as printed. Empty where the cell holds no number or the row has no such column.';
COMMENT ON COLUMN proactive_wide.projects IS 'Procurement projects (edition 2019), as printed. Empty where the cell holds no number or the row has no such column.';
COMMENT ON COLUMN proactive_wide.amount IS 'Sum of procurement, in the unit of amount_unit (edition 2019), as printed. Empty where the cell holds no number or the row has no such column.';
COMMENT ON COLUMN proactive_wide.fee_amount_unit IS 'Unit of fee_amount: printed, or else that of the form.';
COMMENT ON COLUMN proactive_wide.amount_unit IS 'Unit of amount as printed. Empty where none is printed.';
