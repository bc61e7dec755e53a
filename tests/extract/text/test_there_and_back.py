"""Written tables read back in each layout; of no text is a digit lost or added."""

import re
from collections import Counter

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from extract.document import Paragraph, ReadError, Reason
from extract.text.read import read
from extract.text.whitespace import _width
from tests.extract.text.blocks import texts

_CELL_LABEL = st.text(alphabet="规章行政许可处罚强制收费", min_size=2, max_size=8)

_FIGURE = (
    st.integers(0, 99_999_999).map(str)
    | st.decimals(0, 99_999, places=6).map(str)
    | st.sampled_from(["-15", "1,234", "12%", "251000元", "/"])
)

_LAYOUTS = ("dump", "bars", "markdown", "tabs", "aligned", "single")


@st.composite
def tables(draw: st.DrawFn) -> list[list[str]]:
    """A header and rows with a label each, two to eight columns; any figure but one a row may be
    blank.
    """
    n = draw(st.integers(3, 8))
    header = draw(st.lists(_CELL_LABEL, min_size=n, max_size=n))
    body = []
    for _ in range(draw(st.integers(1, 6))):
        figures = draw(st.lists(_FIGURE, min_size=n - 1, max_size=n - 1))
        assume(any(c.isdigit() for f in figures for c in f))
        body.append([draw(_CELL_LABEL), *figures])
    return [header, *body]


def _padded(text: str, width: int) -> str:
    return text + " " * (width - _width(text))


def _written(table: list[list[str]], layout: str) -> str:
    if layout == "dump":
        return "\n\n".join("\n".join(f"\t{cell}" for cell in row) for row in table)
    if layout == "bars":
        return "\n".join("| " + " | ".join(row) + " |" for row in table)
    if layout == "markdown":
        head, *body = ["|" + "|".join(row) + "|" for row in table]
        return "\n".join([head, "|" + "---|" * len(table[0]), *body])
    if layout == "tabs":
        return "\n".join("\t".join(row) for row in table)
    if layout == "single":
        return "\n".join(" ".join(row) for row in table)
    widths = [max(_width(row[c]) for row in table) + 2 for c in range(len(table[0]))]
    return "\n".join(
        "".join(_padded(cell, w) for cell, w in zip(row, widths, strict=True)).rstrip()
        for row in table
    )


@settings(max_examples=300, deadline=None)
@given(
    tables(),
    st.sampled_from(_LAYOUTS),
    st.sets(st.tuples(st.integers(1, 6), st.integers(1, 7)), max_size=6),
    st.sampled_from(["\n", "\r\n"]),
)
def test_a_table_reads_back_in_every_layout(
    table: list[list[str]], layout: str, blank: set[tuple[int, int]], end: str
) -> None:
    if layout == "single":
        # may be one number
        assume(not any(re.search(r"\b\d{1,3} \d{3}\b", " ".join(row)) for row in table))
    else:
        for r, c in blank:
            others = (
                table[r][:c] + table[r][c + 1 :] if r < len(table) and c < len(table[0]) else []
            )
            # a row without any number is no row
            if any(ch.isdigit() for text in others for ch in text):
                table[r][c] = ""
    text = f"二、情况\n\n{_written(table, layout)}\n\n三、其他情况".replace("\n", end)
    document = read(text.encode())
    assert [p.text for p in document.paragraphs] == ["二、情况", "三、其他情况"]
    assert [texts(g) for g in document.grids] == [table]


_ROWS = st.lists(
    st.sampled_from(["规章", "行政许可", "0", "12", "1,234", "", "本年", "予以公开", "3"]),
    min_size=1,
    max_size=6,
)

_WAYS_OF_WRITING = (
    " | ".join,
    lambda row: f"| {' | '.join(row)} |",
    lambda row: f"| {' | '.join(row)}",
    lambda row: f"{' | '.join(row)} |",
    "\t".join,
    lambda row: "\n".join(f"\t{cell}" for cell in row),
    "  ".join,
    ",".join,
    lambda row: "，".join(row) + "。",
    lambda row: "|---|---|",
    lambda row: "",
)


@settings(max_examples=400, deadline=None)
@given(st.lists(st.tuples(_ROWS, st.sampled_from(range(len(_WAYS_OF_WRITING)))), max_size=14))
def test_nothing_of_a_text_vanishes_however_its_lines_are_written(
    lines: list[tuple[list[str], int]],
) -> None:
    """Lines of all layouts in any order, as where one of a table lacks its closing bar."""
    text = "\n".join(_WAYS_OF_WRITING[way](row) for row, way in lines)
    assume(text.strip())
    read_back = "".join(
        b.text if isinstance(b, Paragraph) else "".join(c.text for c in b.cells)
        for b in read(text.encode()).blocks
    )
    assert Counter(filter(str.isalnum, read_back)) == Counter(filter(str.isalnum, text))


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="规章行政 \t\n|│─-0123456789,.，。（）\u3000\xa0一二三、", max_size=120))
def test_every_digit_of_any_text_is_kept_in_order_and_none_is_added(text: str) -> None:
    try:
        document = read(text.encode())
    except ReadError as error:
        assert error.reason is Reason.EMPTY_FILE
        return
    read_back = "".join(
        b.text if isinstance(b, Paragraph) else "".join(c.text for c in b.cells)
        for b in document.blocks
    )
    assert [c for c in read_back if c.isdigit()] == [c for c in text if c.isdigit()]


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_mutated_bytes_raise_nothing_but_read_errors(data: st.DataObject) -> None:
    original = (
        "标题: 某局\n\t规章\n\t0\n\n| 许可 | 1 |\n规章 1 2 3\n处罚    4   5\n甲\t1\t2\n".encode(
            data.draw(st.sampled_from(["utf-8", "gb18030"]))
        )
    )
    mutated = bytearray(original)
    for at, byte in data.draw(
        st.lists(st.tuples(st.integers(0, len(original) - 1), st.integers(0, 255)), max_size=10)
    ):
        mutated[at] = byte
    try:
        read(bytes(mutated[: data.draw(st.integers(0, len(original)))]))
    except ReadError as error:
        assert error.reason in (Reason.EMPTY_FILE, Reason.BAD_ENCODING)
