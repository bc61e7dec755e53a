"""Makes data/samples: eighteen reports in as many layouts, with figures of real reports and made-up
prose.

    python -m tests.build.samples     write data/samples again; the same bytes each time
    python -m tests.build.samples --doc               write the .doc again too
    python -m tests.build.samples --figures FOLDER
                                      first the figures anew from the hand-read reports in FOLDER

The figures lie in `figures.json` beside this file: of each report the agency, the year and what its
cells print, nothing else. One report (2014) has invented figures and an invented agency, for no
annex of that time was at hand. The one .doc is saved by LibreOffice from a .docx of ours: its bytes
are those of one version of LibreOffice, so that it is written anew only when asked for (`--doc`).
"""

import argparse
import json
import re
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any, Final

from tests.build import ofd_files, pdf_files
from tests.build.draw import random_report
from tests.build.office import office_or_skip, save_as
from tests.build.prose import sections
from tests.build.registry import Made, build
from tests.build.report import Key, Report, expected_cells, flow, form_table, keys

FIGURES: Final = Path(__file__).with_name("figures.json")
SAMPLES: Final = Path(__file__).resolve().parents[2] / "data" / "samples"


@dataclass(frozen=True)
class Sample:
    """One file: whose figures, in which layout.

    `figures` names an entry of figures.json, or is empty for invented ones.
    """

    figures: str
    edition: str
    layout: str
    title: str = ""
    place: str = ""  # a sentence that names the place, where the agency's short name does not


PLAN: Final = (
    Sample(
        "shangrao-minzheng-2019",
        "2019",
        "txt-dump",
        "市民政局政府信息公开工作2019年度报告",
        "上饶市政务服务大厅设有查阅点，可以查阅公开的信息。",
    ),
    Sample("005", "2019", "html-clean"),  # most totals blank
    Sample("80595", "2019", "html-word"),  # the details of 表三 add to 26, the total says 20
    Sample("032", "2019", "txt-pipes"),  # units in cells
    Sample("003", "2021", "docx-clean"),
    Sample("023", "2021", "docx-runs"),
    Sample("034", "2021", "docx-cut-paragraph"),
    Sample("024", "2021", "html-fillers"),
    Sample("033", "2021", "xlsx-one-sheet"),
    Sample("014", "2021", "xls-sheets"),  # 125 blanks
    Sample("006", "2021", "txt-tabs"),
    Sample("001", "hybrid", "txt-markdown"),  # two totals of 表四 printed 0
    Sample("86513", "hybrid", "xlsx-sheets"),  # the row 规章 is missing
    Sample("020", "fj2008", "html-chrome"),
    Sample("", "2014", "docx-raw"),
    Sample("025", "2021", "pdf-line"),  # pages with ruled tables
    Sample("043", "2019", "ofd"),
    Sample("040", "2019", "doc"),
)
_DOC: Final = "doc"


def report_of(sample: Sample) -> Report:
    """The report of one sample, its figures from figures.json."""
    if not sample.figures:
        return random_report(2014, sample.edition, mean=12.0)
    stored: dict[str, Any] = json.loads(FIGURES.read_text(encoding="utf-8"))[sample.figures]
    columns: dict[tuple[str, str], list[Key]] = {}
    for key in keys(sample.edition):
        columns.setdefault(key[:2], []).append(key)
    found: dict[Key, str] = {}
    for name, texts in stored["rows"].items():
        table, row = name.split("|")
        found |= dict(zip(columns[table, row], texts, strict=True))
    figures = {key: found.get(key, "") for key in keys(sample.edition)}
    omitted = frozenset(key[:2] for key in figures if key not in found)
    agency, year = str(stored["agency"]), int(stored["year"])
    prose = list(sections(agency, year, figures, Random(sample.figures)))
    prose[0] += f"\n{sample.place}" if sample.place else ""
    return Report(
        agency, year, sample.edition, figures, tuple(prose), title=sample.title, omitted=omitted
    )


def samples() -> dict[str, Made]:
    """Every sample by file name, with its bytes and the cells that a reading of it must give."""
    made = [_made(sample) for sample in PLAN]
    return {m.name + m.suffix: m for m in made}


def _made(sample: Sample) -> Made:
    """One sample; the bytes of the .doc are those that lie in data/samples."""
    report = report_of(sample)
    name = f"{sample.edition}-{sample.layout}"
    if sample.layout.startswith("pdf-"):
        style = pdf_files.STYLES[sample.layout.removeprefix("pdf-")]
        data = pdf_files.paper(flow(report), style, Random(name))
        return Made(name, ".pdf", data, report, expected_cells(report))
    if sample.layout == "ofd":
        return Made(name, ".ofd", ofd_files.paper(flow(report)), report, expected_cells(report))
    if sample.layout == _DOC:
        stored = SAMPLES / f"{name}.doc"
        data = stored.read_bytes() if stored.exists() else b""
        return Made(name, ".doc", data, report, expected_cells(report))
    return build(report, sample.layout)


def save_doc() -> None:
    """Write the .doc again, by LibreOffice from the same report as .docx."""
    for sample in PLAN:
        if sample.layout == _DOC:
            name = f"{sample.edition}-{sample.layout}"
            with tempfile.TemporaryDirectory() as folder:
                docx = Path(folder, f"{name}.docx")
                docx.write_bytes(build(report_of(sample), "docx-raw").data)
                saved = save_as("doc", [docx], Path(folder), office_or_skip())
                (SAMPLES / f"{name}.doc").write_bytes(saved[name].read_bytes())


def collect(truth: Path) -> dict[str, Any]:
    """The figures of the reports named in `PLAN` from the hand-read files in `truth`."""
    stored: dict[str, Any] = {}
    for sample in PLAN:
        if sample.figures:
            read = json.loads((truth / f"{sample.figures}.json").read_text(encoding="utf-8"))
            cells = {name: cell["raw"] for name, cell in read["cells"].items()} or _annex(
                read["other_tables"], sample.edition
            )
            rows: dict[str, list[str]] = {}
            for key in keys(sample.edition):
                if "|".join(key) in cells:
                    rows.setdefault("|".join(key[:2]), []).append(cells["|".join(key)])
            stored[sample.figures] = {"agency": read["agency"], "year": read["year"], "rows": rows}
    return stored


def _annex(printed: Mapping[str, Mapping[str, str]], edition: str) -> dict[str, str]:
    """Cells of an annex that is kept by its printed labels; raises KeyError for a label that the
    form does not know.
    """
    rows = {
        label: row.row_id
        for row in form_table("statistics", edition).rows
        for label in (row.label, *row.aliases)
    }
    cells = {}
    for name, cell in printed.items():
        _, label, column = name.split("|")
        cells[f"statistics|{rows[label]}|{'cumulative' if column == '历年累计' else 'year'}"] = (
            cell["raw"]
        )
    return cells


def _written(stored: Mapping[str, Any]) -> str:
    """JSON with one row of a table on each line, so that a change shows as one line."""
    text = json.dumps(stored, ensure_ascii=False, indent=1)
    return (
        re.sub(
            r"\[[^]]*\]", lambda found: json.dumps(json.loads(found[0]), ensure_ascii=False), text
        )
        + "\n"
    )


def main() -> None:
    """Writes the samples, and with --figures the figures first."""
    parser = argparse.ArgumentParser(description="Write data/samples again.")
    parser.add_argument(
        "--figures",
        type=Path,
        metavar="FOLDER",
        help="take the figures anew from the hand-read reports in FOLDER",
    )
    parser.add_argument("--doc", action="store_true", help="write the .doc again, by LibreOffice")
    arguments = parser.parse_args()
    folder: Path | None = arguments.figures
    if folder is not None:
        FIGURES.write_text(_written(collect(folder)), encoding="utf-8")
    SAMPLES.mkdir(parents=True, exist_ok=True)
    if arguments.doc:
        save_doc()
    for name, made in samples().items():
        (SAMPLES / name).write_bytes(made.data)


if __name__ == "__main__":
    main()
