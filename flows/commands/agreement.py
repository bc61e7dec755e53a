"""Who starts a run with `--prune` is told what it drops and agrees: by `--yes` or at a terminal."""

import sys
from collections.abc import Sequence
from typing import Annotated

import typer

from flows.commands.output import print_text
from flows.steps.pruning import Agree, PruneRefused, named_files

PruneOption = Annotated[
    bool,
    typer.Option(
        "--prune",
        help="Drop files given by hand that are no longer in the input; asks, or needs --yes.",
    ),
]
YesOption = Annotated[bool, typer.Option("--yes", help="Drop what --prune names without asking.")]


def agreement(prune: bool, yes: bool) -> Agree | None:
    """What is asked before files are dropped; None where none shall be."""
    if not prune:
        return None
    return _say if yes else _ask


def _say(names: Sequence[str]) -> None:
    print_text(f"dropped: {named_files(names)}")


def _ask(names: Sequence[str]) -> None:
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise PruneRefused(f"--prune would drop {named_files(names)}\nadd --yes to drop them")
    typer.echo(f"--prune drops {named_files(names)}", err=True)
    if not typer.confirm("drop them?", err=True):
        raise PruneRefused("nothing was dropped, and nothing was read")
