"""A mail when a night fails, or a source is stale: where NIANBAO_SMTP and NIANBAO_NOTIFY say so,
else nothing.

NIANBAO_SMTP is host:port of a mail server that takes mail from this machine without a password;
NIANBAO_NOTIFY the address to write to. The sender is NIANBAO_CONTACT where that is a mail address.
A mail that cannot be sent is logged, and NotSent says why.
"""

import logging
import smtplib
from email.message import EmailMessage
from typing import Final

from flows.steps.settings import Settings

SECONDS: Final = 30.0  # for the mail server to answer
_LINE: Final = 200  # characters of a subject

log = logging.getLogger(__name__)


class NotSent(Exception):
    """A mail could not be sent; the message says over which server and why."""


def notify(settings: Settings, subject: str, body: str) -> bool:
    """Send one mail; whether any is wanted. Raises NotSent."""
    if not settings.smtp or not settings.notify:
        return False
    message = EmailMessage()
    # one line: nothing in it becomes a header of its own
    message["Subject"] = " ".join(subject.split())[:_LINE]
    message["From"] = (
        settings.contact
        if "@" in settings.contact and "/" not in settings.contact
        else settings.notify
    )
    message["To"] = settings.notify
    message.set_content(body)
    host, _, port = settings.smtp.rpartition(":")
    try:
        with smtplib.SMTP(host, int(port), timeout=SECONDS) as server:
            server.send_message(message)
    except (OSError, smtplib.SMTPException) as error:
        fault = f"no mail to {settings.notify} over {settings.smtp}: {error}"
        log.error("%s", fault)
        raise NotSent(fault) from error
    return True
