"""The command `nianbao`: run, check, why, crawl, nightly, source test, vault verify, vault export,
dictionary.

Exit status 0 done, 1 error findings (`check`), 2 the run failed, 3 wrong usage.

Whatever goes wrong outside a document is said in one line on the error output. Prefect is imported
only when a run goes through it (`--prefect`, or PREFECT_API_URL in the environment), and everything
else that is heavy by the command that needs it.
"""

import os
import signal
import sys
import traceback
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, TextIO

import typer

from extract.sandbox.pool import SandboxError
from load.errors import NoInput, WarehouseError

if TYPE_CHECKING:
    from extract.crawl.vault.store import Vault

DONE, FINDINGS, FAILED, USAGE = 0, 1, 2, 3
_INTERRUPTED: Final = 130  # what typer makes of Ctrl-C
app = typer.Typer(
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="Annual disclosure reports to one tidy, checked DuckDB file.",
)
source_app = typer.Typer(no_args_is_help=True, help="The registry of sources.")
vault_app = typer.Typer(no_args_is_help=True, help="The files that were fetched.")
app.add_typer(source_app, name="source")
app.add_typer(vault_app, name="vault")


class Lang(StrEnum):
    """Languages of what is said about a report."""

    ZH = "zh"
    EN = "en"


Database = Annotated[
    Path | None,
    typer.Option(help="The warehouse. Default: NIANBAO_DATABASE or data/out/nianbao.duckdb."),
]
Language = Annotated[
    Lang | None, typer.Option("--lang", help="By default the language of the terminal.")
]


@app.command()
def run(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(help="Files and folders with reports; by default data/samples/."),
    ] = None,
    database: Database = None,
    workers: Annotated[
        int | None,
        typer.Option(help="Reader processes. Default: NIANBAO_WORKERS or one for each processor."),
    ] = None,
    prune: Annotated[
        bool, typer.Option("--prune", help="Drop documents that are no longer in the input.")
    ] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Read again what is known already.")
    ] = False,
    prefect: Annotated[
        bool, typer.Option("--prefect", help="Run as a Prefect flow, also without PREFECT_API_URL.")
    ] = False,
) -> int:
    """Read reports, check them and publish the warehouse."""
    from flows.steps.settings import load_settings
    from review.run_report import in_words

    settings = load_settings(database=database, workers=workers)
    if prefect or os.environ.get("PREFECT_API_URL"):
        from flows.ingest import ingest_flow

        summary = ingest_flow(
            [str(p) for p in paths or []],
            str(settings.database),
            prune=prune,
            force=force,
            workers=settings.workers,
        )
    else:
        from flows.steps.lean import import_pyarrow_alone

        import_pyarrow_alone()
        from flows.commands.progress import on_terminal
        from flows.steps.pipeline import ingest

        with on_terminal() as progress:
            summary = ingest(settings, paths or [], prune=prune, force=force, progress=progress)
    _say(in_words(summary))
    return DONE


@app.command()
def check(
    file: Annotated[Path, typer.Argument(help="One report, in any format that `run` reads.")],
    json: Annotated[
        bool, typer.Option("--json", help="Everything as JSON, for a program.")
    ] = False,
    lang: Language = None,
) -> int:
    """Judge one document. Stores nothing."""
    from flows.steps.check import judge
    from review.judged import as_json

    judged = judge(file)
    if json:
        _say(as_json(judged))
    else:
        from review.check_text import as_text

        _say(as_text(judged, _language(lang)))
    if judged.reading.report is None:
        return FAILED
    return FINDINGS if judged.errors else DONE


@app.command()
def why(
    report: Annotated[
        str,
        typer.Argument(help="report_id, file name, or agency and year such as 上饶市民政局-2019."),
    ],
    table: Annotated[str, typer.Argument(help="table_id, such as requests.")],
    row: Annotated[str, typer.Argument(help="row_id, such as new.")],
    col: Annotated[str, typer.Argument(help="col_id, such as total.")],
    database: Database = None,
    lang: Language = None,
) -> int:
    """Tell one cell's story: what is printed where, how it was read, and how every rule that it
    stands in comes out.
    """
    from flows.steps.settings import load_settings
    from review.why import tell

    _say(tell(load_settings(database=database).database, report, table, row, col, _language(lang)))
    return DONE


Sources = Annotated[
    list[str] | None,
    typer.Option(
        "--source",
        help="An entry of the registry; several are possible. Default: all marked as tested.",
    ),
]
Agencies = Annotated[
    list[str] | None, typer.Option("--agency", help="Only this agency; several are possible.")
]
OfYears = Annotated[
    list[int] | None,
    typer.Option("--year", help="Only reports on this year; several are possible."),
]
Force = Annotated[bool, typer.Option("--force", help="Fetch again what has not changed.")]


@app.command()
def crawl(
    source: Sources = None,
    agency: Agencies = None,
    year: OfYears = None,
    force: Force = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say what the lists hold; fetch no report.")
    ] = False,
) -> int:
    """Fetch what the sources list into the vault."""
    from flows.steps import crawl as crawling
    from flows.steps.settings import load_settings
    from review.crawl_report import in_words, trial_in_words

    settings = load_settings()
    wanted = crawling.Wanted(tuple(source or ()), tuple(agency or ()), tuple(year or ()))
    if dry_run:
        chosen = crawling.chosen(settings, wanted)
        for one in chosen:
            _say(trial_in_words(one, *crawling.trial(settings, one, wanted)))
        if not chosen:
            _say(in_words(()))
        return DONE
    done = crawling.crawl(settings, wanted, lambda one: _say(in_words([one])), force=force)
    if not done:
        _say(in_words(done))
    return DONE


@app.command()
def nightly(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(
            help="Files and folders with reports beside the vault; by default the input folder."
        ),
    ] = None,
    database: Database = None,
    source: Sources = None,
    agency: Agencies = None,
    year: OfYears = None,
    prune: Annotated[
        bool, typer.Option("--prune", help="Drop documents that are in neither input nor vault.")
    ] = False,
    force: Force = False,
) -> int:
    """Crawl, read what is new, check and publish: one night, without Prefect."""
    from flows.steps.lean import import_pyarrow_alone
    from flows.steps.settings import load_settings

    import_pyarrow_alone()
    from flows.commands.progress import on_terminal
    from flows.steps.crawl import Wanted
    from flows.steps.nightly_run import night
    from review.crawl_report import in_words as crawl_in_words
    from review.run_report import in_words

    wanted = Wanted(tuple(source or ()), tuple(agency or ()), tuple(year or ()))
    with on_terminal() as progress:
        settings = load_settings(database=database)
        done, summary = night(
            settings,
            wanted,
            paths or [],
            prune=prune,
            force=force,
            told=lambda one: _say(crawl_in_words([one])),
            progress=progress,
        )
    if not done:
        _say(crawl_in_words(done))
    _say(in_words(summary))
    return DONE


@source_app.command("test")
def source_test(
    source_id: Annotated[
        str, typer.Argument(metavar="ID", help="id of an entry in data/sources/.")
    ],
) -> int:
    """Walk the lists of one entry and show what a crawl would take.

    Fetches no report, keeps nothing.
    """
    from flows.steps.crawl import Wanted, chosen, trial
    from flows.steps.settings import load_settings
    from review.crawl_report import trial_in_words

    settings = load_settings()
    wanted = Wanted((source_id,))
    (source,) = chosen(settings, wanted)
    listings, misses = trial(settings, source, wanted)
    _say(trial_in_words(source, listings, misses))
    return DONE if sum(len(one.items) for one in listings) >= max(1, source.minimum) else FAILED


@vault_app.command("verify")
def vault_verify() -> int:
    """Read every file of the vault again and compare it with its hash."""
    from extract.crawl.vault.verify import verify

    with _vault() as vault:
        faults = verify(vault)
    for fault in faults:
        _say(f"{fault.kind}: {fault.path}: {fault.detail}")
    broken = sum(fault.kind != "orphan" for fault in faults)
    _say(f"{broken} faults, {len(faults) - broken} files that no address names yet")
    return FAILED if broken else DONE


@vault_app.command("export")
def vault_export(
    warc: Annotated[Path, typer.Option("--warc", help="The file to write, .warc or .warc.gz.")],
) -> int:
    """Write the vault as WARC, the format of web archives."""
    from extract.crawl.vault.warc import export_warc

    with _vault() as vault:
        _say(f"{export_warc(vault, warc)} records: {warc}")
    return DONE


def _vault() -> "Vault":
    from extract.crawl.vault.store import Vault
    from flows.steps.settings import load_settings

    place = load_settings().vault
    if not place.is_dir():
        raise NoInput(
            f"{place}: there is no vault; crawl first, or name another with NIANBAO_VAULT"
        )
    return Vault(place)


@app.command()
def dictionary() -> int:
    """Print the data dictionary of the warehouse (Markdown)."""
    from load.dictionary import dictionary as text
    from load.warehouse import memory

    with memory(comments=True) as con:
        _say(text(con), end="")
    return DONE


def _language(lang: Lang | None) -> str:
    if lang is not None:
        return lang
    locale = (
        os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or ""
    )
    return Lang.ZH if locale.startswith("zh") else Lang.EN


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command and end the process with its exit status."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]  # a terminal without Chinese, names that are no text
    # `systemctl stop` ends a run as Ctrl-C does
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    sys.exit(status(sys.argv[1:] if arguments is None else arguments))


def status(arguments: Sequence[str]) -> int:
    """The command's exit status; faults are said in one line on the error output."""
    command = typer.main.get_command(app)
    try:
        code = command.main(
            args=list(arguments) or ["--help"], prog_name="nianbao", standalone_mode=False
        )
    except typer.TyperException as error:
        context = getattr(error, "ctx", None)
        return _fault(
            f"{error.format_message()} See {context.command_path if context else 'nianbao'} --help",
            USAGE,
        )
    except _wrong_use() as error:
        return _fault(str(error), USAGE)
    except _failures() as error:
        return _fault(str(error), FAILED)
    except OSError as error:
        return _fault(f"{error.filename or 'the output'}: {error.strerror or error}", FAILED)
    # a mistake of ours: its place is needed to mend it, and its status must not pass for that of
    # findings
    except Exception:
        traceback.print_exc()
        return _fault("this is a mistake in the program: please report the lines above", FAILED)
    if code == _INTERRUPTED:
        return _fault(
            "stopped; what was read is kept, start the same command again to go on", FAILED
        )
    return USAGE if not arguments else code if isinstance(code, int) else DONE


def _wrong_use() -> tuple[type[Exception], ...]:
    """The errors of usage and configuration.

    Imported when there is one to compare with, not before: it brings the reader of YAML.
    """
    from data import ConfigError

    return NoInput, ConfigError


def _failures() -> tuple[type[Exception], ...]:
    """The errors that end a run, each with its remedy in words.

    Imported when there is one to compare with.
    """
    from extract.crawl.vault.fetch_log import VaultError

    return WarehouseError, SandboxError, VaultError


def _fault(message: str, code: int) -> int:
    _write(sys.stderr, f"nianbao: {message}\n")
    return code


def _say(text: str, end: str = "\n") -> None:
    _write(sys.stdout, text + end)


def _write(stream: TextIO, text: str) -> None:
    """Write it all now.

    A reader who has had enough (`| head`) is no fault; what cannot be written is not tried again at
    the end.
    """
    try:
        stream.write(text)
        stream.flush()
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
        if not isinstance(error, BrokenPipeError):
            raise


if __name__ == "__main__":
    main()
