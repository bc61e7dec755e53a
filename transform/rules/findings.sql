-- Findings: names and numbers into the messages, agency and year beside, and a fingerprint that changes when a printed value does.

-- What the form asks for is advice where none is prescribed for the year, or a table follows a local one.
UPDATE found SET level = 'info'
FROM reports r, (SELECT DISTINCT rule_id FROM rule_book WHERE asks_for_form) b
WHERE found.level <> 'info' AND r.report_id = found.report_id AND b.rule_id = found.rule_id AND (
    found.edition IN (SELECT edition FROM form_editions WHERE prescribed_from IS NULL)
    OR (r.year IS NOT NULL AND NOT EXISTS (FROM form_editions e WHERE r.year BETWEEN e.prescribed_from AND e.last_year))
);

CREATE OR REPLACE TEMP TABLE texts AS
WITH named AS (SELECT DISTINCT report_id, unnest(cells) AS cell FROM found),
keyed AS (
    SELECT report_id, cell, split_part(cell, '|', 1) AS table_id, split_part(cell, '|', 2) AS row_id, split_part(cell, '|', 3) AS col_id FROM named
)
SELECT n.report_id, n.cell, CASE WHEN k.report_id IS NULL THEN c.raw_text ELSE k.text_meant END AS raw_text
FROM keyed n JOIN cells c ON c.report_id = n.report_id AND c.table_id = n.table_id AND c.row_id = n.row_id AND c.col_id = n.col_id
    LEFT JOIN (FROM corrections WHERE kind = 'misreading' AND NOT is_stale) k
        ON k.report_id = c.report_id AND k.table_id = c.table_id AND k.row_id = c.row_id AND k.col_id = c.col_id;

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
        LEFT JOIN (SELECT state FROM rule_states WHERE contains(message_zh || message_en, '{cells}')) s ON s.state = f.state AND f.unread IS NOT NULL
        LEFT JOIN (SELECT DISTINCT rule_id FROM rule_book WHERE contains(message_zh || message_en, '{cells}')) b ON b.rule_id = f.rule_id
    WHERE s.state IS NOT NULL OR b.rule_id IS NOT NULL
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
        WHEN f.rule_id = 'correction.misprint' THEN 'source'
        WHEN f.rule_id = 'correction.misreading' THEN 'extraction'
        WHEN f.blanks IS NULL OR f.state NOT IN ('fails', 'total_blank', 'readings_disagree') THEN NULL
        WHEN f.state = 'readings_disagree' THEN 'undecided'
        WHEN list_has_any(f.cells, (SELECT list(cell_key(table_id, row_id, col_id)) FROM corrections k WHERE k.report_id = f.report_id AND kind = 'misprint' AND NOT is_stale)) THEN 'source'
        WHEN list_has_any(list_append(f.cells, cell_key(f.table_id, f.row_id, f.col_id)), h.unconfirmed) THEN 'undecided'
        WHEN h.is_read THEN 'source'
    END AS verdict,
    words(coalesce(s.message_zh, b.message_zh), t.label_zh, coalesce(n.row_zh, rn.row_zh, f.row_id), coalesce(n.col_zh, cn.col_zh, f.col_id), k.col_zh,
        plain(f.expected), plain(f.actual), plain(f.actual - f.expected), f.blanks, f.unread, f.printed, f.meant, plain(f.actual), a.zh) AS message_zh,
    words(coalesce(s.message_en, b.message_en), t.label_en, coalesce(n.row_en, rn.row_en, f.row_id), coalesce(n.col_en, cn.col_en, f.col_id), k.col_en,
        plain(f.expected), plain(f.actual), plain(f.actual - f.expected), f.blanks, f.unread, f.printed, f.meant, plain(f.actual), a.en) AS message_en,
    p.fingerprint
FROM found f JOIN reports r USING (report_id) JOIN fingerprints p ON p.no = f.rowid
    JOIN rule_book b ON b.rule_id = f.rule_id AND (b.edition = f.edition OR b.edition = '')
    LEFT JOIN rule_states s ON s.state = f.state AND f.unread IS NOT NULL  -- the words of a sum; other rules have their own
    LEFT JOIN named_cells a ON a.no = f.rowid
    LEFT JOIN second_readings h ON h.report_id = f.report_id AND h.table_id = f.table_id
    LEFT JOIN form_tables t ON t.edition = f.edition AND t.table_id = f.table_id
    LEFT JOIN form_names n ON n.edition = f.edition AND n.table_id = f.table_id AND n.row_id = f.row_id AND n.col_id = f.col_id
    LEFT JOIN form_row_names rn ON rn.edition = f.edition AND rn.table_id = f.table_id AND rn.row_id = f.row_id
    LEFT JOIN form_column_names cn ON cn.edition = f.edition AND cn.table_id = f.table_id AND cn.col_id = f.col_id
    LEFT JOIN form_column_names k ON k.edition = f.edition AND k.table_id = f.table_id AND k.col_id = f.block
ORDER BY f.report_id, CASE f.level WHEN 'error' THEN 0 WHEN 'warning' THEN 1 ELSE 2 END, f.table_id, f.rule_id, f.instance;
