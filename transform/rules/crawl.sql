-- What only a crawl sees. A published report that was changed: the same address gave another document before.

-- only if: SELECT 1 FROM documents WHERE url IS NOT NULL LIMIT 1
INSERT INTO found BY NAME
WITH versions AS (
    SELECT r.report_id, lag(r.report_id) OVER (PARTITION BY d.url, r.year ORDER BY d.fetched_at, d.document_id) AS before_id
    FROM reports r JOIN documents d USING (document_id)
    WHERE d.url IS NOT NULL
),
pairs AS (SELECT * FROM versions WHERE before_id IS NOT NULL),
changed AS (
    SELECT p.report_id, c.table_id, c.row_id, c.col_id, n.position
    FROM pairs p
    JOIN cells c ON c.report_id = p.report_id
    JOIN form_names n ON n.edition = c.edition AND n.table_id = c.table_id AND n.row_id = c.row_id AND n.col_id = c.col_id
    LEFT JOIN cells o ON o.report_id = p.before_id AND o.table_id = c.table_id AND o.row_id = c.row_id AND o.col_id = c.col_id
    WHERE c.value IS DISTINCT FROM o.value OR c.state IS DISTINCT FROM o.state
),
listed AS (
    SELECT report_id, list(cell_key(table_id, row_id, col_id) ORDER BY table_id, position) AS cells FROM changed GROUP BY report_id
),
newest AS (SELECT report_id, max(edition) AS edition FROM tables WHERE found GROUP BY report_id)
SELECT
    p.report_id, b.rule_id, 'report' AS instance, b.level, 'fails' AS state, len(coalesce(l.cells, [])) AS actual,
    coalesce(l.cells, []) AS cells, e.edition, p.before_id AS printed
FROM pairs p LEFT JOIN listed l USING (report_id) LEFT JOIN newest e USING (report_id)
    JOIN rule_book b ON b.kind = 'corpus' AND b.test = 'restated';

-- One file on the lists of several agencies.
-- only if: SELECT 1 FROM documents WHERE contains(listed_by, ', ') LIMIT 1
INSERT INTO found BY NAME
SELECT
    r.report_id, b.rule_id, 'report' AS instance, b.level, 'fails' AS state, [] AS cells,
    d.listed_by AS printed
FROM reports r JOIN documents d USING (document_id) JOIN rule_book b ON b.kind = 'corpus' AND b.test = 'same_file'
WHERE contains(d.listed_by, ', ');
