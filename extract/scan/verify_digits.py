"""Which of its readings each line of a scan is, how sure that is, and a second look at every number
in another way.

A line that the model reads as characters of numbers, or of such that look the same, is a number:
its text is the best one made of these alone. Any other is a label and stays as it was read.

The second look at a number is taken without the model: its blobs are counted against its
characters, and each digit's shape is compared with the shapes of all digits of that page. Where
blobs cannot be told apart, or a shape is in doubt or rare, the model reads the line again: a single
digit three times side by side, which it reads far better, a longer number with more room around.
Where both looks differ the confidence is DISPUTED.

What is read as a letter alone in a cell is a number only if all the rest says so, and in doubt even
then (SPOILT); a number with a unit behind it is read twice by the model.

A stroke that leans, alone in its cell, is "/": the model takes it for a 1. Where the page's digits
lean too, it is in doubt. Points and commas at the ends of a number are specks.
"""

import re
from collections import Counter
from collections.abc import Sequence
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from extract.document import SURE
from extract.scan.ocr_model import ALIKE, Picture, Reading, recogniser
from extract.scan.text_regions import Strip, crop

DISPUTED: Final = 0.4  # two readings of one number differ
AGREED: Final = 0.9  # its shapes say the same
SPOILT: Final = 0.7  # read as a letter, and a number by all other signs
UNREAD: Final = 0.3  # ink that gives no character

_NUMBERS: Final = frozenset("".join(ALIKE.values()))
_DIGITS: Final = frozenset("0123456789０１２３４５６７８９")
_SHAPE: Final = (16, 24)  # width and height of a digit's picture
_EXAMPLES: Final = 3  # a digit seen so often on a page has a shape of its own
_ALIKE: Final = 0.97  # correlation with the shape of another digit that a rare digit must not have
_UNLIKE: Final = 0.7  # correlation with the other digits of the same name that every digit has
_BESIDE: Final = 0.08  # of its height: the gap on each side of a digit
_MORE: Final = 1.7  # times the room of the first reading
_LITTLE_MORE: Final = 1.35
_BLUR: Final = 0.3  # points
_WEAK: Final = 0.75
_SHORT: Final = 8  # blobs
_OTHER_HEIGHT: Final = 0.5  # of the line: lower blobs are points and commas

_WORDS: Final = re.compile("[\u3400-\u9fff（）()、]{2,}")
_HAN: Final = re.compile("[\u3400-\u9fff]")
_MIXED: Final = re.compile(r"[\d.,]+[^\d.,]{1,4}")
_SPECKS: Final = ".,"
_DOTS: Final = ".,、·'`。，"  # alone in a cell these are specks
_ONE: Final = "一"
_FLAT: Final = 3.5  # times as wide as high: a dash, or the numeral one
_SLASH: Final = "/"
_HYPHEN: Final = (1.8, 5.0)  # points: how wide one is
_NUMERALS: Final = "二三四五六七八九十"
_STROKE: Final = (-35.0, -10.0)  # degrees from upright by which a stroke leans that is no 1
_STRAIGHT: Final = 0.06  # of its height: how far its ink lies from its middle line
_DARK: Final = 150
_PIXELS: Final = 8  # of ink: less tells no direction
_ITALIC: Final = -5.0  # degrees by which the digits of a page in italics lean

Shape = npt.NDArray[np.float32]


def checked(
    page: Picture, scale: float, words: Sequence[Strip], readings: Sequence[Reading]
) -> tuple[list[str], list[float], list[str]]:
    """Text and confidence of each line, and a note on each number whose readings differ."""
    readings = _reread(page, scale, words, readings)
    texts, sure = [r.text for r in readings], [r.sure for r in readings]
    alone = {
        owner
        for owner, count in Counter(w.owner for w in words).items()
        if count == 1 and owner >= 0
    }
    marks = _marks(page, scale, words, texts, alone)
    worded = {
        w.owner
        for i, (w, r) in enumerate(zip(words, readings, strict=True))
        if not is_number(r) or i in marks
    }
    numbers = [i for i, w in enumerate(words) if w.owner >= 0 and w.owner not in worded]
    for i in numbers:
        texts[i], sure[i] = (
            readings[i].number.strip(_SPECKS) or readings[i].number,
            readings[i].number_sure,
        )
    spoilt: dict[int, str] = {}
    for i, r in enumerate(readings):
        if words[i].owner in alone and not r.text.strip(_DOTS):
            texts[i], sure[i] = "", UNREAD
        elif (
            words[i].owner >= 0
            and i not in marks
            and not is_number(r)
            and (len(r.text) == 1 or not _HAN.search(r.text))
        ):
            # neither words nor a number: a figure with a speck, more often than not
            sure[i] = min(sure[i], DISPUTED)
            if words[i].owner in alone and r.number.isdecimal() and len(r.number) == len(r.text):
                spoilt[i], texts[i], sure[i] = r.text, r.number, r.number_sure
    leaning = _leaning(page, [words[i] for i in numbers])
    notes = []
    for i, mark in marks.items():
        doubtful = mark == _SLASH and leaning
        notes += [f"{mark} or {texts[i]}"] if doubtful else []
        texts[i], sure[i] = mark, DISPUTED if doubtful else AGREED
    notes += _looked_at_again(page, scale, words, [*numbers, *spoilt], texts, sure)
    for (
        i,
        text,
        # a number only where its shapes or a second reading say the same, and in doubt even then
    ) in spoilt.items():
        texts[i], sure[i] = (texts[i], SPOILT) if sure[i] >= SURE else (text, DISPUTED)
    return texts, sure, notes + _with_units(page, scale, words, texts, sure)


def _with_units(
    page: Picture, scale: float, words: Sequence[Strip], texts: Sequence[str], sure: list[float]
) -> list[str]:
    """Numbers with words behind them are read again with more room: changes `sure`, and gives the
    notes.
    """
    mixed = [i for i, t in enumerate(texts) if words[i].owner >= 0 and _MIXED.fullmatch(t)]
    notes = []
    for i, second in zip(
        mixed, recogniser().read([crop(page, words[i], scale, _MORE) for i in mixed]), strict=True
    ):
        if second.text != texts[i]:
            notes.append(f"{texts[i]} or {second.text}")
            sure[i] = min(sure[i], DISPUTED)
        elif sure[i] < AGREED:
            sure[i] = min(sure[i], second.sure)
    return notes


def _looked_at_again(
    page: Picture,
    scale: float,
    words: Sequence[Strip],
    numbers: list[int],
    texts: list[str],
    sure: list[float],
) -> list[str]:
    """The second look at the numbers: changes `texts` and `sure`, and gives the notes."""
    parts = {i: _parts(words[i], texts[i]) for i in numbers}
    shapes = {i: [_shape(page, box) for box in boxes] for i, boxes in parts.items() if boxes}
    agreed, differ = _compared(shapes, texts)
    for i in agreed:
        sure[i] = max(sure[i], AGREED) if sure[i] >= _WEAK else sure[i]
    again = [i for i in numbers if i not in agreed or sure[i] < _WEAK]
    seconds = recogniser().read(
        [
            _tripled(page, words[i], scale)
            if len(texts[i]) == 1
            else crop(page, words[i], scale, _MORE)
            for i in again
        ]
    )
    notes = []
    for i, second in zip(again, seconds, strict=True):
        number, certain = _second(second, 3 if len(texts[i]) == 1 else 1)
        if number == texts[i] and i not in differ:
            sure[i] = certain if len(number) == 1 else min(sure[i], certain)
            continue
        notes.append(
            f"{texts[i]} or {number if number != texts[i] else 'another digit by its shape'}"
        )
        texts[i] = number if len(number) == len(texts[i]) == 1 else texts[i]
        sure[i] = min(sure[i], DISPUTED)
    return notes


def _reread(
    page: Picture, scale: float, words: Sequence[Strip], readings: Sequence[Reading]
) -> list[Reading]:
    """The readings; short lines in cells that the model was not sure of softer and with a little
    more room, where that makes it surer.

    Black and white scans break thin strokes; blurred, they join again.
    """
    found = list(readings)
    weak = [
        i
        for i, r in enumerate(found)
        if r.sure < _WEAK
        and words[i].owner >= 0
        and len(words[i].blobs) <= _SHORT
        and not _WORDS.fullmatch(r.text)
    ]
    for i, other in zip(
        weak,
        recogniser().read([_soft(crop(page, words[i], scale, _LITTLE_MORE), scale) for i in weak]),
        strict=True,
    ):
        if max(other.sure, other.number_sure) > max(found[i].sure, found[i].number_sure):
            found[i] = other
    return found


def _soft(picture: Picture, scale: float) -> Picture:
    return cv2.GaussianBlur(picture, (0, 0), _BLUR * scale).astype(np.uint8)


def is_number(reading: Reading) -> bool:
    """Whether the line is a number or what stands for one; a single character that may be a letter
    as well is one.
    """
    return (
        bool(reading.text)
        and all(c in _NUMBERS for c in reading.text)
        and any(c in ALIKE for c in reading.number)
    )


def _parts(strip: Strip, text: str) -> list[tuple[int, int, int, int]] | None:
    """The boxes of the digits of a number, from left to right; None where blobs and characters do
    not match.
    """
    if strip.blobs and not text.startswith("-") and _is_sign(min(strip.blobs), strip):
        return None
    joined: list[tuple[int, int, int, int]] = []
    for box in sorted(b for b in strip.blobs if _is_inner(b, strip)):
        if joined and box[0] < joined[-1][2] - 0.3 * min(
            box[2] - box[0], joined[-1][2] - joined[-1][0]
        ):
            last = joined[-1]
            joined[-1] = (
                min(last[0], box[0]),
                min(last[1], box[1]),
                max(last[2], box[2]),
                max(last[3], box[3]),
            )
        else:
            joined.append(box)
    if len(joined) != len(text):
        return None
    high = strip.bottom - strip.top
    digits = [box for box, c in zip(joined, text, strict=True) if c in _DIGITS]
    others = [box for box, c in zip(joined, text, strict=True) if c not in _DIGITS]
    fits = all(
        b[3] - b[1] > _OTHER_HEIGHT * high and b[2] - b[0] < 1.1 * (b[3] - b[1]) for b in digits
    )
    return digits if fits and all(b[3] - b[1] <= _OTHER_HEIGHT * high for b in others) else None


def _shape(page: Picture, box: tuple[int, int, int, int]) -> Shape:
    """A digit's picture, one size for all, its proportions kept, as a vector of mean 0 and length
    1.
    """
    left, top, right, bottom = box
    ink = 255 - page[max(0, top - 1) : bottom + 1, max(0, left - 1) : right + 1].astype(np.float32)
    wide, high = _SHAPE
    width = max(3, min(wide, round(ink.shape[1] * high / ink.shape[0])))
    scaled = cv2.resize(ink, (width, high), interpolation=cv2.INTER_AREA)
    full = np.zeros((high, wide), dtype=np.float32)
    at = (wide - width) // 2
    full[:, at : at + width] = scaled
    full -= full.mean()
    return (full / (float(np.linalg.norm(full)) or 1.0)).ravel()


def _second(reading: Reading, times: int) -> tuple[str, float]:
    """The number that a line holds, written so many times over, and how sure that is; "" where it
    is none, or not the same each time.
    """
    text = reading.number.strip(_SPECKS)
    part = text[: len(text) // times]
    return (part, reading.number_sure) if is_number(reading) and part * times == text else ("", 0.0)


def _tripled(page: Picture, strip: Strip, scale: float) -> Picture:
    """A character three times side by side: the model reads a number of three digits far better
    than a single one.
    """
    whole = crop(page, strip, scale)
    room = (whole.shape[1] - (strip.right - strip.left)) // 2
    gap = max(1, round(_BESIDE * (strip.bottom - strip.top)))
    body = whole[:, room - gap : whole.shape[1] - room + gap]
    return np.hstack([whole[:, :room], body, body, body, whole[:, whole.shape[1] - room :]])


def _compared(shapes: dict[int, list[Shape]], texts: Sequence[str]) -> tuple[set[int], set[int]]:
    """The numbers all of whose digits look most like the page's other digits of that name, and
    those with a digit that looks more like another.

    A number with a digit that the page has too few of is in neither, unless that digit looks very
    much like another.
    """
    flat = [
        (i, c, s)
        for i, found in shapes.items()
        for c, s in zip((c for c in texts[i] if c in _DIGITS), found, strict=True)
    ]
    sums = {
        name: np.sum([s for _, c, s in flat if c == name], axis=0)
        for name in {c for _, c, _ in flat}
    }
    counts = {name: sum(c == name for _, c, _ in flat) for name in sums}
    differ, rare = set(), set()
    for i, name, shape in flat:
        likeness = {}
        for other, total in sums.items():
            mean = total - shape if other == name else total
            if counts[other] - (other == name):
                likeness[other] = float(shape @ mean / (np.linalg.norm(mean) or 1.0))
        best = max(likeness, key=likeness.__getitem__, default=name)
        common = counts[name] >= _EXAMPLES
        if not common:
            rare.add(i)
        if (common and (best != name or likeness[name] < _UNLIKE)) or (
            best != name and likeness[best] > _ALIKE
        ):
            differ.add(i)
    return set(shapes) - differ - rare, differ


# --- strokes
# --------------------------------------------------------------------------------------------------------------


def _is_inner(box: tuple[int, int, int, int], strip: Strip) -> bool:
    """Whether a blob is a character, or a small one between two of them."""
    high = strip.bottom - strip.top
    if box[3] - box[1] > _OTHER_HEIGHT * high or box[2] - box[0] > _OTHER_HEIGHT * high:
        return True
    large = [b for b in strip.blobs if b[3] - b[1] > _OTHER_HEIGHT * high]
    return any(b[2] <= box[0] + 1 for b in large) and any(b[0] >= box[2] - 1 for b in large)


def _is_sign(box: tuple[int, int, int, int], strip: Strip) -> bool:
    """Whether the first blob of a number may be a minus: lying, at about half its height."""
    high, middle = strip.bottom - strip.top, (box[1] + box[3]) / 2
    lies = box[2] - box[0] > 1.3 * (box[3] - box[1]) and box[3] - box[1] < 0.3 * high
    return lies and strip.top + 0.25 * high < middle < strip.bottom - 0.2 * high


def _marks(
    page: Picture, scale: float, words: Sequence[Strip], texts: Sequence[str], alone: set[int]
) -> dict[int, str]:
    """The lines that are one stroke alone in a cell, and what it is: "/", "-" or "—".

    A level bar is a dash and not the numeral one, where no other numeral stands above or below.
    """
    numerals = [
        w for w, t in zip(words, texts, strict=True) if t and t in _NUMERALS and not _is_flat(w)
    ]
    found = {}
    for i, w in enumerate(words):
        large = [b for b in w.blobs if _is_inner(b, w)]
        if w.owner not in alone or len(large) != 1:
            continue
        lean, rest = _lean(page, large[0])
        if _STROKE[0] < lean < _STROKE[1] and rest < _STRAIGHT:
            found[i] = _SLASH
        elif len(w.blobs) == 1 and _is_hyphen(w, scale):
            found[i] = "-"
        elif (_is_flat(w) or texts[i] == _ONE) and not any(
            n.left < w.right and w.left < n.right for n in numerals
        ):
            found[i] = "—"
    return found


def _is_flat(strip: Strip) -> bool:
    return strip.right - strip.left > _FLAT * (strip.bottom - strip.top)


def _is_hyphen(strip: Strip, scale: float) -> bool:
    wide, high = strip.right - strip.left, strip.bottom - strip.top
    return wide > 1.6 * high and _HYPHEN[0] * scale < wide < _HYPHEN[1] * scale


def _lean(page: Picture, box: tuple[int, int, int, int]) -> tuple[float, float]:
    """Degrees by which a blob leans from upright, to the right below 0, and how far its ink lies
    from that line, in its height.
    """
    left, top, right, bottom = box
    y, x = np.nonzero(page[top:bottom, left:right] < _DARK)
    if len(y) < _PIXELS or y.max() == y.min():
        return 0.0, 1.0
    slope, start = np.polyfit(y, x, 1)
    return float(np.degrees(np.arctan(slope))), float(np.std(x - slope * y - start)) / (
        bottom - top
    )


def _leaning(page: Picture, words: Sequence[Strip]) -> bool:
    """Whether the digits of the page are italics."""
    leans = [_lean(page, b)[0] for w in words for b in w.blobs if _is_inner(b, w)]
    return bool(leans) and float(np.median(leans)) < _ITALIC
