-- What is compared across reports, and what each report comes to: cells of 表三 and a signature of all numbers. Both from `hot`
-- (see inputs.sql), by hashes: one more pass over the texts of all cells would cost as much as the sums.
CREATE OR REPLACE TEMP TABLE gist AS
SELECT h.report_key, f.edition, f.table_id, f.row_id, f.col_id, h.value
FROM hot h JOIN (
    SELECT hash(edition, table_id, row_id, col_id) AS cell_key, edition, table_id, row_id, col_id FROM form_names
    WHERE (table_id = 'requests' AND (row_id IN ('carried_in', 'carried_out') OR (col_id = 'total' AND row_id IN ('new', 'result_total'))))
        OR table_id = 'proactive' OR (table_id = 'disputes' AND ends_with(col_id, '.total')) OR (table_id = 'statistics' AND col_id = 'cumulative')
) f USING (cell_key);

CREATE OR REPLACE TEMP TABLE filled AS
SELECT h.report_key, count(f.cell_key) AS requests, bit_xor(hash(h.cell_key, h.value)) AS signature, count(h.value) AS numbers
FROM hot h LEFT JOIN (SELECT hash(edition, table_id, row_id, col_id) AS cell_key FROM form_names WHERE table_id = 'requests') f USING (cell_key)
GROUP BY h.report_key;
