"""The letter names what two readers read alike, with printed figures and places, nothing else."""

import io
from pathlib import Path

import docx
import duckdb
import pytest

from flows.steps.pipeline import ingest
from flows.steps.settings import load_settings
from load.errors import NoInput
from review.letter import draft_letter
from tests.flows.command import SAMPLES
from tests.load.made import rows

AGENCY = "平潭综合实验区管理委员会"
ASKED = """
    SELECT message_zh FROM findings WHERE verdict = 'source' AND level IN ('error', 'warning')
        AND status IN ('new', 'standing')
"""


@pytest.fixture(scope="module")
def read_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    database = tmp_path_factory.mktemp("letter") / "w.duckdb"
    ingest(load_settings(database=database, workers=1), [SAMPLES / "2019-html-word.html"])
    return database


@pytest.fixture
def database(read_once: Path, tmp_path: Path) -> Path:
    copy = tmp_path / "w.duckdb"
    copy.write_bytes(read_once.read_bytes())
    return copy


def texts(database: Path, lang: str = "zh") -> list[str]:
    letter = docx.Document(io.BytesIO(draft_letter(database, AGENCY, lang)))
    return [p.text for p in letter.paragraphs]


def test_every_point_is_a_finding_that_both_readers_confirm(database: Path) -> None:
    messages = [message for (message,) in rows(database, ASKED)]
    assert messages
    numbered = [text.partition(". ")[2] for text in texts(database) if text[:1].isdigit()]
    assert sorted(numbered) == sorted(messages)


def test_the_printed_figures_stand_with_their_places(database: Path) -> None:
    letter = docx.Document(io.BytesIO(draft_letter(database, AGENCY, "zh")))
    lines = [[cell.text for cell in row.cells] for row in letter.tables[0].rows]
    assert lines[0] == ["项目", "报告所载", "位置"]
    printed = rows(
        database,
        f"""
        SELECT row_label_zh || ' / ' || col_label_zh, trim(printed),
            '第 ' || grid || ' 个表第 ' || grid_row || ' 行第 ' || grid_col || ' 列'
        FROM finding_cells SEMI JOIN ({ASKED}) USING (message_zh)
        WHERE rule_id = 'requests.result_total' AND trim(printed) <> ''
        """,
    )
    assert ("（七）总计 / 自然人", "20") in {(name, text) for name, text, _ in printed}
    written = {tuple(c.text for c in row.cells) for t in letter.tables for row in t.rows}
    assert set(printed) <= written


def test_a_dismissed_finding_is_not_asked_about(database: Path) -> None:
    with duckdb.connect(str(database)) as con:
        con.execute("UPDATE findings SET status = 'dismissed' WHERE instance = 'natural'")
    assert not any("“自然人”列" in text for text in texts(database))
    assert any("“总计”列" in text for text in texts(database))


def test_there_is_no_letter_where_there_is_nothing_to_ask(database: Path) -> None:
    with duckdb.connect(str(database)) as con:
        con.execute("UPDATE findings SET verdict = NULL")
    with pytest.raises(NoInput, match=AGENCY):
        draft_letter(database, AGENCY, "zh")


def test_an_agency_that_is_not_there_is_refused(database: Path) -> None:
    with pytest.raises(NoInput, match="某市人民政府: no such agency"):
        draft_letter(database, "某市人民政府", "zh")
