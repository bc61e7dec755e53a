"""`nianbao check`: judge drafts. Stores nothing."""

import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from flows.commands.exit_status import DONE, FAILED, FINDINGS
from flows.commands.options import LanguageOption, language_of
from flows.commands.output import print_text

if TYPE_CHECKING:
    from review.judged import Judged

_STANDARD_INPUT: Final = "-"


class VerdictFormat(StrEnum):
    """How a verdict is written."""

    TEXT = "text"
    JSON = "json"
    SARIF = "sarif"
    CSV = "csv"
    XLSX = "xlsx"
    HTML = "html"


class FailOn(StrEnum):
    """The level from which findings make the exit status 1."""

    ERROR = "error"
    WARNING = "warning"


def check(
    files: Annotated[
        list[Path],
        typer.Argument(
            help="Reports in any format that `run` reads, folders of them, or - for the input."
        ),
    ],
    json: Annotated[bool, typer.Option("--json", help="The same as --format json.")] = False,
    form: Annotated[
        VerdictFormat | None,
        typer.Option("--format", help="By default what the name of OUTPUT says."),
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Write to this file.")
    ] = None,
    previous: Annotated[
        list[Path] | None,
        typer.Option(help="Reports of last year, files or folders, to compare with."),
    ] = None,
    fail_on: Annotated[
        FailOn, typer.Option(help="Findings of this level or a graver one make the exit status 1.")
    ] = FailOn.ERROR,
    everything: Annotated[
        bool, typer.Option("--all", help="Leave no finding out; of several drafts show all.")
    ] = False,
    annotate: Annotated[
        Path | None,
        typer.Option(help="Write the Word draft with comments to this file, several to a folder."),
    ] = None,
    lang: LanguageOption = None,
) -> int:
    """Judge drafts: one in full, several in a table. Stores nothing."""
    from flows.steps.check import judge_drafts

    with _standard_input_kept(files) as (paths, kept):
        drafts = [
            replace(judged, file=Path(_STANDARD_INPUT)) if judged.file == kept else judged
            for judged in judge_drafts(paths, previous or ())
        ]
    if annotate is not None:
        _annotate(drafts, annotate, language_of(lang))
    chosen = VerdictFormat.JSON if json else form or _format_of(output)
    _write(drafts, chosen, output, language_of(lang), everything)
    if any(judged.reading.report is None for judged in drafts):
        return FAILED
    levels = ("error",) if fail_on is FailOn.ERROR else ("error", "warning")
    found = any(judged.counts[level] for judged in drafts for level in levels)
    return FINDINGS if found else DONE


@contextmanager
def _standard_input_kept(files: Sequence[Path]) -> Iterator[tuple[list[Path], Path | None]]:
    """The files, and where what comes from the standard input is kept among them, if it is."""
    if Path(_STANDARD_INPUT) not in files:
        yield list(files), None
        return
    with tempfile.TemporaryDirectory(prefix="nianbao-") as folder:
        kept = Path(folder, "standard-input")
        kept.write_bytes(sys.stdin.buffer.read())
        yield [kept if str(file) == _STANDARD_INPUT else file for file in files], kept


def _annotate(drafts: "Sequence[Judged]", target: Path, lang: str) -> None:
    """Write each Word draft with comments: one to the file `target`, several to the folder."""
    from data import ConfigError
    from extract.detect import Format
    from review.annotate import annotate

    readable = [judged for judged in drafts if judged.reading.report is not None]
    others = [str(j.file) for j in readable if j.reading.document.format != Format.DOCX]
    if others or any(str(judged.file) == _STANDARD_INPUT for judged in readable):
        named = ", ".join(others) or _STANDARD_INPUT
        raise ConfigError(f"{named}: --annotate needs docx files; save the draft as docx")
    if len(drafts) > 1:
        target.mkdir(parents=True, exist_ok=True)
    for judged in readable:
        place = target / judged.file.name if len(drafts) > 1 else target
        if place.exists() and place.samefile(judged.file):
            raise ConfigError(f"{place}: is the draft itself; name another place")
        place.write_bytes(annotate(judged.file.read_bytes(), judged, lang))


def _format_of(output: Path | None) -> VerdictFormat:
    """The format that the name of the output says, text if it says none."""
    suffix = "" if output is None else output.suffix.removeprefix(".")
    return VerdictFormat(suffix) if suffix in list(VerdictFormat) else VerdictFormat.TEXT


def _write(
    drafts: "Sequence[Judged]",
    form: VerdictFormat,
    output: Path | None,
    lang: str,
    everything: bool,
) -> None:
    if form in (VerdictFormat.CSV, VerdictFormat.XLSX):
        _write_rows(drafts, form, output, lang)
        return
    text = _as_text(drafts, form, lang, everything)
    if output is None:
        print_text(text)
    else:
        output.write_text(text + "\n", encoding="utf-8")


def _as_text(drafts: "Sequence[Judged]", form: VerdictFormat, lang: str, everything: bool) -> str:
    if form is VerdictFormat.JSON:
        from review.judged import as_json

        return as_json(drafts)
    if form is VerdictFormat.SARIF:
        from review.sarif import as_sarif

        return as_sarif(drafts, lang)
    from review import check_text
    from review import drafts as several

    if form is VerdictFormat.HTML:
        return several.as_page(drafts, lang)
    most = None if everything else check_text.MOST
    verdicts = [check_text.as_text(judged, lang, most) for judged in drafts]
    if len(drafts) == 1:
        return verdicts[0]
    return "\n\n".join([several.as_overview(drafts, lang), *(verdicts if everything else ())])


def _write_rows(
    drafts: "Sequence[Judged]", form: VerdictFormat, output: Path | None, lang: str
) -> None:
    """The findings as CSV, or a workbook with the drafts and the findings."""
    import pandas as pd

    from data import ConfigError
    from load.frames import write_frame
    from review.drafts import FINDING_COLUMNS, finding_rows, summary_rows
    from review.messages import say

    if output is None:
        raise ConfigError(f"--format {form} needs a file to write to: add -o FILE.{form}")
    if output.suffix != f".{form}":
        raise ConfigError(f"{output}: the name of a file of this format must end with .{form}")
    named = [say(f"column.{column}", lang) for column in FINDING_COLUMNS]
    findings = pd.DataFrame(finding_rows(drafts, lang), columns=named, dtype="object")
    sheets = {say("sheet.findings", lang): findings}
    if form is VerdictFormat.XLSX:
        summary = pd.DataFrame(summary_rows(drafts, lang), dtype="object")
        sheets = {say("sheet.drafts", lang): summary, **sheets}
    write_frame(sheets, output)
