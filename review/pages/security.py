"""What keeps strangers out: which host names are answered, tokens against forged forms, and the
headers that forbid a page everything but its own style sheet, script and images.

`Guard` is the outermost layer of the application. A page of another site cannot post here: its form
has no token, for the token is derived from a cookie that only our own pages can read back. A name
that is not this machine's, or was not allowed, is refused, so that a foreign name that points here
gives nothing.
"""

import hmac
import secrets
from hashlib import sha256
from typing import Final
from urllib.parse import urlsplit

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LOOPBACK: Final = ("127.0.0.1", "localhost", "::1")
COOKIE: Final = "nianbao-visitor"
FIELD: Final = "token"
_POLICY: Final = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_HEADERS: Final = {
    "content-security-policy": _POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}


class Guard:
    """Refuses foreign host names, gives each visitor a cookie, and adds the headers."""

    def __init__(self, app: ASGIApp, allowed_hosts: tuple[str, ...]) -> None:
        self._app = app
        self._hosts = frozenset(LOOPBACK) | {h.lower() for h in allowed_hosts}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        known = request.cookies.get(COOKIE, "")
        visitor = known if len(known) == 43 else secrets.token_urlsafe(32)
        scope["visitor"] = visitor

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers[name] = value
                headers.setdefault("cache-control", "no-store")
                if visitor != known:
                    headers.append(
                        "set-cookie", f"{COOKIE}={visitor}; Path=/; HttpOnly; SameSite=Strict"
                    )
            await send(message)

        if _host_name(request) not in self._hosts:
            refused = PlainTextResponse(
                "This name is not served here. 服务器未允许此域名访问。(--allowed-host)\n", 421
            )
            await refused(scope, receive, send_guarded)
            return
        await self._app(scope, receive, send_guarded)


def _host_name(request: Request) -> str:
    """The name that was asked for, without its port; empty where it is no name."""
    try:
        return (urlsplit(f"//{request.headers.get('host', '')}").hostname or "").lower()
    except ValueError:
        return ""


def token_of(request: Request) -> str:
    """The token for a form of this visitor."""
    key: bytes = request.app.state.secret
    return hmac.new(key, request.scope["visitor"].encode(), sha256).hexdigest()


def is_own_form(request: Request, token: object) -> bool:
    """Whether a form was sent from one of our own pages."""
    origin = request.headers.get("origin")
    if origin is not None and urlsplit(origin).netloc != request.headers.get("host"):
        return False
    return isinstance(token, str) and hmac.compare_digest(
        token.encode(errors="replace"), token_of(request).encode()
    )
