"""The prose of a document, apart from its tables: sentences, the headings of the statutory
sections, and counts in words.

`prose_of(document, forms, patterns)` gives `Prose`: sentences in order with the number of the
paragraph where each begins, the headings of the six sections as printed, and how much stands under
the fifth and sixth. Lines that a page or a line break cut are joined first; blank space is gone,
digits and commas are half-width, other marks full-width. Digits that a blank parts stay apart
(`12_3`), so that two numbers never become one.

`count_of` reads a count, in digits (1,234; 1.2万) or in Chinese numerals (三百一十二), and nothing
that is no count.

Out of scope: what a sentence states (`transform.narrative.claims`).
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Final

from extract.document import Document, Paragraph
from transform.form.forms import Forms

LONGEST: Final = 6_000  # characters of a run of joined lines; an honest paragraph has some hundreds
LONGEST_HEADING: Final = 40
# of the six; fewer, and the document does not print them as lines of their own
LEAST_HEADINGS: Final = 3
BEFORE: Final = 200  # characters ahead of a sentence that may say what it is about
LONGEST_NUMERAL: Final = 20
ORDINALS: Final = "一二三四五六七八九十"

_INVISIBLE: Final = re.compile(r"[\u200b-\u200f\u2028-\u202e\u2060\ufeff\u00ad]")
_THOUSANDS: Final = re.compile(r"(?<=[0-9]),(?=[0-9]{3}(?![0-9]))")
_PARTED: Final = re.compile(r"(?<=[0-9])\s+(?=[0-9])")
_PUNCTUATION: Final = str.maketrans(":;!?()[]", "：；！？（）［］") | {
    c: chr(c - 0xFEE0) for c in (*range(0xFF10, 0xFF1A), *range(0xFF21, 0xFF3B), 0xFF05, 0xFF0E)
}
_ITEM: Final = re.compile(
    r"（?(?:[一二三四五六七八九十]{1,3}|[0-9]{1,2})(?:[、.）]|[是要](?![0-9])|，(?=[^0-9]))|"
    r"第[一二三四五六七八九十]|[①-⑳]|[—\-=]{2,}"
)
# a heading within a section
_TOPIC: Final = re.compile(
    r"（?(?:[一二三四五六七八九十]{1,3}|[0-9]{1,2})[、.），][^。，；：！？]{2,30}"
)
_ENDS: Final = "。；：！？.」”"
_NUMBERED: Final = re.compile(rf"(?:第)?([{ORDINALS}])(?:部分)?[、.，：]?(.+)")
_SENTENCE: Final = re.compile(r"[^。！？]+[。！？]?")


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence.

    `paragraph` counts from 0 in `document.paragraphs`; `before` is what its paragraph says ahead of
    it.
    """

    text: str
    paragraph: int
    before: str


@dataclass(frozen=True, slots=True)
class Heading:
    """A section's heading as printed; `number` is None where it has none."""

    section: str
    number: int | None
    title: str
    paragraph: int


@dataclass(frozen=True)
class Prose:
    """`bodies` holds the text under a heading, for sections whose whole text is prose; none for
    those with a table in them.
    """

    sentences: tuple[Sentence, ...]
    headings: tuple[Heading, ...]
    bodies: Mapping[str, str]


def plain(text: str) -> str:
    """The text without blank space and with one form for each mark and digit."""
    text = _PARTED.sub("_", _INVISIBLE.sub("", text).translate(_PUNCTUATION))
    return _THOUSANDS.sub("", "".join(text.split())).replace(",", "，")


_FIGURE: Final = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,6})?")  # what the warehouse can hold, exactly
_DIGITS: Final = {c: n for n, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "○": 0, "两": 2}
_PLACES: Final = {"十": 10, "百": 100, "千": 1000}


def count_of(text: str) -> Decimal | None:
    """The count that `text` is, None if it is none.

    1.2万 is 12000: `万` with a fraction is rounded, which the caller must bear in mind.
    """
    if text[:1].isascii():
        number, ten_thousands = (text[:-1], 10_000) if text.endswith("万") else (text, 1)
        return Decimal(number) * ten_thousands if _FIGURE.fullmatch(number) else None
    if (
        not text
        or len(text) > LONGEST_NUMERAL
        or any(c not in _DIGITS and c not in _PLACES and c != "万" for c in text)
    ):
        return None
    if all(c in _DIGITS for c in text):  # 二〇二 is written digit by digit; 两三 is a guess
        return (
            Decimal("".join(str(_DIGITS[c]) for c in text))
            if len(text) == 1 or "〇" in text
            else None
        )
    high, mark, low = text.partition("万") if "万" in text else ("", "", text)
    if "万" in low:
        return None
    upper, lower = _below(high) if mark else 0, _below(low)
    return (
        None
        if upper is None or lower is None or (mark and not upper)
        else Decimal(upper * 10_000 + lower)
    )


def _below(text: str) -> int | None:
    """A numeral below ten thousand, 0 for none; None where its places do not fall: 三百一十二,
    十二, 一百零五.
    """
    total, digit, last = 0, None, 10_000
    for c in text:
        if c in _PLACES:
            if _PLACES[c] >= last or (digit is None and (c != "十" or total)):
                return None
            last = _PLACES[c]
            total, digit = total + (1 if digit is None else digit) * last, None
        elif digit:  # two digits in a row
            return None
        else:
            digit = _DIGITS[c]
    # 三百五 is 350 in speech
    if digit and last > 10 and total and "零" not in text and "〇" not in text:
        return None
    return total + (digit or 0)


def prose_of(document: Document, forms: Forms, patterns: Mapping[str, re.Pattern[str]]) -> Prose:
    """The prose of `document`; `patterns` says by section what a heading may read beside the form's
    own labels.
    """
    sentences: list[Sentence] = []
    headings: list[Heading] = []
    bodies: dict[str, list[str]] = {}
    tabled: set[str] = set()
    run, starts, topic, count = "", [(0, 0)], "", 0
    section: str | None = None
    labels = section_labels(forms)
    for block in (*document.blocks, None):
        if not isinstance(block, Paragraph):
            sentences.extend(_sentences(run, starts, topic))
            run = ""
            if block is not None:
                found = [
                    h
                    for c in block.cells
                    if _may_head(c.text)
                    and (h := _heading(plain(c.text), count, labels, patterns)) is not None
                ]
                headings.extend(found)
                tabled |= {h.section for h in found} | ({section} if section else set())
            continue
        text = plain(block.text)
        heading = _heading(text, count, labels, patterns) if text else None
        if heading is not None:
            sentences.extend(_sentences(run, starts, topic))
            run, topic, section = "", f"{heading.title}。", heading.section
            headings.append(heading)
            text = (
                text[text.index(heading.title) + len(heading.title) :].lstrip("：。")
                if heading.title in text
                else ""
            )
            bodies.setdefault(section, [])
        body = text
        # a heading that nothing but a line break within the paragraph sets off
        for inner in _inner(text, count, labels):
            headings.append(inner)
            section, body = inner.section, text[text.rindex(inner.title) + len(inner.title) :]
            bodies[section], text = [], text.replace(inner.title, f"。{inner.title}。")
        if section is not None and body:
            bodies[section].append(body)
        if run and (
            run[-1] in _ENDS or _ITEM.match(text) or _TOPIC.fullmatch(run) or len(run) > LONGEST
        ):
            sentences.extend(_sentences(run, starts, topic))
            topic = f"{run}。" if _ITEM.match(run) and len(run) <= LONGEST_HEADING else topic
            run = ""
        run += "_" if run[-1:].isdigit() and text[:1].isdigit() else ""
        starts = [*(starts if run else ()), (len(run), count)]
        run += text
        count += 1
    kept = _chosen(headings, labels)
    return Prose(
        tuple(sentences), kept, {s: "".join(t) for s, t in bodies.items() if s not in tabled}
    )


def _sentences(run: str, starts: list[tuple[int, int]], topic: str) -> Iterator[Sentence]:
    """The sentences of one run, with the heading above it ahead of each; one that begins with 其中
    belongs to the one before.
    """
    spans: list[tuple[int, int]] = []
    for found in _SENTENCE.finditer(run):
        if spans and found[0].startswith("其中"):
            spans[-1] = (spans[-1][0], found.end())
        else:
            spans.append(found.span())
    for start, end in spans:
        paragraph = next(number for offset, number in reversed(starts) if offset <= start)
        yield Sentence(run[start:end], paragraph, topic + run[max(0, start - BEFORE) : start])


@lru_cache(maxsize=4)
def section_labels(forms: Forms) -> dict[str, tuple[str, ...]]:
    """The sections' labels without their numbers, the longest first."""
    found: dict[str, set[str]] = {}
    for edition in forms.editions.values():
        for section in edition.sections:
            words = (
                re.sub(rf"^[{ORDINALS}]、", "", plain(label))
                for label in (section.label, *section.aliases)
            )
            found.setdefault(section.section_id, set()).update(words)
    return {s: tuple(sorted(words, key=len, reverse=True)) for s, words in found.items()}


def _heading(
    text: str,
    paragraph: int,
    labels: Mapping[str, tuple[str, ...]],
    patterns: Mapping[str, re.Pattern[str]],
) -> Heading | None:
    """The heading that `text` is or begins with.

    Words of the form may have text behind them; others must be all there is.
    """
    if text[:1] not in ORDINALS and text[:1] != "第" and len(text) > LONGEST_HEADING:
        return None
    found = _NUMBERED.match(text)
    number, rest = (ORDINALS.index(found[1]) + 1, found[2]) if found else (None, text)
    bare = rest.rstrip("。：:")
    for section, words in labels.items():
        for label in words:
            if bare == label or (number is not None and rest.startswith(label)):
                return Heading(section, number, label, paragraph)
    if number is not None and len(bare) <= LONGEST_HEADING:
        for section, pattern in patterns.items():
            if pattern.fullmatch(bare):
                return Heading(section, number, bare, paragraph)
    return None


@lru_cache(maxsize=4)
def _exact(labels: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(f"(?<=[^（第《“])([{ORDINALS}])、({'|'.join(map(re.escape, labels))})")


def _inner(text: str, paragraph: int, labels: Mapping[str, tuple[str, ...]]) -> Iterator[Heading]:
    """The numbered headings inside a paragraph, in the form's own words."""
    pattern = (
        _exact(tuple(word for words in labels.values() for word in words)) if "、" in text else None
    )
    for found in pattern.finditer(text) if pattern else ():
        section = next(s for s, words in labels.items() if found[2] in words)
        yield Heading(section, ORDINALS.index(found[1]) + 1, found[2], paragraph)


def _may_head(text: str) -> bool:
    """Whether a cell may hold a section's heading, as where the whole report stands in one table."""
    return len(text) > 4 and text.lstrip()[:1] in ORDINALS


def _chosen(headings: list[Heading], labels: Mapping[str, tuple[str, ...]]) -> tuple[Heading, ...]:
    """One heading a section: the form's own words before others, then the last.

    A list of contents and a first numbering stand before.
    """
    best: dict[str, Heading] = {}
    for heading in headings:
        former = best.get(heading.section)
        if former is None or (heading.title in labels[heading.section]) >= (
            former.title in labels[heading.section]
        ):
            best[heading.section] = heading
    kept = tuple(h for h in headings if best[h.section] is h)
    return kept if len(kept) >= LEAST_HEADINGS else ()


def width(text: str) -> int:
    """How many characters of a text are words or numbers."""
    return sum(unicodedata.category(c)[0] in "LN" for c in text)
