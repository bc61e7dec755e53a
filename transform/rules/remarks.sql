-- Doubts met while reading, and what a second reader said.
-- What a person has settled (table `corrections`) is no doubt any more: how the text was read, where it was misread, and
-- whether it was read rightly, where somebody looked at it.
CREATE OR REPLACE TEMP TABLE open_remarks AS
SELECT m.report_id, m.table_id, t.edition, m.code, m.row_id, m.col_id, m.printed, m.meant
FROM remarks m JOIN tables t USING (report_id, table_id)
    ANTI JOIN (SELECT report_id, table_id, row_id, col_id, kind FROM corrections WHERE NOT is_stale AND finding_id IS NULL) k
    ON k.report_id = m.report_id AND k.table_id = m.table_id AND k.row_id = m.row_id AND k.col_id = m.col_id
        AND (m.code IN ('second.differs', 'second.unconfirmed', 'cell.low_confidence') OR (k.kind = 'misreading' AND m.code LIKE 'cell.%'));

-- only if: FROM open_remarks LIMIT 1
INSERT INTO found BY NAME
SELECT
    m.report_id, b.rule_id, concat_ws('|', m.table_id, m.row_id, m.col_id) AS instance, b.level, 'fails' AS state,
    CASE WHEN m.row_id IS NULL OR m.col_id IS NULL THEN [] ELSE [cell_key(m.table_id, m.row_id, m.col_id)] END AS cells,
    m.edition, m.table_id, m.row_id, m.col_id, m.printed, m.meant
FROM open_remarks m JOIN rule_book b ON b.kind = 'remark' AND b.rule_id = m.code;

-- What the second reader makes of the tables that it read: the cells with another number, and those that it does not confirm.
CREATE OR REPLACE TEMP TABLE second_readings AS
SELECT report_id, table_id,
    coalesce(list(cell_key(table_id, row_id, col_id)) FILTER (code IN ('second.differs', 'second.unconfirmed')), []) AS unconfirmed,
    coalesce(list(cell_key(table_id, row_id, col_id)) FILTER (code = 'second.differs'), []) AS differing,
    bool_or(code IN ('second.agrees', 'second.read')) AS is_read
FROM open_remarks WHERE starts_with(code, 'second.') GROUP BY report_id, table_id;

-- A failed sum that holds by the second reader's numbers is a question to us, not a fault of the agency. A sum that fails by both
-- stays what it is.
-- only if: SELECT 1 FROM open_remarks WHERE code = 'second.differs' LIMIT 1
UPDATE found SET state = 'readings_disagree', level = 'warning', cause = NULL, printed = array_to_string(list_filter(found.cells, lambda c: list_contains(s.differing, c)), ', ')
FROM (
    WITH other_numbers AS (
        SELECT m.report_id, cell_key(m.table_id, m.row_id, m.col_id) AS cell, TRY_CAST(m.meant AS DECIMAL(24, 6)) - coalesce(c.value, 0) AS change
        FROM open_remarks m LEFT JOIN cells c USING (report_id, table_id, row_id, col_id) WHERE m.code = 'second.differs'
    ),
    failing AS (
        SELECT f.rowid AS no, f.report_id, f.cells, coalesce(i.operator, '==') AS operator, i.instance_no, f.expected - coalesce(f.actual, 0) AS rest
        FROM found f SEMI JOIN other_numbers USING (report_id) LEFT JOIN rule_instances i USING (edition, rule_id, instance)
        WHERE f.state IN ('fails', 'total_blank') AND f.blanks IS NOT NULL
    ),
    changed AS (
        SELECT f.no, f.operator, any_value(f.rest) + sum(o.change * coalesce(t.coefficient, 1)) AS rest
        FROM failing f JOIN other_numbers o ON o.report_id = f.report_id AND list_contains(f.cells, o.cell)
            LEFT JOIN rule_terms t ON t.instance_no = f.instance_no AND cell_key(t.table_id, t.row_id, t.col_id) = o.cell
        GROUP BY f.no, f.operator
    )
    SELECT no FROM changed WHERE CASE operator WHEN '==' THEN rest = 0 WHEN '<=' THEN rest <= 0 ELSE rest >= 0 END
) h, second_readings s
WHERE found.rowid = h.no AND s.report_id = found.report_id AND s.table_id = found.table_id;
