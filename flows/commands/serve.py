"""`nianbao serve`: the pages in a browser. Listens on this machine alone unless told otherwise."""

from typing import Annotated

import typer

from flows.commands.exit_status import DONE
from flows.commands.options import DatabaseOption
from flows.commands.output import print_text


def serve(
    host: Annotated[
        str, typer.Option(help="The address to listen on; by default only this machine can ask.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="The port; 0: any free one.")] = 8420,
    check_only: Annotated[
        bool, typer.Option("--check-only", help="Check drafts alone: no warehouse, no corrections.")
    ] = False,
    allowed_host: Annotated[
        list[str] | None,
        typer.Option(help="A name under which browsers may ask; several are possible."),
    ] = None,
    at_once: Annotated[
        int, typer.Option(min=1, max=64, help="Drafts that are read at the same time.")
    ] = 2,
    database: DatabaseOption = None,
) -> int:
    """Show the pages in a browser: check drafts, look at reports and findings."""
    from flows.steps.serve import require_safe_address, run_server, site_of
    from flows.steps.settings import load_settings

    require_safe_address(host)
    settings = None if check_only else load_settings(database=database)
    names = (host, *(allowed_host or ()))
    with site_of(settings, names, at_once) as site:
        run_server(site, host, port, lambda address: print_text(f"nianbao: {address}"))
    return DONE
