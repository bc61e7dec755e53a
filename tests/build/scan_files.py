"""Scans: pages of the drawn PDF files as pictures, and what a scanner or a phone does to them.

`pictures(pdf, look, seed)` renders each page in grey and spoils it as `Look` says, the same for the
same arguments; `png`, `jpeg`, `tiff` and `image_pdf` write them as files. Nothing in a `Look`
changes what a person reads on the page.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt
import pypdfium2
from PIL import Image
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

Picture = npt.NDArray[np.uint8]  # grey, rows from top to bottom


@dataclass(frozen=True)
class Look:
    """What became of the page.

    `dpi` of the scanner; `skew` in degrees; `noise` and `blur` as standard deviations, in grey
    levels and pixels.

    `jpeg`: its quality, 0 for none. `tilt`: by how much of the page's width a phone held aslant
    narrows its upper edge. `shade`: by how many grey levels light falls off over the page.
    `bilevel`: black and white only, as fax machines and office scanners store it. `specks`: black
    dots a page. `turn`: quarter turns. `bend`: pixels at 200 dpi by which the middle of a page that
    does not lie flat is out of line.
    """

    dpi: int = 200
    skew: float = 0.0
    noise: float = 0.0
    blur: float = 0.0
    jpeg: int = 0
    tilt: float = 0.0
    shade: float = 0.0
    bilevel: bool = False
    specks: int = 0
    turn: int = 0
    bend: float = 0.0


LOOKS: Final[dict[str, Look]] = {
    "clean": Look(),
    "clean-150": Look(dpi=150),
    "clean-300": Look(dpi=300),
    "office": Look(skew=0.6, noise=4, jpeg=75),
    "office-150": Look(dpi=150, skew=-0.8, noise=4, jpeg=75),
    "office-300": Look(dpi=300, skew=-0.4, noise=6, jpeg=60),
    "skewed": Look(skew=-2.3, noise=3, jpeg=80),
    "soft": Look(skew=0.3, noise=3, blur=1.1, jpeg=70),
    "grainy": Look(skew=0.9, noise=18, blur=0.5, jpeg=60),
    "fax": Look(skew=-0.5, noise=20, blur=0.6, bilevel=True, specks=120),
    "fax-300": Look(dpi=300, skew=0.7, noise=20, blur=0.8, bilevel=True, specks=200),
    "phone": Look(dpi=220, skew=1.2, noise=6, blur=0.7, jpeg=70, tilt=0.03, shade=70),
    "phone-bent": Look(dpi=250, skew=-0.8, noise=5, blur=0.6, jpeg=80, tilt=0.02, shade=50, bend=5),
    "phone-aslant": Look(
        dpi=250, skew=-2.0, noise=8, blur=0.7, jpeg=60, tilt=0.05, shade=90, bend=3
    ),
    "fax-150": Look(dpi=150, skew=0.4, noise=14, blur=0.4, bilevel=True, specks=60),
}


def pictures(pdf: bytes, look: Look, seed: int = 0) -> list[Picture]:
    """The pages of `pdf`."""
    rng = np.random.default_rng(seed)
    return [_spoilt(page, look, rng) for page in _rendered(pdf, look.dpi)]


def _rendered(pdf: bytes, dpi: int) -> Iterator[Picture]:
    document = pypdfium2.PdfDocument(pdf)
    try:
        for page in document:
            yield page.render(scale=dpi / 72, grayscale=True).to_numpy().copy()
    finally:
        document.close()


def _spoilt(page: Picture, look: Look, rng: np.random.Generator) -> Picture:
    page = np.rot90(page, look.turn).copy() if look.turn else page
    page = _moved(page, look)
    grey = page.astype(np.float32)
    high, wide = grey.shape
    if look.blur:
        grey = cv2.GaussianBlur(grey, (0, 0), look.blur)
    if look.shade:
        down, across = np.linspace(0, 1, high)[:, None], np.linspace(0, 1, wide)[None, :]
        grey *= 1 - look.shade / 255 * (0.6 * down + 0.4 * across).astype(np.float32)
    if look.noise:
        grey += rng.normal(0, look.noise, grey.shape).astype(np.float32)
    for y, x in zip(
        rng.integers(0, high - 3, look.specks).tolist(),
        rng.integers(0, wide - 3, look.specks).tolist(),
        strict=True,
    ):
        size = int(rng.integers(1, 3))
        grey[y : y + size, x : x + size] = 0
    found: Picture = np.clip(grey, 0, 255).astype(np.uint8)
    if look.bilevel:
        found = np.where(found > 140, 255, 0).astype(np.uint8)
    if look.jpeg:
        _, packed = cv2.imencode(".jpg", found, [cv2.IMWRITE_JPEG_QUALITY, look.jpeg])
        found = cv2.imdecode(packed, cv2.IMREAD_GRAYSCALE).astype(np.uint8)
    return found


def _moved(page: Picture, look: Look) -> Picture:
    """Turned by the skew, narrowed by the tilt, bent; what comes in from outside is white."""
    if not (look.skew or look.tilt or look.bend):
        return page
    high, wide = page.shape
    angle = np.deg2rad(look.skew)
    inset = look.tilt * wide
    corners = np.array([[0, 0], [wide, 0], [wide, high], [0, high]], dtype=np.float32)
    moved = np.array(
        [[inset, inset / 2], [wide - inset, 0], [wide, high], [0, high]], dtype=np.float32
    ) - [wide / 2, high / 2]
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    moved = (moved @ turn.T + [wide / 2, high / 2]).astype(np.float32)
    back = np.linalg.inv(cv2.getPerspectiveTransform(corners, moved))
    x, y = np.meshgrid(np.arange(wide, dtype=np.float32), np.arange(high, dtype=np.float32))
    points = (
        cv2.perspectiveTransform(np.stack([x, y], axis=-1).reshape(-1, 1, 2), back)
        .reshape(high, wide, 2)
        .astype(np.float32)
    )
    if look.bend:
        points[:, :, 1] += (
            look.bend * look.dpi / 200 * np.sin(np.pi * points[:, :, 0] / wide).astype(np.float32)
        )
    done: Picture = cv2.remap(
        page,
        points[:, :, 0],
        points[:, :, 1],
        cv2.INTER_CUBIC,
        borderMode=cv2.BORDER_CONSTANT,
        borderValue=255,
    ).astype(np.uint8)
    return done


def _packed(picture: Picture, kind: str, **options: object) -> bytes:
    stream = BytesIO()
    Image.fromarray(picture).save(stream, kind, **options)
    return stream.getvalue()


def png(picture: Picture, dpi: int = 200) -> bytes:
    """One page as a PNG file."""
    return _packed(picture, "PNG", dpi=(dpi, dpi))


def jpeg(picture: Picture, dpi: int = 200, quality: int = 85) -> bytes:
    """One page as a JPEG file."""
    return _packed(picture, "JPEG", dpi=(dpi, dpi), quality=quality)


def tiff(found: Sequence[Picture], dpi: int = 200) -> bytes:
    """All pages in one TIFF file."""
    stream = BytesIO()
    first, *rest = [Image.fromarray(p) for p in found]
    first.save(
        stream, "TIFF", save_all=True, append_images=rest, compression="tiff_lzw", dpi=(dpi, dpi)
    )
    return stream.getvalue()


def image_pdf(found: Sequence[Picture], dpi: int = 200) -> bytes:
    """All pages in one PDF that holds pictures and no text, as scanners make it."""
    stream = BytesIO()
    canvas = Canvas(stream, invariant=1)
    for picture in found:
        wide, high = picture.shape[1] * 72 / dpi, picture.shape[0] * 72 / dpi
        canvas.setPageSize((wide, high))
        canvas.drawImage(ImageReader(Image.fromarray(picture)), 0, 0, wide, high)
        canvas.showPage()
    canvas.save()
    return stream.getvalue()
