"""Which pictures of a page's lines the model gets to see, so that it sees no more of them than it
must: the model is most of the work.

`look_at_some` is a look at some lines. `first_readings` gives a reading for each line, as if the
model had seen all of them:

- A line with a blob as wide as it is high holds words. It is shown half as wide, which costs the
  reading of Chinese characters nothing (measured: one in two hundred, most of them brackets); where
  it turns out to be a number, to hold figures that matter, or to be in doubt, it is shown again in
  full.
- Digits alone in their cells that look the same are read once: of each group the three are shown
  that look least alike, and only where all three are surely the same digit the others take it.
  Digits of different names never come as near to each other as is asked for here (most alike in any
  look: correlation 0.85; local difference 0.36), and `verify_digits` holds each of them against the
  shapes of the page once more.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Final, NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from extract.scan.ocr_model import HEIGHT, LineReading, Picture, recogniser
from extract.scan.text_regions import Strip, crop

Shape = npt.NDArray[np.float32]

_SQUEEZED: Final = 0.5
_WIDE: Final = 0.8  # of a line's height: a blob so wide is no digit
_DOUBT: Final = 0.6
_FIGURES: Final = re.compile(r"\d")
_RUN: Final = re.compile(r"\d{2}|^[\d.,]+$")

_LINES_LOOKED_AT: Final = 10
_SHORT: Final = (2.5, 9.0)  # times as wide as high

_SHOWN: Final = 3  # of a group
_GROUP: Final = 5  # smaller groups are read whole
_CERTAIN: Final = 0.9
_CORRELATION: Final = 0.93
_DIFFERENCE: Final = 0.28  # of full ink, over 5 x 5 points of the small pictures
_SIZE: Final = 0.15  # of its height and width; a pixel more is none
_SMALL: Final = (20, 28)  # width and height of the pictures compared


class FirstLook(NamedTuple):
    """How surely some words of a page were read, from 0 to 1, and these readings by line."""

    clear: float
    readings: dict[int, LineReading]


def look_at_some(
    page: Picture, scale: float, words: Sequence[Strip], room: float = 1.0
) -> FirstLook:
    """A look at some short lines of words: does the page stand upright? One without words does."""
    worded = [i for i, w in enumerate(words) if _is_worded(w)]
    short = [
        i
        for i in worded
        if _SHORT[0]
        < (words[i].right - words[i].left) / (words[i].bottom - words[i].top)
        < _SHORT[1]
    ]
    some = sorted(worded, key=lambda i: i not in short)[:_LINES_LOOKED_AT]
    readings = dict(
        zip(
            some,
            recogniser().read([_squeezed(crop(page, words[i], scale, room)) for i in some]),
            strict=True,
        )
    )
    sure = [min(r.sure, 1.0 if len(r.text) > 1 else _DOUBT) for r in readings.values()]
    return FirstLook(sum(sure) / len(sure) if sure else 1.0, readings)


def first_readings(
    page: Picture,
    scale: float,
    words: Sequence[Strip],
    known: Mapping[int, LineReading],
    room: float = 1.0,
) -> list[LineReading]:
    """One reading a line, in their order; `known` are those of the look at the same page."""
    model = recogniser()
    crops = [crop(page, w, scale, room) for w in words]
    groups = [g for g in _group_alike(page, words) if len(g) >= _GROUP]
    spared = known.keys() | set(chain.from_iterable(group[_SHOWN:] for group in groups))
    shown = sorted(set(range(len(words))) - spared)
    pictures = [_draw_first(crops[i], words[i]) for i in shown]
    found = dict(known) | dict(zip(shown, model.read(pictures), strict=True))
    again = [i for i in (*shown, *known) if _must_be_reread(found[i], words[i])]
    for group in groups:
        certain = _read_alike([found[i] for i in group[:_SHOWN]])
        if certain is None:
            again += group[_SHOWN:]
        else:
            found |= dict.fromkeys(group[_SHOWN:], certain)
    found |= dict(zip(again, model.read([crops[i] for i in again]), strict=True))
    return [found[i] for i in range(len(words))]


def _draw_first(picture: Picture, strip: Strip) -> Picture:
    """What the model is shown first: words half as wide."""
    return _squeezed(picture) if _is_worded(strip) else picture


def _read_alike(readings: Sequence[LineReading]) -> LineReading | None:
    """The least certain of the readings of one group, if all are surely the same digit."""
    one = readings[0]
    same = all(r.number == one.number and r.text in (one.text, r.number) for r in readings[1:])
    least = min(readings, key=lambda r: r.number_sure)
    return least if same and len(one.number) == 1 and least.number_sure >= _CERTAIN else None


def _is_worded(strip: Strip) -> bool:
    return any(b[2] - b[0] > _WIDE * (strip.bottom - strip.top) for b in strip.blobs)


def _squeezed(picture: Picture) -> Picture:
    width = max(1, round(picture.shape[1] * HEIGHT / picture.shape[0] * _SQUEEZED))
    return cv2.resize(picture, (width, HEIGHT), interpolation=cv2.INTER_AREA).astype(np.uint8)


def _must_be_reread(reading: LineReading, strip: Strip) -> bool:
    """Whether a line that was shown half as wide must be read in full: in cells numbers, in the
    prose all with a figure, and what is in doubt.
    """
    if not _is_worded(strip):
        return False
    figures = _FIGURES if strip.owner < 0 else _RUN
    return reading.sure < _DOUBT or figures.search(reading.text) is not None


class _Digit(NamedTuple):
    line: int
    wide: int
    high: int
    shape: Shape
    picture: Shape


def _group_alike(page: Picture, words: Sequence[Strip]) -> list[list[int]]:
    """The lines that are one blob alone in its cell, those that look the same together; in each
    group the least alike come first.
    """
    left = _find_single_digits(page, words)
    groups = []
    while left:
        seed, *others = left
        likeness = {d.line: _likeness(seed, d) for d in left}
        near = {seed.line, *(d.line for d in others if _is_alike(seed, d, likeness[d.line]))}
        group = sorted((like, line) for line, like in likeness.items() if line in near)
        groups.append([line for _, line in group])
        left = [d for d in left if d.line not in near]
    return groups


def _find_single_digits(page: Picture, words: Sequence[Strip]) -> list[_Digit]:
    """The lines that are all of their cell and one blob that may be a digit."""
    counts = Counter(w.owner for w in words)
    alone = [(i, w) for i, w in enumerate(words) if w.owner >= 0 and counts[w.owner] == 1]
    found = (_find_digit(page, i, strip) for i, strip in alone)
    return [digit for digit in found if digit is not None]


def _likeness(one: _Digit, two: _Digit) -> float:
    """The correlation of two shapes of one size; 0 where the sizes differ."""
    return float(one.shape @ two.shape) if _same_size(one, two) else 0.0


def _is_alike(one: _Digit, two: _Digit, likeness: float) -> bool:
    return likeness >= _CORRELATION and _difference(one, two) <= _DIFFERENCE


def _find_digit(page: Picture, line: int, strip: Strip) -> _Digit | None:
    high = strip.bottom - strip.top
    if len(strip.blobs) != 1 or strip.right - strip.left > _WIDE * high:
        return None  # a small blob beside it may be a sign, or a point
    left, top, right, bottom = strip.blobs[0]
    ink = 255 - page[max(0, top - 1) : bottom + 1, max(0, left - 1) : right + 1].astype(np.float32)
    wide, tall = _SMALL
    width = max(3, min(wide, round(ink.shape[1] * tall / ink.shape[0])))
    small = np.zeros((tall, wide), dtype=np.float32)
    at = (wide - width) // 2
    small[:, at : at + width] = cv2.resize(ink, (width, tall), interpolation=cv2.INTER_AREA)
    picture = cv2.GaussianBlur(
        np.clip(small / max(1.0, float(np.percentile(ink, 98))), 0, 1), (0, 0), 0.8
    ).astype(np.float32)
    shape = (small - small.mean()).ravel()
    return _Digit(
        line, right - left, bottom - top, shape / (float(np.linalg.norm(shape)) or 1.0), picture
    )


def _same_size(one: _Digit, two: _Digit) -> bool:
    return (
        abs(one.wide - two.wide) <= 1 + _SIZE * one.wide
        and abs(one.high - two.high) <= 1 + _SIZE * one.high
    )


def _difference(one: _Digit, two: _Digit) -> float:
    return float(cv2.blur(np.abs(one.picture - two.picture), (5, 5)).max())
