-- One fact, one finding: what many sums of a table say for one reason is said once, with all the cells that it is about.
-- only if: FROM found WHERE state IN ('holds_if_blank_is_zero', 'not_assessable') AND blanks IS NOT NULL LIMIT 1
CREATE OR REPLACE TEMP TABLE open_sums AS
SELECT rowid AS no, report_id, table_id, edition, rule_id, state, level, cells,
    -- a sum that cannot be judged counts against its rule; one that holds if blanks are 0 does not
    CASE state WHEN 'not_assessable' THEN rule_id ELSE '' END AS counted_as
FROM found WHERE state IN ('holds_if_blank_is_zero', 'not_assessable') AND blanks IS NOT NULL;

-- only if: FROM found WHERE state IN ('holds_if_blank_is_zero', 'not_assessable') AND blanks IS NOT NULL LIMIT 1
CREATE OR REPLACE TEMP TABLE open_tables AS
WITH named AS (
    SELECT s.report_id, s.table_id, s.edition, s.state, s.counted_as, s.rule_id, s.level, unnest(s.cells) AS cell FROM open_sums s
),
of_sums AS (
    SELECT n.report_id, n.table_id, n.edition, n.state, n.counted_as, n.cell, o.position, min(n.rule_id) AS rule_id, min(n.level) AS level
    FROM named n JOIN (
        SELECT report_id, cell_key(table_id, row_id, col_id) AS cell, position, test FROM odd WHERE value IS NULL
        UNION ALL -- a cell that is there and was not told apart from its neighbours
        SELECT c.report_id, cell_key(c.table_id, c.row_id, c.col_id), f.position, c.state FROM cells c
            JOIN form_names f ON f.edition = c.edition AND f.table_id = c.table_id AND f.row_id = c.row_id AND f.col_id = c.col_id
        WHERE c.state = 'absent' AND c.raw_text IS NOT NULL
    ) o ON o.report_id = n.report_id AND o.cell = n.cell
    GROUP BY ALL
)
SELECT report_id, table_id, edition, state, min(rule_id) AS rule_id, any_value(level) AS level, count(*) AS gaps, list(cell ORDER BY position, cell) AS cells
FROM of_sums GROUP BY report_id, table_id, edition, state, counted_as;

-- only if: FROM found WHERE state IN ('holds_if_blank_is_zero', 'not_assessable') AND blanks IS NOT NULL LIMIT 1
INSERT INTO found BY NAME
SELECT report_id, rule_id, CASE state WHEN 'not_assessable' THEN table_id ELSE table_id || '|blanks' END AS instance, level, state, cells, edition, table_id, gaps AS blanks, gaps AS unread
FROM open_tables;

-- only if: FROM found WHERE state IN ('holds_if_blank_is_zero', 'not_assessable') AND blanks IS NOT NULL LIMIT 1
DELETE FROM found WHERE rowid IN (SELECT no FROM open_sums);
