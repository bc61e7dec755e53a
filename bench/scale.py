"""What a publication costs as the warehouse grows: processor time, memory and disk.

    python -m bench.scale [--reports 100000] [--wrong 0.1] [--blank 0.05] [--folder FOLDER]

Makes a warehouse of synthetic reports, ten years an agency, and publishes into it, each step in a
process of its own: all reports judged for the first time, an unchanged run, 50 new documents, and
the same 50 changed. Text is synthetic and packs better than that of real reports.
"""

import argparse
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Final

from extract.limits import MIB
from load.codebook import codebook
from load.database import connect_for_writing, create_schema
from load.judge import Judging
from load.merge import RunInfo
from load.staging import staged, write_batch
from load.warehouse import publish
from tests.build.draw import random_report, synthetic_cells
from tests.build.report import Report, expected_cells
from tests.load.made import cell, reading
from transform.form.forms import load_forms
from transform.localize.diagnose import diagnose
from transform.records import CellRow, Reading
from transform.rules.evaluate import ACROSS_KIND, findings_across, findings_of_reports
from transform.rules.load import load_rules

NEW_DOCUMENTS: Final = 50
AGENCIES_OF_NEW: Final = 5
EDITIONS: Final = ("2019", "2021")
BATCH: Final = 20_000  # synthetic reports made at a time


def fill(database: Path, reports: int, wrong: float, blank: float) -> None:
    """A warehouse with synthetic reports in it that nobody has judged."""
    con = connect_for_writing(database)
    create_schema(con)
    for number, start in enumerate(range(0, reports, BATCH)):
        edition = EDITIONS[number % 2]
        made = synthetic_cells(min(BATCH, reports - start), number, edition, wrong, blank)
        con.register("made", made)
        con.execute(f"""
            CREATE OR REPLACE TEMP VIEW renamed AS
            SELECT * REPLACE ('{number}-' || report_id AS report_id,
                '{number}-' || agency_id AS agency_id) FROM made
        """)
        con.execute("INSERT INTO cells BY NAME SELECT * FROM renamed")
        con.execute("DROP VIEW temp.renamed")
        con.unregister("made")
    con.execute("""
        INSERT INTO reports (report_id, document_id, agency_id, agency_name, year, is_current)
        SELECT DISTINCT report_id, report_id, agency_id, agency_id, year, true FROM cells
    """)
    con.execute("""
        INSERT INTO documents (document_id, file_name, format, bytes)
        SELECT document_id, document_id || '.docx', 'docx', 1000 FROM reports
    """)
    con.execute("""
        INSERT INTO outcomes (document_id, status, reader, reader_version)
        SELECT document_id, 'extracted', 'docx', '1' FROM reports
    """)
    con.execute("""
        INSERT INTO tables (report_id, table_id, edition, found, rows_matched, rows_expected)
        SELECT DISTINCT report_id, table_id, edition, true, 1, 1 FROM cells
    """)
    con.close()


def publish_readings(database: Path, readings: Sequence[Reading], code: str) -> None:
    """One publication as a run does it."""
    batch = write_batch(database.parent / "staging", map(staged, readings))
    forms = load_forms()
    rules = load_rules(forms)
    publish(
        database,
        [batch] if batch else [],
        RunInfo(f"run-{time.time_ns()}", datetime(2026, 1, 1), code, {}),
        Judging(
            check=lambda con: findings_of_reports(con, forms, rules),
            diagnose=lambda con, found, reports: diagnose(con, forms, rules, found, reports),
            check_across=lambda con: findings_across(con, forms, rules),
            across={rule.rule_id for rule in rules.of_kind(ACROSS_KIND)},
            codebook=codebook(forms, rules.rules),
        ),
    )


def cells_of(report: Report) -> tuple[CellRow, ...]:
    """The cells that a reading of the report gives."""
    expected = expected_cells(report)
    return tuple(cell(*key, e.value, e.state, unit=e.unit) for key, e in expected.items())


def new_readings(seed: int) -> list[Reading]:
    """Documents of a few new agencies with figures that hold."""
    return [
        reading(
            f"new-{n}",
            agency=f"新{n % AGENCIES_OF_NEW}县人民政府",
            year=2010 + n // AGENCIES_OF_NEW,
            version=str(seed),
            cells=cells_of(random_report(seed * NEW_DOCUMENTS + n, "2021")),
        )
        for n in range(NEW_DOCUMENTS)
    ]


STEPS: Final[dict[str, Callable[[Path], None]]] = {
    "all judged for the first time": lambda database: publish_readings(database, [], "1"),
    "nothing new": lambda database: publish_readings(database, [], "1"),
    f"{NEW_DOCUMENTS} new documents": lambda database: publish_readings(
        database, new_readings(1), "1"
    ),
    f"{NEW_DOCUMENTS} documents changed": lambda database: publish_readings(
        database, new_readings(2), "1"
    ),
    "all judged anew": lambda database: publish_readings(database, [], "2"),
}


def measure(step: str, database: Path) -> None:
    """Run one step in this process and print what it cost."""
    started = time.perf_counter()
    STEPS[step](database)
    used = resource.getrusage(resource.RUSAGE_SELF)
    print(
        f"| {step} | {time.perf_counter() - started:.1f} | {used.ru_utime + used.ru_stime:.1f} | "
        f"{used.ru_maxrss / 1024:.0f} | {database.stat().st_size / MIB:.0f} |",
        flush=True,
    )


def main() -> None:
    """Print the table."""
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--reports", type=int, default=100_000)
    options.add_argument("--wrong", type=float, default=0.1)
    options.add_argument("--blank", type=float, default=0.05)
    options.add_argument("--folder", type=Path)
    options.add_argument("--step", choices=list(STEPS), help=argparse.SUPPRESS)
    chosen = options.parse_args()
    if chosen.step:
        measure(chosen.step, chosen.folder / "w.duckdb")
        return
    folder = Path(chosen.folder or tempfile.mkdtemp(prefix="nianbao-scale-"))
    folder.mkdir(exist_ok=True)
    fill(folder / "w.duckdb", chosen.reports, chosen.wrong, chosen.blank)
    print(f"{chosen.reports} reports, {os.cpu_count()} cores")
    print("| step | wall s | CPU s | peak MiB | file MiB |")
    print("|---|---|---|---|---|", flush=True)
    for step in STEPS:
        command = [sys.executable, "-m", "bench.scale", "--step", step, "--folder", str(folder)]
        subprocess.run(command, check=True)
    if not chosen.folder:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
