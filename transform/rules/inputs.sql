-- The checks as queries over the warehouse's tables (reports, tables, cells, statements) and the rules as tables
-- (rule_terms, rule_instances, rule_book, rule_states, form_names, form_editions), which transform/rules/evaluate.py makes first.
-- The same for one draft in memory and for a million reports. Each statement fills or reads `found`, one row a finding.
-- A statement ends with ";" at the end of a line.

CREATE OR REPLACE TEMP MACRO plain(x) AS rtrim(rtrim(CAST(x AS VARCHAR), '0'), '.');
CREATE OR REPLACE TEMP MACRO cell_key(t, r, c) AS t || '|' || r || '|' || c;

CREATE OR REPLACE TEMP TABLE found (
    report_id VARCHAR, rule_id VARCHAR, instance VARCHAR, level VARCHAR, state VARCHAR, expected DECIMAL(24, 6), actual DECIMAL(24, 6),
    cells VARCHAR[], cause VARCHAR, edition VARCHAR, table_id VARCHAR, row_id VARCHAR, col_id VARCHAR, block VARCHAR,
    blanks BIGINT, unread BIGINT, printed VARCHAR, meant VARCHAR
);

-- Cells that are no plain count: few, and every rule on single cells and on the shape of tables starts from them.
CREATE OR REPLACE TEMP TABLE odd AS
SELECT o.*, n.position,
    CASE WHEN o.value IS NULL THEN o.state WHEN o.value < 0 THEN 'negative' ELSE 'not_integer' END AS test
FROM (
    SELECT report_id, table_id, edition, row_id, col_id, raw_text, value, state FROM cells
    WHERE value IS NULL OR (value <> 0 AND (value < 0 OR value % 1 <> 0))
) o JOIN form_names n ON n.edition = o.edition AND n.table_id = o.table_id AND n.row_id = o.row_id AND n.col_id = o.col_id
WHERE (o.value IS NULL AND NOT (o.state = 'absent' AND (n.optional OR o.raw_text IS NOT NULL)))  -- with a text: there, but not told apart, as a remark says
    OR (o.value < 0 AND n.type <> 'signed_int') OR (o.value % 1 <> 0 AND n.type <> 'decimal');

-- A table counts only if it was found and holds a number, or something in place of one that was not read (U+FFFC, words with a digit):
-- one that was not filed in has no sums to fail.
CREATE OR REPLACE TEMP TABLE unfiled AS
SELECT t.report_id, t.table_id, t.edition, t.found FROM tables t WHERE NOT t.found
UNION ALL
SELECT t.report_id, t.table_id, t.edition, t.found
FROM tables t
    SEMI JOIN (SELECT report_id, table_id FROM odd WHERE value IS NULL GROUP BY ALL) o ON o.report_id = t.report_id AND o.table_id = t.table_id
    ANTI JOIN (SELECT report_id, table_id FROM cells WHERE (value IS NOT NULL OR contains(raw_text, chr(65532)) OR (state = 'text' AND regexp_matches(raw_text, '[0-9０-９]'))) AND report_id IN (SELECT report_id FROM odd WHERE value IS NULL)) c
        ON c.report_id = t.report_id AND c.table_id = t.table_id
WHERE t.found;

-- Numbers by hashes of their keys, for what goes over all cells: most cells are zero, add nothing to a sum, and are left out.
CREATE OR REPLACE TEMP TABLE hot AS
SELECT hash(report_id) AS report_key, hash(edition, table_id, row_id, col_id) AS cell_key, value
FROM cells WHERE value <> 0 OR value IS NULL;

-- Doubts met while reading, but for what people have settled.
-- What a person has settled (table `corrections`) is no doubt any more: how the text was read, where it was misread, and
-- whether it was read rightly, where somebody looked at it.
CREATE OR REPLACE TEMP TABLE open_remarks AS
SELECT m.report_id, m.table_id, t.edition, m.code, m.row_id, m.col_id, m.printed, m.meant
FROM remarks m JOIN tables t USING (report_id, table_id)
    ANTI JOIN (SELECT report_id, table_id, row_id, col_id, kind FROM corrections WHERE NOT is_stale AND finding_id IS NULL) k
    ON k.report_id = m.report_id AND k.table_id = m.table_id AND k.row_id = m.row_id AND k.col_id = m.col_id
        AND (m.code IN ('second.differs', 'second.unconfirmed', 'cell.low_confidence') OR (k.kind = 'misreading' AND m.code LIKE 'cell.%'));

-- What the second reader makes of the tables that it read: the cells with another number, and those that it does not confirm.
CREATE OR REPLACE TEMP TABLE second_readings AS
SELECT report_id, table_id,
    coalesce(list(cell_key(table_id, row_id, col_id)) FILTER (code IN ('second.differs', 'second.unconfirmed')), []) AS unconfirmed,
    coalesce(list(cell_key(table_id, row_id, col_id)) FILTER (code = 'second.differs'), []) AS differing,
    bool_or(code IN ('second.agrees', 'second.read')) AS is_read
FROM open_remarks WHERE starts_with(code, 'second.') GROUP BY report_id, table_id;
