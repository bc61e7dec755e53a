"""Which text objects of an OFD page are seen."""

import pytest
from lxml import etree

from extract.ofd.visible import is_seen, is_slanted

BOX = (10.0, 10.0, 20.0, 5.0)
WHITE = '<FillColor Value="255 255 255"/>'


@pytest.mark.parametrize(
    ("attributes", "inner", "seen"),
    [
        ("", "", True),
        ('Visible="true" Alpha="255"', "", True),
        ('Visible="false"', "", False),
        ('Alpha="0"', "", False),
        ('Fill="false"', "", False),
        ('Fill="false" Stroke="true"', "", True),
        ("", '<FillColor Value="0 0 0" Alpha="0"/>', False),
        ("", '<FillColor Value="250 0 0"/>', True),
        ("", WHITE, False),
    ],
)
def test_what_is_seen(attributes: str, inner: str, seen: bool) -> None:
    element = etree.fromstring(f"<TextObject {attributes}>{inner}</TextObject>")
    assert is_seen(element, [], BOX) is seen


def test_white_text_is_seen_on_an_area_that_meets_it() -> None:
    element = etree.fromstring(f"<TextObject>{WHITE}</TextObject>")
    assert is_seen(element, [(0.0, 0.0, 50.0, 50.0)], BOX)
    assert not is_seen(element, [(0.0, 20.0, 50.0, 50.0)], BOX)


def test_slanted_is_what_is_turned_by_no_quarter() -> None:
    assert is_slanted((0.9, 0.4, -0.4, 0.9, 0.0, 0.0))
    assert not is_slanted((0.0, 1.0, -1.0, 0.0, 0.0, 0.0))
    assert not is_slanted((1.0, 0.02, 0.0, 1.0, 0.0, 0.0))
