-- The views: what an analyst starts from. Each view and each column has a comment. Split as schema.sql is.

CREATE VIEW tidy AS
SELECT
    c.agency_id, r.agency_name, a.level AS agency_level, a.province, a.city, a.county, c.year, r.is_current, c.table_id, c.edition,
    c.row_id, w.label_zh AS row_label_zh, w.label_en AS row_label_en, wg.label_zh AS row_group_zh, wg.label_en AS row_group_en,
    c.col_id, k.label_zh AS col_label_zh, k.label_en AS col_label_en, kg.label_zh AS col_group_zh, kg.label_en AS col_group_en,
    CASE WHEN k.col_id IS NOT NULL THEN coalesce(w.comparable_id, c.table_id || '|' || c.row_id || '|' || c.col_id) END AS comparable_id,
    c.value, CASE WHEN k.type <> 'decimal' AND c.value = trunc(c.value) THEN c.value::BIGINT END AS count_value, c.unit,
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
    c.state, c.raw_text, f.flag, s.report_id IS NOT NULL AS suspected, p.value AS proved_value,
    r.report_id, r.title AS report_title, r.published_on, r.document_id, d.file_name, d.url,
    c.page, c.grid, c.grid_row, c.grid_col, c.bbox, c.reader, c.confidence,
    w.position AS row_position, k.position AS col_position
FROM cells AS c
JOIN reports AS r ON r.report_id = c.report_id
JOIN documents AS d ON d.document_id = r.document_id
LEFT JOIN form_rows AS w ON w.edition = c.edition AND w.table_id = c.table_id AND w.row_id = c.row_id
LEFT JOIN form_columns AS k
    ON k.edition = w.edition AND k.table_id = w.table_id AND k.block_id IS NOT DISTINCT FROM w.block_id AND k.col_id = c.col_id
LEFT JOIN agencies AS a ON a.agency_id = r.agency_id
LEFT JOIN form_rows AS wg ON wg.edition = w.edition AND wg.table_id = w.table_id AND wg.row_id = w.parent_id
LEFT JOIN form_columns AS kg
    ON kg.edition = k.edition AND kg.table_id = k.table_id AND kg.block_id IS NOT DISTINCT FROM k.block_id AND kg.col_id = k.parent_id
LEFT JOIN (
    SELECT report_id, split_part(cell, '|', 1) AS table_id, split_part(cell, '|', 2) AS row_id, split_part(cell, '|', 3) AS col_id,
        CASE min(CASE level WHEN 'error' THEN 0 WHEN 'warning' THEN 1 ELSE 2 END) WHEN 0 THEN 'error' WHEN 1 THEN 'warning' ELSE 'info' END AS flag
    FROM (SELECT report_id, level, unnest(cells) AS cell FROM findings WHERE status <> 'dismissed') GROUP BY report_id, cell
) AS f ON f.report_id = c.report_id AND f.table_id = c.table_id AND f.row_id = c.row_id AND f.col_id = c.col_id
LEFT JOIN (SELECT DISTINCT report_id, table_id, row_id, col_id FROM suspects WHERE rank = 1 AND row_id IS NOT NULL) AS s
    ON s.report_id = c.report_id AND s.table_id = c.table_id AND s.row_id = c.row_id AND s.col_id = c.col_id
LEFT JOIN (FROM deductions WHERE basis = 'deduced') AS p
    ON p.report_id = c.report_id AND p.table_id = c.table_id AND p.row_id = c.row_id AND p.col_id = c.col_id;
COMMENT ON VIEW tidy IS 'Start here. Every cell of every report with its labels, its unit and its place: one row a cell. Write WHERE is_current to have each agency and year once.';
COMMENT ON COLUMN tidy.agency_id IS 'The agency, or unknown where the document does not tell.';
COMMENT ON COLUMN tidy.agency_name IS 'The agency as the report names itself.';
COMMENT ON COLUMN tidy.agency_level IS 'Administrative level of the agency (agencies.level).';
COMMENT ON COLUMN tidy.row_group_zh IS 'Label of the row that the row stands under, as the form prints it. Empty at the top.';
COMMENT ON COLUMN tidy.row_group_en IS 'Label of the row that the row stands under, in English. Empty at the top.';
COMMENT ON COLUMN tidy.col_group_zh IS 'Label of the head that the column stands under, as the form prints it. Empty at the top.';
COMMENT ON COLUMN tidy.col_group_en IS 'Label of the head that the column stands under, in English. Empty at the top.';
COMMENT ON COLUMN tidy.comparable_id IS 'Equal for rows of this view that mean the same, in whatever edition of the form: compare and add up by it across years. Written table_id|row_id|col_id. Empty where the form does not have the cell.';
COMMENT ON COLUMN tidy.flag IS 'Worst level of a finding that names the cell and that nobody dismissed: error, warning, info. Empty where there is none. A failing sum names all of its cells, not only the wrong one.';
COMMENT ON COLUMN tidy.suspected IS 'True where the likeliest explanation of failing sums is that this cell is wrong (suspects, rank 1).';
COMMENT ON COLUMN tidy.proved_value IS 'For a cell without a number, the number that the rules prove (deductions, basis deduced), in the unit of the form. Empty otherwise.';
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
COMMENT ON COLUMN tidy.count_value IS 'value as a whole number, for cells that hold counts: prints without decimals. Empty for amounts, for a number that is not whole, and for a cell that the form does not have.';
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
COMMENT ON COLUMN tidy.row_position IS 'Order of the row within its table of the form, counted from 1: sort by it.';
COMMENT ON COLUMN tidy.col_position IS 'Order of the column within its block of the form, counted from 1: sort by it.';

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
    a.agency_id, a.name AS agency_name, a.level AS agency_level, a.province, a.city, a.county, y.year,
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
COMMENT ON COLUMN coverage.agency_level IS 'Administrative level of the agency (agencies.level).';
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
    r.report_id, r.agency_id, r.agency_name, a.province, a.city, a.county, r.year, r.is_current,
    c.edition, c.row_id, w.label_zh AS row_label_zh, w.label_en AS row_label_en, w.position AS row_position,
    max(c.whole) FILTER (c.col_id = 'natural') AS natural_person,
    max(c.whole) FILTER (c.col_id = 'business') AS business,
    max(c.whole) FILTER (c.col_id = 'research') AS research,
    max(c.whole) FILTER (c.col_id = 'charity') AS charity,
    max(c.whole) FILTER (c.col_id = 'legal_service') AS legal_service,
    max(c.whole) FILTER (c.col_id = 'other_org') AS other_org,
    max(c.whole) FILTER (c.col_id = 'total') AS total
FROM (SELECT *, CASE WHEN value = trunc(value) THEN value::BIGINT END AS whole FROM cells WHERE table_id = 'requests') AS c
JOIN reports AS r ON r.report_id = c.report_id
LEFT JOIN agencies AS a ON a.agency_id = r.agency_id
LEFT JOIN form_rows AS w ON w.edition = c.edition AND w.table_id = c.table_id AND w.row_id = c.row_id
GROUP BY ALL;
COMMENT ON VIEW requests_wide IS 'Section 3, requests for information, as printed: one row for each report and row of the table, one column an applicant.';
COMMENT ON COLUMN requests_wide.row_label_zh IS 'Label of the row as the form prints it.';
COMMENT ON COLUMN requests_wide.row_label_en IS 'Label of the row in English.';
COMMENT ON COLUMN requests_wide.row_position IS 'Order of the row within its table of the form, counted from 1.';

CREATE VIEW disputes_wide AS
SELECT
    r.report_id, r.agency_id, r.agency_name, a.province, a.city, a.county, r.year, r.is_current,
    c.edition,
    max(c.whole) FILTER (c.col_id = 'review.upheld') AS review_upheld,
    max(c.whole) FILTER (c.col_id = 'review.corrected') AS review_corrected,
    max(c.whole) FILTER (c.col_id = 'review.other') AS review_other,
    max(c.whole) FILTER (c.col_id = 'review.pending') AS review_pending,
    max(c.whole) FILTER (c.col_id = 'review.total') AS review_total,
    max(c.whole) FILTER (c.col_id = 'direct.upheld') AS direct_upheld,
    max(c.whole) FILTER (c.col_id = 'direct.corrected') AS direct_corrected,
    max(c.whole) FILTER (c.col_id = 'direct.other') AS direct_other,
    max(c.whole) FILTER (c.col_id = 'direct.pending') AS direct_pending,
    max(c.whole) FILTER (c.col_id = 'direct.total') AS direct_total,
    max(c.whole) FILTER (c.col_id = 'after_review.upheld') AS after_review_upheld,
    max(c.whole) FILTER (c.col_id = 'after_review.corrected') AS after_review_corrected,
    max(c.whole) FILTER (c.col_id = 'after_review.other') AS after_review_other,
    max(c.whole) FILTER (c.col_id = 'after_review.pending') AS after_review_pending,
    max(c.whole) FILTER (c.col_id = 'after_review.total') AS after_review_total
FROM (SELECT *, CASE WHEN value = trunc(value) THEN value::BIGINT END AS whole FROM cells WHERE table_id = 'disputes') AS c
JOIN reports AS r ON r.report_id = c.report_id
LEFT JOIN agencies AS a ON a.agency_id = r.agency_id
GROUP BY ALL;
COMMENT ON VIEW disputes_wide IS 'Section 4, administrative reconsideration and lawsuits over information disclosure, as printed: one row a report.';

CREATE VIEW proactive_wide AS
SELECT
    r.report_id, r.agency_id, r.agency_name, a.province, a.city, a.county, r.year, r.is_current,
    c.edition, c.row_id, w.label_zh AS row_label_zh, w.label_en AS row_label_en, w.position AS row_position,
    max(c.whole) FILTER (c.col_id = 'issued') AS issued,
    max(c.whole) FILTER (c.col_id = 'repealed') AS repealed,
    max(c.whole) FILTER (c.col_id = 'in_force') AS in_force,
    max(c.whole) FILTER (c.col_id = 'made') AS made,
    max(c.whole) FILTER (c.col_id = 'disclosed') AS disclosed,
    max(c.whole) FILTER (c.col_id = 'public_total') AS public_total,
    max(c.whole) FILTER (c.col_id = 'prev_items') AS prev_items,
    max(c.whole) FILTER (c.col_id = 'change') AS change,
    max(c.whole) FILTER (c.col_id = 'decisions') AS decisions,
    max(c.value) FILTER (c.col_id = 'fee_amount') AS fee_amount,
    max(c.whole) FILTER (c.col_id = 'projects') AS projects,
    max(c.value) FILTER (c.col_id = 'amount') AS amount,
    max(c.unit) FILTER (c.col_id = 'fee_amount') AS fee_amount_unit,
    max(c.unit) FILTER (c.col_id = 'amount') AS amount_unit
FROM (SELECT *, CASE WHEN value = trunc(value) THEN value::BIGINT END AS whole FROM cells WHERE table_id = 'proactive') AS c
JOIN reports AS r ON r.report_id = c.report_id
LEFT JOIN agencies AS a ON a.agency_id = r.agency_id
LEFT JOIN form_rows AS w ON w.edition = c.edition AND w.table_id = c.table_id AND w.row_id = c.row_id
GROUP BY ALL;
COMMENT ON VIEW proactive_wide IS 'Section 2, information disclosed without request, as printed: one row for each report and row of the table, the columns of all editions side by side.';
COMMENT ON COLUMN proactive_wide.row_label_zh IS 'Label of the row as the form prints it.';
COMMENT ON COLUMN proactive_wide.row_label_en IS 'Label of the row in English.';
COMMENT ON COLUMN proactive_wide.row_position IS 'Order of the row within its table of the form, counted from 1.';
COMMENT ON COLUMN proactive_wide.fee_amount_unit IS 'Unit of fee_amount: printed, or else that of the form.';
COMMENT ON COLUMN proactive_wide.amount_unit IS 'Unit of amount as printed. Empty where none is printed.';

-- The figures that people ask for, by report. What the form groups is added up only where every part has a number.
CREATE VIEW report_wide AS
WITH asked AS (
    SELECT c.report_id, coalesce(w.comparable_id, c.table_id || '|' || c.row_id || '|' || c.col_id) AS id, c.row_id, c.col_id, c.table_id, c.value, c.unit,
        CASE WHEN c.value = trunc(c.value) THEN c.value::BIGINT END AS whole
    FROM cells AS c
    LEFT JOIN form_rows AS w ON w.edition = c.edition AND w.table_id = c.table_id AND w.row_id = c.row_id
    WHERE c.table_id = 'disputes' OR w.comparable_id IS NOT NULL OR (c.table_id = 'requests' AND c.col_id = 'total')
        OR (c.table_id = 'proactive' AND c.col_id IN ('issued', 'in_force', 'decisions', 'fee_amount'))
),
parts AS (
    SELECT report_id, split_part(row_id, '.', 1) AS row_group, CASE WHEN count(*) = count(whole) THEN TRY_CAST(sum(whole) AS BIGINT) END AS whole
    FROM asked WHERE table_id = 'requests' AND contains(row_id, '.') AND NOT starts_with(row_id, 'extra.') GROUP BY ALL
),
grouped AS (
    SELECT report_id, max(whole) FILTER (row_group = 'denied') AS denied, max(whole) FILTER (row_group = 'unable') AS unable,
        max(whole) FILTER (row_group = 'not_processed') AS not_processed, max(whole) FILTER (row_group = 'other') AS other,
        bool_or(row_group = 'other') AS other_has_parts
    FROM parts GROUP BY report_id
),
figures AS (
    SELECT
        report_id,
        max(whole) FILTER (id = 'requests|new|total') AS requests_new,
        max(whole) FILTER (id = 'requests|carried_in|total') AS carried_in,
        max(whole) FILTER (id = 'requests|granted|total') AS granted,
        max(whole) FILTER (id = 'requests|partial|total') AS granted_in_part,
        max(whole) FILTER (id = 'requests|other|total') AS other,
        max(whole) FILTER (id = 'requests|result_total|total') AS result_total,
        max(whole) FILTER (id = 'requests|carried_out|total') AS carried_out,
        max(whole) FILTER (id = 'disputes|cases|review.total') AS review_total,
        max(whole) FILTER (id = 'disputes|cases|review.corrected') AS review_corrected,
        max(whole) FILTER (id = 'disputes|cases|direct.total') AS direct_total,
        max(whole) FILTER (id = 'disputes|cases|direct.corrected') AS direct_corrected,
        max(whole) FILTER (id = 'disputes|cases|after_review.total') AS after_review_total,
        max(whole) FILTER (id = 'disputes|cases|after_review.corrected') AS after_review_corrected,
        max(whole) FILTER (id = 'proactive|normative|issued') AS normative_issued,
        max(whole) FILTER (id = 'proactive|normative|in_force') AS normative_in_force,
        max(whole) FILTER (id = 'proactive|licence|decisions') AS licence_decisions,
        max(whole) FILTER (id = 'proactive|penalty|decisions') AS penalty_decisions,
        max(whole) FILTER (id = 'proactive|coercion|decisions') AS coercion_decisions,
        max(value) FILTER (id = 'proactive|admin_fee|fee_amount') AS fee_amount,
        max(unit) FILTER (id = 'proactive|admin_fee|fee_amount') AS fee_amount_unit
    FROM asked GROUP BY report_id
),
doubts AS (
    SELECT report_id, count(*) FILTER (level = 'error') AS errors, count(*) FILTER (level = 'warning') AS warnings
    FROM findings WHERE status <> 'dismissed' GROUP BY report_id
)
SELECT
    r.report_id, r.agency_id, r.agency_name, a.level AS agency_level, a.province, a.city, a.county, r.year, r.is_current, r.published_on,
    f.requests_new, f.carried_in, f.granted, f.granted_in_part, g.denied, g.unable, g.not_processed,
    CASE WHEN g.other_has_parts THEN g.other ELSE f.other END AS other_handling, f.result_total, f.carried_out,
    f.review_total, f.review_corrected, f.direct_total, f.direct_corrected, f.after_review_total, f.after_review_corrected,
    f.normative_issued, f.normative_in_force, f.licence_decisions, f.penalty_decisions, f.coercion_decisions, f.fee_amount, f.fee_amount_unit,
    coalesce(e.errors, 0) AS errors, coalesce(e.warnings, 0) AS warnings, o.status, r.document_id, d.file_name, d.url
FROM reports AS r
JOIN documents AS d ON d.document_id = r.document_id
JOIN outcomes AS o ON o.document_id = r.document_id
LEFT JOIN agencies AS a ON a.agency_id = r.agency_id
LEFT JOIN figures AS f ON f.report_id = r.report_id
LEFT JOIN grouped AS g ON g.report_id = r.report_id
LEFT JOIN doubts AS e ON e.report_id = r.report_id;
COMMENT ON VIEW report_wide IS 'The figures that people ask for: one row a report, numbers as printed, of all applicants together. A figure is empty where a cell that it needs holds no number, or for a count no whole one, or the edition has no such cell. Write WHERE is_current to have each agency and year once.';
COMMENT ON COLUMN report_wide.agency_level IS 'Administrative level of the agency (agencies.level).';
COMMENT ON COLUMN report_wide.requests_new IS 'Requests received in the year; the form of 2014 has the figure too.';
COMMENT ON COLUMN report_wide.carried_in IS 'Requests carried over from the year before.';
COMMENT ON COLUMN report_wide.granted IS 'Requests granted.';
COMMENT ON COLUMN report_wide.granted_in_part IS 'Requests granted in part.';
COMMENT ON COLUMN report_wide.denied IS 'Requests denied: the sum of the rows under that head.';
COMMENT ON COLUMN report_wide.unable IS 'Requests that could not be met: the sum of the rows under that head.';
COMMENT ON COLUMN report_wide.not_processed IS 'Requests not processed: the sum of the rows under that head.';
COMMENT ON COLUMN report_wide.other_handling IS 'Requests handled otherwise: the one row of the form of 2019, the sum of the rows under that head in the form of 2021.';
COMMENT ON COLUMN report_wide.result_total IS 'Requests handled in all, as printed.';
COMMENT ON COLUMN report_wide.carried_out IS 'Requests carried over to the next year.';
COMMENT ON COLUMN report_wide.review_total IS 'Administrative reconsiderations; the form of 2014 has the figure too.';
COMMENT ON COLUMN report_wide.review_corrected IS 'Administrative reconsiderations that corrected the agency.';
COMMENT ON COLUMN report_wide.direct_total IS 'Lawsuits without reconsideration.';
COMMENT ON COLUMN report_wide.direct_corrected IS 'Lawsuits without reconsideration that corrected the agency.';
COMMENT ON COLUMN report_wide.after_review_total IS 'Lawsuits after reconsideration.';
COMMENT ON COLUMN report_wide.after_review_corrected IS 'Lawsuits after reconsideration that corrected the agency.';
COMMENT ON COLUMN report_wide.normative_issued IS 'Normative documents issued in the year (form of 2021).';
COMMENT ON COLUMN report_wide.normative_in_force IS 'Normative documents in force (form of 2021).';
COMMENT ON COLUMN report_wide.licence_decisions IS 'Decisions on administrative licences.';
COMMENT ON COLUMN report_wide.penalty_decisions IS 'Decisions on administrative penalties.';
COMMENT ON COLUMN report_wide.coercion_decisions IS 'Decisions on administrative coercion.';
COMMENT ON COLUMN report_wide.fee_amount IS 'Administrative fees collected in the year, in the unit of fee_amount_unit (form of 2021).';
COMMENT ON COLUMN report_wide.fee_amount_unit IS 'Unit of fee_amount: printed, or else that of the form.';
COMMENT ON COLUMN report_wide.errors IS 'Findings of level error that nobody dismissed.';
COMMENT ON COLUMN report_wide.warnings IS 'Findings of level warning that nobody dismissed.';
COMMENT ON COLUMN report_wide.status IS 'extracted or partial, as in outcomes.';

CREATE VIEW finding_cells AS
WITH named AS (
    SELECT *, unnest(CASE WHEN len(cells) = 0 THEN [NULL] ELSE cells END) AS cell FROM findings
),
keyed AS (
    SELECT *, split_part(cell, '|', 1) AS table_id, split_part(cell, '|', 2) AS row_id, split_part(cell, '|', 3) AS col_id FROM named
)
SELECT
    n.finding_id, n.report_id, n.agency_id, r.agency_name, a.province, a.city, a.county, n.year, r.is_current, n.rule_id, n.instance, n.level, n.state AS check_state,
    n.verdict, n.status, n.cause_id, n.expected, n.actual, n.delta, n.message_zh, n.message_en,
    n.table_id, n.row_id, n.col_id, w.label_zh AS row_label_zh, w.label_en AS row_label_en, k.label_zh AS col_label_zh, k.label_en AS col_label_en,
    c.raw_text AS printed, c.value, c.unit, c.state, s.report_id IS NOT NULL AS suspected,
    c.page, c.grid, c.grid_row, c.grid_col, c.bbox, r.document_id, d.file_name, d.path, d.url
FROM keyed AS n
JOIN reports AS r ON r.report_id = n.report_id
JOIN documents AS d ON d.document_id = r.document_id
LEFT JOIN agencies AS a ON a.agency_id = r.agency_id
LEFT JOIN cells AS c ON c.report_id = n.report_id AND c.table_id = n.table_id AND c.row_id = n.row_id AND c.col_id = n.col_id
LEFT JOIN form_rows AS w ON w.edition = c.edition AND w.table_id = c.table_id AND w.row_id = c.row_id
LEFT JOIN form_columns AS k
    ON k.edition = w.edition AND k.table_id = w.table_id AND k.block_id IS NOT DISTINCT FROM w.block_id AND k.col_id = c.col_id
LEFT JOIN (SELECT DISTINCT report_id, cause_id, table_id, row_id, col_id FROM suspects WHERE rank = 1) AS s
    ON s.report_id = n.report_id AND s.cause_id = n.cause_id AND s.table_id = n.table_id AND s.row_id = n.row_id AND s.col_id = n.col_id;
COMMENT ON VIEW finding_cells IS 'Every finding with each of its cells, what is printed there and where: one row a finding and cell. A finding that names no cell has one row without one.';
COMMENT ON COLUMN finding_cells.check_state IS 'Result of the check (findings.state).';
COMMENT ON COLUMN finding_cells.table_id IS 'Table of the cell. Empty where the finding names no cell.';
COMMENT ON COLUMN finding_cells.row_label_zh IS 'Label of the row as the form prints it.';
COMMENT ON COLUMN finding_cells.row_label_en IS 'Label of the row in English.';
COMMENT ON COLUMN finding_cells.col_label_zh IS 'Label of the column as the form prints it.';
COMMENT ON COLUMN finding_cells.col_label_en IS 'Label of the column in English.';
COMMENT ON COLUMN finding_cells.printed IS 'Text of the cell as printed (cells.raw_text).';
COMMENT ON COLUMN finding_cells.state IS 'What stands in the cell (cells.state).';
COMMENT ON COLUMN finding_cells.suspected IS 'True where the likeliest explanation of this finding is that this cell is wrong (suspects, rank 1).';

-- Ready to paste: whose report says it, where that was published, and the place in the document.
CREATE VIEW citations AS
WITH worded AS (
    SELECT
        t.*, coalesce(t.report_title, t.file_name) AS named, strftime(t.published_on, '%Y-%m-%d') AS published, strftime(d.fetched_at, '%Y-%m-%d') AS fetched,
        CASE t.table_id WHEN 'proactive' THEN '表二' WHEN 'requests' THEN '表三' WHEN 'disputes' THEN '表四' WHEN 'fees' THEN '收费表' ELSE '统计表' END AS table_zh,
        CASE t.table_id WHEN 'proactive' THEN 'Table II' WHEN 'requests' THEN 'Table III' WHEN 'disputes' THEN 'Table IV' WHEN 'fees' THEN 'Table of fees'
            ELSE 'Statistics' END AS table_en,
        concat_ws(' / ', nullif(t.row_group_zh, ''), nullif(coalesce(t.row_label_zh, t.row_id), ''), nullif(t.col_group_zh, ''), nullif(coalesce(t.col_label_zh, t.col_id), '')) AS cell_zh,
        concat_ws(' / ', nullif(t.row_group_en, ''), nullif(coalesce(t.row_label_en, t.row_id), ''), nullif(t.col_group_en, ''), nullif(coalesce(t.col_label_en, t.col_id), '')) AS cell_en,
        CASE t.state WHEN 'blank' THEN '空白' WHEN 'absent' THEN '未读出' ELSE '“' || t.raw_text || '”' END AS printed_zh,
        CASE t.state WHEN 'blank' THEN 'blank' WHEN 'absent' THEN 'not there, or not read' ELSE '“' || t.raw_text || '”' END AS printed_en
    FROM tidy AS t JOIN documents AS d ON d.document_id = t.document_id
)
SELECT
    report_id, table_id, row_id, col_id, agency_id, agency_name, year, is_current, state, value,
    concat(
        agency_id, '. ', named, CASE WHEN url IS NULL THEN '[R]. ' ELSE '[R/OL]. ' END, '(' || published || ')', '[' || fetched || ']',
        CASE WHEN published IS NOT NULL OR fetched IS NOT NULL THEN '. ' END, url || '. ', table_zh, '“', cell_zh, '”：', printed_zh, '；',
        '第' || page || '页', '第' || grid || '个表', '第' || grid_row || '行', '第' || grid_col || '列', CASE WHEN grid IS NOT NULL OR page IS NOT NULL THEN '；' END,
        '文件 SHA-256 ', document_id
    ) AS citation_zh,
    concat(
        agency_id, '. ', named, ' [annual report on ' || year || ']', ' (' || published || ')', '. ', url || ', ', 'retrieved ' || fetched || '. ',
        table_en, ', “', cell_en, '”: ', printed_en, '; ',
        'page ' || page || ', ', 'table ' || grid || ', ', 'row ' || grid_row || ', ', 'column ' || grid_col || '; ',
        'file SHA-256 ', document_id
    ) AS citation_en
FROM worded;
COMMENT ON VIEW citations IS 'A citation for each cell, ready to paste: one row a cell, with the key of cells.';
COMMENT ON COLUMN citations.citation_zh IS 'Agency, title, day of publication, day of retrieval, address, name of the cell, what is printed there, its place in the document and the SHA-256 of the file, in Chinese.';
COMMENT ON COLUMN citations.citation_en IS 'The same in English; names and titles stay as they are printed.';
