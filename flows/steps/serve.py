"""What the pages (`review.pages`) call, and the server that shows them.

`site_of(settings, hosts, at_once)` gives the functions: drafts are judged by the same steps as
`nianbao check`. A reader process opens files by name, so a draft lies for as long as it is read in
a folder in memory (/dev/shm, where the machine has it), which nobody else can open.
"""

import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from socket import socket
from typing import Final

import uvicorn

from flows.steps.check import judge_drafts
from flows.steps.settings import Settings
from flows.steps.source_view import SourceViewer
from load.errors import NoInput
from review.annotate import annotate
from review.judged import Judged
from review.pages.app import create_app
from review.pages.site import Draft, Site

LOOPBACK: Final = ("127.0.0.1", "localhost", "::1")
CORRECTIONS: Final = Path(str(files("data") / "corrections"))  # those that come with the project
_MEMORY: Final = Path("/dev/shm")  # noqa: S108 - a folder of our own is made in it


def require_safe_address(host: str) -> None:
    """NoInput for any address but this machine's own: the pages ask nobody who he is, which a web
    server in front can.
    """
    if host not in LOOPBACK:
        raise NoInput(
            f"--host {host}: the pages ask nobody who he is, so that only this machine may "
            "open them. Listen on 127.0.0.1; docs/clerk-server.md says how an "
            "office shares it"
        )


@contextmanager
def site_of(settings: Settings | None, hosts: Sequence[str], at_once: int) -> Iterator[Site]:
    """What the pages need; without `settings` they check drafts alone."""
    folder = _MEMORY if _MEMORY.is_dir() else None
    with tempfile.TemporaryDirectory(prefix="nianbao-serve-", dir=folder) as held:
        site = Site(
            check=lambda draft, previous: _judge(draft, previous, Path(held)),
            annotate=_annotate,
            takes_previous=True,
            allowed_hosts=tuple(hosts),
            at_once=at_once,
        )
        if settings is None:
            yield site
            return
        with SourceViewer() as viewer:
            yield replace(
                site,
                database=settings.database,
                vault=settings.vault,
                corrections=settings.corrections or CORRECTIONS,
                show_source=viewer.show,
                page_image=viewer.picture,
            )


def _judge(draft: Draft, previous: Sequence[Draft], folder: Path) -> Judged:
    with tempfile.TemporaryDirectory(dir=folder) as own:
        path, *others = (Path(own) / f"draft-{n}" for n in range(1 + len(previous)))
        for file, given in zip((path, *others), (draft, *previous), strict=True):
            file.write_bytes(given.data)
        (judged,) = judge_drafts([path], others)
    reading = judged.reading
    named = replace(reading, document=replace(reading.document, file_name=draft.name, path=None))
    return replace(judged, file=Path(draft.name), reading=named)


def _annotate(draft: Draft, judged: Judged, lang: str) -> Draft:
    name = Path(draft.name)
    return Draft(f"{name.stem}-nianbao{name.suffix}", annotate(draft.data, judged, lang))


def run_server(site: Site, host: str, port: int, started: Callable[[str], None]) -> None:
    """Serve until stopped; `started` is told the address."""

    class Server(uvicorn.Server):
        async def startup(self, sockets: list[socket] | None = None) -> None:
            await super().startup(sockets)
            if self.started:
                number = self.servers[0].sockets[0].getsockname()[1]
                shown = f"[{host}]" if ":" in host else host
                started(f"http://{shown}:{number}/")

    config = uvicorn.Config(
        create_app(site),
        host=host,
        port=port,
        log_level="warning",
        server_header=False,
        timeout_graceful_shutdown=3,
    )
    Server(config).run()
