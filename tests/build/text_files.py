"""Plain text: the dump of a Word table cell by cell, tab-separated lines, pipes, Markdown, columns
aligned with spaces.

Each writer takes a flow and gives the text; `encoded` makes bytes of it. In all of them a merged
cell stands once, where it begins; `pipes`, `markdown`, `tabs` and `aligned` keep an empty place
wherever it reaches, `dump` and `lines_of_cells` only below it, as a copy of a Word table does.
"""

import csv
import io
import re
import unicodedata
from collections.abc import Callable
from random import Random

from tests.build.report import Anchor, Flow, Line, TableLayout


def encoded(text: str, encoding: str = "utf-8", newline: str = "\n") -> bytes:
    """`text` as bytes; raises UnicodeEncodeError if the encoding lacks a character."""
    return text.replace("\n", newline).encode(encoding)


def _dense(table: TableLayout) -> list[list[str]]:
    """Rows of text, one entry a grid column, empty where a merged cell reaches."""
    return [
        [a.text if a and (a.row, a.col) == (r, c) else "" for c, a in enumerate(line)]
        for r, line in enumerate(table.matrix())
    ]


def _cells(table: TableLayout) -> list[list[Anchor | None]]:
    """Rows of cells: one entry a cell, whatever its width; None where a cell from above reaches."""
    rows: list[list[Anchor | None]] = []
    for r, line in enumerate(table.matrix()):
        row: list[Anchor | None] = []
        for c, a in enumerate(line):
            if a is not None and a.col == c:
                row.append(a if a.row == r else None)
        rows.append(row)
    return rows


def _flat(text: str) -> str:
    return text.replace("\n", "")


def dump(blocks: Flow, rng: Random) -> str:
    """One cell a line behind a tab, an empty line between rows; a line break within a cell goes on
    without a tab.
    """
    out: list[str] = []
    for block in blocks:
        if isinstance(block, Line):
            out.append(block.text)
            continue
        for row in _cells(block):
            for a in row:
                pad = (
                    rng.choice(("\u00a0", "\u3000", ""))
                    if a is not None and a.key is not None
                    else ""
                )
                out.append(f"\t{pad}{a.text}" if a is not None else "\t")
            out.append("")
        out += ["", "", ""]
    return "\n".join(out) + "\n"


def _lined(blocks: Flow, write: Callable[[TableLayout], list[str]]) -> str:
    out: list[str] = []
    for block in blocks:
        out += ["", *write(block), ""] if isinstance(block, TableLayout) else [block.text]
    return "\n".join(out) + "\n"


def tabs(blocks: Flow) -> str:
    """One row a line, cells parted by tabs, an empty place for each grid column that a merged cell
    covers.
    """
    return _lined(blocks, lambda t: ["\t".join(map(_flat, row)) for row in _dense(t)])


def lines_of_cells(blocks: Flow) -> str:
    """One row a line, cells parted by tabs, a wide cell once and without empty places behind it."""
    return _lined(
        blocks, lambda t: ["\t".join(_flat(a.text) if a else "" for a in row) for row in _cells(t)]
    )


def pipes(blocks: Flow) -> str:
    """One row a line between strokes."""
    return _lined(
        blocks, lambda t: ["| " + " | ".join(map(_flat, row)) + " |" for row in _dense(t)]
    )


def markdown(blocks: Flow) -> str:
    """Markdown: headings with #, tables with a rule under the first row, <br> for a line break."""

    def table(layout: TableLayout) -> list[str]:
        rows = [
            "| " + " | ".join(text.replace("\n", "<br>") for text in row) + " |"
            for row in _dense(layout)
        ]
        return [rows[0], "|" + " --- |" * layout.n_cols, *rows[1:]]

    marks = {"title": "# ", "heading": "## "}
    return _lined(
        [
            Line(marks.get(b.role, "") + b.text, b.role) if isinstance(b, Line) else b
            for b in blocks
        ],
        table,
    )


def markdown_of_converters(blocks: Flow) -> str:
    """Markdown as converters write it: figures in bold, points escaped, words in code."""
    shown = re.sub(r"\| (\d[\d.]*) (?=\|)", lambda m: f"| **{_escaped(m[1])}** ", markdown(blocks))
    return re.sub(r"\| (规章) (?=\|)", r"| `\1` ", shown)


def _escaped(figure: str) -> str:
    return figure.replace(".", "\\.")


def open_markdown(blocks: Flow) -> str:
    """Markdown without bars at the ends of its lines."""

    def table(layout: TableLayout) -> list[str]:
        rows = [" | ".join(text.replace("\n", "<br>") for text in row) for row in _dense(layout)]
        return [rows[0], " | ".join(["---"] * layout.n_cols), *rows[1:]]

    return _lined(blocks, table)


def bars_behind(blocks: Flow) -> str:
    """A bar behind each cell, a wide cell once and without empty places behind it."""
    return _lined(
        blocks,
        lambda t: [" | ".join(_flat(a.text) if a else "" for a in row) + " |" for row in _cells(t)],
    )


def cell_a_line(blocks: Flow, between: str = "\n\n") -> str:
    """Each cell on a line of its own and nothing that tells the rows apart."""
    cells: list[str] = []
    for block in blocks:
        if isinstance(block, Line):
            cells.append(block.text)
        else:
            cells += [_flat(a.text) for row in _cells(block) for a in row if a is not None]
    return between.join(cells) + "\n"


def comma_separated(blocks: Flow) -> str:
    """Rows as a spreadsheet program saves them, with quotation marks where a cell needs them."""
    out = io.StringIO()
    for block in blocks:
        if isinstance(block, Line):
            out.write(f"{block.text}\n")
        else:
            csv.writer(out, lineterminator="\n").writerows(_dense(block))
    return out.getvalue()


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def aligned(blocks: Flow) -> str:
    """Columns aligned with spaces, at least two between cells; Chinese characters count two."""

    def table(layout: TableLayout) -> list[str]:
        texts = {a: " ".join(_flat(a.text).split()) for a in layout.anchors}
        widths = [0] * layout.n_cols
        for a in sorted(layout.anchors, key=lambda a: a.col_span):
            missing = _width(texts[a]) + 2 - sum(widths[a.col : a.col + a.col_span])
            widths[a.col + a.col_span - 1] += max(0, missing)
        lines = []
        for row in layout.lines():
            line = ""
            for a in row:
                line += " " * (sum(widths[: a.col]) - _width(line)) + texts[a]
            lines.append(line)
        return lines

    return _lined(blocks, table)
