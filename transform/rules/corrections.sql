-- What people said of single cells: table `corrections`, which load fills from data/corrections/; it is empty for a draft.
-- only if: FROM corrections LIMIT 1
INSERT INTO found BY NAME
SELECT
    k.report_id, b.rule_id, concat_ws('|', k.table_id, k.row_id, k.col_id) AS instance, b.level, 'fails' AS state,
    CASE WHEN b.rule_id = 'correction.misprint' THEN k.value_meant END AS expected,
    CASE WHEN b.rule_id = 'correction.misprint' THEN k.value_read END AS actual,
    CASE WHEN k.state_read IS NULL THEN [] ELSE [cell_key(k.table_id, k.row_id, k.col_id)] END AS cells, t.edition,
    k.table_id, k.row_id, k.col_id, coalesce(trim(k.text_read), '') AS printed,
    CASE
        WHEN b.rule_id = 'correction.misreading' THEN k.text_meant
        ELSE concat_ws('；', k.text_meant, k.reason)
    END AS meant
FROM corrections k
    JOIN rule_book b ON b.kind = 'remark' AND b.rule_id = 'correction.' || CASE WHEN k.is_stale THEN 'stale' ELSE k.kind END
    LEFT JOIN tables t ON t.report_id = k.report_id AND t.table_id = k.table_id
WHERE k.finding_id IS NULL;
