"""`nianbao run`: read reports, check them and publish the warehouse."""

from pathlib import Path
from typing import Annotated

import typer

from flows.commands.agreement import PruneOption, YesOption, agreement
from flows.commands.exit_status import DONE
from flows.commands.options import DatabaseOption
from flows.commands.output import print_text


def run(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(help="Files and folders with reports; by default data/samples/."),
    ] = None,
    database: DatabaseOption = None,
    workers: Annotated[
        int | None,
        typer.Option(help="Reader processes. Default: NIANBAO_WORKERS or one for each processor."),
    ] = None,
    prune: PruneOption = False,
    yes: YesOption = False,
    force: Annotated[
        bool, typer.Option("--force", help="Read again what is known already.")
    ] = False,
    prefect: Annotated[bool, typer.Option("--prefect", help="Run as a Prefect flow.")] = False,
) -> int:
    """Read reports, check them and publish the warehouse."""
    from flows.steps.pruning import PruneRefused
    from flows.steps.settings import load_settings
    from review.run_report import in_words

    settings = load_settings(database=database, workers=workers)
    if prefect:
        if prune and not yes:
            raise PruneRefused("through Prefect --prune asks nobody: add --yes")
        from flows.ingest import ingest
        from flows.publish import publish

        ingest(
            [str(p) for p in paths or []],
            str(settings.database),
            prune=prune,
            force=force,
            workers=settings.workers,
        )
        summary = publish(str(settings.database))
    else:
        from flows.commands.progress import on_terminal
        from flows.steps import pipeline

        with on_terminal() as progress:
            summary = pipeline.ingest(
                settings, paths or [], prune=agreement(prune, yes), force=force, progress=progress
            )
    print_text(in_words(summary))
    return DONE
