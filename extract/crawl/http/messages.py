"""What is asked of a web server, what it answered, and why it gave no answer: the closed list of
reasons, and the error that carries one.

Out of scope: how a request is made (`client`), what an answer means (`sites`), where it is kept
(`vault`), why a document cannot be read (`extract.document.Reason`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

# the status by which a server says that an address still holds what is known of it
NOT_MODIFIED: Final = 304


@dataclass(frozen=True, slots=True)
class Request:
    """One request.

    `data` is sent as an HTML form, `json` as JSON, `content` as it is; at most one of the three is
    given, and then `method` is POST or PUT.
    """

    url: str
    method: str = "GET"
    data: Mapping[str, str] | None = None
    json: object | None = None
    content: bytes | None = None
    # beside those that every request carries
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Response:
    """One answer, whole.

    `url` is the address after redirects, header names are in lower case, `content` has no transfer
    or content coding.
    """

    url: str
    status: int
    headers: Mapping[str, str]
    content: bytes


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of an address from its last whole answer, for a conditional request.

    `url` is the address that gave the answer, after redirects.
    """

    url: str
    etag: str = ""
    last_modified: str = ""


# ---- no answer


class FetchReason(StrEnum):
    """Why an address gave no answer: a closed list, each with one meaning."""

    # not public, not the government's, or no proper web address
    REFUSED_ADDRESS = "refused_address"
    ROBOTS = "robots"  # the host's robots.txt forbids it
    HOST_SKIPPED = "host_skipped"  # the host is left alone for this run
    NOT_FOUND = "not_found"  # 404 or 410
    HTTP_ERROR = "http_error"  # any other status that is no answer
    TOO_MANY_REDIRECTS = "too_many_redirects"
    TIMEOUT = "timeout"
    CONNECT = "connect"  # no connection, or it broke before an answer began
    TLS = "tls"  # the certificate is not valid for this host, or no encryption could be agreed
    TRUNCATED = "truncated"  # the answer ended early
    TOO_LARGE = "too_large"
    # the answer is packed in a way that was not asked for, or its packing is broken
    CODING = "coding"


_ADVICE: Final = {
    FetchReason.REFUSED_ADDRESS: "correct the address, or name its host in the source's entry",
    FetchReason.ROBOTS: "ask the agency, or take the report by hand",
    FetchReason.HOST_SKIPPED: "the next run tries again",
    FetchReason.NOT_FOUND: "look for the new address in the agency's list",
    FetchReason.HTTP_ERROR: "open the address in a browser; the next run tries again",
    FetchReason.TOO_MANY_REDIRECTS: "open the address in a browser and enter where it ends",
    FetchReason.TIMEOUT: "the next run tries again",
    FetchReason.CONNECT: "see that the host still exists; the next run tries again",
    FetchReason.TLS: (
        "if the agency's certificate is known to be bad, say so with a reason in the source's entry"
    ),
    FetchReason.TRUNCATED: "nothing of it was kept; the next run tries again",
    FetchReason.TOO_LARGE: "if it is an honest report, raise the limit in extract/limits.py",
    FetchReason.CODING: "open the address in a browser and save the file by hand",
}


class FetchError(Exception):
    """No answer.

    `url` is the address that failed (after redirects), `status` the HTTP status if one came,
    `detail` for a person.
    """

    def __init__(
        self, reason: FetchReason, url: str, detail: str, status: int | None = None
    ) -> None:
        super().__init__(f"{reason}: {url}: {detail}; {_ADVICE[reason]}")
        self.reason, self.url, self.detail, self.status = reason, url, detail, status
