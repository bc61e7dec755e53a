"""The command `nianbao`: builds the application from the commands, one a module of this package,
and ends the process with an exit status (`flows.commands.exit_status`).

Whatever goes wrong outside a document is said in one line on the error output. Prefect is imported
only when a run goes through it (`--prefect`), and everything else that is heavy by the command that
needs it.
"""

import atexit
import os
import signal
import sys
import threading
import traceback
from collections.abc import Sequence
from types import FrameType
from typing import Final, NoReturn

import typer

from extract.sandbox.reader_process import SandboxError
from flows.commands import (
    check,
    crawl,
    dictionary,
    diff,
    export,
    form,
    letter,
    nightly,
    release,
    run,
    serve,
    source,
    template,
    vault,
    why,
)
from flows.commands.exit_status import DONE, FAILED, INTERRUPTED, TERMINATED, USAGE
from flows.commands.output import print_error
from load.errors import NoInput, WarehouseError

_STOPPED: Final = "stopped; what was read is kept, start the same command again to go on"

app = typer.Typer(
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="Annual disclosure reports to one tidy, checked DuckDB file.",
)
for _command in (
    run.run,
    check.check,
    why.why,
    crawl.crawl,
    nightly.nightly,
    dictionary.dictionary,
    export.export,
    release.release,
    diff.diff,
    letter.letter,
    template.template,
    serve.serve,
):
    app.command()(_command)
app.add_typer(form.app, name="form")
app.add_typer(source.app, name="source")
app.add_typer(vault.app, name="vault")


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command and end the process with its exit status."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]  # a terminal without Chinese, names that are no text
    signal.signal(signal.SIGTERM, _terminate)
    stopped = threading.Event()
    # registered before all else, so that it is called after all else
    atexit.register(_end_as_stopped, stopped)
    code = status(sys.argv[1:] if arguments is None else arguments)
    if code == INTERRUPTED:
        stopped.set()
    sys.exit(code)


def _end_as_stopped(stopped: threading.Event) -> None:
    """End with the status of a run that was stopped.

    CPython 3.11 would end by the signal itself, where Ctrl-C was met within a call of `exec`, such
    as those by which dataclasses are made.
    """
    if stopped.is_set():
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(INTERRUPTED)


def _terminate(signal_number: int, frame: FrameType | None) -> NoReturn:
    """End as Ctrl-C does: every `finally` on the way out closes what it holds."""
    raise SystemExit(TERMINATED)


def status(arguments: Sequence[str]) -> int:
    """The command's exit status; faults are said in one line on the error output."""
    command = typer.main.get_command(app)
    try:
        code = command.main(
            args=list(arguments) or ["--help"], prog_name="nianbao", standalone_mode=False
        )
    except SystemExit as end:
        if end.code != TERMINATED:
            raise
        code = TERMINATED
    except typer.TyperException as error:
        context = getattr(error, "ctx", None)
        path = context.command_path if context else "nianbao"
        return _report_fault(f"{error.format_message()} See {path} --help", USAGE)
    except _usage_errors() as error:
        return _report_fault(str(error), USAGE)
    except _run_errors() as error:
        return _report_fault(str(error), FAILED)
    except OSError as error:
        return _report_fault(f"{error.filename or 'the output'}: {error.strerror or error}", FAILED)
    # a mistake of ours: its place is needed to mend it, and its status must not pass for that of
    # findings
    except Exception:
        traceback.print_exc()
        return _report_fault(
            "this is a mistake in the program: please report the lines above", FAILED
        )
    if code in (INTERRUPTED, TERMINATED):
        return _report_fault(_STOPPED, code)
    return USAGE if not arguments else code if isinstance(code, int) else DONE


def _usage_errors() -> tuple[type[Exception], ...]:
    """The errors of usage and configuration.

    Imported when there is one to compare with, not before: it brings the reader of YAML.
    """
    from data import ConfigError
    from flows.steps.pruning import PruneRefused

    return NoInput, ConfigError, PruneRefused


def _run_errors() -> tuple[type[Exception], ...]:
    """The errors that end a run, each with its remedy in words.

    Imported when there is one to compare with.
    """
    from extract.crawl.vault.fetch_log import VaultError

    return WarehouseError, SandboxError, VaultError


def _report_fault(message: str, code: int) -> int:
    print_error(message)
    return code


if __name__ == "__main__":
    main()
