-- A report against the same agency's reports of other years. Only the current report of an agency and year is compared.
CREATE OR REPLACE TEMP TABLE pairs AS
SELECT n.report_id, p.report_id AS before_id, n.agency_id, n.year, hash(n.report_id) AS report_key, hash(p.report_id) AS before_key
FROM reports n JOIN reports p ON p.agency_id = n.agency_id AND p.year = n.year - 1
WHERE n.is_current AND p.is_current AND n.agency_id <> 'unknown';

-- Both reports must have the table with a number in it. One that a second reader read differently is ours to settle first.
CREATE OR REPLACE TEMP TABLE pair_tables AS
WITH held AS (
    SELECT t.report_id, t.table_id, t.edition, d.report_id IS NOT NULL AS doubtful
    FROM tables t ANTI JOIN unfiled u ON u.report_id = t.report_id AND u.table_id = t.table_id
        LEFT JOIN (SELECT DISTINCT report_id, table_id FROM open_remarks WHERE code = 'second.differs') d ON d.report_id = t.report_id AND d.table_id = t.table_id
    WHERE EXISTS (FROM pairs)
)
SELECT p.report_id, p.before_id, n.table_id, n.edition, b.edition AS before_edition, n.doubtful OR b.doubtful AS doubtful
FROM pairs p JOIN held n ON n.report_id = p.report_id JOIN held b ON b.report_id = p.before_id AND b.table_id = n.table_id;

-- The equations between two years. `part` is what the finding is about, `now` a cell of this year, `before` one of the year before;
-- part = sum of coefficient * the others. Zeros add nothing and are left out, as in the sums.
CREATE OR REPLACE TEMP TABLE year_terms AS
SELECT CASE WHEN c = 'total' THEN 'carried_over' ELSE 'carried_over_applicant' END AS test, c AS instance, NULL AS edition,
    'requests' AS table_id, 'carried_in' AS row_id, c AS col_id, t.part, t.term_row, c AS term_col, t.coefficient
FROM (SELECT unnest(['natural', 'business', 'research', 'charity', 'legal_service', 'other_org', 'total']) AS c),
    (VALUES ('part', 'carried_in', 1), ('before', 'carried_out', 1)) AS t (part, term_row, coefficient)
UNION ALL
SELECT 'in_force', r, '2021', 'proactive', r, 'in_force', t.part, r, t.term_col, t.coefficient
FROM (SELECT unnest(['regulations', 'normative']) AS r),
    (VALUES ('part', 'in_force', 1), ('before', 'in_force', 1), ('now', 'issued', 1), ('now', 'repealed', -1)) AS t (part, term_col, coefficient)
UNION ALL
SELECT 'items', r, '2019', 'proactive', r, 'prev_items', t.part, r, t.term_col, t.coefficient
FROM (SELECT unnest(['licence', 'other_service', 'penalty', 'coercion', 'admin_fee']) AS r),
    (VALUES ('part', 'prev_items', 1), ('before', 'prev_items', 1), ('before', 'change', 1)) AS t (part, term_col, coefficient);

CREATE OR REPLACE TEMP TABLE between_years AS
WITH used AS (
    SELECT * FROM gist WHERE row_id IN ('carried_in', 'carried_out') OR col_id IN ('in_force', 'issued', 'repealed', 'prev_items', 'change')
),
met AS (
    SELECT p.report_id, g.table_id, g.row_id, g.col_id, g.value, false AS earlier FROM used g JOIN pairs p USING (report_key)
    UNION ALL SELECT p.report_id, g.table_id, g.row_id, g.col_id, g.value, true FROM used g JOIN pairs p ON p.before_key = g.report_key
),
added AS (
    SELECT m.report_id, t.test, t.instance, any_value(t.edition) AS edition, any_value(t.table_id) AS table_id,
        any_value(t.row_id) AS row_id, any_value(t.col_id) AS col_id,
        coalesce(sum(m.value) FILTER (t.part = 'part'), 0) AS printed, coalesce(sum(t.coefficient * m.value) FILTER (t.part <> 'part'), 0) AS wanted,
        coalesce(sum(m.value) FILTER (t.part = 'before'), 0) AS earlier, count(*) FILTER (m.value IS NULL) AS gaps
    FROM met m JOIN year_terms t ON t.table_id = m.table_id AND t.term_row = m.row_id AND t.term_col = m.col_id AND m.earlier = (t.part = 'before')
    GROUP BY m.report_id, t.test, t.instance
)
SELECT a.*, b.rule_id, b.level, p.edition AS form, a.gaps > 0 OR p.doubtful AS unsure
FROM added a JOIN pair_tables p ON p.report_id = a.report_id AND p.table_id = a.table_id
    JOIN rule_book b ON b.kind = 'years' AND b.test = a.test
WHERE a.printed <> a.wanted AND (a.edition IS NULL OR (p.edition = a.edition AND p.before_edition = a.edition));

INSERT INTO found BY NAME
SELECT
    report_id, rule_id, instance, level, 'fails' AS state, wanted AS expected, printed AS actual,
    [cell_key(table_id, row_id, col_id)] AS cells,
    CASE WHEN starts_with(test, 'carried_over') THEN 'carried over' END AS cause, form AS edition, table_id, row_id,
    col_id, plain(printed) AS printed, plain(wanted) AS meant
FROM between_years WHERE NOT unsure;

-- How many documents are in force is carried on from year to year by a habit of the agency: one finding a kind of document, on its latest report, says all years.
-- only if: SELECT 1 FROM found WHERE rule_id IN (SELECT rule_id FROM rule_book WHERE kind = 'years' AND test = 'in_force') LIMIT 1
CREATE OR REPLACE TEMP TABLE breaks_in_force AS
SELECT f.rowid AS no, row_number() OVER w AS nth, count(*) OVER a AS breaks,
    string_agg(p.year || ' ' || f.printed, '; ') OVER all_of AS printed, string_agg(p.year || ' ' || f.meant, '; ') OVER all_of AS meant
FROM found f JOIN pairs p USING (report_id) JOIN rule_book b ON b.rule_id = f.rule_id AND b.kind = 'years' AND b.test = 'in_force'
WHERE f.state = 'fails'
WINDOW a AS (PARTITION BY p.agency_id, f.instance), w AS (PARTITION BY p.agency_id, f.instance ORDER BY p.year DESC),
    all_of AS (PARTITION BY p.agency_id, f.instance ORDER BY p.year ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING);

-- only if: SELECT 1 FROM found WHERE rule_id IN (SELECT rule_id FROM rule_book WHERE kind = 'years' AND test = 'in_force') LIMIT 1
UPDATE found SET printed = k.printed, meant = k.meant FROM breaks_in_force k WHERE found.rowid = k.no AND k.breaks > 1 AND k.nth = 1;

-- only if: SELECT 1 FROM found WHERE rule_id IN (SELECT rule_id FROM rule_book WHERE kind = 'years' AND test = 'in_force') LIMIT 1
DELETE FROM found WHERE rowid IN (SELECT no FROM breaks_in_force WHERE nth > 1);

-- What cannot be compared is said once a table.
INSERT INTO found BY NAME
SELECT
    report_id, rule_id, table_id AS instance, 'info' AS level, 'not_assessable' AS state,
    list(cell_key(table_id, row_id, col_id) ORDER BY instance) AS cells, any_value(form) AS edition, table_id,
    min_by(row_id, instance) AS row_id, min_by(col_id, instance) AS col_id, sum(gaps) AS unread
FROM between_years WHERE unsure GROUP BY report_id, rule_id, table_id;

-- Across a change of the form 表二 counts other things: said once, and nothing is compared.
INSERT INTO found BY NAME
SELECT
    p.report_id, b.rule_id, 'proactive' AS instance, b.level, 'not_assessable' AS state, [] AS cells,
    max(n.edition) AS edition, max(e.edition) AS printed, max(n.edition) AS meant
FROM pairs p JOIN rule_book b ON b.kind = 'years' AND b.test = 'form_changed'
    JOIN (SELECT report_id, edition FROM tables WHERE table_id IN ('proactive', 'statistics') AND found) n ON n.report_id = p.report_id
    JOIN (SELECT report_id, edition FROM tables WHERE table_id IN ('proactive', 'statistics') AND found) e ON e.report_id = p.before_id
GROUP BY p.report_id, b.rule_id, b.level HAVING NOT bool_or(e.edition = n.edition);

-- Money that is ten thousand times, or a ten-thousandth of, the year before: 元 for 万元. Only where both have one unit, as printed or by the form.
INSERT INTO found BY NAME
WITH jumps AS (
    SELECT p.report_id, p.before_id, n.edition, n.row_id, n.col_id
    FROM pairs p JOIN gist n ON n.report_key = p.report_key AND n.table_id = 'proactive' AND n.col_id IN ('fee_amount', 'amount') AND n.value > 0
        JOIN gist e ON e.report_key = p.before_key AND e.table_id = n.table_id AND e.row_id = n.row_id AND e.col_id = n.col_id AND e.value > 0
        JOIN rule_book b ON b.kind = 'years' AND b.test = 'unit_jump'
            AND (n.value BETWEEN e.value * b.limit / 2 AND e.value * b.limit * 2 OR e.value BETWEEN n.value * b.limit / 2 AND n.value * b.limit * 2)
),
money AS (SELECT * FROM cells WHERE table_id = 'proactive' AND report_id IN (SELECT report_id FROM jumps UNION ALL SELECT before_id FROM jumps))
SELECT
    j.report_id, b.rule_id, j.row_id AS instance, b.level, 'fails' AS state, e.value AS expected, n.value AS actual,
    [cell_key('proactive', j.row_id, j.col_id)] AS cells, j.edition, 'proactive' AS table_id, j.row_id, j.col_id,
    plain(n.value) || coalesce(n.unit, '') AS printed, plain(e.value) || coalesce(e.unit, '') AS meant
FROM jumps j JOIN money n USING (report_id, row_id, col_id)
    JOIN money e ON e.report_id = j.before_id AND e.row_id = j.row_id AND e.col_id = j.col_id AND e.unit IS NOT DISTINCT FROM n.unit
    JOIN rule_book b ON b.kind = 'years' AND b.test = 'unit_jump';

-- 历年累计 does not shrink.
INSERT INTO found BY NAME
SELECT
    p.report_id, b.rule_id, n.row_id AS instance, b.level, 'fails' AS state, e.value AS expected, n.value AS actual,
    [cell_key('statistics', n.row_id, 'cumulative')] AS cells, n.edition, 'statistics' AS table_id, n.row_id,
    'cumulative' AS col_id, plain(n.value) AS printed, plain(e.value) AS meant
FROM pairs p JOIN gist n ON n.report_key = p.report_key AND n.col_id = 'cumulative'
    JOIN gist e ON e.report_key = p.before_key AND e.col_id = 'cumulative' AND e.row_id = n.row_id AND e.edition = n.edition AND n.value < e.value
    JOIN rule_book b ON b.kind = 'years' AND b.test = 'cumulative';

-- No request in two years, yet disputes.
INSERT INTO found BY NAME
WITH asked AS (SELECT report_key FROM filled WHERE requests > 0),
disputed_cases AS (SELECT report_key, any_value(edition) AS edition, sum(value) AS cases FROM gist WHERE table_id = 'disputes' GROUP BY report_key)
SELECT
    p.report_id, b.rule_id, 'disputes' AS instance, b.level, 'fails' AS state, 0 AS expected, d.cases AS actual,
    ['review', 'direct', 'after_review'].list_transform(lambda k: cell_key('disputes', 'cases', k || '.total')) AS cells,
    d.edition, 'disputes' AS table_id, plain(d.cases) AS printed
FROM pairs p SEMI JOIN pair_tables t ON t.report_id = p.report_id AND t.table_id = 'requests'
    ANTI JOIN asked n ON n.report_key = p.report_key ANTI JOIN asked e ON e.report_key = p.before_key
    JOIN disputed_cases d ON d.report_key = p.report_key AND d.cases > 0
    JOIN rule_book b ON b.kind = 'years' AND b.test = 'disputes_alone';

-- The same numbers as the year before. A few small ones agree by chance: it takes `limit` different ones of two digits and more.
INSERT INTO found BY NAME
WITH same AS (
    SELECT p.report_id, p.report_key, p.year FROM pairs p JOIN filled n USING (report_key)
        JOIN filled e ON e.report_key = p.before_key AND e.signature = n.signature AND e.numbers = n.numbers
)
SELECT
    s.report_id, b.rule_id, 'report' AS instance, b.level, 'fails' AS state, count(DISTINCT h.value) AS actual,
    [] AS cells, CAST(s.year - 1 AS VARCHAR) AS printed
FROM same s JOIN hot h ON h.report_key = s.report_key AND abs(h.value) >= 10
    JOIN rule_book b ON b.kind = 'years' AND b.test = 'same_numbers'
GROUP BY s.report_id, s.year, b.rule_id, b.level, b.limit HAVING count(DISTINCT h.value) >= b.limit;

-- The prose of the year before, by the share of bits of the sketches that agree: 1 - 2 * differing / all estimates the share of clauses in common.
INSERT INTO found BY NAME
WITH compared AS (
    SELECT p.report_id, p.year - 1 AS earlier, 1 - bit_count(xor(unhex(n.sketch)::BIT, unhex(e.sketch)::BIT)) / (2.0 * length(n.sketch)) AS share
    FROM pairs p JOIN reports n USING (report_id) JOIN reports e ON e.report_id = p.before_id
    WHERE length(n.sketch) = length(e.sketch)
)
SELECT
    c.report_id, b.rule_id, 'report' AS instance, b.level, 'fails' AS state, round(c.share * 100) AS actual,
    [] AS cells, CAST(c.earlier AS VARCHAR) AS printed
FROM compared c JOIN rule_book b ON b.kind = 'years' AND b.test = 'same_words' AND c.share * 100 >= b.limit;

-- Far from the agency's own other years: beyond `limit` times their median, with a modified z-score above 3.5, and not all small.
CREATE OR REPLACE TEMP TABLE history AS
WITH kept AS (
    SELECT r.report_id, r.agency_id, r.year FROM reports r
        SEMI JOIN (SELECT agency_id FROM reports WHERE is_current AND year IS NOT NULL GROUP BY agency_id HAVING count(*) >= 5) a USING (agency_id)
    WHERE r.is_current AND r.agency_id <> 'unknown'
)
SELECT k.report_id, k.agency_id, k.year, c.edition, c.table_id, c.row_id, c.col_id, c.value
FROM cells c JOIN kept k USING (report_id)
WHERE c.value IS NOT NULL AND EXISTS (FROM kept) AND (
    (c.table_id = 'requests' AND c.row_id = 'new' AND c.col_id = 'total') OR (c.table_id = 'disputes' AND ends_with(c.col_id, '.total'))
    OR (c.table_id = 'proactive' AND c.col_id IN ('decisions', 'issued')));

INSERT INTO found BY NAME
WITH wide AS (
    SELECT agency_id, table_id, row_id, col_id FROM history GROUP BY ALL HAVING count(*) >= 5 AND max(value) >= 30 AND max(value) >= 5 * median(value)
        OR count(*) >= 5 AND median(value) >= 30 AND 5 * min(value) <= median(value)
),
others AS (
    SELECT n.report_id, n.edition, n.table_id, n.row_id, n.col_id, n.value, median(o.value) AS middle, list(o.value) AS all_values
    FROM history n SEMI JOIN wide w USING (agency_id, table_id, row_id, col_id)
        JOIN history o ON o.agency_id = n.agency_id AND o.table_id = n.table_id AND o.row_id = n.row_id AND o.col_id = n.col_id AND o.year <> n.year
    GROUP BY ALL
),
spread AS (
    SELECT *, list_median(all_values.list_transform(lambda v: abs(v - middle))) AS mad FROM others
)
SELECT
    s.report_id, b.rule_id, cell_key(s.table_id, s.row_id, s.col_id) AS instance, b.level, 'fails' AS state,
    s.middle AS expected, s.value AS actual, [cell_key(s.table_id, s.row_id, s.col_id)] AS cells, s.edition,
    s.table_id, s.row_id, s.col_id, plain(s.value) AS printed, plain(CAST(s.middle AS DECIMAL(24, 6))) AS meant
FROM spread s JOIN rule_book b ON b.kind = 'years' AND b.test = 'outlier'
WHERE s.middle > 0 AND greatest(s.value, s.middle) >= 30 AND (s.value >= b.limit * s.middle OR s.middle >= b.limit * s.value)
    AND 0.6745 * abs(s.value - s.middle) > 3.5 * greatest(s.mad, 1);
