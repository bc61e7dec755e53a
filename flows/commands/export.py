"""`nianbao export`: a table, a view or a query as a workbook, CSV or Parquet."""

from pathlib import Path
from typing import Annotated

import typer

from flows.commands.exit_status import DONE
from flows.commands.options import DatabaseOption
from flows.commands.output import print_text


def export(
    file: Annotated[
        Path, typer.Argument(help="What to write; its name ends with .xlsx, .csv or .parquet.")
    ],
    view: Annotated[
        list[str] | None,
        typer.Option(
            help="A table or view; a workbook takes several, each as a worksheet. Default: tidy."
        ),
    ] = None,
    sql: Annotated[str | None, typer.Option(help="A query in place of a view.")] = None,
    database: DatabaseOption = None,
) -> int:
    """Write tables or views of the warehouse, or the result of a query, for other programs."""
    import duckdb

    from flows.steps.settings import load_settings
    from load.database import connect
    from load.errors import NoInput
    from load.frames import query_frame, read_frame, write_frame

    if view and sql:
        raise NoInput("name either --view or --sql")
    with connect(load_settings(database=database).database) as con:
        if sql:
            try:
                frames = {"query": query_frame(con, sql)}
            except duckdb.Error as error:
                raise NoInput(f"--sql: {str(error).splitlines()[0]}") from error
        else:
            frames = {name: read_frame(con, name) for name in view or ["tidy"]}
    write_frame(frames, file)
    for name, frame in frames.items():
        print_text(f"{file}: {name}, {len(frame)} rows")
    return DONE
