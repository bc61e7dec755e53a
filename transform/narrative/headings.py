"""The headings of the six statutory sections, as a report prints them.

`find_heading` tells whether a line is or begins with one, `find_inner_headings` finds those within
a line, `choose_headings` keeps one for each section. They take text that `normalize_text` made
uniform, and `HeadingWords` of `read_heading_words`: the form's own labels and patterns of other
words that are in use.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from transform.form.forms import Forms
from transform.narrative.normalize import normalize_text

LONGEST_HEADING: Final = 40  # characters
# of the six sections; with fewer, the document does not print them as lines of their own
LEAST_HEADINGS: Final = 3
ORDINALS: Final = "一二三四五六七八九十"
_NUMBERED: Final = re.compile(rf"(?:第)?([{ORDINALS}])(?:部分)?[、.，：]?(.+)")


@dataclass(frozen=True, slots=True)
class Heading:
    """A section's heading as printed; `number` is None where it has none.

    `paragraph` counts from 0 in `document.paragraphs`.
    """

    section: str
    number: int | None
    title: str
    paragraph: int


@dataclass(frozen=True, slots=True)
class HeadingWords:
    """What headings read, by section: the form's labels, the longest first, and other patterns."""

    labels: Mapping[str, tuple[str, ...]]
    patterns: Mapping[str, re.Pattern[str]]


def read_heading_words(forms: Forms, patterns: Mapping[str, re.Pattern[str]]) -> HeadingWords:
    """The labels of the sections in all editions, without their numbers, beside `patterns`."""
    return HeadingWords(_read_section_labels(forms), patterns)


@lru_cache(maxsize=4)
def _read_section_labels(forms: Forms) -> dict[str, tuple[str, ...]]:
    found: dict[str, set[str]] = {}
    for edition in forms.editions.values():
        for section in edition.sections:
            found.setdefault(section.section_id, set()).update(
                re.sub(rf"^[{ORDINALS}]、", "", normalize_text(label))
                for label in (section.label, *section.aliases)
            )
    return {s: tuple(sorted(labels, key=len, reverse=True)) for s, labels in found.items()}


def find_heading(text: str, paragraph: int, words: HeadingWords) -> Heading | None:
    """The heading that `text` is or begins with.

    Numbered words of the form may have text behind them; others must be all there is.
    """
    if text[:1] not in ORDINALS and text[:1] != "第" and len(text) > LONGEST_HEADING:
        return None
    found = _NUMBERED.match(text)
    number, rest = (ORDINALS.index(found[1]) + 1, found[2]) if found else (None, text)
    bare = rest.rstrip("。：:")
    for section, labels in words.labels.items():
        for label in labels:
            if bare == label or (number is not None and rest.startswith(label)):
                return Heading(section, number, label, paragraph)
    return None if number is None else _find_other_heading(bare, number, paragraph, words)


def _find_other_heading(
    title: str, number: int, paragraph: int, words: HeadingWords
) -> Heading | None:
    """A numbered heading in words that are not the form's."""
    if len(title) > LONGEST_HEADING:
        return None
    for section, pattern in words.patterns.items():
        if pattern.fullmatch(title):
            return Heading(section, number, title, paragraph)
    return None


def find_inner_headings(text: str, paragraph: int, words: HeadingWords) -> Iterator[Heading]:
    """The numbered headings inside a paragraph, in the form's own words."""
    if "、" not in text:
        return
    labels = tuple(label for labels in words.labels.values() for label in labels)
    for found in _compile_inner_heading(labels).finditer(text):
        section = next(s for s, labels in words.labels.items() if found[2] in labels)
        yield Heading(section, ORDINALS.index(found[1]) + 1, found[2], paragraph)


@lru_cache(maxsize=4)
def _compile_inner_heading(labels: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(f"(?<=[^（第《“])([{ORDINALS}])、({'|'.join(map(re.escape, labels))})")


def may_hold_heading(cell_text: str) -> bool:
    """Whether a cell may hold a heading, as where the whole report stands in one table."""
    return len(cell_text) > 4 and cell_text.lstrip()[:1] in ORDINALS


def choose_headings(headings: Sequence[Heading], words: HeadingWords) -> tuple[Heading, ...]:
    """One heading for each section: the form's own words before others, then the last.

    A list of contents and a first numbering stand before the headings themselves.
    """
    best: dict[str, Heading] = {}
    for heading in headings:
        labels = words.labels[heading.section]
        former = best.get(heading.section)
        if former is None or (heading.title in labels) >= (former.title in labels):
            best[heading.section] = heading
    kept = tuple(h for h in headings if best[h.section] is h)
    return kept if len(kept) >= LEAST_HEADINGS else ()
