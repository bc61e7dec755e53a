"""Glyphs to lines of text: groups, directions, and columns of fixed pitch."""

import numpy as np

from extract.layout.text_lines import find_lines, fixed_pitch_lines, glyphs_from
from tests.extract.layout.test_ruled_tables import text_at


def test_lines_by_group_direction_and_level() -> None:
    glyphs = glyphs_from(
        [
            *text_at("乙", 10, 40),
            *text_at("甲1", 10, 20),
            *text_at("竖", 90, 60, turn=1),
            *text_at("2", 40, 21),
        ]
    )
    found = find_lines(glyphs, np.zeros(len(glyphs), dtype=np.int64))
    assert [(line.text, line.turn) for line in found] == [("甲1\x012", 0), ("乙", 0), ("竖", 1)]
    assert find_lines(glyphs_from([]), np.zeros(0, dtype=np.int64)) == []


def test_typed_lines_keep_columns_and_refuse_texts_over_each_other() -> None:
    glyphs = glyphs_from(
        [
            *text_at("许可", 40, 20),
            *text_at("12", 80, 20),
            *text_at("处罚", 40, 40),
            *text_at("7", 80, 40),
        ]
    )
    assert [typed for _, typed in fixed_pitch_lines(glyphs)] == [
        " " * 10 + "许可" + " " * 6 + "12",
        " " * 10 + "处罚" + " " * 6 + "7",
    ]
    assert [
        typed
        for _, typed in fixed_pitch_lines(
            glyphs_from([*text_at("许可", 40, 20), *text_at("12", 50, 20)])
        )
    ] == [None]
