"""The nightly flow that `prefect.yaml` puts on a schedule: ingest what the input folder holds, then publish.

    prefect deployment run 'nightly/nightly' --watch
    prefect deployment run 'nightly/nightly' -p 'paths=["reports/2024"]' -p prune=true

Run by a worker it works in the folder from which it was deployed, so that relative paths are those of the checkout.
"""

from prefect import flow

from flows.ingest import ingest_flow
from flows.summary import in_words


@flow(name="nightly")
def nightly(paths: list[str] | None = None, database: str | None = None, prune: bool = False, force: bool = False) -> str:
    """One night: everything below `paths` (by default the input folder of the settings) into the warehouse; the summary in words."""
    return in_words(ingest_flow(paths, database, prune=prune, force=force))
