-- Reports across the corpus: which lack, which are the same, which do not add up, which stand out.
CREATE OR REPLACE TEMP TABLE latest AS
SELECT report_id, hash(report_id) AS report_key, agency_id, year, lag(year) OVER (PARTITION BY agency_id ORDER BY year) AS earlier,
    lead(year) OVER (PARTITION BY agency_id ORDER BY year) IS NULL AS is_latest
FROM reports WHERE is_current AND agency_id <> 'unknown' AND year IS NOT NULL;

-- A year without a report: between two that are there; or, of an agency whose site is watched, behind its last one, up to the last
-- year on which half of these agencies have theirs. It is said of the report that stands next to the gap.
INSERT INTO found BY NAME
WITH watched AS (SELECT l.* FROM latest l SEMI JOIN (SELECT agency_id FROM agencies WHERE site IS NOT NULL) a USING (agency_id)),
due AS (SELECT max(year) AS year FROM (SELECT year FROM watched GROUP BY year HAVING 2 * count(*) >= (SELECT count(DISTINCT agency_id) FROM watched))),
gaps AS (
    SELECT report_id, unnest(range(earlier + 1, year)) AS missing FROM latest WHERE earlier < year - 1
    UNION ALL SELECT w.report_id, unnest(range(w.year + 1, d.year + 1)) FROM watched w, due d WHERE w.is_latest AND w.year < d.year
)
SELECT
    g.report_id, b.rule_id, CAST(g.missing AS VARCHAR) AS instance, b.level, 'fails' AS state, [] AS cells,
    CAST(g.missing AS VARCHAR) AS printed
FROM gaps g JOIN rule_book b ON b.kind = 'corpus' AND b.test = 'year_missing';

-- Two documents of one agency and year whose numbers differ, such as the page and its attachment. One address that changed is left to restated.sql.
INSERT INTO found BY NAME
WITH others AS (
    SELECT c.report_id, o.report_id AS other_id
    FROM reports c JOIN reports o ON o.agency_id = c.agency_id AND o.year = c.year AND NOT o.is_current
        JOIN documents d ON d.document_id = c.document_id JOIN documents e ON e.document_id = o.document_id
    WHERE c.is_current AND c.agency_id <> 'unknown' AND (d.url = e.url) IS NOT TRUE
),
involved AS (SELECT * FROM cells WHERE value IS NOT NULL AND report_id IN (SELECT report_id FROM others UNION ALL SELECT other_id FROM others))
SELECT
    p.report_id, b.rule_id, p.other_id AS instance, b.level, 'fails' AS state, count(*) AS actual,
    list(cell_key(c.table_id, c.row_id, c.col_id) ORDER BY c.table_id, c.row_id, c.col_id) AS cells,
    max(c.edition) AS edition, min(d.file_name) AS printed
FROM others p JOIN involved c ON c.report_id = p.report_id
    JOIN involved o ON o.report_id = p.other_id AND o.table_id = c.table_id AND o.row_id = c.row_id AND o.col_id = c.col_id AND o.value <> c.value
    JOIN reports r ON r.report_id = p.other_id JOIN documents d ON d.document_id = r.document_id
    JOIN rule_book b ON b.kind = 'corpus' AND b.test = 'versions_differ'
GROUP BY p.report_id, p.other_id, b.rule_id, b.level;

-- One report under two agencies or two years: all numbers the same, at least `limit` different ones of two digits and more.
-- The year before is left to the checks between years. With the same prose it is the same report.
INSERT INTO found BY NAME
WITH alike AS (
    SELECT l.report_id, l.report_key, l.agency_id, l.year, f.signature FROM latest l JOIN filled f USING (report_key)
    WHERE f.numbers >= 6 QUALIFY count(*) OVER (PARTITION BY f.signature, f.numbers) > 1
),
rich AS (
    SELECT a.*, count(DISTINCT h.value) AS various FROM alike a JOIN hot h ON h.report_key = a.report_key AND abs(h.value) >= 10
    GROUP BY ALL
),
twins AS (
    SELECT a.report_id, a.various, o.report_id AS other_id, o.agency_id AS other, o.year AS other_year,
        length(r.sketch) = length(s.sketch) AND bit_count(xor(unhex(r.sketch)::BIT, unhex(s.sketch)::BIT)) * 40 <= 4 * length(r.sketch) AS same_words
    FROM rich a JOIN rich o ON o.signature = a.signature AND (o.agency_id <> a.agency_id OR abs(o.year - a.year) > 1)
        JOIN reports r ON r.report_id = a.report_id JOIN reports s ON s.report_id = o.report_id
    QUALIFY row_number() OVER (PARTITION BY a.report_id ORDER BY same_words DESC NULLS LAST, o.agency_id, o.year) = 1
)
SELECT
    t.report_id, b.rule_id, t.other_id AS instance, b.level, 'fails' AS state, [] AS cells, t.other AS printed,
    CAST(t.other_year AS VARCHAR) AS meant
FROM twins t JOIN rule_book b ON b.kind = 'corpus' AND b.test = CASE WHEN t.same_words THEN 'same_report' ELSE 'same_numbers' END AND t.various >= b.limit;

-- An area's report against those of its bodies: only where the text says that it sums them up, and every one of them has its report.
-- Which those are the registry says (its agencies have a site); that a name tells a parent leaves out the bodies never met.
INSERT INTO found BY NAME
WITH parents AS (
    SELECT l.report_id, l.agency_id, l.year FROM latest l JOIN reports r USING (report_id)
    WHERE r.scope = 'whole_area' AND l.agency_id IN (SELECT parent_id FROM agencies)
),
bodies AS (
    SELECT p.report_id, p.year, a.agency_id, l.report_id AS body_id
    FROM parents p JOIN agencies a ON a.parent_id = p.agency_id AND a.site IS NOT NULL LEFT JOIN latest l ON l.agency_id = a.agency_id AND l.year = p.year
),
whole AS (SELECT report_id, count(*) AS bodies FROM bodies GROUP BY report_id HAVING bool_and(body_id IS NOT NULL) AND count(*) > 1),
figures AS (
    SELECT * FROM cells  -- zeros too
    WHERE EXISTS (FROM whole) AND ((table_id = 'requests' AND row_id IN ('new', 'result_total', 'carried_out') AND col_id = 'total')
        OR (table_id = 'disputes' AND ends_with(col_id, '.total')))
),
summed AS (
    SELECT w.report_id, f.table_id, f.row_id, f.col_id, sum(f.value) AS total FROM whole w JOIN bodies b USING (report_id) JOIN figures f ON f.report_id = b.body_id
    GROUP BY w.report_id, f.table_id, f.row_id, f.col_id, w.bodies HAVING count(f.value) = w.bodies
)
SELECT
    s.report_id, b.rule_id, cell_key(s.table_id, s.row_id, s.col_id) AS instance, b.level, 'fails' AS state,
    s.total AS expected, f.value AS actual, [cell_key(s.table_id, s.row_id, s.col_id)] AS cells, f.edition,
    s.table_id, s.row_id, s.col_id, plain(f.value) AS printed, plain(s.total) AS meant
FROM summed s JOIN figures f ON f.report_id = s.report_id AND f.table_id = s.table_id AND f.row_id = s.row_id AND f.col_id = s.col_id AND f.value <> s.total
    JOIN rule_book b ON b.kind = 'corpus' AND b.test = 'children_differ';

-- Among agencies of one level in one province: new requests far from all others, on a scale of orders of magnitude, where 20 can be compared.
INSERT INTO found BY NAME
WITH peers AS (
    SELECT l.report_id, a.level, a.division_code[:2] AS province, l.year, t.edition, coalesce(g.value, 0) AS value, log10(1 + CAST(coalesce(g.value, 0) AS DOUBLE)) AS size
    FROM latest l JOIN agencies a ON a.agency_id = l.agency_id AND a.level IS NOT NULL AND a.division_code IS NOT NULL
        JOIN tables t ON t.report_id = l.report_id AND t.table_id = 'requests' ANTI JOIN unfiled u ON u.report_id = t.report_id AND u.table_id = t.table_id
        LEFT JOIN gist g ON g.report_key = l.report_key AND g.table_id = 'requests' AND g.row_id = 'new' AND g.col_id = 'total'
    WHERE g.report_key IS NULL OR g.value >= 0
),
middles AS (SELECT level, province, year, median(size) AS middle, median(value) AS usual FROM peers GROUP BY ALL HAVING count(*) >= 20),
spreads AS (
    SELECT level, province, year, any_value(middle) AS middle, any_value(usual) AS usual, greatest(median(abs(size - middle)), 0.3) AS mad
    FROM peers JOIN middles USING (level, province, year) GROUP BY ALL
)
SELECT
    p.report_id, b.rule_id, 'report' AS instance, b.level, 'fails' AS state, s.usual AS expected, p.value AS actual,
    [cell_key('requests', 'new', 'total')] AS cells, p.edition, 'requests' AS table_id, 'new' AS row_id,
    'total' AS col_id, plain(p.value) AS printed, plain(CAST(s.usual AS DECIMAL(24, 6))) AS meant
FROM peers p JOIN spreads s USING (level, province, year) JOIN rule_book b ON b.kind = 'corpus' AND b.test = 'peer_outlier'
WHERE 0.6745 * abs(p.size - s.middle) > b.limit * s.mad;

-- Nothing but zeros, `limit` years in a row up to the last report.
INSERT INTO found BY NAME
WITH runs_of_zero AS (
    SELECT l.agency_id, l.report_id, l.year, l.is_latest, l.year - row_number() OVER (PARTITION BY l.agency_id ORDER BY l.year) AS run
    FROM latest l ANTI JOIN filled f USING (report_key)
        SEMI JOIN (SELECT report_id FROM tables ANTI JOIN unfiled USING (report_id, table_id) GROUP BY report_id HAVING count(*) >= 3) t USING (report_id)
)
SELECT
    max(z.report_id) FILTER (z.is_latest) AS report_id, b.rule_id, 'report' AS instance, b.level, 'fails' AS state,
    count(*) AS actual, [] AS cells, CAST(min(z.year) AS VARCHAR) AS printed
FROM runs_of_zero z JOIN rule_book b ON b.kind = 'corpus' AND b.test = 'zero_years'
GROUP BY z.agency_id, z.run, b.rule_id, b.level, b.limit HAVING bool_or(z.is_latest) AND count(*) >= b.limit;

-- Last digits of numbers of three digits and more over all years of an agency: chi-square against one in ten each, from 60 numbers on.
INSERT INTO found BY NAME
WITH kept AS (SELECT l.* FROM latest l SEMI JOIN (SELECT agency_id FROM latest GROUP BY agency_id HAVING count(*) >= 5) a USING (agency_id)),
digits AS (
    SELECT k.agency_id, CAST(c.value % 10 AS INTEGER) AS digit, count(*) AS n
    FROM kept k JOIN cells c USING (report_id)
    WHERE c.value >= 100 AND c.value % 1 = 0 AND EXISTS (FROM kept) AND (
        (c.table_id = 'requests' AND c.col_id = 'total' AND c.row_id NOT IN ('new', 'result_total')) OR (c.table_id = 'proactive' AND c.col_id IN ('decisions', 'issued'))
        OR (c.table_id = 'statistics' AND c.col_id = 'value'))
    GROUP BY ALL
),
judged AS (
    SELECT agency_id, sum(n) AS numbers, 10.0 * sum(n * n) / sum(n) - sum(n) AS chi_square, arg_max(digit, {'n': n, 'digit': -digit}) AS digit, max(n) AS most FROM digits GROUP BY agency_id
)
SELECT
    k.report_id, b.rule_id, 'report' AS instance, b.level, 'fails' AS state, j.most AS actual, [] AS cells,
    CAST(j.digit AS VARCHAR) AS printed, CAST(j.numbers AS VARCHAR) AS meant
FROM judged j JOIN kept k USING (agency_id) JOIN rule_book b ON b.kind = 'corpus' AND b.test = 'last_digits' AND j.chi_square > b.limit
WHERE k.is_latest AND j.numbers >= 60;

-- Labels that no edition has, in the reports of `limit` agencies and more on one year: one finding for all of them, on the first of these reports.
-- only if: SELECT 1 FROM remarks WHERE code IN ('row.extra', 'column.extra', 'header.unknown') LIMIT 1
INSERT INTO found BY NAME
WITH unknown_labels AS (
    SELECT DISTINCT r.year, m.report_id, CASE r.agency_id WHEN 'unknown' THEN m.report_id ELSE r.agency_id END AS agency, m.table_id, trim(m.printed) AS label
    FROM remarks m JOIN reports r USING (report_id)
    WHERE m.code IN ('row.extra', 'column.extra', 'header.unknown') AND r.is_current AND r.year IS NOT NULL AND trim(m.printed) <> ''
),
common AS (
    SELECT u.year, u.table_id, u.label, b.rule_id, b.level FROM unknown_labels u JOIN rule_book b ON b.kind = 'corpus' AND b.test = 'new_edition'
    GROUP BY u.year, u.table_id, u.label, b.rule_id, b.level, b.limit HAVING count(DISTINCT u.agency) >= b.limit
),
labels AS (SELECT year, list(DISTINCT label ORDER BY label) AS said FROM common GROUP BY year)
SELECT
    min(u.report_id) AS report_id, c.rule_id, 'form ' || u.year AS instance, c.level, 'fails' AS state, count(DISTINCT u.report_id) AS actual,
    [] AS cells, array_to_string(any_value(l.said)[:6], '；') || CASE WHEN len(any_value(l.said)) > 6 THEN '……' ELSE '' END AS printed,
    CAST(u.year AS VARCHAR) AS meant
FROM unknown_labels u JOIN common c USING (year, table_id, label) JOIN labels l USING (year)
GROUP BY u.year, c.rule_id, c.level;
