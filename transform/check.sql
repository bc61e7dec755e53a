-- The checks as queries over the warehouse's tables (reports, tables, cells, statements) and the rules as tables
-- (rule_terms, rule_instances, rule_book, rule_states, form_names, form_editions), which transform/check.py makes first.
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

-- A table counts only if it was found and holds a number: one that was not filed in has no sums to fail.
CREATE OR REPLACE TEMP TABLE unfiled AS
SELECT t.report_id, t.table_id, t.edition, t.found FROM tables t WHERE NOT t.found
UNION ALL
SELECT t.report_id, t.table_id, t.edition, t.found
FROM tables t
    SEMI JOIN (SELECT report_id, table_id FROM odd WHERE value IS NULL GROUP BY ALL) o ON o.report_id = t.report_id AND o.table_id = t.table_id
    ANTI JOIN (SELECT report_id, table_id FROM cells WHERE value IS NOT NULL AND report_id IN (SELECT report_id FROM odd WHERE value IS NULL)) c
        ON c.report_id = t.report_id AND c.table_id = t.table_id
WHERE t.found;

-- Sums, in two steps. The sieve goes over all cells with hashes for keys and lets through every equation that does not hold
-- by printed numbers alone; most cells are zero, add nothing, and are left out. What comes through is weighed exactly, by name.
CREATE OR REPLACE TEMP TABLE suspicious AS
WITH hot AS (
    SELECT hash(report_id) AS report_key, hash(edition, table_id, row_id, col_id) AS cell_key, value
    FROM cells WHERE value <> 0 OR value IS NULL
),
sums AS (
    SELECT h.report_key, t.instance_no, sum(t.coefficient * h.value) AS rest, bool_or(h.value IS NULL) AS gaps
    FROM hot h JOIN rule_terms t ON h.cell_key = t.cell_key
    GROUP BY h.report_key, t.instance_no
)
SELECT s.report_key, s.instance_no FROM sums s JOIN rule_instances i USING (instance_no)
WHERE s.gaps OR CASE i.operator WHEN '==' THEN s.rest <> 0 WHEN '<=' THEN s.rest > 0 ELSE s.rest < 0 END;

CREATE OR REPLACE TEMP TABLE weighed AS
WITH theirs AS (
    SELECT c.*, hash(c.report_id) AS report_key FROM cells c
    WHERE hash(c.report_id) IN (SELECT report_key FROM suspicious) AND (c.value <> 0 OR c.value IS NULL)
)
SELECT c.report_id, t.instance_no,
    coalesce(sum(t.coefficient * c.value) FILTER (t.on_left), 0) AS left_sum,
    coalesce(sum(-t.coefficient * c.value) FILTER (NOT t.on_left), 0) AS right_sum,
    count(*) FILTER (c.state IN ('blank', 'marker')) AS blanks,
    count(*) FILTER (c.state IN ('text', 'absent')) AS unread,
    coalesce(bool_or(NOT t.on_left AND c.state IN ('blank', 'marker')), false) AS right_blank
FROM theirs c JOIN rule_terms t ON c.table_id = t.table_id AND c.row_id = t.row_id AND c.col_id = t.col_id AND c.edition = t.edition
    SEMI JOIN suspicious s ON s.report_key = c.report_key AND s.instance_no = t.instance_no
GROUP BY c.report_id, t.instance_no;

INSERT INTO found
WITH judged AS (
    SELECT w.*, i.*, b.level,
        CASE
            WHEN w.unread > 0 THEN 'not_assessable'
            WHEN i.total AND w.right_blank AND w.left_sum <> 0 THEN 'total_blank'
            WHEN i.operator = '==' AND w.left_sum <> w.right_sum THEN 'fails'
            WHEN (i.operator = '<=' AND w.left_sum > w.right_sum) OR (i.operator = '>=' AND w.left_sum < w.right_sum)
                -- a blank bound is no bound: nought would be contradicted, an omission would not
                THEN CASE WHEN w.blanks = 0 THEN 'fails' ELSE 'not_assessable' END
            WHEN w.blanks > 0 THEN 'holds_if_blank_is_zero'
        END AS state
    FROM weighed w JOIN rule_instances i USING (instance_no) JOIN rule_book b USING (rule_id, edition)
        ANTI JOIN unfiled f ON f.report_id = w.report_id AND f.table_id = i.table_id
)
SELECT report_id, rule_id, instance, CASE WHEN state IN ('fails', 'total_blank') THEN level ELSE 'info' END, state,
    left_sum, CASE WHEN state IN ('total_blank', 'not_assessable') THEN NULL ELSE right_sum END, i.cells,
    CASE WHEN state = 'total_blank' THEN 'blank totals of ' || table_id END,
    edition, table_id, row_id, col_id, block, blanks, unread + CASE WHEN state = 'not_assessable' THEN blanks ELSE 0 END, NULL, NULL
FROM judged JOIN rule_cells i USING (instance_no)
WHERE state IS NOT NULL;

-- A sum that fails over a blank total has that blank for its cause.
UPDATE found SET cause = b.cause
FROM (SELECT report_id, cause, list(cells[len(cells)]) AS totals FROM found WHERE state = 'total_blank' GROUP BY ALL) b
WHERE found.report_id = b.report_id AND found.state = 'fails' AND list_has_any(found.cells, b.totals);

-- "Holds if blank means 0" is no comfort where one of the blanks is a total that cannot be 0.
UPDATE found SET state = 'not_assessable', unread = found.blanks, actual = NULL
FROM (SELECT report_id, list(cells[len(cells)]) AS totals FROM found WHERE state = 'total_blank' GROUP BY report_id) b
WHERE found.report_id = b.report_id AND found.state = 'holds_if_blank_is_zero' AND list_has_any(found.cells, b.totals);

-- Single cells.
INSERT INTO found
SELECT o.report_id, b.rule_id, cell_key(o.table_id, o.row_id, o.col_id), b.level, 'fails', NULL, o.value,
    [cell_key(o.table_id, o.row_id, o.col_id)], NULL, o.edition, o.table_id, o.row_id, o.col_id, NULL, NULL, NULL, trim(o.raw_text), NULL
FROM odd o JOIN rule_book b ON b.kind = 'cell' AND b.test = o.test AND b.each = 'cell';

INSERT INTO found
WITH totals AS (SELECT report_id, cells[len(cells)] AS cell FROM found WHERE state = 'total_blank'),
whole_rows AS (
    SELECT report_id, table_id, row_id FROM odd JOIN form_row_sizes USING (edition, table_id, row_id)
    WHERE test = 'absent' GROUP BY report_id, table_id, row_id HAVING count(*) = any_value(size)
)
SELECT o.report_id, b.rule_id, o.table_id, b.level, 'fails', NULL, count(*),
    list(cell_key(o.table_id, o.row_id, o.col_id) ORDER BY o.position), NULL, o.edition, o.table_id, NULL, NULL, NULL, NULL, NULL, NULL, NULL
FROM odd o JOIN rule_book b ON b.kind = 'cell' AND b.test = o.test AND b.each = 'table'
    ANTI JOIN unfiled f ON f.report_id = o.report_id AND f.table_id = o.table_id
    ANTI JOIN totals t ON t.report_id = o.report_id AND t.cell = cell_key(o.table_id, o.row_id, o.col_id)
    ANTI JOIN whole_rows r ON r.report_id = o.report_id AND r.table_id = o.table_id AND r.row_id = o.row_id
GROUP BY o.report_id, b.rule_id, o.table_id, b.level, o.edition;

-- The shape of the tables.
INSERT INTO found
SELECT o.report_id, b.rule_id, cell_key(o.table_id, o.row_id, '*'), b.level, 'fails', NULL, NULL,
    list(cell_key(o.table_id, o.row_id, o.col_id) ORDER BY o.position), NULL, o.edition, o.table_id, o.row_id, NULL, NULL, NULL, NULL, NULL, NULL
FROM odd o JOIN form_row_sizes s USING (edition, table_id, row_id) JOIN rule_book b ON b.kind = 'structure' AND b.test = 'row_missing'
    SEMI JOIN tables t ON t.report_id = o.report_id AND t.table_id = o.table_id AND t.found
WHERE o.test = 'absent'
GROUP BY o.report_id, b.rule_id, b.level, o.edition, o.table_id, o.row_id HAVING count(*) = any_value(s.size);

INSERT INTO found
SELECT t.report_id, b.rule_id, t.table_id, b.level, 'fails', NULL, NULL, [], NULL, t.edition, t.table_id, NULL, NULL, NULL, NULL, NULL, NULL, NULL
FROM unfiled t JOIN rule_book b ON b.kind = 'structure' AND b.test = CASE WHEN t.found THEN 'table_not_filed' ELSE 'table_missing' END;

INSERT INTO found
SELECT t.report_id, b.rule_id, 'report', b.level, 'fails', NULL, NULL, [], NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
    string_agg(t.table_id || ' ' || t.edition, ', ' ORDER BY t.table_id), NULL
FROM tables t JOIN rule_book b ON b.kind = 'structure' AND b.test = 'hybrid'
    SEMI JOIN (
        SELECT report_id FROM tables WHERE found AND table_id IN ('proactive', 'requests') GROUP BY report_id HAVING min(edition) <> max(edition)
    ) h ON h.report_id = t.report_id
WHERE t.found AND t.table_id IN ('proactive', 'requests')
GROUP BY t.report_id, b.rule_id, b.level;

INSERT INTO found
SELECT t.report_id, b.rule_id, t.table_id, b.level, 'fails', NULL, NULL, [], NULL, t.edition, t.table_id, NULL, NULL, NULL, NULL, NULL, t.edition, NULL
FROM tables t JOIN reports r USING (report_id) JOIN form_editions e ON e.edition = t.edition
    JOIN rule_book b ON b.kind = 'structure' AND b.test = 'wrong_year'
WHERE t.found AND t.table_id IN ('proactive', 'requests', 'statistics') AND (r.year < e.first_year OR r.year > e.last_year);

-- The report as a whole.
INSERT INTO found
SELECT r.report_id, b.rule_id, 'report', b.level, 'fails', NULL, NULL, [], NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, r.agency_name, r.agency_id
FROM reports r JOIN rule_book b ON b.kind = 'structure' AND (
    (b.test = 'agency_unknown' AND r.agency_id = 'unknown') OR (b.test = 'year_unknown' AND r.year IS NULL)
    OR (b.test = 'agency_inferred' AND r.agency_id <> 'unknown' AND r.agency_id IS DISTINCT FROM r.agency_name)
);

INSERT INTO found
SELECT r.report_id, b.rule_id, 'report', b.level, 'fails', any_value(r.year), min(s.value), [], NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
    string_agg(DISTINCT plain(s.value), ', '), any_value(r.year)
FROM reports r JOIN statements s ON s.report_id = r.report_id AND s.metric = 'report.year' AND s.value <> r.year
    JOIN rule_book b ON b.kind = 'structure' AND b.test = 'year_differs'
GROUP BY r.report_id, b.rule_id, b.level;

-- Doubts met while reading, and what a second reader said.
CREATE OR REPLACE TEMP TABLE remarks AS
SELECT report_id, table_id, edition, r.code, r.row_id, r.col_id, r.printed, r.meant
FROM (
    SELECT report_id, table_id, edition, unnest(from_json(note, '[{"code":"VARCHAR","row_id":"VARCHAR","col_id":"VARCHAR","printed":"VARCHAR","meant":"VARCHAR"}]')) AS r
    FROM tables WHERE note <> '[]'
);

INSERT INTO found
SELECT m.report_id, b.rule_id, concat_ws('|', m.table_id, m.row_id, m.col_id), b.level, 'fails', NULL, NULL,
    CASE WHEN m.row_id IS NULL OR m.col_id IS NULL THEN [] ELSE [cell_key(m.table_id, m.row_id, m.col_id)] END, NULL,
    m.edition, m.table_id, m.row_id, m.col_id, NULL, NULL, NULL, m.printed, m.meant
FROM remarks m JOIN rule_book b ON b.kind = 'remark' AND b.rule_id = m.code;

-- A failed sum over a cell that two readers read differently is a question to us, not a fault of the agency.
CREATE OR REPLACE TEMP TABLE disputed AS
SELECT report_id, list(cell_key(table_id, row_id, col_id)) AS cells FROM remarks WHERE code = 'second.differs' GROUP BY report_id;

UPDATE found SET state = 'readings_disagree', level = 'warning', cause = NULL, printed = array_to_string(list_intersect(found.cells, d.cells), ', ')
FROM disputed d
WHERE found.report_id = d.report_id AND found.state IN ('fails', 'total_blank') AND found.blanks IS NOT NULL AND list_has_any(found.cells, d.cells);

-- Findings: names and numbers into the messages, agency and year beside, and a fingerprint that changes when a printed value does.
CREATE OR REPLACE TEMP TABLE texts AS
SELECT c.report_id, cell_key(c.table_id, c.row_id, c.col_id) AS cell, c.raw_text
FROM (SELECT report_id, table_id, row_id, col_id, raw_text FROM cells WHERE report_id IN (SELECT report_id FROM found)) c;

CREATE OR REPLACE TEMP TABLE fingerprints AS
WITH numbered AS (SELECT rowid AS no, * FROM found),
said AS (
    SELECT n.no, string_agg(n.cell || '=' || coalesce(trim(t.raw_text), ''), ';' ORDER BY n.cell) AS content
    FROM (SELECT no, report_id, unnest(cells) AS cell FROM numbered) n LEFT JOIN texts t USING (report_id, cell) GROUP BY n.no
)
SELECT n.no, md5(concat_ws(chr(31), n.report_id, n.rule_id, n.instance, n.state, coalesce(n.printed, ''), coalesce(n.meant, ''), coalesce(s.content, '')))[:20] AS fingerprint
FROM numbered n LEFT JOIN said s USING (no);

-- The cells of a finding by name, the first six of them, where its words ask for them.
CREATE OR REPLACE TEMP TABLE named_cells AS
SELECT f.no, array_to_string(list(n.row_zh || ' / ' || n.col_zh ORDER BY n.position)[:6], '；') || CASE WHEN count(*) > 6 THEN '……' ELSE '' END AS zh,
    array_to_string(list(n.row_en || ' / ' || n.col_en ORDER BY n.position)[:6], '; ') || CASE WHEN count(*) > 6 THEN ' …' ELSE '' END AS en
FROM (
    SELECT f.rowid AS no, f.edition, unnest(f.cells) AS cell FROM found f
    SEMI JOIN rule_book b ON b.rule_id = f.rule_id AND contains(b.message_zh || b.message_en, '{cells}')
) f JOIN form_names n ON n.edition = f.edition AND cell_key(n.table_id, n.row_id, n.col_id) = f.cell
GROUP BY f.no;

CREATE OR REPLACE TEMP MACRO words(template, table_name, row_name, col_name, block_name, left_text, right_text, delta_text, blanks, unread, printed, meant, counted, cell_names) AS
    replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(template,
        '{table}', coalesce(table_name, '')), '{row}', coalesce(row_name, '')), '{col}', coalesce(col_name, '')), '{block}', coalesce(block_name, '')),
        '{left}', coalesce(left_text, '')), '{right}', coalesce(right_text, '')), '{delta}', coalesce(delta_text, '')),
        '{blanks}', coalesce(CAST(blanks AS VARCHAR), '')), '{unread}', coalesce(CAST(unread AS VARCHAR), '')),
        '{count}', coalesce(counted, '')), '{cells}', coalesce(cell_names, '')), '{meant}', coalesce(meant, '')), '{printed}', coalesce(printed, ''));

SELECT f.report_id, r.agency_id, r.year, f.rule_id, f.instance, f.level, f.state, f.expected, f.actual, f.actual - f.expected AS delta, f.cells,
    coalesce(substr(md5(f.report_id || f.cause), 1, 20), p.fingerprint) AS cause_id, CASE
        WHEN f.blanks IS NULL OR f.state NOT IN ('fails', 'total_blank', 'readings_disagree') THEN NULL
        WHEN f.state = 'readings_disagree' THEN 'undecided'
        WHEN EXISTS (FROM remarks m WHERE m.report_id = f.report_id AND m.table_id = f.table_id AND m.code IN ('second.agrees', 'second.read')) THEN 'source'
    END AS verdict,
    words(coalesce(s.message_zh, b.message_zh), t.label_zh, coalesce(n.row_zh, rn.row_zh, f.row_id), coalesce(n.col_zh, cn.col_zh, f.col_id), k.col_zh,
        plain(f.expected), plain(f.actual), plain(f.actual - f.expected), f.blanks, f.unread, f.printed, f.meant, plain(f.actual), a.zh) AS message_zh,
    words(coalesce(s.message_en, b.message_en), t.label_en, coalesce(n.row_en, rn.row_en, f.row_id), coalesce(n.col_en, cn.col_en, f.col_id), k.col_en,
        plain(f.expected), plain(f.actual), plain(f.actual - f.expected), f.blanks, f.unread, f.printed, f.meant, plain(f.actual), a.en) AS message_en,
    p.fingerprint
FROM found f JOIN reports r USING (report_id) JOIN fingerprints p ON p.no = f.rowid
    JOIN rule_book b ON b.rule_id = f.rule_id AND (b.edition = f.edition OR b.edition = '')
    LEFT JOIN rule_states s ON s.state = f.state
    LEFT JOIN named_cells a ON a.no = f.rowid
    LEFT JOIN form_tables t ON t.edition = f.edition AND t.table_id = f.table_id
    LEFT JOIN form_names n ON n.edition = f.edition AND n.table_id = f.table_id AND n.row_id = f.row_id AND n.col_id = f.col_id
    LEFT JOIN form_row_names rn ON rn.edition = f.edition AND rn.table_id = f.table_id AND rn.row_id = f.row_id
    LEFT JOIN form_column_names cn ON cn.edition = f.edition AND cn.table_id = f.table_id AND cn.col_id = f.col_id
    LEFT JOIN form_column_names k ON k.edition = f.edition AND k.table_id = f.table_id AND k.col_id = f.block
ORDER BY f.report_id, CASE f.level WHEN 'error' THEN 0 WHEN 'warning' THEN 1 ELSE 2 END, f.table_id, f.rule_id, f.instance;
