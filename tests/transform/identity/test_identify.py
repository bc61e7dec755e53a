"""Identities as a whole: the real reports, and anything at all."""

import html
import json
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extract.document import Document, Paragraph
from tests.cost import cost
from tests.transform.identity.identities import TODAY, identify_lines
from transform.identity.identify import SourceEntry, identify


def test_scope_as_stated() -> None:
    assert (
        identify_lines("上饶市人民政府（本级）2020年政府信息公开工作年度报告").scope == "own_level"
    )
    assert (
        identify_lines(
            "洪泽区人民政府2020年政府信息公开工作年度报告", "本报告汇总了各部门的数据。"
        ).scope
        == "whole_area"
    )
    assert identify_lines("上饶市人民政府2020年政府信息公开工作年度报告", "正文。").scope is None


def _document(path: Path) -> Document:
    """A rough reading of a real file: only its title and its prose matter here."""
    text = path.read_bytes().decode("utf-8")
    facts: list[tuple[str, str]] = []
    if path.suffix == ".html":
        facts += [("title", t) for t in re.findall("<title>(.*?)</title>", text, re.DOTALL)[:1]]
        text = re.sub("<table.*?</table>", " ", text, flags=re.DOTALL)
        text = html.unescape(
            re.sub("<[^>]+>", "", re.sub("</(?:p|div|h[1-6]|li|title)>|<br */?>", "\n", text))
        )
    elif text.startswith("标题: "):
        names = {"标题": "title", "发布时间": "published_on", "发布机构": "publisher"}
        head, _, text = text.partition("正文 =")
        pairs = (line.partition(": ") for line in head.splitlines())
        facts += [(names[k], v) for k, _, v in pairs if k in names and v]
    return Document(
        tuple(Paragraph(line.strip()) for line in text.splitlines() if line.strip()),
        "test",
        tuple(facts),
    )


# Where the truth has a fuller name than the title, the title's own name is the report's name for
# itself.
PRINTED = {"006": "上海市科委", "008": "测试市", "80469": "财金局"}
# The one id that all spellings of a name have, where it is not the name itself.
FULL = {
    "上海市科委": "上海市科学技术委员会",
    "测试市": "测试市人民政府",
    "平潭综合实验区": "平潭综合实验区管理委员会",
    "财金局": "平潭综合实验区财政金融局",
    "市民政局": "上饶市民政局",
}


def test_the_real_reports(shared_dir: Path) -> None:
    files = [
        p
        for p in sorted((shared_dir / "corpus" / "raw").iterdir())
        if p.suffix in (".html", ".txt")
    ]
    assert len(files) > 15
    for path in files:
        truth = json.loads(
            (shared_dir / "corpus" / "truth" / f"{path.stem}.json").read_text(encoding="utf-8")
        )
        found = identify(_document(path), None, TODAY)
        name = PRINTED.get(path.stem, truth["agency"])
        assert (found.agency_name, found.year) == (name, truth["year"]), path.name
        assert found.agency_id == FULL.get(name, name), path.name
        assert "years_disagree" not in found.remarks, path.name


def test_it_is_fast(shared_dir: Path) -> None:
    """Typical 0.3 ms; the bound leaves room for a busy machine."""
    document = _document(shared_dir / "corpus" / "raw" / "80560.html")
    identify(document, None, TODAY)
    assert cost(lambda: [identify(document, None, TODAY) for _ in range(50)]) / 50 < 0.005


HAN_TEXT = st.text(
    st.sampled_from(
        "上饶市民政局县区省人府信息公开工作年度报告的函关于送2019二〇三0１（）《》_-　\n\t：，"
        "。由编制现将布至月日镇乡管委会国家税务总"
    )
    | st.characters(),
    max_size=200,
)


@settings(max_examples=300, deadline=None)
@given(
    lines=st.lists(HAN_TEXT, max_size=8),
    facts=st.lists(
        st.tuples(st.sampled_from(["title", "published_on", "publisher", "site"]), HAN_TEXT),
        max_size=4,
    ),
    place=st.none() | st.just("上饶市"),
)
def test_identify_never_raises(
    lines: list[str], facts: list[tuple[str, str]], place: str | None
) -> None:
    found = identify_lines(*lines, facts=tuple(facts), source=SourceEntry(place=place))
    assert found.year is None or 2008 <= found.year <= 2027
    assert found.agency_id
    assert all(s.paragraph is None or 0 <= s.paragraph < len(lines) for s in found.statements)
    assert found.agency_name is None or not re.search(r"\s", found.agency_name)


@pytest.mark.parametrize(
    "piece",
    [
        "由" + "上" * 3000,
        "编制" * 1000,
        "2020年" * 700,
        "政府信息公开" * 400,
        "（" * 3000,
        "《" * 3000,
        "统计期限" * 800,
        "现将公布" * 700,
    ],
)
def test_hostile_text_takes_no_time(piece: str) -> None:
    assert cost(lambda: identify_lines(*[piece] * 60, facts=(("title", piece),))) < 1
