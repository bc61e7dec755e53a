-- Single cells.
-- only if: FROM odd LIMIT 1
INSERT INTO found BY NAME
SELECT
    o.report_id, b.rule_id, cell_key(o.table_id, o.row_id, o.col_id) AS instance, b.level, 'fails' AS state,
    o.value AS actual, [cell_key(o.table_id, o.row_id, o.col_id)] AS cells, o.edition, o.table_id, o.row_id, o.col_id,
    -- in the place of what is seen and cannot be read stands one character
    replace(trim(o.raw_text), chr(65532), '[图片或控件 picture or field]') AS printed
FROM odd o JOIN rule_book b ON b.kind = 'cell' AND b.test = o.test AND b.each = 'cell';

-- only if: FROM odd LIMIT 1
INSERT INTO found BY NAME
WITH totals AS (SELECT report_id, cells[len(cells)] AS cell FROM found WHERE state = 'total_blank'),
whole_rows AS (
    SELECT report_id, table_id, row_id FROM odd JOIN form_row_sizes USING (edition, table_id, row_id)
    WHERE test = 'absent' GROUP BY report_id, table_id, row_id HAVING count(*) = any_value(size)
)
SELECT
    o.report_id, b.rule_id, o.table_id AS instance, b.level, 'fails' AS state, count(*) AS actual,
    list(cell_key(o.table_id, o.row_id, o.col_id) ORDER BY o.position) AS cells, o.edition, o.table_id
FROM odd o JOIN rule_book b ON b.kind = 'cell' AND b.test = o.test AND b.each = 'table'
    ANTI JOIN unfiled f ON f.report_id = o.report_id AND f.table_id = o.table_id
    ANTI JOIN totals t ON t.report_id = o.report_id AND t.cell = cell_key(o.table_id, o.row_id, o.col_id)
    ANTI JOIN whole_rows r ON r.report_id = o.report_id AND r.table_id = o.table_id AND r.row_id = o.row_id
GROUP BY o.report_id, b.rule_id, o.table_id, b.level, o.edition;

-- The year of the report, or of its publication, where a count belongs: from a heading or a page's foot. Where the sums over the cell
-- hold, it is the number; where there are none, it may be.
-- only if: SELECT 1 FROM hot WHERE value BETWEEN 2008 AND 2100 LIMIT 1
INSERT INTO found BY NAME
SELECT
    r.report_id, b.rule_id, cell_key(f.table_id, f.row_id, f.col_id) AS instance,
    CASE WHEN s.report_id IS NULL THEN 'info' ELSE b.level END AS level, 'fails' AS state, h.value AS actual,
    [cell_key(f.table_id, f.row_id, f.col_id)] AS cells, f.edition, f.table_id, f.row_id, f.col_id,
    plain(h.value) AS printed
FROM (SELECT * FROM hot WHERE value BETWEEN 2008 AND 2100) h
    JOIN (SELECT report_id, year, hash(report_id) AS report_key FROM reports) r ON r.report_key = h.report_key AND h.value IN (r.year, r.year + 1)
    JOIN form_names f ON hash(f.edition, f.table_id, f.row_id, f.col_id) = h.cell_key AND f.type <> 'decimal'
    LEFT JOIN (SELECT DISTINCT report_id, unnest(cells) AS cell FROM found WHERE state = 'fails' AND blanks IS NOT NULL) s
        ON s.report_id = r.report_id AND s.cell = cell_key(f.table_id, f.row_id, f.col_id)
    JOIN rule_book b ON b.kind = 'cell' AND b.test = 'year'
WHERE s.report_id IS NOT NULL OR h.cell_key NOT IN (SELECT cell_key FROM rule_terms);

-- A row whose sum holds once two neighbours are read as one number (10 read as 1 and 0), and in no other such way.
-- only if: SELECT 1 FROM found WHERE state = 'fails' AND rule_id IN ('requests.row_total', 'disputes.total') LIMIT 1
INSERT INTO found BY NAME
WITH failing AS (
    SELECT f.report_id, hash(f.report_id) AS report_key, f.edition, f.table_id, f.row_id, f.actual - f.expected AS lacking, i.instance_no
    FROM found f JOIN rule_instances i ON i.edition = f.edition AND i.rule_id = f.rule_id AND i.instance = f.instance AND i.total
    WHERE f.state = 'fails' AND f.actual > f.expected AND f.table_id IN ('requests', 'disputes') AND f.rule_id IN ('requests.row_total', 'disputes.total')
),
parts AS (
    SELECT g.*, n.col_id, n.position, CASE WHEN h.cell_key IS NULL THEN 0 ELSE h.value END AS value
    FROM failing g JOIN rule_terms t ON t.instance_no = g.instance_no AND t.on_left
        JOIN form_names n ON n.edition = t.edition AND n.table_id = t.table_id AND n.row_id = t.row_id AND n.col_id = t.col_id
        LEFT JOIN hot h ON h.report_key = g.report_key AND h.cell_key = t.cell_key
),
beside AS (
    SELECT *, lead(value) OVER w AS next_value, lead(col_id) OVER w AS next_col,
        TRY_CAST(plain(value) || plain(next_value) AS DECIMAL(24, 6)) AS joined  -- evaluated before what follows leaves the unfit out
    FROM parts WINDOW w AS (PARTITION BY report_id, instance_no ORDER BY position)
    QUALIFY value > 0 AND value % 1 = 0 AND next_value >= 0 AND next_value % 1 = 0 AND value < 1000000 AND next_value < 1000000
),
fits AS (SELECT * FROM beside WHERE joined - value - next_value = lacking QUALIFY count(*) OVER (PARTITION BY report_id, instance_no) = 1)
SELECT
    f.report_id, b.rule_id, cell_key(f.table_id, f.row_id, f.col_id) AS instance, b.level, 'fails' AS state,
    f.joined AS expected, f.value AS actual,
    [cell_key(f.table_id, f.row_id, f.col_id), cell_key(f.table_id, f.row_id, f.next_col)] AS cells, f.edition,
    f.table_id, f.row_id, f.col_id, plain(f.value) || ' | ' || plain(f.next_value) AS printed,
    plain(f.joined) AS meant
FROM fits f JOIN rule_book b ON b.kind = 'cell' AND b.test = 'split_digits';

-- Numbers in the line of a group of 表三 (（三）不予公开), which the form leaves empty, against the lines of the group.
-- only if: SELECT 1 FROM remarks WHERE code = 'row.subtotal' LIMIT 1
INSERT INTO found BY NAME
WITH printed AS (
    SELECT c.report_id, c.edition, c.table_id, c.row_id, c.col_id, c.value
    FROM cells c JOIN (SELECT DISTINCT report_id FROM remarks WHERE table_id = 'requests' AND code = 'row.subtotal') t USING (report_id)
    WHERE c.table_id = 'requests' AND c.value IS NOT NULL AND NOT starts_with(c.col_id, 'extra.')
),
parts AS (
    SELECT p.report_id, p.edition, p.row_id, p.col_id, any_value(p.value) AS value, sum(c.value) AS total, count(*) FILTER (c.state IN ('blank', 'marker')) AS blanks,
        list(cell_key(c.table_id, c.row_id, c.col_id) ORDER BY n.position) AS cells
    FROM printed p JOIN form_names n ON n.edition = p.edition AND n.table_id = 'requests' AND n.col_id = p.col_id AND starts_with(n.row_id, p.row_id || '.')
        JOIN cells c ON c.report_id = p.report_id AND c.table_id = 'requests' AND c.row_id = n.row_id AND c.col_id = n.col_id
    GROUP BY p.report_id, p.edition, p.row_id, p.col_id HAVING NOT bool_or(c.state IN ('text', 'absent'))
)
SELECT
    p.report_id, b.rule_id, p.row_id || '|' || p.col_id AS instance, b.level, 'fails' AS state,
    coalesce(p.total, 0) AS expected, p.value AS actual, p.cells, p.edition, 'requests' AS table_id, p.row_id,
    p.col_id, p.blanks, 0 AS unread, plain(p.value) AS printed
FROM parts p JOIN rule_book b ON b.kind = 'cell' AND b.test = 'subtotal'
WHERE p.value <> coalesce(p.total, 0);

-- Projects without an amount, or an amount without projects (form of 2019): one printed as 0 and the other not.
-- only if: SELECT 1 FROM tables WHERE table_id = 'proactive' AND edition = '2019' LIMIT 1
INSERT INTO found BY NAME
WITH pair AS (
    SELECT h.report_key, f.col_id, h.value FROM hot h
        JOIN form_names f ON hash(f.edition, f.table_id, f.row_id, f.col_id) = h.cell_key AND f.table_id = 'proactive' AND f.row_id = 'procurement'
)
SELECT
    c.report_id, b.rule_id, 'procurement' AS instance, b.level, 'fails' AS state, c.value AS actual,
    [cell_key('proactive', 'procurement', 'projects'), cell_key('proactive', 'procurement', 'amount')] AS cells,
    c.edition, 'proactive' AS table_id, 'procurement' AS row_id, c.col_id, plain(o.value) AS printed
FROM (SELECT report_key, any_value(value) AS value, any_value(col_id) AS col_id FROM pair GROUP BY report_key HAVING count(*) = 1 AND any_value(value) <> 0) o
    JOIN (SELECT report_id, edition, col_id, value, hash(report_id) AS report_key FROM cells WHERE table_id = 'proactive' AND row_id = 'procurement' AND value = 0) c
        ON c.report_key = o.report_key AND c.col_id <> o.col_id
    JOIN rule_book b ON b.kind = 'cell' AND b.test = 'one_of_pair';

-- 规章 of an agency that cannot make any: what it issued, repealed or has in force (2021), what it made (2019). The administrative
-- office of a prefecture publishes like a city's government, but the law gives it no such power.
-- only if: SELECT 1 FROM agency_levels LIMIT 1
INSERT INTO found BY NAME
SELECT
    r.report_id, b.rule_id, 'regulations' AS instance, b.level, 'fails' AS state,
    list(cell_key(f.table_id, f.row_id, f.col_id) ORDER BY f.position) AS cells, any_value(f.edition) AS edition,
    'proactive' AS table_id, 'regulations' AS row_id, string_agg(plain(h.value), ', ' ORDER BY f.position) AS printed
FROM hot h JOIN form_names f ON hash(f.edition, f.table_id, f.row_id, f.col_id) = h.cell_key AND f.row_id = 'regulations' AND f.col_id IN ('issued', 'repealed', 'in_force', 'made')
    JOIN (SELECT report_id, agency_id, hash(report_id) AS report_key FROM reports) r USING (report_key)
    JOIN agency_levels l ON l.agency_id = r.agency_id AND (
        l.level NOT IN ('', 'central_government', 'central_department', 'province_government', 'city_government')
        OR regexp_matches(r.agency_id, '(行政公署|行署)(办公室)?$')
    )
    JOIN rule_book b ON b.kind = 'cell' AND b.test = 'no_power'
WHERE h.value > 0
GROUP BY r.report_id, b.rule_id, b.level;
