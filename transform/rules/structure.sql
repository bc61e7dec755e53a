-- The shape of the tables.
-- only if: FROM odd WHERE test = 'absent' LIMIT 1
INSERT INTO found BY NAME
SELECT
    o.report_id, b.rule_id, cell_key(o.table_id, o.row_id, '*') AS instance, b.level, 'fails' AS state,
    list(cell_key(o.table_id, o.row_id, o.col_id) ORDER BY o.position) AS cells, o.edition, o.table_id, o.row_id
FROM odd o JOIN form_row_sizes s USING (edition, table_id, row_id) JOIN rule_book b ON b.kind = 'structure' AND b.test = 'row_missing'
    SEMI JOIN tables t ON t.report_id = o.report_id AND t.table_id = o.table_id AND t.found
WHERE o.test = 'absent'
GROUP BY o.report_id, b.rule_id, b.level, o.edition, o.table_id, o.row_id HAVING count(*) = any_value(s.size);

-- only if: FROM unfiled LIMIT 1
INSERT INTO found BY NAME
SELECT
    t.report_id, b.rule_id, t.table_id AS instance, b.level, 'fails' AS state, [] AS cells, t.edition, t.table_id
FROM unfiled t JOIN rule_book b ON b.kind = 'structure' AND b.test = CASE WHEN t.found THEN 'table_not_filed' ELSE 'table_missing' END;

-- The tables and their editions as a person names them: 二 2021; 三 2019.
CREATE OR REPLACE TEMP TABLE printed_editions AS
SELECT table_id, edition, split_part(label_zh, '、', 1) || ' ' || edition AS printed FROM form_tables;

INSERT INTO found BY NAME
SELECT
    t.report_id, b.rule_id, 'report' AS instance, b.level, 'fails' AS state, [] AS cells,
    string_agg(n.printed, '; ' ORDER BY t.table_id) AS printed
FROM tables t JOIN printed_editions n USING (table_id, edition) JOIN rule_book b ON b.kind = 'structure' AND b.test = 'hybrid'
    SEMI JOIN (
        SELECT report_id FROM tables WHERE found AND table_id IN ('proactive', 'requests') GROUP BY report_id HAVING min(edition) <> max(edition)
    ) h ON h.report_id = t.report_id
WHERE t.found AND t.table_id IN ('proactive', 'requests')
GROUP BY t.report_id, b.rule_id, b.level;

-- One finding for all tables; none where the tables differ among themselves, which says it already.
INSERT INTO found BY NAME
SELECT
    t.report_id, b.rule_id, 'report' AS instance, b.level, 'fails' AS state, [] AS cells,
    string_agg(n.printed, '; ' ORDER BY t.table_id) AS printed
FROM tables t JOIN reports r USING (report_id) JOIN form_editions e ON e.edition = t.edition JOIN printed_editions n ON n.table_id = t.table_id AND n.edition = t.edition
    JOIN rule_book b ON b.kind = 'structure' AND b.test = 'wrong_year'
WHERE t.found AND t.table_id IN ('proactive', 'requests', 'statistics') AND (r.year < e.first_year OR r.year > e.last_year)
    AND t.report_id NOT IN (SELECT report_id FROM found JOIN rule_book h USING (rule_id) WHERE h.test = 'hybrid')
GROUP BY t.report_id, b.rule_id, b.level;

-- The report as a whole.
INSERT INTO found BY NAME
SELECT
    r.report_id, b.rule_id, 'report' AS instance, b.level, 'fails' AS state, [] AS cells, r.agency_name AS printed,
    r.agency_id AS meant
FROM reports r JOIN rule_book b ON b.kind = 'structure' AND (
    (b.test = 'agency_unknown' AND r.agency_id = 'unknown') OR (b.test = 'year_unknown' AND r.year IS NULL)
    OR (
        b.test = 'agency_inferred' AND r.agency_id <> 'unknown' AND r.agency_id IS DISTINCT FROM r.agency_name
        AND NOT coalesce((r.agency_name, r.agency_id) IN (SELECT (s.agency_name, s.agency_id) FROM agency_spellings s), FALSE)
    )
);

-- only if: FROM statements s JOIN reports r USING (report_id) WHERE s.metric = 'report.year' AND s.value <> r.year LIMIT 1
INSERT INTO found BY NAME
SELECT
    r.report_id, b.rule_id, 'report' AS instance, b.level, 'fails' AS state, any_value(r.year) AS expected,
    min(s.value) AS actual, [] AS cells, string_agg(DISTINCT plain(s.value), ', ' ORDER BY plain(s.value)) AS printed,
    any_value(r.year) AS meant
FROM reports r JOIN statements s ON s.report_id = r.report_id AND s.metric = 'report.year' AND s.value <> r.year
    JOIN rule_book b ON b.kind = 'structure' AND b.test = 'year_differs'
GROUP BY r.report_id, b.rule_id, b.level;

-- Published after the day that the law states for its level. The first of the agency's documents on the year counts. More than a year
-- late is no finding against the agency: sites that move stamp old pages anew.
-- only if: SELECT 1 FROM agency_levels LIMIT 1
INSERT INTO found BY NAME
WITH first_published AS (
    SELECT agency_id, year, min(published_on) AS published_on FROM reports
    WHERE agency_id <> 'unknown' AND year IS NOT NULL GROUP BY agency_id, year HAVING bool_and(published_on IS NOT NULL)
),
due AS (
    SELECT p.agency_id, p.year, p.published_on, max(make_date(p.year + 1, d.month, d.day)) AS last_day
    FROM first_published p LEFT JOIN agency_levels l USING (agency_id)
        JOIN deadlines d ON p.year BETWEEN d.first_year AND d.last_year AND (d.level = '*' OR d.level = l.level)
    GROUP BY p.agency_id, p.year, p.published_on
)
SELECT
    r.report_id, b.rule_id, 'report' AS instance,
    CASE WHEN d.published_on > d.last_day + INTERVAL 1 YEAR THEN 'info' ELSE b.level END AS level, 'fails' AS state,
    [] AS cells, CAST(d.published_on AS VARCHAR) AS printed, CAST(d.last_day AS VARCHAR) AS meant
FROM reports r JOIN due d ON d.agency_id = r.agency_id AND d.year = r.year AND d.published_on > d.last_day
    JOIN rule_book b ON b.kind = 'structure' AND b.test = 'late'
WHERE r.is_current;
