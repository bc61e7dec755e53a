"""A slip that changes several cells at once."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Displacement:
    """The new values of the cells that one slip changes; `distance` is how many lines lie between
    those that it exchanges.
    """

    kind: str
    changes: dict[int, int]
    distance: int = 0
