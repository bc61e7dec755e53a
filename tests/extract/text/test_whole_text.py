"""Facts, prose and limits of a whole text; published texts give their figures."""

import json
from pathlib import Path

import pytest

from extract import limits
from extract.document import UNREADABLE, ReadError, Reason
from extract.text.read import read
from tests.extract.text.blocks import blocks, texts

FLATTENED = (
    "020",
    "021",
    "022",
    "023",
    "024",
    "025",
    "030",
    "031",
    "032",
    "033",
    "034",
    "040",
    "043",
)


def test_facts_of_the_head_stay_paragraphs_too() -> None:
    document = read(
        (
            "标题: 某局2018年度报告\n发布时间：2019-01-10 16:13\n发布机构: 1\n发布单位: "
            "某局\n公开日期: 2020-02-30\n正文"
        ).encode("gb18030")
    )
    assert document.facts == (
        ("title", "某局2018年度报告"),
        ("published_on", "2019-01-10"),
        ("publisher", "某局"),
    )
    assert len(document.paragraphs) == 6
    assert read("发布时间: 2021-01\n正文".encode()).facts == ()
    assert read("成文 2020年1月2日\n发布日期：2020年1月2日\n".encode()).facts == (
        ("published_on", "2020-01-02"),
    )


def test_leftovers_of_word_and_mere_rules_are_no_text() -> None:
    text = (
        "[bookmark: _GoBack]1、正文<!--[if "
        "!supportLists]-->继续<!--[endif]-->\n==========\n───\n== 正文 ==\n--> 完"
    )
    assert blocks(text) == ["1、正文继续", "== 正文 ==", "完"]


def test_an_empty_text_is_an_empty_file() -> None:
    with pytest.raises(ReadError) as caught:
        read(" \n\t\u3000\n".encode())
    assert caught.value.reason is Reason.EMPTY_FILE


@pytest.mark.parametrize(
    "text",
    [
        "| 1 | 2 |\n" * (limits.TABLE_ROWS + 1),
        "| 1 " * (limits.TABLE_COLUMNS + 1) + "|",
        "甲 1 2\n" * 501,
    ],
)
def test_rows_of_a_table_beyond_the_limits_are_paragraphs(text: str) -> None:
    document = read(f"{text}\n\n| 甲 | 乙 |\n| 1 | 2 |\n".encode())
    assert [grid.n_rows for grid in document.grids] == [2]
    words = "".join("".join(p.text for p in document.paragraphs).split())
    assert words == "".join(text.replace("|", "").split())


def test_a_cell_beyond_the_limit_is_open_and_its_words_are_prose() -> None:
    document = read(f"| {'甲' * 4001} | 1 |".encode())
    assert [cell.text for cell in document.grids[0].cells] == [UNREADABLE, "1"]
    assert [p.text for p in document.paragraphs] == ["甲" * 4001]


def test_cells_run_together_give_no_grid() -> None:
    flat = "规章000规范性文件898989行政许可3960181其他100153行政处罚26480430行政强制126025"
    spaced = "规章 0 0 0 规范性文件 6 4 11 行政许可 0 1 0 其他 0 0 0 行政处罚 0 0 0 合计"
    for text in (flat, spaced):
        document = read(f"二、情况{text}三、其他".encode())
        assert not document.grids
        assert document.text_without_cells
    assert not read(
        "2019年，共收到申请34件，其中予以公开12件，部分公开3件，不予公开5件，无法提供4件。".encode()
    ).text_without_cells


def test_the_dumped_report_gives_every_figure_in_its_place(shared_dir: Path) -> None:
    document = read((shared_dir / "seed/shangrao-minzheng-2019.txt").read_bytes())
    truth = json.loads(
        (shared_dir / "corpus/truth/shangrao-minzheng-2019.json").read_text(encoding="utf-8")
    )["cells"]
    assert [(g.n_rows, g.n_cols) for g in document.grids] == [(18, 4), (26, 10), (4, 15)]
    expected: dict[str, dict[str, list[str]]] = {}
    for name, cell in truth.items():
        table, row, _ = name.split("|")
        expected.setdefault(table, {}).setdefault(row, []).append(cell["raw"] or "")
    proactive, requests, disputes = (texts(g) for g in document.grids)
    headers = {"第二十条", "信息内容"}
    assert [row[1:] for row in proactive if row[0][:4] not in headers] == list(
        expected["proactive"].values()
    )
    assert [row[-7:] for row in requests[3:]] == list(expected["requests"].values())
    assert disputes[3:] == list(expected["disputes"].values())
    assert sum(cell["value"] is not None for cell in truth.values()) == 54
    assert not document.text_without_cells
    assert not any("bookmark" in p.text for p in document.paragraphs)


@pytest.mark.parametrize("name", FLATTENED)
def test_flattened_reports_give_prose_only(shared_dir: Path, name: str) -> None:
    document = read((shared_dir / f"corpus/raw/{name}.txt").read_bytes())
    assert not document.grids
    assert document.text_without_cells
    assert dict(document.facts)["title"].startswith("平潭")


def test_a_report_taken_from_a_pdf_keeps_its_pieces_in_order(shared_dir: Path) -> None:
    document = read((shared_dir / "corpus/raw/006.txt").read_bytes())
    figures = [
        row
        for grid in document.grids
        for row in texts(grid)
        if row[-1].isdigit() or row[-2].isdigit()
    ]
    truth = json.loads((shared_dir / "corpus/truth/006.json").read_text(encoding="utf-8"))["cells"]
    for table, count in (("requests", 25), ("disputes", 1)):
        rows: dict[str, list[str]] = {}
        for name, cell in truth.items():
            if name.startswith(table + "|"):
                rows.setdefault(name.split("|")[1], []).append(cell["raw"] or "")
        assert len(rows) == count
        width = len(next(iter(rows.values())))
        printed = [[text for text in row if text == "" or text.isdigit()] for row in figures]
        # markdown pads a row to the header's length
        printed = [row[:width] for row in printed if width <= len(row) <= width + 1]
        assert sorted(printed) == sorted(rows.values())
    assert ["规范性文件", "13", "0", "55"] in figures
    assert ["行政许可", "97"] in figures
