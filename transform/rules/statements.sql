-- What the prose says, against the tables and against itself. Rows of `statements` whose statement_id begins with one number belong together.
CREATE OR REPLACE TEMP MACRO claim_of(id) AS CAST(split_part(id, '.', 1) AS INTEGER);
-- One unit of the last decimal of a rate: rates are rounded by some and cut by others.
CREATE OR REPLACE TEMP MACRO step_of(x) AS CASE WHEN x % 1 = 0 THEN 1 WHEN x * 10 % 1 = 0 THEN 0.1 WHEN x * 100 % 1 = 0 THEN 0.01 ELSE 0.001 END;

CREATE OR REPLACE TEMP TABLE scopes AS
SELECT report_id, claim_of(statement_id) AS claim, sentence AS scope FROM statements WHERE metric = 'scope';

-- A count that is stated twice is one claim; it is of another scope only if it is so each time.
CREATE OR REPLACE TEMP TABLE claims AS
SELECT s.report_id, s.metric, s.value, s.test, arg_min(s.sentence, s.claim) AS sentence, CASE WHEN count(x.scope) = count(*) THEN min(x.scope) END AS scope
FROM (
    SELECT s.report_id, claim_of(s.statement_id) AS claim, s.metric, s.value, m.test, s.sentence
    FROM statements s JOIN (SELECT DISTINCT metric, test FROM statement_terms) m USING (metric)
) s LEFT JOIN scopes x ON x.report_id = s.report_id AND x.claim = s.claim
GROUP BY s.report_id, s.metric, s.value, s.test;

-- The sieve, as for sums: it lets through each claim that no reading of its words bears out by printed numbers alone.
CREATE OR REPLACE TEMP TABLE doubted AS
WITH terms AS (SELECT metric, reading, coefficient, hash(edition, table_id, row_id, col_id) AS cell_key FROM statement_terms),
hot AS (
    SELECT hash(report_id) AS report_key, hash(edition, table_id, row_id, col_id) AS cell_key, value
    FROM cells WHERE EXISTS (FROM claims) AND (value <> 0 OR value IS NULL) AND col_id IN (SELECT col_id FROM statement_terms)
),
sums AS (
    SELECT h.report_key, t.metric, t.reading, sum(t.coefficient * h.value) AS total, count(*) > count(h.value) AS gaps
    FROM hot h JOIN terms t ON h.cell_key = t.cell_key GROUP BY ALL
)
SELECT c.report_id, c.metric, c.value FROM claims c LEFT JOIN sums s ON s.report_key = hash(c.report_id) AND s.metric = c.metric
GROUP BY ALL HAVING NOT coalesce(bool_or(s.total = c.value AND NOT s.gaps), c.value = 0);

-- For each of these and each reading what the table says. A blank total is at least what its row holds otherwise.
-- only if: FROM doubted LIMIT 1
CREATE OR REPLACE TEMP TABLE answers AS
WITH wanted AS (
    SELECT c.report_id, c.metric, c.value AS stated, t.*  EXCLUDE (metric)
    FROM doubted c JOIN tables b ON b.report_id = c.report_id AND b.found
        JOIN statement_terms t ON t.metric = c.metric AND t.table_id = b.table_id AND t.edition = b.edition
        ANTI JOIN unfiled f ON f.report_id = c.report_id AND f.table_id = t.table_id
),
theirs AS (SELECT report_id, table_id, row_id, col_id, edition, value FROM cells WHERE report_id IN (SELECT report_id FROM wanted)),
least AS (
    SELECT k.report_id, k.table_id, k.row_id, sum(k.value) AS least
    FROM theirs k JOIN form_names n ON n.edition = k.edition AND n.table_id = k.table_id AND n.row_id = k.row_id AND n.col_id = k.col_id AND NOT n.optional
    WHERE k.table_id = 'requests' AND k.col_id <> 'total' GROUP BY ALL
)
SELECT w.report_id, w.metric, w.stated, w.reading, any_value(w.edition) AS edition, any_value(w.table_id) AS table_id,
    sum(w.coefficient * coalesce(k.value, l.least, 0)) AS total, count(*) FILTER (k.value IS NULL) AS gaps, bool_or(w.coefficient < 0) AS less,
    list(cell_key(w.table_id, w.row_id, w.col_id) ORDER BY w.row_id, w.col_id) AS cells, min(w.row_id) AS row_id, min(w.col_id) AS col_id
FROM wanted w LEFT JOIN theirs k ON k.report_id = w.report_id AND k.table_id = w.table_id AND k.row_id = w.row_id AND k.col_id = w.col_id
    LEFT JOIN least l ON k.value IS NULL AND l.report_id = w.report_id AND l.table_id = w.table_id AND l.row_id = w.row_id
GROUP BY w.report_id, w.metric, w.stated, w.reading;

-- only if: FROM doubted LIMIT 1
INSERT INTO found BY NAME
WITH judged AS (  -- a reading with gaps is open unless its least sum is beyond the figure already
    SELECT report_id, metric, stated, bool_or(gaps > 0 AND (less OR total <= stated)) AS open, min(reading) AS reading
    FROM answers GROUP BY ALL HAVING NOT bool_or(total = stated)
)
SELECT
    c.report_id, b.rule_id, c.metric || ' = ' || plain(c.value) AS instance,
    CASE WHEN j.open THEN 'info' ELSE b.level END AS level,
    CASE WHEN j.open THEN 'not_assessable' ELSE 'fails' END AS state, TRY_CAST(a.total AS DECIMAL(24, 6)) AS expected,
    c.value AS actual, a.cells, a.edition, a.table_id, a.row_id, a.col_id, a.gaps AS unread, c.sentence AS printed,
    c.scope AS meant
FROM judged j JOIN claims c ON c.report_id = j.report_id AND c.metric = j.metric AND c.value = j.stated
    JOIN answers a ON a.report_id = j.report_id AND a.metric = j.metric AND a.stated = j.stated AND a.reading = j.reading
    JOIN rule_book b ON b.kind = 'statement' AND b.test = CASE WHEN c.scope IS NOT NULL AND NOT j.open THEN 'scope' ELSE c.test END;

-- A total and its parts. Parts that need not be all of them can only be too many.
-- only if: FROM statements WHERE metric = 'parts.part' LIMIT 1
INSERT INTO found BY NAME
WITH lists AS (
    SELECT report_id, claim_of(statement_id) AS claim, min(metric) FILTER (metric <> 'parts.part') AS kind, min(value) FILTER (metric <> 'parts.part') AS whole,
        sum(value) FILTER (metric = 'parts.part') AS parts, min(sentence) AS sentence
    FROM statements WHERE metric IN ('parts.whole', 'parts.some', 'parts.part') GROUP BY ALL
)
SELECT
    l.report_id, b.rule_id,
    plain(l.whole) || ' / ' || plain(l.parts) || ' #' || row_number() OVER (PARTITION BY l.report_id, l.whole,
    l.parts ORDER BY l.claim) AS instance,
    CASE WHEN x.scope IS NULL THEN b.level ELSE 'info' END AS level, 'fails' AS state, l.parts AS expected,
    l.whole AS actual, [] AS cells, l.sentence AS printed
FROM lists l JOIN rule_book b ON b.kind = 'statement' AND b.test = CASE l.kind WHEN 'parts.whole' THEN 'parts' ELSE 'parts_beyond' END
    LEFT JOIN scopes x ON x.report_id = l.report_id AND x.claim = l.claim
WHERE CASE l.kind WHEN 'parts.whole' THEN l.parts <> l.whole ELSE l.parts > l.whole END;

-- A part in percent of its whole.
-- only if: FROM statements WHERE metric = 'share.percent' LIMIT 1
INSERT INTO found BY NAME
WITH shares AS (
    SELECT report_id, claim_of(statement_id) AS claim, min(value) FILTER (metric = 'share.percent') AS percent, min(sentence) AS sentence,
        min(value) FILTER (metric = 'share.part') AS part, min(value) FILTER (metric = 'share.whole') AS whole
    FROM statements WHERE metric IN ('share.percent', 'share.part', 'share.whole') GROUP BY ALL
)
SELECT
    s.report_id, b.rule_id, plain(s.part) || ' / ' || plain(s.whole) || ' = ' || plain(s.percent) AS instance,
    CASE WHEN x.scope IS NULL THEN b.level ELSE 'info' END AS level, 'fails' AS state,
    round(CAST(100 * s.part / s.whole AS DOUBLE), 2) AS expected, s.percent AS actual, [] AS cells,
    min(s.sentence) AS printed, plain(s.part) || ' / ' || plain(s.whole) AS meant
FROM shares s JOIN rule_book b ON b.kind = 'statement' AND b.test = 'share' LEFT JOIN scopes x ON x.report_id = s.report_id AND x.claim = s.claim
WHERE s.whole > 0 AND abs(CAST(100 * s.part / s.whole AS DOUBLE) - s.percent) >= step_of(s.percent)
GROUP BY s.report_id, b.rule_id, s.part, s.whole, s.percent, b.level, x.scope;

-- Growth, by the figure that the sentence gives for the year before, or else by what last year's report holds, in any reading.
-- only if: FROM statements WHERE metric = 'growth.percent' LIMIT 1
INSERT INTO found BY NAME
WITH rates AS (
    SELECT report_id, claim_of(statement_id) AS claim, min(value) FILTER (metric = 'growth.percent') AS percent, min(sentence) AS sentence,
        min(value) FILTER (metric = 'growth.now') AS now, min(value) FILTER (metric = 'growth.before') AS before
    FROM statements WHERE metric IN ('growth.percent', 'growth.now', 'growth.before') GROUP BY ALL
),
last_year AS (
    SELECT q.report_id, p.report_id AS former FROM (SELECT DISTINCT report_id FROM rates WHERE before IS NULL) q JOIN reports r USING (report_id)
        JOIN reports p ON p.agency_id = r.agency_id AND p.year = r.year - 1 AND p.is_current AND p.agency_id <> 'unknown'
),
their_cells AS (SELECT report_id, row_id, value FROM cells WHERE table_id = 'requests' AND row_id IN ('new', 'carried_in') AND col_id = 'total'
    AND report_id IN (SELECT former FROM last_year)),
bases AS (
    SELECT r.report_id, r.claim, r.before FROM rates r WHERE r.before > 0
    UNION ALL
    SELECT r.report_id, r.claim, b.value FROM rates r JOIN last_year l USING (report_id) JOIN (
        SELECT report_id, value FROM their_cells WHERE row_id = 'new'
        UNION ALL SELECT report_id, sum(value) FROM their_cells GROUP BY report_id HAVING count(value) = 2
        UNION ALL SELECT report_id, value FROM claims WHERE metric = 'requests.received'
    ) b ON b.report_id = l.former AND b.value > 0
    WHERE r.before IS NULL
),
judged AS (
    SELECT r.report_id, r.claim, r.percent, r.sentence, r.now,
        -- of bases that fit equally well the smallest, so that every judgement of the same data makes the same finding
        arg_min(b.before, {'off': abs(100 * (r.now - b.before) / b.before - r.percent), 'base': b.before}) AS base
    FROM rates r JOIN bases b ON b.report_id = r.report_id AND b.claim = r.claim GROUP BY ALL
)
SELECT
    j.report_id, b.rule_id, plain(j.now) || ' : ' || plain(j.base) || ' = ' || plain(j.percent) AS instance,
    CASE WHEN x.scope IS NULL THEN b.level ELSE 'info' END AS level, 'fails' AS state,
    round(CAST(100 * (j.now - j.base) / j.base AS DOUBLE), 2) AS expected, j.percent AS actual, [] AS cells,
    min(j.sentence) AS printed, plain(j.now) || ' : ' || plain(j.base) AS meant
FROM judged j JOIN rule_book b ON b.kind = 'statement' AND b.test = 'growth' LEFT JOIN scopes x ON x.report_id = j.report_id AND x.claim = j.claim
WHERE abs(CAST(100 * (j.now - j.base) / j.base AS DOUBLE) - j.percent) >= step_of(j.percent)
GROUP BY j.report_id, b.rule_id, j.now, j.base, j.percent, b.level, x.scope;

-- The statistics' period: the form asks for the whole year.
-- only if: FROM statements WHERE metric = 'period.begin' OR metric = 'period.end' LIMIT 1
INSERT INTO found BY NAME
WITH periods AS (
    SELECT report_id, CAST(min(value) FILTER (metric = 'period.begin') AS BIGINT) AS first, CAST(max(value) FILTER (metric = 'period.end') AS BIGINT) AS last,
        min(sentence) AS sentence
    FROM statements WHERE metric IN ('period.begin', 'period.end') GROUP BY report_id
)
SELECT
    p.report_id, b.rule_id, 'report' AS instance, b.level, 'fails' AS state, [] AS cells, p.sentence AS printed
FROM periods p JOIN reports r USING (report_id) JOIN rule_book b ON b.kind = 'statement' AND b.test = 'period'
WHERE (p.first % 10000 <> 101 OR p.last % 10000 <> 1231 OR p.first // 10000 <> p.last // 10000) AND NOT coalesce(r.year < b.limit, false);

-- The six sections: those whose headings are lines of their own, in the editions that prescribe them.
CREATE OR REPLACE TEMP TABLE headings AS
SELECT s.report_id, b.edition, f.section_id, f.position, f.label_zh, s.value AS number, claim_of(s.statement_id) AS place
FROM statements s JOIN tables b ON b.report_id = s.report_id AND b.table_id = 'requests' AND b.found
    JOIN form_sections f ON f.edition = b.edition AND s.metric = 'section.' || f.section_id
WHERE s.metric LIKE 'section.%';

INSERT INTO found BY NAME
WITH gone AS (
    SELECT h.report_id, h.edition, string_agg(f.label_zh, '；' ORDER BY f.position) AS labels
    FROM (SELECT DISTINCT report_id, edition FROM headings) h JOIN form_sections f USING (edition)
        ANTI JOIN headings x ON x.report_id = h.report_id AND x.section_id = f.section_id
    GROUP BY ALL
),
orders AS (
    SELECT report_id, string_agg(label_zh, '；' ORDER BY place) AS labels FROM headings
    GROUP BY report_id HAVING list(position ORDER BY place) <> list(position ORDER BY position)
),
numbers AS (
    SELECT report_id, string_agg(label_zh || ' → ' || '一二三四五六七八九十'[CAST(number AS INTEGER)], '；' ORDER BY place) AS labels
    FROM headings h WHERE number <> position
        -- the table of fees, where a report has it, is the fifth part and moves those behind it by one
        AND NOT (position >= 5 AND number = position + 1 AND EXISTS (FROM tables t WHERE t.report_id = h.report_id AND t.table_id = 'fees' AND t.found))
    GROUP BY report_id
)
SELECT
    p.report_id, b.rule_id, 'report' AS instance, b.level, 'fails' AS state, [] AS cells, p.labels AS printed
FROM (
    SELECT report_id, labels, 'section_missing' AS test FROM gone
    UNION ALL SELECT report_id, labels, 'section_order' FROM orders
    UNION ALL SELECT report_id, labels, 'section_number' FROM numbers
) p JOIN rule_book b ON b.kind = 'structure' AND b.test = p.test;

INSERT INTO found BY NAME
SELECT
    s.report_id, b.rule_id, 'report' AS instance, b.level, 'fails' AS state, s.value AS actual, [] AS cells,
    s.sentence AS printed
FROM statements s JOIN rule_book b ON b.kind = 'structure' AND b.test = 'section_empty'
WHERE s.metric = 'words.s5' AND s.value < b.limit;

INSERT INTO found BY NAME
SELECT
    s.report_id, b.rule_id, 'report' AS instance, b.level, 'fails' AS state, [] AS cells
FROM statements s JOIN reports r USING (report_id) JOIN rule_book b ON b.kind = 'structure' AND b.test = 'fees_silent'
    ANTI JOIN statements m ON m.report_id = s.report_id AND m.metric = 'fees.mentioned'
    ANTI JOIN tables t ON t.report_id = s.report_id AND t.table_id = 'fees' AND t.found
WHERE s.metric = 'words.s6' AND r.year >= b.limit;
