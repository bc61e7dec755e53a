"""The flow `reverify`, weekly: read every file of the vault again and compare it with its hash."""

from prefect import Flow, State, flow, get_run_logger
from prefect.client.schemas.objects import FlowRun

from extract.crawl.vault.fetch_log import VaultError
from extract.crawl.vault.store import Vault
from extract.crawl.vault.verify import verify
from flows.steps.notify import NotSent, notify
from flows.steps.settings import load_settings


def mail_failure(flow: "Flow[..., object]", flow_run: "FlowRun", state: "State") -> None:
    """Prefect's hook: a mail about a run that failed."""
    said = f"Run {flow_run.name} of {flow.name} ended as {state.name}.\n\n{state.message or ''}\n"
    try:
        notify(load_settings(), f"nianbao: {flow.name} failed", said)
    except NotSent as error:
        get_run_logger().error("%s", error)


@flow(name="reverify", on_failure=[mail_failure], on_crashed=[mail_failure])
def reverify() -> str:
    """Every file of the vault against its hash; the run fails where one is broken or missing."""
    settings = load_settings()
    if not settings.vault.is_dir():
        return f"{settings.vault}: there is no vault yet"
    with Vault(settings.vault) as vault:
        faults = [fault for fault in verify(vault) if fault.kind != "orphan"]
    if faults:
        raise VaultError(
            "\n".join(
                [
                    f"{settings.vault}: the vault is damaged:",
                    *(f"{f.kind}: {f.path}: {f.detail}" for f in faults),
                ]
            )
        )
    return "the vault is whole"
