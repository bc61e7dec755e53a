"""Makes data/drafts: a draft with one wrong total, for trying the check.

    python -m tests.build.drafts      write data/drafts again; the same bytes each time

Agency and figures are invented. In 表三 the total of all results is 12; the draft prints 21.
"""

from dataclasses import replace
from pathlib import Path
from typing import Final

from tests.build.draw import random_report
from tests.build.registry import build

DRAFTS: Final = Path(__file__).resolve().parents[2] / "data" / "drafts"
WRONG: Final = ("requests", "result_total", "total")
RIGHT_TEXT, WRONG_TEXT = "12", "21"


def drafts() -> dict[str, bytes]:
    """Every draft by file name."""
    report = random_report(2, "2021", mean=12.0)
    if report.figures[WRONG] != RIGHT_TEXT:
        raise ValueError(f"the figures have changed: {WRONG} is {report.figures[WRONG]}")
    wrong = replace(report, figures={**report.figures, WRONG: WRONG_TEXT})
    return {"2021-wrong-total.docx": build(wrong, "docx-clean").data}


def main() -> None:
    """Write the drafts."""
    DRAFTS.mkdir(parents=True, exist_ok=True)
    for name, data in drafts().items():
        (DRAFTS / name).write_bytes(data)


if __name__ == "__main__":
    main()
