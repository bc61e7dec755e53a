"""The second reading of .doc files: what a field shows. (Whole files: `tests/extract`.)"""

import pytest

from extract.word.doc_crosscheck import _without_instructions

BEGIN, RESULT, END = "\x13", "\x14", "\x15"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("12", "12"),
        (f"a{BEGIN}=SUM(ABOVE){RESULT}34{END}b", "a34b"),
        (f"a{BEGIN}TC 目录{END}b", "ab"),  # a field without a result
        (f"{BEGIN}x{RESULT}1{BEGIN}PAGE{RESULT}2{END}3{END}4", "1234"),  # one in a result
        (f"{BEGIN}IF {BEGIN}PAGE{RESULT}1{END} = 2 5 6{RESULT}7{END}8", "78"),  # in an instruction
        (f"{BEGIN}a\r\x1eb{RESULT}c{END}", "\rc"),  # ends of paragraphs stay
        (f"{RESULT}{END}1", "1"),
    ],
)
def test_of_a_field_the_result_alone_is_read(text: str, shown: str) -> None:
    places = range(len(text))
    kept = list(_without_instructions(zip(text, places, strict=True)))
    assert "".join(char for char, _ in kept) == shown
    assert all(text[place] == char for char, place in kept)
