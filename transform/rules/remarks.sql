-- Doubts met while reading, and what a second reader said.
-- What a person has settled (table `corrections`) is no doubt any more: how the text was read, where it was misread, and
-- whether it was read rightly, where somebody looked at it.
CREATE OR REPLACE TEMP TABLE remarks AS
SELECT m.* FROM (
SELECT report_id, table_id, edition, r.code, r.row_id, r.col_id, r.printed, r.meant
FROM (
    SELECT report_id, table_id, edition, unnest(from_json(note, '[{"code":"VARCHAR","row_id":"VARCHAR","col_id":"VARCHAR","printed":"VARCHAR","meant":"VARCHAR"}]')) AS r
    FROM tables WHERE note <> '[]'
)) m ANTI JOIN (SELECT report_id, table_id, row_id, col_id, kind FROM corrections WHERE NOT is_stale AND finding_id IS NULL) k
    ON k.report_id = m.report_id AND k.table_id = m.table_id AND k.row_id = m.row_id AND k.col_id = m.col_id
        AND (m.code IN ('second.differs', 'cell.low_confidence') OR (k.kind = 'misreading' AND m.code LIKE 'cell.%'));

INSERT INTO found
SELECT m.report_id, b.rule_id, concat_ws('|', m.table_id, m.row_id, m.col_id), b.level, 'fails', NULL, NULL,
    CASE WHEN m.row_id IS NULL OR m.col_id IS NULL THEN [] ELSE [cell_key(m.table_id, m.row_id, m.col_id)] END, NULL,
    m.edition, m.table_id, m.row_id, m.col_id, NULL, NULL, NULL, m.printed, m.meant
FROM remarks m JOIN rule_book b ON b.kind = 'remark' AND b.rule_id = m.code;

-- A failed sum over a cell that two readers read differently is a question to us, not a fault of the agency.
CREATE OR REPLACE TEMP TABLE disputed AS
SELECT report_id, list(cell_key(table_id, row_id, col_id)) AS cells FROM remarks WHERE code = 'second.differs' GROUP BY report_id;

UPDATE found SET state = 'readings_disagree', level = 'warning', cause = NULL, printed = array_to_string(list_intersect(found.cells, d.cells), ', ')
FROM disputed d
WHERE found.report_id = d.report_id AND found.state IN ('fails', 'total_blank') AND found.blanks IS NOT NULL AND list_has_any(found.cells, d.cells);
