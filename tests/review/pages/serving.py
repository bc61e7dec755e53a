"""The pages of a server in this process, asked over loopback."""

import http.client
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

import uvicorn

from review.pages.app import create_app
from review.pages.site import Site


@dataclass(frozen=True)
class Answer:
    """What a server answered."""

    status: int
    headers: dict[str, str]
    text: str


@contextmanager
def served(site: Site) -> Iterator[str]:
    """The address of a server for `site`, which ends with the `with`."""
    server = uvicorn.Server(
        uvicorn.Config(create_app(site), host="127.0.0.1", port=0, log_level="critical")
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(10)


def ask(address: str, path: str, method: str = "GET", body: bytes = b"", **headers: str) -> Answer:
    """One request without a browser; header names with _ for -."""
    host = urlsplit(address).netloc
    connection = http.client.HTTPConnection(host, timeout=30)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    connection.request(method, path, body, named)
    answer = connection.getresponse()
    text = answer.read().decode("utf-8", "replace")
    connection.close()
    return Answer(answer.status, {k.lower(): v for k, v in answer.getheaders()}, text)
