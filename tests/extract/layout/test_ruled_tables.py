"""Rules and marks to tables: any merged grid drawn in any way comes back equal; and every doubtful
layout by itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extract.document import Cell, ReadError, Reason
from extract.layout.cell_text import WRAPPED
from extract.layout.ruled_tables import OVERRUN, RuledTable
from extract.layout.ruled_tables import find_tables as tables_and_lines
from extract.layout.ruling_lines import RULES, RulingLine
from extract.layout.text_lines import Glyph, Glyphs, glyphs_from

SIZE = 8.0


def width_of(char: str) -> float:
    return SIZE if char >= "\u2e80" else SIZE / 2


def text_at(text: str, x: float, y: float, turn: int = 0, typed: bool = False) -> list[Glyph]:
    """One mark a character, from the origin (x, y) on; `typed` as if a blank had been typed before
    the first.
    """
    glyphs = []
    for char in text:
        if char != " ":
            glyphs.append(Glyph(char, x, y, width_of(char), SIZE, turn, typed))
        typed = char == " "
        step = width_of(char)
        x, y = (x + step, y) if turn == 0 else (x, y - step) if turn == 1 else (x, y + step)
    return glyphs


def in_box(text: str, left: float, top: float, right: float, bottom: float) -> list[Glyph]:
    """The lines of `text` in the middle of a box."""
    rows = text.split("\n")
    y = (top + bottom) / 2 - 10 * len(rows) / 2 + SIZE
    glyphs = []
    for i, row in enumerate(rows):
        glyphs += text_at(row, (left + right) / 2 - sum(map(width_of, row)) / 2, y + 10 * i)
    return glyphs


def drawn(
    xs: Sequence[float], ys: Sequence[float], rows: Sequence[Sequence[str]]
) -> tuple[list[RulingLine], list[Glyph]]:
    """A plain table with a rule at each edge."""
    rules = [RulingLine(xs[0], y, xs[-1], y) for y in ys] + [
        RulingLine(x, ys[0], x, ys[-1]) for x in xs
    ]
    glyphs = [
        m
        for r, row in enumerate(rows)
        for c, text in enumerate(row)
        for m in in_box(text, xs[c], ys[r], xs[c + 1], ys[r + 1])
    ]
    return rules, glyphs


def tables(rules: Sequence[RulingLine], glyphs: Glyphs) -> list[RuledTable]:
    return tables_and_lines(rules, glyphs)[0]


def words_outside(rules: Sequence[RulingLine], glyphs: Sequence[Glyph]) -> list[str]:
    return [line.text for line in tables_and_lines(rules, glyphs_from(glyphs))[1]]


def texts(table: RuledTable) -> list[list[str]]:
    return [[c.text for c in table.grid.cells if c.row == r] for r in range(table.grid.n_rows)]


def only(rules: Sequence[RulingLine], glyphs: Sequence[Glyph]) -> RuledTable:
    (table,) = tables(rules, glyphs_from(glyphs))
    return table


# ---- the property


@dataclass(frozen=True)
class Drawing:
    """A grid, and how its lines are drawn."""

    cells: list[Cell]
    xs: list[float]
    ys: list[float]
    way: str
    seed: int

    def box(self, c: Cell) -> tuple[float, float, float, float]:
        return (
            self.xs[c.col],
            self.ys[c.row],
            self.xs[c.col + c.col_span],
            self.ys[c.row + c.row_span],
        )

    def rules(self) -> list[RulingLine]:
        rng = np.random.default_rng(self.seed)
        sides = set()
        for c in self.cells:
            left, top, right, bottom = self.box(c)
            sides |= {
                (left, top, right, top),
                (left, bottom, right, bottom),
                (left, top, left, bottom),
                (right, top, right, bottom),
            }
        rules = []
        for x0, y0, x1, y1 in sorted(sides):
            a, b = rng.uniform(-1.4, 1.4, 2) if self.way == "jitter" else (0.0, 0.0)
            dx, dy = (1.0, 0.0) if y0 == y1 else (0.0, 1.0)
            rule = RulingLine(x0 + a * dx, y0 + a * dy, x1 + b * dx, y1 + b * dy, 0.5)
            if self.way in (
                "double",
                "outline",
            ):  # a double border, or both long sides of a thin rectangle
                shift = 1.0 if self.way == "double" else 0.3
                rules += [
                    RulingLine(
                        rule.x0 + s * dy, rule.y0 + s * dx, rule.x1 + s * dy, rule.y1 + s * dx
                    )
                    for s in (-shift, shift)
                ]
            elif self.way == "dashes":
                length = (x1 - x0) + (y1 - y0)
                for start in np.arange(0.0, length, 5.0):
                    end = min(length, start + 3.2)
                    rules.append(
                        RulingLine(x0 + start * dx, y0 + start * dy, x0 + end * dx, y0 + end * dy)
                    )
            elif self.way == "leaning":  # as on a scan that is not quite straight
                lean = 0.004 * ((x1 - x0) + (y1 - y0))
                rules.append(RulingLine(x0, y0, x1 + lean * dy, y1 + lean * dx))
            else:
                rules.append(rule)
        rng.shuffle(rules)  # type: ignore[arg-type]
        return [RulingLine(*r) for r in rules]

    def glyphs(self) -> list[Glyph]:
        return [m for c in self.cells for m in in_box(c.text, *self.box(c))]


@st.composite
def drawings(draw: st.DrawFn) -> Drawing:
    """A random tiling by merged cells, edges that no cell needs left out, with text in nearly all
    cells.
    """
    n_rows, n_cols = draw(st.integers(1, 7)), draw(st.integers(2, 8))
    taken = [[False] * n_cols for _ in range(n_rows)]
    anchors: list[tuple[int, int, int, int]] = []
    for r in range(n_rows):
        for c in range(n_cols):
            if taken[r][c]:
                continue
            room = next((k for k in range(c, n_cols) if taken[r][k]), n_cols) - c
            col_span = draw(st.sampled_from([1, 1, 1, 2, 3, 5])) if room > 1 else 1
            col_span, row_span = (
                min(col_span, room),
                min(draw(st.sampled_from([1, 1, 1, 2, 4])), n_rows - r),
            )
            for row in taken[r : r + row_span]:
                row[c : c + col_span] = [True] * col_span
            anchors.append((r, c, row_span, col_span))
    rows = sorted({a[0] for a in anchors} | {a[0] + a[2] for a in anchors})
    cols = sorted({a[1] for a in anchors} | {a[1] + a[3] for a in anchors})
    xs = [
        50.0,
        *(50.0 + np.cumsum([draw(st.sampled_from([18.0, 25.5, 60.0])) for _ in cols[1:]])).tolist(),
    ]
    ys = [
        80.0,
        *(80.0 + np.cumsum([draw(st.sampled_from([12.0, 24.0, 40.0])) for _ in rows[1:]])).tolist(),
    ]
    cells = []
    for r, c, row_span, col_span in anchors:
        row, col = rows.index(r), cols.index(c)
        height, width = rows.index(r + row_span) - row, cols.index(c + col_span) - col
        lines_fit = int((ys[row + height] - ys[row] - 2) // 10)
        words = draw(
            st.lists(
                st.sampled_from(["12", "总计", "3.5", "其他", "0"]),
                min_size=0 if width < len(xs) - 1 and cells else 1,
                max_size=1,
            )
        )
        text = (
            "\n".join([*words, "结果"])
            if words and words[0] > "a" and lines_fit > 1 and draw(st.booleans())
            else "".join(words)
        )
        if not text and height == len(ys) - 1:
            text = "0"  # a blank cell along a whole side would be taken for the room in a frame
        cells.append(Cell(text, row, col, height, width))
    ways = ("whole", "jitter", "double", "outline", "dashes", "leaning")
    return Drawing(cells, xs, ys, draw(st.sampled_from(ways)), draw(st.integers(0, 10**6)))


@settings(max_examples=300, deadline=None)
@given(drawings())
def test_any_merged_grid_comes_back(drawing: Drawing) -> None:
    held = sum(bool(c.text) for c in drawing.cells)
    found = tables(drawing.rules(), glyphs_from(drawing.glyphs()))
    if held < 2 or len(drawing.cells) < 2:
        assert found == []
        return
    (table,) = found
    assert words_outside(drawing.rules(), drawing.glyphs()) == []
    assert [c[:5] for c in table.grid.cells] == [
        c[:5] for c in sorted(drawing.cells, key=lambda c: (c.row, c.col))
    ]
    for got, want in zip(
        table.grid.cells, sorted(drawing.cells, key=lambda c: (c.row, c.col)), strict=True
    ):
        assert got.bbox is not None
        assert np.allclose(got.bbox, drawing.box(want), atol=3.0)


# ---- what is a table


def test_tables_below_and_beside_each_other() -> None:
    parts = [
        drawn((x, x + 40, x + 80), (y, y + 20, y + 40), [[f"{n}1", f"{n}2"], [f"{n}3", f"{n}4"]])
        for n, x, y in ((2, 150, 50), (1, 50, 52), (3, 50, 140))
    ]
    found = tables(
        [r for rules, _ in parts for r in rules],
        glyphs_from(m for _, glyphs in parts for m in glyphs),
    )
    assert [t.grid.cells[0].text for t in found] == ["11", "21", "31"]


def test_frames_underlines_and_boxes_are_no_tables() -> None:
    frame = [
        RulingLine(20, 20, 580, 20),
        RulingLine(20, 820, 580, 820),
        RulingLine(20, 20, 20, 820),
        RulingLine(580, 20, 580, 820),
    ]
    underline = [RulingLine(100, 62, 200, 62)]
    glyphs = glyphs_from([*text_at("年度报告", 100, 60), *text_at("一、总体情况", 60, 100)])
    assert tables(frame + underline, glyphs) == []


def test_a_table_in_a_frame_is_one_table() -> None:
    rules, glyphs = drawn((100, 140, 180), (100, 120, 140), [["甲", "1"], ["乙", "2"]])
    frame = [
        RulingLine(20, 20, 580, 20),
        RulingLine(20, 820, 580, 820),
        RulingLine(20, 20, 20, 820),
        RulingLine(580, 20, 580, 820),
    ]
    outside = text_at("第一页", 200, 60)
    table = only([*rules, *frame], [*glyphs, *outside])
    assert texts(table) == [["甲", "1"], ["乙", "2"]]
    assert words_outside([*rules, *frame], [*glyphs, *outside]) == ["第一页"]


def test_the_room_between_a_frame_and_its_table_is_no_column() -> None:
    rules, glyphs = drawn((100, 140, 180), (100, 120, 140), [["甲", "1"], ["乙", "2"]])
    table = only(
        [
            *rules,
            RulingLine(90, 100, 90, 140),
            RulingLine(90, 100, 100, 100),
            RulingLine(90, 140, 100, 140),
        ],
        glyphs,
    )
    assert texts(table) == [["甲", "1"], ["乙", "2"]]


def test_a_table_inside_a_cell_comes_on_its_own() -> None:
    outer, words = drawn((50, 300, 550), (50, 80, 300), [["名称", "内容"], ["", "丙"]])
    inner, numbers = drawn((100, 150, 200), (120, 150, 180), [["甲", "1"], ["乙", "2"]])
    found = tables([*outer, *inner], glyphs_from([*words, *numbers]))
    assert [texts(t) for t in found] == [[["名称", "内容"], ["", "丙"]], [["甲", "1"], ["乙", "2"]]]


@pytest.mark.parametrize(
    "missing",
    [
        {"left"},
        {"right"},
        {"left", "right"},
        {"top"},
        {"bottom"},
        {"top", "bottom"},
        {"left", "right", "top", "bottom"},
    ],
)
def test_outer_borders_may_be_missing(missing: set[str]) -> None:
    xs, ys = (50.0, 100.0, 150.0, 200.0), (50.0, 70.0, 90.0, 110.0)
    rows = [["甲", "乙", "丙"], ["1", "2", "3"], ["4", "5", "6"]]
    rules, glyphs = drawn(xs, ys, rows)
    sides = {"top": 0, "bottom": 3, "left": 4, "right": 7}
    kept = [r for i, r in enumerate(rules) if i not in {sides[m] for m in missing}]
    assert texts(only(kept, glyphs)) == rows


def test_a_cell_open_to_one_side_is_kept_and_a_corner_open_to_two_is_not() -> None:
    rules, glyphs = drawn((50, 100, 150), (50, 70, 90), [["甲", "乙"], ["1", "2"]])
    open_top = [r for r in rules if r != RulingLine(50, 50, 150, 50)] + [
        RulingLine(100, 50, 150, 50)
    ]
    assert texts(only(open_top, glyphs)) == [["甲", "乙"], ["1", "2"]]
    stairs = [r for r in open_top if r != RulingLine(50, 50, 50, 90)] + [RulingLine(50, 70, 50, 90)]
    table = only(stairs, glyphs)
    assert texts(table) == [["乙"], ["1", "2"]]
    assert words_outside(stairs, glyphs) == ["甲"]


def test_too_many_rules_are_refused() -> None:
    with pytest.raises(ReadError) as refusal:
        tables(
            [RulingLine(0, i, 100, i) for i in range(RULES + 1)], glyphs_from(text_at("1", 5, 5))
        )
    assert refusal.value.reason is Reason.TOO_LARGE


def test_lines_of_a_table_beyond_the_limits_draw_none() -> None:
    rules, glyphs = drawn([7.0 * i for i in range(72)], [0.0, 10.0, 20.0], [["1"] * 71, ["2"] * 71])
    assert tables(rules, glyphs_from(glyphs)) == []


# ---- the text of a cell


def cell_texts(
    glyphs: Sequence[Glyph], width: float = 30.0, rows: tuple[float, ...] = (50.0, 120.0)
) -> list[Cell]:
    """The cells of one row: marks in a cell of `width` points, and words that fill the cell beside
    it.
    """
    right = 50 + width
    rules, beside = drawn((right, right + 4 * SIZE + 6), rows, [["其他处理"]] * (len(rows) - 1))
    rules += [RulingLine(50, y, right, y) for y in rows] + [RulingLine(50, rows[0], 50, rows[-1])]
    return [c for c in only(rules, [*glyphs, *beside]).grid.cells if c.col == 0]


def test_a_number_wrapped_because_it_does_not_fit_is_joined() -> None:
    (cell,) = cell_texts([*text_at("1139", 54, 70), *text_at("8889", 54, 80)], width=22)
    assert (cell.text, cell.confidence) == ("11398889", WRAPPED)


def test_lines_of_single_digits_are_one_number_where_two_find_no_room() -> None:
    (cell,) = cell_texts([*text_at("1", 54, 70), *text_at("8", 54, 80)], width=12)
    assert (cell.text, cell.confidence) == ("18", WRAPPED)


def test_a_number_behind_blanks_goes_on_in_the_middle_of_the_next_line() -> None:
    (cell,) = cell_texts([*text_at("8", 82, 70), *text_at("7", 68, 80)], width=40)
    assert (cell.text, cell.confidence) == ("87", WRAPPED)
    (unit,) = cell_texts([*text_at("8", 82, 70), *text_at("7件", 60, 80)], width=40)
    assert unit.text == "87件"
    (remark,) = cell_texts(
        [
            *text_at("8", 82, 70),
            *text_at("7（", 54, 80),
            *text_at("修订1", 54, 90),
            *text_at("件）", 54, 100),
        ],
        width=40,
    )
    assert remark.text == "87（\n修订1\n件）"
    (right,) = cell_texts([*text_at("8", 82, 70), *text_at("7", 82, 80)], width=40)
    assert (right.text, right.confidence) == ("8\n7", 1.0)


@pytest.mark.parametrize(
    ("upper", "lower", "width"),
    [("1139", "8889", 60), ("0", "0", 10), ("12", "345", 14), ("02", "31", 14)],
)
def test_numbers_that_may_be_two_stay_apart(upper: str, lower: str, width: float) -> None:
    (cell,) = cell_texts([*text_at(upper, 53, 70), *text_at(lower, 53, 80)], width=width)
    assert (cell.text, cell.confidence) == (f"{upper}\n{lower}", 1.0)


def test_a_unit_on_the_next_line_belongs_to_its_number() -> None:
    (cell,) = cell_texts([*text_at("976.81", 54, 70), *text_at("万元", 54, 80)])
    assert cell.text == "976.81万元"


def test_digits_apart_are_neither_one_number_nor_two() -> None:
    (gap,) = cell_texts([*text_at("12", 54, 70), *text_at("34", 67, 70)], width=60)
    assert gap.text == "12\n34"
    (typed,) = cell_texts(text_at("12 34", 54, 70), width=60)
    assert typed.text == "12 34"
    (words,) = cell_texts([*text_at("本年", 54, 70), *text_at("新收", 74, 70)], width=60)
    assert words.text == "本年新收"


def test_labels_one_character_a_line_and_turned_labels_are_words() -> None:
    (stacked,) = cell_texts(
        [m for i, c in enumerate("三、本年度") for m in text_at(c, 55, 60 + 10 * i)], width=16
    )
    assert stacked.text == "三、本年度"
    (turned,) = cell_texts(text_at("办理结果", 60, 110, turn=1), width=16)
    assert turned.text == "办理结果"
    (digits,) = cell_texts([*text_at("1", 55, 60), *text_at("2", 55, 75)], width=12)
    assert digits.text == "1\n2"


def test_bold_made_by_drawing_twice_counts_once() -> None:
    twice = [
        m
        for c, x in zip("11", (54.0, 58.0), strict=True)
        for s in (0.0, 0.4)
        for m in text_at(c, x + s, 70)
    ]
    (cell,) = cell_texts(twice)
    assert cell.text == "11"


def test_order_is_that_of_origins_not_of_the_file() -> None:
    (cell,) = cell_texts(
        [*text_at("和", 70, 70), *text_at("第一", 54, 70), *text_at("，", 78, 70)], width=60
    )
    assert cell.text == "第一和，"


# ---- text that runs over its cell


def mend_overrun(x: float, text: str) -> list[Cell]:
    rules, glyphs = drawn((50, 80, 110, 140), (50, 70, 90), [["甲", "乙", "丙"], ["", "", "9"]])
    return list(only(rules, [*glyphs, *text_at(text, x, 84)]).grid.cells[3:])


def test_a_number_that_a_rule_runs_through_stays_whole() -> None:
    cells = mend_overrun(54, "11398889")  # the rule at 80 goes through the middle of a digit
    assert [c.text for c in cells] == ["11398889", "", "9"]
    assert [c.confidence for c in cells] == [OVERRUN, OVERRUN, 1.0]


def test_digits_that_touch_at_a_rule_are_no_number() -> None:
    cells = mend_overrun(60, "1139888")  # the rule at 80 goes exactly between two digits
    assert [c.text for c in cells] == ["11398\n88"] * 2 + ["9"]


def test_words_that_end_at_a_rule_take_no_number_from_the_next_cell() -> None:
    rules, glyphs = drawn((50, 80, 110), (50, 70, 90), [["甲", "乙"], ["", ""]])
    cells = only(rules, [*glyphs, *text_at("处理的", 57, 84), *text_at("2", 81, 84)]).grid.cells[2:]
    assert [(c.text, c.confidence) for c in cells] == [("处理的", OVERRUN), ("2", OVERRUN)]


def test_a_number_over_the_outer_border_is_not_cut() -> None:
    rules, glyphs = drawn((50, 80, 110), (50, 70, 90), [["甲", "乙"], ["1", ""]])
    for x, text in ((104, "195"), (108, "5"), (111, "7")):
        cell = only(rules, [*glyphs, *text_at(text, x, 84)]).grid.cells[3]
        assert (cell.text, cell.confidence) == (text, OVERRUN)
    assert only(rules, [*glyphs, *text_at("注", 125, 84)]).grid.cells[3].text == ""


def test_a_number_on_the_border_of_two_rows_is_in_doubt() -> None:
    rules, glyphs = drawn((50, 100, 150), (50, 70, 90), [["甲", "1"], ["乙", ""]])
    cells = only(rules, [*glyphs, *text_at("427", 115, 72)]).grid.cells
    assert [c.confidence for c in cells] == [1.0, OVERRUN, 1.0, 1.0]


def test_numbers_over_each_other_are_no_number() -> None:
    (cell,) = cell_texts([*text_at("778", 54, 70), *text_at("822", 57, 71)], width=40)
    assert not cell.text.isdigit()
