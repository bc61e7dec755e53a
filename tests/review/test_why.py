"""What `why` tells beside the cell and its sums: second readings, what people said, what the rules
prove, and who is suspected.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from data import ConfigError
from flows.steps.pipeline import ingest, make_plan
from flows.steps.settings import load_settings
from review.why import tell
from tests.flows.command import SAMPLES
from tests.load.made import rows, sha
from tests.load.test_corrections import FORMS, RULES, correct, decided, printed, publish
from transform.localize.diagnose import DEDUCTIONS, SUSPECTS, Diagnosis, diagnose
from transform.records import Reading, Remark, RemarkRow
from transform.rules.corrections import MISPRINT
from transform.temporary_tables import add_table, make_named_rows

BLANK = ("requests", "granted", "total")


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "w.duckdb"


def noted(reading: Reading, *remarks: dict[str, str]) -> Reading:
    """The reading with these remarks on table 三."""
    rows = (RemarkRow.of("requests", Remark(**remark)) for remark in remarks)
    return replace(reading, remarks=tuple(rows))


def with_blank(reading: Reading) -> Reading:
    """The reading with a blank where a total of zeros belongs."""
    cells = [
        replace(c, value=None, state="blank", raw_text="")
        if (c.table_id, c.row_id, c.col_id) == BLANK
        else c
        for c in reading.cells
    ]
    return replace(reading, cells=tuple(cells))


def story(database: Path, row: str = "new", col: str = "total", lang: str = "en") -> str:
    return tell(database, "a.docx", "requests", row, col, lang)


@pytest.mark.parametrize(
    ("remarks", "en", "zh"),
    [
        ([], "not read a second time", "没有第二次读取"),
        (
            [{"code": "second.agrees", "printed": "python-docx"}],
            "second reading: the same (reader python-docx)",
            "第二次读取：相同（读取程序 python-docx）",
        ),
        (
            [{"code": "second.failed", "printed": "KeyError: 3"}],
            "second reading failed: KeyError: 3",
            "第二次读取失败：KeyError: 3",
        ),
        (
            [
                {
                    "code": "second.differs",
                    "row_id": "new",
                    "col_id": "total",
                    "printed": "7",
                    "meant": "1",
                },
                {"code": "second.read", "printed": "lxml"},
            ],
            "second reading: “1”, where the first has “7” (reader lxml)",
            "第二次读取：“1”，第一次：“7”（读取程序 lxml）",
        ),
        (
            [
                {
                    "code": "second.differs",
                    "row_id": "new",
                    "col_id": "natural",
                    "printed": "7",
                    "meant": "1",
                },
                {"code": "second.read", "printed": "lxml"},
            ],
            "second reading: the same (reader lxml)",
            "第二次读取：相同（读取程序 lxml）",
        ),
    ],
)
def test_the_second_reading_of_the_cell(
    database: Path, remarks: list[dict[str, str]], en: str, zh: str
) -> None:
    publish(database, [noted(printed("7"), *remarks)], 1)
    assert story(database).splitlines()[4] == en
    assert story(database, lang="zh").splitlines()[4] == zh


def test_what_people_said_of_the_cell_and_of_a_finding(database: Path) -> None:
    publish(database, [printed("7")], 1, correct())
    assert "read as: zero 0 件 (reader docx+correction, confidence 1)" in story(database)
    assert "corrected: read as 7, but it says “0”. seen on the page (王, 2026-02-01)" in story(
        database
    )
    assert "已更正：原读作 7，应为“0”。seen on the page（王，2026-02-01）" in story(
        database, lang="zh"
    )
    publish(database, [], 2, correct(MISPRINT))
    assert "confirmed as wrong in the document, where 0 belongs. seen on the page" in story(
        database
    )
    publish(database, [], 3, correct(MISPRINT, text=None))
    assert "已确认原文有误。seen on the page（王，2026-02-01）" in story(database, lang="zh")
    publish(database, [], 4, correct(expect="9"))
    assert "a correction no longer fits and was not applied: seen on the page" in story(database)
    ((finding,),) = rows(
        database,
        "SELECT finding_id FROM findings WHERE rule_id = 'requests.row_total' AND state = 'fails'",
    )
    publish(database, [], 5, decided(finding))
    (line,) = [line for line in story(database).splitlines() if "requests.row_total (" in line]
    assert "(dismissed, " in line and line.endswith("[known (王, 2026-02-01)]")


def _diagnosed(database: Path, reading: Reading) -> None:
    publish(
        database,
        [reading],
        1,
        diagnose=lambda con, found, reports: diagnose(con, FORMS, RULES, found, reports),
    )


def test_who_is_suspected_and_by_how_much(database: Path) -> None:
    _diagnosed(database, printed("7"))
    ((rank, implied, margin),) = rows(
        database,
        (
            "SELECT rank, implied, margin FROM suspects WHERE row_id = 'new' AND col_id = 'total' "
            "AND rank = 1"
        ),
    )
    text = story(database)
    (line,) = [line for line in text.splitlines() if f"explanation {rank} of cause" in line]
    assert f"new total: printed 7, should be {implied.normalize():f} (" in line
    assert margin is None or f"{margin:g}" in line
    assert text.index("It stands in:") < text.index("It may be wrong:") < text.index("Findings:")
    assert "种解释（成因 " in story(database, lang="zh")
    assert "It may be wrong:" not in story(database, "carried_in", "charity")


def test_what_the_rules_prove_of_a_blank(database: Path) -> None:
    _diagnosed(database, with_blank(printed("0")))
    assert "the rules prove 0 (" in story(database, "granted")
    assert "各等式证明应为 0（" in story(database, "granted", lang="zh")


@pytest.mark.parametrize(
    ("low", "high", "value", "basis", "en"),
    [
        (
            "5",
            None,
            None,
            None,
            "the rules prove at least 5 (requests.balance, requests.row_total)",
        ),
        (None, "5", None, None, "the rules prove at most 5 (requests.balance, requests.row_total)"),
        (
            "0",
            "5",
            None,
            None,
            "the rules prove a value from 0 to 5 (requests.balance, requests.row_total)",
        ),
        ("0", None, "0", "assumed", "may be taken as 0: no rule contradicts it, none proves it"),
    ],
)
def test_bounds_in_words(
    database: Path, low: str | None, high: str | None, value: str | None, basis: str | None, en: str
) -> None:
    numbers = {
        name: None if n is None else Decimal(n)
        for name, n in (("low", low), ("high", high), ("value", value))
    }
    row = {
        "report_id": sha("a")[:16],
        "table_id": "requests",
        "row_id": "granted",
        "col_id": "total",
        "basis": basis,
    }
    row |= numbers | {"rules": [] if basis else ["requests.balance", "requests.row_total"]}

    def think(
        con: duckdb.DuckDBPyConnection, found: duckdb.DuckDBPyRelation, reports: Sequence[str]
    ) -> Diagnosis:
        add_table(con, "no_suspects", make_named_rows(SUSPECTS, ()))
        add_table(con, "one_deduction", make_named_rows(DEDUCTIONS, [row]))
        return Diagnosis(found, con.table("no_suspects"), con.table("one_deduction"))

    publish(database, [with_blank(printed("0"))], 1, diagnose=think)
    assert en in story(database, "granted").splitlines()


# ---- corrections at the start of a run


@pytest.fixture
def corrections(tmp_path: Path) -> Callable[[str], Path]:
    """Writes a folder of corrections with one misreading of that report."""

    def written(report: str) -> Path:
        folder = tmp_path / "corrections"
        folder.mkdir(exist_ok=True)
        entry = (
            f'{{report: "{report}", table: requests, row: result_total, col: natural, expect: '
            '"20", meant: "26"'
        )
        (folder / "a.yaml").write_text(
            f'misreadings:\n  - {entry}, reason: r, date: "2026-02-01", by: b}}\n', encoding="utf-8"
        )
        return folder

    return written


def test_a_run_applies_corrections_and_refuses_those_of_unknown_reports(
    database: Path, corrections: Callable[[str], Path]
) -> None:
    sample = SAMPLES / "2019-html-word.html"
    settings = load_settings(database=database, workers=1, corrections=corrections("f" * 16))
    with pytest.raises(ConfigError, match=r"a\.yaml:2: f{16}: no such report"):
        make_plan(settings, [sample])
    assert not database.exists()
    ingest(load_settings(database=database, workers=1), [sample])
    ((report,),) = rows(database, "SELECT report_id FROM reports")
    failing = (
        "SELECT count(*) FROM findings WHERE rule_id = 'requests.result_total' AND instance = "
        "'natural'"
    )
    assert rows(database, failing) == [(1,)]
    settings = load_settings(database=database, workers=1, corrections=corrections(report))
    # the warehouse knows the report
    assert make_plan(settings, [SAMPLES / "2019-txt-pipes.txt"]).to_read == 1
    ingest(settings, [sample])
    assert rows(database, failing) == [(0,)]
    assert rows(
        database,
        (
            "SELECT value, raw_text, reader FROM cells WHERE row_id = 'result_total' AND col_id = "
            "'natural'"
        ),
    ) == [(26, "20", "html+correction")]


def test_an_entry_for_a_document_that_is_still_to_be_read_is_taken(
    database: Path, corrections: Callable[[str], Path]
) -> None:
    sample = SAMPLES / "2019-html-word.html"
    (document,) = make_plan(load_settings(database=database), [sample]).present
    assert (
        make_plan(
            load_settings(database=database, corrections=corrections(document)), [sample]
        ).to_read
        == 1
    )
