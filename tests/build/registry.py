"""Every way to write a report, by name: `LAYOUTS` for the layout and format, `DRESSINGS` for how
figures and labels are typed.

    for name, layout in LAYOUTS.items():
        made = build(random_report(7, "2021"), name)
        read(made.data) must give made.expected

`build` dresses a report, writes it and says what a reading must give. `edition_fits` and
`dressing_fits` name the few combinations that say nothing new or cannot be read by anyone.
"""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Final

from tests.build import docx_files as word
from tests.build import html_files as web
from tests.build import layouts as change
from tests.build import sheet_files as sheet
from tests.build import text_files as text
from tests.build.dress import DRESSINGS
from tests.build.report import STATUTORY, Expected, Flow, Key, Line, Report, expected_cells, flow

Writer = Callable[[Report, Random], bytes]


@dataclass(frozen=True)
class Layout:
    """One way of writing.

    `suffix` of the file; `statutory` if it says something only about the three statutory tables.
    """

    name: str
    suffix: str
    write: Writer
    statutory: bool = False

    def __call__(self, report: Report, rng: Random) -> bytes:
        """The bytes of `report` in this layout."""
        return self.write(report, rng)


@dataclass(frozen=True)
class Made:
    """A written report: its bytes and what a reading of it must give."""

    name: str
    suffix: str
    data: bytes
    report: Report
    expected: dict[Key, Expected]


Change = Callable[[Flow, Report, Random], Flow]


def _as_is(blocks: Flow, report: Report, rng: Random) -> Flow:
    return blocks


_GAP: Final = Line("续表", "note")

# Changes of the flow that every format can carry; the name is added to the format's.
CHANGES: Final[dict[str, Change]] = {
    "cut": lambda b, p, r: change.cut_tables(b, r, None, labels=False, header=False),
    "cut-header": lambda b, p, r: change.cut_tables(b, r, None, labels=False, header=True),
    "cut-paragraph": lambda b, p, r: change.cut_tables(b, r, _GAP, labels=True, header=False),
    "metadata": lambda b, p, r: change.metadata_first(b, p),
    "sandwich": lambda b, p, r: change.sandwich(b),
    "broken-header": lambda b, p, r: change.broken_header(b),
    "row-split": lambda b, p, r: change.row_split(b),
    "blocks-apart": lambda b, p, r: change.blocks_apart(b),
    "one-table": lambda b, p, r: change.stacked(b),
    "blank-rows": lambda b, p, r: change.blank_rows(b),
}
_STATUTORY_CHANGES: Final = frozenset({"broken-header", "row-split", "blocks-apart", "one-table"})


def _docx(style: word.Style | None, change_flow: Change = _as_is) -> Writer:
    def write(report: Report, rng: Random) -> bytes:
        blocks = change_flow(flow(report, rng.choice((4, 5))), report, rng)
        return word.clean(blocks) if style is None else word.raw(blocks, style, rng)

    return write


def _html(style: web.Style, change_flow: Change = _as_is, grid: int | None = None) -> Writer:
    return lambda report, rng: web.page(
        change_flow(flow(report, grid or rng.choice((4, 5))), report, rng), style, rng
    )


def _sheet(
    write: Callable[[Flow, sheet.Style], bytes], style: sheet.Style, change_flow: Change = _as_is
) -> Writer:
    return lambda report, rng: write(change_flow(flow(report), report, rng), style)


def _text(
    write: Callable[[Flow], str],
    encoding: str = "utf-8",
    newline: str = "\n",
    change_flow: Change = _as_is,
) -> Writer:
    return lambda report, rng: text.encoded(
        write(change_flow(flow(report), report, rng)), encoding, newline
    )


def _dump(encoding: str = "utf-8", newline: str = "\n", change_flow: Change = _as_is) -> Writer:
    return lambda report, rng: text.encoded(
        text.dump(change_flow(flow(report), report, rng), rng), encoding, newline
    )


_RAW: Final = word.Style()
_DOCX: Final[dict[str, word.Style | None]] = {
    "clean": None,
    "raw": _RAW,
    "runs": word.Style(runs=True),
    "slivers": word.Style(slivers=True),
    "layout-table": word.Style(wrap="page"),
    "nested": word.Style(wrap="section"),
    "controls": word.Style(controls=True),
    "tracked": word.Style(tracked=True),
    "paragraphs": word.Style(breaks=True),
    "everything": word.Style(runs=True, slivers=True, wrap="page", breaks=True),
}
_HTML: Final[dict[str, web.Style]] = {
    "clean": web.Style(),
    "empty-blanks": web.Style(blank=""),
    "word": web.Style(text=web.word_text, blank="<p><o:p>&nbsp;</o:p></p>"),
    "rowspan-short": web.Style(spans="short"),
    "rowspan-long": web.Style(spans="long"),
    "fillers": web.Style(spans="filler", blank=""),
    "phantom": web.Style(phantom=True),
    "thead": web.Style(head=True),
    "sloppy": web.Style(sloppy=True),
    "gbk-as-utf8": web.Style(encode="gbk"),
    "gb2312": web.Style(declare="gb2312", encode="gbk"),
    "script": web.Style(frame="script"),
    "layout-table": web.Style(frame="layout"),
    "chrome": web.Style(frame="chrome"),
    "site": web.Style(text=web.word_text, frame="site"),
}


def _layouts() -> list[Layout]:
    made = [Layout(f"docx-{name}", ".docx", _docx(style)) for name, style in _DOCX.items()]
    made += [
        Layout(f"docx-{name}", ".docx", _docx(_RAW, way), name in _STATUTORY_CHANGES)
        for name, way in CHANGES.items()
    ]
    made += [Layout(f"html-{name}", ".html", _html(style)) for name, style in _HTML.items()]
    made += [
        Layout(f"html-{name}", ".html", _html(web.Style(), way), name in _STATUTORY_CHANGES)
        for name, way in CHANGES.items()
    ]
    made.append(
        Layout("html-colspan-drift", ".html", _html(web.Style(spans="drift"), grid=5), True)
    )
    for suffix, write in ((".xlsx", sheet.xlsx), (".xls", sheet.xls)):
        kind = suffix[1:]
        made += [
            Layout(f"{kind}-one-sheet", suffix, _sheet(write, sheet.Style())),
            Layout(f"{kind}-sheets", suffix, _sheet(write, sheet.Style(sheets=True))),
            Layout(
                f"{kind}-numbers", suffix, _sheet(write, sheet.Style(numbers=True, left=1, top=2))
            ),
            Layout(f"{kind}-unmerged", suffix, _sheet(write, sheet.Style(merge=False))),
            Layout(f"{kind}-cut", suffix, _sheet(write, sheet.Style(), CHANGES["cut"])),
        ]
    return [
        *made,
        Layout("txt-dump", ".txt", _dump()),
        Layout("txt-dump-gbk", ".txt", _dump("gb18030", "\r\n")),
        Layout("txt-dump-row-split", ".txt", _dump(change_flow=CHANGES["row-split"]), True),
        Layout("txt-tabs", ".txt", _text(text.tabs)),
        Layout("txt-tabs-bom", ".txt", _text(text.tabs, "utf-8-sig", "\r\n")),
        Layout("txt-tabs-utf16", ".txt", _text(text.tabs, "utf-16")),
        Layout("txt-cells", ".txt", _text(text.lines_of_cells)),
        Layout("txt-pipes", ".txt", _text(text.pipes)),
        Layout("txt-pipes-cut", ".txt", _text(text.pipes, change_flow=CHANGES["cut-paragraph"])),
        Layout("txt-markdown", ".txt", _text(text.markdown)),
        Layout("txt-markdown-bold", ".txt", _text(text.markdown_of_converters)),
        Layout("txt-markdown-open", ".txt", _text(text.open_markdown)),
        Layout("txt-bars-behind", ".txt", _text(text.bars_behind), True),
        Layout("txt-cell-a-line", ".txt", _text(text.cell_a_line), True),
        Layout("csv", ".csv", _text(text.comma_separated)),
        Layout("txt-aligned", ".txt", _text(text.aligned)),
    ]


LAYOUTS: Final[dict[str, Layout]] = {layout.name: layout for layout in _layouts()}


def edition_fits(layout: str, edition: str) -> bool:
    """Whether the layout says something about reports of that edition."""
    return edition in STATUTORY or not LAYOUTS[layout].statutory


def dressing_fits(layout: str, dressing: str) -> bool:
    """False where nobody could read the result: in these texts a row of nothing but blanks is no
    line at all.
    """
    without_blanks = ("txt-tabs", "txt-cells", "txt-aligned", "txt-cell-a-line")
    return dressing != "blanks" or not layout.startswith(without_blanks)


def build(report: Report, layout: str, dressing: str = "plain", seed: int = 0) -> Made:
    """`report` dressed and written; the same bytes for the same arguments.

    `expected` is what a reading must give.
    """
    rng = Random(f"{layout} {dressing} {seed}")
    dressed = DRESSINGS[dressing](report, rng)
    name = f"{report.edition}-{layout}" + ("" if dressing == "plain" else f"-{dressing}")
    return Made(
        name,
        LAYOUTS[layout].suffix,
        LAYOUTS[layout].write(dressed, rng),
        dressed,
        expected_cells(dressed),
    )
