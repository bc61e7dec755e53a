"""What is asked of a web server and what it answered: two frozen dataclasses that pass between the
modules of this package.

Out of scope: how a request is made (`fetch`), what an answer means (`families`), where it is kept
(`vault`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

# the status by which a server says that an address still holds what is known of it
NOT_MODIFIED: Final = 304


@dataclass(frozen=True, slots=True)
class Request:
    """One request.

    `data` is sent as an HTML form, `json` as JSON; at most one of the two is given, and then
    `method` is POST or PUT.
    """

    url: str
    method: str = "GET"
    data: Mapping[str, str] | None = None
    json: object | None = None
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
