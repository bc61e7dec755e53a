"""A document to be looked at: its blocks as they were read, and its pages as pictures.

`work` runs in a reader process, which alone opens documents; `SourceViewer` asks it. Formats that
are read from a docx are converted first. A picture is made for one page at a time and not kept.
"""

import json
import tempfile
from collections import OrderedDict
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from extract.detect import Format, sniff
from extract.document import Grid, ReadError
from extract.registry import CONVERTED, reader_of
from extract.sandbox.handed import read_file
from extract.sandbox.pool import Sandbox
from review.pages.site import ShownSource

WORK: Final = "flows.steps.source_view:work"
_PIXELS: Final = 1100  # width of the picture of a page
_KEPT: Final = 8  # documents whose blocks are kept
_MOST_TEXT: Final = 20_000  # characters of one paragraph or cell that are shown


def work(request: bytes) -> bytes:
    """What a reader process does: blocks and page sizes as JSON, or one page as PNG."""
    asked = json.loads(request)
    data = read_file(asked["path"])
    if asked["page"] is not None:
        return _picture(data, asked["page"])
    kind = sniff(data)
    if kind in CONVERTED:
        from extract.word.convert import legacy_file

        legacy = legacy_file(Path(asked["path"]), kind, data)
        return json.dumps({"convert": kind, "ends_in_table": legacy.ends_in_table}).encode()
    if kind is Format.PDF:  # its pages are shown as pictures, each made when it comes into view
        return json.dumps({"blocks": [], "pages": _page_sizes(data)}).encode()
    document = reader_of(kind)(data)
    blocks = [_grid(b) if isinstance(b, Grid) else _paragraph(b.text) for b in document.blocks]
    return json.dumps({"blocks": blocks, "pages": []}, ensure_ascii=False).encode()


def _paragraph(text: str) -> dict[str, object]:
    return {"text": text[:_MOST_TEXT]}


def _grid(grid: Grid) -> dict[str, object]:
    rows: list[list[dict[str, object]]] = [[] for _ in range(grid.n_rows)]
    for cell in grid.cells:
        rows[cell.row].append(
            {
                "text": cell.text[:_MOST_TEXT],
                "row": cell.row,
                "col": cell.col,
                "rowspan": cell.row_span,
                "colspan": cell.col_span,
            }
        )
    return {"rows": rows}


def _page_sizes(data: bytes) -> list[tuple[float, float]]:
    import pypdfium2

    with pypdfium2.PdfDocument(data) as pdf:
        return [pdf.get_page_size(n) for n in range(len(pdf))]


def _picture(data: bytes, page: int) -> bytes:
    import pypdfium2

    with pypdfium2.PdfDocument(data) as pdf:
        shown = pdf[page - 1]
        scale = _PIXELS / max(1.0, shown.get_width())
        out = BytesIO()
        shown.render(scale=min(scale, 4.0)).to_pil().convert("P").save(out, "PNG")
        return out.getvalue()


class SourceViewer:
    """Asks reader processes for what is shown of documents; a context manager."""

    def __init__(self) -> None:
        self._sandbox = Sandbox(WORK, workers=1)
        self._kept: OrderedDict[str, ShownSource] = OrderedDict()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._sandbox.close()

    def show(self, path: Path, document_id: str) -> ShownSource:
        """What is shown of the document, whose bytes must be those that were read."""
        try:
            if sha256(path.read_bytes()).hexdigest() != document_id:
                return ShownSource(problem="page.source_changed")
        except OSError:
            return ShownSource(problem="page.source_missing")
        if document_id not in self._kept:
            try:
                self._kept[document_id] = self._read(path)
            except ReadError:
                return ShownSource(problem="page.source_unreadable")
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        return self._kept[document_id]

    def picture(self, path: Path, page: int) -> bytes:
        """One page as PNG; ReadError if it cannot be drawn."""
        return self._sandbox.run(
            json.dumps({"path": str(path), "page": page}).encode(), [str(path)]
        )

    def _read(self, path: Path) -> ShownSource:
        answer = self._ask(path)
        if "convert" not in answer:
            return ShownSource(answer["blocks"], [(w, h) for w, h in answer["pages"]])
        from extract.word.convert import LegacyFile, convert

        kind = Format(answer["convert"])
        with tempfile.TemporaryDirectory(prefix="nianbao-") as folder:
            made = convert([LegacyFile(path, kind, answer["ends_in_table"])], Path(folder))[path]
            if isinstance(made, ReadError):
                raise made
            return ShownSource(self._ask(made.docx)["blocks"])

    def _ask(self, path: Path) -> dict[str, Any]:
        request = json.dumps({"path": str(path), "page": None}).encode()
        answer: dict[str, Any] = json.loads(self._sandbox.run(request, [str(path)]))
        return answer
