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

A stroke that slants, alone in its cell, is "/": the model takes it for a 1. Where the page's digits
slant too, it is in doubt. Points and commas at the ends of a number are specks.
"""

import re
from collections import Counter
from collections.abc import Container, Mapping, Sequence
from typing import Final, NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from extract.document import SURE
from extract.number_text import DIGITS
from extract.scan.ocr_model import ALIKE, LineReading, Picture, recogniser
from extract.scan.text_regions import Box, Strip, crop

DISPUTED: Final = 0.4  # two readings of one number differ
AGREED: Final = 0.9  # its shapes say the same
SPOILT: Final = 0.7  # read as a letter, and a number by all other signs
UNREAD: Final = 0.3  # ink that gives no character

_NUMBERS: Final = frozenset("".join(ALIKE.values()))
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
_STROKE: Final = (-35.0, -10.0)  # degrees from upright by which a stroke slants that is no 1
_STRAIGHT: Final = 0.06  # of its height: how far its ink lies from its middle line
_DARK: Final = 150
_FEWEST_PIXELS: Final = 8  # of ink: less tells no direction
_ITALIC: Final = -5.0  # degrees by which the digits of a page in italics slant

Shape = npt.NDArray[np.float32]


class CheckedLine(NamedTuple):
    """The text of one line and how sure it is, from 0 to 1."""

    text: str
    confidence: float


Lines = dict[int, CheckedLine]  # by the line's place among those of the page


def check_lines(
    page: Picture, scale: float, words: Sequence[Strip], readings: Sequence[LineReading]
) -> tuple[list[CheckedLine], list[str]]:
    """Each line as it is in the end, and a note on each number whose readings differ."""
    readings = _reread_weak(page, scale, words, readings)
    alone = _find_alone(words)
    strokes = _find_strokes(page, scale, words, [r.text for r in readings], alone)
    numbers = _find_numbers(words, readings, strokes)
    lines = {i: CheckedLine(r.text, r.sure) for i, r in enumerate(readings)}
    lines |= {i: _as_number(readings[i]) for i in numbers}
    letters = _find_letters(words, readings, strokes, alone)
    lines |= _doubt_others(words, readings, strokes, alone)
    lines |= {i: CheckedLine(readings[i].number, readings[i].number_sure) for i in letters}
    slanted = _is_slanted(page, [words[i] for i in numbers])
    disputed = [i for i, stroke in strokes.items() if slanted and stroke == _SLASH]
    notes = [f"{_SLASH} or {lines[i].text}" for i in disputed]
    lines |= {i: CheckedLine(stroke, AGREED) for i, stroke in strokes.items()}
    lines |= dict.fromkeys(disputed, CheckedLine(_SLASH, DISPUTED))
    second, differing = _look_again(page, scale, words, {i: lines[i] for i in [*numbers, *letters]})
    lines |= second
    lines |= {i: _settle_letter(lines[i], readings[i]) for i in letters}
    with_units, unlike = _reread_with_units(page, scale, words, lines)
    lines |= with_units
    return [lines[i] for i in range(len(words))], [*notes, *differing, *unlike]


def _find_letters(
    words: Sequence[Strip],
    readings: Sequence[LineReading],
    strokes: Container[int],
    alone: Container[int],
) -> list[int]:
    """Lines alone in a cell that were read as letters, and may be numbers."""
    return [
        i
        for i, (w, r) in enumerate(zip(words, readings, strict=True))
        if w.owner in alone and i not in strokes and not _is_speck(r) and _is_letter(r)
    ]


def _doubt_others(
    words: Sequence[Strip],
    readings: Sequence[LineReading],
    strokes: Container[int],
    alone: Container[int],
) -> Lines:
    """The lines of cells that are neither words nor a number, and specks alone in a cell."""
    found: Lines = {}
    for i, (w, r) in enumerate(zip(words, readings, strict=True)):
        if w.owner in alone and _is_speck(r):
            found[i] = CheckedLine("", UNREAD)
        elif w.owner >= 0 and i not in strokes and _is_neither(r):
            found[i] = CheckedLine(r.text, min(r.sure, DISPUTED))
    return found


def _find_alone(words: Sequence[Strip]) -> set[int]:
    """The cells that hold a single line."""
    counts = Counter(w.owner for w in words)
    return {owner for owner, count in counts.items() if count == 1 and owner >= 0}


def _find_numbers(
    words: Sequence[Strip], readings: Sequence[LineReading], strokes: Container[int]
) -> list[int]:
    """The lines of cells in which every line is a number."""
    worded = {
        w.owner
        for i, (w, r) in enumerate(zip(words, readings, strict=True))
        if not is_number(r) or i in strokes
    }
    return [i for i, w in enumerate(words) if w.owner >= 0 and w.owner not in worded]


def _as_number(reading: LineReading) -> CheckedLine:
    return CheckedLine(reading.number.strip(_SPECKS) or reading.number, reading.number_sure)


def _is_neither(reading: LineReading) -> bool:
    """Whether a line is neither words nor a number: a figure with a speck, more often than not."""
    return not is_number(reading) and (len(reading.text) == 1 or not _HAN.search(reading.text))


def _is_speck(reading: LineReading) -> bool:
    return not reading.text.strip(_DOTS)


def _is_letter(reading: LineReading) -> bool:
    """Whether a line read as letters may be a number of as many digits."""
    return (
        _is_neither(reading)
        and reading.number.isdecimal()
        and len(reading.number) == len(reading.text)
    )


def _settle_letter(line: CheckedLine, reading: LineReading) -> CheckedLine:
    """A number only where its shapes or a second reading say the same, and in doubt even then."""
    if line.confidence >= SURE:
        return CheckedLine(line.text, SPOILT)
    return CheckedLine(reading.text, DISPUTED)


def _reread_with_units(
    page: Picture, scale: float, words: Sequence[Strip], lines: Lines
) -> tuple[Lines, list[str]]:
    """Numbers with words behind them, read again with more room, and notes on those that differ."""
    mixed = [i for i, x in lines.items() if words[i].owner >= 0 and _MIXED.fullmatch(x.text)]
    again = recogniser().read([crop(page, words[i], scale, _MORE) for i in mixed])
    found: Lines = {}
    notes = []
    for i, second in zip(mixed, again, strict=True):
        text, confidence = lines[i]
        if second.text != text:
            notes.append(f"{text} or {second.text}")
            found[i] = CheckedLine(text, min(confidence, DISPUTED))
        elif confidence < AGREED:
            found[i] = CheckedLine(text, min(confidence, second.sure))
    return found, notes


def _look_again(
    page: Picture, scale: float, words: Sequence[Strip], lines: Lines
) -> tuple[Lines, list[str]]:
    """The numbers `lines` after the second look, and notes on those that differ."""
    boxes = {i: _find_digits(words[i], line.text) for i, line in lines.items()}
    shapes = {i: [_draw_shape(page, box) for box in found] for i, found in boxes.items() if found}
    agreed, differ = _compare_shapes(shapes, {i: line.text for i, line in lines.items()})
    looked = lines | {
        i: CheckedLine(lines[i].text, max(lines[i].confidence, AGREED))
        for i in agreed
        if lines[i].confidence >= _WEAK
    }
    again = [i for i, line in looked.items() if i not in agreed or line.confidence < _WEAK]
    pictures = [_draw_again(page, words[i], scale, looked[i].text) for i in again]
    seconds = recogniser().read(pictures)
    notes = []
    for i, second in zip(again, seconds, strict=True):
        looked[i], note = _settle(looked[i], second, unlike=i in differ)
        notes += note
    return looked, notes


def _draw_again(page: Picture, strip: Strip, scale: float, text: str) -> Picture:
    """A single digit three times side by side, a longer number with more room around it."""
    if len(text) == 1:
        return _repeat_thrice(page, strip, scale)
    return crop(page, strip, scale, _MORE)


def _settle(
    line: CheckedLine, second: LineReading, *, unlike: bool
) -> tuple[CheckedLine, list[str]]:
    """A number after the model has read it again, with a note if that differs or if the number's
    shapes are `unlike` those of its digits.
    """
    text, confidence = line
    number, certain = _number_repeated(second, 3 if len(text) == 1 else 1)
    if number == text and not unlike:
        return CheckedLine(text, certain if len(number) == 1 else min(confidence, certain)), []
    other = number if number != text else "another digit by its shape"
    kept = number if len(number) == len(text) == 1 else text
    return CheckedLine(kept, min(confidence, DISPUTED)), [f"{text} or {other}"]


def _reread_weak(
    page: Picture, scale: float, words: Sequence[Strip], readings: Sequence[LineReading]
) -> list[LineReading]:
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


def is_number(reading: LineReading) -> bool:
    """Whether the line is a number or what stands for one; a single character that may be a letter
    as well is one.
    """
    return (
        bool(reading.text)
        and all(c in _NUMBERS for c in reading.text)
        and any(c in ALIKE for c in reading.number)
    )


def _find_digits(strip: Strip, text: str) -> list[Box] | None:
    """The boxes of the digits of a number, from left to right; None where blobs and characters do
    not match.
    """
    if strip.blobs and not text.startswith("-") and _is_sign(min(strip.blobs), strip):
        return None
    boxes = _join_broken(sorted(b for b in strip.blobs if _is_inner(b, strip)))
    if len(boxes) != len(text):
        return None
    limit = _OTHER_HEIGHT * (strip.bottom - strip.top)
    digits = [box for box, c in zip(boxes, text, strict=True) if c in DIGITS]
    others = [box for box, c in zip(boxes, text, strict=True) if c not in DIGITS]
    fits = all(b[3] - b[1] > limit and b[2] - b[0] < 1.1 * (b[3] - b[1]) for b in digits)
    return digits if fits and all(b[3] - b[1] <= limit for b in others) else None


def _join_broken(boxes: list[Box]) -> list[Box]:
    """Boxes from left to right; those that overlap are one character whose strokes broke."""
    joined: list[Box] = []
    for box in boxes:
        last = joined[-1] if joined else None
        if last and box[0] < last[2] - 0.3 * min(box[2] - box[0], last[2] - last[0]):
            joined[-1] = (
                min(last[0], box[0]),
                min(last[1], box[1]),
                max(last[2], box[2]),
                max(last[3], box[3]),
            )
        else:
            joined.append(box)
    return joined


def _draw_shape(page: Picture, box: Box) -> Shape:
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


def _number_repeated(reading: LineReading, times: int) -> tuple[str, float]:
    """The number that a line holds, written so many times over, and how sure that is; "" where it
    is none, or not the same each time.
    """
    text = reading.number.strip(_SPECKS)
    part = text[: len(text) // times]
    return (part, reading.number_sure) if is_number(reading) and part * times == text else ("", 0.0)


def _repeat_thrice(page: Picture, strip: Strip, scale: float) -> Picture:
    """A character three times side by side: the model reads a number of three digits far better
    than a single one.
    """
    whole = crop(page, strip, scale)
    room = (whole.shape[1] - (strip.right - strip.left)) // 2
    gap = max(1, round(_BESIDE * (strip.bottom - strip.top)))
    body = whole[:, room - gap : whole.shape[1] - room + gap]
    return np.hstack([whole[:, :room], body, body, body, whole[:, whole.shape[1] - room :]])


class _DigitShapes(NamedTuple):
    """The shapes of all digits of a page: their sum and their count by the digit that they were
    read as.
    """

    sums: dict[str, Shape]
    counts: dict[str, int]

    def likeness(self, name: str, shape: Shape) -> dict[str, float]:
        """How alike the shape of a digit is to the mean of each digit's others."""
        found = {}
        for other, total in self.sums.items():
            mean = total - shape if other == name else total
            if self.counts[other] - (other == name):
                found[other] = float(shape @ mean / (np.linalg.norm(mean) or 1.0))
        return found


def _compare_shapes(
    shapes: dict[int, list[Shape]], texts: Mapping[int, str]
) -> tuple[set[int], set[int]]:
    """The numbers all of whose digits look most like the page's other digits of that name, and
    those with a digit that looks more like another.

    A number with a digit that the page has too few of is in neither, unless that digit looks very
    much like another.
    """
    digits = [
        (i, name, shape)
        for i, found in shapes.items()
        for name, shape in zip((c for c in texts[i] if c in DIGITS), found, strict=True)
    ]
    names = {name for _, name, _ in digits}
    known = _DigitShapes(
        {n: np.sum([s for _, name, s in digits if name == n], axis=0) for n in names},
        Counter(name for _, name, _ in digits),
    )
    rare = {i for i, name, _ in digits if known.counts[name] < _EXAMPLES}
    differ = {i for i, name, shape in digits if _looks_like_another(name, shape, known)}
    return set(shapes) - differ - rare, differ


def _looks_like_another(name: str, shape: Shape, known: _DigitShapes) -> bool:
    likeness = known.likeness(name, shape)
    best = max(likeness, key=likeness.__getitem__, default=name)
    if known.counts[name] >= _EXAMPLES and (best != name or likeness[name] < _UNLIKE):
        return True
    return best != name and likeness[best] > _ALIKE


# --- strokes
# ------------------------------------------------------------------------------------------


def _is_inner(box: Box, strip: Strip) -> bool:
    """Whether a blob is a character, or a small one between two of them."""
    high = strip.bottom - strip.top
    if box[3] - box[1] > _OTHER_HEIGHT * high or box[2] - box[0] > _OTHER_HEIGHT * high:
        return True
    large = [b for b in strip.blobs if b[3] - b[1] > _OTHER_HEIGHT * high]
    return any(b[2] <= box[0] + 1 for b in large) and any(b[0] >= box[2] - 1 for b in large)


def _is_sign(box: Box, strip: Strip) -> bool:
    """Whether the first blob of a number may be a minus: lying, at about half its height."""
    high, middle = strip.bottom - strip.top, (box[1] + box[3]) / 2
    lies = box[2] - box[0] > 1.3 * (box[3] - box[1]) and box[3] - box[1] < 0.3 * high
    return lies and strip.top + 0.25 * high < middle < strip.bottom - 0.2 * high


def _find_strokes(
    page: Picture, scale: float, words: Sequence[Strip], texts: Sequence[str], alone: set[int]
) -> dict[int, str]:
    """The lines that are one stroke alone in a cell, and what it is: "/", "-" or "—".

    A level bar is a dash and not the numeral one, where no other numeral stands above or below.
    """
    numerals = [
        w for w, t in zip(words, texts, strict=True) if t and t in _NUMERALS and not _is_flat(w)
    ]
    strokes = {
        i: _name_stroke(page, scale, w, texts[i], numerals)
        for i, w in enumerate(words)
        if w.owner in alone
    }
    return {i: stroke for i, stroke in strokes.items() if stroke is not None}


def _name_stroke(
    page: Picture, scale: float, strip: Strip, text: str, numerals: Sequence[Strip]
) -> str | None:
    """What the one stroke of a line is; None where it has several, or is a character."""
    large = [b for b in strip.blobs if _is_inner(b, strip)]
    if len(large) != 1:
        return None
    slant, rest = _measure_slant(page, large[0])
    if _STROKE[0] < slant < _STROKE[1] and rest < _STRAIGHT:
        return _SLASH
    if len(strip.blobs) == 1 and _is_hyphen(strip, scale):
        return "-"
    level = _is_flat(strip) or text == _ONE
    return "—" if level and not _stands_over(strip, numerals) else None


def _stands_over(strip: Strip, others: Sequence[Strip]) -> bool:
    """Whether one of `others` stands above or below the strip."""
    return any(o.left < strip.right and strip.left < o.right for o in others)


def _is_flat(strip: Strip) -> bool:
    return strip.right - strip.left > _FLAT * (strip.bottom - strip.top)


def _is_hyphen(strip: Strip, scale: float) -> bool:
    wide, high = strip.right - strip.left, strip.bottom - strip.top
    return wide > 1.6 * high and _HYPHEN[0] * scale < wide < _HYPHEN[1] * scale


def _measure_slant(page: Picture, box: Box) -> tuple[float, float]:
    """Degrees by which a blob slants from upright, to the right below 0, and how far its ink lies
    from that line, in its height.
    """
    left, top, right, bottom = box
    y, x = np.nonzero(page[top:bottom, left:right] < _DARK)
    if len(y) < _FEWEST_PIXELS or y.max() == y.min():
        return 0.0, 1.0
    slope, start = np.polyfit(y, x, 1)
    return float(np.degrees(np.arctan(slope))), float(np.std(x - slope * y - start)) / (
        bottom - top
    )


def _is_slanted(page: Picture, words: Sequence[Strip]) -> bool:
    """Whether the digits of the page are italics."""
    slants = [_measure_slant(page, b)[0] for w in words for b in w.blobs if _is_inner(b, w)]
    return bool(slants) and float(np.median(slants)) < _ITALIC
