"""From bytes to tidy rows: how long reading takes, and how long all that follows it.

    python -m bench.route [--repeat 15]

For generated reports of every format: the best of some runs of the reader alone, and of identity,
alignment and tidy rows behind it, in CPU milliseconds a document.
"""

import argparse
import time
from collections import defaultdict
from collections.abc import Callable
from functools import partial

from extract.document import Document
from extract.registry import read
from tests.build.draw import random_report
from tests.build.registry import build
from transform.form.forms import load_forms
from transform.identity.identify import identify
from transform.tidy import tidy

LAYOUTS = (
    "docx-raw",
    "docx-everything",
    "html-clean",
    "html-word",
    "html-site",
    "xlsx-one-sheet",
    "xls-sheets",
    "txt-dump",
    "txt-pipes",
)


def best(work: Callable[[], object], repeat: int) -> float:
    """The least CPU time of `repeat` runs, in milliseconds."""
    times = []
    for _ in range(repeat):
        started = time.process_time()
        work()
        times.append(time.process_time() - started)
    return min(times) * 1000


def main() -> None:
    """Print the table."""
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--repeat", type=int, default=15)
    repeat = options.parse_args().repeat
    forms = load_forms()
    totals: dict[str, float] = defaultdict(float)
    print(
        "| layout | reading | identity | tables to tidy rows | all, × reading "
        "|\n|---|---|---|---|---|"
    )
    for layout in LAYOUTS:
        for edition in ("2019", "2021"):
            data = build(random_report(5, edition, mean=40.0), layout).data
            _, document = read(data)

            def tables(document: Document = document) -> object:
                for grid in document.grids:
                    # the dense matrix is made anew, as for a document just read
                    grid.__dict__.pop("matrix", None)
                return tidy(document, forms, 2021)

            reading = best(partial(read, data), repeat)
            identity = best(partial(identify, document), repeat)
            rows = best(tables, repeat)
            totals["reading"] += reading
            totals["all"] += reading + identity + rows
            print(
                f"| {layout} {edition} | {reading:.2f} | {identity:.2f} | {rows:.2f} | "
                f"{(reading + identity + rows) / reading:.2f} |"
            )
    print(f"| all | {totals['reading']:.1f} | | | {totals['all'] / totals['reading']:.2f} |")


if __name__ == "__main__":
    main()
