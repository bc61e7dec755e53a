"""How a reader asks for the longer time that scans may take (`limits.SCAN_TIMES`); the sandbox
grants it once a document.

`for_scan()` is called by the reader as soon as it knows that a document has scanned pages. Outside
of a reader process there is no limit, and it does nothing. `on_request` is the child's side of the
sandbox. Kept apart because a reader knows nothing of processes.
"""

from collections.abc import Callable


def _nothing() -> None:
    """There is no limit to be raised."""


_grant: Callable[[], None] = _nothing


def on_request(grant: Callable[[], None]) -> None:
    """From now on `grant` is called when a reader asks."""
    global _grant
    _grant = grant


def for_scan() -> None:
    """Ask for the time of a scan; asking again changes nothing."""
    _grant()
