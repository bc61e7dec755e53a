"""The command `nianbao`: run, check, why, dictionary. Exit status 0 done, 1 error findings (`check`), 2 the run failed, 3 wrong usage.

Prefect is imported only when a run goes through it: `--prefect`, or PREFECT_API_URL in the environment.
"""

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Final

import typer

from extract.sandbox import SandboxError
from flows.batch import NoInput
from flows.settings import load_settings
from load.errors import WarehouseError
from transform.strict_yaml import ConfigError

DONE, FINDINGS, FAILED, USAGE = 0, 1, 2, 3
app = typer.Typer(add_completion=False, no_args_is_help=True, rich_markup_mode=None, pretty_exceptions_enable=False, help="Annual disclosure reports to one tidy, checked DuckDB file.")

Database = Annotated[Path | None, typer.Option(help="The warehouse. Default: NIANBAO_DATABASE or data/out/nianbao.duckdb.")]
Language = Annotated[str | None, typer.Option("--lang", help="zh or en; by default the language of the terminal.")]


@app.command()
def run(
    paths: Annotated[list[Path] | None, typer.Argument(help="Files and folders with reports; by default data/samples/.")] = None,
    database: Database = None,
    workers: Annotated[int | None, typer.Option(help="Reader processes.")] = None,
    prune: Annotated[bool, typer.Option("--prune", help="Drop documents that are no longer in the input.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Read again what is known already.")] = False,
    prefect: Annotated[bool, typer.Option("--prefect", help="Run as a Prefect flow, also without PREFECT_API_URL.")] = False,
) -> int:
    """Read reports, check them and publish the warehouse."""
    from flows.summary import in_words

    settings = load_settings(database=database, workers=workers)
    if prefect or os.environ.get("PREFECT_API_URL"):
        from flows.ingest import ingest_flow

        summary = ingest_flow([str(p) for p in paths or []], str(settings.database), prune=prune, force=force, workers=settings.workers)
    else:
        from flows.progress import on_terminal
        from flows.run import ingest

        with on_terminal() as progress:
            summary = ingest(settings, paths or [], prune=prune, force=force, progress=progress)
    typer.echo(in_words(summary))
    return DONE


@app.command()
def check(
    file: Annotated[Path, typer.Argument(help="One report: docx, html, xlsx, xls or text.")],
    json: Annotated[bool, typer.Option("--json", help="Findings as JSON.")] = False,
    lang: Language = None,
) -> int:
    """Judge one document. Stores nothing."""
    from flows.judge import as_json, as_text, judge

    judged = judge(file)
    typer.echo(as_json(judged) if json else as_text(judged, _language(lang)))
    if judged.reading.report is None:
        return FAILED
    return FINDINGS if judged.errors else DONE


@app.command()
def why(
    report: Annotated[str, typer.Argument(help="report_id, file name, or agency and year such as 上饶市民政局-2019.")],
    table: Annotated[str, typer.Argument(help="table_id, such as requests.")],
    row: Annotated[str, typer.Argument(help="row_id, such as new.")],
    col: Annotated[str, typer.Argument(help="col_id, such as total.")],
    database: Database = None,
    lang: Language = None,
) -> int:
    """Tell one cell's story: what is printed where, how it was read, and every finding that it stands in."""
    from flows.story import tell

    typer.echo(tell(load_settings(database=database).database, report, table, row, col, _language(lang)))
    return DONE


@app.command()
def dictionary() -> int:
    """Print the data dictionary of the warehouse (Markdown)."""
    from load.dictionary import dictionary as text
    from load.warehouse import memory

    with memory(comments=True) as con:
        typer.echo(text(con), nl=False)
    return DONE


def _language(lang: str | None) -> str:
    if lang is None:
        locale = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or ""
        return "zh" if locale.startswith("zh") else "en"
    if lang not in ("zh", "en"):
        raise ConfigError(f"--lang is zh or en, not {lang}")
    return lang


_FAULTS: Final = (WarehouseError, SandboxError)
_WRONG_USE: Final = (NoInput, ConfigError)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command and end the process with its exit status."""
    sys.exit(status(arguments))


def status(arguments: Sequence[str] | None = None) -> int:
    """The command's exit status; faults are said in one line on the error output."""
    try:
        code = typer.main.get_command(app).main(args=None if arguments is None else list(arguments), prog_name="nianbao", standalone_mode=False)
        return code if isinstance(code, int) else DONE
    except typer.TyperException as error:
        error.show()
        return USAGE
    except _WRONG_USE as error:
        typer.echo(f"nianbao: {error}", err=True)
        return USAGE
    except _FAULTS as error:
        typer.echo(f"nianbao: {error}", err=True)
        return FAILED
    except (KeyboardInterrupt, typer.Abort):
        typer.echo("nianbao: stopped; what was read is kept, start the same command again to go on", err=True)
        return FAILED


if __name__ == "__main__":
    main()
