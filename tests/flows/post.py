"""A mail server on loopback that keeps what is sent to it."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

from aiosmtpd.controller import Controller


class Mails:
    """What was sent, and the port to send it to."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.got: list[EmailMessage] = []

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        """Take one mail."""
        self.got.append(message_from_bytes(envelope.content, policy=default))
        return "250 OK"


@contextmanager
def post_office() -> Iterator[Mails]:
    """A server that runs within the block."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    mails = Mails(port)
    server = Controller(mails, hostname="127.0.0.1", port=port)
    server.start()
    try:
        yield mails
    finally:
        server.stop()
