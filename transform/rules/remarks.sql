-- Doubts met while reading, and what a second reader said.
-- only if: FROM open_remarks LIMIT 1
INSERT INTO found BY NAME
SELECT
    m.report_id, b.rule_id, concat_ws('|', m.table_id, m.row_id, m.col_id) AS instance, b.level, 'fails' AS state,
    CASE WHEN m.row_id IS NULL OR m.col_id IS NULL THEN [] ELSE [cell_key(m.table_id, m.row_id, m.col_id)] END AS cells,
    m.edition, m.table_id, m.row_id, m.col_id, m.printed, m.meant
FROM open_remarks m JOIN rule_book b ON b.kind = 'remark' AND b.rule_id = m.code AND b.each IS DISTINCT FROM 'table';

-- A failed sum that holds by the second reader's numbers is a question to us, not a fault of the agency. A sum that fails by both
-- stays what it is.
-- only if: SELECT 1 FROM open_remarks WHERE code = 'second.differs' LIMIT 1
UPDATE found SET state = 'readings_disagree', level = 'warning', cause = NULL
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

-- One fact, one finding: the sums of a table that would hold by other numbers are one, with all cells that were read twice differently.
-- only if: SELECT 1 FROM open_remarks WHERE code = 'second.differs' LIMIT 1
CREATE OR REPLACE TEMP TABLE disputed_sums AS
SELECT rowid AS no, report_id, table_id, cells, row_number() OVER (PARTITION BY report_id, table_id ORDER BY rule_id, instance) AS nth
FROM found WHERE state = 'readings_disagree';

-- only if: SELECT 1 FROM open_remarks WHERE code = 'second.differs' LIMIT 1
CREATE OR REPLACE TEMP TABLE told_by_sums AS
SELECT d.report_id, d.table_id, list(cell_key(m.table_id, m.row_id, m.col_id) ORDER BY m.row_id, m.col_id) AS cells,
    string_agg(m.printed || ' / ' || m.meant, '；' ORDER BY m.row_id, m.col_id) AS printed
FROM (SELECT report_id, table_id, list_distinct(flatten(list(cells))) AS cells FROM disputed_sums GROUP BY ALL) d
    JOIN open_remarks m ON m.code = 'second.differs' AND m.report_id = d.report_id AND m.table_id = d.table_id AND list_contains(d.cells, cell_key(m.table_id, m.row_id, m.col_id))
GROUP BY d.report_id, d.table_id;

-- only if: SELECT 1 FROM open_remarks WHERE code = 'second.differs' LIMIT 1
UPDATE found SET printed = t.printed, cells = list_concat(t.cells, list_filter(found.cells, lambda c: NOT list_contains(t.cells, c)))
FROM told_by_sums t WHERE found.state = 'readings_disagree' AND t.report_id = found.report_id AND t.table_id = found.table_id;

-- only if: SELECT 1 FROM open_remarks WHERE code = 'second.differs' LIMIT 1
DELETE FROM found WHERE rowid IN (SELECT no FROM disputed_sums WHERE nth > 1);

-- A habit, or what has one cause, is one finding a table with its count and cells; the first three are quoted.
-- only if: FROM open_remarks LIMIT 1
INSERT INTO found BY NAME
WITH quoted AS (
    SELECT m.report_id, m.table_id, m.code, concat_ws(' → ', m.printed, m.meant) AS said,
        min(concat_ws('|', m.row_id, m.col_id)) AS first_at
    FROM open_remarks m GROUP BY ALL
),
said AS (
    SELECT report_id, table_id, code, array_to_string(list(said ORDER BY first_at, said)[:3], '；') || CASE WHEN count(*) > 3 THEN '……' ELSE '' END AS printed
    FROM quoted GROUP BY ALL
)
SELECT
    m.report_id, b.rule_id, m.table_id AS instance, b.level, 'fails' AS state, count(*) AS actual,
    coalesce(list(cell_key(m.table_id, m.row_id, m.col_id) ORDER BY n.position, m.row_id, m.col_id) FILTER (m.row_id IS NOT NULL AND m.col_id IS NOT NULL), []) AS cells,
    m.edition, m.table_id, any_value(q.printed) AS printed
FROM open_remarks m JOIN rule_book b ON b.kind = 'remark' AND b.rule_id = m.code AND b.each = 'table'
    JOIN said q ON q.report_id = m.report_id AND q.table_id = m.table_id AND q.code = m.code
    LEFT JOIN form_names n ON n.edition = m.edition AND n.table_id = m.table_id AND n.row_id = m.row_id AND n.col_id = m.col_id
WHERE NOT (m.code = 'second.differs' AND EXISTS (
    FROM found f WHERE f.state = 'readings_disagree' AND f.report_id = m.report_id AND f.table_id = m.table_id
        AND list_contains(f.cells, cell_key(m.table_id, m.row_id, m.col_id))))
GROUP BY m.report_id, b.rule_id, b.level, m.edition, m.table_id;

-- A text that stands over several cells is said once, as such.
-- only if: SELECT 1 FROM open_remarks WHERE code = 'cell.merged' LIMIT 1
DELETE FROM found WHERE rule_id IN (SELECT rule_id FROM rule_book WHERE kind = 'cell' AND test = 'text')
    AND (report_id, cells[1]) IN (SELECT (report_id, cell_key(table_id, row_id, col_id)) FROM open_remarks WHERE code = 'cell.merged');
