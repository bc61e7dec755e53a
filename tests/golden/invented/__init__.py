"""Layouts that nobody has shown us, made to break the alignment: a report may be printed like this
and a person would read it.

`INVENTED` maps a name to a `Shape`. Where not even a person could be sure, `loses` says what need
not be read.
"""

from tests.golden.invented import columns, disputes, doubts, others, printings, rows
from tests.golden.invented.common import INVENTED

__all__ = ["INVENTED", "columns", "disputes", "doubts", "others", "printings", "rows"]
