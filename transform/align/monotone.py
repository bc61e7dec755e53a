"""The best monotone alignment of two sequences: printed labels and those of the form, in order.

Takes a likeness for each pair; gives the pairs, rising in both, whose likenesses add to most.
"""

from itertools import pairwise


def monotone(likes: list[list[float]]) -> list[tuple[int, int]]:
    """The pairs (line, row) or (leaf, column), rising in both, with the greatest sum of likeness;
    a likeness of 0 makes no pair.
    """
    only = [[j for j, like in enumerate(row) if like] for row in likes]
    if all(len(js) == 1 for js in only) and all(a[0] < b[0] for a, b in pairwise(only)):
        # each label names one, and in order: nothing to weigh
        return [(i, js[0]) for i, js in enumerate(only)]
    best = _best_sums(likes)
    pairs, i, j = [], 0, 0
    while i < len(likes) and j < len(likes[0]):
        if likes[i][j] and best[i][j] == likes[i][j] + best[i + 1][j + 1]:
            pairs.append((i, j))
            i, j = i + 1, j + 1
        elif best[i][j] == best[i + 1][j]:
            i += 1
        else:
            j += 1
    return pairs


def _best_sums(likes: list[list[float]]) -> list[list[float]]:
    """For each (i, j) the greatest sum that pairs from there on can have."""
    n, m = len(likes), len(likes[0]) if likes else 0
    best = [[0.0] * (m + 1) for _ in range(n + 1)]
    for i in range(n - 1, -1, -1):
        here, below, like = best[i], best[i + 1], likes[i]
        for j in range(m - 1, -1, -1):
            value = below[j] if below[j] >= here[j + 1] else here[j + 1]
            if like[j] and like[j] + below[j + 1] > value:
                value = like[j] + below[j + 1]
            here[j] = value
    return best
