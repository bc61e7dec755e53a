"""What a host's robots.txt says to us: may this address be asked, and how long a gap is wanted.

`rules_of(status, content, token)` judges an answer after RFC 9309: 2xx is read, at most 500 KiB of
it; 4xx means that there are no rules. Anything else is for `fetch` to judge: a host that cannot say
its rules is left alone for the run. Reading the rules is Protego's work.

Out of scope: fetching and caching (`fetch`), visit times.
"""

from dataclasses import dataclass
from typing import Final

from protego import Protego

from extract import limits


@dataclass(frozen=True)
class Rules:
    """The rules of one origin as they hold for us.

    `delay` in seconds is the least gap between two requests.
    """

    token: str
    parsed: Protego | None = None
    delay: float = 0.0

    def allow(self, url: str) -> bool:
        """Whether this address may be asked."""
        return self.parsed is None or self.parsed.can_fetch(url, self.token)


NO_RULES: Final = Rules("")


def rules_of(status: int, content: bytes, token: str) -> Rules:
    """The rules in an answer of status 2xx or 4xx; `token` is the name by which a robots.txt would
    call us.
    """
    if not 200 <= status < 300:
        return NO_RULES
    whole = content[: limits.ROBOTS_BYTES]
    # the last line may be cut, and half a rule can say the opposite of the whole one
    if len(content) >= limits.ROBOTS_BYTES:
        whole = whole[: whole.rfind(b"\n") + 1]
    parsed = Protego.parse(whole.decode("utf-8-sig", errors="replace"))
    rate = parsed.request_rate(token)
    paces = (parsed.crawl_delay(token) or 0.0, rate.seconds / rate.requests if rate else 0.0)
    return Rules(token, parsed, max(0.0, *paces))
