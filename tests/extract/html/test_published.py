"""Published pages read whole."""

from pathlib import Path

import pytest

from extract.document import texts
from extract.html.read import read
from tests.extract.documents import rows_of


@pytest.mark.parametrize(
    ("name", "shapes", "row"),
    [
        (
            "005",
            [(18, 5), (26, 10), (4, 15)],
            ["一、本年新收政府信息公开申请数量", "821", "35", "", "", "2", "1", "859"],
        ),
        (
            "008",
            [(14, 4), (28, 10), (4, 15)],
            ["四、结转下年度继续办理", "783", "6", "0", "2", "25", "3", "819"],
        ),
        ("014", [(6, 4), (14, 4), (28, 10), (4, 15)], None),
        ("80469", [(8, 3)], ["主动公开信息数", "条", "86"]),
        ("80560", [(19, 5), (26, 10), (4, 15)], ["政府集中采购", "2", "832995元"]),
        ("80595", [(18, 4), (26, 10), (5, 15)], ["政府集中采购", "395", "73802895.90元"]),
        ("80613", [(14, 4), (28, 11), (4, 15)], ["行政事业性收费", "24252.311082"]),
        ("86513", [(13, 4), (26, 10), (4, 15)], None),
    ],
)
def test_real_pages(
    shared_dir: Path, name: str, shapes: list[tuple[int, int]], row: list[str] | None
) -> None:
    document = read((shared_dir / "corpus" / "raw" / f"{name}.html").read_bytes())
    assert [(g.n_rows, g.n_cols) for g in document.grids] == shapes
    assert row is None or row in [r for g in document.grids for r in rows_of(g)]
    assert not any(
        mark in line for line in texts(document.blocks) for mark in ("-->", "<!", "{{", "mso-")
    )
