-- Sums, in two steps. The sieve goes over `hot`, with hashes for keys, and lets through every equation that does not hold
-- by printed numbers alone. What comes through is weighed exactly, by name.
CREATE OR REPLACE TEMP TABLE suspicious AS
WITH sums AS (
    SELECT h.report_key, t.instance_no, sum(t.coefficient * h.value) AS rest, bool_or(h.value IS NULL) AS gaps
    FROM hot h JOIN rule_terms t ON h.cell_key = t.cell_key
    GROUP BY h.report_key, t.instance_no
)
SELECT s.report_key, s.instance_no FROM sums s JOIN rule_instances i USING (instance_no)
WHERE s.gaps OR CASE i.operator WHEN '==' THEN s.rest <> 0 WHEN '<=' THEN s.rest > 0 ELSE s.rest < 0 END;

-- only if: FROM suspicious LIMIT 1
CREATE OR REPLACE TEMP TABLE weighed AS
WITH theirs AS (
    SELECT c.*, hash(c.report_id) AS report_key FROM cells c
    WHERE hash(c.report_id) IN (SELECT report_key FROM suspicious) AND (c.value <> 0 OR c.value IS NULL)
),
passed_over AS (  -- rows that a table may lack, and does
    SELECT c.report_id, c.table_id, c.row_id, c.col_id FROM theirs c JOIN form_names n USING (edition, table_id, row_id, col_id)
    WHERE n.optional AND c.state = 'absent' AND c.raw_text IS NULL
)
SELECT c.report_id, t.instance_no,
    coalesce(sum(t.coefficient * c.value) FILTER (t.on_left), 0) AS left_sum,
    coalesce(sum(-t.coefficient * c.value) FILTER (NOT t.on_left), 0) AS right_sum,
    count(*) FILTER (c.state IN ('blank', 'marker')) AS blanks,
    count(*) FILTER (c.state IN ('text', 'absent') AND p.row_id IS NULL) AS unread,
    coalesce(bool_or(NOT t.on_left AND p.row_id IS NOT NULL), false) AS right_passed_over,
    coalesce(bool_or(NOT t.on_left AND c.state IN ('blank', 'marker')), false) AS right_blank
FROM theirs c JOIN rule_terms t ON c.table_id = t.table_id AND c.row_id = t.row_id AND c.col_id = t.col_id AND c.edition = t.edition
    SEMI JOIN suspicious s ON s.report_key = c.report_key AND s.instance_no = t.instance_no
    LEFT JOIN passed_over p ON p.report_id = c.report_id AND p.table_id = c.table_id AND p.row_id = c.row_id AND p.col_id = c.col_id
GROUP BY c.report_id, t.instance_no;

-- One number that stands over several cells of a row belongs to none of them, but a sum over all of these counts it once.
-- only if: SELECT 1 FROM suspicious WHERE EXISTS (FROM remarks WHERE code = 'cell.merged') LIMIT 1
UPDATE weighed SET left_sum = left_sum + s.on_left, right_sum = right_sum + s.on_right, unread = unread - s.members
FROM (
    WITH merged AS (
        SELECT report_id, table_id, edition, any_value(row_id) AS row_id, list(col_id) AS columns, any_value(TRY_CAST(trim(raw_text) AS DECIMAL(24, 6))) AS value
        FROM cells SEMI JOIN (SELECT DISTINCT report_id, table_id FROM remarks WHERE code = 'cell.merged') m USING (report_id, table_id)
        WHERE state = 'text' AND grid_row IS NOT NULL
        GROUP BY report_id, table_id, edition, grid, grid_row, grid_col
        HAVING count(*) > 1 AND count(DISTINCT row_id) = 1 AND count(DISTINCT raw_text) = 1 AND any_value(TRY_CAST(trim(raw_text) AS DECIMAL(24, 6))) IS NOT NULL
    ),
    of_instances AS (
        SELECT m.report_id, t.instance_no, m.value, any_value(t.coefficient) AS coefficient, any_value(t.on_left) AS on_left, len(m.columns) AS members
        FROM merged m JOIN rule_terms t ON t.table_id = m.table_id AND t.edition = m.edition AND t.row_id = m.row_id AND list_contains(m.columns, t.col_id)
        GROUP BY m.report_id, t.instance_no, m.value, m.columns
        HAVING count(*) = len(m.columns) AND count(DISTINCT t.coefficient) = 1
    )
    SELECT report_id, instance_no, sum(members) AS members, coalesce(sum(coefficient * value) FILTER (on_left), 0) AS on_left,
        coalesce(sum(-coefficient * value) FILTER (NOT on_left), 0) AS on_right
    FROM of_instances GROUP BY report_id, instance_no
) s
WHERE weighed.report_id = s.report_id AND weighed.instance_no = s.instance_no;

-- only if: FROM suspicious LIMIT 1
INSERT INTO found BY NAME
WITH judged AS (
    SELECT w.* REPLACE (CASE WHEN w.right_passed_over AND w.left_sum <> 0 THEN w.unread + 1 ELSE w.unread END AS unread), i.*, b.level,
        CASE
            WHEN w.unread > 0 OR (w.right_passed_over AND w.left_sum <> 0) THEN 'not_assessable'
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
SELECT
    report_id, rule_id, instance, CASE WHEN state IN ('fails', 'total_blank') THEN level ELSE 'info' END AS level,
    state, left_sum AS expected,
    CASE WHEN state IN ('total_blank', 'not_assessable') THEN NULL ELSE right_sum END AS actual, i.cells,
    CASE WHEN state = 'total_blank' THEN 'blank totals of ' || table_id END AS cause, edition, table_id, row_id,
    col_id, block, blanks, unread + CASE WHEN state = 'not_assessable' THEN blanks ELSE 0 END AS unread
FROM judged JOIN rule_cells i USING (instance_no)
WHERE state IS NOT NULL;

-- A sum that fails over a blank total has that blank for its cause.
-- only if: FROM found WHERE state = 'total_blank' LIMIT 1
UPDATE found SET cause = b.cause
FROM (SELECT report_id, cause, list(cells[len(cells)]) AS totals FROM found WHERE state = 'total_blank' GROUP BY ALL) b
WHERE found.report_id = b.report_id AND found.state = 'fails' AND list_has_any(found.cells, b.totals);

-- "Holds if blank means 0" is no comfort where one of the blanks is a total that cannot be 0.
-- only if: FROM found WHERE state = 'total_blank' LIMIT 1
UPDATE found SET state = 'not_assessable', unread = found.blanks, actual = NULL
FROM (SELECT report_id, list(cells[len(cells)]) AS totals FROM found WHERE state = 'total_blank' GROUP BY report_id) b
WHERE found.report_id = b.report_id AND found.state = 'holds_if_blank_is_zero' AND list_has_any(found.cells, b.totals);
