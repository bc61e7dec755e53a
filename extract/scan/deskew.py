"""A scanned page made flat: background white, ruling lines level and upright, however the paper lay
before the scanner or the phone.

`flattened(grey, scale)` evens out the light, finds straight segments, solves for the one
perspective under which those that lie are level and those that stand are upright (skew is a case of
it), and then takes out the smooth rest, a page that does not lie flat, by the course of the long
lines. A page without ruling lines is turned until its lines of text are level. `scale` is pixels a
point (1/72 inch).

`ruled(ink, scale)` gives the masks of ruling lines and their pieces as `Rule`s in points.
Out of scope: quarter turns (`scan`), folds.
"""

from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from extract.layout.ruling_lines import RulingLine

Picture = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float64]

INK: Final = 0.72  # of the way from ink to paper: darker is ink

_STROKES: Final = 9  # points: no stroke is thicker, every shaded cell is
_MAX_SLOPE_DEGREES: Final = 12.0  # degrees by which a line may lean
_LONG: Final = 40.0  # points: the segments that are looked at for the perspective
# pixels by which the corners of a page may move before it is worth drawing it anew
_LEVEL: Final = 0.4
_RULE: Final = 15.0  # points: the shortest piece of a ruling line
_GAP: Final = 0.4  # points: what noise may take out of one; more would join the strokes of words
_THICK: Final = 4.0  # points: more is a bar, not a line
_REACH: Final = 1.0  # points from one piece to another of the same table
_CHARACTER: Final = 50.0  # points: no character is larger, every table is
_COARSE: Final = 1.4  # pixels a point that will do for their course
_TRACED: Final = 90.0  # points: lines whose course tells how the paper is bent


def flattened(grey: Picture, scale: float) -> Picture:
    """The page with white background, level."""
    even = _even(grey, scale)
    lying, standing = _segments(even, scale)
    if len(lying) < 2:
        return _turned(even, _slope_of_text(even, scale))
    matrix = _perspective(lying, standing, even.shape)
    if matrix is not None:
        even = cv2.warpPerspective(
            even, matrix, (even.shape[1], even.shape[0]), flags=cv2.INTER_CUBIC, borderValue=255
        ).astype(np.uint8)
    return _unbent(even, scale)


def inked(even: Picture) -> Picture:
    """A mask of 0 and 1: where there is ink on a page with white background."""
    dark = even[even < 160]
    ink = float(np.median(dark)) if len(dark) else 0.0
    return (even < ink + (255 - ink) * INK).astype(np.uint8)


def _even(grey: Picture, scale: float) -> Picture:
    """Divided by the light on the paper around, which is brighter than what is printed on it;
    shaded cells become white too.
    """
    shrink = max(1, round(scale))
    small = cv2.resize(
        grey,
        (max(1, grey.shape[1] // shrink), max(1, grey.shape[0] // shrink)),
        interpolation=cv2.INTER_AREA,
    )
    light = cv2.morphologyEx(small, cv2.MORPH_CLOSE, np.ones((_STROKES, _STROKES), np.uint8))
    light = cv2.resize(
        cv2.GaussianBlur(light, (0, 0), 2),
        (grey.shape[1], grey.shape[0]),
        interpolation=cv2.INTER_LINEAR,
    )
    return cv2.divide(grey, np.maximum(light, 1), scale=250).astype(np.uint8)


# --- perspective
# ------------------------------------------------------------------------------------------


def _segments(even: Picture, scale: float) -> tuple[Floats, Floats]:
    """Long straight segments that lie and that stand: rows of x0, y0, x1, y1."""
    shrink = max(1.0, scale / 1.4)  # a hundred pixels an inch will do
    small = cv2.resize(even, None, fx=1 / shrink, fy=1 / shrink, interpolation=cv2.INTER_AREA)
    lines = cv2.createLineSegmentDetector(cv2.LSD_REFINE_STD).detect(small)[0]
    if lines is None:
        return np.empty((0, 4)), np.empty((0, 4))
    found = lines.reshape(-1, 4).astype(np.float64) * shrink
    dx, dy = found[:, 2] - found[:, 0], found[:, 3] - found[:, 1]
    long = np.hypot(dx, dy) > _LONG * scale
    slope = np.tan(np.radians(_MAX_SLOPE_DEGREES))
    return found[long & (np.abs(dy) < slope * np.abs(dx))], found[
        long & (np.abs(dx) < slope * np.abs(dy))
    ]


def _perspective(lying: Floats, standing: Floats, shape: tuple[int, ...]) -> Floats | None:
    """The matrix under which the segments are level and upright; None where that is so already.

    Newton's way, four unknowns.

    In coordinates from the middle of the page: x' = (x + a y) / w, y' = (b x + y) / w, w = g x + h
    y + 1.
    """
    high, wide = shape[:2]
    half, middle = max(high, wide) / 2, np.array([wide / 2, high / 2] * 2)
    lying, standing = (lying - middle) / half, (standing - middle) / half
    unknown = np.zeros(4 if len(standing) > 1 else 1)
    for _ in range(12):
        error = _errors(unknown, lying, standing)
        slope = np.stack(
            [
                (_errors(unknown + 1e-6 * e, lying, standing) - error) / 1e-6
                for e in np.eye(len(unknown))
            ],
            axis=1,
        )
        weight = 1 / (1 + (np.abs(error) / 0.002) ** 2)  # what is no ruling line is to have no say
        prior = np.diag([1e-6, 1e-6, 1e-3, 1e-3][: len(unknown)])
        step = np.linalg.solve(
            slope.T @ (slope * weight[:, None]) + prior,
            -slope.T @ (error * weight) - prior @ unknown,
        )
        unknown = unknown + step
        if np.abs(step).max() < 1e-7:
            break
    if len(unknown) == 1:
        unknown = np.array([unknown[0], -unknown[0], 0.0, 0.0])
    b, a, g, h = unknown
    corners = np.array([[-wide, -high], [wide, -high], [wide, high], [-wide, high]]) / (2 * half)
    x, y = corners.T
    w = g * x + h * y + 1
    moved = np.stack([(x + a * y) / w, (b * x + y) / w], axis=1)
    if np.abs(moved - corners).max() * half < _LEVEL or w.min() < 0.5:
        return None
    to_middle = np.array(
        [[1 / half, 0, -wide / 2 / half], [0, 1 / half, -high / 2 / half], [0, 0, 1]]
    )
    matrix: Floats = (
        np.linalg.inv(to_middle) @ np.array([[1, a, 0], [b, 1, 0], [g, h, 1]]) @ to_middle
    )
    return matrix


def _errors(unknown: Floats, lying: Floats, standing: Floats) -> Floats:
    """How far from level and upright each segment is, longer ones counting more."""
    b, a, g, h = unknown if len(unknown) == 4 else (unknown[0], -unknown[0], 0.0, 0.0)

    def moved(p: Floats) -> Floats:
        x, y = p[:, [0, 2]], p[:, [1, 3]]
        w = g * x + h * y + 1
        found: Floats = np.stack([(x + a * y) / w, (b * x + y) / w], axis=-1)
        return found

    one, two = moved(lying), moved(standing)
    return np.concatenate([one[:, 1, 1] - one[:, 0, 1], two[:, 1, 0] - two[:, 0, 0]])


def _slope_of_text(even: Picture, scale: float) -> float:
    """Degrees by which lines of text lean: where the sums of the rows differ most."""
    shrink = max(1.0, scale / 1.0)
    small = cv2.resize(
        inked(even) * 255, None, fx=1 / shrink, fy=1 / shrink, interpolation=cv2.INTER_AREA
    ).astype(np.uint8)

    def sharp(angle: float) -> float:
        sums = _rotated(small, angle, 0).sum(axis=1, dtype=np.float64)
        return float((np.diff(sums) ** 2).sum())

    coarse = max(np.arange(-5, 5.01, 0.5).tolist(), key=sharp)
    return float(max((coarse + np.arange(-0.5, 0.51, 0.1)).tolist(), key=sharp))


def _rotated(picture: Picture, angle: float, border: int) -> Picture:
    high, wide = picture.shape
    matrix = cv2.getRotationMatrix2D((wide / 2, high / 2), angle, 1.0)
    return cv2.warpAffine(
        picture, matrix, (wide, high), flags=cv2.INTER_CUBIC, borderValue=border
    ).astype(np.uint8)


def _turned(even: Picture, angle: float) -> Picture:
    return even if abs(angle) < 0.05 else _rotated(even, angle, 255)


# --- bent paper
# ------------------------------------------------------------------------------------------


def _unbent(even: Picture, scale: float) -> Picture:
    """The smooth rest by which long lines are not straight, taken out in both directions."""
    high, wide = even.shape
    shrink = max(1.0, scale / _COARSE)
    small = cv2.resize(
        even, None, fx=1 / shrink, fy=1 / shrink, interpolation=cv2.INTER_AREA
    ).astype(np.uint8)
    lying, standing, _ = ruled(inked(small), scale / shrink)
    down, across = (
        None if bend is None else cv2.resize(bend * shrink, size)
        for bend, size in (
            (_bend(lying, scale / shrink), (wide, high)),
            (_bend(standing.T, scale / shrink), (high, wide)),
        )
    )
    if down is None and across is None:
        return even
    x, y = np.meshgrid(np.arange(wide, dtype=np.float32), np.arange(high, dtype=np.float32))
    moved_x = x if across is None else x + across.T
    moved_y = y if down is None else y + down
    return cv2.remap(
        even, moved_x, moved_y, cv2.INTER_CUBIC, borderMode=cv2.BORDER_CONSTANT, borderValue=255
    ).astype(np.uint8)


def _bend(mask: Picture, scale: float) -> npt.NDArray[np.float32] | None:
    """How far below its level each point of the page lies, from the course of the lines in `mask`;
    None where they are straight.

    y = level of its line + f(x, y), with f the powers of x from the first to the fourth, and the
    first three times y.
    """
    high, wide = mask.shape
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    xs, ys, owners = [], [], []
    for label in range(1, count):
        left, top, width, height, _ = stats[label].tolist()
        if width < _TRACED * scale:
            continue
        part = labels[top : top + height, left : left + width] == label
        filled = part.sum(axis=0)
        where = np.flatnonzero((filled > 0) & (filled <= _THICK * scale))[
            :: max(1, round(4 * scale))
        ]
        if len(where) < 8:
            continue
        rows = np.arange(height)[:, None]
        xs.append(where + left)
        ys.append((rows * part[:, where]).sum(axis=0) / filled[where] + top)
        owners.append(np.full(len(where), len(xs) - 1))
    if len(xs) < 2:
        return None
    x, y, owner = np.concatenate(xs).astype(np.float64), np.concatenate(ys), np.concatenate(owners)
    low, span = x.min(), max(1.0, x.max() - x.min())
    top, tall = y.min(), max(1.0, y.max() - y.min())

    def terms(px: Floats, py: Floats) -> Floats:
        u, v = 2 * np.clip((px - low) / span, 0, 1) - 1, 2 * np.clip((py - top) / tall, 0, 1) - 1
        found: Floats = np.stack([u, u**2, u**3, u**4, u * v, u**2 * v, u**3 * v], axis=-1)
        return found

    design = np.concatenate([terms(x, y), np.eye(len(xs))[owner]], axis=1)
    ridge = np.diag([0.05 * len(x) ** 0.5] * 7 + [1e-9] * len(xs))
    solved = np.linalg.solve(design.T @ design + ridge, design.T @ y)[:7]
    if np.abs(terms(x, y) @ solved).max() < 0.25 * scale:
        return None
    coarse = 16
    px, py = np.meshgrid(
        np.arange(0, wide + coarse, coarse, dtype=np.float64),
        np.arange(0, high + coarse, coarse, dtype=np.float64),
    )
    field = (terms(px, py) @ solved).astype(np.float32)
    grown = cv2.resize(
        field, (field.shape[1] * coarse, field.shape[0] * coarse), interpolation=cv2.INTER_LINEAR
    )
    shift = coarse // 2  # resize keeps the middles of pixels, the coarse points are their corners
    found: npt.NDArray[np.float32] = grown[shift : shift + high, shift : shift + wide].astype(
        np.float32
    )
    return found


# --- ruling lines
# ------------------------------------------------------------------------------------------


def ruled(ink: Picture, scale: float) -> tuple[Picture, Picture, list[RulingLine]]:
    """The masks of the lines that lie and that stand, and their pieces in points.

    Strokes of large characters are none.
    """
    lying = _lines(ink, scale)
    standing = np.ascontiguousarray(_lines(ink.T, scale).T)
    reach = np.ones((2 * max(1, round(_REACH * scale / 2)) + 1,) * 2, np.uint8)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(
        cv2.dilate(lying | standing, reach), connectivity=8
    )
    kept = (stats[:, 2:4].max(axis=1) > _CHARACTER * scale).astype(np.uint8)
    kept[0] = 0
    lying, standing = lying & kept[labels], standing & kept[labels]
    across = _pieces(lying, scale)
    down = [
        RulingLine(y0, x0, y1, x1, width) for x0, y0, x1, y1, width in _pieces(standing.T, scale)
    ]
    return lying, standing, [*across, *down]


def _lines(ink: Picture, scale: float) -> Picture:
    """What of the ink is in long thin horizontal runs, small gaps closed."""
    long, gap, thick = (
        max(3, round(_RULE * scale)),
        max(1, round(_GAP * scale)),
        max(2, round(_THICK * scale)),
    )
    closed = cv2.morphologyEx(
        np.ascontiguousarray(ink), cv2.MORPH_CLOSE, np.ones((1, gap + 1), np.uint8)
    )
    runs = cv2.morphologyEx(closed, cv2.MORPH_OPEN, np.ones((1, long), np.uint8))
    bars = cv2.morphologyEx(runs, cv2.MORPH_OPEN, np.ones((thick + 1, long), np.uint8))
    return cv2.subtract(runs, bars).astype(np.uint8)


def _pieces(mask: Picture, scale: float) -> list[RulingLine]:
    """The connected pieces of horizontal lines, each from its left end to its right one."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats(
        np.ascontiguousarray(mask), connectivity=8
    )
    found = []
    for label in range(1, count):
        left, top, width, height, area = stats[label].tolist()
        part = labels[top : top + height, left : left + width] == label
        end = max(1, min(width // 2, round(_RULE * scale / 2)))
        rows = np.arange(height)[:, None]
        y0, y1 = (
            (rows * side).sum() / max(1, side.sum()) + top + 0.5
            for side in (part[:, :end], part[:, -end:])
        )
        found.append(
            RulingLine(
                left / scale,
                float(y0) / scale,
                (left + width) / scale,
                float(y1) / scale,
                area / width / scale,
            )
        )
    return found
