"""Which pictures of a page's lines the model gets to see, so that it sees no more of them than it
must: the model is most of the work.

`tried` is a look at some lines. `first_readings` gives a reading for each line, as if the model had
seen all of them:

- A line with a blob as wide as it is high holds words. It is shown half as wide, which costs the
  reading of Chinese characters nothing (measured: one in two hundred, most of them brackets); where
  it turns out to be a number, to hold figures that matter, or to be in doubt, it is shown again in
  full.
- Digits alone in their cells that look the same are read once: of each group the three are shown
  that look least alike, and only where all three are surely the same digit the others take it.
  Digits of different names never come as near to each other as is asked for here (most alike in any
  look: correlation 0.85; local difference 0.36), and `scan_check` holds each of them against the
  shapes of the page once more.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from extract.scan.ocr_model import HEIGHT, Picture, Reading, recogniser
from extract.scan.text_regions import Strip, crop

Box = tuple[int, int, int, int]
Shape = npt.NDArray[np.float32]

_SQUEEZED: Final = 0.5
_WIDE: Final = 0.8  # of a line's height: a blob so wide is no digit
_DOUBT: Final = 0.6
_FIGURES: Final = re.compile(r"\d")
_RUN: Final = re.compile(r"\d{2}|^[\d.,]+$")

_TRIED: Final = 10
_SHORT: Final = (2.5, 9.0)  # times as wide as high

_SHOWN: Final = 3  # of a group
_GROUP: Final = 5  # smaller groups are read whole
_CERTAIN: Final = 0.9
_CORRELATION: Final = 0.93
_DIFFERENCE: Final = 0.28  # of full ink, over 5 x 5 points of the small pictures
_SIZE: Final = 0.15  # of its height and width; a pixel more is none
_SMALL: Final = (20, 28)  # width and height of the pictures compared


class Tried(NamedTuple):
    """How surely some words of a page were read, from 0 to 1, and these readings by line."""

    clear: float
    readings: dict[int, Reading]


def tried(page: Picture, scale: float, words: Sequence[Strip], room: float = 1.0) -> Tried:
    """A look at some short lines of words: does the page stand upright? One without words does."""
    worded = [i for i, w in enumerate(words) if _is_worded(w)]
    short = [
        i
        for i in worded
        if _SHORT[0]
        < (words[i].right - words[i].left) / (words[i].bottom - words[i].top)
        < _SHORT[1]
    ]
    some = sorted(worded, key=lambda i: i not in short)[:_TRIED]
    readings = dict(
        zip(
            some,
            recogniser().read([_squeezed(crop(page, words[i], scale, room)) for i in some]),
            strict=True,
        )
    )
    sure = [min(r.sure, 1.0 if len(r.text) > 1 else _DOUBT) for r in readings.values()]
    return Tried(sum(sure) / len(sure) if sure else 1.0, readings)


def first_readings(
    page: Picture,
    scale: float,
    words: Sequence[Strip],
    known: Mapping[int, Reading],
    room: float = 1.0,
) -> list[Reading]:
    """One reading a line, in their order; `known` are those of the look at the same page."""
    model = recogniser()
    crops = [crop(page, w, scale, room) for w in words]
    worded = [_is_worded(w) for w in words]
    groups = [g for g in _groups(page, words) if len(g) >= _GROUP]
    spared = {i for group in groups for i in group[_SHOWN:]} | known.keys()
    shown = [i for i in range(len(words)) if i not in spared]
    found = [known.get(i, Reading("", 0.0, "", 0.0)) for i in range(len(words))]
    for i, reading in zip(
        shown,
        model.read([_squeezed(crops[i]) if worded[i] else crops[i] for i in shown]),
        strict=True,
    ):
        found[i] = reading
    shown += known
    again = [i for i in shown if worded[i] and _matters(found[i], words[i])]
    for group in groups:
        one, *others = (found[i] for i in group[:_SHOWN])
        if len(one.number) == 1 and all(
            o.number == one.number and o.text in (one.text, o.number) for o in others
        ):
            least = min((one, *others), key=lambda r: r.number_sure)
            if least.number_sure >= _CERTAIN:
                for i in group[_SHOWN:]:
                    found[i] = least
                continue
        again += group[_SHOWN:]
    for i, reading in zip(again, model.read([crops[i] for i in again]), strict=True):
        found[i] = reading
    return found


def _is_worded(strip: Strip) -> bool:
    return any(b[2] - b[0] > _WIDE * (strip.bottom - strip.top) for b in strip.blobs)


def _squeezed(picture: Picture) -> Picture:
    width = max(1, round(picture.shape[1] * HEIGHT / picture.shape[0] * _SQUEEZED))
    return cv2.resize(picture, (width, HEIGHT), interpolation=cv2.INTER_AREA).astype(np.uint8)


def _matters(reading: Reading, strip: Strip) -> bool:
    """Whether a line that was shown half as wide must be read in full: in cells numbers, in the
    prose all with a figure, and what is in doubt.
    """
    figures = _FIGURES if strip.owner < 0 else _RUN
    return reading.sure < _DOUBT or figures.search(reading.text) is not None


class _Digit(NamedTuple):
    line: int
    wide: int
    high: int
    shape: Shape
    picture: Shape


def _groups(page: Picture, words: Sequence[Strip]) -> list[list[int]]:
    """The lines that are one blob alone in its cell, those that look the same together; in each
    group the least alike come first.
    """
    lines = {}
    for i, w in enumerate(words):
        lines[w.owner] = -1 if w.owner in lines or w.owner < 0 else i
    left = [d for i in lines.values() if i >= 0 and (d := _digit(page, i, words[i])) is not None]
    groups = []
    while left:
        seed = left[0]
        likeness = [float(seed.shape @ d.shape) if _same_size(seed, d) else 0.0 for d in left]
        near = [
            like >= _CORRELATION and _difference(seed, d) <= _DIFFERENCE
            for like, d in zip(likeness, left, strict=True)
        ]
        near[0] = True
        group = sorted(
            (like, d.line) for like, d, is_near in zip(likeness, left, near, strict=True) if is_near
        )
        groups.append([line for _, line in group])
        left = [d for d, is_near in zip(left, near, strict=True) if not is_near]
    return groups


def _digit(page: Picture, line: int, strip: Strip) -> _Digit | None:
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
