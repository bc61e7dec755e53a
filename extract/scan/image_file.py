"""Picture files to pages in grey, guarded: what is too large is refused by its header, before a
pixel is unpacked.

`frames(data)` gives each page with its dots per inch: what the file says if a page of that size is
one of paper, else as if its shorter side were that of A4. Raises ReadError: EMPTY_FILE, DAMAGED
(truncated, or broken otherwise), UNKNOWN_FORMAT (a picture, but of a kind that no scanner makes),
TOO_LARGE (pixels of a page, pages).
"""

import warnings
from collections.abc import Iterator
from io import BytesIO
from typing import Final

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageOps, UnidentifiedImageError

from extract.document import ReadError, Reason
from extract.limits import IMAGE_PIXELS, SCAN_PAGES

Picture = npt.NDArray[np.uint8]

MOST_DPI: Final = 300.0  # finer pages are made coarser: no gain in reading, much in time

_FORMATS: Final = ("PNG", "JPEG", "TIFF", "BMP", "GIF", "WEBP")
_POINTS: Final = 72.0
_SHEET_SIDES_PT: Final = (250.0, 1300.0)  # points: the sides of what is printed on
_A4: Final = 595.3
_LEAST: Final = 100  # pixels of the shorter side


def frames(data: bytes) -> Iterator[tuple[Picture, float]]:
    """The pages in order."""
    if not data:
        raise ReadError(Reason.EMPTY_FILE, "the file has no bytes")
    with warnings.catch_warnings():
        # of oddities in headers, and of sizes: these are checked here
        warnings.simplefilter("ignore")
        try:
            with Image.open(BytesIO(data), formats=_FORMATS) as image:
                count = getattr(image, "n_frames", 1)
                if count > SCAN_PAGES:
                    raise ReadError(
                        Reason.TOO_LARGE,
                        f"a picture file with {count} pages, the limit is {SCAN_PAGES}",
                    )
                for number in range(count):
                    image.seek(number)
                    yield _frame(image, number + 1)
        except UnidentifiedImageError as error:
            raise ReadError(
                Reason.UNKNOWN_FORMAT,
                f"a picture that is none of {', '.join(_FORMATS)}, or whose header is broken",
            ) from error
        except Image.DecompressionBombError as error:
            raise ReadError(
                Reason.TOO_LARGE,
                f"the picture has more than {IMAGE_PIXELS // 1_000_000} million pixels",
            ) from error
        except (
            OSError,
            SyntaxError,
            ValueError,
            EOFError,
        ) as error:  # what Pillow raises for broken files
            raise ReadError(Reason.DAMAGED, f"the picture cannot be unpacked: {error}") from error


def _frame(image: Image.Image, number: int) -> tuple[Picture, float]:
    wide, high = image.size
    if wide * high > IMAGE_PIXELS:
        detail = (
            f"page {number} has {wide} x {high} pixels, the limit is {IMAGE_PIXELS // 1_000_000} "
            "million; scan it at 200 to 300 dots an inch"
        )
        raise ReadError(Reason.TOO_LARGE, detail)
    if min(wide, high) < _LEAST:
        raise ReadError(
            Reason.DAMAGED, f"page {number} has {wide} x {high} pixels, too few for a page"
        )
    image.load()
    upright = ImageOps.exif_transpose(image)
    grey = _grey(upright)
    dpi = _dpi(image.info.get("dpi"), grey.size)
    if dpi > MOST_DPI:
        size = (
            max(1, round(grey.width * MOST_DPI / dpi)),
            max(1, round(grey.height * MOST_DPI / dpi)),
        )
        grey, dpi = grey.resize(size, Image.Resampling.BOX), MOST_DPI
    return np.asarray(grey, dtype=np.uint8).copy(), dpi


def _grey(image: Image.Image) -> Image.Image:
    """In grey; what is transparent is paper."""
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        coloured = image.convert("RGBA")
        white = Image.new("RGBA", coloured.size, "white")
        return Image.alpha_composite(white, coloured).convert("L")
    if image.mode.startswith(("I;16", "I", "F")):
        values = np.asarray(image, dtype=np.float64)
        low, high = float(values.min()), float(values.max())
        return Image.fromarray(((values - low) * (255 / max(1.0, high - low))).astype(np.uint8))
    return image.convert("L")


def _dpi(stated: object, size: tuple[int, int]) -> float:
    short = min(size)
    if isinstance(stated, tuple) and len(stated) == 2:
        dpi = float(stated[0])
        if dpi > 0 and _SHEET_SIDES_PT[0] <= short * _POINTS / dpi <= _SHEET_SIDES_PT[1]:
            return dpi
    return short * _POINTS / _A4
