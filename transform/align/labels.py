"""Printed labels to the rows and columns of the form: how labels are folded, and which of them a
text may mean.

A label is compared by its *key*: NFKC, without blank space, brackets' kind, quotes, punctuation and
the list mark in front (`（三）`, `1.`, `二、`). The mark is kept apart, it breaks ties.
`vocabulary(forms)` indexes every label and alias of every edition, once; `Vocabulary.hits(text)` is
an exact look-up, `likeness` measures how near a text comes to one row or column.

Out of scope: where a label stands. `transform.align.segment` and `transform.align.align` use order
and place.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from rapidfuzz.distance import Levenshtein

from transform.form.forms import Forms, Table

_LIST_MARK: Final = re.compile(
    r"(?:其中[::])?(?:[一二三四五六七八九十]{1,3}[、.,:]|\([一二三四五六七八九十0-9]{1,3}\)[、"
    r".]?|[0-9]{1,2}(?:[、,)]|\.(?![0-9])))+"
)
_YEAR: Final = re.compile(r"(?:19|20)[0-9]{2}")
_NOT_WORD: Final = re.compile(r"[\W_]+")
# behind a label it refers to a note, before NFKC makes a digit of it
_NOTE_MARK: Final = re.compile(r"[\u00b9\u00b2\u00b3\u2070\u2074-\u2089\u2460-\u2473]{1,2}\s*$")
_BRACKETED: Final = re.compile(r"\([^()]*\)")
EXACT: Final = 1.0
WITHOUT_BRACKETS: Final = 0.97  # the label with instructions or a unit in brackets left out
CONTAINED: Final = 0.85  # a shortened label, or one with words added
MARK_BONUS: Final = 0.02
TYPO_COST: Final = 0.03  # beside the share of the characters that differ


def folded(text: str) -> str:
    """NFKC without any blank space: what marks and keys are cut from."""
    return "".join(unicodedata.normalize("NFKC", text).split())


@lru_cache(maxsize=65_536)
def key(text: str) -> str:
    """The label without list mark, brackets, quotes, punctuation and blank space; years become
    `yyyy`.
    """
    whole = folded(_NOTE_MARK.sub("", text))
    bare = _LIST_MARK.sub("", whole, count=1) if _LIST_MARK.match(whole) else whole
    return _YEAR.sub("yyyy", _NOT_WORD.sub("", bare)).lower()


def is_year(text: str) -> bool:
    """Whether the text is a year and no more: a label of one table, and a word that may stand in
    all.
    """
    return key(text) in ("yyyy年", "yyyy年度")


@lru_cache(maxsize=65_536)
def key_without_brackets(text: str) -> str:
    """The key of the text with all bracketed words left out, list marks aside."""
    whole = folded(text)
    found = _LIST_MARK.match(whole)
    bare = whole[found.end() :] if found else whole
    return key(_BRACKETED.sub("", _BRACKETED.sub("", bare)))


@lru_cache(maxsize=65_536)
def mark(text: str) -> str:
    """The list mark in front, reduced to its numeral ("三", "1"), or nothing."""
    found = _LIST_MARK.match(folded(text))
    return _NOT_WORD.sub("", found[0].removeprefix("其中")) if found else ""


@dataclass(frozen=True, slots=True)
class Hit:
    """One thing of the form that a label may name. `kind` is row, column, caption or section."""

    table_id: str
    kind: str
    ident: str


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Every label of every edition by its key.

    `strong` keys name things of one table only, and rows or columns only.
    """

    exact: dict[str, tuple[Hit, ...]]
    sections: tuple[tuple[str, str], ...]  # (key of the section's heading, table_id)
    rows: dict[str, tuple[str, ...]]  # table_id -> every label of every row, of all editions
    bare: dict[str, int]  # table_id -> how many values its one row without a label has

    def hits(self, text: str) -> tuple[Hit, ...]:
        """What the text may name, by its key or by its key without brackets."""
        return self.exact.get(key(text)) or self.exact.get(key_without_brackets(text), ())

    def section(self, text: str) -> str | None:
        """The table whose section this line heads, if it is a heading; None for prose and for other
        headings.
        """
        heading = key(text)
        if not 4 <= len(heading) <= 40:
            return None
        for label, table_id in self.sections:
            if label in heading or Levenshtein.distance(heading, label) <= max(1, len(label) // 6):
                return table_id
        return None


def _labels(label: str, aliases: Iterable[str]) -> Iterable[str]:
    yield label
    yield from aliases


def _of_table(table: Table) -> Iterable[tuple[str, Hit]]:
    for block in table.blocks:
        if block.caption:
            yield block.caption, Hit(table.table_id, "caption", block.block_id)
        for _, label in block.label_columns:
            yield label, Hit(table.table_id, "column", "")
        for column in block.columns:
            for text in _labels(column.label, column.aliases):
                yield text, Hit(table.table_id, "column", column.col_id)
        for row in block.rows:
            for text in _labels(row.label, row.aliases):
                yield text, Hit(table.table_id, "row", row.row_id)


@lru_cache(maxsize=4)
def vocabulary(forms: Forms) -> Vocabulary:
    """Index the labels of all editions; computed once for a `Forms`."""
    sections = {
        (key(text), table.table_id): None
        for table in forms.tables
        for text in _labels(table.label, table.aliases)
    }
    bare = {
        t.table_id: len(t.cells)
        for t in forms.tables
        if len(t.data_rows) == 1 and not t.data_rows[0].label
    }
    rows: dict[str, dict[str, None]] = defaultdict(dict)
    for table in forms.tables:
        rows[table.table_id] |= dict.fromkeys(
            text for row in table.rows for text in _labels(row.label, row.aliases) if text
        )
    return Vocabulary(
        _index_labels(forms),
        tuple(sorted(sections, key=lambda s: -len(s[0]))),
        {t: tuple(texts) for t, texts in rows.items()},
        bare,
    )


def _index_labels(forms: Forms) -> dict[str, tuple[Hit, ...]]:
    """What each key may name, over all tables of all editions."""
    exact: dict[str, dict[Hit, None]] = defaultdict(dict)
    for table in forms.tables:
        for text, hit in _of_table(table):
            for form in {key(text), key_without_brackets(text)} - {""}:
                exact[form][hit] = None
        for text in _labels(table.label, table.aliases):
            exact[key(text)][Hit(table.table_id, "section", table.table_id)] = None
    return {k: tuple(v) for k, v in exact.items()}


def _count_exchanged(a: str, b: str) -> int:
    """How many characters of one stand in place of others in the other."""
    return sum(op.tag == "replace" for op in Levenshtein.editops(a, b))


@lru_cache(maxsize=65_536)
def likeness(text: str, labels: tuple[str, ...]) -> float:
    """How near `text` comes to the best of `labels`: 1 exact, 0 not at all.

    Typos cost by edit distance, shortening a fixed step.

    One edit is allowed for each four characters (at least one from three characters on), so that
    two labels of the form that differ by more than that (行政许可, 行政处罚) are never taken for
    each other. Characters dropped or doubled are typos; of characters exchanged one in twelve is,
    for two make another word (微信, 抖音).
    """
    if not key(text):
        return 0.0
    best = 0.0
    for label in labels:
        bonus = MARK_BONUS if mark(text) == mark(label) else 0.0
        if key(text) == key(label):
            return EXACT + bonus
        near = _likeness_to(text, label)
        best = max(best, near + bonus if near else 0.0)
    return best


def _likeness_to(text: str, label: str) -> float:
    """The same to one label whose key is another, list marks aside."""
    said, said_bare = key(text), key_without_brackets(text)
    wanted, wanted_bare = key(label), key_without_brackets(label)
    if (said_bare and said_bare in (wanted, wanted_bare)) or said == wanted_bare:
        return WITHOUT_BRACKETS
    return max(_likeness_of_keys(said, wanted), _likeness_of_keys(said_bare, wanted_bare))


def _likeness_of_keys(said: str, wanted: str) -> float:
    if not said:
        return 0.0
    allowed = max(len(wanted) // 4, 1 if len(wanted) >= 3 else 0)
    distance = Levenshtein.distance(said, wanted, score_cutoff=allowed)
    if distance <= allowed and (
        distance <= 1 or _count_exchanged(said, wanted) <= max(1, len(wanted) // 12)
    ):
        return 1 - distance / len(wanted) - TYPO_COST
    if min(len(said), len(wanted)) >= 5 and (said in wanted or wanted in said):
        return CONTAINED
    return 0.0
