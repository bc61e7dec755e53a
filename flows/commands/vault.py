"""`nianbao vault verify`, `nianbao vault export`: the files that were fetched."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from flows.commands.exit_status import DONE, after_work
from flows.commands.options import StrictOption
from flows.commands.output import print_text
from load.errors import NoInput

if TYPE_CHECKING:
    from extract.crawl.vault.store import Vault

app: Final = typer.Typer(no_args_is_help=True, help="The files that were fetched.")


@app.command("verify")
def verify_vault(strict: StrictOption = False) -> int:
    """Read every file of the vault again and compare it with its hash."""
    from extract.crawl.vault.verify import verify

    with _open_vault() as vault:
        faults = verify(vault)
    for fault in faults:
        print_text(f"{fault.kind}: {fault.path}: {fault.detail}")
    broken = sum(fault.kind != "orphan" for fault in faults)
    print_text(f"{broken} faults, {len(faults) - broken} files that no address names yet")
    return after_work(bool(broken), strict)


@app.command("export")
def export_vault(
    warc: Annotated[Path, typer.Option("--warc", help="The file to write, .warc or .warc.gz.")],
) -> int:
    """Write the vault as WARC, the format of web archives."""
    from extract.crawl.vault.warc import export_warc

    with _open_vault() as vault:
        print_text(f"{export_warc(vault, warc)} records: {warc}")
    return DONE


def _open_vault() -> "Vault":
    from extract.crawl.vault.store import Vault
    from flows.steps.settings import load_settings

    place = load_settings().vault
    if not place.is_dir():
        raise NoInput(
            f"{place}: there is no vault; crawl first, or name another with NIANBAO_VAULT"
        )
    return Vault(place)
