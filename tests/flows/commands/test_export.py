"""`nianbao export` through the command line, on a warehouse of one sample."""

from pathlib import Path

import openpyxl
import pytest

from tests.build.samples import SAMPLES
from tests.flows.command import nianbao


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a warehouse of one sample, where the settings look for it."""
    made = tmp_path_factory.mktemp("export")
    done = nianbao(made, "run", SAMPLES / "2019-txt-dump.txt")
    assert done.returncode == 0, done.stderr
    return made


def test_the_view_tidy_is_written_unless_another_is_named(home: Path) -> None:
    done = nianbao(home, "export", home / "cells.csv")
    assert (done.returncode, done.stdout) == (0, f"{home / 'cells.csv'}: tidy, 198 rows\n"), (
        done.stderr
    )
    lines = (home / "cells.csv").read_text(encoding="utf-8-sig").splitlines()
    assert len(lines) == 199 and lines[0].startswith("agency_id,")


def test_a_workbook_takes_several_views(home: Path) -> None:
    done = nianbao(home, "export", home / "all.xlsx", "--view", "reports", "--view", "findings")
    assert done.returncode == 0, done.stderr
    assert openpyxl.load_workbook(home / "all.xlsx").sheetnames == ["reports", "findings"]


def test_a_query_is_written_too(home: Path) -> None:
    query = "SELECT state, count(*) AS number FROM cells GROUP BY 1 ORDER BY 1"
    done = nianbao(home, "export", home / "states.csv", "--sql", query)
    assert done.returncode == 0, done.stderr
    text = (home / "states.csv").read_text(encoding="utf-8-sig")
    assert text.splitlines() == ["state,number", "blank,144", "number,8", "zero,46"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("x.csv", "--view", "nonesuch"), "nonesuch: no such table or view"),
        (("x.csv", "--sql", "selct 1"), "Parser Error"),
        (("x.csv", "--sql", "SELECT 1 AS a", "--view", "tidy"), "either --view or --sql"),
        (("x.docx",), "must end with one of .csv, .parquet, .xlsx"),
        (("x.csv", "--sql", "SELECT * FROM read_csv('/etc/passwd')"), "Permission Error"),
    ],
)
def test_wrong_usage_is_told_in_a_line(home: Path, arguments: tuple[str, ...], said: str) -> None:
    done = nianbao(home, "export", home / arguments[0], *arguments[1:])
    assert done.returncode == 3 and said in done.stderr and "Traceback" not in done.stderr
