"""What the invented layouts share: the register, and changes of one table as ways to print a
report.
"""

from collections.abc import Callable
from typing import Final

from tests.golden.shape import Make, Shape
from tests.golden.shapes import Matrix, TableChange, bent, on_matrix

INVENTED: Final[dict[str, Shape]] = {}
HEAD: Final = 3  # header rows of 表三
LABELS: Final = 3  # its label columns
MatrixChange = Callable[[Matrix], Matrix]


def requests(change: TableChange) -> Make:
    """Reports whose 表三 is changed so."""
    return lambda report: bent(report, requests=change)


def rows(change: MatrixChange) -> TableChange:
    """A change of the rows of 表三 below its header."""
    return on_matrix(lambda m: [*m[:HEAD], *change(m[HEAD:])])


def disputes(change: MatrixChange) -> Make:
    """Reports whose 表四 is changed so."""
    return lambda report: bent(report, disputes=on_matrix(change))


def proactive(change: MatrixChange) -> Make:
    """Reports whose 表二 is changed so."""
    return lambda report: bent(report, proactive=on_matrix(change))


def statistics(change: MatrixChange) -> Make:
    """Reports whose annex is changed so."""
    return lambda report: bent(report, statistics=on_matrix(change))
