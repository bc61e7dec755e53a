-- The fees for handling requests: the table of fees in itself, against table 三 and against table 二.
-- only if: SELECT 1 FROM tables WHERE table_id = 'fees' AND found LIMIT 1
CREATE OR REPLACE TEMP TABLE fees_stated AS
SELECT c.report_id, any_value(c.edition) FILTER (c.table_id = 'fees') AS edition,
    any_value(c.value) FILTER (c.table_id = 'fees' AND c.col_id = 'notices') AS notices,
    any_value(c.value) FILTER (c.table_id = 'fees' AND c.col_id = 'billed') AS billed,
    any_value(c.value) FILTER (c.table_id = 'fees' AND c.col_id = 'collected') AS collected,
    any_value(c.value) FILTER (c.table_id = 'requests') AS given_up,
    any_value(c.value) FILTER (c.table_id = 'proactive') AS treasury
FROM cells c SEMI JOIN (FROM tables WHERE table_id = 'fees' AND found) t USING (report_id)
WHERE c.table_id = 'fees' OR (c.table_id = 'requests' AND c.row_id = 'other.no_fee' AND c.col_id = 'total')
    OR (c.table_id = 'proactive' AND c.row_id = 'admin_fee' AND c.col_id = 'fee_amount')
GROUP BY c.report_id;

-- only if: SELECT 1 FROM tables WHERE table_id = 'fees' AND found LIMIT 1
INSERT INTO found BY NAME
WITH asked AS (
    SELECT report_id, edition, 'fee_step' AS test, 'billed' AS col_id, billed AS value, NULL AS other, [cell_key('fees', 'fees', 'billed')] AS cells
    FROM fees_stated WHERE billed % (SELECT any_value("limit") FROM rule_book WHERE test = 'fee_step') <> 0
    UNION ALL
    SELECT report_id, edition, 'fee_step', 'collected', collected, NULL, [cell_key('fees', 'fees', 'collected')]
    FROM fees_stated WHERE collected % (SELECT any_value("limit") FROM rule_book WHERE test = 'fee_step') <> 0
    UNION ALL
    SELECT report_id, edition, 'fee_pair', 'notices', notices, billed, [cell_key('fees', 'fees', 'notices'), cell_key('fees', 'fees', 'billed')]
    FROM fees_stated WHERE (notices = 0) <> (billed = 0)
    UNION ALL
    SELECT report_id, edition, 'fee_notices', 'notices', notices, given_up,
        [cell_key('fees', 'fees', 'notices'), cell_key('requests', 'other.no_fee', 'total')]
    FROM fees_stated WHERE given_up > notices
    UNION ALL
    SELECT report_id, edition, 'fee_treasury', 'collected', collected, treasury,
        [cell_key('fees', 'fees', 'collected'), cell_key('proactive', 'admin_fee', 'fee_amount')]
    FROM fees_stated WHERE collected > 0 AND treasury = 0
)
SELECT
    a.report_id, b.rule_id, 'fees|' || a.col_id AS instance, b.level, 'fails' AS state, a.value AS actual, a.cells,
    a.edition, 'fees' AS table_id, 'fees' AS row_id, a.col_id, plain(a.value) AS printed, plain(a.other) AS meant
FROM asked a JOIN rule_book b ON b.kind = 'cell' AND b.test = a.test;
