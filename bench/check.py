"""How long the checks take on 100,000 synthetic reports, and that clean ones give no finding.

    python -m bench.check [--reports 100000] [--edition 2021] [--wrong 0.1] [--blank 0.0] [--years]

The reports lie in an in-memory database with the warehouse's tables; only
`transform.rules.evaluate.findings` is timed. Each is the only one of its agency, so that the rules
between years have nothing to compare; with `--years` an agency has a report for every year of the
edition, which have nothing to do with each other.
"""

import argparse
import os
import resource
import time

import duckdb

from load.codebook import codebook
from load.warehouse import memory
from tests.build.draw import synthetic_cells
from transform.form.forms import load_forms
from transform.rules.evaluate import findings
from transform.rules.load import load_rules


def corpus(
    reports: int, edition: str, wrong: float, blank: float, years: bool = False
) -> duckdb.DuckDBPyConnection:
    """A warehouse in memory with that many synthetic reports."""
    forms = load_forms()
    con = memory(codebook(forms, load_rules(forms).rules))
    cells = synthetic_cells(reports, 1, edition, wrong=wrong, blank=blank)
    con.register("synthetic", cells)
    con.execute("INSERT INTO cells BY NAME SELECT * FROM synthetic")
    owner = "agency_id" if years else "report_id"
    columns = "report_id, document_id, agency_id, agency_name, year, is_current"
    con.execute(
        f"INSERT INTO reports ({columns}) SELECT DISTINCT report_id, report_id, {owner}, "
        f"{owner}, year, true FROM cells"
    )
    con.execute(
        "INSERT INTO tables BY NAME SELECT DISTINCT report_id, table_id, edition, true AS found, "
        "1 AS rows_matched, 1 AS rows_expected FROM cells"
    )
    con.unregister("synthetic")
    return con


def main() -> None:
    """Print one line of the table."""
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--reports", type=int, default=100_000)
    options.add_argument("--edition", default="2021")
    options.add_argument("--wrong", type=float, default=0.0)
    options.add_argument("--blank", type=float, default=0.0)
    options.add_argument("--years", action="store_true")
    chosen = options.parse_args()
    con = corpus(chosen.reports, chosen.edition, chosen.wrong, chosen.blank, chosen.years)
    forms = load_forms()
    rules = load_rules(forms)
    times, processor = [], []
    for _ in range(3):
        started, used = time.perf_counter(), time.process_time()
        found = findings(con, forms, rules)
        times.append(time.perf_counter() - started)
        processor.append(time.process_time() - used)
    (cells,) = con.execute("SELECT count(*) FROM cells").fetchall()[0]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{chosen.reports} reports, {cells} cells, {os.cpu_count()} cores: {min(times):.2f} s, "
        f"CPU {min(processor):.2f} s, best of {len(times)}; "
        f"{len(found)} findings, peak {peak:.0f} MiB"
    )


if __name__ == "__main__":
    main()
