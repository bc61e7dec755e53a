"""Pictures of single lines of text to strings, with the PP-OCR model that lies in the `rapidocr`
wheel, run by onnxruntime. No downloads.

`Recogniser().read(crops)` takes grey pictures of upright lines, dark on white, and gives for each a
`LineReading`: the text as the model sees it, and the best text of the characters that numbers are
made of, each with the probability of its least certain character. Which of both is meant the caller
decides. Crops are put into batches of equal width; a batch holds no more than BATCH_PIXELS, so that
memory stays bounded.

One thread, no arena: a reader process has one core and a limit on memory. Raises ReadError
READER_MISSING without the extra "scan".
"""

from collections.abc import Iterator, Sequence
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final, NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from extract.document import ReadError, Reason

Picture = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float32]

INSTALL: Final = 'reading scans needs more packages: pip install "nianbao[scan]"'
HEIGHT: Final = 48  # of the model's input
BATCH_PIXELS: Final = 48 * 2048
# the characters that numbers are made of, each with those that look the same where nothing but
# numbers can stand
ALIKE: Final = {
    "0": "0０OoＯ〇○◯óòôöõÓÒÔÖÕ",
    "1": "1１lI|丨Ⅰｌ][!",
    "2": "2２",
    "3": "3３",
    "4": "4４",
    "5": "5５",
    "6": "6６",
    "7": "7７",
    "8": "8８",
    "9": "9９",
    ".": ".．·",
    ",": ",，",
    "+": "+＋",
    "-": "-－—–―−",
    "/": "/／",
}

_MODEL: Final = "PP-OCRv6_rec_small.onnx"
_STEP: Final = 16  # widths are rounded up to multiples of this
_WIDEST: Final = 2400
_BLANK: Final = 0


class LineReading(NamedTuple):
    """`text` with the probability of its least certain character, and `number`, the best text made
    of the keys of ALIKE alone, with the same.
    """

    text: str
    sure: float
    number: str
    number_sure: float


@cache
def recogniser() -> "Recogniser":
    """The one recogniser of this process; loading takes a tenth of a second and 40 MiB."""
    return Recogniser()


class Recogniser:
    """Holds the session and the alphabet."""

    def __init__(self) -> None:
        try:
            import onnxruntime
        except ImportError as error:
            raise ReadError(Reason.READER_MISSING, INSTALL) from error
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.enable_cpu_mem_arena = False
        options.log_severity_level = 4
        self._session: Any = onnxruntime.InferenceSession(
            str(model(_MODEL)), options, providers=["CPUExecutionProvider"]
        )
        self._alphabet = [
            "",
            *self._session.get_modelmeta().custom_metadata_map["character"].split("\n"),
            " ",
        ]
        self._like = [
            [self._alphabet.index(c) for c in like if c in self._alphabet]
            for like in ALIKE.values()
        ]

    def read(self, crops: Sequence[Picture]) -> list[LineReading]:
        """One reading a crop, in their order."""
        found: list[LineReading] = [LineReading("", 0.0, "", 0.0)] * len(crops)
        shaped = [_shaped(c) for c in crops]
        for batch in _batches([s.shape[1] for s in shaped]):
            stack = np.stack([shaped[i] for i in batch])
            inputs = np.repeat(((stack.astype(np.float32) / 255 - 0.5) / 0.5)[:, None], 3, axis=1)
            (answer,) = self._session.run(None, {self._session.get_inputs()[0].name: inputs})
            for i, steps in zip(batch, answer, strict=True):
                found[i] = self._decoded(steps)
        return found

    def _decoded(self, steps: Floats) -> LineReading:
        best = steps.argmax(axis=1)
        text, sure = _collapsed(best, steps.max(axis=1), self._alphabet)
        narrow = np.stack(
            [steps[:, _BLANK], *(steps[:, like].sum(axis=1) for like in self._like)], axis=1
        )
        number, number_sure = _collapsed(narrow.argmax(axis=1), narrow.max(axis=1), ["", *ALIKE])
        return LineReading(text, sure, number, number_sure)


def _collapsed(
    best: npt.NDArray[np.intp], chance: Floats, alphabet: Sequence[str]
) -> tuple[str, float]:
    """CTC: repeats are one character, blanks part.

    The probability of a character is the greatest of its steps.
    """
    text, chances = "", []
    last = _BLANK
    for code, p in zip(best.tolist(), chance.tolist(), strict=True):
        if code != _BLANK and code != last:
            text += alphabet[code]
            chances.append(p)
        elif code != _BLANK:
            chances[-1] = max(chances[-1], p)
        last = code
    return text, min(chances, default=0.0)


def _shaped(crop: Picture) -> Picture:
    """Scaled to the model's height, widened with white to a full step."""
    width = max(1, min(_WIDEST, round(crop.shape[1] * HEIGHT / crop.shape[0])))
    shrinks = crop.shape[0] > HEIGHT
    scaled = cv2.resize(
        crop, (width, HEIGHT), interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC
    )
    full = np.full((HEIGHT, -(-width // _STEP) * _STEP), 255, dtype=np.uint8)
    full[:, :width] = scaled
    return full


def _batches(widths: Sequence[int]) -> Iterator[list[int]]:
    """The indices in groups of equal width, none larger than BATCH_PIXELS unless it is alone."""
    by_width: dict[int, list[int]] = {}
    for i, width in enumerate(widths):
        by_width.setdefault(width, []).append(i)
    for width, indices in sorted(by_width.items()):
        size = max(1, BATCH_PIXELS // (width * HEIGHT))
        for at in range(0, len(indices), size):
            yield indices[at : at + size]


def model(name: str) -> Path:
    """The path of a model in the wheel of `rapidocr`, which is not imported: it sets up logging and
    much else.
    """
    spec = find_spec("rapidocr")
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        path = Path(folder) / "models" / name
        if path.is_file():
            return path
    raise ReadError(Reason.READER_MISSING, INSTALL)
