"""The whole route over real reports whose cells were read by hand: nothing wrong anywhere, nothing
lost where cells are told apart.
"""

import json
from collections import Counter
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from flows.steps.pipeline import ingest
from flows.steps.settings import Settings

RUN_TOGETHER = 0.95  # of the cells of texts that lost their tags must be read


@pytest.fixture(scope="module")
def corpus(shared_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> duckdb.DuckDBPyConnection:
    """The warehouse that a run over the real reports leaves."""
    home = tmp_path_factory.mktemp("corpus")
    ingest(Settings(database=home / "corpus.duckdb", workers=2), [shared_dir / "corpus" / "raw"])
    return duckdb.connect(str(home / "corpus.duckdb"), read_only=True)


@pytest.fixture(scope="module")
def counts(corpus: duckdb.DuckDBPyConnection, shared_dir: Path) -> dict[str, Counter[str]]:
    """For each file with a truth, how many cells are right, wrong or lost (absent)."""
    rows = corpus.execute(
        """SELECT file_name, table_id || '|' || row_id || '|' || col_id, state, value
        FROM cells JOIN reports USING (report_id)
           JOIN documents USING (document_id)"""
    ).fetchall()
    read = {(Path(name).stem, key): (state, value) for name, key, state, value in rows}
    found: dict[str, Counter[str]] = {}
    for path in sorted((shared_dir / "corpus" / "truth").glob("*.json")):
        raw = next((shared_dir / "corpus" / "raw").glob(f"{path.stem}.*"))
        count = found.setdefault(raw.name, Counter())
        for key, wanted in json.loads(path.read_text(encoding="utf-8"))["cells"].items():
            if "ambiguous" in wanted:
                continue
            state, value = read.get((path.stem, key), ("absent", None))
            right = (
                value == (None if wanted["value"] is None else Decimal(wanted["value"]))
                and state == wanted["state"]
            )
            count["lost" if state == "absent" else "right" if right else "wrong"] += 1
    return found


def test_no_value_is_wrong(counts: dict[str, Counter[str]]) -> None:
    assert {name: c["wrong"] for name, c in counts.items() if c["wrong"]} == {}
    assert sum(c["right"] for c in counts.values()) > 4_000


def test_nothing_is_lost_where_cells_are_apart(counts: dict[str, Counter[str]]) -> None:
    apart = [
        n
        for n in counts
        if n.endswith((".html", ".pdf", ".docx")) or n in ("006.txt", "shangrao-minzheng-2019.txt")
    ]
    assert {name: counts[name]["lost"] for name in apart if counts[name]["lost"]} == {}


def test_most_of_the_run_together_texts_is_read(counts: dict[str, Counter[str]]) -> None:
    flat = sum(
        (
            c
            for n, c in counts.items()
            if n.endswith(".txt") and n not in ("006.txt", "shangrao-minzheng-2019.txt")
        ),
        Counter(),
    )
    assert flat["right"] >= RUN_TOGETHER * flat.total()


def errors(corpus: duckdb.DuckDBPyConnection, file: str) -> list[tuple[str, str, str, str | None]]:
    """Rule, instance, cause and verdict of each error on a file."""
    return corpus.execute(
        """SELECT rule_id, instance, cause_id, verdict FROM findings JOIN reports USING (report_id)
           JOIN documents USING (document_id)
        WHERE level = 'error' AND file_name = ? ORDER BY 1, 2""",
        [file],
    ).fetchall()


def test_one_blank_column_is_one_cause(corpus: duckdb.DuckDBPyConnection) -> None:
    """上海市人民政府办公厅 2019: the totals' column is blank in eleven rows, and the column's own
    sum fails with them.
    """
    found = errors(corpus, "005.html")
    assert len(found) == 12
    assert len({cause for _, _, cause, _ in found}) == 1


def test_the_sums_that_fail_are_these_and_the_documents_own(
    corpus: duckdb.DuckDBPyConnection,
) -> None:
    found = [
        (rule, instance, verdict) for rule, instance, _, verdict in errors(corpus, "80595.html")
    ]
    assert found == [
        ("requests.result_total", "natural", "source"),
        ("requests.result_total", "total", "source"),
    ]
    found = [(rule, instance, verdict) for rule, instance, _, verdict in errors(corpus, "001.pdf")]
    assert found == [
        ("disputes.total", "after_review", "source"),
        ("disputes.total", "review", "source"),
    ]


def test_a_hybrid_with_a_row_left_out(corpus: duckdb.DuckDBPyConnection) -> None:
    query = (
        "SELECT rule_id FROM findings JOIN reports USING (report_id) JOIN documents USING "
        "(document_id) WHERE file_name = '86513.html'"
    )
    rules = {r for (r,) in corpus.execute(query).fetchall()}
    assert {"form.hybrid", "row.missing"} <= rules


def test_the_report_that_the_project_began_with(corpus: duckdb.DuckDBPyConnection) -> None:
    found = errors(corpus, "shangrao-minzheng-2019.txt")
    assert [(rule, instance) for rule, instance, _, _ in found] == [
        ("requests.row_total", i) for i in ("denied.third_party", "new", "result_total")
    ]
    assert len({cause for _, _, cause, _ in found}) == 1
    blanks = corpus.execute(
        """SELECT table_id, count(*) FROM cells JOIN reports USING (report_id)
           JOIN documents USING (document_id)
        WHERE file_name = 'shangrao-minzheng-2019.txt' AND state = 'blank' GROUP BY 1 ORDER BY 1"""
    ).fetchall()
    assert blanks == [("proactive", 6), ("requests", 138)]
    states = corpus.execute(
        """SELECT state IN ('number', 'zero'), count(*) FROM cells JOIN reports USING (report_id)
           JOIN documents USING (document_id)
        WHERE file_name = 'shangrao-minzheng-2019.txt' GROUP BY 1 ORDER BY 1"""
    ).fetchall()
    assert states == [(False, 144), (True, 54)]


def test_run_together_text_that_no_sum_can_part_is_refused(
    corpus: duckdb.DuckDBPyConnection,
) -> None:
    query = (
        "SELECT file_name, status, reason FROM outcomes JOIN documents USING (document_id) WHERE "
        "status <> 'extracted' ORDER BY 1"
    )
    outcomes = corpus.execute(query).fetchall()
    assert outcomes == [("020.txt", "rejected", "no_cells"), ("030.txt", "rejected", "no_cells")]


def test_the_blank_form_is_a_form_that_was_not_filed(corpus: duckdb.DuckDBPyConnection) -> None:
    assert errors(corpus, "template-2021.docx") == []
    query = """
        SELECT level, instance FROM findings JOIN reports USING (report_id)
        JOIN documents USING (document_id)
        WHERE rule_id = 'table.not_filed' AND file_name = 'template-2021.docx' ORDER BY 2
    """
    assert corpus.execute(query).fetchall() == [
        ("warning", table) for table in ("disputes", "proactive", "requests")
    ]
