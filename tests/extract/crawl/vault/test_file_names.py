"""Names for people: harmless, readable, never empty."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extract.crawl.vault.file_names import NAMELESS, clean, display_name

HARMFUL = {
    "../../etc/passwd": "passwd",
    "/etc/passwd": "passwd",
    "..\\..\\boot.ini": "boot.ini",
    "folder/": "folder",
    "a\0b.docx": "ab.docx",
    "年" * 300 + ".docx": "年" * 65 + ".docx",
    "CON": "_CON",
    "nul.txt": "_nul.txt",
    "Lpt1.tar.gz": "_Lpt1.tar.gz",
    "console.txt": "console.txt",
    "a\u202excod.exe": "axcod.exe",
    "e\u0301.docx": "é.docx",
    " . . ": NAMELESS,
    "..": NAMELESS,
    "": NAMELESS,
    "\u200b": NAMELESS,
    "a\r\nb.pdf": "ab.pdf",
    "a\u2028b": "a b",
    "a<b>:c|?*.pdf": "a_b__c___.pdf",
    "a  b.": "a b",
    "2022年 年度报告（平潭）.docx": "2022年 年度报告（平潭）.docx",
}


@pytest.mark.parametrize(("name", "shown"), HARMFUL.items())
def test_what_could_harm_is_taken_out(name: str, shown: str) -> None:
    assert clean(name) == shown


@pytest.mark.parametrize(
    ("url", "disposition", "shown"),
    [
        ("https://www.a.gov.cn/x/P0202.docx?a=b/c", "", "P0202.docx"),
        ("https://www.a.gov.cn/%E5%B9%B4%E6%8A%A5.pdf", "", "年报.pdf"),
        ("https://www.a.gov.cn/%C4%EA%B1%A8.pdf", "", "年报.pdf"),
        ("https://www.a.gov.cn/%2e%2e%2f%2e%2e%2fetc%2fpasswd", "", "passwd"),
        ("https://www.a.gov.cn/", "", NAMELESS),
        ("https://[broken", "", NAMELESS),
        ("https://www.a.gov.cn/d.jsp", "attachment; filename=nb.docx", "nb.docx"),
        (
            "https://www.a.gov.cn/d.jsp",
            "attachment; filename*=UTF-8''%E5%B9%B4%E6%8A%A5.docx",
            "年报.docx",
        ),
        (
            "https://www.a.gov.cn/d.jsp",
            'attachment; filename="%E5%B9%B4%E6%8A%A5.docx"',
            "年报.docx",
        ),
        ("https://www.a.gov.cn/d.jsp", 'attachment; filename="年报.docx"', "年报.docx"),
        (
            "https://www.a.gov.cn/d.jsp",
            'attachment; filename="' + "年报.docx".encode("gb18030").decode("latin-1") + '"',
            "年报.docx",
        ),
        (
            "https://www.a.gov.cn/d.jsp",
            'attachment; filename="' + "年报.docx".encode().decode("latin-1") + '"',
            "年报.docx",
        ),
        ("https://www.a.gov.cn/d.jsp", 'attachment; filename="../../a.docx"\r\nX: y', "a.docx"),
        ("https://www.a.gov.cn/d.jsp", "inline", "d.jsp"),
    ],
)
def test_where_a_name_comes_from(url: str, disposition: str, shown: str) -> None:
    assert display_name(url, disposition) == shown


@given(st.text(max_size=400), st.text(max_size=100))
def test_any_name_is_harmless_and_stays_itself(name: str, disposition: str) -> None:
    shown = clean(name)
    assert shown
    assert len(shown.encode()) <= 200
    assert not any(c in shown for c in '/\\<>:"|?*')
    assert all(unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Zl", "Zp") for c in shown)
    assert shown == shown.strip(". ")
    assert clean(shown) == shown
    assert display_name("https://www.a.gov.cn/", disposition)
