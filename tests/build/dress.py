"""Untidy printing as functions of a report: how figures and labels are typed, never what they are.

Each dressing takes a report and a random source and gives a report with other printed texts;
`expected_cells` of the result is what a reading must give. Blanks and markers change states and
values, and the expectation changes with them.
"""

import re
from collections.abc import Callable
from dataclasses import replace
from random import Random
from typing import Final

from tests.build.report import Anchor, Key, Report, form_table, official_tables, unit_of

Dressing = Callable[[Report, Random], Report]

_WIDE: Final = str.maketrans("0123456789.", "０１２３４５６７８９．")
_PLAIN: Final = re.compile(r"\d+(\.\d+)?")


def _each(report: Report, change: Callable[[Key, str], str]) -> Report:
    return replace(report, figures={key: change(key, text) for key, text in report.figures.items()})


def _is_count(report: Report, key: Key, text: str) -> bool:
    return text.isdigit() and form_table(key[0], report.edition).type_of(key[1], key[2]) == "int"


def plain(report: Report, rng: Random) -> Report:
    """As it is."""
    return report


def full_width(report: Report, rng: Random) -> Report:
    """Half of the figures in full-width digits."""
    return _each(report, lambda k, t: t.translate(_WIDE) if rng.random() < 0.5 else t)


def thousands(report: Report, rng: Random) -> Report:
    """Figures of four digits and more with commas."""

    def change(key: Key, text: str) -> str:
        number = _PLAIN.match(text)
        if number is None:
            return text
        whole, dot, part = number[0].partition(".")
        return f"{int(whole):,}{dot}{part}{text[number.end() :]}"

    return _each(report, change)


def units(report: Report, rng: Random) -> Report:
    """The unit of the form typed after one figure in five."""

    def change(key: Key, text: str) -> str:
        unit = unit_of(key, report.edition)
        fits = unit in ("件", "个", "万元", "元", "条", "次", "项") and _PLAIN.fullmatch(text)
        return f"{text}{unit}" if fits and rng.random() < 0.2 else text

    return _each(report, change)


def signs(report: Report, rng: Random) -> Report:
    """A sign before each 本年增/减 that is not 0, full-width half the time; other editions stay as
    they are.
    """

    def change(key: Key, text: str) -> str:
        if key[2] != "change" or text == "0":
            return text
        sign = "-" if text.startswith("-") else "+"
        return (sign if rng.random() < 0.5 else {"-": "－", "+": "＋"}[sign]) + text.removeprefix(
            "-"
        )

    return _each(report, change)


def words(report: Report, rng: Random) -> Report:
    """Bracketed words, with a number in them, beside three counts."""
    chosen = [k for k, t in report.figures.items() if _is_count(report, k, t) and t != "0"]
    picked = set(rng.sample(chosen, min(3, len(chosen))))
    return _each(
        report,
        lambda k, t: (
            f"{t}{rng.choice(('（其中修订1件）', '(含自然失效1件)', '（其中网上申请1件）'))}"
            if k in picked
            else t
        ),
    )


def markers(report: Report, rng: Random) -> Report:
    """A dash, a stroke or 无 for some zeros, one kind a report."""
    marker = rng.choice(("/", "-", "—", "无"))
    return _each(report, lambda k, t: marker if t == "0" and rng.random() < 0.4 else t)


def blanks(report: Report, rng: Random) -> Report:
    """Every zero left blank, as a no-break space, an ideographic one or nothing."""
    return _each(report, lambda k, t: rng.choice(("", "\u00a0", "\u3000")) if t == "0" else t)


def some_blanks(report: Report, rng: Random) -> Report:
    """Two zeros in five left blank."""
    return _each(report, lambda k, t: "" if t == "0" and rng.random() < 0.4 else t)


def outer_spaces(report: Report, rng: Random) -> Report:
    """Spaces of three kinds before and after figures."""
    pads = ("", " ", "\u00a0", "\u3000", "\u3000\u3000")
    return _each(report, lambda k, t: rng.choice(pads) + t + rng.choice(pads))


def inner_spaces(report: Report, rng: Random) -> Report:
    """One space within a quarter of the figures of two digits and more."""

    def change(key: Key, text: str) -> str:
        if not text.isdigit() or len(text) < 2 or rng.random() > 0.25:
            return text
        at = rng.randrange(1, len(text))
        return f"{text[:at]}{rng.choice((' ', chr(0x3000)))}{text[at:]}"

    return _each(report, change)


# ---- labels


def _labels(report: Report) -> list[str]:
    """The words of every label, header and caption of the report's tables, each once."""
    bare = replace(report, labels={})
    return list(
        dict.fromkeys(a.text for t in official_tables(bare) for a in t.anchors if _is_label(a))
    )


def _is_label(anchor: Anchor) -> bool:
    return anchor.key is None and bool(anchor.text.strip("—"))


def _relabel(report: Report, change: Callable[[str], str]) -> Report:
    return replace(
        report, labels={**report.labels, **{label: change(label) for label in _labels(report)}}
    )


def typos(report: Report, rng: Random) -> Report:
    """One character wrong, doubled or dropped in a quarter of the labels of seven characters and
    more; never a numeral.
    """

    def change(label: str) -> str:
        spots = [
            i
            for i, c in enumerate(label)
            if i > 2 and "一" <= c <= "鿿" and c not in "一二三四五六七八九十第项"
        ]
        if len(label) < 7 or not spots or rng.random() > 0.25:
            return label
        at = rng.choice(spots)
        return (
            label[:at] + rng.choice((label[at] * 2, "", rng.choice("形列止它己"))) + label[at + 1 :]
        )

    return _relabel(report, change)


def straight_quotes(report: Report, rng: Random) -> Report:
    """Straight quotes for curly ones."""
    return _relabel(report, lambda s: s.replace("“", '"').replace("”", '"'))


def half_brackets(report: Report, rng: Random) -> Report:
    """Half-width brackets and colons in labels."""
    return _relabel(report, lambda s: s.translate(str.maketrans("（）：，", "():,")))


def label_spaces(report: Report, rng: Random) -> Report:
    """A space between any two characters of a label, one time in eight."""
    return _relabel(
        report, lambda s: "".join(c + (" " if rng.random() < 0.125 else "") for c in s).strip()
    )


def list_marks(report: Report, rng: Random) -> Report:
    """`1、` for `1.`, `(1)` for neither."""
    return _relabel(report, lambda s: re.sub(r"^(其中：)?(\d)\.", r"\1\2、", s))


def everything(report: Report, rng: Random) -> Report:
    """Several dressings at once, of figures and of labels."""
    for dressing in (
        thousands,
        units,
        words,
        some_blanks,
        full_width,
        outer_spaces,
        straight_quotes,
        half_brackets,
        list_marks,
    ):
        report = dressing(report, rng)
    return report


DRESSINGS: Final[dict[str, Dressing]] = {
    dressing.__name__: dressing
    for dressing in (
        plain,
        full_width,
        thousands,
        units,
        signs,
        words,
        markers,
        blanks,
        some_blanks,
        outer_spaces,
        inner_spaces,
        typos,
        straight_quotes,
        half_brackets,
        label_spaces,
        list_marks,
        everything,
    )
}
# those after which a cell may hold no figure
BLANKING: Final = frozenset({"blanks", "some_blanks", "markers", "everything"})
