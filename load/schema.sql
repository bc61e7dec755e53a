-- The tables of the warehouse: the contract with everyone who opens the file. Each table and each column has a comment.
-- No PRIMARY KEY and no FOREIGN KEY: they cost time and space at load; the keys named in the comments are held by tests.
-- A statement ends with ";" at the end of a line; load/warehouse.py splits there, and skips the comments in memory.
-- Whoever changes a table or column raises the number after "schema" in the comment of `runs`.

CREATE TABLE agencies (
    agency_id VARCHAR, name VARCHAR, level VARCHAR, division_code VARCHAR, province VARCHAR, city VARCHAR, county VARCHAR,
    parent_id VARCHAR, site VARCHAR
);
COMMENT ON TABLE agencies IS 'Agencies that publish reports. One row an agency; key agency_id. Made from reports and from the registry of sources; a value once set is kept.';
COMMENT ON COLUMN agencies.agency_id IS 'Full name of the agency, from the place upwards: what makes two reports reports of one agency.';
COMMENT ON COLUMN agencies.name IS 'Name to show. Equals agency_id unless a better one was given.';
COMMENT ON COLUMN agencies.level IS 'Administrative level of the agency and whether it is a government or a department of one (the dictionary lists the words), stated by the registry of sources or told from the name. Empty where neither tells.';
COMMENT ON COLUMN agencies.division_code IS 'Six-digit administrative division code (GB/T 2260) of the place that the agency belongs to. Empty where not known.';
COMMENT ON COLUMN agencies.province IS 'Province, autonomous region or municipality that the division code lies in. Empty where the code is not known.';
COMMENT ON COLUMN agencies.city IS 'City or other prefecture that the division code lies in. Empty where it is not known, or the place is directly under its province, as districts of a municipality are.';
COMMENT ON COLUMN agencies.county IS 'County, district or county-level city of the division code. Empty where it is not known, or of a higher level.';
COMMENT ON COLUMN agencies.parent_id IS 'agency_id of the agency that supervises this one, stated by the registry of sources or told from the name. Empty where neither tells.';
COMMENT ON COLUMN agencies.site IS 'Address of the web site where the agency publishes. Empty where not known.';

CREATE TABLE documents (
    document_id VARCHAR, file_name VARCHAR, path VARCHAR, source_id VARCHAR, url VARCHAR, format VARCHAR, bytes BIGINT, title VARCHAR,
    fetched_at TIMESTAMP, first_seen TIMESTAMP, vault_path VARCHAR, gone_since TIMESTAMP, listed_by VARCHAR
);
COMMENT ON TABLE documents IS 'Files that were met, good or bad. One row a file content; key document_id.';
COMMENT ON COLUMN documents.document_id IS 'SHA-256 of the bytes of the file, 64 hexadecimal digits.';
COMMENT ON COLUMN documents.file_name IS 'Name of the file as it was met, without its folder.';
COMMENT ON COLUMN documents.path IS 'Where a file given by hand lay when it was last met, with its name. Other bytes met there later take its place. Empty for a file that was fetched.';
COMMENT ON COLUMN documents.source_id IS 'Entry of the registry of sources that led to the file. Empty for a file given by hand.';
COMMENT ON COLUMN documents.url IS 'Address that the file was fetched from. Empty for a file given by hand.';
COMMENT ON COLUMN documents.format IS 'Format told from the bytes, never from the name: docx, html, pdf, doc, xlsx, text and so on.';
COMMENT ON COLUMN documents.bytes IS 'Size of the file in bytes.';
COMMENT ON COLUMN documents.title IS 'Title that the document states, or that the list it was found on states.';
COMMENT ON COLUMN documents.fetched_at IS 'When the file was fetched, UTC. Empty for a file given by hand.';
COMMENT ON COLUMN documents.first_seen IS 'Start of the run that first met the file, UTC. Empty where it was here before that was noted.';
COMMENT ON COLUMN documents.vault_path IS 'Where the raw file is kept, relative to the vault. Empty where it was not stored.';
COMMENT ON COLUMN documents.gone_since IS 'Since when the list that the file was found in no longer names it, UTC. Empty where it does, or the file was given by hand.';
COMMENT ON COLUMN documents.listed_by IS 'Agencies whose lists name the same file, where there are several, with a comma and a space between them. Empty otherwise.';

CREATE TABLE outcomes (
    document_id VARCHAR, status VARCHAR, reason VARCHAR, detail VARCHAR, reader VARCHAR, reader_version VARCHAR, seconds DOUBLE
);
COMMENT ON TABLE outcomes IS 'How the work on each document ended. Exactly one row a document; key document_id.';
COMMENT ON COLUMN outcomes.document_id IS 'The document (documents.document_id).';
COMMENT ON COLUMN outcomes.status IS 'One of: extracted, partial, rejected, failed (the dictionary explains each).';
COMMENT ON COLUMN outcomes.reason IS 'Why the status is not extracted, from a closed list (the dictionary explains each). Empty for extracted.';
COMMENT ON COLUMN outcomes.detail IS 'What exactly was met, in words for a person.';
COMMENT ON COLUMN outcomes.reader IS 'Reader that was used. Empty where none was found for the format.';
COMMENT ON COLUMN outcomes.reader_version IS 'Version of the readers and of the data they use. A document is read again when it changes.';
COMMENT ON COLUMN outcomes.seconds IS 'Time that reading took, in seconds.';

CREATE TABLE reports (
    report_id VARCHAR, document_id VARCHAR, agency_id VARCHAR, agency_name VARCHAR, year INTEGER, title VARCHAR, published_on DATE,
    scope VARCHAR, sketch VARCHAR, is_current BOOLEAN
);
COMMENT ON TABLE reports IS 'Annual reports found in documents. One row a report; key report_id.';
COMMENT ON COLUMN reports.report_id IS 'Names the report in all other tables.';
COMMENT ON COLUMN reports.document_id IS 'The document that holds the report (documents.document_id).';
COMMENT ON COLUMN reports.agency_id IS 'The agency (agencies.agency_id), or unknown where the document does not tell.';
COMMENT ON COLUMN reports.agency_name IS 'The agency as the report names itself. Empty where it does not.';
COMMENT ON COLUMN reports.year IS 'Year that is reported on, not the year of publication. Empty where the document does not tell.';
COMMENT ON COLUMN reports.title IS 'Title of the report as printed.';
COMMENT ON COLUMN reports.published_on IS 'Day of publication as the document states it. Empty where it does not.';
COMMENT ON COLUMN reports.scope IS 'What the figures cover, as the text says it: the agency alone, or with the bodies below it. Empty where it does not say.';
COMMENT ON COLUMN reports.sketch IS 'Sketch of the prose, 64 hexadecimal digits: 1 - 2 * differing bits / 256 of two sketches estimates the share of clauses, numbers aside, that both have. Empty where there is too little prose.';
COMMENT ON COLUMN reports.is_current IS 'True for the one report of an agency and year to use: the newest of those that one address gave; extracted before partial, then the one fetched on a later day or, where given by hand, first met later, then the one with more values, then the one published last, then the one fetched last. A report of an unknown agency or year is current by itself.';

CREATE TABLE tables (
    report_id VARCHAR, table_id VARCHAR, edition VARCHAR, found BOOLEAN, rows_matched INTEGER, rows_expected INTEGER
);
COMMENT ON TABLE tables IS 'Tables of the form in each report, found or not. Key report_id, table_id.';
COMMENT ON COLUMN tables.report_id IS 'The report (reports.report_id).';
COMMENT ON COLUMN tables.table_id IS 'One of: proactive (section 2), requests (section 3), disputes (section 4), statistics (annexes before 2019), fees (processing fees).';
COMMENT ON COLUMN tables.edition IS 'Edition of the form that the table follows, told from its labels and not from the year: 2014, 2019, 2021, fj2008.';
COMMENT ON COLUMN tables.found IS 'False where the report lacks the table.';
COMMENT ON COLUMN tables.rows_matched IS 'Rows of the form with numbers of their own that were found; rows that only head others do not count.';
COMMENT ON COLUMN tables.rows_expected IS 'Rows with numbers of their own that the edition has; rows that only head others do not count.';

CREATE TABLE remarks (
    report_id VARCHAR, table_id VARCHAR, row_id VARCHAR, col_id VARCHAR, code VARCHAR, printed VARCHAR, meant VARCHAR
);
COMMENT ON TABLE remarks IS 'Doubts met while reading the tables of a report, and what a second reader said. One row a remark; key report_id, table_id, row_id, col_id, code, printed, meant. Rules of kind remark make findings of them.';
COMMENT ON COLUMN remarks.report_id IS 'The report (reports.report_id).';
COMMENT ON COLUMN remarks.table_id IS 'Table of the form, as in tables.table_id.';
COMMENT ON COLUMN remarks.row_id IS 'Row of the form (form_rows.row_id). Empty where the remark is on the whole table.';
COMMENT ON COLUMN remarks.col_id IS 'Column of the form (form_columns.col_id). Empty where the remark is on the whole row or table.';
COMMENT ON COLUMN remarks.code IS 'What is remarked, the id of a rule of kind remark (rules.rule_id); second.read and second.unconfirmed, which make no finding of their own.';
COMMENT ON COLUMN remarks.printed IS 'What stands in the document; for what a second reader said of a table, that reader, or why it failed. Empty where there is nothing to quote.';
COMMENT ON COLUMN remarks.meant IS 'What it was taken for; for second.differs the number of the second reading. Empty where there is none.';

CREATE TABLE cells (
    report_id VARCHAR, table_id VARCHAR, row_id VARCHAR, col_id VARCHAR, agency_id VARCHAR, year INTEGER, edition VARCHAR,
    value DECIMAL(24,6), state VARCHAR, raw_text VARCHAR, unit VARCHAR, page INTEGER, grid INTEGER, grid_row INTEGER, grid_col INTEGER,
    bbox VARCHAR, reader VARCHAR, confidence DOUBLE
);
COMMENT ON TABLE cells IS 'Every cell of every table of every report, with its printed text and its place. Key report_id, table_id, row_id, col_id.';
COMMENT ON COLUMN cells.report_id IS 'The report (reports.report_id).';
COMMENT ON COLUMN cells.table_id IS 'Table of the form, as in tables.table_id.';
COMMENT ON COLUMN cells.row_id IS 'Row of the form (form_rows.row_id), for example denied.third_party.';
COMMENT ON COLUMN cells.col_id IS 'Column of the form (form_columns.col_id), for example natural.';
COMMENT ON COLUMN cells.agency_id IS 'The agency, as in reports.';
COMMENT ON COLUMN cells.year IS 'Year that is reported on, as in reports.';
COMMENT ON COLUMN cells.edition IS 'Edition of the form that the table follows, as in tables.';
COMMENT ON COLUMN cells.value IS 'The number as printed, exact, in the unit of column unit. Empty unless state is number or zero; never derived, never mended.';
COMMENT ON COLUMN cells.state IS 'What stands in the cell, one of: number, zero, blank, marker, text, absent (the dictionary explains each).';
COMMENT ON COLUMN cells.raw_text IS 'Text of the cell as printed, words and unit included. For an absent cell: empty where nothing stands there, or the numbers that run together and cannot be told apart by cell.';
COMMENT ON COLUMN cells.unit IS 'Unit printed in the cell or its header, or else the unit of the form. Empty where there is neither.';
COMMENT ON COLUMN cells.page IS 'Page of the document, counted from 1. Empty where the format has no pages.';
COMMENT ON COLUMN cells.grid IS 'Number of the table within the document, counted from 1.';
COMMENT ON COLUMN cells.grid_row IS 'Row within that table as printed, counted from 1.';
COMMENT ON COLUMN cells.grid_col IS 'Column within that table as printed, counted from 1.';
COMMENT ON COLUMN cells.bbox IS 'Box on the page: left, top, right, bottom in points from the top left corner. Empty where the format has no places.';
COMMENT ON COLUMN cells.reader IS 'Reader that gave the text of the cell. With +correction behind it where table corrections gave another value than raw_text.';
COMMENT ON COLUMN cells.confidence IS 'How sure the reader is of the text, 0 to 1; 1 where the text is in the file and not recognised from a picture.';

CREATE TABLE statements (
    report_id VARCHAR, statement_id VARCHAR, metric VARCHAR, value DECIMAL(24,6), sentence VARCHAR, paragraph INTEGER
);
COMMENT ON TABLE statements IS 'Figures that the prose of a report states. Key report_id, statement_id.';
COMMENT ON COLUMN statements.report_id IS 'The report (reports.report_id).';
COMMENT ON COLUMN statements.statement_id IS 'Names the statement within its report: number.metric; statements of one number belong together.';
COMMENT ON COLUMN statements.metric IS 'What the figure counts, for example requests.received, disputes.review.upheld, growth.percent, parts.part, period.begin, report.year, section.s1, words.s5, fees.mentioned; scope marks a figure that may cover something else than the tables.';
COMMENT ON COLUMN statements.value IS 'The figure as stated, exact; 0 where the text says that there was none or that nothing is left. Empty for scope, fees.mentioned and headings without a number.';
COMMENT ON COLUMN statements.sentence IS 'The sentence that states it, at most 400 characters; for scope the words that restrict it.';
COMMENT ON COLUMN statements.paragraph IS 'Number of the paragraph within the document, counted from 1.';

CREATE TABLE findings (
    finding_id VARCHAR, report_id VARCHAR, agency_id VARCHAR, year INTEGER, rule_id VARCHAR, instance VARCHAR, level VARCHAR, state VARCHAR,
    expected DECIMAL(24,6), actual DECIMAL(24,6), delta DECIMAL(24,6), cells VARCHAR[], cause_id VARCHAR, verdict VARCHAR,
    message_zh VARCHAR, message_en VARCHAR, status VARCHAR, first_seen TIMESTAMP, last_seen TIMESTAMP
);
COMMENT ON TABLE findings IS 'Every doubt about a report: rules that do not hold or could not be judged. Key finding_id. A finding that the rules no longer make leaves the table.';
COMMENT ON COLUMN findings.finding_id IS 'Fingerprint of rule, cells and printed values: it stays the same until a value changes.';
COMMENT ON COLUMN findings.report_id IS 'The report (reports.report_id).';
COMMENT ON COLUMN findings.agency_id IS 'The agency, as in reports.';
COMMENT ON COLUMN findings.year IS 'Year that is reported on, as in reports.';
COMMENT ON COLUMN findings.rule_id IS 'The rule (rules.rule_id).';
COMMENT ON COLUMN findings.instance IS 'Which application of the rule: the row, column or block that it was applied to.';
COMMENT ON COLUMN findings.level IS 'One of: error, warning, info (the dictionary explains each).';
COMMENT ON COLUMN findings.state IS 'Result of the check, one of: holds_if_blank_is_zero, fails, total_blank, not_assessable, readings_disagree (the dictionary explains each).';
COMMENT ON COLUMN findings.expected IS 'What the rule asks for, in the unit of the form.';
COMMENT ON COLUMN findings.actual IS 'What is printed, in the unit of the form.';
COMMENT ON COLUMN findings.delta IS 'actual minus expected.';
COMMENT ON COLUMN findings.cells IS 'All cells of the rule, each as table_id|row_id|col_id.';
COMMENT ON COLUMN findings.cause_id IS 'Groups findings of one report that have one cause.';
COMMENT ON COLUMN findings.verdict IS 'Who is at fault by a second, independent reading: source (the document), extraction (our reading), undecided. Empty where there was none.';
COMMENT ON COLUMN findings.message_zh IS 'What is wrong and what to do, in Chinese.';
COMMENT ON COLUMN findings.message_en IS 'What is wrong and what to do, in English.';
COMMENT ON COLUMN findings.status IS 'One of: new (first made by the run that last evaluated the rules), standing (made before, too), accepted, dismissed (a person said so; a run keeps it). A run with nothing to change evaluates nothing and leaves this as it is.';
COMMENT ON COLUMN findings.first_seen IS 'Start of the run that first made the finding, UTC.';
COMMENT ON COLUMN findings.last_seen IS 'Start of the run that last evaluated the rules and made the finding, UTC. A run with nothing to change evaluates nothing and leaves this as it is.';

CREATE TABLE suspects (
    report_id VARCHAR, cause_id VARCHAR, rank INTEGER, table_id VARCHAR, row_id VARCHAR, col_id VARCHAR, printed VARCHAR,
    implied DECIMAL(24,6), relation VARCHAR, kind VARCHAR, margin DOUBLE, confident BOOLEAN
);
COMMENT ON TABLE suspects IS 'Cells whose change would explain the failing rules of a report: candidates, best first. Values in cells are never changed by them. Key report_id, cause_id, rank, table_id, row_id, col_id.';
COMMENT ON COLUMN suspects.report_id IS 'The report (reports.report_id).';
COMMENT ON COLUMN suspects.cause_id IS 'The group of findings that is explained (findings.cause_id).';
COMMENT ON COLUMN suspects.rank IS 'Place of the explanation, 1 is the likeliest. An explanation of several cells has one row a cell, all of one rank.';
COMMENT ON COLUMN suspects.table_id IS 'Table of the form, as in tables.table_id.';
COMMENT ON COLUMN suspects.row_id IS 'Row of the form (form_rows.row_id). Empty where no cell could be named (kind not_located).';
COMMENT ON COLUMN suspects.col_id IS 'Column of the form (form_columns.col_id). Empty where no cell could be named (kind not_located).';
COMMENT ON COLUMN suspects.printed IS 'Text of the cell as printed; for kind not_located why the search ended without a result: size (more cells than are searched for) or limit (of steps or time).';
COMMENT ON COLUMN suspects.implied IS 'Value that the rules ask for, in the unit of the form.';
COMMENT ON COLUMN suspects.relation IS 'How the cell should stand to implied: = or, where the rules only bound it, <= or >=.';
COMMENT ON COLUMN suspects.kind IS 'How printed and implied differ: transposed digits, a number split in two, a shifted row and so on; not_located where the search ended without a result.';
COMMENT ON COLUMN suspects.margin IS 'Cost of the next explanation minus cost of this one: the larger, the surer. 0 where nothing tells the two apart: then the ranks say no order. Empty where there is no next one.';
COMMENT ON COLUMN suspects.confident IS 'True for an explanation of rank 1 that was right in 97 of 100 simulated reports with the same margin. Only the table requests can carry it.';

CREATE TABLE deductions (
    report_id VARCHAR, table_id VARCHAR, row_id VARCHAR, col_id VARCHAR, low DECIMAL(24,6), high DECIMAL(24,6), value DECIMAL(24,6),
    basis VARCHAR, rules VARCHAR[]
);
COMMENT ON TABLE deductions IS 'What the rules prove about cells without a value. Key report_id, table_id, row_id, col_id.';
COMMENT ON COLUMN deductions.report_id IS 'The report (reports.report_id).';
COMMENT ON COLUMN deductions.table_id IS 'Table of the form, as in tables.table_id.';
COMMENT ON COLUMN deductions.row_id IS 'Row of the form (form_rows.row_id).';
COMMENT ON COLUMN deductions.col_id IS 'Column of the form (form_columns.col_id).';
COMMENT ON COLUMN deductions.low IS 'Least value that the rules allow, in the unit of the form.';
COMMENT ON COLUMN deductions.high IS 'Greatest value that the rules allow, in the unit of the form. Empty where there is no bound.';
COMMENT ON COLUMN deductions.value IS 'The value, where low and high are equal or where a blank is assumed to be 0. Empty otherwise.';
COMMENT ON COLUMN deductions.basis IS 'One of: deduced (the rules prove the value), assumed (a blank taken as 0, not proved). Empty where there are bounds alone.';
COMMENT ON COLUMN deductions.rules IS 'The rules that prove the value or the bounds (rules.rule_id).';

CREATE TABLE corrections (
    report_id VARCHAR, table_id VARCHAR, row_id VARCHAR, col_id VARCHAR, finding_id VARCHAR, kind VARCHAR, text_read VARCHAR,
    value_read DECIMAL(24,6), state_read VARCHAR, unit_read VARCHAR, text_meant VARCHAR, value_meant DECIMAL(24,6), reason VARCHAR,
    decided_on DATE, decided_by VARCHAR, is_stale BOOLEAN
);
COMMENT ON TABLE corrections IS 'What people said of single cells and findings (data/corrections/), as the last run applied it. Key report_id, table_id, row_id, col_id, finding_id.';
COMMENT ON COLUMN corrections.report_id IS 'The report (reports.report_id).';
COMMENT ON COLUMN corrections.table_id IS 'Table of the form, as in tables.table_id. Empty for what is said of a finding.';
COMMENT ON COLUMN corrections.row_id IS 'Row of the form (form_rows.row_id). Empty for what is said of a finding.';
COMMENT ON COLUMN corrections.col_id IS 'Column of the form (form_columns.col_id). Empty for what is said of a finding.';
COMMENT ON COLUMN corrections.finding_id IS 'The finding (findings.finding_id). Empty for what is said of a cell.';
COMMENT ON COLUMN corrections.kind IS 'One of: misreading (the cell was read wrongly: cells has the corrected value), misprint (the document is wrong: cells has what is printed), accepted, dismissed (findings.status).';
COMMENT ON COLUMN corrections.text_read IS 'Text of the cell as read, as in cells.raw_text.';
COMMENT ON COLUMN corrections.value_read IS 'Value of the cell as read. It comes back when the correction is taken away.';
COMMENT ON COLUMN corrections.state_read IS 'State of the cell as read.';
COMMENT ON COLUMN corrections.unit_read IS 'Unit of the cell as read.';
COMMENT ON COLUMN corrections.text_meant IS 'For a misreading the text that stands in the document; for a misprint the number that the agency confirmed, empty where it confirmed none.';
COMMENT ON COLUMN corrections.value_meant IS 'text_meant as a number. Empty where it is none.';
COMMENT ON COLUMN corrections.reason IS 'Why, in the words of who decided it.';
COMMENT ON COLUMN corrections.decided_on IS 'Day on which it was decided.';
COMMENT ON COLUMN corrections.decided_by IS 'Who decided it.';
COMMENT ON COLUMN corrections.is_stale IS 'True where it no longer fits and was not applied: the cell reads differently now, or the finding is no longer made.';

CREATE TABLE sources (
    source_id VARCHAR, site VARCHAR, state VARCHAR, reason VARCHAR, detail VARCHAR, minimum INTEGER, listed INTEGER,
    documents INTEGER, misses INTEGER, stale_since TIMESTAMP
);
COMMENT ON TABLE sources IS 'The sources that were crawled (data/sources/), as the last crawl of each as a whole left it. Key source_id.';
COMMENT ON COLUMN sources.source_id IS 'The entry of the registry (documents.source_id).';
COMMENT ON COLUMN sources.site IS 'Host of the site.';
COMMENT ON COLUMN sources.state IS 'One of: good, stale (not read whole, or fewer documents than the minimum: what is missing is not taken for deleted), failing (its lists are good, what they name cannot be fetched).';
COMMENT ON COLUMN sources.reason IS 'Why the source is not good: not_whole, too_few, most_failed, failed_for_days (the dictionary explains each). Empty for a good one.';
COMMENT ON COLUMN sources.detail IS 'What exactly was met, in words for a person. Empty for a good source.';
COMMENT ON COLUMN sources.minimum IS 'The fewest documents that were expected: what the entry says, or else a share of what the last good crawl held. With fewer, what is new of the source waits in the vault.';
COMMENT ON COLUMN sources.listed IS 'Reports that its lists named.';
COMMENT ON COLUMN sources.documents IS 'Documents that the lists name and that are held.';
COMMENT ON COLUMN sources.misses IS 'Addresses that gave nothing; the summary of the crawl says why.';
COMMENT ON COLUMN sources.stale_since IS 'When the first ended of the crawls in a row that found the source stale or failing, UTC. Empty where the last crawl was good.';

CREATE TABLE runs (
    run_id VARCHAR, started_at TIMESTAMP, finished_at TIMESTAMP, status VARCHAR, code_version VARCHAR, counts VARCHAR
);
COMMENT ON TABLE runs IS 'Runs that published this file, in order, those that found nothing to change included. Key run_id. Made with schema 5.';
COMMENT ON COLUMN runs.run_id IS 'Names the run.';
COMMENT ON COLUMN runs.started_at IS 'When the run started, UTC.';
COMMENT ON COLUMN runs.finished_at IS 'When the file was complete, UTC.';
COMMENT ON COLUMN runs.status IS 'One of: published (something had changed, and the rules were evaluated), unchanged. Empty for runs before that was noted.';
COMMENT ON COLUMN runs.code_version IS 'Version of the program and of its data that made the run.';
COMMENT ON COLUMN runs.counts IS 'Figures of the run, a JSON object: documents by outcome, rows that came and went.';

CREATE TABLE changes (
    run_id VARCHAR, kind VARCHAR, document_id VARCHAR, report_id VARCHAR, agency_id VARCHAR, year INTEGER, table_id VARCHAR,
    row_id VARCHAR, col_id VARCHAR, finding_id VARCHAR, rule_id VARCHAR, before VARCHAR, after VARCHAR
);
COMMENT ON TABLE changes IS 'What each run changed: documents that came, were replaced or went, reports that took the place of others, and the cells and findings that differ for it. One row a change.';
COMMENT ON COLUMN changes.run_id IS 'The run (runs.run_id).';
COMMENT ON COLUMN changes.kind IS 'One of: added, replaced (read anew, or other bytes at the same path), removed (documents); restated (another report of the agency and year is current now); cell (of a report that was replaced or restated); finding_new, finding_gone (the dictionary explains each).';
COMMENT ON COLUMN changes.document_id IS 'The document, for kinds of documents: the one that is there now or, for removed, the one that went.';
COMMENT ON COLUMN changes.report_id IS 'The report as it is now, or the one that went. Empty where the document is no report.';
COMMENT ON COLUMN changes.agency_id IS 'The agency, as in reports. Empty where the document is no report.';
COMMENT ON COLUMN changes.year IS 'Year that is reported on, as in reports.';
COMMENT ON COLUMN changes.table_id IS 'Table of the cell, for kind cell. Empty otherwise.';
COMMENT ON COLUMN changes.row_id IS 'Row of the cell, for kind cell. Empty otherwise.';
COMMENT ON COLUMN changes.col_id IS 'Column of the cell, for kind cell. Empty otherwise.';
COMMENT ON COLUMN changes.finding_id IS 'The finding, for finding_new and finding_gone. A finding of a document that was added or removed has no row of its own.';
COMMENT ON COLUMN changes.rule_id IS 'The rule of the finding (rules.rule_id).';
COMMENT ON COLUMN changes.before IS 'What was there before: the number of the cell, or its state where it had none; for replaced the document, for restated the report. Empty where there was nothing.';
COMMENT ON COLUMN changes.after IS 'What is there now: the number of the cell, or its state where it has none; for replaced the document, for restated the report. Empty where there is nothing.';

CREATE TABLE form_rows (
    edition VARCHAR, table_id VARCHAR, row_id VARCHAR, position INTEGER, block_id VARCHAR, label_zh VARCHAR, label_en VARCHAR,
    parent_id VARCHAR, kind VARCHAR, unit VARCHAR, basis VARCHAR, comparable_id VARCHAR
);
COMMENT ON TABLE form_rows IS 'Codebook: the rows of each edition of the form. Key edition, table_id, row_id.';
COMMENT ON COLUMN form_rows.edition IS 'Edition of the form: 2014, 2019, 2021, fj2008.';
COMMENT ON COLUMN form_rows.table_id IS 'Table of the form, as in tables.table_id.';
COMMENT ON COLUMN form_rows.row_id IS 'Names the row within its table.';
COMMENT ON COLUMN form_rows.position IS 'Order of the row within its table, counted from 1.';
COMMENT ON COLUMN form_rows.block_id IS 'Block of the table that the row stands in; a block has columns of its own.';
COMMENT ON COLUMN form_rows.label_zh IS 'Label as the form prints it.';
COMMENT ON COLUMN form_rows.label_en IS 'Label in English.';
COMMENT ON COLUMN form_rows.parent_id IS 'row_id of the row that this one is a part of. Empty at the top.';
COMMENT ON COLUMN form_rows.kind IS 'data where the row has cells of its own, header where it only groups others.';
COMMENT ON COLUMN form_rows.unit IS 'Unit of the row, where the form states it by row. It goes before the unit of the column.';
COMMENT ON COLUMN form_rows.basis IS 'Article of the regulation that the row rests on.';
COMMENT ON COLUMN form_rows.comparable_id IS 'Cell of another edition, as table_id|row_id|col_id, that means the same as the number of the row. Empty where there is none, or where equal ids tell.';

CREATE TABLE form_columns (
    edition VARCHAR, table_id VARCHAR, block_id VARCHAR, col_id VARCHAR, position INTEGER, label_zh VARCHAR, label_en VARCHAR,
    parent_id VARCHAR, kind VARCHAR, unit VARCHAR, type VARCHAR
);
COMMENT ON TABLE form_columns IS 'Codebook: the columns of each block of each edition of the form. Key edition, table_id, block_id, col_id.';
COMMENT ON COLUMN form_columns.edition IS 'Edition of the form: 2014, 2019, 2021, fj2008.';
COMMENT ON COLUMN form_columns.table_id IS 'Table of the form, as in tables.table_id.';
COMMENT ON COLUMN form_columns.block_id IS 'Block of the table that the column belongs to.';
COMMENT ON COLUMN form_columns.col_id IS 'Names the column within its block.';
COMMENT ON COLUMN form_columns.position IS 'Order of the column within its block, counted from 1.';
COMMENT ON COLUMN form_columns.label_zh IS 'Label as the form prints it.';
COMMENT ON COLUMN form_columns.label_en IS 'Label in English.';
COMMENT ON COLUMN form_columns.parent_id IS 'col_id of the column header that this one stands under. Empty at the top.';
COMMENT ON COLUMN form_columns.kind IS 'data where the column has values, header where it only groups others. Columns of labels and units are not listed.';
COMMENT ON COLUMN form_columns.unit IS 'Unit of the column. Empty where the form states none, or states it by row.';
COMMENT ON COLUMN form_columns.type IS 'What a value may be: int (a count), signed_int (a change), decimal.';

CREATE TABLE rules (
    rule_id VARCHAR, edition VARCHAR, kind VARCHAR, level VARCHAR, source VARCHAR, quote VARCHAR, expression VARCHAR, message_zh VARCHAR,
    message_en VARCHAR
);
COMMENT ON TABLE rules IS 'Codebook: the rules that reports are checked by. One row a rule and edition; key rule_id, edition.';
COMMENT ON COLUMN rules.rule_id IS 'Names the rule.';
COMMENT ON COLUMN rules.edition IS 'Edition of the form that the rule applies to. Empty where it applies to all.';
COMMENT ON COLUMN rules.kind IS 'How the rule is evaluated: a sum, a format of cells, structure, statement, year to year, corpus, remark.';
COMMENT ON COLUMN rules.level IS 'One of: error, warning, info (the dictionary explains each).';
COMMENT ON COLUMN rules.source IS 'official where the form itself prints the rule, derived where it follows from the meaning of the labels.';
COMMENT ON COLUMN rules.quote IS 'The words of the form, for an official rule.';
COMMENT ON COLUMN rules.expression IS 'The rule as a formula over table[row, column].';
COMMENT ON COLUMN rules.message_zh IS 'Text of a finding, in Chinese, with places for the values.';
COMMENT ON COLUMN rules.message_en IS 'Text of a finding, in English, with places for the values.';
