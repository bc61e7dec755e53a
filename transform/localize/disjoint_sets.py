"""Groups of things that hang together: which numbers are joined, directly or through others
(union-find).
"""

from collections.abc import Iterable


class DisjointSets:
    """Numbers, each in a group of its own until it is joined with another."""

    def __init__(self, members: Iterable[int]) -> None:
        self._parent = {n: n for n in members}

    def find(self, n: int) -> int:
        """The number that stands for the group of `n`; the same for all of a group."""
        parent = self._parent
        while parent[n] != n:
            parent[n] = n = parent[parent[n]]
        return n

    def join(self, a: int, b: int) -> None:
        """Make one group of the groups of `a` and `b`."""
        self._parent[self.find(a)] = self.find(b)

    def groups(self, members: Iterable[int]) -> list[tuple[int, ...]]:
        """The members by group, both in the order in which they are given."""
        found: dict[int, list[int]] = {}
        for n in members:
            found.setdefault(self.find(n), []).append(n)
        return [tuple(group) for group in found.values()]
