"""How long judging takes: checks, wrong cells and blanks, on synthetic reports of which some are
faulty.

    python -m bench.judge [--reports 100000] [--edition 2021] [--wrong 0.1] [--blank 0.0]

The reports lie in an in-memory database with the warehouse's tables, one year each;
`transform.rules.evaluate.findings` and `transform.localize.diagnose.diagnose` are timed.
"""

import argparse
import os
import resource
import time

from bench.check import corpus
from transform.form.forms import load_forms
from transform.localize.diagnose import diagnose
from transform.rules.evaluate import findings
from transform.rules.load import load_rules


def main() -> None:
    """Print one line of the table."""
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--reports", type=int, default=100_000)
    options.add_argument("--edition", default="2021")
    options.add_argument("--wrong", type=float, default=0.1)
    options.add_argument("--blank", type=float, default=0.0)
    chosen = options.parse_args()
    con = corpus(chosen.reports, chosen.edition, chosen.wrong, chosen.blank)
    forms = load_forms()
    rules = load_rules(forms)
    started, used = time.perf_counter(), time.process_time()
    found = findings(con, forms, rules)
    checked = time.perf_counter()
    reports = [r for (r,) in con.execute("SELECT report_id FROM reports ORDER BY 1").fetchall()]
    made = diagnose(con, forms, rules, found, reports)
    ended = time.perf_counter()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{chosen.reports} reports, {os.cpu_count()} cores: check {checked - started:.1f} s, "
        f"locate and deduce {ended - checked:.1f} s, "
        f"CPU {time.process_time() - used:.1f} s; {len(found)} findings, "
        f"{len(made.suspects)} suspects, {len(made.deductions)} deductions, "
        f"peak {peak:.0f} MiB"
    )


if __name__ == "__main__":
    main()
