-- A report of which a part could not be read (remark report.not_all_read): what was not found may be there, so nothing is said of what
-- it lacks, and nothing of its shape. What was read is judged as ever.
-- only if: SELECT 1 FROM remarks WHERE code = 'report.not_all_read' LIMIT 1
DELETE FROM found
WHERE report_id IN (SELECT report_id FROM remarks WHERE code = 'report.not_all_read')
    AND rule_id IN (
        'section.missing', 'section.order', 'section.number', 'section.empty', 'fees.silent', 'table.missing', 'table.not_filed',
        'row.missing', 'cell.absent', 'form.hybrid', 'form.wrong_year', 'years.form_changed', 'row.cell_count', 'header.by_order'
    );
